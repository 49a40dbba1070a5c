//! DuckDB, embedded: in memory, without access to anything but the project's own files.
//!
//! A [`session`] fixes every setting that changes results, limits what can be opened and locks
//! that. Values go into the store in forms that Parquet can hold ([`types`]) and are cast back by
//! every reader.

mod analyst;
mod blank;
mod builder;
pub mod catalogue;
mod error;
mod foreign;
mod named_files;
mod plan;
mod query;
mod reader;
mod rewrite;
pub mod session;
pub mod types;
mod written_type;
mod zones;

pub use analyst::{DuckAnalyst, FIXED_TIME};
pub use blank::ahead as open_ahead;
pub use builder::{DuckBuilder, rows_of};
pub use query::{Answer, Meaning, QueryFormat, query};
pub use reader::escape_glob;
pub use session::{Session, SessionOptions};
pub use zones::data_version as time_zone_data;
