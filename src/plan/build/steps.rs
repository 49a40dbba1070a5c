//! The steps of all assets, in order, around what rollbacks hold back.

use std::collections::{BTreeMap, BTreeSet};

use super::Planner;
use crate::facts::{CheckFacts, Facts};
use crate::graph::Selection;
use crate::model::AssetName;
use crate::plan::decide::{Inputs, known};
use crate::plan::hold::{self, Holds};
use crate::plan::{Action, PlanError, Reason, Step};
use crate::project::Asset;

impl Planner<'_> {
    /// Returns the steps of the selected assets, each after its inputs.
    ///
    /// First finds what is held back, from what would be done without holds, and then decides the other steps around
    /// it.
    pub(super) fn steps(&self, selection: &Selection) -> Result<Vec<Step>, PlanError> {
        let mut holds = Holds::default();
        loop {
            let before = holds.len();
            let steps = self.steps_around(selection, &mut holds)?;
            if holds.len() == before {
                return Ok(steps);
            }
        }
    }

    /// Returns the steps around the known holds. If further assets turn out to be held, adds them to `holds`; the
    /// caller must then decide the steps again.
    fn steps_around(&self, selection: &Selection, holds: &mut Holds) -> Result<Vec<Step>, PlanError> {
        let found_before = holds.len();
        let mut contents = Inputs::new();
        // Checks may read a broken asset, which stays as it is published.
        for name in self.analysis.broken.keys() {
            if let Some(published) = self.snapshot.published.get(name) {
                contents.insert(name.clone(), known(&published.version));
            }
        }
        let mut steps: BTreeMap<AssetName, Step> = BTreeMap::new();
        let order = self.analysis.graph.order();
        for name in order {
            let Some(facts) = self.analysis.facts.get(name) else {
                continue;
            };
            let published = self.moves.published(self.snapshot, name);
            let asset = &self.project.assets[name];
            let held_back = hold::held_definition(self.snapshot, asset, facts);
            let by = held_back.filter(|_| !self.options.resume);
            if holds.contains(name) || !selection.contains(name) {
                // Nothing can read it under its previous name any more.
                let shown = published.filter(|published| published.version.asset == *name);
                if let Some(published) = shown {
                    contents.insert(name.clone(), known(&published.version));
                }
                if let Some(step) = holds.step(name) {
                    steps.insert(name.clone(), step.clone());
                }
                let is_as_declared = shown.is_some_and(|there| there.version.definition == facts.definition);
                if let (Some(by), false, false) = (by, is_as_declared, holds.contains(name)) {
                    holds.hold(name, by, None);
                }
                continue;
            }
            inputs_exist(asset, facts, &contents)?;
            if let (Some(path), None) = (self.observed.foreign.get(name), by) {
                return Err(PlanError::ForeignFile {
                    asset: name.to_string(),
                    path: path.clone(),
                });
            }
            let planned = self.step(asset, facts, published, held_back, &contents)?;
            contents.insert(name.clone(), planned.leaves);
            let inputs = holds.among(&facts.inputs);
            match by.filter(|_| planned.is_held) {
                Some(by) => holds.hold(name, by, Some(planned.step.clone())),
                None if planned.step.action != Action::Unchanged && !inputs.is_empty() => {
                    holds.stay(name, &inputs, planned.step.clone());
                }
                None => {}
            }
            steps.insert(name.clone(), planned.step);
        }
        if holds.len() > found_before {
            return Ok(Vec::new());
        }
        // Checks may read assets that come later in the order, so they are decided when all contents are known.
        for name in order {
            if let (Some(step), Some(facts)) = (steps.get_mut(name), self.analysis.facts.get(name))
                && !holds.contains(name)
            {
                self.due_checks(step, facts, &contents)?;
                let unchecked = self.unchecked(facts, holds);
                if step.action != Action::Unchanged && !unchecked.is_empty() {
                    holds.stay(name, &unchecked, step.clone());
                }
                self.settings(step);
            }
        }
        self.bound_checks(selection, &contents, holds, &mut steps)?;
        Ok(order.iter().filter_map(|name| steps.remove(name)).collect())
    }

    /// Adds the checks of unselected assets that read what would be published: they must pass as well.
    fn bound_checks(
        &self,
        selection: &Selection,
        contents: &Inputs,
        holds: &Holds,
        steps: &mut BTreeMap<AssetName, Step>,
    ) -> Result<(), PlanError> {
        let publishes =
            |step: &&Step| matches!(step.action, Action::Create | Action::Rebuild | Action::Maybe | Action::Reuse);
        let published: BTreeSet<AssetName> = steps.values().filter(publishes).map(|step| step.asset.clone()).collect();
        if published.is_empty() {
            return Ok(());
        }
        for (name, facts) in &self.analysis.facts {
            let (Some(asset), Some(there)) = (self.project.assets.get(name), self.snapshot.published.get(name)) else {
                continue;
            };
            if selection.contains(name) || holds.contains(name) {
                continue;
            }
            let reads = |check: &&CheckFacts| check.inputs.iter().any(|input| published.contains(input));
            let can = |check: &&CheckFacts| self.can_be_checked(check, selection, contents);
            let checks: Vec<CheckFacts> = facts.checks.iter().filter(reads).filter(can).cloned().collect();
            if checks.is_empty() {
                continue;
            }
            let mut step = self.unchanged(asset, facts, Some(there));
            let facts = Facts {
                checks,
                ..facts.clone()
            };
            self.due_checks(&mut step, &facts, contents)?;
            if step.action == Action::Check {
                steps.insert(name.clone(), step);
            }
        }
        Ok(())
    }

    /// Whether a check can run on the published versions of unselected assets.
    fn can_be_checked(&self, check: &CheckFacts, selection: &Selection, contents: &Inputs) -> bool {
        check.inputs.iter().all(|input| {
            let published = self.snapshot.published.get(input).filter(|_| !selection.contains(input));
            match published.zip(self.analysis.schema(input)) {
                Some((published, bound)) => hold::can_be_checked(check, input, bound, &published.version),
                None => contents.contains_key(input),
            }
        })
    }

    /// Notes the settings whose declaration changed since they were applied.
    fn settings(&self, step: &mut Step) {
        let (Some(asset), Some(published)) =
            (self.project.assets.get(&step.asset), self.moves.published(self.snapshot, &step.asset))
        else {
            return;
        };
        let declared = asset.behaviour();
        let changes = published.settings_in_force(&declared).changes(&declared);
        if changes.is_empty() {
            return;
        }
        step.reasons.push(Reason::SettingsChanged { changes });
        if step.action == Action::Unchanged {
            step.action = Action::Settings;
        }
    }

    /// Returns the held assets that checks of another asset read and on whose published versions these checks can't
    /// run.
    fn unchecked(&self, facts: &Facts, holds: &Holds) -> BTreeSet<AssetName> {
        let mut found = BTreeSet::new();
        for check in &facts.checks {
            for input in holds.among(&check.inputs) {
                let published = self.snapshot.published.get(&input);
                let can = published
                    .zip(self.analysis.schema(&input))
                    .is_some_and(|(published, bound)| hold::can_be_checked(check, &input, bound, &published.version));
                if !can {
                    found.insert(input);
                }
            }
        }
        found
    }
}

/// Returns an error unless every input of an asset has a version or will have one.
fn inputs_exist(asset: &Asset, facts: &Facts, contents: &Inputs) -> Result<(), PlanError> {
    let missing: Vec<String> =
        facts.inputs.iter().filter(|input| !contents.contains_key(*input)).map(ToString::to_string).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(PlanError::UnpublishedInput {
        asset: asset.name.to_string(),
        inputs: missing,
    })
}
