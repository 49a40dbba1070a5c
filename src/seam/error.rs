use std::path::Path;

use miette::Diagnostic;
use thiserror::Error;

/// An error that the engine reported.
#[derive(Clone, Debug, Error, Diagnostic)]
#[error("{message}")]
#[diagnostic(
    code(dp::warehouse::engine),
    help("{}", self.advice())
)]
pub struct EngineError {
    /// The engine's message, without the place.
    pub message: String,
    /// The situation.
    pub kind: ErrorKind,
    /// Byte offset in the query, if the engine reported one.
    pub offset: Option<usize>,
}

/// The situations that dp tells apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text can't be parsed.
    Syntax,
    /// The text is this number of statements, and not one.
    Statements(usize),
    /// The text is a statement that is not a query.
    NotAQuery,
    /// A query names a column that its inputs do not have; the column, if the engine names it.
    UnknownColumn(Option<String>),
    /// A query needs the extension `icu`, which dp's engine does not have; what needs it.
    NeedsIcu(String),
    /// The engine does not know the session's time zone; the name of a similar one.
    UnknownTimeZone(Option<String>),
    /// The project's path contains a character that the engine interprets.
    Path,
    /// The query of a view can't be rewritten to older versions of its inputs.
    Unpinnable,
    /// The statement was cancelled.
    Interrupted,
    /// Everything else.
    Other,
}

impl EngineError {
    fn advice(&self) -> &'static str {
        match self.kind {
            ErrorKind::Path => "rename the folder, or move the project; its built versions move with it",
            _ => "check memory, disk space and `[connections]` in dp.toml, and try again",
        }
    }

    /// Creates an error that dp itself found while it used the engine.
    pub fn of_kind(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind,
            offset: None,
        }
    }

    /// Creates an error in a situation that dp does not tell apart from others.
    pub fn other(message: impl Into<String>) -> Self {
        Self::of_kind(ErrorKind::Other, message)
    }

    /// Returns the error with paths relative to the project.
    #[must_use]
    pub fn relative_to(&self, root: &Path) -> Self {
        Self {
            message: self.message.replace(&format!("{}/", root.display()), ""),
            ..self.clone()
        }
    }

    /// Whether the error is the result of a cancellation.
    pub fn is_interrupt(&self) -> bool {
        self.kind == ErrorKind::Interrupted
    }
}
