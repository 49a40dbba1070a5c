use std::fmt;

use miette::{Diagnostic, LabeledSpan};

use crate::base::diagnostic::Span;
use crate::intake::{Door, Refusal};

/// Files that can't be read exactly.
#[derive(Debug)]
pub(super) struct SourceError {
    /// The reason, and its place in the files.
    pub refusal: Box<Refusal>,
    /// Where the files were named.
    pub door: Door,
    /// The pattern of the files, or the reader in a query.
    pub span: Span,
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal.fmt(f)
    }
}

impl std::error::Error for SourceError {}

impl Diagnostic for SourceError {
    fn code(&self) -> Option<Box<dyn fmt::Display + '_>> {
        Some(Box::new(self.refusal.code()))
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        Some(Box::new(self.refusal.help_at(self.door)))
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = match self.door {
            Door::Source => "this source",
            Door::Query => "these files",
        };
        let label = LabeledSpan::new_with_span(Some(label.to_owned()), self.span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}
