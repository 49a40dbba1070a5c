use miette::Diagnostic;
use thiserror::Error;

use crate::base::fs::FsError;
use crate::ledger::sqlite::StoreError;
use crate::publish::local::release::ReleaseError;
use crate::seam::{EngineError, ErrorKind, RecordError};

/// Why an apply could not continue. A failed step is not an `ApplyError`: the run continues without it.
#[derive(Debug, Error, Diagnostic)]
pub enum ApplyError {
    /// The state can't be read or written.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Store(#[from] StoreError),
    /// A recorded value can't be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Record(#[from] RecordError),
    /// A file operation failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] FsError),
    /// A file can't be inspected.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Observe(#[from] crate::observe::ObserveError),
    /// Programs can't be run.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Process(#[from] crate::process::ProcessError),
    /// A view that is not part of the apply can't keep what it shows.
    #[error("{0}")]
    #[diagnostic(
        code(dp::apply::unpinnable),
        help("apply the view together with its inputs, or apply everything: `dp apply`")
    )]
    Unpinnable(String),
    /// The engine can't be used at all.
    #[error("the engine failed: {0}")]
    #[diagnostic(code(dp::apply::engine), help("apply again; if the error persists, check memory and disk space"))]
    Engine(EngineError),
    /// The release can't be assembled.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Release(#[from] ReleaseError),
    /// A column that the plan proved unchanged did change.
    #[error("dp proved that the build of `{asset}` keeps {columns} unchanged, but it did not; nothing was published")]
    #[diagnostic(
        code(dp::apply::disproved),
        help(
            "report this bug of dp with the edit that you applied; `dp apply --replace {asset}` rebuilds without the proof"
        )
    )]
    Disproved {
        /// The asset.
        asset: String,
        /// The columns, as text.
        columns: String,
    },
    /// A stored file that this run built or read changed before it was published.
    #[error("{} changed outside dp during this run; nothing was published", changed(.0))]
    #[diagnostic(
        code(dp::apply::store_changed),
        help(
            "find the program that writes to `.dp/store`, where only dp may write; then run `dp apply` to rebuild these files"
        )
    )]
    StoreChanged(Vec<String>),
    /// The place of an export is taken by a file that dp did not write.
    #[error("`{path}` exists, and dp did not write it; nothing was published")]
    #[diagnostic(
        code(dp::apply::foreign_file),
        help("move the file away and apply again, which reuses the build; or export `{asset}` to another path")
    )]
    ForeignFile {
        /// The asset.
        asset: String,
        /// The path, relative to the project.
        path: String,
    },
    /// A version that a rollback or promotion would publish is missing or changed.
    #[error("dp can't publish these versions: {}; nothing was published", .0.join("; "))]
    #[diagnostic(
        code(dp::apply::lost),
        help("run `dp apply` to build the missing versions; `dp check --deep` verifies every stored file")
    )]
    Lost(Vec<String>),
    /// The runtime for worker threads can't be started.
    #[error("could not start worker threads: {0}")]
    #[diagnostic(code(dp::apply::threads), help("check the limits of processes and threads (`ulimit -u`)"))]
    Threads(std::io::Error),
}

fn changed(paths: &[String]) -> String {
    format!("{} {}", crate::base::text::named(paths, 5), if paths.len() == 1 { "was" } else { "were" })
}

impl From<EngineError> for ApplyError {
    fn from(error: EngineError) -> Self {
        if error.kind == ErrorKind::Unpinnable {
            return Self::Unpinnable(error.message);
        }
        Self::Engine(error)
    }
}
