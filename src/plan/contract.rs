//! Finds edits that break a downstream contract, and shows both places.

use miette::Diagnostic;
use thiserror::Error;

use super::explain::first_changed_line;
use crate::base::diagnostic::{Place, Problem, Reading, SourceFile, Span};
use crate::facts::Analysis;
use crate::model::AssetName;
use crate::project::{Asset, Project};
use crate::seam::{LedgerRead, Published, RecordError, Snapshot};

/// A removed column that another asset reads.
#[derive(Debug, Error, Diagnostic)]
#[error("`{reader}` reads column `{column}`, which `{asset}` no longer has")]
#[diagnostic(code(dp::plan::removed_column), help("keep `{column}` in `{asset}`, or remove it from `{reader}` too"))]
struct RemovedColumn {
    reader: String,
    column: String,
    asset: String,
    #[label("read here")]
    span: Span,
}

/// Adds to a problem of a query the edit of another asset that caused it, if there is one.
///
/// The published versions provide the previous columns, and the state provides the previous queries.
pub fn with_edit(
    problem: Problem,
    project: &Project,
    analysis: &Analysis,
    snapshot: &Snapshot,
    catalogue: &dyn LedgerRead,
) -> Result<Problem, RecordError> {
    let (Some(reading), Some(file)) = (problem.reading().cloned(), problem.file().cloned()) else {
        return Ok(problem);
    };
    let found = Search {
        project,
        analysis,
        snapshot,
        catalogue,
    };
    if let Some(column) = &reading.column {
        return match found.removed(&reading, column) {
            Some((asset, name)) => found.removed_problem(reading, &file, asset, name),
            None => Ok(problem),
        };
    }
    found.with_retyped(problem, &reading)
}

struct Search<'a> {
    project: &'a Project,
    analysis: &'a Analysis,
    snapshot: &'a Snapshot,
    catalogue: &'a dyn LedgerRead,
}

impl<'a> Search<'a> {
    /// Returns the input that had a column when it was published and no longer has it, with the column's previous
    /// name.
    fn removed(&self, reading: &Reading, column: &str) -> Option<(&'a Asset, String)> {
        let asset = reading.inputs.iter().find_map(|input| self.lost(input, column))?;
        // If the asset was not edited and took the column from its own input, the column was lost there.
        let mut found = asset;
        loop {
            if self.is_edited(found.0) {
                return Some(found);
            }
            let below = self.analysis.facts.get(&found.0.name)?;
            match below.inputs.iter().find_map(|input| self.lost(input.as_str(), column)) {
                Some(next) => found = next,
                None => return Some(found),
            }
        }
    }

    fn lost(&self, input: &str, column: &str) -> Option<(&'a Asset, String)> {
        let name: AssetName = input.parse().ok()?;
        let asset = self.project.assets.get(&name)?;
        let now = &self.analysis.facts.get(&name)?.schema;
        let before = self.snapshot.published.get(&name)?.version.schema.column(column)?;
        now.column(column).is_none().then(|| (asset, before.name.clone()))
    }

    fn published(&self, asset: &Asset) -> Option<&'a Published> {
        self.snapshot.published.get(&asset.name)
    }

    fn is_edited(&self, asset: &Asset) -> bool {
        let now = self.analysis.facts.get(&asset.name).map(|facts| &facts.definition);
        self.published(asset).map(|published| &published.version.definition) != now
    }

    fn removed_problem(
        &self,
        reading: Reading,
        file: &SourceFile,
        asset: &Asset,
        column: String,
    ) -> Result<Problem, RecordError> {
        let run = self.published(asset).map(|published| published.version.run);
        let by = run.map(|run| format!(", built by {run},")).unwrap_or_default();
        let note = if self.is_edited(asset) {
            format!("this edit removes `{column}`; the published version{by} contains it")
        } else {
            format!("the input no longer contains `{column}`; the published version{by} contains it")
        };
        let place = self.place(asset, note)?;
        let error = RemovedColumn {
            reader: reading.reader,
            column,
            asset: asset.name.to_string(),
            span: reading.span,
        };
        Ok(Problem::in_file(file, error).and(place))
    }

    /// Returns the problem with a note for each input whose columns changed their types.
    fn with_retyped(&self, mut problem: Problem, reading: &Reading) -> Result<Problem, RecordError> {
        for input in &reading.inputs {
            let Some(asset) = input.parse::<AssetName>().ok().and_then(|name| self.project.assets.get(&name)) else {
                continue;
            };
            let (Some(published), Some(facts)) = (self.published(asset), self.analysis.facts.get(&asset.name)) else {
                continue;
            };
            let changes = facts.schema.changes_since(&published.version.schema);
            let retyped: Vec<String> = changes.into_iter().filter(|change| change.contains(" and was ")).collect();
            if !retyped.is_empty() {
                let note = format!("`{}` was published with other columns: {}", asset.name, retyped.join("; "));
                problem = problem.and(self.place(asset, note)?);
            }
        }
        Ok(problem)
    }

    /// Returns where an asset was edited: the first changed line of its query, or else the start of the asset.
    fn place(&self, asset: &Asset, note: String) -> Result<Place, RecordError> {
        let before = match self.published(asset) {
            Some(published) => self.catalogue.definition(&published.version.definition)?,
            None => None,
        };
        let written = before.and_then(|before| before.written.sql);
        let edited = asset.query().zip(written).and_then(|(query, before)| {
            let line = query.sql.first_line() + first_changed_line(&before, query.sql.written())?;
            let file = query.sql.file();
            Some((file.clone(), line_span(file.text(), line)))
        });
        let (file, span) = edited.unwrap_or_else(|| (asset.file.clone(), asset.span.clone()));
        Ok(Place { file, span, note })
    }
}

/// Returns the span of a line (from 1) of a text, without surrounding blanks.
fn line_span(text: &str, line: usize) -> Span {
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let content = text[start..].lines().next().unwrap_or_default();
    let indent = content.len() - content.trim_start().len();
    start + indent..start + content.trim_end().len().max(indent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_without_its_blanks() {
        assert_eq!(line_span("ab\n  cd \n\nef", 1), 0..2);
        assert_eq!(line_span("ab\n  cd \n\nef", 2), 5..7);
        assert_eq!(line_span("ab\n  cd \n\nef", 3), 9..9);
        assert_eq!(line_span("ab\n  cd \n\nef", 4), 10..12);
        assert_eq!(line_span("ab\n", 2), 3..3);
    }
}
