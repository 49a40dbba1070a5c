//! Puts the differences that decide a step into words.

use std::collections::BTreeMap;

use super::Planner;
use crate::facts::Facts;
use crate::model::{AssetName, VersionId};
use crate::plan::decide::{Difference, Evidence};
use crate::plan::{PlanError, Reason, Step, explain, hold};
use crate::project::{Asset, Refresh};
use crate::seam::Published;

impl Planner<'_> {
    /// Adds a difference to the reasons of a step.
    ///
    /// # Errors
    /// If the state can't be read.
    pub(super) fn add_reason(
        &self,
        evidence: &Evidence<'_>,
        difference: &Difference<'_>,
        step: &mut Step,
    ) -> Result<(), PlanError> {
        let (asset, facts) = (evidence.asset, evidence.facts);
        let changed = |input: String, how| Reason::InputChanged {
            input,
            how,
            observed: false,
        };
        let reason = match (difference, evidence.published) {
            (Difference::New, _) => Reason::New,
            (Difference::Forced, _) => Reason::Forced,
            (Difference::Moved(from), _) => Reason::Moved { from: (*from).clone() },
            (Difference::MayChange(input), _) => Reason::InputMayChange {
                input: (*input).clone(),
            },
            (Difference::Observed(input, now), _) => Reason::observed(input, now),
            (Difference::RolledBack(held), _) => hold::reason(held),
            (Difference::Columns, _) => Reason::SchemaChanged {
                changes: facts.schema_changes.iter().map(ToString::to_string).collect(),
                asks: facts.asks,
            },
            (Difference::Output(output), _) => {
                let path = output.path.clone();
                if output.what == "missing" { Reason::OutputMissing { path } } else { Reason::OutputDrifted { path } }
            }
            (Difference::Definition, Some(published)) => self.definition_reason(asset, facts, published, step)?,
            (Difference::Places, Some(published)) => explain::export_moved(asset, &published.version),
            (Difference::Files, Some(published)) => file_change(facts, published),
            (Difference::Input(input), Some(published)) => {
                let read = published.version.input(input).and_then(|read| read.version.as_ref());
                changed(input.to_string(), self.schema_changes(input, read))
            }
            (Difference::Meaning, Some(published)) => self.other_meaning(facts, published),
            (Difference::Stale, Some(published)) => {
                let refresh = match &asset.refresh {
                    Some(Refresh::After { written, .. }) => written.clone(),
                    Some(Refresh::Always) | None => "always".to_owned(),
                };
                let created = published.version.created;
                Reason::Stale {
                    refresh,
                    ahead: (created > self.observed.at).then_some(created),
                }
            }
            (
                Difference::Definition
                | Difference::Places
                | Difference::Files
                | Difference::Input(_)
                | Difference::Meaning
                | Difference::Stale,
                None,
            ) => return Ok(()),
        };
        step.reasons.push(reason);
        Ok(())
    }

    /// Returns the reason that the definition changed, and adds the edit and its effect on the columns to the step.
    fn definition_reason(
        &self,
        asset: &Asset,
        facts: &Facts,
        published: &Published,
        step: &mut Step,
    ) -> Result<Reason, PlanError> {
        let before = self.catalogue.definition(&published.version.definition)?;
        let (reason, change) = explain::definition_change(self.project, asset, facts, before.as_ref(), self.analysis);
        step.change = change;
        if facts.awaits.is_empty() {
            step.columns = facts.schema.changes_since(&published.version.schema);
        } else {
            let programs = facts.awaits.iter().filter(|name| **name != asset.name);
            step.columns.extend(programs.map(|name| format!("columns are unknown until {name} has run")));
        }
        Ok(reason)
    }

    /// Returns how an input's columns will differ from those that were read, if the version read is still published.
    pub(super) fn schema_changes(&self, input: &AssetName, read: Option<&VersionId>) -> Vec<String> {
        let before = self.snapshot.published.get(input).filter(|published| Some(&published.version.id) == read);
        match (before, self.analysis.facts.get(input)) {
            (Some(before), Some(facts)) if facts.awaits.is_empty() && !facts.may_differ => {
                facts.schema.changes_since(&before.version.schema)
            }
            _ => Vec::new(),
        }
    }

    /// Returns why the same definition over the same rows has another meaning: a view between them, a name, or the
    /// engine.
    fn other_meaning(&self, facts: &Facts, published: &Published) -> Reason {
        let is_computed = |name: &&AssetName| self.project.assets.get(*name).is_some_and(Asset::is_computed);
        if let Some(view) = facts.inputs.iter().find(is_computed) {
            return Reason::InputChanged {
                input: view.to_string(),
                how: vec!["its query changed".to_owned()],
                observed: false,
            };
        }
        if let Some((input, before)) = self.renamed_input(facts, published) {
            return Reason::InputChanged {
                input: input.to_string(),
                how: vec![format!("it had the name {before}")],
                observed: false,
            };
        }
        Reason::EngineChanged {
            before: published.version.engine.clone(),
            after: self.analysis.engine.clone(),
        }
    }

    /// Returns an input that was read under another name before, and that name. Only a table of a program reads an
    /// input that its definition does not name.
    fn renamed_input<'f>(&self, facts: &'f Facts, published: &Published) -> Option<(&'f AssetName, &AssetName)> {
        facts.inputs.iter().find_map(|input| {
            let reads = |name: &AssetName| published.version.input(name).is_some();
            let mut before = self.project.assets.get(input)?.moved_from.iter().map(|(name, _)| name);
            let before = before.find(|before| reads(before))?;
            (!reads(input)).then_some((input, before))
        })
    }
}

/// Returns the reason that files were added, changed or removed since the published version read them.
fn file_change(facts: &Facts, published: &Published) -> Reason {
    let before: BTreeMap<&str, _> = published
        .version
        .inputs
        .iter()
        .filter(|input| input.version.is_none())
        .map(|input| (input.name.as_str(), input.content.as_ref()))
        .collect();
    let mut changed = Vec::new();
    for file in &facts.files {
        match before.get(file.path.as_str()) {
            None => changed.push(format!("{} is new", file.path)),
            Some(hash) if *hash != Some(&file.hash) => changed.push(format!("{} changed", file.path)),
            Some(_) => {}
        }
    }
    for path in before.keys() {
        if !facts.files.iter().any(|file| file.path == *path) {
            changed.push(format!("{path} is gone"));
        }
    }
    if let [one] = changed.as_slice()
        && let Some(path) = one.strip_suffix(" changed")
    {
        return Reason::InputChanged {
            input: path.to_owned(),
            how: Vec::new(),
            observed: false,
        };
    }
    let more = changed.len().saturating_sub(3);
    changed.truncate(3);
    if more > 0 {
        changed.push(format!("{more} more"));
    }
    Reason::InputChanged {
        input: "files".to_owned(),
        how: changed,
        observed: false,
    }
}
