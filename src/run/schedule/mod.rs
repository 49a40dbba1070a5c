//! Runs the builds and checks of a plan's steps, as many in parallel as allowed.

mod builds;
mod checks;
mod ending;
mod files;
mod rebind;
mod stored;
mod unlisted;
mod unread;
mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use self::stored::{Stored, changed_meanwhile};
use self::unread::{Pause, Unread};
use super::command::Surroundings;
use super::job::{BuildResult, JobError};
use super::progress::{Progress, Status, Work};
use super::record::Record;
use super::recover::{CHANGED, MISSING};
use super::verify::Verified;
use super::{ApplyError, Counts, Event, EventKind};
use crate::base::clock::Clock;
use crate::base::{fs, layout, trace};
use crate::facts::{Analysis, Facts};
use crate::ledger::sqlite::Writer;
use crate::model::{
    AssetName, ByHand, CheckRecord, Observed, RunStart, Schema, StepIntent, StepOutcome, Version, VersionId,
};
use crate::observe::Remembered;
use crate::plan::{Action, Demand, Inputs, Plan, Step, known};
use crate::project::{Asset, Project};
use crate::publish::local::release::whole_catalogue;
use crate::seam::{Builder, CatalogueWriter, EngineError, Snapshot};

/// What is published when a step failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Nothing.
    #[default]
    All,
    /// The assets that passed, if everything upstream of them passed.
    Passed,
}

/// The purpose of a run.
#[derive(Clone, Debug, Default)]
pub enum Purpose {
    /// To publish the results of its steps.
    #[default]
    Publish,
    /// To check what is published, whatever results are recorded, and to publish nothing.
    Check {
        /// The result of reading every byte.
        verified: Verified,
    },
    /// To publish the rows of a file as the version of its only step.
    Take(Taken),
    /// To give an asset its new name.
    Move {
        /// The reason that the user gave.
        reason: String,
    },
    /// To remove the pointers of its steps, and nothing else.
    Forget {
        /// The reason that the user gave.
        reason: String,
    },
}

/// A file whose rows become a version.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The query that returns its rows, in the types of the asset.
    pub sql: String,
    /// The absolute path of the file.
    pub file: PathBuf,
    /// Whether its bytes are the asset's export too.
    pub is_export: bool,
    /// The reason and the origin that the user gave.
    pub by_hand: ByHand,
}

/// Asks a run to stop.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    asked: Arc<AtomicBool>,
    notify: Arc<Notify>,
}

impl Cancel {
    /// Asks the run to stop: no new step starts, and running steps are cancelled.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        self.notify.notify_one();
    }

    /// Whether the run was asked to stop.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }
}

/// The input of an apply.
pub struct ApplyOptions<'a> {
    /// The project.
    pub project: &'a Project,
    /// The analysis of the project.
    pub analysis: Arc<Analysis>,
    /// Repeats the analysis once the columns of programs' tables are known.
    pub rebind: &'a Rebind<'a>,
    /// The state of the paths that programs depend on.
    pub observed: &'a Observed,
    /// The environment that programs run in.
    pub surroundings: Arc<Surroundings>,
    /// The plan to execute.
    pub plan: &'a Plan,
    /// The state when the plan was made.
    pub snapshot: &'a Snapshot,
    /// File hashes that were computed for the plan.
    pub remembered: BTreeMap<String, Remembered>,
    /// The maximum number of assets that are worked on in parallel.
    pub jobs: usize,
    /// The purpose of the run.
    pub purpose: Purpose,
    /// What is published when a step failed.
    pub policy: Policy,
    /// Who started the run; [`run`] fills in the steps.
    pub start: RunStart,
    /// The clock.
    pub clock: Clock,
    /// The handle that stops the run.
    pub cancel: Cancel,
}

/// Binds the project again, given the columns of programs' tables. Mistakes in downstream assets are among the
/// problems.
pub type Rebind<'a> = dyn Fn(&BTreeMap<AssetName, Schema>) -> Result<Analysis, EngineError> + 'a;

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The id of the run.
    pub run: crate::model::RunId,
    /// The number of assets per outcome.
    pub counts: Counts,
    /// Whether the user stopped the run.
    pub interrupted: bool,
    /// What was published and could not be put in place, with the reason.
    pub not_in_place: Vec<String>,
}

impl Outcome {
    /// Whether a step failed or something published could not be put in place.
    pub fn failed(&self) -> bool {
        self.counts.failed > 0 || !self.not_in_place.is_empty()
    }
}

/// Executes a plan.
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
    options.start.plan = Some(options.plan.digest());
    let started = Instant::now();
    let beginning = trace::phase("start the run");
    let root = options.project.root.clone();
    fs::create_folder(&root.join(layout::STORE), false)?;
    fs::create_folder(&root.join(layout::TEMPORARY), true)?;
    // dp renames versions from one folder into the other.
    fs::expect_one_disk(&root.join(layout::TEMPORARY), &root.join(layout::STORE))?;
    let mut record = Record::begin(writer, &options.start, sink, root, options.clock)?;
    if !options.plan.left_out.is_empty() {
        record.tell(EventKind::LeftOut {
            assets: options.plan.left_out.clone(),
        });
    }
    note_damage(&options, &mut record)?;
    let contents =
        options.snapshot.published.iter().map(|(name, published)| (name.clone(), known(&published.version))).collect();
    let mut worker = Worker {
        steps: options.plan.steps.iter().map(|step| (&step.asset, step)).collect(),
        positions: steps.iter().enumerate().map(|(index, step)| (step.asset.clone(), index)).collect(),
        progress: Progress::new(options.plan, &options.analysis),
        contents,
        demand: Demand::new(options.project, &options.analysis, options.snapshot),
        analysis: Arc::clone(&options.analysis),
        rebound: BTreeMap::new(),
        unbindable: BTreeMap::new(),
        visible: options
            .snapshot
            .published
            .iter()
            .map(|(name, published)| (name.clone(), published.version.clone()))
            .collect(),
        related: BTreeMap::new(),
        finished: BTreeMap::new(),
        begun: BTreeMap::new(),
        counts: Counts {
            held_back: options.plan.held_back().count(),
            ..Counts::default()
        },
        idle: Vec::new(),
        catalogue: matches!(options.purpose, Purpose::Publish)
            .then(|| builder.catalogues().ahead(whole_catalogue(&options.project.root, &options.plan.environment))),
        main: builder,
        cancellers: BTreeMap::new(),
        stored: Stored::default(),
        unread: Unread::default(),
        record,
        options: &options,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .thread_stack_size(STACK)
        .build()
        .map_err(ApplyError::Threads)?;
    drop(beginning);
    let result = {
        let _phase = trace::phase("build and check");
        runtime.block_on(worker.work())
    };
    runtime.shutdown_background();
    let ended = {
        let _phase = trace::phase("publish");
        result.and_then(|()| worker.end())
    };
    let _phase = trace::phase("end the run");
    worker.close(ended, started)
}

/// Records which published versions the plan found damaged, so that no other environment uses them either.
fn note_damage(options: &ApplyOptions<'_>, record: &mut Record<'_>) -> Result<(), ApplyError> {
    for drift in &options.plan.drift {
        let published = drift.asset.as_ref().and_then(|asset| options.snapshot.published.get(asset));
        let Some(published) = published.filter(|published| published.damaged.is_none()) else {
            continue;
        };
        if published.version.stored_files().any(|file| file.path == *drift.path) {
            let reason = if drift.what == "missing" { MISSING } else { CHANGED };
            record.damaged(&published.version, &drift.path, reason);
        }
    }
    if let Purpose::Check { verified } = &options.purpose {
        for damage in verified.damaged.iter().filter(|damage| !damage.known) {
            record.damaged(&damage.version, &damage.path, &damage.reason);
        }
        for version in &verified.restored {
            record.restored(version);
        }
    }
    record.write()
}

/// The interval after which running work is asked again to stop.
const AGAIN: std::time::Duration = std::time::Duration::from_millis(50);

/// Binding deeply nested queries needs a large stack.
const STACK: usize = 64 << 20;

fn intent(step: &Step) -> StepIntent {
    StepIntent {
        asset: step.asset.clone(),
        action: step.action.word().to_owned(),
        reasons: serde_json::to_value(&step.reasons).expect("dp's own values have a JSON form"),
        version: match step.action {
            // A version to reuse may turn out damaged, and it is never overwritten. A renamed asset gets another
            // version with the same bytes.
            Action::Create | Action::Rebuild | Action::Maybe | Action::Reuse => Some(VersionId::random()),
            Action::Check | Action::Settings | Action::Destroy | Action::Unchanged => None,
        },
    }
}

/// A result from a worker thread, with the engine that it used.
enum Answer {
    Built(AssetName, Box<Result<BuildResult, JobError>>, u64),
    Checked(AssetName, Result<Vec<CheckRecord>, EngineError>, u64),
}

struct Worker<'a> {
    /// All steps of the plan.
    steps: BTreeMap<&'a AssetName, &'a Step>,
    options: &'a ApplyOptions<'a>,
    /// The current analysis: it grows as programs leave tables.
    analysis: Arc<Analysis>,
    /// Columns of the tables that programs made in this run.
    rebound: BTreeMap<AssetName, Schema>,
    /// Assets that can't read what programs made, with the reason.
    unbindable: BTreeMap<AssetName, String>,
    record: Record<'a>,
    progress: Progress,
    contents: Inputs,
    /// The column sets that are fingerprinted.
    demand: Demand,
    /// The version that each asset has in this run.
    visible: BTreeMap<AssetName, Version>,
    /// The version that each name stands for in the engine now.
    related: BTreeMap<AssetName, VersionId>,
    /// The outcome so far, with its duration in milliseconds, of assets whose checks may still run.
    finished: BTreeMap<AssetName, (&'static str, u64)>,
    /// When work on each asset started.
    begun: BTreeMap<AssetName, Timestamp>,
    /// The position of each asset's step in the state.
    positions: BTreeMap<AssetName, usize>,
    counts: Counts,
    idle: Vec<Box<dyn Builder>>,
    main: Box<dyn Builder>,
    /// The engine that writes the catalogue; it opens in the background.
    catalogue: Option<Box<dyn CatalogueWriter>>,
    cancellers: BTreeMap<AssetName, Box<dyn Fn() + Send + Sync>>,
    /// What was read from the store.
    stored: Stored,
    /// Work whose file use the engine has noted and dp has not read yet.
    unread: Unread,
}

impl Worker<'_> {
    /// The file whose rows become a version, if that is the run's purpose.
    fn taken(&self) -> Option<&Taken> {
        match &self.options.purpose {
            Purpose::Take(taken) => Some(taken),
            _ => None,
        }
    }
}

type Running = JoinSet<(Answer, Box<dyn Builder>)>;

impl Worker<'_> {
    async fn work(&mut self) -> Result<(), ApplyError> {
        let mut running: Running = JoinSet::new();
        loop {
            let pause = self.unread.pause(running.is_empty());
            if pause == Pause::Over {
                self.engine_effects()?;
            }
            let may_begin = !self.options.cancel.is_asked() && !matches!(pause, Pause::For(_));
            while may_begin && running.len() < self.options.jobs.max(1) {
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
                        self.unread.pieces += 1;
                        self.idle.push(builder);
                        self.take(answer)?;
                    }
                    Some(Err(error)) => {
                        if let Ok(panic) = error.try_into_panic() {
                            std::panic::resume_unwind(panic);
                        }
                    }
                },
                () = notified.notified() => self.cancel_running(),
                () = tokio::time::sleep(pause.left()), if matches!(pause, Pause::For(_)) => {}
                // A worker between two statements misses the interrupt, so it is sent again.
                () = tokio::time::sleep(AGAIN), if self.options.cancel.is_asked() => self.cancel_running(),
            }
            self.record.write_if_due()?;
        }
    }

    fn cancel_running(&self) {
        for cancel in self.cancellers.values() {
            cancel();
        }
    }

    fn take(&mut self, answer: Answer) -> Result<(), ApplyError> {
        match answer {
            Answer::Built(name, result, ms) => {
                self.cancellers.remove(&name);
                let inputs = self.analysis.facts[&name].inputs.clone();
                match (*result, self.changed_input(&inputs)?) {
                    (Ok(result), None) => self.built(&name, result, ms)?,
                    (Ok(_), Some(path)) => self.failed(&name, &changed_meanwhile(&path), ms),
                    (Err(error), _) => self.failed(&name, &error, ms),
                }
            }
            Answer::Checked(name, result, ms) => {
                self.cancellers.remove(&name);
                let checks = &self.analysis.facts[&name].checks;
                let inputs: BTreeSet<AssetName> = checks.iter().flat_map(|check| check.inputs.clone()).collect();
                match (result, self.changed_input(&inputs)?) {
                    (Ok(records), None) => self.checked(&name, records),
                    (Ok(_), Some(path)) => self.failed(&name, &changed_meanwhile(&path), ms),
                    (Err(error), _) => self.failed(&name, &JobError::Engine(error), ms),
                }
            }
        }
        Ok(())
    }

    fn failed(&mut self, name: &AssetName, error: &JobError, ms: u64) {
        // On a full disk this frees space for other steps. The next run removes what remains.
        let building = layout::building_folder(&self.intended_version(name));
        drop(fs::remove_folder(&self.options.project.root.join(building)));
        let trouble = match error {
            JobError::Program(trouble) => Some(trouble),
            _ => None,
        };
        if let Some(trouble) = trouble {
            self.seen(name, &trouble.effects, &trouble.notices);
        }
        let interrupted = match error {
            JobError::Engine(error) => error.is_interrupt(),
            _ => trouble.is_some_and(|trouble| trouble.interrupted),
        };
        if interrupted {
            self.settle(name, "skipped", Some(crate::run::INTERRUPTED.to_owned()));
            return;
        }
        let project = self.options.project;
        let message = message(&project.root, &project.assets[name], &self.analysis.facts[name], error);
        self.finished.insert(name.clone(), ("failed", ms));
        self.settle(name, "failed", Some(message));
    }

    /// Marks an asset as finished and publishable.
    fn done(&mut self, name: &AssetName) {
        self.progress.set(name, Status::Done);
        let (outcome, ms) = self.finished.get(name).copied().unwrap_or(("checked", 0));
        self.tell_outcome(name, outcome, ms, None);
    }

    /// Marks an asset as failed or skipped.
    fn settle(&mut self, name: &AssetName, outcome: &'static str, message: Option<String>) {
        let status = if outcome == "failed" { Status::Failed } else { Status::Skipped };
        self.progress.set(name, status);
        let ms = self.finished.get(name).map_or(0, |(_, ms)| *ms);
        self.tell_outcome(name, outcome, ms, message);
        self.progress.versioned(name);
    }

    /// Takes an asset's outcome back from the counts: the asset can't be published after all.
    fn take_back(&mut self, name: &AssetName) {
        match self.finished.get(name).map(|(outcome, _)| *outcome) {
            Some("built") => self.counts.built -= 1,
            Some("reused") => self.counts.reused -= 1,
            _ => {}
        }
        let ms = self.finished.get(name).map_or(0, |(_, ms)| *ms);
        self.finished.insert(name.clone(), ("failed", ms));
    }

    fn tell_outcome(&mut self, name: &AssetName, outcome: &'static str, ms: u64, message: Option<String>) {
        match outcome {
            "built" => self.counts.built += 1,
            "cut_off" => self.counts.cut_off += 1,
            "reused" => self.counts.reused += 1,
            "checked" => self.counts.checked += 1,
            "settings" => self.counts.settings += 1,
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
}

fn milliseconds(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Returns why a build failed, with the place in the user's file if the engine named one.
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
        JobError::Process(error) => error.to_string(),
        JobError::Program(trouble) => format!("{}: {}", asset.file.path(), trouble.message),
        JobError::Stored(why) => why.clone(),
        JobError::Contract(why) => format!("{}: {why}", asset.file.path()),
        JobError::Rows { looked, read } => format!(
            "the engine read {}, but the files contain {}; report this bug of dp with the files",
            crate::base::text::count(usize::try_from(*read).unwrap_or(usize::MAX), "row"),
            crate::base::text::grouped(*looked)
        ),
    }
}
