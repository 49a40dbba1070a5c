//! A rollback holds the definitions that it took back. Until the definition is edited or resumed, the asset stays as
//! it is published, whatever its inputs do, and its downstream assets stay with it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Action, Reason, Step};
use crate::facts::{CheckFacts, Facts};
use crate::model::{AssetName, Columns, HeldBack, RunId, Schema, Version, VersionId};
use crate::project::Asset;
use crate::seam::Snapshot;

/// What a step would do if a rollback did not hold it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldStep {
    /// The action without the hold.
    pub action: Action,
    /// The run that rolled back.
    pub run: RunId,
    /// When the rollback started.
    pub since: Timestamp,
    /// The version that was rolled back; `None` if the asset only stays with others, or if the rollback undid a
    /// withdrawal.
    pub version: Option<VersionId>,
    /// The held assets that this one stays with; empty if the rollback holds this asset itself.
    pub with: BTreeSet<AssetName>,
}

/// The holds that the planner has found so far.
#[derive(Debug, Default)]
pub(super) struct Holds {
    found: BTreeMap<AssetName, Hold>,
}

#[derive(Debug)]
struct Hold {
    held: HeldStep,
    /// `None` for an asset that is not selected.
    step: Option<Step>,
}

impl Holds {
    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    pub(super) fn contains(&self, asset: &AssetName) -> bool {
        self.found.contains_key(asset)
    }

    /// Returns the step of a held asset, which does nothing.
    pub(super) fn step(&self, asset: &AssetName) -> Option<&Step> {
        self.found.get(asset)?.step.as_ref()
    }

    /// Notes that a rollback holds an asset itself; `step` is the step without the hold, if the asset is selected. The
    /// rollback is among its reasons.
    pub(super) fn hold(&mut self, asset: &AssetName, by: &HeldBack, step: Option<Step>) {
        let held = HeldStep {
            action: step.as_ref().map_or(Action::Unchanged, |step| step.action),
            run: by.run,
            since: by.since,
            version: by.version.clone(),
            with: BTreeSet::new(),
        };
        self.insert(asset, held, step);
    }

    /// Notes that an asset stays with its held `inputs`; `step` is the step without the hold.
    pub(super) fn stay(&mut self, asset: &AssetName, inputs: &BTreeSet<AssetName>, mut step: Step) {
        let mut held: Option<HeldStep> = None;
        for input in inputs {
            let Some(above) = self.found.get(input).map(|hold| &hold.held) else {
                continue;
            };
            let held = held.get_or_insert_with(|| HeldStep {
                action: step.action,
                version: None,
                with: BTreeSet::new(),
                ..above.clone()
            });
            if above.since < held.since {
                (held.run, held.since) = (above.run, above.since);
            }
            held.with.extend(if above.with.is_empty() { BTreeSet::from([input.clone()]) } else { above.with.clone() });
        }
        if let Some(held) = held {
            step.reasons.push(Reason::HeldBack {
                with: held.with.clone(),
                run: held.run,
                since: Some(held.since),
            });
            self.insert(asset, held, Some(step));
        }
    }

    fn insert(&mut self, asset: &AssetName, held: HeldStep, step: Option<Step>) {
        let step = step.map(|mut step| {
            step.action = Action::Unchanged;
            step.held = Some(held.clone());
            step
        });
        self.found.insert(asset.clone(), Hold { held, step });
    }

    /// Returns the held ones of the given assets.
    pub(super) fn among<'a>(&self, assets: impl IntoIterator<Item = &'a AssetName>) -> BTreeSet<AssetName> {
        assets.into_iter().filter(|asset| self.contains(asset)).cloned().collect()
    }
}

/// Returns the rollback that holds the declared definition of an asset, under its current or a previous name.
pub fn held_definition<'a>(snapshot: &'a Snapshot, asset: &Asset, facts: &Facts) -> Option<&'a HeldBack> {
    snapshot.held_definition(names(asset), &facts.definition)
}

/// Returns the current and previous names of an asset.
pub fn names(asset: &Asset) -> impl Iterator<Item = &AssetName> {
    std::iter::once(&asset.name).chain(asset.moved_from.iter().map(|(name, _)| name))
}

/// Returns the reason of a step that would bring back what was rolled back.
pub(super) fn reason(held: &HeldBack) -> Reason {
    Reason::RolledBack {
        run: held.run,
        version: held.version.clone(),
        since: Some(held.since),
    }
}

/// Whether a check can run on a version whose definition differs from the declared one: the version has the columns
/// that the check reads, in the types that the check was bound with. `bound` are the columns of `input` at that time.
pub fn can_be_checked(check: &CheckFacts, input: &AssetName, bound: &Schema, version: &Version) -> bool {
    let there = &version.schema;
    match check.reads.get(input) {
        Some(Columns::Only(columns)) => columns.iter().all(|name| {
            // A program's table may have columns that are not known in advance.
            there.column(name).is_some_and(|column| bound.column(name).is_none_or(|bound| column == bound))
        }),
        Some(Columns::All) | None => bound.0.is_empty() || there == bound,
    }
}
