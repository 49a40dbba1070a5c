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
    if text.is_empty() { Err("the reason is empty".to_owned()) } else { Ok(text.to_owned()) }
}
