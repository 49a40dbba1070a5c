//! Why a program could not be run.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

/// Why a program could not be run. What the program itself did is not an error of dp.
#[derive(Debug, Error, Diagnostic)]
pub enum ProcessError {
    /// The program did not start.
    #[error("cannot start `{}`: {source}", program.display())]
    #[diagnostic(
        code(dp::process::not_started),
        help(
            "check that the program exists, that you have permission to execute it, and that the interpreter in its `#!` line exists"
        )
    )]
    NotStarted {
        /// The program's file.
        program: PathBuf,
        /// The error from the operating system.
        #[source]
        source: io::Error,
    },
    /// The working folder does not exist.
    #[error("cannot start `{}` in `{}`: {source}", program.display(), folder.display())]
    #[diagnostic(code(dp::process::no_folder), help("create the folder, or correct `working_dir`"))]
    NoFolder {
        /// The program's file.
        program: PathBuf,
        /// The folder.
        folder: PathBuf,
        /// The error from the operating system.
        #[source]
        source: io::Error,
    },
    /// The program can't be fenced.
    #[error("cannot restrict `{}` to its declared effects: {reason}", program.display())]
    #[diagnostic(
        code(dp::process::no_fence),
        help(
            "run it on a Linux kernel with Landlock and seccomp, outside a sandbox that forbids them, or set `effects = \"warn\"` for the asset"
        )
    )]
    NoFence {
        /// The program's file.
        program: PathBuf,
        /// What is missing.
        reason: String,
    },
    /// The operating system refused an operation that dp needs.
    #[error("cannot {what}: {source}")]
    #[diagnostic(
        code(dp::process::system),
        help("check the limits of open files and processes (`ulimit -a`), and try again")
    )]
    System {
        /// The operation, as an infinitive.
        what: &'static str,
        /// The error from the operating system.
        #[source]
        source: io::Error,
    },
    /// A folder could not be inspected.
    #[error("cannot inspect `{}`: {source}", path.display())]
    #[diagnostic(
        code(dp::process::compare),
        help("check that the folder exists and that you have permission to read it")
    )]
    Compare {
        /// The path.
        path: PathBuf,
        /// The error from the operating system.
        #[source]
        source: io::Error,
    },
}

/// Creates an error of the operating system, with the failed operation.
pub(super) fn system(what: &'static str) -> impl FnOnce(rustix::io::Errno) -> ProcessError {
    move |source| ProcessError::System {
        what,
        source: source.into(),
    }
}
