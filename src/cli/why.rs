use clap::Args;

use super::exit::Exit;
use super::session::Session;
use crate::base::text;
use crate::model::{AssetName, RunId};
use crate::ops::{Known, OpError, RequestError};
use crate::plan::{Evidence, Why, why_then};
use crate::seam::History;
use crate::view;

/// What `dp why` takes.
#[derive(Debug, Args)]
pub(super) struct WhyArgs {
    /// Asset to explain
    #[arg(value_name = "ASSET")]
    asset: String,
    /// Explain what this run did with the asset, from the state
    #[arg(long, value_name = "RUN")]
    run: Option<RunId>,
}

pub(super) fn run(args: &WhyArgs, session: &mut Session) -> Result<Exit, OpError> {
    let (why, environment, known) = if let Some(run) = args.run {
        let (why, environment) = then(args, run, session)?;
        (why, environment, None)
    } else {
        let (why, known) = now(args, session)?;
        (why, session.global.env.clone(), Some(known))
    };
    if session.global.json {
        let mut json = view::why_json(&why, &environment);
        session.show_mistakes(known.as_ref(), Some(&mut json));
        session.json(&json)?;
    } else {
        session.show_mistakes(known.as_ref(), None);
        session.out(&view::why(&why, &session.theme()))?;
    }
    Ok(Exit::Done)
}

/// Returns why the current plan does what it does with the asset, and what is known of the project.
fn now(args: &WhyArgs, session: &mut Session) -> Result<(Why, Known), OpError> {
    let request = session.request_in_part();
    let (mut known, mut reader, mut recorded) = session.known_and_recorded(&request)?;
    let asset = args.asset.parse::<AssetName>().ok();
    session.expect_usable(&known, &asset)?;
    let plan = session.plan_unlocked(&mut known, &mut reader, &mut recorded, &request)?;
    let evidence = Evidence {
        plan: &plan,
        analysis: &known.analysis,
        observed: &known.observed,
        snapshot: &recorded.snapshot,
        history: reader.as_ref().map(|reader| reader as &dyn History),
    };
    let found = asset.as_ref().map_or(Ok(None), |asset| evidence.now(asset))?;
    // Withdrawals are known only if nothing is left out.
    if found.is_none() && asset.is_some_and(|asset| recorded.snapshot.published.contains_key(&asset)) {
        session.expect_no_mistake(&known)?;
    }
    let why = found.ok_or_else(|| {
        let names = plan.steps.iter().map(|step| step.asset.as_str());
        let help = text::did_you_mean(&args.asset, names).unwrap_or_else(|| "`dp status` lists the assets".to_owned());
        not_found(&args.asset, help)
    })?;
    Ok((why, known))
}

/// Returns why a run did what it did with the asset, in the run's environment; the current project does not matter.
fn then(args: &WhyArgs, run: RunId, session: &Session) -> Result<(Why, String), OpError> {
    let reader = session.reader()?;
    let detail = reader.as_ref().map(|reader| reader.run(run)).transpose()?.flatten();
    let (Some(reader), Some(detail)) = (reader, detail) else {
        return Err(not_found(&run.to_string(), "`dp history` lists the runs".to_owned()));
    };
    let environment = detail.summary.environment.to_string();
    let found = args.asset.parse().map_or(Ok(None), |asset| why_then(&reader, &asset, run, &environment))?;
    match found {
        Some(why) => Ok((why, environment)),
        None => Err(not_found(&args.asset, format!("`dp show {run}` lists the steps of the run"))),
    }
}

fn not_found(name: &str, help: String) -> OpError {
    let name = name.to_owned();
    RequestError::NotFound { name, help }.into()
}
