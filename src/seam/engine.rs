use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Catalogues, EngineError, FileFinder, NamedFiles, NamedFilesError};
use crate::base::lazy_json::LazyJson;
use crate::intake::{Door, Refusal};
use crate::model::{AssetName, Digest, ExportStyle, Format, ListContent, OptionValue, Reading, Reads, Schema, Shape};
use crate::sql::lineage::ColumnLineage;
use crate::sql::outline::Outline;
use crate::sql::syntax::{EngineTree, Syntax};

/// What the engine's binder reports about a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundQuery {
    /// The columns of the result.
    pub schema: Schema,
    /// The hash of the normalized bound plan, if the engine returns one.
    pub plan: Option<Digest>,
    /// The columns that the plan reads of each table; `None` if there is no plan.
    pub reads: Option<Reads>,
    /// The query split into its row set and its output columns, if that is possible.
    pub shape: Option<LazyJson<Shape>>,
    /// Why the result may depend on threads and on the order of rows.
    pub unstable: Vec<String>,
    /// The parts that depend on the session's time zone, as text.
    pub zoned: Vec<String>,
    /// Result columns that compare differently from their stored values, each with its collation.
    pub collated: Vec<(String, String)>,
    /// Where its columns and rows come from, through views down to stored assets, or why that is unknown.
    pub lineage: Result<LazyJson<ColumnLineage>, String>,
}

/// A name that queries may use, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// The asset.
    pub name: AssetName,
    /// Its rows.
    pub body: RelationBody,
}

/// The rows that a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelationBody {
    /// No rows; only for binding.
    Empty(Schema),
    /// A version in the store.
    Stored {
        /// The absolute path of the file.
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
    /// The format of the files.
    pub format: Format,
    /// The absolute paths of the files, sorted.
    pub files: Vec<PathBuf>,
    /// The named parameters of the reader.
    pub options: Vec<(String, OptionValue)>,
    /// The types that columns must be read as: name, type.
    pub types: Vec<(String, String)>,
    /// The columns of `types` whose values the engine may change in a conversion.
    pub lenient: BTreeSet<String>,
    /// The types that an earlier reading of the source found: name, type. A type is kept if it fits all values.
    pub kept: Vec<(String, String)>,
    /// The folder that places in messages and the file name column are relative to.
    pub root: PathBuf,
}

/// The result of reading a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRead {
    /// Its columns.
    pub schema: Schema,
    /// The query that reads its files.
    pub sql: String,
    /// What dp detected in the files.
    pub reading: Reading,
    /// The first place that contains each column.
    pub places: BTreeMap<String, String>,
    /// The first value of a column that does not fit its kept type, with its place.
    pub misfits: BTreeMap<String, String>,
}

/// Why a source can't be read.
#[derive(Debug, thiserror::Error)]
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
    /// Converts the error to an engine error, for files of a program or from the command line.
    #[must_use]
    pub fn into_engine_error(self) -> EngineError {
        self.met_at(Door::Source)
    }

    /// Converts the error to an engine error, with help for the place that named the files.
    pub(super) fn met_at(self, door: Door) -> EngineError {
        match self {
            Self::Engine(error) => error,
            Self::Refused(refusal) => EngineError::other(format!("{refusal}; {}", refusal.help_at(door))),
        }
    }
}

/// The engine as it is used before planning.
pub trait Analyst: Send {
    /// Returns a second analyst on the same engine: it knows the same names, and may be used at the same time.
    fn another(&mut self) -> Result<Box<dyn Analyst>, EngineError>;
    /// Returns the engine and its version, "duckdb v2.0.0".
    fn version(&self) -> &str;
    /// Allows it to read exactly these files, absolute and without links. Declared names are forgotten.
    fn allow(&mut self, files: Vec<PathBuf>);
    /// Parses each text, which is to be one query.
    fn parse(&mut self, texts: &[&str]) -> Result<Vec<Result<Syntax, EngineError>>, EngineError>;
    /// Returns the parts of a query by which an edit of it is named; `None` if the tree is not one of this engine, or
    /// if it is nested too deeply.
    fn outline(&self, tree: &EngineTree) -> Option<Outline>;
    /// Declares the schemas in which names are declared afterwards.
    fn declare_schemas(&mut self, schemas: &[&str]) -> Result<(), EngineError>;
    /// Declares names. A name that is already declared stays as it is. After an error some names may be declared.
    fn declare(&mut self, relations: &[Relation]) -> Result<(), EngineError>;
    /// Removes a name that was declared with columns.
    fn forget(&mut self, name: &AssetName) -> Result<(), EngineError>;
    /// Binds a query and returns the names and types of its result, and its plan.
    fn bind(&mut self, sql: &str) -> Result<BoundQuery, EngineError>;
    /// Binds many queries in one statement. Returns `None` for a query that must be bound separately.
    fn bind_all(&mut self, queries: &[&str]) -> Vec<Option<BoundQuery>>;
    /// Returns those of `words`, such as `current_date`, that a query takes for values of the clock or the session and
    /// not for columns. A word in doubt counts as a value.
    fn session_words(&mut self, sql: &str, words: &BTreeSet<String>) -> Result<BTreeSet<String>, EngineError>;
    /// Returns the files that a query names, and how each is read exactly, in the order of the query's text.
    fn named_files(&mut self, sql: &str, finder: &FileFinder<'_>) -> Result<Vec<NamedFiles>, NamedFilesError>;
    /// Inspects all files of a source. Returns their columns, and the query that reads them.
    fn read_schema(&mut self, source: &SourceReader) -> Result<SourceRead, ReadError>;
    /// Returns the engine's text for a type that the user wrote.
    fn canonical_type(&mut self, written: &str) -> Result<String, EngineError>;
    /// Whether values that were read as one type can be read as another without a change, if the other type is known
    /// to fit all values.
    fn widens(&self, before: &str, after: &str) -> bool;
    /// Returns why the store can't hold a type, and a cast that would help; `None` if it can.
    fn unstorable(&self, data_type: &str) -> Option<(String, String)>;
}

/// The input of a build.
#[derive(Clone, Debug)]
pub struct BuildTask {
    /// The query that returns the rows.
    pub sql: String,
    /// The columns of its result, if the same engine bound the query over inputs with the same columns.
    pub schema: Option<Schema>,
    /// The file to write, absolute. Its folder exists.
    pub file: PathBuf,
    /// Column sets to fingerprint in addition to the whole.
    pub lists: Vec<BTreeSet<String>>,
    /// An additional file for the user.
    pub export: Option<ExportTask>,
}

/// An exported file to write.
#[derive(Clone, Debug)]
pub struct ExportTask {
    /// The file to write, absolute. Its folder exists.
    pub file: PathBuf,
    /// The format and its options.
    pub style: ExportStyle,
}

/// The result of a build.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its columns.
    pub schema: Schema,
    /// The number of rows.
    pub rows: u64,
    /// C over all columns.
    pub content: Digest,
    /// C over each requested list whose columns the result has.
    pub lists: Vec<ListContent>,
}

/// The input of a check.
#[derive(Clone, Debug)]
pub struct CheckTask {
    /// The query that returns the failing rows.
    pub sql: String,
    /// If each of these rows stands for several failing rows: the column with their number.
    pub rows: Option<String>,
    /// The maximum number of failing rows to return.
    pub sample: usize,
}

/// The result of a check.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The number of failing rows.
    pub failures: u64,
    /// The number of groups, if each row of the query stands for several failing rows.
    pub groups: Option<u64>,
    /// Some of the rows that the query returned.
    pub sample: Rows,
}

/// Rows as text, `None` for NULL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The types of the columns.
    pub types: Vec<String>,
    /// The values.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A file that the engine used for a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileAccess {
    /// The connection.
    pub connection: u64,
    /// The query of that connection.
    pub query: u64,
    /// The absolute path of the file.
    pub path: PathBuf,
    /// Whether the engine wrote the file; otherwise it read it.
    pub wrote: bool,
    /// The number of bytes.
    pub bytes: u64,
}

/// The engine as an apply uses it. Each worker has its own clone.
pub trait Builder: Send {
    /// Declares names, or changes what they stand for.
    fn relate(&mut self, relations: &[Relation]) -> Result<(), EngineError>;
    /// Writes the result of a query to files and fingerprints what was written.
    fn build(&mut self, task: &BuildTask) -> Result<Built, EngineError>;
    /// Returns C over some columns of a stored file; `schema` has all of its columns.
    fn content(&mut self, file: &Path, schema: &Schema, columns: &BTreeSet<String>)
    -> Result<ListContent, EngineError>;
    /// Runs a check.
    fn check(&mut self, task: &CheckTask) -> Result<Checked, EngineError>;
    /// Returns the query with some of its tables renamed.
    fn rename(&mut self, sql: &str, names: &BTreeMap<AssetName, AssetName>) -> Result<String, EngineError>;
    /// Opens a second connection to the same engine.
    fn another(&self) -> Result<Box<dyn Builder>, EngineError>;
    /// Returns what writes catalogues for clients of the engine.
    fn catalogues(&self) -> &'static dyn Catalogues;
    /// Returns the files that a query names, and how each is read exactly, in the order of the query's text.
    fn named_files(&self, sql: &str, finder: &FileFinder<'_>) -> Result<Vec<NamedFiles>, NamedFilesError>;
    /// Inspects all of the given files. Returns their columns, and the query that reads them.
    fn look(&self, source: &SourceReader) -> Result<SourceRead, ReadError>;
    /// Returns the files that all connections of this engine used since the last call. No query may be running.
    fn file_accesses(&mut self) -> Result<Vec<FileAccess>, EngineError>;
    /// Returns a function that interrupts this connection from another thread.
    fn canceller(&self) -> Box<dyn Fn() + Send + Sync>;
}
