//! Acquires the project's lock and describes its holder.

use std::path::Path;
use std::time::Duration;

use super::error::{CliError, RequestError};
use super::recovery;
use super::session::Session;
use crate::ledger::sqlite::{HeldLock, Holder, Lock, Wait, Writer};
use crate::model::{RunScope, RunStart};
use crate::project::Project;

/// Parses the value of `--wait`.
pub(super) fn waiting(wait: Option<&str>) -> Result<Wait, CliError> {
    match wait {
        None => Ok(Wait::No),
        Some("forever") => Ok(Wait::Forever),
        Some(text) => match crate::project::parse_duration(text) {
            Some(seconds) => Ok(Wait::UpTo(Duration::from_secs(seconds))),
            None => Err(RequestError::BadArgument {
                command: "apply",
                why: format!("`--wait={text}`: not a duration such as 90s, 10m or 2h"),
            }
            .into()),
        },
    }
}

/// Acquires the lock of the project with this `.dp` folder, and reports a wait.
pub(super) fn lock(session: &Session, dp_folder: &Path, wait: Wait) -> Result<HeldLock, CliError> {
    let holder = Holder {
        user: user(),
        host: host(),
        pid: std::process::id(),
        command: format!("dp {}", session.words.join(" ")),
        since: session.now(),
    };
    let mut on_wait = |holder: Option<&Holder>| match holder {
        Some(holder) => session.ui.status(&format!("Waiting for {holder}.")),
        None => session.ui.status("Waiting for another run."),
    };
    Ok(Lock::acquire(dp_folder, holder, wait, &mut on_wait)?)
}

/// Acquires the lock, opens the state for writing, and recovers what an earlier run left.
pub(super) fn write(session: &Session, project: &Project, wait: Wait) -> Result<(HeldLock, Writer), CliError> {
    let dp_folder = project.dp_folder();
    let lock = lock(session, &dp_folder, wait)?;
    let mut writer = Writer::open(&lock, &dp_folder)?;
    recovery::under_lock(session, &project.root, &project.settings.connection.path, &mut writer)?;
    Ok((lock, writer))
}

/// Returns the start of a run of this command line, without steps.
pub(super) fn start(session: &Session, command: &str, scope: impl Into<RunScope>, engine: &str) -> RunStart {
    RunStart {
        command: command.to_owned(),
        environment: scope.into(),
        arguments: session.words.clone(),
        user: user(),
        host: host(),
        pid: std::process::id(),
        dp_version: env!("CARGO_PKG_VERSION").to_owned(),
        engine: engine.to_owned(),
        plan: None,
        started: session.now(),
        steps: Vec::new(),
    }
}

fn user() -> String {
    whoami::username().unwrap_or_else(|_| "unknown".to_owned())
}

/// Returns the name of this machine as it is written to the lock.
pub(super) fn host() -> String {
    whoami::hostname().unwrap_or_else(|_| "unknown".to_owned())
}
