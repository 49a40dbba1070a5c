//! `dp state`: the record itself, to look at and to repair. One file a verb.
//!
//! What changes something takes the lock, and is a run of its own without steps: [`begin`], then what it does, then
//! [`finish`] with an [`event`] that says why. So the history shows it, and nothing changes the record silently.

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
use crate::fs;
use crate::project::AssetName;
use crate::state::RunId;
use crate::store::{Batch, EventEntry, Writer};

/// What `dp state` takes.
#[derive(Debug, Args)]
pub(super) struct StateArgs {
    #[command(subcommand)]
    verb: StateVerb,
}

/// What can be done with the record.
#[derive(Debug, Subcommand)]
enum StateVerb {
    /// List what is on record as published
    List(list::ListArgs),
    /// Show all that is on record of an asset, in every environment
    Show(show::ShowArgs),
    /// Take what is really there as right: it becomes a version without a build
    Accept(accept::AcceptArgs),
    /// Take an existing file as the first version of an asset, without a build
    Adopt(adopt::AdoptArgs),
    /// Give an asset another name and keep its version
    Mv(mv::MvArgs),
    /// Forget an asset in an environment without removing its data
    Rm(rm::RmArgs),
    /// Keep a copy of the whole record; before each run dp keeps one without the log by itself
    Backup(backup::BackupArgs),
    /// Put a backup in the place of the record, which is kept beside it
    Restore(restore::RestoreArgs),
    /// Take the lock away from a machine that is gone
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

/// A path as people know it: relative to the project, if it is in there.
fn shown(session: &Session, path: &Path) -> String {
    let root = session.root().ok().and_then(|root| fs::canonicalize(&root).ok());
    let inside = root.as_ref().and_then(|root| path.strip_prefix(root).ok());
    inside.unwrap_or(path).display().to_string()
}

/// Puts on record that something is about to be done by hand.
pub(super) fn begin(session: &Session, writer: &mut Writer, command: &str) -> Result<RunId, CliError> {
    Ok(writer.begin_run(&start(session, command, &session.environment()?, ""))?)
}

/// Puts on record that it was done, with the last that there is to say of it.
pub(super) fn finish(session: &Session, writer: &mut Writer, run: RunId, batch: &Batch) -> Result<(), CliError> {
    Ok(writer.finish_run(run, "done", &json!({}), session.now(), batch)?)
}

/// The line of the event log for what was done by hand; `reason` is what the user gave.
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

/// A reason that says something.
fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("a reason can't be empty".to_owned()) } else { Ok(text.to_owned()) }
}
