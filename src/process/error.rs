//! Why a program could not be run.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

/// Why a program could not be run. What it did itself is no error of dp.
#[derive(Debug, Error, Diagnostic)]
pub enum ProcessError {
    /// It did not start.
    #[error("cannot start `{}`: {source}", program.display())]
    #[diagnostic(
        code(dp::process::not_started),
        help("check that the program exists, that you may execute it, and that the script after its `#!` exists too")
    )]
    NotStarted {
        /// Its file.
        program: PathBuf,
        /// What the operating system answered.
        #[source]
        source: io::Error,
    },
    /// The folder that it is to start in is none.
    #[error("cannot start `{}` in `{}`: {source}", program.display(), folder.display())]
    #[diagnostic(code(dp::process::no_folder), help("make the folder, or name one that exists"))]
    NoFolder {
        /// The program's file.
        program: PathBuf,
        /// The folder.
        folder: PathBuf,
        /// What the operating system answered.
        #[source]
        source: io::Error,
    },
    /// It can't be kept within its fence.
    #[error("cannot keep `{}` within what it may do: {reason}", program.display())]
    #[diagnostic(
        code(dp::process::no_fence),
        help(
            "run it on a Linux kernel with Landlock and seccomp, outside a sandbox that forbids them, or set `effects = \"warn\"` for the asset"
        )
    )]
    NoFence {
        /// Its file.
        program: PathBuf,
        /// What is missing.
        reason: String,
    },
    /// The operating system refused something that running needs.
    #[error("cannot {what}: {source}")]
    #[diagnostic(
        code(dp::process::system),
        help("check the limits of open files and processes (`ulimit -a`), and try again")
    )]
    System {
        /// What was tried, as an infinitive.
        what: &'static str,
        /// What the operating system answered.
        #[source]
        source: io::Error,
    },
    /// A folder could not be looked at.
    #[error("cannot look at `{}`: {source}", path.display())]
    #[diagnostic(code(dp::process::compare), help("check that the folder exists and that you may read it"))]
    Compare {
        /// Which path.
        path: PathBuf,
        /// What the operating system answered.
        #[source]
        source: io::Error,
    },
}

/// An error of the operating system, with what was tried.
pub(super) fn system(what: &'static str) -> impl FnOnce(rustix::io::Errno) -> ProcessError {
    move |source| ProcessError::System {
        what,
        source: source.into(),
    }
}
