//! Makes the plan: gathers the evidence for each asset, in the order of the graph, and carries out what
//! [`decide`](super::decide::decide) says.

mod due;
mod reasons;
mod selection;
mod step;
mod steps;
mod warnings;
mod withdrawn;

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::demand::Demand;
use super::moves::Moves;
use super::{Plan, PlanError, drift, estimate};
use crate::facts::Analysis;
use crate::graph::Selection;
use crate::model::{AssetName, Observed};
use crate::project::Project;
use crate::seam::{LedgerRead, Snapshot};

pub use warnings::of_problems as problem_warnings;

/// What the user asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The selected assets.
    pub selection: Selection,
    /// Assets to build even if nothing requires it.
    pub replace: BTreeSet<AssetName>,
    /// Whether to withdraw everything that is selected.
    pub destroy: bool,
    /// Whether to publish again what rollbacks hold back.
    pub resume: bool,
}

/// Compares what is declared with what is recorded and with what exists.
///
/// # Errors
/// [`PlanError::UnpublishedInput`] and [`PlanError::Protected`], and if the state can't be read.
pub fn build(
    project: &Project,
    analysis: &Analysis,
    snapshot: &Snapshot,
    observed: &Observed,
    catalogue: &dyn LedgerRead,
    options: &Options,
) -> Result<Plan, PlanError> {
    let planner = Planner {
        demand: OnceCell::new(),
        project,
        analysis,
        snapshot,
        observed,
        catalogue,
        options,
        moves: Moves::new(project, snapshot, |name| options.selection.contains(name)),
    };
    let selection = planner.selection();
    // Errors among the problems belong to assets outside the plan.
    let mut warnings = warnings::of_problems(&analysis.problems);
    warnings.splice(0..0, planner.of_programs(&selection));
    let mut steps = if options.destroy { Vec::new() } else { planner.steps(&selection)? };
    if let (Selection::Only(selected), false) = (&selection, options.destroy) {
        warnings.extend(planner.due_outside(selected)?);
    }
    steps.extend(planner.destroyed(&steps)?);
    let drift = drift::of(observed, &steps);
    let estimates = estimate::estimates(&steps, catalogue)?;
    Ok(Plan {
        project: project.settings.name.clone(),
        environment: project.settings.environment.clone(),
        state_id: snapshot.state_id.clone(),
        serial: snapshot.serial,
        repair_links: snapshot.release.is_some() && observed.needs_mending(),
        steps,
        estimates,
        drift,
        warnings,
        left_out: Vec::new(),
    })
}

struct Planner<'a> {
    project: &'a Project,
    analysis: &'a Analysis,
    snapshot: &'a Snapshot,
    observed: &'a Observed,
    catalogue: &'a dyn LedgerRead,
    options: &'a Options,
    /// The assets that take over the version of a previous name.
    moves: Moves,
    /// Computed on demand, because only computed views need it.
    demand: OnceCell<Demand>,
}

impl Planner<'_> {
    fn demand(&self) -> &Demand {
        self.demand.get_or_init(|| Demand::new(self.project, self.analysis, self.snapshot))
    }
}
