use clap::Args;

use super::error::{CliError, RequestError};
use super::exit::Exit;
use super::session::Session;
use crate::plan::{Evidence, Why, why_then};
use crate::state::{History, RunId};
use crate::{view, words};

/// What `dp why` takes.
#[derive(Debug, Args)]
pub(super) struct WhyArgs {
    /// The asset
    #[arg(value_name = "ASSET")]
    asset: String,
    /// Why this run did with it what it did, from the record
    #[arg(long, value_name = "RUN")]
    run: Option<RunId>,
}

pub(super) fn run(args: &WhyArgs, session: &mut Session) -> Result<Exit, CliError> {
    let (why, environment) = match args.run {
        Some(run) => then(args, run, session)?,
        None => (now(args, session)?, session.global.env.clone()),
    };
    if session.global.json {
        session.json(&view::why_json(&why, &environment))?;
    } else {
        session.out(&view::why(&why, &session.theme()))?;
    }
    Ok(Exit::Done)
}

/// Why the plan of now does with the asset what it does.
fn now(args: &WhyArgs, session: &mut Session) -> Result<Why, CliError> {
    let request = session.request(&[], &[], false);
    let (mut known, mut reader, mut recorded) = session.known_and_recorded(&request)?;
    let plan = session.plan_unlocked(&mut known, &mut reader, &mut recorded, &request)?;
    let evidence = Evidence {
        plan: &plan,
        analysis: &known.analysis,
        observed: &known.observed,
        snapshot: &recorded.snapshot,
        history: reader.as_ref().map(|reader| reader as &dyn History),
    };
    let found = args.asset.parse().map_or(Ok(None), |asset| evidence.now(&asset))?;
    found.ok_or_else(|| {
        let names = plan.steps.iter().map(|step| step.asset.as_str());
        let help = words::did_you_mean(&args.asset, names).unwrap_or_else(|| "`dp status` lists the assets".to_owned());
        not_found(&args.asset, help)
    })
}

/// Why a run did with the asset what it did, in the environment of that run; the project of now does not matter.
fn then(args: &WhyArgs, run: RunId, session: &Session) -> Result<(Why, String), CliError> {
    let reader = session.reader()?;
    let detail = reader.as_ref().map(|reader| reader.run(run)).transpose()?.flatten();
    let (Some(reader), Some(detail)) = (reader, detail) else {
        return Err(not_found(&run.to_string(), "`dp history` lists the runs".to_owned()));
    };
    let environment = detail.summary.environment.to_string();
    let found = args.asset.parse().map_or(Ok(None), |asset| why_then(&reader, &asset, run, &environment))?;
    match found {
        Some(why) => Ok((why, environment)),
        None => Err(not_found(&args.asset, format!("`dp show {run}` lists what the run did"))),
    }
}

fn not_found(name: &str, help: String) -> CliError {
    let name = name.to_owned();
    RequestError::NotFound { name, help }.into()
}
