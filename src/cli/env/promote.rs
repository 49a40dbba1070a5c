use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::prompt::Prompt;
use crate::cli::session::Session;
use crate::cli::wait::waiting;
use crate::ops::{self, OpError, Promote, Promotion};
use crate::view;

/// What `dp env promote` takes.
#[derive(Debug, Args)]
pub(super) struct PromoteArgs {
    /// Environment to promote from; `--env` names the target [default: prod]
    #[arg(value_name = "ENVIRONMENT")]
    name: String,
    /// Promote only these assets: `name`, `schema.*`, `tag:x`, `+name`, `name+`
    #[arg(value_name = "ASSET")]
    selectors: Vec<String>,
    /// Do not ask for approval
    #[arg(short = 'y', long)]
    auto_approve: bool,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

pub(super) fn run(args: &PromoteArgs, session: &Session) -> Result<Exit, OpError> {
    let wait = waiting(args.wait.as_deref())?;
    let to = &session.global.env;
    let show = |promotion: &Promotion| {
        let Promotion {
            promoted, snapshot, ..
        } = promotion;
        session.out(&view::promotion(promoted, &args.name, to, snapshot, &session.theme()))
    };
    let what = Promote {
        from: &args.name,
        selectors: &args.selectors,
    };
    let mut prompt =
        Prompt::new(session, args.auto_approve, format!("Publish these versions in {to}?"), &show).announcing();
    let Some(done) = ops::promote(session, &what, wait, &mut prompt)? else {
        return Ok(Exit::Refused);
    };
    if session.global.json {
        session.json_report(&done.report)?;
    } else if let Some(run) = done.report.run {
        session.say(&view::promoted(&done.report, run))?;
    } else {
        session.out(&view::nothing_to_promote(&args.name, to))?;
    }
    Ok(done.outcome.map_or(Exit::Done, |outcome| session.ended(&outcome)))
}
