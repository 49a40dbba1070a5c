//! DuckDB, embedded: in memory, with access to the project's own files only.
//!
//! A [`session`] fixes every setting that changes results, limits which files can be opened, and locks these settings.
//! Values are stored in forms that Parquet can hold ([`types`]), and every reader casts them back.

mod analyst;
mod blank;
mod builder;
mod catalogue;
mod error;
mod foreign;
pub mod functions;
mod json;
mod lower;
pub mod meaning;
mod named_files;
mod plan;
mod query;
mod reader;
mod rewrite;
pub mod session;
mod session_words;
mod syntax;
pub mod types;
mod written_type;
mod zones;

pub use analyst::{DuckAnalyst, FIXED_TIME};
pub use blank::ahead as open_ahead;
pub use builder::{DuckBuilder, rows_of};
pub use catalogue::DuckCatalogues;
pub use query::{Answer, Meaning, QueryFormat, query};
pub use reader::escape_glob;
pub use session::{Session, SessionOptions};
pub use zones::data_version as time_zone_data;
