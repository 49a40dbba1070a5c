//! SQL as text: quoting, placeholders and their places; and what an engine reports about it: [`syntax`] of its parser,
//! [`ir`] of its binder, and [`lineage`] over it.

pub mod difference;
pub mod ir;
pub(crate) mod lex;
pub mod lineage;
mod literal;
pub mod outline;
mod paths;
mod portable;
pub mod quote;
pub mod syntax;
mod text;

pub use lex::statement_body;
pub use paths::{Edit, Located, absolute_paths, edited};
pub use portable::{located, portable};
pub use text::{InterpolationError, Names, SqlText};
