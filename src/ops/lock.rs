//! Acquires the project's lock and describes its holder.

use std::path::Path;

use super::error::OpError;
use super::listener::Notice;
use super::recovery;
use super::workspace::Workspace;
use crate::ledger::sqlite::{HeldLock, Holder, Lock, Wait, Writer};
use crate::model::{RunScope, RunStart};
use crate::project::Project;

/// Acquires the lock of the project with this `.dp` folder, and notifies the listener of a wait.
pub fn lock(workspace: &Workspace, dp_folder: &Path, wait: Wait) -> Result<HeldLock, OpError> {
    let holder = Holder {
        user: user(),
        host: host(),
        pid: std::process::id(),
        command: format!("dp {}", workspace.words.join(" ")),
        since: workspace.now(),
    };
    let mut on_wait = |holder: Option<&Holder>| workspace.listener.notice(&Notice::Waiting(holder));
    Ok(Lock::acquire(dp_folder, holder, wait, &mut on_wait)?)
}

/// Acquires the lock, opens the state for writing, and recovers what an earlier run left. The writer holds
/// the lock.
pub fn write(workspace: &Workspace, project: &Project, wait: Wait) -> Result<Writer, OpError> {
    let dp_folder = project.dp_folder();
    let lock = lock(workspace, &dp_folder, wait)?;
    let mut writer = Writer::open(&lock, &dp_folder)?;
    recovery::under_lock(workspace, &project.root, &project.settings.connection.path, &mut writer)?;
    Ok(writer)
}

/// Returns the start of a run of this command line, without steps.
pub fn start(workspace: &Workspace, command: &str, scope: impl Into<RunScope>, engine: &str) -> RunStart {
    RunStart {
        command: command.to_owned(),
        environment: scope.into(),
        arguments: workspace.words.clone(),
        user: user(),
        host: host(),
        pid: std::process::id(),
        dp_version: env!("CARGO_PKG_VERSION").to_owned(),
        engine: engine.to_owned(),
        plan: None,
        started: workspace.now(),
        steps: Vec::new(),
    }
}

fn user() -> String {
    whoami::username().unwrap_or_else(|_| "unknown".to_owned())
}

/// Returns the name of this machine as it is written to the lock.
pub fn host() -> String {
    whoami::hostname().unwrap_or_else(|_| "unknown".to_owned())
}
