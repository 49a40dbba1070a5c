//! Takes the steps of a plan through their builds and checks, as many at once as allowed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::job::{self, BuildJob, BuildResult, JobError};
use super::progress::{Progress, Status, Work};
use super::record::Record;
use super::views::{Kept, visible_relations};
use super::{ApplyError, Counts, Event, EventKind, publish};
use crate::clock::Clock;
use crate::fs;
use crate::observe::Remembered;
use crate::plan::{Action, Contents, Plan, Reason, Step, check_key, content_key, known, version_key};
use crate::project::{Asset, AssetName, Materialize, Project};
use crate::state::{
    Analysis, Catalogue, CheckFacts, CheckRecord, Digest, Effect, Facts, InputRead, RunStart, Snapshot, StepIntent,
    StepOutcome, Version, VersionId,
};
use crate::store::{VersionState, Writer};
use crate::warehouse::{Builder, EngineError, layout, write_manifest};
use crate::words;

/// What is published when something failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Nothing.
    #[default]
    All,
    /// What passed, with everything that it stands on.
    Passed,
}

/// Asks a run to stop.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    asked: Arc<AtomicBool>,
    notify: Arc<Notify>,
}

impl Cancel {
    /// No new step begins, and running ones are cancelled.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        self.notify.notify_one();
    }

    /// Whether it was asked.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }
}

/// What an apply is done with.
pub struct ApplyOptions<'a> {
    /// The project.
    pub project: &'a Project,
    /// What is known of it.
    pub analysis: &'a Analysis,
    /// What to do.
    pub plan: &'a Plan,
    /// What is on record.
    pub snapshot: &'a Snapshot,
    /// Hashes of files that were made for the plan.
    pub remembered: BTreeMap<String, Remembered>,
    /// How many assets are worked on at once.
    pub jobs: usize,
    /// What is published when something failed.
    pub policy: Policy,
    /// Who runs it; the steps are filled in here.
    pub start: RunStart,
    /// Tells the time.
    pub clock: Clock,
    /// Asks it to stop.
    pub cancel: Cancel,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The run.
    pub run: crate::state::RunId,
    /// How many assets ended how.
    pub counts: Counts,
    /// Whether it was stopped by the user.
    pub interrupted: bool,
    /// Exports that could not be put in place, with the reason.
    pub exports_failed: Vec<String>,
}

impl Outcome {
    /// Whether anything failed.
    pub fn failed(&self) -> bool {
        self.counts.failed > 0 || !self.exports_failed.is_empty()
    }
}

/// Does what the plan says.
///
/// # Errors
/// Only if the state, the store or the engine can't be used at all; failed steps are in the [`Outcome`].
pub fn run(
    mut options: ApplyOptions<'_>,
    writer: &mut Writer,
    builder: Box<dyn Builder>,
    sink: &mut dyn FnMut(&Event),
) -> Result<Outcome, ApplyError> {
    let steps: Vec<&Step> = options.plan.actions().collect();
    options.start.steps = steps.iter().map(|step| intent(step)).collect();
    options.start.plan = options.plan.digest();
    let started = Instant::now();
    let run = writer.begin_run(&options.start)?;
    let root = options.project.root.clone();
    fs::create_folder(&root.join(layout::STORE), false)?;
    fs::create_folder(&root.join(layout::TEMPORARY), true)?;
    let mut record = Record::new(writer, run, sink, root, options.clock);
    record.tell(EventKind::RunStarted {
        environment: options.plan.environment.clone(),
        steps: steps.len(),
    });
    let contents =
        options.snapshot.published.iter().map(|(name, published)| (name.clone(), known(&published.version))).collect();
    let mut worker = Worker {
        positions: steps.iter().enumerate().map(|(index, step)| (step.asset.clone(), index)).collect(),
        progress: Progress::new(options.plan, options.analysis),
        contents,
        visible: options
            .snapshot
            .published
            .iter()
            .map(|(name, published)| (name.clone(), published.version.clone()))
            .collect(),
        related: BTreeMap::new(),
        finished: BTreeMap::new(),
        begun: BTreeMap::new(),
        counts: Counts::default(),
        idle: Vec::new(),
        main: builder,
        cancellers: BTreeMap::new(),
        record,
        options: &options,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .thread_stack_size(STACK)
        .build()
        .map_err(ApplyError::Threads)?;
    let result = runtime.block_on(worker.work());
    runtime.shutdown_background();
    let ended = result.and_then(|()| worker.end());
    worker.close(ended, started)
}

/// Binding deeply nested queries takes stack.
const STACK: usize = 64 << 20;

fn intent(step: &Step) -> StepIntent {
    StepIntent {
        asset: step.asset.clone(),
        action: step.action.word().to_owned(),
        reasons: serde_json::to_value(&step.reasons).expect("dp's own values have a JSON form"),
        version: match step.action {
            Action::Create | Action::Rebuild | Action::Maybe => Some(VersionId::random()),
            Action::Reuse => step.reuse.clone(),
            Action::Check | Action::Destroy | Action::Unchanged => None,
        },
    }
}

/// What came back from a worker thread, with the engine it used.
enum Answer {
    Built(AssetName, Box<Result<BuildResult, JobError>>, u64),
    Checked(AssetName, Result<Vec<CheckRecord>, EngineError>, u64),
}

struct Worker<'a> {
    options: &'a ApplyOptions<'a>,
    record: Record<'a>,
    progress: Progress,
    contents: Contents,
    /// The version that each asset has in this run.
    visible: BTreeMap<AssetName, Version>,
    /// What names stand for in the engine now.
    related: BTreeMap<AssetName, VersionId>,
    /// Outcome so far, and how long it took, of assets whose checks may still run.
    finished: BTreeMap<AssetName, (&'static str, u64)>,
    /// When work on an asset began.
    begun: BTreeMap<AssetName, Timestamp>,
    /// Position of each asset's step in the record.
    positions: BTreeMap<AssetName, usize>,
    counts: Counts,
    idle: Vec<Box<dyn Builder>>,
    main: Box<dyn Builder>,
    cancellers: BTreeMap<AssetName, Box<dyn Fn() + Send + Sync>>,
}

type Running = JoinSet<(Answer, Box<dyn Builder>)>;

impl Worker<'_> {
    async fn work(&mut self) -> Result<(), ApplyError> {
        let mut running: Running = JoinSet::new();
        loop {
            while running.len() < self.options.jobs.max(1) && !self.options.cancel.is_asked() {
                let Some(work) = self.progress.next() else {
                    break;
                };
                match work {
                    Work::Build(name) => self.begin_build(&name, &mut running)?,
                    Work::Check(name) => self.begin_checks(&name, &mut running)?,
                }
            }
            let notified = self.options.cancel.notify.clone();
            tokio::select! {
                joined = running.join_next() => match joined {
                    None => return Ok(()),
                    Some(Ok((answer, builder))) => {
                        self.idle.push(builder);
                        self.take(answer)?;
                    }
                    Some(Err(error)) => {
                        if let Ok(panic) = error.try_into_panic() {
                            std::panic::resume_unwind(panic);
                        }
                    }
                },
                () = notified.notified() => {
                    for cancel in self.cancellers.values() {
                        cancel();
                    }
                }
            }
            self.record.write_if_due()?;
        }
    }

    fn engine(&mut self) -> Result<Box<dyn Builder>, EngineError> {
        match self.idle.pop() {
            Some(builder) => Ok(builder),
            None => self.main.another(),
        }
    }

    /// Decides what becomes of an asset whose inputs are all known, and begins a build if it needs one.
    fn begin_build(&mut self, name: &AssetName, running: &mut Running) -> Result<(), ApplyError> {
        let options = self.options;
        let asset = &options.project.assets[name];
        let facts = &options.analysis.facts[name];
        let Some(step) = options.plan.step(name) else {
            return Ok(());
        };
        if let Some(bad) = self.progress.first_bad(&facts.inputs) {
            let message = format!("reads {bad}, which failed or was skipped");
            self.settle(name, "skipped", Some(message));
            return Ok(());
        }
        if step.action == Action::Check {
            self.finished.insert(name.clone(), ("checked", 0));
            self.progress.versioned(name);
            return Ok(());
        }
        let is_sql_view = asset.is_view() && asset.query().is_some();
        let key = version_key(facts, is_sql_view, &self.contents);
        if step.action == Action::Maybe
            && let Some(published) = options.snapshot.published.get(name)
            && key.as_ref() == Some(&published.version.key)
        {
            self.versioned(name, published.version.clone(), "cut_off", 0);
            return Ok(());
        }
        if let Some(version) = self.reusable(name, step, facts, key.as_ref())? {
            self.versioned(name, version, "reused", 0);
            return Ok(());
        }
        let id = self.intended_version(name);
        if is_sql_view {
            let version = self.sql_view(asset, facts, key.unwrap_or_else(|| facts.definition.clone()), id);
            self.effect(name, "made", &version, Some(0));
            self.record.batch.versions.push((version.clone(), Some(facts.document.clone())));
            self.versioned(name, version, "built", 0);
            return Ok(());
        }
        self.relate(facts.inputs.iter())?;
        let job = BuildJob {
            asset: name.clone(),
            root: options.project.root.clone(),
            version: id,
            sql: facts.sql.clone(),
            files: facts.files.clone(),
            remembered: facts
                .files
                .iter()
                .filter_map(|file| Some((file.path.clone(), options.remembered.get(&file.path)?.clone())))
                .collect(),
            export: match &asset.materialize {
                Materialize::File { path, format } => Some((path.clone(), *format)),
                Materialize::Table | Materialize::View => None,
            },
            clock: options.clock,
            stored: !asset.is_view(),
        };
        let mut builder = self.engine()?;
        self.cancellers.insert(name.clone(), builder.canceller());
        let now = self.options.clock.now();
        self.begun.entry(name.clone()).or_insert(now);
        self.record.tell(EventKind::StepStarted {
            asset: name.clone(),
            work: "build".to_owned(),
        });
        let name = name.clone();
        running.spawn_blocking(move || {
            let started = Instant::now();
            let result = job::build(&job, builder.as_mut());
            (Answer::Built(name, Box::new(result), milliseconds(started)), builder)
        });
        Ok(())
    }

    /// The id that the record has for what this step builds.
    fn intended_version(&self, name: &AssetName) -> VersionId {
        self.positions
            .get(name)
            .and_then(|position| self.options.start.steps.get(*position))
            .and_then(|intent| intent.version.clone())
            .unwrap_or_else(VersionId::random)
    }

    /// A version of the store with this key, if it may be published again and is intact.
    fn reusable(
        &mut self,
        name: &AssetName,
        step: &Step,
        facts: &Facts,
        key: Option<&Digest>,
    ) -> Result<Option<Version>, ApplyError> {
        let forced = step.reasons.iter().any(|reason| matches!(reason, Reason::Forced | Reason::Stale { .. }));
        let found = match (&step.reuse, key) {
            (Some(id), _) => self.record.writer.version(id)?,
            (None, Some(key)) if facts.unstable.is_empty() && !forced => {
                self.record.writer.version_with_key(name, key)?
            }
            _ => None,
        };
        let asset = &self.options.project.assets[name];
        let Some(version) = found.filter(|version| asset.exports_like(version)) else {
            return Ok(None);
        };
        if is_intact(&self.options.project.root, &version)? {
            return Ok(Some(version));
        }
        let reason = "its file is missing or was changed outside dp";
        self.record.writer.mark_version(&version.id, VersionState::Damaged, reason)?;
        Ok(None)
    }

    fn sql_view(&self, asset: &Asset, facts: &Facts, key: Digest, id: VersionId) -> Version {
        Version {
            id,
            asset: asset.name.clone(),
            key,
            definition: facts.definition.clone(),
            run: self.record.run,
            created: self.options.clock.now(),
            schema: facts.schema.clone(),
            rows: None,
            content: content_key(facts, &self.contents),
            plan: facts.plan.clone(),
            data: None,
            export: None,
            view_sql: Some(layout::portable(&facts.sql, &self.options.project.root)),
            inputs: self.inputs(facts, &facts.files),
            engine: self.options.analysis.engine.clone(),
            deterministic: facts.unstable.is_empty(),
            protected: asset.protect,
        }
    }

    fn inputs(&self, facts: &Facts, files: &[crate::state::FileInput]) -> Vec<InputRead> {
        let asset = |name: &AssetName, direct: bool| {
            let version = self.visible.get(name);
            InputRead {
                name: name.to_string(),
                version: version.map(|version| version.id.clone()),
                content: version.and_then(|version| version.content.clone()),
                direct,
            }
        };
        let direct = facts.inputs.iter().map(|name| asset(name, true));
        // What a view reads is what its version was published with, whatever is declared now.
        let below: BTreeSet<AssetName> = facts
            .inputs
            .iter()
            .filter_map(|name| self.visible.get(name))
            .filter(|version| version.data.is_none())
            .flat_map(|view| view.inputs.iter().filter(|input| input.version.is_some()))
            .filter_map(|input| input.name.parse().ok())
            .collect();
        let through = below.difference(&facts.inputs).map(|name| asset(name, false)).collect::<Vec<_>>();
        let files = files.iter().map(|file| InputRead {
            name: file.path.clone(),
            version: None,
            content: Some(file.hash.clone()),
            direct: true,
        });
        direct.chain(through).chain(files).collect()
    }

    /// Makes names stand for the versions of this run.
    fn relate<'n>(&mut self, names: impl Iterator<Item = &'n AssetName>) -> Result<(), ApplyError> {
        let wanted: Vec<AssetName> = names
            .filter(|name| self.related.get(*name) != self.visible.get(*name).map(|version| &version.id))
            .cloned()
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let writer = &self.record.writer;
        let main = &mut self.main;
        let find = |id: &VersionId| writer.version(id).ok().flatten();
        let mut rename = |tree: &str, names: &BTreeMap<AssetName, AssetName>| main.rename(tree, names);
        let mut kept = Kept {
            find: &find,
            catalogue: &***writer,
            rename: &mut rename,
        };
        // A view that is not part of this run keeps what it was published with, also while that is rebuilt.
        let (visible, progress) = (&self.visible, &self.progress);
        let settled = |name: &AssetName| visible.get(name).filter(|_| !progress.is_open(name));
        let relations = visible_relations(&self.options.project.root, &settled, wanted.iter(), &mut kept)?;
        self.main.relate(&relations)?;
        for relation in relations {
            if let Some(version) = self.visible.get(&relation.name) {
                self.related.insert(relation.name, version.id.clone());
            }
        }
        Ok(())
    }

    fn take(&mut self, answer: Answer) -> Result<(), ApplyError> {
        match answer {
            Answer::Built(name, result, ms) => {
                self.cancellers.remove(&name);
                match *result {
                    Ok(result) => self.built(&name, result, ms)?,
                    Err(error) => self.failed(&name, &error, ms),
                }
            }
            Answer::Checked(name, result, ms) => {
                self.cancellers.remove(&name);
                match result {
                    Ok(records) => self.checked(&name, records),
                    Err(error) => self.failed(&name, &JobError::Engine(error), ms),
                }
            }
        }
        Ok(())
    }

    fn built(&mut self, name: &AssetName, result: BuildResult, ms: u64) -> Result<(), ApplyError> {
        let options = self.options;
        let asset = &options.project.assets[name];
        let facts = Facts {
            files: result.files,
            ..options.analysis.facts[name].clone()
        };
        let id = self.intended_version(name);
        let key = version_key(&facts, false, &self.contents).unwrap_or_else(|| facts.definition.clone());
        let root = &options.project.root;
        let version = Version {
            schema: result.built.as_ref().map_or_else(|| facts.schema.clone(), |built| built.schema.clone()),
            rows: result.built.as_ref().map(|built| built.rows),
            content: Some(result.built.map_or_else(|| key.clone(), |built| built.content)),
            view_sql: asset.is_view().then(|| layout::portable(&facts.sql, root)),
            inputs: self.inputs(&facts, &facts.files),
            asset: name.clone(),
            definition: facts.definition.clone(),
            run: self.record.run,
            created: result.finished,
            plan: facts.plan.clone(),
            data: result.data,
            export: result.export,
            engine: options.analysis.engine.clone(),
            deterministic: facts.unstable.is_empty(),
            protected: asset.protect,
            id,
            key,
        };
        let building = root.join(layout::building_folder(&version.id));
        if version.data.is_some() {
            write_manifest(&building, &version)?;
            let place = root.join(layout::version_folder(name, &version.id));
            fs::create_folder(place.parent().unwrap_or(root), false)?;
            fs::rename(&building, &place)?;
        } else {
            fs::remove_folder(&building)?;
        }
        self.effect(name, "made", &version, Some(ms));
        for file in &facts.files {
            self.push_effect(
                name,
                Effect {
                    asset: name.clone(),
                    kind: "read".to_owned(),
                    path: Some(file.path.clone()),
                    version: None,
                    replaced: None,
                    rows: None,
                    bytes: Some(file.bytes),
                    ms: None,
                    content: Some(file.hash.clone()),
                },
            );
        }
        self.record.batch.versions.push((version.clone(), Some(facts.document.clone())));
        self.versioned(name, version, "built", ms);
        Ok(())
    }

    fn effect(&mut self, name: &AssetName, kind: &str, version: &Version, ms: Option<u64>) {
        self.push_effect(
            name,
            Effect {
                asset: name.clone(),
                kind: kind.to_owned(),
                path: version.data.as_ref().map(|data| data.path.clone()),
                version: Some(version.id.clone()),
                replaced: None,
                rows: version.rows,
                bytes: version.data.as_ref().map(|_| version.bytes()),
                ms,
                content: version.content.clone(),
            },
        );
    }

    fn push_effect(&mut self, name: &AssetName, effect: Effect) {
        let position = self.positions.get(name).copied();
        self.record.batch.effects.push((position, effect));
    }

    /// An asset's version for this run is known.
    fn versioned(&mut self, name: &AssetName, version: Version, outcome: &'static str, ms: u64) {
        self.contents.insert(name.clone(), known(&version));
        self.visible.insert(name.clone(), version);
        self.finished.insert(name.clone(), (outcome, ms));
        self.progress.versioned(name);
    }

    /// Runs the checks of an asset that have no result for the content they would look at.
    fn begin_checks(&mut self, name: &AssetName, running: &mut Running) -> Result<(), ApplyError> {
        if self.progress.status(name) != Status::Waiting {
            return Ok(());
        }
        let options = self.options;
        let facts = &options.analysis.facts[name];
        let mut due: Vec<(CheckFacts, Digest)> = Vec::new();
        for check in &facts.checks {
            if let Some(bad) = self.progress.first_bad(check.inputs.iter().filter(|input| *input != name)) {
                let message = format!("its check {} reads {bad}, which failed or was skipped", check.name);
                self.settle(name, "skipped", Some(message));
                return Ok(());
            }
            let key = check_key(check, &self.contents);
            let settled = match &key {
                Some(key) => match self.record.writer.check_result(key)? {
                    Some(passed) => passed || check.severity == crate::project::Severity::Warn,
                    None => false,
                },
                None => false,
            };
            if !settled {
                // A result that is not to be remembered still needs a name in the record.
                let key = key.unwrap_or_else(|| Digest::from_text(crate::id::random_hex(32)));
                due.push((check.clone(), key));
            }
        }
        if due.is_empty() {
            self.done(name);
            return Ok(());
        }
        let names: Vec<AssetName> = due.iter().flat_map(|(check, _)| check.inputs.iter().cloned()).collect();
        self.relate(names.iter())?;
        let mut builder = self.engine()?;
        self.cancellers.insert(name.clone(), builder.canceller());
        let now = self.options.clock.now();
        self.begun.entry(name.clone()).or_insert(now);
        self.record.tell(EventKind::StepStarted {
            asset: name.clone(),
            work: "check".to_owned(),
        });
        let name = name.clone();
        running.spawn_blocking(move || {
            let started = Instant::now();
            let result = due
                .into_iter()
                .map(|(check, key)| job::check(&check, key, builder.as_mut()))
                .collect::<Result<Vec<_>, _>>();
            (Answer::Checked(name, result, milliseconds(started)), builder)
        });
        Ok(())
    }

    fn checked(&mut self, name: &AssetName, records: Vec<CheckRecord>) {
        let failed: Vec<String> =
            records.iter().filter(|record| record.blocks()).map(|record| record.check.clone()).collect();
        let version = self.visible.get(name).map(|version| version.id.clone());
        for record in records {
            self.record.tell(EventKind::CheckFinished {
                asset: name.clone(),
                record: record.clone(),
            });
            if let Some(version) = &version {
                self.record.batch.checks.push((name.clone(), version.clone(), record));
            }
        }
        if failed.is_empty() {
            self.done(name);
            return;
        }
        let message = format!("{} failed: {}", words::count(failed.len(), "check"), words::and(failed));
        self.settle(name, "failed", Some(message));
    }

    fn failed(&mut self, name: &AssetName, error: &JobError, ms: u64) {
        if let JobError::Engine(error) = error
            && error.is_interrupt()
        {
            self.settle(name, "skipped", Some("interrupted".to_owned()));
            return;
        }
        let project = self.options.project;
        let message = message(&project.root, &project.assets[name], &self.options.analysis.facts[name], error);
        self.finished.insert(name.clone(), ("failed", ms));
        self.settle(name, "failed", Some(message));
    }

    /// An asset is finished and may be published.
    fn done(&mut self, name: &AssetName) {
        self.progress.set(name, Status::Done);
        let (outcome, ms) = self.finished.get(name).copied().unwrap_or(("checked", 0));
        self.tell_outcome(name, outcome, ms, None);
    }

    /// An asset failed or was skipped.
    fn settle(&mut self, name: &AssetName, outcome: &'static str, message: Option<String>) {
        let status = if outcome == "failed" { Status::Failed } else { Status::Skipped };
        self.progress.set(name, status);
        let ms = self.finished.get(name).map_or(0, |(_, ms)| *ms);
        self.tell_outcome(name, outcome, ms, message);
        self.progress.versioned(name);
    }

    fn tell_outcome(&mut self, name: &AssetName, outcome: &'static str, ms: u64, message: Option<String>) {
        match outcome {
            "built" => self.counts.built += 1,
            "cut_off" => self.counts.cut_off += 1,
            "reused" => self.counts.reused += 1,
            "checked" => self.counts.checked += 1,
            "failed" => self.counts.failed += 1,
            _ => self.counts.skipped += 1,
        }
        let version = self.visible.get(name).filter(|_| !matches!(outcome, "failed" | "skipped"));
        let rows = version.and_then(|version| version.rows);
        let bytes = version.and_then(|version| version.data.as_ref()).map(|data| data.bytes);
        let id = version.map(|version| version.id.clone());
        self.record.tell(EventKind::StepFinished {
            asset: name.clone(),
            outcome: outcome.to_owned(),
            ms,
            rows,
            bytes,
            message: message.clone(),
        });
        if let Some(position) = self.positions.get(name) {
            let outcome = StepOutcome {
                outcome: outcome.to_owned(),
                started: self.begun.get(name).copied(),
                ms,
                version: id,
                message,
            };
            self.record.batch.steps.push((*position, outcome));
        }
    }

    /// Publishes what may be published; gives the exports that could not be put in place.
    fn end(&mut self) -> Result<Vec<String>, ApplyError> {
        let interrupted = self.options.cancel.is_asked();
        for name in self.progress.waiting() {
            self.settle(&name, "skipped", Some("interrupted".to_owned()));
        }
        let bad = self.progress.unpublishable(self.options.analysis);
        let may_publish = !interrupted && (bad.is_empty() || self.options.policy == Policy::Passed);
        if may_publish {
            let set: Vec<Version> = self
                .finished
                .iter()
                .filter(|(name, (outcome, _))| !bad.contains(*name) && matches!(*outcome, "built" | "reused"))
                .filter_map(|(name, _)| self.visible.get(name).cloned())
                .collect();
            let destroyed: Vec<AssetName> = self
                .options
                .plan
                .actions()
                .filter(|step| step.action == Action::Destroy)
                .map(|step| step.asset.clone())
                .collect();
            return self.publish(set, destroyed);
        }
        Ok(Vec::new())
    }

    /// Puts the end of the run on record, also if it could not go on.
    fn close(mut self, ended: Result<Vec<String>, ApplyError>, started: Instant) -> Result<Outcome, ApplyError> {
        let interrupted = self.options.cancel.is_asked();
        let failed = self.counts.failed > 0 || ended.as_ref().map_or(true, |exports| !exports.is_empty());
        let outcome = match (interrupted, failed) {
            (true, _) => "interrupted",
            (false, true) => "failed",
            (false, false) => "done",
        };
        let counts = self.counts;
        self.record.tell(EventKind::RunFinished {
            outcome: outcome.to_owned(),
            counts,
            ms: milliseconds(started),
        });
        self.record.sync()?;
        let batch = self.record.take();
        let json = serde_json::to_value(counts).expect("dp's own values have a JSON form");
        let now = self.options.clock.now();
        self.record.writer.finish_run(self.record.run, outcome, &json, now, &batch)?;
        Ok(Outcome {
            run: self.record.run,
            counts,
            interrupted,
            exports_failed: ended?,
        })
    }

    fn publish(&mut self, set: Vec<Version>, destroyed: Vec<AssetName>) -> Result<Vec<String>, ApplyError> {
        let options = self.options;
        for name in &destroyed {
            self.counts.destroyed += 1;
            self.record.tell(EventKind::StepFinished {
                asset: name.clone(),
                outcome: "destroyed".to_owned(),
                ms: 0,
                rows: None,
                bytes: None,
                message: None,
            });
            if let Some(position) = self.positions.get(name) {
                let outcome = StepOutcome {
                    outcome: "destroyed".to_owned(),
                    started: None,
                    ms: 0,
                    version: None,
                    message: None,
                };
                self.record.batch.steps.push((*position, outcome));
            }
        }
        self.counts.published = set.len();
        let request = publish::Request {
            project: options.project,
            snapshot: options.snapshot,
            environment: &options.plan.environment,
            positions: &self.positions,
            set,
            withdrawn: destroyed,
        };
        publish::publish(request, &mut self.record, self.main.as_mut())
    }
}

fn milliseconds(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Whether a version's files are what was recorded, by content.
fn is_intact(root: &Path, version: &Version) -> Result<bool, ApplyError> {
    for file in version.data.iter().chain(version.export.as_ref().map(|export| &export.file)) {
        let path = root.join(&file.path);
        if fs::stamp(&path)?.is_none() {
            return Ok(false);
        }
        let (hash, _, _) = fs::hash_file(&path)?;
        if Digest::from(hash) != file.hash {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Why a build failed, with the place in the user's file if the engine named one.
fn message(root: &Path, asset: &Asset, facts: &Facts, error: &JobError) -> String {
    match error {
        JobError::Engine(error) => {
            let error = error.relative_to(root);
            let place = asset.query().map(|query| match error.offset {
                Some(offset) => {
                    let offset = facts.located.as_ref().map_or(offset, |located| located.original(offset));
                    let (line, column) = query.sql.file().line_column(query.sql.locate(offset).start);
                    format!("{}:{line}:{column}: ", query.sql.file().path())
                }
                None => format!("{}:{}: ", query.sql.file().path(), query.sql.first_line()),
            });
            let place = place.unwrap_or_else(|| format!("{}: ", asset.file.path()));
            format!("{place}{}", error.message)
        }
        JobError::File(error) => error.to_string(),
        JobError::Observe(error) => error.to_string(),
    }
}
