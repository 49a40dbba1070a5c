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
        help("apply that view together with what it reads, or apply everything: `dp apply`")
    )]
    Unpinnable(String),
    /// The engine can't be used at all.
    #[error("the engine failed: {0}")]
    #[diagnostic(code(dp::apply::engine), help("apply again; if it stays, look at memory and disk space"))]
    Engine(EngineError),
    /// The release can't be assembled.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Release(#[from] ReleaseError),
    /// A column that the plan proved unchanged did change.
    #[error("`{asset}` was proven to stay the same in {columns}, and did not; nothing is published")]
    #[diagnostic(
        code(dp::apply::disproved),
        help(
            "this is a bug in dp: please report it, with the edit that was applied; `dp apply --replace {asset}` rebuilds without that proof"
        )
    )]
    Disproved {
        /// The asset.
        asset: String,
        /// The columns, as text.
        columns: String,
    },
    /// A stored file that this run built or read changed before it was published.
    #[error("{} changed outside dp during this run; nothing is published", changed(.0))]
    #[diagnostic(
        code(dp::apply::store_changed),
        help("find out what writes to `.dp/store`; nothing but dp may. Then `dp apply`: it builds these files anew")
    )]
    StoreChanged(Vec<String>),
    /// The place of an export is taken by a file that dp did not write.
    #[error("`{path}` exists, and dp did not write it; nothing was published")]
    #[diagnostic(
        code(dp::apply::foreign_file),
        help("move the file away and apply again: what was built is used; or export `{asset}` to another path")
    )]
    ForeignFile {
        /// The asset.
        asset: String,
        /// The path, relative to the project.
        path: String,
    },
    /// A version that a rollback or promotion would publish is missing or changed.
    #[error("this can't be published: {}; nothing was published", .0.join("; "))]
    #[diagnostic(
        code(dp::apply::lost),
        help("`dp apply` builds what is missing; `dp check --deep` reads every stored file")
    )]
    Lost(Vec<String>),
    /// The runtime for worker threads can't be started.
    #[error("worker threads can't be started: {0}")]
    #[diagnostic(code(dp::apply::threads), help("look at the limits of processes and threads (`ulimit -u`)"))]
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
