use miette::Diagnostic;
use thiserror::Error;

use crate::base::fs::FsError;

/// A file that can't be an input.
#[derive(Debug, Error, Diagnostic)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ObserveError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] FsError),

    #[error("`{path}` changed while dp read it")]
    #[diagnostic(
        code(dp::observe::changing),
        help("wait until the file is complete; its writer can rename a finished file into place")
    )]
    Changing { path: String },

    #[error("`{path}` leads out of the project")]
    #[diagnostic(code(dp::observe::outside), help("copy the file into the project: links must not lead out of it"))]
    Outside { path: String },

    #[error("`{pattern}` is not a valid pattern: {message}")]
    #[diagnostic(
        code(dp::observe::pattern),
        help(
            "correct the pattern: `*` and `?` match within a name, `**` across folders, `[ab]` one of several characters"
        )
    )]
    Pattern { pattern: String, message: String },

    #[error("the name of `{path}` is not UTF-8")]
    #[diagnostic(code(dp::observe::name), help("rename the file"))]
    Name { path: String },
}
