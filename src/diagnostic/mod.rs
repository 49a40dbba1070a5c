//! What dp says about a person's mistakes: a text, a place in a file, a next step.
//!
//! Every error that a user can cause is a [`miette::Diagnostic`] beside the code that raises it.
//! This module only carries them: [`SourceFile`] is the text a span points into, [`Problem`] an
//! error with its file, [`Problems`] all of them, sorted by file and place.

mod problem;
mod source;

pub use problem::{Place, Problem, Problems, Reading};
pub use source::{SourceFile, Span};
