use clap::Args;
use serde_json::json;

use super::take::{self, hold, not_found, step};
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::model::AssetName;
use crate::ops::OpError;
use crate::plan::{Action, PlanError, Reason};
use crate::project::Asset;
use crate::run::Purpose;
use crate::view;

/// What `dp state rm` takes.
#[derive(Debug, Args)]
pub(super) struct RmArgs {
    /// Asset, declared or not
    #[arg(value_name = "ASSET")]
    asset: String,
    /// Reason, recorded in the state
    #[arg(long, value_name = "TEXT", value_parser = super::reason)]
    reason: String,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

pub(super) fn run(args: &RmArgs, session: &mut Session) -> Result<Exit, OpError> {
    let mut held = hold(session, args.wait.as_deref())?;
    let published = args.asset.parse::<AssetName>().ok().and_then(|name| held.snapshot.published.get(&name));
    let Some(published) = published else {
        let help = "it is not published here; `dp state list` lists the published assets";
        return Err(not_found(&args.asset, held.snapshot.published.keys(), help));
    };
    let (version, is_protected) = (published.version.clone(), published.is_protected());
    let name = version.asset.clone();
    session.expect_usable(&held.known, [&name])?;
    let declared = held.known.project.assets.get(&name);
    if declared.map_or(is_protected, |asset| asset.protect) {
        return Err(PlanError::Protected {
            assets: vec![name.to_string()],
        }
        .into());
    }
    let kind = declared.map(Asset::kind_word).unwrap_or_default();
    let reason = Reason::Forgotten {
        reason: args.reason.clone(),
    };
    let step = step(&name, kind, Action::Destroy, reason, Some(&version));
    let purpose = Purpose::Forget {
        reason: args.reason.clone(),
    };
    let (outcome, _) = take::run(&mut held, session, "state rm", step, purpose, Vec::new(), Vec::new())?;
    let data = version.data.as_ref().map(|data| data.path.as_str());
    let files: Vec<&str> = data.into_iter().chain(version.placed().map(|(path, _)| path.as_str())).collect();
    if session.global.json {
        session.json(&json!({
            "format_version": view::FORMAT_VERSION,
            "asset": name,
            "version": version.id,
            "reason": args.reason,
            "left": files,
            "run": outcome.run,
        }))?;
        return Ok(Exit::Done);
    }
    let mut text = format!("Removed {name} from the state; its data stays (run {}):\n", outcome.run);
    for file in files {
        text.push_str(&format!("  {file}\n"));
    }
    session.out(&text)?;
    Ok(Exit::Done)
}
