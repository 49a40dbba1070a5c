//! Shared by all commands: the project, the state and the engine, each opened on demand.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::error::CliError;
use super::key;
use super::memory::CachedMemory;
use super::trees::KnownTrees;
use super::{Color, Environment, Global};
use crate::analyze::{self, AnalyzeOptions, PublishedSources, RecordedColumns, Secrets, SqlError};
use crate::base::clock::Clock;
use crate::base::diagnostic::{Problem, Problems};
use crate::base::fault::Point;
use crate::base::{fs, layout, text, trace};
use crate::cache::{Cache, StampedFile};
use crate::definition::ZONE_DATA;
use crate::engine::duckdb::session::SETTINGS;
use crate::engine::duckdb::{DuckAnalyst, SessionOptions, time_zone_data};
use crate::facts::Analysis;
use crate::ledger::sqlite::{Reader, StoreError};
use crate::model::{
    Aspect, AssetName, Digest, EnvironmentName, Observed, ObservedInput, PathState, PublishedSource, Schema,
    ShownChange, ShownState, Version,
};
use crate::observe::{self, FileHasher, Remembered};
use crate::plan::{self, Plan, PlanRequest, Warning};
use crate::project::{self, Asset, LoadOptions, Loaded, Project, ProjectError};
use crate::publish::local::links::Links;
use crate::publish::local::release::Release;
use crate::run::Surroundings;
use crate::seam::{EngineError, ErrorKind, LedgerRead, Snapshot};
use crate::ui::{self, ColorChoice, Ui, UiOptions, Verbosity};
use crate::view::{self, Theme, Waiting};

/// The context of a command line.
pub struct Session {
    pub global: Global,
    pub ui: Ui,
    pub clock: Clock,
    /// The command line without the program's name.
    pub words: Vec<String>,
    /// Whether `--json` prints one object per line.
    pub gives_lines: bool,
    folder: PathBuf,
    /// dp's own environment variables.
    variables: BTreeMap<String, String>,
}

/// A project, with everything that is known of it before anything runs.
pub struct Known {
    pub project: Project,
    pub analysis: Arc<Analysis>,
    pub hasher: FileHasher,
    /// What exists on the disk, once a plan was made.
    pub observed: Observed,
    /// The environment that programs run in.
    pub surroundings: Arc<Surroundings>,
    /// Assets whose files could not be parsed.
    unread: BTreeSet<AssetName>,
    /// Assets and files with a mistake that was found without the engine.
    pub(super) mistaken: BTreeSet<String>,
    secrets: Secrets,
    recorded: RecordedColumns,
    published: PublishedSources,
}

/// The state of an environment, and the damage to its published links.
pub struct Recorded {
    pub snapshot: Snapshot,
    shown: Vec<ShownState>,
}

impl Recorded {
    fn read(project: &Project, reader: Option<&Reader>) -> Result<Self, CliError> {
        let snapshot = on_record(reader, &project.settings.environment)?;
        let shown = shown(project, &snapshot)?;
        Ok(Self { snapshot, shown })
    }
}

impl Known {
    /// Returns all files that the project's queries read, absolute and without links.
    pub fn readable(&self) -> Vec<PathBuf> {
        let facts = self.analysis.facts.values();
        let files: BTreeSet<PathBuf> =
            facts.flat_map(|facts| &facts.files).flat_map(|file| self.project.reachable(&file.path)).collect();
        files.into_iter().collect()
    }

    /// Repeats the analysis with the known columns of programs' tables.
    pub fn rebound(&self, columns: &BTreeMap<AssetName, Schema>) -> Result<Analysis, EngineError> {
        let mut recorded = self.recorded.clone();
        for (name, schema) in columns {
            if let Some(facts) = self.analysis.facts.get(name) {
                recorded.entry(name.clone()).or_default().insert(0, (facts.definition.clone(), schema.clone()));
            }
        }
        let mut hasher = FileHasher::new(&self.project.root, self.hasher.fresh().clone());
        let declared = (&self.unread, &self.mistaken);
        analyzed(&self.project, declared, &self.secrets, (&recorded, &self.published), &mut hasher)
    }
}

/// Analyzes a project, and caches the engine's answers.
fn analyzed(
    project: &Project,
    (broken, mistaken): (&BTreeSet<AssetName>, &BTreeSet<String>),
    secrets: &Secrets,
    (recorded, published): (&RecordedColumns, &PublishedSources),
    hasher: &mut FileHasher,
) -> Result<Analysis, EngineError> {
    let _phase = trace::phase("ask what it means");
    let mut cache = Cache::open(&project.dp_folder());
    let mut settings: BTreeMap<String, String> =
        SETTINGS.iter().map(|(name, value)| ((*name).to_owned(), value.trim_matches('\'').to_owned())).collect();
    settings.insert("TimeZone".to_owned(), project.settings.timezone.clone());
    settings.insert(ZONE_DATA.to_owned(), time_zone_data().to_owned());
    let mut analyst = DuckAnalyst::new(engine_options(project, Vec::new()));
    let mut memory = CachedMemory::new(&cache);
    let reader = OnceCell::new();
    let mut analysis = analyze::analyze(
        &AnalyzeOptions {
            project,
            broken,
            mistaken,
            shown: &|asset| shown_schema(project, asset, &reader),
            settings,
            secrets,
            recorded,
            published,
        },
        &mut analyst,
        &mut memory,
        hasher,
    )?;
    let _phase = trace::phase("remember");
    for (kind, answers) in memory.into_fresh() {
        cache.put_many(&kind, &answers);
    }
    cache.put_stamps(&stamps(hasher));
    let trees = KnownTrees::new(project.dp_folder(), engine_options(project, Vec::new()));
    analysis.trees = Some(Arc::new(trees));
    Ok(analysis)
}

/// Returns the screen that the arguments and the environment request.
pub(super) fn ui(global: &Global, environment: &Environment) -> Ui {
    let color = match global.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    let verbosity = if global.quiet {
        Verbosity::Quiet
    } else if global.verbose {
        Verbosity::Verbose
    } else {
        Verbosity::Normal
    };
    let screen = ui::Environment::read(|name| environment.variables.get(name).cloned());
    Ui::new(UiOptions { color, verbosity }, &screen)
}

impl Session {
    pub fn new(global: Global, ui: Ui, environment: &Environment, words: Vec<String>) -> Self {
        let clock = environment
            .variables
            .get("__DP_TEST_NOW")
            .and_then(|text| text.parse().ok())
            .map_or(Clock::System, Clock::Fixed);
        Self {
            global,
            ui,
            clock,
            words,
            gives_lines: false,
            folder: environment.folder.clone(),
            variables: environment.variables.clone(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn theme(&self) -> Theme {
        *self.ui.theme()
    }

    pub fn theme_of_errors(&self) -> Theme {
        *self.ui.status_theme()
    }

    /// Shows the current phase on a terminal until the value is dropped.
    fn waiting(&self) -> Waiting {
        let says = || {
            let doing = trace::now().filter(|doing| doing.name != "all")?;
            Some(match doing.of {
                0 => doing.name.to_owned(),
                of => {
                    let of = text::grouped(of as u64);
                    format!("{}: {} of {of}", doing.name, text::grouped(doing.done as u64))
                }
            })
        };
        Waiting::new(self.ui.bars(), self.ui.status_theme(), says)
    }

    /// Prints the duration of each phase, if it was measured.
    pub fn tell_phases(&self) {
        let phases = trace::phases();
        if phases.is_empty() {
            return;
        }
        let mut text = format!("{:>10}\n", "ms");
        for phase in phases {
            let indent = "  ".repeat(phase.depth + 1);
            text.push_str(&format!("{:>10.1}{indent}{}\n", phase.took.as_secs_f64() * 1000.0, phase.name));
        }
        self.ui.report(&text);
    }

    /// Prints a result on stdout.
    pub fn out(&self, text: &str) -> Result<(), CliError> {
        self.ui.out(text).map_err(cannot_write)
    }

    /// Prints a result for other programs unchanged; on a terminal, control characters are escaped.
    pub fn out_exact(&self, text: &str) -> Result<(), CliError> {
        if self.ui.is_terminal() { self.out(&view::plain(text)) } else { self.out(text) }
    }

    /// Prints a result of whole sentences, wrapped to the screen.
    pub fn say(&self, text: &str) -> Result<(), CliError> {
        self.out(&view::wrap(text, self.theme().width).join("\n"))
    }

    /// Returns the absolute form of a path that the user wrote.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// Prints an error as JSON on stdout; on one line if the result has one object per line.
    pub fn json_error(&self, value: &serde_json::Value) -> Result<(), CliError> {
        if self.gives_lines { self.out(&view::json_line(value)) } else { self.json(value) }
    }

    /// Prints a JSON result on stdout.
    pub fn json(&self, value: &serde_json::Value) -> Result<(), CliError> {
        self.out(&format!("{}\n", view::json_text(value)))
    }

    /// Returns the folder of the nearest `dp.toml`.
    pub fn root(&self) -> Result<PathBuf, CliError> {
        if let Some(project) = &self.global.project {
            let root = self.absolute(project);
            if fs::exists(&root.join("dp.toml")) {
                return Ok(root);
            }
            let folder = root.display().to_string();
            return Err(Problem::without_file(ProjectError::NotThere { folder }).into());
        }
        let mut folder = self.folder.as_path();
        loop {
            if fs::exists(&folder.join("dp.toml")) {
                return Ok(folder.to_owned());
            }
            match folder.parent() {
                Some(parent) => folder = parent,
                None => {
                    return Err(Problem::without_file(ProjectError::NotFound {
                        folder: self.folder.display().to_string(),
                    })
                    .into());
                }
            }
        }
    }

    /// Returns the requested environment.
    ///
    /// # Errors
    /// If the name is not a valid environment name.
    pub fn environment(&self) -> Result<EnvironmentName, CliError> {
        let name = &self.global.env;
        name.parse().map_err(|_| Problem::without_file(ProjectError::unknown_environment(name, [])).into())
    }

    /// Returns the project's `.dp` folder.
    ///
    /// # Errors
    /// If the folder is a link or contains one.
    pub fn dp_folder(&self) -> Result<PathBuf, CliError> {
        let folder = fs::canonicalize(&self.root()?)?.join(".dp");
        no_links(&folder)?;
        Ok(folder)
    }

    /// Opens the state, if it exists. Recovers an unfinished run first, if no other process holds the lock.
    pub fn reader(&self) -> Result<Option<Reader>, CliError> {
        let folder = self.dp_folder()?;
        let reader = Reader::open(&folder)?;
        if let Some(reader) = &reader
            && reader.has_unfinished_runs()?
        {
            super::recovery::in_passing(self, &folder);
        }
        Ok(reader)
    }

    fn load(&self, request: &PlanRequest) -> Result<Loaded, CliError> {
        let _phase = trace::phase("read the project");
        let options = LoadOptions {
            environment: request.environment.clone(),
            variables: request.variables.clone(),
        };
        let loaded = project::load(&self.root()?, &options)?;
        if let Some(project) = &loaded.project {
            no_links(&project.dp_folder())?;
        }
        Ok(loaded)
    }

    /// Parses only the project's files, for commands that read what is published. Mistakes of the project matter only
    /// if nothing can be parsed.
    ///
    /// # Errors
    /// If the environment is neither declared nor recorded.
    pub fn declared(&self) -> Result<(Project, BTreeSet<AssetName>), CliError> {
        let request = self.request(&[], &[], false);
        let (project, broken) = self.declared_in(&request)?;
        // A text that is no name is not that of the project's environment.
        expect_environment(&request.environment, &project)?;
        Ok((project, broken))
    }

    /// Checks an explicitly given environment, for commands that do not use the project's files.
    pub fn expect_said_environment(&self) -> Result<(), CliError> {
        if !self.global.env_is_given {
            return Ok(());
        }
        match self.load(&self.request(&[], &[], false))?.project {
            Some(project) => match expect_environment(&self.global.env, &project) {
                Err(error @ CliError::Problems(_)) => Err(error),
                // The command itself reports a state that can't be read, or repairs it.
                Err(CliError::Other(..)) | Ok(()) => Ok(()),
            },
            // The environment can't be checked, but the state can still be shown.
            None => Ok(()),
        }
    }

    /// Parses only the project's files, with the environment and the variables of a request. The environment may be
    /// new.
    pub fn declared_in(&self, request: &PlanRequest) -> Result<(Project, BTreeSet<AssetName>), CliError> {
        let loaded = self.load(request)?;
        match loaded.project {
            Some(project) => Ok((project, loaded.broken)),
            None => Err(CliError::Problems(loaded.problems)),
        }
    }

    /// Reads and analyzes the project.
    ///
    /// # Errors
    /// All mistakes of the project at once, if the request covers all assets. For a request that covers some assets,
    /// see `mistakes.rs`.
    pub fn known(&mut self, request: &PlanRequest) -> Result<Known, CliError> {
        Ok(self.known_beside(request, None::<fn(&Project)>)?.0)
    }

    /// Analyzes the project and reads the state; see [`Self::known_beside_record`].
    pub fn known_and_recorded(&mut self, request: &PlanRequest) -> Result<(Known, Option<Reader>, Recorded), CliError> {
        match self.reader() {
            Ok(reader) => self.known_beside_record(request, reader),
            Err(error) => Err(self.known(request).err().unwrap_or(error)),
        }
    }

    /// Analyzes the project, while `reader` reads the state of the environment and its published links are inspected.
    ///
    /// # Errors
    /// All mistakes of the project at once; if there are none, the error of the state.
    pub fn known_beside_record(
        &mut self,
        request: &PlanRequest,
        reader: Option<Reader>,
    ) -> Result<(Known, Option<Reader>, Recorded), CliError> {
        let beside = |project: &Project| Recorded::read(project, reader.as_ref()).map(|recorded| (reader, recorded));
        let (known, found) = self.known_beside(request, Some(beside))?;
        let (reader, mut recorded) = found.expect("it was asked for")?;
        if let Some(reader) = &reader
            && !reader.is_at(&recorded.snapshot)?
        {
            // A run published something meanwhile, and the next files to inspect may belong to it.
            recorded = Recorded::read(&known.project, Some(reader))?;
        }
        Ok((known, reader, recorded))
    }

    /// Analyzes a project, and runs `beside` on another thread at the same time.
    fn known_beside<T: Send>(
        &mut self,
        request: &PlanRequest,
        beside: Option<impl FnOnce(&Project) -> T + Send>,
    ) -> Result<(Known, Option<T>), CliError> {
        let _waiting = self.waiting();
        let loaded = self.load(request)?;
        let Some(project) = loaded.project else {
            return Err(CliError::Problems(loaded.problems));
        };
        let known = remembered_sources(&Cache::open(&project.dp_folder()), &project);
        let mut hasher = FileHasher::new(&project.root, known);
        let secrets = self.secrets(&project)?;
        let recorded = recorded_columns(&project)?;
        let published = published_sources(&project)?;
        let mut problems = loaded.problems;
        let mistaken = problems.mistaken();
        let (analysis, found) = std::thread::scope(|scope| {
            let beside = beside.map(|beside| scope.spawn(|| beside(&project)));
            let declared = (&loaded.broken, &mistaken);
            let analysis = analyzed(&project, declared, &secrets, (&recorded, &published), &mut hasher);
            let _phase = beside.is_some().then(|| trace::phase("wait for the record"));
            let found = beside.map(|beside| beside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            (analysis, found)
        });
        let mut analysis = match analysis {
            Ok(analysis) => analysis,
            Err(EngineError {
                kind: ErrorKind::UnknownTimeZone(similar),
                ..
            }) => {
                problems.push(Problem::in_file(
                    &project.file,
                    SqlError::Timezone {
                        timezone: project.settings.timezone.clone(),
                        help: timezone_help(similar.as_deref()),
                        span: project.settings.timezone_span.clone().unwrap_or(0..0),
                    },
                ));
                return Err(CliError::Problems(problems));
            }
            Err(error) => return Err(error.into()),
        };
        problems.extend(std::mem::take(&mut analysis.problems));
        if problems.is_fatal() || problems.has_errors() && request.is_whole() {
            return Err(CliError::Problems(self.with_edits(problems, &project, &analysis)));
        }
        analysis.problems = problems;
        let known = Known {
            surroundings: Arc::new(Surroundings::new(&project, &self.variables)),
            project,
            analysis: Arc::new(analysis),
            hasher,
            observed: Observed::default(),
            unread: loaded.broken,
            mistaken,
            secrets,
            recorded,
            published,
        };
        Ok((known, found))
    }

    /// Returns the values of dp's own environment, and the key of the project. The key is created only for a program
    /// that uses such a value.
    fn secrets(&self, project: &Project) -> Result<Secrets, CliError> {
        let mut secrets = Secrets {
            values: self.variables.clone(),
            key: [0; 32],
        };
        if !analyze::secret_names(project).is_empty() {
            secrets.key = key::of_project(&project.dp_folder())?;
        }
        Ok(secrets)
    }

    /// Adds to problems of queries the edits of other assets that caused them.
    pub(super) fn with_edits(&self, problems: Problems, project: &Project, analysis: &Analysis) -> Problems {
        if !problems.sorted().iter().any(|problem| problem.reading().is_some()) {
            return problems;
        }
        // Without a readable state, the problems stay unchanged.
        let Ok(Some(reader)) = self.reader() else {
            return problems;
        };
        let Ok(snapshot) = reader.snapshot(&project.settings.environment) else {
            return problems;
        };
        problems
            .map(|problem| plan::with_edit(problem.clone(), project, analysis, &snapshot, &reader).unwrap_or(problem))
    }

    /// Makes the plan for a request.
    pub fn plan(
        &self,
        known: &mut Known,
        snapshot: &Snapshot,
        catalogue: &dyn LedgerRead,
        request: &PlanRequest,
    ) -> Result<Plan, CliError> {
        let _waiting = self.waiting();
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
    ) -> Result<Plan, CliError> {
        let _waiting = self.waiting();
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
    ) -> Result<Plan, CliError> {
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
    ) -> Result<Plan, CliError> {
        known.observed = observed;
        known.observed.paths = observed_paths(known, snapshot, catalogue)?;
        let project = &known.project;
        let meant = self.meant(known, snapshot.published.keys(), request)?;
        let options = plan::Options {
            selection: meant.selection,
            replace: meant.replace,
            destroy: request.destroy,
            resume: request.resume,
            now: self.now(),
        };
        let _phase = trace::phase("decide");
        let mut plan = plan::build(project, &known.analysis, snapshot, &known.observed, catalogue, &options)?;
        plan.warnings.extend(elsewhere(project, snapshot));
        plan.warnings.extend(lost_record(project, snapshot)?);
        plan.left_out = meant.left_out;
        Ok(plan)
    }

    /// Returns the request of the global arguments.
    pub fn request(&self, selectors: &[String], replace: &[String], destroy: bool) -> PlanRequest {
        PlanRequest {
            environment: self.global.env.clone(),
            variables: self.global.variables.clone(),
            selectors: selectors.to_vec(),
            replace: replace.to_vec(),
            destroy,
            resume: false,
            keep_going: false,
        }
    }

    /// Returns the request of a command for one asset, or of a command that answers as much as it can.
    pub fn request_in_part(&self) -> PlanRequest {
        PlanRequest {
            keep_going: true,
            ..self.request(&[], &[], false)
        }
    }
}

/// Returns an error if the `.dp` folder is a link or contains one: dp would change the target.
fn no_links(dp_folder: &Path) -> Result<(), CliError> {
    match fs::own_link(dp_folder)? {
        None => Ok(()),
        Some(path) => Err(StoreError::Link { path }.into()),
    }
}

/// Returns the recorded columns of programs' outputs.
fn recorded_columns(project: &Project) -> Result<RecordedColumns, CliError> {
    let made = |asset: &&Asset| asset.command().is_some() || asset.output_table().is_some();
    let mut recorded = RecordedColumns::new();
    let mut reader = None;
    for asset in project.assets.values().filter(made) {
        if reader.is_none() {
            reader = Reader::open(&project.dp_folder())?;
        }
        let Some(reader) = &reader else {
            break;
        };
        let versions = reader.newest_versions(&asset.name, plan::MOST_CANDIDATES)?;
        let columns = versions.into_iter().map(|version| (version.definition, version.schema)).collect();
        recorded.insert(asset.name.clone(), columns);
    }
    Ok(recorded)
}

/// Returns the published columns of an asset; `None` also if the state can't be read, which other calls report.
fn shown_schema(project: &Project, asset: &AssetName, reader: &OnceCell<Option<Reader>>) -> Option<Schema> {
    let reader = reader.get_or_init(|| Reader::open(&project.dp_folder()).ok().flatten());
    let version = reader.as_ref()?.published_version(&project.settings.environment, asset).ok()??;
    Some(version.schema)
}

/// Returns how the published sources of the environment were read.
fn published_sources(project: &Project) -> Result<PublishedSources, CliError> {
    let mut published = PublishedSources::new();
    let Some(reader) = Reader::open(&project.dp_folder())? else {
        return Ok(published);
    };
    for asset in project.assets.values().filter(|asset| asset.source().is_some()) {
        let version = reader.published_version(&project.settings.environment, &asset.name)?;
        if let Some(Version {
            definition,
            schema,
            reading: Some(reading),
            ..
        }) = version
        {
            let source = PublishedSource {
                definition,
                schema,
                reading,
            };
            published.insert(asset.name.clone(), source);
        }
    }
    Ok(published)
}

/// Returns hashes of source files that an earlier command cached.
fn remembered_sources(cache: &Cache, project: &Project) -> BTreeMap<String, Remembered> {
    let mut paths: Vec<String> = Vec::new();
    for asset in project.assets.values() {
        if let Some(source) = asset.source() {
            paths.extend(observe::matching(&project.root, &source.path).unwrap_or_default());
        }
        for (pattern, _) in asset.command().into_iter().flat_map(|command| &command.code) {
            paths.extend(observe::matching(&project.root, pattern).unwrap_or_default());
        }
    }
    if project.assets.values().any(|asset| asset.command().is_some()) {
        // The files of programs are resolved later.
        paths.extend(cache.absolute_paths());
    }
    remembered(cache.stamps(paths.iter().map(String::as_str)))
}

fn remembered(stamps: BTreeMap<String, StampedFile>) -> BTreeMap<String, Remembered> {
    stamps
        .into_iter()
        .map(|(path, file)| {
            let remembered = Remembered {
                stamp: file.stamp,
                hash: file.hash,
                hashed_ns: file.hashed_at_ns,
            };
            (path, remembered)
        })
        .collect()
}

/// Reads the state of the environment.
pub(super) fn snapshot(reader: Option<&Reader>, environment: &str) -> Result<Snapshot, CliError> {
    let _phase = trace::phase("read the record");
    on_record(reader, environment)
}

fn on_record(reader: Option<&Reader>, environment: &str) -> Result<Snapshot, CliError> {
    Ok(match reader {
        Some(reader) => reader.snapshot(environment)?,
        None => Snapshot::default(),
    })
}

/// Returns the hashes of this command, for the cache.
fn stamps(hasher: &FileHasher) -> Vec<(String, StampedFile)> {
    let stamped = |remembered: &Remembered| StampedFile {
        stamp: remembered.stamp,
        hash: remembered.hash.clone(),
        hashed_at_ns: remembered.hashed_ns,
    };
    hasher.fresh().iter().map(|(path, remembered)| (path.clone(), stamped(remembered))).collect()
}

/// Inspects the observed inputs of the versions that may be published.
fn observed_paths(
    known: &mut Known,
    snapshot: &Snapshot,
    catalogue: &dyn LedgerRead,
) -> Result<BTreeMap<(String, Aspect), PathState>, CliError> {
    let mut inputs: BTreeSet<ObservedInput> =
        snapshot.published.values().flat_map(|published| published.version.observed()).cloned().collect();
    for asset in known.project.assets.values().filter(|asset| asset.command().is_some()) {
        let versions = catalogue.newest_versions(&asset.name, plan::MOST_CANDIDATES)?;
        inputs.extend(versions.iter().flat_map(Version::observed).cloned());
    }
    if inputs.is_empty() {
        return Ok(BTreeMap::new());
    }
    let cache = Cache::open(&known.project.dp_folder());
    known.hasher.remember(remembered(cache.stamps(inputs.iter().map(|input| input.path.as_str()))));
    let paths = observe::paths(&known.project.root, &known.surroundings.noise, &inputs, &mut known.hasher);
    let mut cache = cache;
    cache.put_stamps(&stamps(&known.hasher));
    Ok(paths)
}

/// Returns the damage to the published links and files of the current release.
fn shown(project: &Project, snapshot: &Snapshot) -> Result<Vec<ShownState>, CliError> {
    let published = snapshot.published.iter().map(|(name, published)| (name.clone(), &published.version)).collect();
    let release = Release {
        root: &project.root,
        warehouse: &project.settings.connection.path,
        environment: &project.settings.environment,
        published: &published,
    };
    let mut shown =
        snapshot.release.as_ref().map(|recorded| release.differences(recorded)).transpose()?.unwrap_or_default();
    let settings = &project.settings;
    if let Some(old) = snapshot.shown_elsewhere(&settings.environment, &settings.connection.path) {
        let links = Links::of(&project.root, old, &settings.environment)?;
        shown.extend(links.present().into_iter().map(|link| ShownState {
            asset: None,
            what: ShownChange::Left,
            path: link.strip_prefix(&project.root).unwrap_or(&link).display().to_string(),
            mtime: None,
        }));
    }
    Ok(shown)
}

/// Returns warnings for other environments whose links are in a folder that is no longer declared.
fn elsewhere(project: &Project, snapshot: &Snapshot) -> Vec<Warning> {
    let settings = &project.settings;
    let others = snapshot.environments.iter().filter(|shown| shown.name != settings.environment);
    let warning = |message: String, code: &str| Warning {
        code: code.to_owned(),
        message,
        file: Some(project.file.path().to_owned()),
        line: None,
        column: None,
    };
    others
        .filter_map(|shown| {
            let name = &shown.name;
            let old = snapshot.shown_elsewhere(name, &settings.connection.path)?;
            let message = format!("the links of `{name}` are in {old}; `dp apply --env {name}` moves them");
            Some(warning(message, "dp::plan::shown_elsewhere"))
        })
        .collect()
}

/// Whether the state that published something was lost: a link to a release exists, but the state has no publication.
fn is_record_lost(project: &Project, snapshot: &Snapshot) -> Result<bool, CliError> {
    let settings = &project.settings;
    if snapshot.release.is_some() || !snapshot.environments.is_empty() {
        return Ok(false);
    }
    let links = Links::of(&project.root, &settings.connection.path, &settings.environment)?;
    Ok(links.shown().is_some_and(|release| links.is_gone(&release)))
}

fn lost_record(project: &Project, snapshot: &Snapshot) -> Result<Option<Warning>, CliError> {
    if !is_record_lost(project, snapshot)? {
        return Ok(None);
    }
    let settings = &project.settings;
    Ok(Some(Warning {
        code: "dp::plan::record_lost".to_owned(),
        message: format!(
            "`{}/{}` leads to a release in a `.dp` that is gone; put the folder back if there is a copy, otherwise everything is \
             built again, and an export that is there is taken over if it has the same bytes",
            settings.connection.path, settings.environment
        ),
        file: None,
        line: None,
        column: None,
    }))
}

/// Inspects what is published.
pub(super) fn observed(project: &Project, hasher: &mut FileHasher, snapshot: &Snapshot) -> Result<Observed, CliError> {
    let _phase = trace::phase("look at what is published");
    observed_beside(project, hasher, snapshot, shown(project, snapshot)?)
}

/// Inspects the published files; `shown` is the damage to links.
fn observed_beside(
    project: &Project,
    hasher: &mut FileHasher,
    snapshot: &Snapshot,
    shown: Vec<ShownState>,
) -> Result<Observed, CliError> {
    let _phase = trace::phase("look at stored files");
    fs::reached(Point::BeforeLook, &project.root)?;
    let placed =
        project.assets.values().flat_map(|asset| asset.placed().map(|(path, _)| (asset.name.clone(), path.to_owned())));
    let wanted: Vec<(AssetName, String)> = placed.filter(|_| project.settings.environment.is_prod()).collect();
    let in_prod = project.settings.environment.is_prod();
    let mut cache = None;
    let mut recall = |paths: &[&str]| {
        let cache = cache.insert(Cache::open(&project.dp_folder()));
        remembered(cache.stamps(paths.iter().copied()))
    };
    let outputs = observe::outputs(&project.root, snapshot, hasher, in_prod, &mut recall)?;
    if let Some(mut cache) = cache {
        cache.put_stamps(&stamps(hasher));
    }
    // Exports from a lost state are compared by their bytes before anything is published.
    let wanted = if is_record_lost(project, snapshot)? { Vec::new() } else { wanted };
    Ok(Observed {
        outputs,
        foreign: observe::foreign(&project.root, snapshot, &wanted),
        shown,
        paths: BTreeMap::new(),
    })
}

/// Returns the help for a time zone that the engine does not know, with the name of a similar one.
fn timezone_help(similar: Option<&str>) -> String {
    match similar {
        Some(name) => format!("did you mean `{name}`?"),
        None => "write the name of a time zone, such as `Europe/Berlin` or `Asia/Tokyo`".to_owned(),
    }
}

/// Creates the error for a closed stdout.
pub(super) fn cannot_write(source: std::io::Error) -> CliError {
    fs::FsError {
        verb: "write",
        path: "stdout".into(),
        source,
    }
    .into()
}

/// Returns the engine's options for a project.
pub(super) fn engine_options(project: &Project, files: Vec<PathBuf>) -> SessionOptions {
    SessionOptions {
        root: project.root.clone(),
        files,
        memory_limit: project.settings.connection.memory_limit.clone(),
        threads: project.settings.connection.threads,
        spill: project.root.join(layout::spill_folder(std::process::id())),
        timezone: project.settings.timezone.clone(),
    }
}

/// An empty catalogue.
pub(super) struct NoRecord;

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

/// Refuses an environment that is neither declared nor on record.
fn expect_environment(name: &str, project: &Project) -> Result<(), CliError> {
    let declared = &project.settings.environments;
    if declared.iter().any(|declared| declared == name) {
        return Ok(());
    }
    // Recovery itself asks for what is declared, so nothing is recovered here.
    if let Some(reader) = Reader::open(&project.dp_folder())?
        && reader.environments()?.iter().any(|row| *row.environment == *name)
    {
        return Ok(());
    }
    let declared = declared.iter().map(String::as_str);
    Err(Problem::without_file(ProjectError::unknown_environment(name, declared)).into())
}
