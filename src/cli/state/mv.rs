use clap::Args;
use serde_json::json;

use super::take::{self, TakeError, hold, not_found, step};
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::model::AssetName;
use crate::ops::OpError;
use crate::plan::{Action, Reason};
use crate::run::Purpose;
use crate::view;

/// What `dp state mv` takes.
#[derive(Debug, Args)]
pub(super) struct MvArgs {
    /// Old name, published and no longer declared
    #[arg(value_name = "OLD")]
    old: String,
    /// New name, declared and not published yet
    #[arg(value_name = "NEW")]
    new: String,
    /// Reason, recorded in the state
    #[arg(long, value_name = "TEXT", value_parser = super::reason)]
    reason: String,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

pub(super) fn run(args: &MvArgs, session: &mut Session) -> Result<Exit, OpError> {
    let mut held = hold(session, args.wait.as_deref())?;
    let published = args.old.parse::<AssetName>().ok().and_then(|name| held.snapshot.published.get(&name));
    let Some(old) = published.map(|published| published.version.clone()) else {
        let help = "it is not published here; `dp state list` lists the published assets";
        return Err(not_found(&args.old, held.snapshot.published.keys(), help));
    };
    if held.known.project.assets.contains_key(&old.asset) {
        return Err(TakeError::StillDeclared {
            asset: old.asset.to_string(),
        }
        .into());
    }
    session.expect_usable(&held.known, [&old.asset])?;
    let (asset, _) = take::declared(session, &held.known, &args.new)?;
    let new = asset.name.clone();
    let kind = asset.kind_word();
    if held.snapshot.published.contains_key(&new) {
        return Err(TakeError::AlreadyPublished {
            asset: new.to_string(),
            environment: held.known.project.settings.environment.to_string(),
        }
        .into());
    }
    if asset.is_view() != old.is_view() || !asset.exports_like(&old) {
        return Err(TakeError::KeptOtherwise {
            old: old.asset.to_string(),
            new: new.to_string(),
        }
        .into());
    }
    let moved = Reason::Moved {
        from: old.asset.clone(),
    };
    let mut step = step(&new, kind, Action::Reuse, moved, Some(&old));
    step.reuse = Some(old.id.clone());
    let purpose = Purpose::Move {
        reason: args.reason.clone(),
    };
    let (outcome, after) = take::run(&mut held, session, "state mv", step, purpose, Vec::new(), Vec::new())?;
    if outcome.failed() || outcome.interrupted {
        session.ui.error(&format!("`{}` keeps its name, because the run published nothing", old.asset));
        return Ok(if outcome.interrupted { Exit::Interrupted } else { Exit::Failed });
    }
    let version = after.published.get(&new).map(|published| &published.version.id);
    if session.global.json {
        session.json(&json!({
            "format_version": view::FORMAT_VERSION,
            "asset": new,
            "from": old.asset,
            "version": version,
            "reason": args.reason,
            "run": outcome.run,
        }))?;
    } else {
        session.say(&format!("Renamed {} to {new} (run {}).\n", old.asset, outcome.run))?;
    }
    Ok(Exit::Done)
}
