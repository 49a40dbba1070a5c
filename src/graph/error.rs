use miette::Diagnostic;
use thiserror::Error;

use crate::base::diagnostic::Span;

/// A mistake in the dependencies.
#[derive(Debug, Error, Diagnostic)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum GraphError {
    #[error("unknown upstream `{name}`")]
    #[diagnostic(code(dp::graph::unknown_upstream))]
    UnknownUpstream {
        name: String,
        #[help]
        help: String,
        #[label("not declared in this project")]
        span: Span,
    },

    #[error("cycle: {path}")]
    #[diagnostic(code(dp::graph::cycle), help("remove one of these references: an asset can't depend on itself"))]
    Cycle {
        path: String,
        #[label("reads `{next}` here")]
        span: Span,
        next: String,
    },
}
