use miette::Diagnostic;
use thiserror::Error;

use crate::fs::FsError;
use crate::state::RecordError;
use crate::store::StoreError;
use crate::warehouse::EngineError;
use crate::warehouse::release::ReleaseError;

/// Why an apply could not go on. A step that fails is no such error: the run goes on without it.
#[derive(Debug, Error, Diagnostic)]
pub enum ApplyError {
    /// The state can't be read or written.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Store(#[from] StoreError),
    /// The record can't be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Record(#[from] RecordError),
    /// A file operation failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] FsError),
    /// A file can't be looked at.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Observe(#[from] crate::observe::ObserveError),
    /// Programs can't be run.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Process(#[from] crate::process::ProcessError),
    /// A view that is not applied can't stay as it is.
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
    /// What is to be published can't be put together.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Release(#[from] ReleaseError),
    /// What a plan proved is not so.
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
        /// The columns, in words.
        columns: String,
    },
    /// What was built or read in this run was changed in the store before it was published.
    #[error("{} changed outside dp during this run; nothing is published", changed(.0))]
    #[diagnostic(
        code(dp::apply::store_changed),
        help("find out what writes to `.dp/store`; nothing but dp may. Then `dp apply`: it builds these files anew")
    )]
    StoreChanged(Vec<String>),
    /// A file that dp did not write is at the place of an export.
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
    /// What a rollback or promotion would publish is no longer what was built.
    #[error("this can't be published: {}; nothing was published", .0.join("; "))]
    #[diagnostic(
        code(dp::apply::lost),
        help("`dp apply` builds what is missing; `dp check --deep` reads every stored file")
    )]
    Lost(Vec<String>),
    /// The runtime for workers can't be started.
    #[error("worker threads can't be started: {0}")]
    #[diagnostic(code(dp::apply::threads), help("look at the limits of processes and threads (`ulimit -u`)"))]
    Threads(std::io::Error),
}

fn changed(paths: &[String]) -> String {
    format!("{} {}", crate::words::named(paths, 5), if paths.len() == 1 { "was" } else { "were" })
}

impl From<EngineError> for ApplyError {
    fn from(error: EngineError) -> Self {
        if error.kind == crate::warehouse::exact::UNPINNABLE {
            return Self::Unpinnable(error.message);
        }
        Self::Engine(error)
    }
}
