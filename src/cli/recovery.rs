//! Recovery of an unfinished run by the next command.

use std::path::Path;

use super::error::CliError;
use super::locking::lock;
use super::session::Session;
use crate::base::text;
use crate::ledger::sqlite::{Wait, Writer};
use crate::run::{Reach, Recovered, recover};

/// Recovers under the lock, and reports the result in one line.
pub(super) fn under_lock(session: &Session, root: &Path, warehouse: &str, writer: &mut Writer) -> Result<(), CliError> {
    let recovered = recover(root, warehouse, writer, Reach::All, session.now())?;
    tell(session, &recovered);
    Ok(())
}

/// Recovers inside `.dp` if no other process holds the lock, and reports what else is behind. A command that only
/// reads continues in any case: the state is correct without it.
pub(super) fn in_passing(session: &Session, dp_folder: &Path) {
    // Problems of the project or the lock do not concern this command, or it reports them itself.
    let Ok((project, _)) = session.declared_in(&session.request(&[], &[], false)) else {
        return;
    };
    let Ok(lock) = lock(session, dp_folder, Wait::No) else {
        return;
    };
    let recovered = Writer::open(&lock, dp_folder).map_err(|error| error.to_string()).and_then(|mut writer| {
        let warehouse = &project.settings.connection.path;
        recover(&project.root, warehouse, &mut writer, Reach::Own, session.now()).map_err(|error| error.to_string())
    });
    match recovered {
        Ok(recovered) => tell(session, &recovered),
        Err(error) => session.ui.warning(&format!(
            "could not recover the previous run: {error}; the next command that writes, such as `dp apply`, tries again"
        )),
    }
}

fn tell(session: &Session, recovered: &Recovered) {
    if let Some(sentence) = recovered.sentence() {
        session.ui.status(&format!("{sentence}\n"));
    }
    if !recovered.behind.is_empty() {
        session.ui.warning(&format!(
            "{} did not end, so links, the catalogue or exports may be outdated; the next command that writes, \
             such as `dp apply`, updates them",
            text::and(&recovered.behind)
        ));
    }
    for what in &recovered.not_in_place {
        session.ui.warning(what);
    }
}
