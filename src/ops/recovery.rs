//! Recovery of an unfinished run by the next command.

use std::path::Path;

use super::error::OpError;
use super::listener::Notice;
use super::lock::lock;
use super::workspace::Workspace;
use crate::ledger::sqlite::{Wait, Writer};
use crate::run::{Reach, recover};

/// Recovers under the lock, and notifies the listener of the result.
pub(super) fn under_lock(
    workspace: &Workspace,
    root: &Path,
    warehouse: &str,
    writer: &mut Writer,
) -> Result<(), OpError> {
    let recovered = recover(root, warehouse, writer, Reach::All, workspace.now())?;
    workspace.listener.notice(&Notice::Recovered(&recovered));
    Ok(())
}

/// Recovers inside `.dp` if no other process holds the lock, and notifies the listener of what else is behind. A command that only
/// reads continues in any case: the state is correct without it.
pub(super) fn in_passing(workspace: &Workspace, dp_folder: &Path) {
    // Problems of the project or the lock do not concern this command, or it reports them itself.
    let Ok((project, _)) = workspace.declared_in(&workspace.request(&[], &[], false)) else {
        return;
    };
    let Ok(lock) = lock(workspace, dp_folder, Wait::No) else {
        return;
    };
    let recovered = Writer::open(&lock, dp_folder).map_err(|error| error.to_string()).and_then(|mut writer| {
        let warehouse = &project.settings.connection.path;
        recover(&project.root, warehouse, &mut writer, Reach::Own, workspace.now()).map_err(|error| error.to_string())
    });
    match recovered {
        Ok(recovered) => workspace.listener.notice(&Notice::Recovered(&recovered)),
        Err(error) => workspace.listener.notice(&Notice::NotRecovered(&error)),
    }
}
