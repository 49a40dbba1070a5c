//! Plans, asks, and executes the plan.

use std::sync::Arc;

use super::approve::{Approval, Approver, Proposal, approved};
use super::error::OpError;
use super::known::Known;
use super::lock::{start, write};
use super::open;
use super::planning::NoRecord;
use super::workspace::Workspace;
use crate::base::fs;
use crate::ledger::sqlite::{Reader, Wait, Writer};
use crate::plan::{Plan, PlanRequest, SavedPlan};
use crate::run::{self, ApplyOptions, Cancel, Event, Outcome, Policy, Purpose};
use crate::seam::{LedgerRead, Snapshot};

/// What to apply.
pub struct Apply<'a> {
    /// The request; that of the saved plan, if there is one.
    pub request: PlanRequest,
    /// A saved plan, with the name of its file. It needs no other approval.
    pub saved: Option<(&'a str, &'a SavedPlan)>,
    /// Whether a plan may withdraw most of what is published without being asked about.
    pub allow_withdraw: bool,
    /// The maximum number of assets that are worked on in parallel.
    pub jobs: usize,
    /// What is published when a step failed.
    pub policy: Policy,
    /// The handle that stops the run.
    pub cancel: Cancel,
    /// How long to wait for the lock.
    pub wait: Wait,
}

/// A plan that is to be applied, and what it is based on.
pub struct Planned {
    /// The project.
    pub known: Known,
    /// What is published.
    pub snapshot: Snapshot,
    /// The plan.
    pub plan: Plan,
}

impl Proposal for Planned {
    const IS_PLAN: bool = true;

    /// A plan without steps may still repair links.
    fn is_nothing(&self) -> bool {
        false
    }

    /// Two plans have the same effect if they have the same steps, even if other things changed.
    fn covers(&self, now: &Self) -> bool {
        let steps = |planned: &Self| planned.plan.actions().cloned().collect::<Vec<_>>();
        let same_state = self.plan.state_id.is_empty() || self.plan.state_id == now.plan.state_id;
        same_state && self.plan.left_out == now.plan.left_out && steps(self) == steps(now)
    }
}

/// Hears of a run.
pub trait RunSink {
    /// Called before the first step, with the plan.
    fn begins(&mut self, plan: &Plan) -> Result<(), OpError>;

    /// Called for each event of the run.
    fn event(&mut self, event: &Event);
}

/// The result of an apply.
pub struct Applied {
    /// The plan.
    pub plan: Plan,
    /// What happened.
    pub result: AppliedResult,
}

/// What an apply did.
pub enum AppliedResult {
    /// The steps were executed.
    Ran(Outcome),
    /// There was no step; whether published links or the catalogue were repaired.
    NoStep(bool),
}

/// Applies. Returns `None` if the user declined.
pub fn apply(
    workspace: &Workspace,
    what: Apply<'_>,
    approver: &mut dyn Approver<Planned>,
    sink: &mut dyn RunSink,
) -> Result<Option<Applied>, OpError> {
    let is_asked = what.saved.is_none() && approver.is_needed();
    // One engine to plan before the prompt; three to plan, to build, and for the catalogue without one.
    open::ahead(if is_asked { 1 } else { 3 });
    let request = &what.request;
    if !is_asked && !fs::exists(&workspace.dp_folder()?.join("state.db")) {
        // A project that was never applied stays untouched if it has mistakes.
        workspace.meant(&workspace.known(request)?, std::iter::empty(), request)?;
    }
    let (project, _) = workspace.declared_in(request)?;
    let propose = |ledger: &dyn LedgerRead| {
        // The project may be edited between the two proposals, so each of them reads it.
        let reader = Reader::open(&project.dp_folder())?;
        let (mut known, _, recorded) = workspace.known_beside_record(request, reader)?;
        let plan = workspace.plan_recorded(&mut known, &recorded, ledger, request)?;
        Ok(Planned {
            known,
            snapshot: recorded.snapshot,
            plan,
        })
    };
    let acquire = || write(workspace, &project, what.wait);
    let mut by_file = SavedApprover;
    let approver = if what.saved.is_some() { &mut by_file } else { approver };
    let approval = approved(workspace, approver, &acquire, &|writer: Option<&Writer>| match writer {
        Some(writer) => propose(&**writer),
        None => match workspace.reader()? {
            Some(reader) => propose(&reader),
            None => propose(&NoRecord),
        },
    })?;
    let Approval::Granted(planned, mut writer) = approval else {
        return Ok(None);
    };
    let Planned { known, snapshot, plan } = planned;
    what.expect_allowed(&plan, &snapshot, is_asked)?;
    let result = what.execute(workspace, &known, &snapshot, &plan, &mut writer, sink)?;
    Ok(Some(Applied { plan, result }))
}

/// The approver of a saved plan, which the user approved when saving it.
struct SavedApprover;

impl Approver<Planned> for SavedApprover {
    fn is_needed(&self) -> bool {
        false
    }

    fn approves(&mut self, _planned: &Planned) -> Result<bool, OpError> {
        Ok(true)
    }
}

impl Apply<'_> {
    /// Refuses a plan that needs the approval of a person, or that is not the saved one.
    fn expect_allowed(&self, plan: &Plan, snapshot: &Snapshot, is_asked: bool) -> Result<(), OpError> {
        if let Some((file, saved)) = self.saved {
            return Ok(saved.still_fits(plan, file)?);
        }
        if is_asked {
            return Ok(());
        }
        if self.request.selectors.is_empty() && !self.request.destroy && !self.allow_withdraw {
            plan.withdraws_by_accident(snapshot.published.len())?;
        }
        Ok(plan.expect_no_schema_change()?)
    }

    fn execute(
        &self,
        workspace: &Workspace,
        known: &Known,
        snapshot: &Snapshot,
        plan: &Plan,
        writer: &mut Writer,
        sink: &mut dyn RunSink,
    ) -> Result<AppliedResult, OpError> {
        let project = &known.project;
        fs::create_folder(&project.dp_folder().join("tmp"), true)?;
        let open = || open::builder(project, known.readable());
        let command = if self.request.destroy { "destroy" } else { "apply" };
        let start = start(workspace, command, &plan.environment, &known.analysis.engine);
        if plan.actions().next().is_none() {
            let mended = plan.repair_links
                && run::mend(project, snapshot, &start, writer, &mut open()?, workspace.clock, &mut |event| {
                    sink.event(event);
                })?;
            return Ok(AppliedResult::NoStep(mended));
        }
        sink.begins(plan)?;
        let options = ApplyOptions {
            project,
            analysis: Arc::clone(&known.analysis),
            rebind: &|columns| known.rebound(columns),
            observed: &known.observed,
            surroundings: Arc::clone(&known.surroundings),
            plan,
            snapshot,
            remembered: known.hasher.fresh().clone(),
            jobs: self.jobs,
            purpose: Purpose::Publish,
            policy: self.policy,
            start,
            clock: workspace.clock,
            cancel: self.cancel.clone(),
        };
        let builder = Box::new(open()?);
        let outcome = run::run(options, writer, builder, &mut |event: &Event| sink.event(event))?;
        Ok(AppliedResult::Ran(outcome))
    }
}
