//! Analyzes a [`Project`](crate::project::Project): what is known of it before anything runs.
//!
//! Files are listed and hashed, the engine parses and binds every query, and names are resolved into a graph.
//! Everything is checked: one mistake never hides another. An asset that reads a broken one is left out and not blamed
//! (`broken.rs`). The engine's answers are cached between commands, under a key of everything that they depend on.

mod ahead;
mod binding;
mod broken;
mod check_types;
mod checks;
mod clock;
mod command;
mod contract;
mod error;
mod memory;
mod prepare;
mod references;
mod run;
mod schema_change;
mod secret;
mod source_error;
mod sources;
mod trees;

pub use command::{RecordedColumns, Secrets, secret_names};
pub use error::SqlError;
pub use memory::{Memory, NoMemory};
pub use run::{AnalyzeOptions, PublishedSources, analyze};
pub use trees::tree_of;
