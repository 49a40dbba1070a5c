//! The boundaries to what can be replaced: traits, and the values that cross them.

mod catalogue;
mod engine;
mod error;
mod ledger;
mod named_files;

pub use catalogue::{CatalogueChange, CatalogueView, CatalogueWriter, Catalogues};
pub use engine::{
    Analyst, BoundQuery, BuildTask, Builder, Built, CheckTask, Checked, ExportTask, FileAccess, ReadError, Relation,
    RelationBody, Rows, SourceRead, SourceReader,
};
pub use error::{EngineError, ErrorKind};
pub use ledger::{History, LedgerRead, PastBuild, Published, RecordError, RecordedStep, ShownEnvironment, Snapshot};
pub use named_files::{FileFinder, NamedFiles, NamedFilesError};
