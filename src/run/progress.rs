//! Which assets wait for which: the bookkeeping of a run, without side effects.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

use crate::facts::Analysis;
use crate::model::AssetName;
use crate::plan::{Action, Plan, Step};

/// The progress of an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// The asset's inputs, its build or its checks are not finished.
    Waiting,
    /// The asset's version is known, and its checks passed.
    Done,
    /// The asset or one of its checks failed.
    Failed,
    /// The asset was skipped because of another asset.
    Skipped,
}

/// Work that can start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Build(AssetName),
    Check(AssetName),
}

/// The order in which the steps of a plan start: first the steps without a build, which take no time, then builds by
/// urgency. Equal steps keep the order of the plan.
fn turns(plan: &Plan) -> BTreeMap<AssetName, (u64, Reverse<usize>)> {
    let urgencies = plan.urgencies();
    let turn = |(position, step): (usize, &Step)| {
        let urgency = urgencies.get(&step.asset).copied().unwrap_or(u64::MAX);
        (step.asset.clone(), (urgency, Reverse(position)))
    };
    plan.steps.iter().enumerate().map(turn).collect()
}

/// Whether an asset's checks read nothing but the asset itself and its upstream assets. Then downstream assets can
/// wait for the checks without waiting for themselves.
fn checks_look_up_only(name: &AssetName, analysis: &Analysis) -> bool {
    let checks = &analysis.facts[name].checks;
    let mut others = checks.iter().flat_map(|check| &check.inputs).filter(|input| *input != name).peekable();
    if others.peek().is_none() {
        return true;
    }
    let above = analysis.graph.ancestors(name);
    others.all(|input| above.contains(input))
}

/// The progress of all assets of a run.
pub(super) struct Progress {
    status: BTreeMap<AssetName, Status>,
    /// Assets whose version for this run is known.
    versioned: BTreeSet<AssetName>,
    /// Work that also waits for an asset's checks.
    patient: BTreeMap<AssetName, Vec<Work>>,
    missing_builds: BTreeMap<AssetName, usize>,
    missing_checks: BTreeMap<AssetName, usize>,
    waiters: BTreeMap<AssetName, Vec<Work>>,
    /// The urgency of each step and its position in the plan.
    turns: BTreeMap<AssetName, (u64, Reverse<usize>)>,
    ready_builds: BinaryHeap<((u64, Reverse<usize>), AssetName)>,
    ready_checks: VecDeque<AssetName>,
}

impl Progress {
    pub(super) fn new(plan: &Plan, analysis: &Analysis) -> Self {
        let active: BTreeSet<&AssetName> = plan
            .steps
            .iter()
            .filter(|step| !matches!(step.action, Action::Unchanged | Action::Destroy))
            .map(|step| &step.asset)
            .collect();
        let mut progress = Self {
            status: active.iter().map(|name| ((*name).clone(), Status::Waiting)).collect(),
            versioned: BTreeSet::new(),
            patient: BTreeMap::new(),
            missing_builds: BTreeMap::new(),
            missing_checks: BTreeMap::new(),
            waiters: BTreeMap::new(),
            turns: turns(plan),
            ready_builds: BinaryHeap::new(),
            ready_checks: VecDeque::new(),
        };
        for step in &plan.steps {
            if !active.contains(&step.asset) {
                continue;
            }
            let facts = &analysis.facts[&step.asset];
            let needed: BTreeSet<&AssetName> = facts.inputs.iter().filter(|name| active.contains(name)).collect();
            let build = Work::Build(step.asset.clone());
            let (patient, needed): (BTreeSet<&AssetName>, BTreeSet<&AssetName>) =
                needed.into_iter().partition(|input| checks_look_up_only(input, analysis));
            progress.wait(build, &needed, &patient, true);
            let needed: BTreeSet<&AssetName> = facts
                .checks
                .iter()
                .flat_map(|check| &check.inputs)
                .chain([&step.asset])
                .filter(|name| active.contains(name))
                .collect();
            progress.wait(Work::Check(step.asset.clone()), &needed, &BTreeSet::new(), false);
        }
        progress
    }

    fn wait(&mut self, work: Work, needed: &BTreeSet<&AssetName>, patient: &BTreeSet<&AssetName>, build: bool) {
        let (Work::Build(name) | Work::Check(name)) = &work;
        let missing = if build { &mut self.missing_builds } else { &mut self.missing_checks };
        missing.insert(name.clone(), needed.len() + patient.len());
        if needed.is_empty() && patient.is_empty() {
            self.is_ready(work);
            return;
        }
        for input in needed {
            self.waiters.entry((*input).clone()).or_default().push(work.clone());
        }
        for input in patient {
            self.patient.entry((*input).clone()).or_default().push(work.clone());
        }
    }

    fn is_ready(&mut self, work: Work) {
        match work {
            Work::Build(name) => {
                let turn = self.turns.get(&name).copied().unwrap_or_default();
                self.ready_builds.push((turn, name));
            }
            Work::Check(name) => self.ready_checks.push_back(name),
        }
    }

    /// Returns what can start next: checks first, because downstream assets wait for them, then the most urgent step.
    pub(super) fn next(&mut self) -> Option<Work> {
        match self.ready_checks.pop_front() {
            Some(name) => Some(Work::Check(name)),
            None => self.ready_builds.pop().map(|(_, name)| Work::Build(name)),
        }
    }

    /// Notes that the asset's version for this run is known, or that there will be none. Work that waits for it may
    /// continue.
    pub(super) fn versioned(&mut self, name: &AssetName) {
        if !self.versioned.insert(name.clone()) {
            return;
        }
        let waiters = self.waiters.remove(name).unwrap_or_default();
        self.release(waiters);
    }

    fn release(&mut self, waiters: Vec<Work>) {
        for work in waiters {
            let (missing, waiting) = match &work {
                Work::Build(waiting) => (&mut self.missing_builds, waiting),
                Work::Check(waiting) => (&mut self.missing_checks, waiting),
            };
            if let Some(missing) = missing.get_mut(waiting) {
                *missing -= 1;
                if *missing == 0 {
                    self.is_ready(work);
                }
            }
        }
    }

    pub(super) fn set(&mut self, name: &AssetName, status: Status) {
        self.status.insert(name.clone(), status);
        let waiters = self.patient.remove(name).unwrap_or_default();
        self.release(waiters);
    }

    pub(super) fn status(&self, name: &AssetName) -> Status {
        self.status.get(name).cloned().unwrap_or(Status::Done)
    }

    /// Whether the asset is part of the run and passed.
    pub(super) fn is_done(&self, name: &AssetName) -> bool {
        self.status.get(name) == Some(&Status::Done)
    }

    /// Whether the asset is part of the run and its version is not known yet.
    pub(super) fn is_open(&self, name: &AssetName) -> bool {
        self.status.contains_key(name) && !self.versioned.contains(name)
    }

    /// Returns the first of the assets that failed or was skipped; `None` if there is none.
    pub(super) fn first_bad<'a>(&self, names: impl IntoIterator<Item = &'a AssetName>) -> Option<&'a AssetName> {
        names.into_iter().find(|name| matches!(self.status(name), Status::Failed | Status::Skipped))
    }

    /// Returns the assets that are not finished.
    pub(super) fn waiting(&self) -> Vec<AssetName> {
        self.status.iter().filter(|(_, status)| **status == Status::Waiting).map(|(name, _)| name.clone()).collect()
    }

    /// Returns everything that may not be published: assets that failed or were skipped, and their downstream assets.
    pub(super) fn unpublishable(&self, analysis: &Analysis) -> BTreeSet<AssetName> {
        let mut bad: BTreeSet<AssetName> =
            self.status.iter().filter(|(_, status)| **status != Status::Done).map(|(name, _)| name.clone()).collect();
        loop {
            let more: Vec<AssetName> = self
                .status
                .keys()
                .filter(|name| !bad.contains(*name))
                .filter(|name| {
                    let facts = &analysis.facts[*name];
                    let checked = facts.checks.iter().flat_map(|check| &check.inputs);
                    facts.inputs.iter().chain(checked).any(|input| bad.contains(input))
                })
                .cloned()
                .collect();
            if more.is_empty() {
                return bad;
            }
            bad.extend(more);
        }
    }
}
