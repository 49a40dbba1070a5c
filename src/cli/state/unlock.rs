use clap::Args;
use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::ledger::sqlite::{Batch, Holder, Lock, Wait, Writer};
use crate::ops::{OpError, RequestError, begin, event, finish, host, lock};
use crate::view;

/// What `dp state unlock` takes.
#[derive(Debug, Args)]
pub(super) struct UnlockArgs {
    /// Do not ask for approval
    #[arg(short = 'y', long)]
    auto_approve: bool,
    /// Reason, recorded in the state
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

pub(super) fn run(args: &UnlockArgs, session: &mut Session) -> Result<Exit, OpError> {
    let folder = session.dp_folder()?;
    let Some(holder) = Lock::holder(&folder)? else {
        tell(session, None)?;
        return Ok(Exit::Done);
    };
    if holder.host == host() {
        return Err(RequestError::HolderIsHere {
            holder: holder.to_string(),
        }
        .into());
    }
    if !args.auto_approve {
        if session.global.json || !session.ui.can_ask() {
            return Err(RequestError::NoPrompt.into());
        }
        session.ui.status(&format!(
            "The lock is held by {holder}.\nThat is another machine, so dp can't see whether the process still runs. If it does, it stops at its \
             next write, and its work since the last write is lost."
        ));
        if !session.ui.confirm("Release its lock?").unwrap_or(false) {
            session.ui.status("Cancelled; nothing was changed.\n");
            return Ok(Exit::Refused);
        }
    }
    Lock::take_away(&folder, &holder)?;
    let held = lock(session, &folder, Wait::No)?;
    let mut writer = Writer::open(&held, &folder)?;
    let run = begin(session, &mut writer, "state unlock")?;
    let mut batch = Batch::new(run);
    let data = json!({ "holder": holder });
    batch.events.push(event(session, "unlocked", None, args.reason.as_deref(), data));
    finish(session, &mut writer, run, &batch)?;
    tell(session, Some(&holder))?;
    Ok(Exit::Done)
}

fn tell(session: &Session, holder: Option<&Holder>) -> Result<(), OpError> {
    if session.global.json {
        return session.json(&json!({
            "format_version": view::FORMAT_VERSION,
            "unlocked": holder.is_some(),
            "holder": holder,
        }));
    }
    match holder {
        None => session.out("Nothing to unlock: no process holds the lock.\n"),
        Some(holder) => session.say(&format!(
            "Unlocked: `{}` by {} on {}, process {}, no longer holds the lock.\nNext: dp plan\n",
            view::one_line(&holder.command),
            view::one_line(&holder.user),
            view::one_line(&holder.host),
            holder.pid,
        )),
    }
}
