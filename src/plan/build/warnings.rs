//! What the user should know before an apply.

use std::collections::BTreeSet;

use super::Planner;
use crate::base::diagnostic::{Problem, Problems};
use crate::base::text;
use crate::effects::Notice;
use crate::graph::Selection;
use crate::model::AssetName;
use crate::plan::{Action, PlanError, Warning};
use crate::project::Judgement;

/// Returns the problems of the project as warnings.
pub fn of_problems(problems: &Problems) -> Vec<Warning> {
    problems.sorted().into_iter().map(warning).collect()
}

fn warning(problem: &Problem) -> Warning {
    let place = problem.place().map(|(file, offset)| (file.path().to_owned(), file.line_column(offset)));
    Warning {
        code: problem.code_text(),
        // The engine's messages have several lines.
        message: problem.message().split_whitespace().collect::<Vec<_>>().join(" "),
        file: place.as_ref().map(|(file, _)| file.clone()),
        line: place.as_ref().map(|(_, (line, _))| *line),
        column: place.as_ref().map(|(_, (_, column))| *column),
    }
}

impl Planner<'_> {
    /// Returns warnings about programs before they run: what they may reach outside the project, and which hosts they
    /// contacted the last time although nothing makes their results stale.
    pub(super) fn of_programs(&self, selection: &Selection) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for asset in self.project.assets.values().filter(|asset| selection.contains(&asset.name)) {
            let Some(command) = asset.command() else {
                continue;
            };
            let place = |offset: usize| {
                let (line, column) = asset.file.line_column(offset);
                (Some(asset.file.path().to_owned()), Some(line), Some(column))
            };
            let outside: Vec<&String> = command.allow.outside().collect();
            if !outside.is_empty() {
                let (file, line, column) = place(command.allow.span.as_ref().map_or(0, |span| span.start));
                let message = format!("`{}` may access {}, outside the project", asset.name, text::named(outside, 5));
                warnings.push(Warning {
                    code: "dp::plan::allows_outside".to_owned(),
                    message,
                    file,
                    line,
                    column,
                });
            }
            let published = self.snapshot.published.get(&asset.name);
            let program = published.and_then(|published| published.version.program.as_ref());
            let contacted = program.map(|program| program.contacted.as_slice()).unwrap_or_default();
            if !contacted.is_empty() && asset.refresh.is_none() && command.judgement == Judgement::Warn {
                let (file, line, column) = place(command.run_span.start);
                let notice = Notice::contacted(&asset.name, contacted);
                warnings.push(Warning {
                    code: notice.code_text(),
                    message: format!("{notice}: {}", notice.help_text()),
                    file,
                    line,
                    column,
                });
            }
        }
        warnings
    }

    /// Returns warnings for the inputs of a selection that are due themselves and not selected.
    pub(super) fn due_outside(&self, selected: &BTreeSet<AssetName>) -> Result<Vec<Warning>, PlanError> {
        let whole = self.steps(&Selection::All)?;
        let due: BTreeSet<&AssetName> = whole
            .iter()
            .filter(|step| !matches!(step.action, Action::Unchanged | Action::Check | Action::Settings))
            .map(|step| &step.asset)
            .collect();
        let mut warnings = Vec::new();
        for name in selected {
            let Some(facts) = self.analysis.facts.get(name) else {
                continue;
            };
            let outside: Vec<_> =
                facts.inputs.iter().filter(|input| !selected.contains(*input) && due.contains(input)).collect();
            if !outside.is_empty() {
                let file = &self.project.assets[name].file;
                warnings.push(Warning {
                    code: "dp::plan::input_due".to_owned(),
                    message: format!(
                        "`{name}` would read the published version of {}, although the plan would rebuild it; select `+{name}` to build its upstream too",
                        text::named(outside, 5)
                    ),
                    file: Some(file.path().to_owned()),
                    line: None,
                    column: None,
                });
            }
        }
        Ok(warnings)
    }
}
