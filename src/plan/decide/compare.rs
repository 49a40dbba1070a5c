//! Compares what is published of an asset with what is declared and known now.

use std::collections::BTreeSet;

use super::{Difference, Evidence, Input, observed_key, version_key};
use crate::facts::Facts;
use crate::model::{AssetName, InputRead, Version};
use crate::plan::CutOff;
use crate::seam::Published;

/// What an asset needs, from the comparison alone; a later variant counts more than an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// Nothing.
    Nothing,
    /// The inputs that are not built yet.
    Input,
    /// The published version is the right one, and must be published again.
    Publication,
    /// Another version; a stored one will do.
    Version,
    /// A version that is built now.
    Build,
}

/// The result of the comparison.
#[derive(Debug)]
pub(super) struct Compared<'a> {
    pub(super) need: Need,
    pub(super) differences: Vec<Difference<'a>>,
    pub(super) cut_off: Vec<CutOff>,
}

/// Compares the evidence with what is published.
pub(super) fn compare<'a>(evidence: &Evidence<'a>) -> Compared<'a> {
    let mut differences = Vec::new();
    let mut cut_off = Vec::new();
    match evidence.published {
        None => differences.push(Difference::New),
        Some(published) => against(evidence, published, &mut differences, &mut cut_off),
    }
    if evidence.request.forced {
        differences.push(Difference::Forced);
    }
    let need = need(&differences);
    if need != Need::Input {
        // What certainly differs says enough.
        differences.retain(|difference| !matches!(difference, Difference::MayChange(_)));
    }
    if !matches!(need, Need::Nothing | Need::Publication) {
        cut_off.clear();
    }
    differences.extend(evidence.held_back.filter(|_| need != Need::Nothing).map(Difference::RolledBack));
    Compared {
        need,
        differences,
        cut_off,
    }
}

fn need(differences: &[Difference<'_>]) -> Need {
    let mut need = Need::Nothing;
    let mut is_open = false;
    for difference in differences {
        let other = match difference {
            Difference::Forced | Difference::Stale => Need::Build,
            Difference::MayChange(_) => {
                is_open = true;
                continue;
            }
            Difference::Moved(_) | Difference::Places => Need::Publication,
            Difference::Output(output) if !output.stored => Need::Publication,
            _ => Need::Version,
        };
        need = need.max(other);
    }
    match need {
        Need::Nothing if is_open => Need::Input,
        // Which version must be published again depends on the inputs.
        Need::Publication if is_open => Need::Version,
        need => need,
    }
}

/// Collects the differences from the published version, and the inputs that are proven to stay the same.
fn against<'a>(
    evidence: &Evidence<'a>,
    published: &'a Published,
    differences: &mut Vec<Difference<'a>>,
    cut_off: &mut Vec<CutOff>,
) {
    let (asset, facts, version) = (evidence.asset, evidence.facts, &published.version);
    if version.asset != asset.name {
        differences.push(Difference::Moved(&version.asset));
    }
    let first = differences.len();
    if version.definition != facts.definition {
        differences.push(Difference::Definition);
    } else if !asset.exports_like(version) {
        differences.push(Difference::Places);
    }
    let key = version_key(facts, asset.is_computed(), evidence.inputs, Some(version));
    let has_same_key = key.map(|key| observed_key(&key, version.observed()) == version.key);
    if has_same_key != Some(true) {
        if !same_files(facts, version) {
            differences.push(Difference::Files);
        }
        if !facts.schema_changes.is_empty() {
            differences.push(Difference::Columns);
        }
    }
    for input in &facts.inputs {
        let state = evidence.inputs.get(input);
        match reading(evidence, version, input, state) {
            Reading::Same => {
                if let (Some(Input::Pending { .. }), Some(columns)) = (state, facts.reads.get(input)) {
                    cut_off.push(CutOff {
                        input: input.clone(),
                        columns: columns.clone(),
                    });
                }
            }
            _ if has_same_key == Some(true) => {}
            Reading::Open if has_same_key.is_none() => differences.push(Difference::MayChange(input)),
            Reading::Open | Reading::Differs => differences.push(Difference::Input(input)),
            Reading::Indirect if !differences.iter().any(|found| matches!(found, Difference::Meaning)) => {
                differences.push(Difference::Meaning);
            }
            Reading::Indirect | Reading::New => {}
        }
    }
    let mut last = None;
    // A program can depend on a path in several ways; one reason is enough.
    let moved = evidence.observed.moved(version.observed());
    let moved = moved.filter(|(input, _)| last.replace(&input.path) != Some(&input.path));
    differences.extend(moved.map(|(input, now)| Difference::Observed(input, now)));
    differences.extend(evidence.observed.outputs.get(&version.asset).map(Difference::Output));
    if evidence.is_stale(version) {
        differences.push(Difference::Stale);
    }
    if differences.len() == first && !has_same_key.unwrap_or(facts.plan == version.plan) {
        differences.push(Difference::Meaning);
    }
}

/// How an input compares with what a version read of it.
enum Reading {
    /// It has the same rows in what was read and is read.
    Same,
    /// It certainly differs.
    Differs,
    /// The version read it through another asset, or under another name.
    Indirect,
    /// An edit added it, which is the difference.
    New,
    /// It is not built yet.
    Open,
}

fn reading(evidence: &Evidence<'_>, version: &Version, input: &AssetName, state: Option<&Input>) -> Reading {
    let facts = evidence.facts;
    let is_sql_view = evidence.asset.is_computed();
    let before = version.input(input);
    match (before, state) {
        (Some(before), Some(Input::Known { version, .. })) if is_sql_view => {
            if before.version == *version {
                Reading::Same
            } else {
                Reading::Differs
            }
        }
        (Some(before), Some(state @ Input::Known { .. })) => {
            if state.same_as_read(before).is_some() {
                Reading::Same
            } else {
                Reading::Differs
            }
        }
        (None, Some(Input::Known { .. })) => {
            if version.definition == facts.definition {
                Reading::Indirect
            } else {
                Reading::New
            }
        }
        (before, Some(state @ Input::Pending { .. })) => {
            // The columns that it was compared by must be certain too, or it could not be compared again.
            let same = before.filter(|_| !is_sql_view).and_then(|before| {
                let same = state.same_as_read(before)?;
                Some(
                    same.include(&before.compared_by())
                        && facts.reads.get(input).is_some_and(|reads| same.include(reads)),
                )
            });
            if same == Some(true) {
                Reading::Same
            } else if !is_sql_view && version.plan != facts.plan && has_other_columns(state, before) {
                Reading::Differs
            } else {
                Reading::Open
            }
        }
        (_, None) => Reading::Open,
    }
}

fn has_other_columns(state: &Input, before: Option<&InputRead>) -> bool {
    match state {
        Input::Pending {
            other_columns_than, ..
        } => other_columns_than.is_some() && before.is_some_and(|before| before.version == *other_columns_than),
        Input::Known { .. } => false,
    }
}

/// Whether an asset would read the files that a version read.
pub(in crate::plan) fn same_files(facts: &Facts, version: &Version) -> bool {
    let read = version.inputs.iter().filter(|input| input.version.is_none());
    let before: BTreeSet<_> = read.map(|input| (input.name.as_str(), input.content.as_ref())).collect();
    let now: BTreeSet<_> = facts.files.iter().map(|file| (file.path.as_str(), Some(&file.hash))).collect();
    before == now
}
