//! Diagnostics about the user's mistakes: a text, a place in a file, and help.
//!
//! Every error that a user can cause is a [`miette::Diagnostic`] beside the code that returns it. This module only
//! carries them: [`SourceFile`] is the text that a span points into, [`Problem`] is an error with its file, and
//! [`Problems`] is a list, sorted by file and place.

mod problem;
mod source;

pub use problem::{Place, Problem, Problems, Reading};
pub use source::{SourceFile, Span};
