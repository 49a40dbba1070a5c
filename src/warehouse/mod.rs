//! Engines: they bind SQL and run it.
//!
//! dp asks [`Analyst`] before planning: syntax, names and types. [`Builder`] does the work of an apply. Both are
//! traits so that planning and applying can be tested without an engine; only [`duckdb`] names the embedded one.
//! Nothing here knows the state.

pub mod duckdb;
mod engine;
pub mod exact;
pub mod layout;
pub mod links;
mod manifest;
mod named_files;
pub mod release;
mod shown;

pub use engine::{
    Analyst, BoundQuery, BuildTask, Builder, Built, CheckTask, Checked, EngineError, ExportTask, FileAccess, ReadError,
    Relation, RelationBody, Rows, SourceRead, SourceReader,
};
pub use manifest::{ManifestError, read_manifest, write_manifest};
pub use named_files::{FileFinder, NamedFiles, NamedFilesError};
