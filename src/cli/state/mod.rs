//! `dp state`: shows and repairs the state. One file per command.
//!
//! A command that changes something takes the lock and is recorded as a separate run without steps: [`begin`](crate::ops::begin), then
//! the change, then [`finish`](crate::ops::finish) with an [`event`](crate::ops::event) that contains the reason. So the history shows every change of the
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

use clap::{Args, Subcommand};

use super::exit::Exit;
use super::session::Session;
use crate::ops::OpError;

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

pub(super) fn run(args: StateArgs, session: &mut Session) -> Result<Exit, OpError> {
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

/// Parses a reason, which must not be empty.
fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("a reason can't be empty".to_owned()) } else { Ok(text.to_owned()) }
}
