//! SQL as text: quoting, placeholders and their places. The engine decides what SQL means; [`tree`] reads the result
//! of its parser, [`bound`] the result of its binder.

pub mod bound;
pub mod clients;
pub mod difference;
mod equality;
pub mod functions;
pub(crate) mod lex;
pub mod lineage;
mod literal;
mod paths;
mod portable;
pub mod quote;
pub mod readers;
mod rename;
pub mod shape;
mod text;
pub mod tree;
pub mod zoned;

pub use lex::statement_body;
pub use paths::{Edit, Located, absolute_paths, edited};
pub use portable::{located, portable};
pub use rename::rename_tables;
pub use text::{InterpolationError, Names, SqlText};
