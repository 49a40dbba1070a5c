use miette::Diagnostic;
use thiserror::Error;

/// Why a project can't be created.
#[derive(Debug, Error, Diagnostic)]
pub(super) enum InitError {
    #[error("{files} would be overwritten")]
    #[diagnostic(
        code(dp::cli::would_overwrite),
        help("move what is there away, or make the project in another folder: `dp init DIR`")
    )]
    WouldOverwrite { files: String },

    #[error("`{folder}` can't hold a project: the engine takes `*`, `?` and `[` in a path for a pattern")]
    #[diagnostic(code(dp::cli::folder_name), help("name a folder without them in its whole path: `dp init DIR`"))]
    FolderName { folder: String },

    #[error("`{file}` can't become a source: {why}")]
    #[diagnostic(code(dp::cli::no_source))]
    NoSource {
        file: String,
        why: String,
        #[help]
        help: String,
    },
}

impl InitError {
    /// Creates the error for a file that can't become a source.
    pub(super) fn no_source(file: &str, why: impl Into<String>, help: impl Into<String>) -> Self {
        Self::NoSource {
            file: file.to_owned(),
            why: why.into(),
            help: help.into(),
        }
    }
}
