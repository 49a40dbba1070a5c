//! Reads and analyzes the project.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::error::OpError;
use super::memory::CachedMemory;
use super::observing::{remembered, stamps};
use super::open;
use super::planning::Recorded;
use super::trees::KnownTrees;
use super::workspace::Workspace;
use crate::analyze::{self, AnalyzeOptions, PublishedSources, RecordedColumns, Secrets, SqlError};
use crate::base::diagnostic::Problem;
use crate::base::trace;
use crate::cache::Cache;
use crate::facts::Analysis;
use crate::ledger::sqlite::Reader;
use crate::model::{AssetName, Observed, PublishedSource, Schema, Version};
use crate::observe::{self, FileHasher, Remembered};
use crate::plan::{self, PlanRequest};
use crate::project::{Asset, Project};
use crate::run::Surroundings;
use crate::seam::{EngineError, ErrorKind, LedgerRead};

/// A project, with everything that is known of it before anything runs.
pub struct Known {
    /// The project.
    pub project: Project,
    /// What the engine reported of it.
    pub analysis: Arc<Analysis>,
    /// The hashes of the files that were read.
    pub hasher: FileHasher,
    /// What exists on the disk, once a plan was made.
    pub observed: Observed,
    /// The environment that programs run in.
    pub surroundings: Arc<Surroundings>,
    /// Assets whose files could not be parsed.
    unread: BTreeSet<AssetName>,
    /// Assets and files with a mistake that was found without the engine.
    pub mistaken: BTreeSet<String>,
    secrets: Secrets,
    recorded: RecordedColumns,
    published: PublishedSources,
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

impl Workspace {
    /// Reads and analyzes the project.
    ///
    /// # Errors
    /// All mistakes of the project at once, if the request covers all assets. For a request that covers some assets,
    /// see `Workspace::meant`.
    pub fn known(&self, request: &PlanRequest) -> Result<Known, OpError> {
        Ok(self.known_beside(request, None::<fn(&Project)>)?.0)
    }

    /// Analyzes the project and reads the state; see [`Self::known_beside_record`].
    pub fn known_and_recorded(&self, request: &PlanRequest) -> Result<(Known, Option<Reader>, Recorded), OpError> {
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
        &self,
        request: &PlanRequest,
        reader: Option<Reader>,
    ) -> Result<(Known, Option<Reader>, Recorded), OpError> {
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
        &self,
        request: &PlanRequest,
        beside: Option<impl FnOnce(&Project) -> T + Send>,
    ) -> Result<(Known, Option<T>), OpError> {
        let _waiting = self.listener.working();
        let loaded = self.load(request)?;
        let Some(project) = loaded.project else {
            return Err(OpError::Problems(loaded.problems));
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
            let _phase = beside.is_some().then(|| trace::phase("wait for the state"));
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
                return Err(OpError::Problems(problems));
            }
            Err(error) => return Err(error.into()),
        };
        problems.extend(std::mem::take(&mut analysis.problems));
        if problems.is_fatal() || problems.has_errors() && request.is_whole() {
            return Err(OpError::Problems(self.with_edits(problems, &project, &analysis)));
        }
        analysis.problems = problems;
        let known = Known {
            surroundings: Arc::new(Surroundings::new(&project, &self.variables)),
            project,
            analysis: Arc::new(analysis),
            hasher,
            observed: Observed {
                at: self.now(),
                ..Observed::default()
            },
            unread: loaded.broken,
            mistaken,
            secrets,
            recorded,
            published,
        };
        Ok((known, found))
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
    let _phase = trace::phase("analyze the project");
    let mut cache = Cache::open(&project.dp_folder());
    let mut analyst = open::analyst(project);
    let mut memory = CachedMemory::new(&cache);
    let reader = OnceCell::new();
    let mut analysis = analyze::analyze(
        &AnalyzeOptions {
            project,
            broken,
            mistaken,
            shown: &|asset| shown_schema(project, asset, &reader),
            settings: open::settings(project),
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
    let trees = KnownTrees::new(project.dp_folder(), open::engine_options(project, Vec::new()));
    analysis.trees = Some(Arc::new(trees));
    Ok(analysis)
}

/// Returns the recorded columns of programs' outputs.
fn recorded_columns(project: &Project) -> Result<RecordedColumns, OpError> {
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
fn published_sources(project: &Project) -> Result<PublishedSources, OpError> {
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

/// Returns the help for a time zone that the engine does not know; `similar` is a zone with a similar name.
fn timezone_help(similar: Option<&str>) -> String {
    match similar {
        Some(name) => format!("did you mean `{name}`?"),
        None => "write the name of a time zone, such as `Europe/Berlin` or `Asia/Tokyo`".to_owned(),
    }
}
