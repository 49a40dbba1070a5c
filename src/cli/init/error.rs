use miette::Diagnostic;
use thiserror::Error;

/// Why a project can't be created.
#[derive(Debug, Error, Diagnostic)]
pub(super) enum InitError {
    #[error("{files} would be overwritten")]
    #[diagnostic(
        code(dp::cli::would_overwrite),
        help("move these files away, or create the project in another folder: `dp init DIR`")
    )]
    WouldOverwrite { files: String },

    #[error("`{folder}` can't contain a project: the engine reads `*`, `?` and `[` in a path as a pattern")]
    #[diagnostic(code(dp::cli::folder_name), help("use a path without these characters: `dp init DIR`"))]
    FolderName { folder: String },

    #[error("can't create a source from `{file}`: {why}")]
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
