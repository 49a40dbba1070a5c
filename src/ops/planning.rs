//! Makes plans: of the project, what exists on the disk, and the state.

use super::error::OpError;
use super::known::Known;
use super::observing::{elsewhere, lost_record, observed, observed_beside, observed_paths, shown};
use super::workspace::Workspace;
use crate::base::trace;
use crate::ledger::sqlite::Reader;
use crate::model::{AssetName, Digest, Observed, ShownState, Version};
use crate::plan::{self, Plan, PlanRequest};
use crate::project::Project;
use crate::seam::{LedgerRead, Snapshot};

/// The state of an environment, and the damage to its published links.
pub struct Recorded {
    /// The state of the environment.
    pub snapshot: Snapshot,
    shown: Vec<ShownState>,
}

impl Recorded {
    pub(super) fn read(project: &Project, reader: Option<&Reader>) -> Result<Self, OpError> {
        let snapshot = on_record(reader, &project.settings.environment)?;
        let shown = shown(project, &snapshot)?;
        Ok(Self { snapshot, shown })
    }
}

impl Workspace {
    /// Makes the plan for a request.
    pub fn plan(
        &self,
        known: &mut Known,
        snapshot: &Snapshot,
        catalogue: &dyn LedgerRead,
        request: &PlanRequest,
    ) -> Result<Plan, OpError> {
        let _waiting = self.listener.working();
        let observed = observed(&known.project, &mut known.hasher, snapshot)?;
        self.plan_of(known, snapshot, observed, catalogue, request)
    }

    /// Makes the plan from a state that was read with the project.
    pub fn plan_recorded(
        &self,
        known: &mut Known,
        recorded: &Recorded,
        catalogue: &dyn LedgerRead,
        request: &PlanRequest,
    ) -> Result<Plan, OpError> {
        let _waiting = self.listener.working();
        let shown = recorded.shown.clone();
        let observed = observed_beside(&known.project, &mut known.hasher, &recorded.snapshot, shown)?;
        self.plan_of(known, &recorded.snapshot, observed, catalogue, request)
    }

    /// Makes the plan without the lock. If a run changed the state while the files were inspected, reads both again:
    /// what that run published is not drift.
    pub fn plan_unlocked(
        &self,
        known: &mut Known,
        reader: &mut Option<Reader>,
        recorded: &mut Recorded,
        request: &PlanRequest,
    ) -> Result<Plan, OpError> {
        fn catalogue(reader: Option<&Reader>) -> &dyn LedgerRead {
            reader.map_or(&NoRecord, |reader| reader)
        }
        let plan = self.plan_recorded(known, recorded, catalogue(reader.as_ref()), request);
        if reader.is_none() {
            *reader = Reader::open(&known.project.dp_folder())?;
        }
        match &*reader {
            Some(now) if !now.is_at(&recorded.snapshot)? => {
                *recorded = Recorded::read(&known.project, Some(now))?;
                self.plan_recorded(known, recorded, now, request)
            }
            _ => plan,
        }
    }

    fn plan_of(
        &self,
        known: &mut Known,
        snapshot: &Snapshot,
        observed: Observed,
        catalogue: &dyn LedgerRead,
        request: &PlanRequest,
    ) -> Result<Plan, OpError> {
        known.observed = observed;
        known.observed.at = self.now();
        known.observed.paths = observed_paths(known, snapshot, catalogue)?;
        let project = &known.project;
        let meant = self.meant(known, snapshot.published.keys(), request)?;
        let options = plan::Options {
            selection: meant.selection,
            replace: meant.replace,
            destroy: request.destroy,
            resume: request.resume,
        };
        let _phase = trace::phase("decide");
        let mut plan = plan::build(project, &known.analysis, snapshot, &known.observed, catalogue, &options)?;
        plan.warnings.extend(elsewhere(project, snapshot));
        plan.warnings.extend(lost_record(project, snapshot)?);
        plan.left_out = meant.left_out;
        Ok(plan)
    }
}

/// Reads the state of the environment.
pub fn snapshot(reader: Option<&Reader>, environment: &str) -> Result<Snapshot, OpError> {
    let _phase = trace::phase("read the state");
    on_record(reader, environment)
}

fn on_record(reader: Option<&Reader>, environment: &str) -> Result<Snapshot, OpError> {
    Ok(match reader {
        Some(reader) => reader.snapshot(environment)?,
        None => Snapshot::default(),
    })
}

/// An empty catalogue.
pub struct NoRecord;

impl LedgerRead for NoRecord {
    fn version_with_key(&self, _asset: &AssetName, _key: &Digest) -> Result<Option<Version>, crate::seam::RecordError> {
        Ok(None)
    }
    fn newest_versions(&self, _asset: &AssetName, _limit: usize) -> Result<Vec<Version>, crate::seam::RecordError> {
        Ok(Vec::new())
    }
    fn check_result(&self, _key: &Digest) -> Result<Option<bool>, crate::seam::RecordError> {
        Ok(None)
    }
    fn shape(&self, _plan: &Digest) -> Result<Option<crate::model::Shape>, crate::seam::RecordError> {
        Ok(None)
    }
    fn past_builds(
        &self,
        _asset: &AssetName,
        _limit: usize,
    ) -> Result<Vec<crate::seam::PastBuild>, crate::seam::RecordError> {
        Ok(Vec::new())
    }
    fn definition(
        &self,
        _fingerprint: &Digest,
    ) -> Result<Option<crate::definition::DefinitionDocument>, crate::seam::RecordError> {
        Ok(None)
    }
}
