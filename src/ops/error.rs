use miette::Diagnostic;
use thiserror::Error;

use crate::base::diagnostic::{Problem, Problems};
use crate::ledger::sqlite::StoreError;

/// Why an operation failed.
#[derive(Debug)]
pub enum OpError {
    /// Mistakes in the project.
    Problems(Problems),
    /// Any other error with a diagnostic.
    Other(Box<dyn Diagnostic + Send + Sync>, Failure),
}

/// What kind of failure an error is, by what the user has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Refused before the first step: the project, the request or the engine is at fault.
    Refused,
    /// A step failed.
    Failed,
    /// Another run holds the lock.
    Locked,
    /// A bug in dp.
    Bug,
}

/// A request that dp can't fulfil.
#[derive(Debug, Error, Diagnostic)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RequestError {
    #[error("there is no terminal to ask on")]
    #[diagnostic(
        code(dp::cli::no_prompt),
        help("pass `--auto-approve`; an apply also takes a saved plan: `dp plan --out FILE`, `dp apply FILE`")
    )]
    NoPrompt,
    #[error("the lock is held on this machine: {holder}")]
    #[diagnostic(
        code(dp::cli::holder_is_here),
        help("wait for that process or end it: the lock is free as soon as it is gone, and the next command recovers")
    )]
    HolderIsHere { holder: String },
    #[error("there is no automatic backup")]
    #[diagnostic(
        code(dp::cli::no_backup),
        help("name a copy of the record: `dp state restore FILE`; to begin anew instead, remove the folder `.dp`")
    )]
    NoBackup,
    #[error("`{file}` is there already")]
    #[diagnostic(code(dp::cli::exists), help("name a new file"))]
    Exists { file: String },
    #[error("`{file}` is there already, and it is no plan")]
    #[diagnostic(code(dp::cli::no_older_plan), help("name a new file, or an older plan, which is replaced"))]
    NoOlderPlan { file: String },
    #[error("nothing is called `{name}`")]
    #[diagnostic(code(dp::cli::not_found))]
    NotFound {
        name: String,
        #[help]
        help: String,
    },
    #[error("nothing was ever published in `{environment}`")]
    #[diagnostic(code(dp::cli::nothing_published), help("run `dp apply`"))]
    NothingPublished { environment: String },
    #[error("`{written}` says no time")]
    #[diagnostic(
        code(dp::cli::since),
        help("write how long ago (`2h`), a moment (`2026-01-05T10:00:00Z`), or the `id` of an event")
    )]
    Since { written: String },
    #[error("nothing that is selected is published in `{environment}`")]
    #[diagnostic(
        code(dp::cli::nothing_selected_published),
        help("`dp status` shows what is published; run `dp apply`")
    )]
    NothingSelectedPublished { environment: String },
    #[error("the query failed: {message}")]
    #[diagnostic(
        code(dp::cli::query),
        help("correct the query; `dp status` lists the assets, `dp show ASSET` its columns")
    )]
    Query { message: String },
    #[error("`{asset}` can't be shown as it was after {run}: {why}")]
    #[diagnostic(
        code(dp::cli::past_gone),
        help("ask a later run, or what is published now; `[state]` in dp.toml says how long `dp gc` keeps versions")
    )]
    PastGone { asset: String, run: String, why: String },
    #[error("{message}")]
    #[diagnostic(code(dp::cli::usage))]
    Usage {
        message: String,
        #[help]
        help: String,
    },
    #[error("the plan was made for other arguments: {why}")]
    #[diagnostic(code(dp::cli::plan_arguments), help("`dp apply FILE` takes everything from the file"))]
    PlanArguments { why: String },
    #[error("{why}")]
    #[diagnostic(code(dp::cli::bad_argument), help("`dp {command} --help` says what can be given"))]
    BadArgument { command: &'static str, why: String },
}

impl OpError {
    /// Creates an error that the user has to fix.
    pub fn refused(error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self::Other(Box::new(error), Failure::Refused)
    }
}

impl From<Problem> for OpError {
    fn from(problem: Problem) -> Self {
        Self::Problems(problem.into())
    }
}

impl From<StoreError> for OpError {
    fn from(error: StoreError) -> Self {
        let failure = if matches!(error, StoreError::Locked { .. } | StoreError::LockLost { .. }) {
            Failure::Locked
        } else {
            Failure::Refused
        };
        Self::Other(Box::new(error), failure)
    }
}

macro_rules! refused {
    ($($error:ty),+) => {
        $(impl From<$error> for OpError {
            fn from(error: $error) -> Self {
                Self::refused(error)
            }
        })+
    };
}

refused!(
    RequestError,
    crate::plan::PlanError,
    crate::graph::SelectionError,
    crate::base::fs::FsError,
    crate::observe::ObserveError,
    crate::seam::EngineError,
    crate::seam::RecordError
);

impl From<crate::run::ApplyError> for OpError {
    fn from(error: crate::run::ApplyError) -> Self {
        match error {
            crate::run::ApplyError::Store(error) => error.into(),
            error @ crate::run::ApplyError::Disproved { .. } => Self::Other(Box::new(error), Failure::Bug),
            other => Self::Other(Box::new(other), Failure::Failed),
        }
    }
}
