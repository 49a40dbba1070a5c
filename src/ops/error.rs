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
    #[error("can't ask for approval without a terminal")]
    #[diagnostic(
        code(dp::cli::no_prompt),
        help("pass `--auto-approve`; or save a plan with `dp plan --out FILE` and run `dp apply FILE`")
    )]
    NoPrompt,
    #[error("the lock is held on this machine: {holder}")]
    #[diagnostic(
        code(dp::cli::holder_is_here),
        help("wait for this process, or end it; its end releases the lock, and the next command recovers")
    )]
    HolderIsHere { holder: String },
    #[error("there is no automatic backup")]
    #[diagnostic(
        code(dp::cli::no_backup),
        help("name a copy of the state: `dp state restore FILE`; or remove the folder `.dp` to start over")
    )]
    NoBackup,
    #[error("`{file}` already exists")]
    #[diagnostic(code(dp::cli::exists), help("name a new file"))]
    Exists { file: String },
    #[error("`{file}` already exists and is not a saved plan")]
    #[diagnostic(code(dp::cli::no_older_plan), help("name a new file, or an older plan, which dp replaces"))]
    NoOlderPlan { file: String },
    #[error("`{name}` not found")]
    #[diagnostic(code(dp::cli::not_found))]
    NotFound {
        name: String,
        #[help]
        help: String,
    },
    #[error("nothing was ever published in `{environment}`")]
    #[diagnostic(code(dp::cli::nothing_published), help("run `dp apply --env {environment}`"))]
    NothingPublished { environment: String },
    #[error("`{written}` is not a valid time")]
    #[diagnostic(
        code(dp::cli::since),
        help("write a duration ago (`2h`), a time (`2026-01-05T10:00:00Z`) or the `id` of an event")
    )]
    Since { written: String },
    #[error("none of the selected assets is published in `{environment}`")]
    #[diagnostic(
        code(dp::cli::nothing_selected_published),
        help("run `dp apply --env {environment}` to publish them; `dp status` shows the published assets")
    )]
    NothingSelectedPublished { environment: String },
    #[error("the query failed: {message}")]
    #[diagnostic(
        code(dp::cli::query),
        help("correct the query; `dp status` lists the assets, and `dp show ASSET` lists the columns")
    )]
    Query { message: String },
    #[error("dp can't read `{asset}` as it was after {run}: {why}")]
    #[diagnostic(
        code(dp::cli::past_gone),
        help(
            "use a later run with `--at`, or query the current data; `[state]` in dp.toml sets how long `dp gc` keeps versions"
        )
    )]
    PastGone { asset: String, run: String, why: String },
    #[error("{message}")]
    #[diagnostic(code(dp::cli::usage))]
    Usage {
        message: String,
        #[help]
        help: String,
    },
    #[error("a saved plan can't be combined with other arguments: {why}")]
    #[diagnostic(
        code(dp::cli::plan_arguments),
        help("run `dp apply FILE` alone: the file contains the options of its plan")
    )]
    PlanArguments { why: String },
    #[error("{why}")]
    #[diagnostic(code(dp::cli::bad_argument), help("run `dp {command} --help` to see the arguments"))]
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
