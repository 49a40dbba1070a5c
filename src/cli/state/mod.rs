//! `dp state`: shows and repairs the state. One file per command.
//!
//! A command that changes something takes the lock and is recorded as a separate run without steps: [`begin`], then
//! the change, then [`finish`] with an [`event`] that contains the reason. So the history shows every change of the
//! state.

mod accept;
mod adopt;
mod backup;
mod list;
mod mv;
mod restore;
mod rm;
mod show;
mod take;
mod unlock;

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::error::CliError;
use super::exit::Exit;
use super::locking::start;
use super::session::Session;
use crate::base::fs;
use crate::ledger::sqlite::{Batch, EventEntry, Writer};
use crate::model::{AssetName, RunId};

/// What `dp state` takes.
#[derive(Debug, Args)]
pub(super) struct StateArgs {
    #[command(subcommand)]
    verb: StateVerb,
}

/// What can be done with the record.
#[derive(Debug, Subcommand)]
enum StateVerb {
    /// List the published assets and their recorded versions
    List(list::ListArgs),
    /// Show everything that the state records of an asset, in all environments
    Show(show::ShowArgs),
    /// Accept the current data of an asset as a new version, without a build
    Accept(accept::AcceptArgs),
    /// Adopt an existing file as the first version of an asset, without a build
    Adopt(adopt::AdoptArgs),
    /// Rename an asset and keep its version
    Mv(mv::MvArgs),
    /// Remove an asset from the state of an environment, and keep its data
    Rm(rm::RmArgs),
    /// Back up the whole state (before each run, dp makes a backup without the log)
    Backup(backup::BackupArgs),
    /// Replace the state with a backup, and keep the replaced file
    Restore(restore::RestoreArgs),
    /// Release the lock of a machine that no longer exists
    Unlock(unlock::UnlockArgs),
}

pub(super) fn run(args: StateArgs, session: &mut Session) -> Result<Exit, CliError> {
    match args.verb {
        StateVerb::List(args) => list::run(&args, session),
        StateVerb::Show(args) => show::run(&args, session),
        StateVerb::Accept(args) => accept::run(&args, session),
        StateVerb::Adopt(args) => adopt::run(&args, session),
        StateVerb::Mv(args) => mv::run(&args, session),
        StateVerb::Rm(args) => rm::run(&args, session),
        StateVerb::Backup(args) => backup::run(&args, session),
        StateVerb::Restore(args) => restore::run(&args, session),
        StateVerb::Unlock(args) => unlock::run(&args, session),
    }
}

/// Returns a path for display: relative to the project, if it is inside it.
fn shown(session: &Session, path: &Path) -> String {
    let root = session.root().ok().and_then(|root| fs::canonicalize(&root).ok());
    let inside = root.as_ref().and_then(|root| path.strip_prefix(root).ok());
    inside.unwrap_or(path).display().to_string()
}

/// Records the start of a manual change.
pub(super) fn begin(session: &Session, writer: &mut Writer, command: &str) -> Result<RunId, CliError> {
    Ok(writer.begin_run(&start(session, command, &session.environment()?, ""))?)
}

/// Records the end of a manual change, with the last batch.
pub(super) fn finish(session: &Session, writer: &mut Writer, run: RunId, batch: &Batch) -> Result<(), CliError> {
    Ok(writer.finish_run(run, "done", &json!({}), session.now(), batch)?)
}

/// Returns the entry of the event log for a manual change; `reason` is what the user gave.
pub(super) fn event(
    session: &Session,
    word: &str,
    asset: Option<&AssetName>,
    reason: Option<&str>,
    mut data: Value,
) -> EventEntry {
    data["reason"] = json!(reason);
    EventEntry {
        time: session.now(),
        event: word.to_owned(),
        asset: asset.cloned(),
        data,
    }
}

/// Parses a reason, which must not be empty.
fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("the reason is empty".to_owned()) } else { Ok(text.to_owned()) }
}
