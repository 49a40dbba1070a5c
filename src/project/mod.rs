//! What users write: `dp.toml` and `assets/**/*.toml`, parsed and checked into one value.
//!
//! [`load`] is the only function here that reads files. It returns a [`Project`] with the valid assets, and all
//! [`Problems`](crate::base::diagnostic::Problems) of the others: one mistake never hides another. Nothing here uses an
//! engine; [`crate::analyze`] finds the meaning of SQL.

mod asset;
mod behaviour;
mod check;
mod command;
mod error;
mod form;
mod format;
mod keys;
mod load;
mod pattern;
mod resolve;
mod resolve_command;
mod resolve_export;
mod schema;
mod settings;
mod shape;
mod toml_string;
mod unread;

pub use asset::{Asset, AssetKind, ColumnContract, Materialize, OnSchemaChange, Query, Refresh, Source};
pub use check::{Check, CheckKind};
pub use command::{Allow, Command, Judgement, MadeFile, Output, OutputTable};
pub use error::ProjectError;
pub use form::Form;
pub use format::{files, formatted};
pub use keys::{KEY_TABLES, KeyTable};
pub use load::{LoadOptions, Loaded, load};
pub use pattern::path_pattern;
pub(crate) use resolve_command::{input_variable, split_endpoint, upper};
pub use schema::{FileKind, schema};
pub use settings::{Connection, Keep, Project, Settings};
pub(crate) use shape::parse_duration;
