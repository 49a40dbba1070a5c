use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::named_files::{FileFinder, NamedFiles, NamedFilesError};
use crate::intake::{Door, Refusal};
use crate::project::{AssetName, ExportStyle, Format, OptionValue};
use crate::sql::Reads;
use crate::sql::lineage::ColumnLineage;
use crate::state::{Digest, Later, ListContent, Reading, Schema, Shape};

/// What the engine said when it could not do something.
#[derive(Clone, Debug, Error, Diagnostic)]
#[error("{message}")]
#[diagnostic(
    code(dp::warehouse::engine),
    help("{}", self.advice())
)]
pub struct EngineError {
    /// The engine's sentence, without its place.
    pub message: String,
    /// The engine's word for the kind of error, lower case: "parser", "binder", "catalog", "conversion", "interrupt".
    pub kind: String,
    /// Its word for the situation, such as "`COLUMN_NOT_FOUND`"; may be empty.
    pub situation: String,
    /// Byte offset in the query that it was given, if it told.
    pub offset: Option<usize>,
}

impl EngineError {
    fn advice(&self) -> &'static str {
        match self.kind.as_str() {
            "path" => "rename the folder, or move the project to another one; what was built moves with it",
            _ => "look at memory, disk space and `[connections]` in dp.toml, and try again",
        }
    }

    /// An error that dp itself found on the engine's side.
    pub fn of_kind(kind: &str, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind: kind.to_owned(),
            situation: String::new(),
            offset: None,
        }
    }

    /// The same with paths relative to the project.
    #[must_use]
    pub fn relative_to(&self, root: &Path) -> Self {
        Self {
            message: self.message.replace(&format!("{}/", root.display()), ""),
            ..self.clone()
        }
    }

    /// Whether it is the answer to a cancellation.
    pub fn is_interrupt(&self) -> bool {
        self.kind == "interrupt"
    }
}

/// What the engine's binder says about a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundQuery {
    /// Columns of the result.
    pub schema: Schema,
    /// Hash of the bound plan in normal form, if the engine gives one.
    pub plan: Option<Digest>,
    /// The columns that the plan reads of each table; `None` if there is no plan.
    pub reads: Option<Reads>,
    /// The query taken apart, if that is possible.
    pub shape: Option<Later<Shape>>,
    /// Why threads and the order of rows may show in the result.
    pub unstable: Vec<String>,
    /// What in it depends on the time zone of the session, in words.
    pub zoned: Vec<String>,
    /// Columns of the result that compare otherwise than their stored values do, each with its collation.
    pub collated: Vec<(String, String)>,
    /// Where its columns and rows come from, through views down to what is stored, or why that is not known.
    pub lineage: Result<Later<ColumnLineage>, String>,
}

/// A name that queries may use, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// The asset.
    pub name: AssetName,
    /// Its rows.
    pub body: RelationBody,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelationBody {
    /// No rows: only for binding.
    Empty(Schema),
    /// A version in the store.
    Stored {
        /// The file, absolute.
        file: PathBuf,
        /// Its columns with the engine's types.
        schema: Schema,
    },
    /// A query over other names.
    Query(String),
}

/// How a source's files are read.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceReader {
    /// How they are written.
    pub format: Format,
    /// Absolute paths, sorted.
    pub files: Vec<PathBuf>,
    /// Named parameters of the reader.
    pub options: Vec<(String, OptionValue)>,
    /// Types that columns must be read as: name, type.
    pub types: Vec<(String, String)>,
    /// Those of these columns whose values the engine may change while it converts them.
    pub lenient: BTreeSet<String>,
    /// Types that an earlier reading of the source found: name, type. Each is kept if it holds all values.
    pub kept: Vec<(String, String)>,
    /// The folder to which places in messages, and the file name column, are relative.
    pub root: PathBuf,
}

/// How a source is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRead {
    /// Its columns.
    pub schema: Schema,
    /// The query that reads its files.
    pub sql: String,
    /// What was found out about the files.
    pub reading: Reading,
    /// The first place that has each column.
    pub places: BTreeMap<String, String>,
    /// The first value that does not fit the kept type of a column, with its place.
    pub misfits: BTreeMap<String, String>,
}

/// Why a source can't be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The files can't be read exactly.
    #[error("{0}")]
    Refused(Box<Refusal>),
}

impl From<Refusal> for ReadError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl ReadError {
    /// The same as an error of the engine: where the files are a program's or the user named them on the command line.
    #[must_use]
    pub fn into_engine_error(self) -> EngineError {
        self.met_at(Door::Source)
    }

    /// The same, with help for where the files were asked for.
    pub(super) fn met_at(self, door: Door) -> EngineError {
        match self {
            Self::Engine(error) => error,
            Self::Refused(refusal) => EngineError::of_kind("source", format!("{refusal}; {}", refusal.help_at(door))),
        }
    }
}

/// The engine as it is asked before planning.
pub trait Analyst: Send {
    /// A second one on the same engine: it knows what this one knows, and may be asked at the same time.
    fn another(&mut self) -> Result<Box<dyn Analyst>, EngineError>;
    /// The engine and its version, "duckdb v2.0.0".
    fn version(&self) -> &str;
    /// Lets it read these files, absolute and without links, and no others. What was declared is forgotten.
    fn allow(&mut self, files: Vec<PathBuf>);
    /// The syntax tree of each text, as the engine's JSON.
    fn parse(&mut self, texts: &[&str]) -> Result<Vec<Result<serde_json::Value, EngineError>>, EngineError>;
    /// Makes the schemas known in which names are to be declared.
    fn declare_schemas(&mut self, schemas: &[&str]) -> Result<(), EngineError>;
    /// Makes names known; one that is known already stays what it is. After an error some may be known.
    fn declare(&mut self, relations: &[Relation]) -> Result<(), EngineError>;
    /// Makes a name unknown that was declared with columns.
    fn forget(&mut self, name: &AssetName) -> Result<(), EngineError>;
    /// Names and types of a query's result, and its plan.
    fn bind(&mut self, sql: &str) -> Result<BoundQuery, EngineError>;
    /// The same for many queries in one go; `None` for one that has to be asked about by itself.
    fn bind_all(&mut self, queries: &[&str]) -> Vec<Option<BoundQuery>>;
    /// The files that a query names, and how each is read exactly; in the order of its text.
    fn named_files(&mut self, sql: &str, finder: &FileFinder<'_>) -> Result<Vec<NamedFiles>, NamedFilesError>;
    /// Looks at all of a source's files: their columns, and the query that reads them.
    fn read_schema(&mut self, source: &SourceReader) -> Result<SourceRead, ReadError>;
    /// The engine's own text for a type that a person wrote.
    fn canonical_type(&mut self, written: &str) -> Result<String, EngineError>;
    /// Whether values that were read as one type can be read as another without changing one of them, where the other type is
    /// known to hold all values that there are.
    fn widens(&self, before: &str, after: &str) -> bool;
    /// Why a type can't be kept in the store, and a cast that would help; `None` if it can.
    fn unstorable(&self, data_type: &str) -> Option<(String, String)>;
}

/// One build.
#[derive(Clone, Debug)]
pub struct BuildTask {
    /// The query that gives the rows.
    pub sql: String,
    /// The columns of its result, if this very engine has told them for inputs with the same columns.
    pub schema: Option<Schema>,
    /// The file to write, absolute; its folder exists.
    pub file: PathBuf,
    /// Lists of columns to fingerprint beside the whole.
    pub lists: Vec<BTreeSet<String>>,
    /// A second file for others.
    pub export: Option<ExportTask>,
}

/// A file for others.
#[derive(Clone, Debug)]
pub struct ExportTask {
    /// Where to write it, absolute; its folder exists.
    pub file: PathBuf,
    /// How.
    pub style: ExportStyle,
}

/// What a build gave.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its columns.
    pub schema: Schema,
    /// How many rows.
    pub rows: u64,
    /// C over all columns.
    pub content: Digest,
    /// C over each list that was asked for and that the result has the columns of.
    pub lists: Vec<ListContent>,
}

/// One check.
#[derive(Clone, Debug)]
pub struct CheckTask {
    /// The query whose rows are the failures.
    pub sql: String,
    /// If each of these rows stands for several failing rows: the column with their number.
    pub rows: Option<String>,
    /// How many failing rows to give at most.
    pub sample: usize,
}

/// What a check gave.
#[derive(Clone, Debug)]
pub struct Checked {
    /// How many rows failed.
    pub failures: u64,
    /// In how many groups, if each row of the query stands for several failing rows.
    pub groups: Option<u64>,
    /// Some of the rows that the query gave.
    pub sample: Rows,
}

/// Rows as texts, `None` for NULL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Their types.
    pub types: Vec<String>,
    /// The values.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A file that the engine used for a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileAccess {
    /// By which connection.
    pub connection: u64,
    /// For which of its queries.
    pub query: u64,
    /// Which file, absolute.
    pub path: PathBuf,
    /// Whether it wrote it; otherwise it read it.
    pub wrote: bool,
    /// How many bytes.
    pub bytes: u64,
}

/// The engine as an apply uses it; each worker has a clone of its own.
pub trait Builder: Send {
    /// Makes names known, or changes what they stand for.
    fn relate(&mut self, relations: &[Relation]) -> Result<(), EngineError>;
    /// Computes a query into files and fingerprints what was written.
    fn build(&mut self, task: &BuildTask) -> Result<Built, EngineError>;
    /// Runs a check.
    fn check(&mut self, task: &CheckTask) -> Result<Checked, EngineError>;
    /// The query with some of its tables renamed.
    fn rename(&mut self, sql: &str, names: &BTreeMap<AssetName, AssetName>) -> Result<String, EngineError>;
    /// A second connection to the same engine.
    fn another(&self) -> Result<Box<dyn Builder>, EngineError>;
    /// The files that a query names, and how each is read exactly; in the order of its text.
    fn named_files(&self, sql: &str, finder: &FileFinder<'_>) -> Result<Vec<NamedFiles>, NamedFilesError>;
    /// Looks at all of some files: their columns, and the query that reads them.
    fn look(&self, source: &SourceReader) -> Result<SourceRead, ReadError>;
    /// The files that all connections of this engine used since this was last asked, while nothing runs on any of them.
    fn file_accesses(&mut self) -> Result<Vec<FileAccess>, EngineError>;
    /// Stops whatever this connection is doing, from another thread.
    fn canceller(&self) -> Box<dyn Fn() + Send + Sync>;
}
