//! The steps that withdraw assets.

use std::collections::BTreeSet;

use super::Planner;
use crate::plan::moves::Moves;
use crate::plan::{Action, HeldStep, PlanError, Reason, StandsOn, Step, hold};
use crate::seam::Published;

impl Planner<'_> {
    /// Returns the steps of published assets that are withdrawn; `steps` are those of the declared assets.
    ///
    /// # Errors
    /// [`PlanError::Protected`].
    pub(super) fn destroyed(&self, steps: &[Step]) -> Result<Vec<Step>, PlanError> {
        let mut destroyed = Vec::new();
        let mut protected = Vec::new();
        // A renamed asset is not destroyed; its new name takes it over when that is selected.
        let moves = Moves::new(self.project, self.snapshot, |_| !self.options.destroy);
        for (name, published) in &self.snapshot.published {
            if moves.takes(name) {
                continue;
            }
            let declared = self.project.assets.get(name);
            let wanted = self.options.destroy || declared.is_none();
            if !wanted || !self.options.selection.contains(name) || steps.iter().any(|step| step.asset == *name) {
                continue;
            }
            // A user who passes --destroy asks for it.
            let held = self.snapshot.held_withdrawal(name).filter(|_| !self.options.destroy);
            let is_held = held.is_some() && !self.options.resume;
            if !is_held && declared.map_or_else(|| published.is_protected(), |asset| asset.protect) {
                protected.push(name.to_string());
                continue;
            }
            destroyed.push(Step {
                asset: name.clone(),
                kind: declared.map(|asset| asset.kind_word().to_owned()).unwrap_or_default(),
                action: if is_held { Action::Unchanged } else { Action::Destroy },
                reasons: [if self.options.destroy {
                    Reason::DestroyRequested {
                        file: removed_file(published),
                    }
                } else {
                    Reason::Removed {
                        file: removed_file(published),
                    }
                }]
                .into_iter()
                .chain(held.map(hold::reason))
                .collect(),
                inputs: Vec::new(),
                change: None,
                columns: Vec::new(),
                checks: Vec::new(),
                reuse: None,
                cut_off: Vec::new(),
                proven: Vec::new(),
                stands_on: StandsOn {
                    pointer: Some(published.version.id.clone()),
                    ..StandsOn::default()
                },
                held: held.filter(|_| is_held).map(|held| HeldStep {
                    action: Action::Destroy,
                    run: held.run,
                    since: held.since,
                    version: None,
                    with: BTreeSet::new(),
                }),
            });
        }
        if protected.is_empty() {
            return Ok(destroyed);
        }
        Err(PlanError::Protected { assets: protected })
    }
}

/// Returns the file that is removed with a withdrawn asset.
fn removed_file(published: &Published) -> Option<String> {
    published.version.placed().next().map(|(path, _)| path.to_string())
}
