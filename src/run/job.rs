//! Work on one asset, on its own thread: a build or the asset's checks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;

use super::command::{self, Given, Made, Trouble};
use crate::base::clock::Clock;
use crate::base::fault::Point;
use crate::base::fs::{self, FsError};
use crate::base::layout;
use crate::facts::{CheckFacts, Contract, NamedQuery};
use crate::model::{
    AssetName, CheckOutcome, CheckRecord, Digest, Export, ExportStyle, FileInput, ListContent, PlacedFile, ProjectPath,
    Schema, StoredFile, VersionId,
};
use crate::observe::{FileHasher, ObserveError, Remembered};
use crate::process::ProcessError;
use crate::seam::{
    BuildTask, Builder, Built, CheckTask, EngineError, ExportTask, FileFinder, NamedFiles, NamedFilesError, ReadError,
    SourceReader,
};
use crate::sql::edited;

/// The input of a build.
pub(super) struct BuildJob {
    pub asset: AssetName,
    pub root: PathBuf,
    pub version: VersionId,
    pub sql: String,
    /// The columns of the query's result, if they are known before the build.
    pub schema: Option<Schema>,
    /// A file outside the store whose rows the query returns, and whether its bytes are the export too.
    pub taken: Option<(PathBuf, bool)>,
    /// The files that the build reads, as they were when the plan was made.
    pub files: Vec<FileInput>,
    /// The number of rows that dp saw in the files of a source when it inspected them.
    pub rows: Option<u64>,
    /// How to inspect the files of a source again if they changed since the plan was made.
    pub source: Option<(SourceReader, Schema)>,
    /// The query as the user wrote it, if it names files. dp inspects them again if they changed since the plan was
    /// made.
    pub named_query: Option<NamedQuery>,
    /// File hashes that were computed for the plan.
    pub remembered: BTreeMap<String, Remembered>,
    /// The path of the export, relative to the project, and its style.
    pub export: Option<(String, ExportStyle)>,
    pub clock: Clock,
    /// Column sets to fingerprint in addition to the whole.
    pub lists: Vec<BTreeSet<String>>,
    /// Columns of inputs that the build reads and over which the input has no C.
    pub unlisted: Vec<Unlisted>,
    /// Whether the rows are computed and stored. If not, the asset is a source that is read in place.
    pub stored: bool,
    /// The program that builds the asset.
    pub program: Option<Given>,
    /// A file that a program left and that holds the asset's rows: how it is read, and the columns that it must have.
    pub left: Option<(SourceReader, Contract)>,
}

/// Columns of an input, to be fingerprinted.
pub(super) struct Unlisted {
    pub asset: AssetName,
    /// The absolute path of the file with the input's rows.
    pub file: PathBuf,
    pub schema: Schema,
    pub columns: BTreeSet<String>,
}

/// The result of a build. The files are still in the building folder.
pub(super) struct BuildResult {
    pub built: Option<Built>,
    pub data: Option<StoredFile>,
    pub export: Option<Export>,
    pub files: Vec<FileInput>,
    pub made: Option<Made>,
    pub placed: Vec<PlacedFile>,
    pub tables: BTreeMap<String, StoredFile>,
    /// C over the columns of [`BuildJob::unlisted`].
    pub read: BTreeMap<AssetName, ListContent>,
    pub finished: Timestamp,
}

/// Why a build failed.
#[derive(Debug)]
pub(super) enum JobError {
    Engine(EngineError),
    File(FsError),
    Observe(ObserveError),
    Process(ProcessError),
    Program(Box<Trouble>),
    /// A stored file that the build read changed during the build.
    Stored(String),
    /// A file does not have the columns that the asset's file declares, or it changed since the plan was made.
    Contract(String),
    /// The engine returned a different number of rows than the files have.
    Rows {
        looked: u64,
        read: u64,
    },
}

impl From<ProcessError> for JobError {
    fn from(error: ProcessError) -> Self {
        Self::Process(error)
    }
}

impl From<EngineError> for JobError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<FsError> for JobError {
    fn from(error: FsError) -> Self {
        Self::File(error)
    }
}

impl From<ObserveError> for JobError {
    fn from(error: ObserveError) -> Self {
        Self::Observe(error)
    }
}

/// Builds a version in its building folder. If files change during the build, they are read once more.
pub(super) fn build(job: &BuildJob, builder: &mut dyn Builder) -> Result<BuildResult, JobError> {
    let folder = job.root.join(layout::building_folder(&job.version));
    if let Some(given) = &job.program {
        return by_program(job, given, &folder, builder);
    }
    let mut hasher = FileHasher::new(&job.root, job.remembered.clone());
    let paths: Vec<&str> = job.files.iter().map(|file| file.path.as_str()).collect();
    for _ in 0..2 {
        fs::remove_folder(&folder)?;
        fs::create_folder(&folder, false)?;
        let before = hashes(&mut hasher, &paths)?;
        // A taken file is not an input of the version, but it must not change while it is read either.
        let taken = job.taken.as_ref().and_then(|(file, _)| file.to_str());
        let watched: Vec<&str> = paths.iter().copied().chain(taken).collect();
        let stamps = stamps(&job.root, &watched)?;
        fs::reached(Point::BeforeBuild, &folder)?;
        if !job.stored {
            expect_planned(&before, &job.files)?;
        }
        let sql = match &job.source {
            Some((source, planned)) if before != job.files => {
                let again = builder.look(source).map_err(ReadError::into_engine_error)?;
                if again.schema != *planned {
                    return Err(other_columns());
                }
                again.sql
            }
            _ => match &job.named_query {
                Some(query) if before != job.files => named_again(job, query, builder)?,
                _ => job.sql.clone(),
            },
        };
        // Both ways to read a source give the columns of the plan.
        let of_source = job.source.as_ref().filter(|_| job.taken.is_none()).map(|(_, planned)| planned.clone());
        let schema = job.schema.clone().or(of_source);
        let built = if job.stored { Some(write(job, sql, schema, &folder, builder)?) } else { None };
        fs::reached(Point::AfterBuild, &folder)?;
        if stamps_now(&job.root, &watched, &stamps)? {
            if let (Some(looked), Some(built), None) = (job.rows, &built, &job.taken)
                && built.rows != looked
                && before == job.files
            {
                return Err(JobError::Rows {
                    looked,
                    read: built.rows,
                });
            }
            let read = unlisted(job, builder)?;
            return Ok(BuildResult {
                read,
                ..finish(job, &folder, built, None, before)?
            });
        }
    }
    fs::remove_folder(&folder)?;
    if let Some((file, _)) = &job.taken {
        return Err(JobError::Observe(ObserveError::Changing {
            path: file.display().to_string(),
        }));
    }
    let moving = first_changed(&job.root, &mut hasher, &job.files)?;
    Err(JobError::Observe(ObserveError::Changing { path: moving }))
}

fn unlisted(job: &BuildJob, builder: &mut dyn Builder) -> Result<BTreeMap<AssetName, ListContent>, JobError> {
    let content =
        |input: &Unlisted| Ok((input.asset.clone(), builder.content(&input.file, &input.schema, &input.columns)?));
    job.unlisted.iter().map(content).collect()
}

/// Refuses files that changed since the plan was made: an asset that is read in place keeps the query of the plan.
pub(super) fn expect_planned(now: &[FileInput], planned: &[FileInput]) -> Result<(), JobError> {
    let changed = || JobError::Contract("its files changed after the plan was made".to_owned());
    if now == planned { Ok(()) } else { Err(changed()) }
}

fn other_columns() -> JobError {
    JobError::Contract("its files changed after the plan was made, and now have other columns".to_owned())
}

/// Returns the query, rewritten to read the files that it names as they are now.
fn named_again(job: &BuildJob, query: &NamedQuery, builder: &dyn Builder) -> Result<String, JobError> {
    let finder = FileFinder {
        root: &job.root,
        find: &|path| query.files.get(path).cloned().unwrap_or_default(),
    };
    let again = builder.named_files(&query.sql, &finder).map_err(NamedFilesError::into_engine_error)?;
    if !again.iter().map(|files| &files.read.schema).eq(&query.schemas) {
        return Err(other_columns());
    }
    Ok(edited(&query.sql, &again.iter().map(NamedFiles::reading).collect::<Vec<_>>()))
}

/// Runs a program. Its code must be the same as in the plan, before and after the run: other code gives another key.
fn by_program(
    job: &BuildJob,
    given: &Given,
    folder: &Path,
    builder: &mut dyn Builder,
) -> Result<BuildResult, JobError> {
    fs::remove_folder(folder)?;
    fs::create_folder(folder, false)?;
    as_planned(job, given)?;
    fs::reached(Point::BeforeBuild, folder)?;
    let mut made = command::run(given, folder, &job.lists, export_task(job, folder), builder)?;
    fs::reached(Point::AfterBuild, folder)?;
    as_planned(job, given)?;
    let built = made.left.built.take();
    finish(job, folder, built, Some(made), Vec::new())
}

fn as_planned(job: &BuildJob, given: &Given) -> Result<(), JobError> {
    let program = given.program.file.to_string_lossy();
    let code = given.program.code.iter().map(|file| (file.path.as_str(), &file.hash));
    let mut hasher = FileHasher::new(&job.root, job.remembered.clone());
    for (path, hash) in code.chain([(program.as_ref(), &given.program.hash)]) {
        if hasher.hash(path)?.hash != *hash {
            return Err(JobError::Observe(ObserveError::Changing { path: path.to_owned() }));
        }
    }
    Ok(())
}

fn write(
    job: &BuildJob,
    sql: String,
    schema: Option<Schema>,
    folder: &Path,
    builder: &mut dyn Builder,
) -> Result<Built, JobError> {
    let export = export_task(job, folder);
    let sql = match &job.left {
        Some((reader, _)) => builder.look(reader).map_err(ReadError::into_engine_error)?.sql,
        None => sql,
    };
    let given = job.taken.as_ref().filter(|(_, is_export)| *is_export).zip(export.clone());
    let built = builder.build(&BuildTask {
        sql,
        schema,
        file: folder.join(layout::DATA_FILE),
        lists: job.lists.clone(),
        export: export.filter(|_| given.is_none()),
    })?;
    if let Some(((file, _), export)) = given {
        fs::copy(file, &export.file)?;
    }
    let lacks = job.left.as_ref().map(|(_, contract)| built.schema.lacks(contract)).unwrap_or_default();
    if lacks.is_empty() { Ok(built) } else { Err(JobError::Contract(lacks.join("; "))) }
}

fn export_task(job: &BuildJob, folder: &Path) -> Option<ExportTask> {
    job.export.as_ref().map(|(_, style)| ExportTask {
        file: folder.join(export_name(*style)),
        style: *style,
    })
}

fn export_name(style: ExportStyle) -> String {
    format!("export.{}", style.extension())
}

/// Parses the path that the project declares for a file.
fn declared(path: &str) -> ProjectPath {
    path.parse().expect("a project with a path that leads out of it is refused")
}

fn hashes(hasher: &mut FileHasher, paths: &[&str]) -> Result<Vec<FileInput>, ObserveError> {
    paths.iter().map(|path| hasher.hash(path)).collect()
}

fn stamps(root: &Path, paths: &[&str]) -> Result<Vec<Option<fs::Stamp>>, FsError> {
    paths.iter().map(|path| fs::stamp(&root.join(path))).collect()
}

fn stamps_now(root: &Path, paths: &[&str], before: &[Option<fs::Stamp>]) -> Result<bool, FsError> {
    Ok(stamps(root, paths)? == before)
}

fn first_changed(root: &Path, hasher: &mut FileHasher, files: &[FileInput]) -> Result<String, ObserveError> {
    for file in files {
        if fs::stamp(&root.join(&file.path))?.is_none() || hasher.hash(&file.path)?.hash != file.hash {
            return Ok(file.path.clone());
        }
    }
    Ok(files.first().map(|file| file.path.clone()).unwrap_or_default())
}

fn finish(
    job: &BuildJob,
    folder: &Path,
    built: Option<Built>,
    made: Option<Made>,
    files: Vec<FileInput>,
) -> Result<BuildResult, JobError> {
    let place = layout::version_folder(&job.asset, &job.version);
    let stored = |name: &str| -> Result<StoredFile, FsError> {
        let path = folder.join(name);
        fs::make_read_only(&path)?;
        let (hash, stamp, _) = fs::hash_file(&path)?;
        Ok(StoredFile {
            path: layout::stored_file(&place, name),
            bytes: stamp.size,
            hash: Digest::from(hash),
            mtime_ns: stamp.mtime_ns.to_string(),
            ctime_ns: Some(stamp.ctime_ns.to_string()),
        })
    };
    let data = built.as_ref().map(|_| stored(layout::DATA_FILE)).transpose()?;
    let export = match &job.export {
        Some((path, style)) if built.is_some() => Some(Export {
            file: stored(&export_name(*style))?,
            path: declared(path),
            format: style.format,
        }),
        _ => None,
    };
    let left = made.as_ref().map(|made| &made.left);
    let placed = left.into_iter().flat_map(|left| &left.files).map(|(name, file, path)| {
        Ok(PlacedFile {
            name: name.clone(),
            file: stored(file)?,
            path: declared(path),
        })
    });
    let placed = placed.collect::<Result<_, FsError>>()?;
    let tables = left.into_iter().flat_map(|left| &left.tables).map(|(name, file)| Ok((name.clone(), stored(file)?)));
    let tables = tables.collect::<Result<_, FsError>>()?;
    Ok(BuildResult {
        built,
        data,
        export,
        files,
        made,
        placed,
        tables,
        read: BTreeMap::new(),
        finished: job.clock.now(),
    })
}

/// The maximum number of failing rows that are kept per check.
const SAMPLE: usize = 5;

/// Runs one check against the relations that its names stand for now.
pub(super) fn check(facts: &CheckFacts, key: Digest, builder: &mut dyn Builder) -> Result<CheckRecord, EngineError> {
    let started = Instant::now();
    let result = builder.check(&CheckTask {
        sql: facts.sql.clone(),
        rows: facts.rows.clone(),
        sample: SAMPLE,
    });
    let mut record = CheckRecord {
        check: facts.name.clone(),
        kind: facts.kind.to_owned(),
        key,
        severity: facts.severity,
        outcome: CheckOutcome::Passed,
        failures: 0,
        groups: None,
        sample: None,
        message: None,
        ms: 0,
    };
    match result {
        Err(error) if error.is_interrupt() => return Err(error),
        Err(error) => {
            record.outcome = CheckOutcome::Errored;
            record.message = Some(error.message);
        }
        Ok(checked) if checked.failures > 0 => {
            record.outcome = CheckOutcome::Failed;
            record.failures = checked.failures;
            record.groups = checked.groups;
            record.sample = Some((checked.sample.columns, checked.sample.rows));
        }
        Ok(_) => {}
    }
    record.ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(record)
}
