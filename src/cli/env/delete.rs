use clap::Args;

use crate::base::text;
use crate::cli::exit::Exit;
use crate::cli::prompt::Prompt;
use crate::cli::session::Session;
use crate::cli::wait::waiting;
use crate::ops::{self, Deletion, OpError};

/// What `dp env delete` takes.
#[derive(Debug, Args)]
pub(super) struct DeleteArgs {
    /// Environment to delete
    #[arg(value_name = "ENVIRONMENT")]
    name: String,
    /// Delete it even if it contains protected assets
    #[arg(long)]
    force: bool,
    /// Do not ask for approval
    #[arg(short = 'y', long)]
    auto_approve: bool,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

pub(super) fn run(args: &DeleteArgs, session: &Session) -> Result<Exit, OpError> {
    let wait = waiting(args.wait.as_deref())?;
    let show = |deletion: &Deletion| {
        let (name, warehouse) = (&deletion.environment, &deletion.warehouse);
        let count = text::count(deletion.assets().len(), "asset");
        let assets = text::named(deletion.assets(), 20);
        session.say(&format!(
            "{count} published in {name} would be withdrawn: {assets}.\n{warehouse}/{name} and {warehouse}/{name}.duckdb would be removed.\n"
        ))
    };
    let mut prompt = Prompt::new(session, args.auto_approve, format!("Delete {}?", args.name), &show);
    let Some(deleted) = ops::delete(session, &args.name, args.force, wait, &mut prompt)? else {
        return Ok(Exit::Refused);
    };
    if session.global.json {
        session.json_report(&deleted)?;
        return Ok(Exit::Done);
    }
    let name = &deleted.environment;
    session.say(&match deleted.run {
        None => format!("Nothing to delete: nothing is published in {name}.\n"),
        Some(run) => {
            let count = text::count(deleted.withdrawn.len(), "asset");
            format!("Deleted {name}: {count} withdrawn ({run}). Their versions stay until `dp gc`.\n")
        }
    })?;
    Ok(Exit::Done)
}
