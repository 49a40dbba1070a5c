//! SQL as text: quoting, placeholders and their places. What SQL means is asked of the engine;
//! [`tree`] reads what its parser answers, [`bound`] what its binder answers.

pub mod bound;
pub mod clients;
mod columns;
pub mod difference;
mod equality;
pub mod functions;
pub(crate) mod lex;
pub mod lineage;
mod paths;
pub mod quote;
pub mod readers;
mod rename;
pub mod shape;
mod text;
pub mod tree;
pub mod zoned;

pub use columns::{Columns, Reads};
pub use lex::statement_body;
pub use paths::{Edit, Located, absolute_paths, edited};
pub use rename::rename_tables;
pub use text::{InterpolationError, Names, SqlText};
