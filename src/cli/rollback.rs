use clap::Args;

use super::exit::Exit;
use super::prompt::Prompt;
use super::session::Session;
use super::wait::waiting;
use crate::model::RunId;
use crate::ops::{self, OpError, Undo};
use crate::view;

/// What `dp rollback` takes.
#[derive(Debug, Args)]
pub(super) struct RollbackArgs {
    /// Run to undo, such as r7, together with all later runs [default: the last run that published]
    run: Option<RunId>,
    /// Do not ask for approval
    #[arg(short = 'y', long)]
    auto_approve: bool,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

pub(super) fn run(args: &RollbackArgs, session: &Session) -> Result<Exit, OpError> {
    let wait = waiting(args.wait.as_deref())?;
    let show = |undo: &Undo| session.out(&view::rollback(&undo.report(None), &session.theme()));
    let question = format!("Roll {} back?", session.global.env);
    let mut prompt = Prompt::new(session, args.auto_approve, question, &show).announcing();
    let Some(done) = ops::rollback(session, args.run, wait, &mut prompt)? else {
        return Ok(Exit::Refused);
    };
    if session.global.json {
        session.json_report(&done.report)?;
    } else {
        session.out(&match done.report.run {
            Some(run) => view::rolled_back(&done.report, run),
            None => view::rollback(&done.report, &session.theme()),
        })?;
    }
    Ok(done.outcome.map_or(Exit::Done, |outcome| session.ended(&outcome)))
}
