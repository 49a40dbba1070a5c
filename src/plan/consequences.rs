//! The effects of edits, asset by asset and column by column.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Plan, Reason};
use crate::facts::{Analysis, Facts};
use crate::model::AssetName;

/// The consequences of a plan's edits, for the user who reviews them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consequences {
    /// Assets that an edit of another asset reaches, in the order of the plan.
    pub reached: Vec<Reached>,
    /// Checks that would run, by asset.
    pub checks: Vec<(AssetName, Vec<String>)>,
}

/// An asset that an edit reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The asset.
    pub asset: AssetName,
    /// What the plan does with it.
    pub action: Action,
    /// The edited assets that reach it.
    pub by: BTreeSet<AssetName>,
    /// Its columns whose values may change; `None` if its rows may change, or if that is unknown.
    pub columns: Option<BTreeSet<String>>,
}

/// The columns of an asset that may change; `None` means all of it.
type Touched = Option<BTreeSet<String>>;

impl Plan {
    /// Returns what the plan's edits reach.
    pub fn consequences(&self, analysis: &Analysis) -> Consequences {
        let mut touched: BTreeMap<&AssetName, (Touched, BTreeSet<AssetName>)> = BTreeMap::new();
        let mut found = Consequences::default();
        for step in self.steps.iter().filter(|step| step.held.is_none()) {
            let facts = analysis.facts.get(&step.asset);
            let checks: Vec<String> = match (step.action, facts) {
                (Action::Create | Action::Rebuild | Action::Maybe, Some(facts)) => {
                    facts.checks.iter().map(|check| check.name.clone()).collect()
                }
                _ => step.checks.clone(),
            };
            if !checks.is_empty() {
                found.checks.push((step.asset.clone(), checks));
            }
            let through = facts.and_then(|facts| reached(facts, &touched));
            let is_edited = step.reasons.iter().any(|reason| matches!(reason, Reason::DefinitionChanged { .. }));
            if is_edited {
                let own = step.change.as_ref().and_then(|change| change.outputs.clone());
                let mut by = BTreeSet::from([step.asset.clone()]);
                let mut columns = own;
                if let Some((more, others)) = &through {
                    by.extend(others.iter().cloned());
                    columns = columns.zip(more.clone()).map(|(own, more)| &own | &more);
                }
                touched.insert(&step.asset, (columns, by));
            }
            let Some((columns, by)) = through else {
                continue;
            };
            if step.action != Action::Unchanged {
                found.reached.push(Reached {
                    asset: step.asset.clone(),
                    action: step.action,
                    by: by.clone(),
                    columns: columns.clone(),
                });
            }
            touched.entry(&step.asset).or_insert((columns, by));
        }
        found
    }
}

/// Returns the columns of an asset that may change because of its inputs; `None` if it reads nothing that may change.
fn reached(
    facts: &Facts,
    touched: &BTreeMap<&AssetName, (Touched, BTreeSet<AssetName>)>,
) -> Option<(Touched, BTreeSet<AssetName>)> {
    let mut by = BTreeSet::new();
    let mut columns: Touched = Some(BTreeSet::new());
    for input in &facts.inputs {
        let Some((changed, edits)) = touched.get(input) else {
            continue;
        };
        let through = through(facts, input, changed.as_ref());
        if through.as_ref().is_some_and(BTreeSet::is_empty) {
            // The asset reads none of the changed columns.
            continue;
        }
        by.extend(edits.iter().cloned());
        columns = columns.zip(through).map(|(all, more)| &all | &more);
    }
    (!by.is_empty()).then_some((columns, by))
}

/// Returns the columns of an asset that derive from these columns of an input; `None` if they decide its rows.
fn through(facts: &Facts, input: &AssetName, changed: Option<&BTreeSet<String>>) -> Touched {
    let lineage = &facts.lineage;
    let changed = changed?;
    // An input that the lineage does not name is read through a view; the lineage names the view's tables.
    if lineage.unknown.is_some() || !lineage.reads.contains_key(input.as_str()) {
        return None;
    }
    let uses = |by_column: &crate::sql::lineage::ByColumn| {
        by_column.get(input.as_str()).is_some_and(|columns| columns.keys().any(|column| changed.contains(column)))
    };
    if uses(&lineage.rows) {
        return None;
    }
    Some(lineage.outputs.iter().filter(|output| uses(&output.sources)).map(|output| output.name.clone()).collect())
}
