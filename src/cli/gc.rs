use clap::Args;

use super::exit::Exit;
use super::prompt::Prompt;
use super::session::Session;
use super::wait::waiting;
use crate::ops::{self, OpError};
use crate::report;
use crate::run::Garbage;
use crate::view;

/// What `dp gc` takes.
#[derive(Debug, Args)]
pub(super) struct GcArgs {
    /// Show what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for approval
    #[arg(short = 'y', long, conflicts_with = "dry_run")]
    auto_approve: bool,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

pub(super) fn run(args: &GcArgs, session: &Session) -> Result<Exit, OpError> {
    let wait = waiting(args.wait.as_deref())?;
    let report = if args.dry_run {
        Some(ops::gc_preview(session)?)
    } else {
        let show = |found: &Garbage| {
            let report = ops::gc_report(found, None, false);
            session.out(&view::gc(&report, "can be deleted", &session.theme()))
        };
        ops::gc(session, wait, &mut Prompt::new(session, args.auto_approve, "Delete them?", &show))?
    };
    let Some(report) = report else {
        return Ok(Exit::Refused);
    };
    show(session, &report)?;
    Ok(Exit::Done)
}

fn show(session: &Session, report: &report::Gc) -> Result<(), OpError> {
    if session.global.json {
        return session.json_report(report);
    }
    let verb = if report.run.is_some() { "freed" } else { "would be deleted" };
    session.out(&view::gc(report, verb, &session.theme()))
}
