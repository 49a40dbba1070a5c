use clap::Args;

use super::take::{self, Held, TakeError, declared, hold, may_be_taken};
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::model::{AssetName, Observed, ShownChange};
use crate::ops::{OpError, RequestError, observed};
use crate::plan::{Action, Drift};
use crate::project::Asset;

/// What `dp state accept` takes.
#[derive(Debug, Args)]
pub(super) struct AcceptArgs {
    /// Asset to accept
    #[arg(value_name = "ASSET")]
    asset: String,
    /// Reason, recorded in the state
    #[arg(long, value_name = "TEXT", value_parser = super::reason)]
    reason: String,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

pub(super) fn run(args: &AcceptArgs, session: &mut Session) -> Result<Exit, OpError> {
    let mut held = hold(session, args.wait.as_deref())?;
    let (asset, facts) = declared(session, &held.known, &args.asset)?;
    let (name, asset, facts) = (asset.name.clone(), asset.clone(), facts.clone());
    if !held.snapshot.published.contains_key(&name) {
        return Err(RequestError::NotFound {
            name: args.asset.clone(),
            help: format!("it is not published here; adopt an existing file with `dp state adopt {name} PATH`"),
        }
        .into());
    }
    may_be_taken(&held, &asset, &facts)?;
    let seen = observed(&held.known.project, &mut held.known.hasher, &held.snapshot)?;
    let there = there(&held, &asset, &seen);
    if there.is_recorded && !differs(session, &mut held, &name)? {
        return Err(TakeError::NothingToAccept {
            asset: name.to_string(),
        }
        .into());
    }
    let file = held.known.project.absolute(&there.path);
    if !crate::base::fs::exists(&file) {
        return Err(TakeError::NothingThere {
            asset: name.to_string(),
            path: there.path,
        }
        .into());
    }
    let drift = damaged(&name, &seen);
    take::take(&mut held, session, (&name, there.is_export, file), ("accepted", &args.reason), drift)
}

/// The existing file of an asset.
struct There {
    path: String,
    /// Whether the file is the export.
    is_export: bool,
    /// Whether the file matches the record.
    is_recorded: bool,
}

fn there(held: &Held, asset: &Asset, seen: &Observed) -> There {
    let replaced = seen
        .shown
        .iter()
        .find(|state| state.asset.as_ref() == Some(&asset.name) && state.what == ShownChange::Replaced);
    let version = &held.snapshot.published[&asset.name].version;
    let data = version.data.as_ref().map(|data| data.path.to_string()).unwrap_or_default();
    match (replaced, seen.outputs.get(&asset.name)) {
        (Some(state), _) => There {
            path: state.path.clone(),
            is_export: false,
            is_recorded: false,
        },
        (None, Some(output)) => There {
            path: if output.stored { data } else { output.path.clone() },
            is_export: !output.stored && asset.exports_like(version),
            is_recorded: false,
        },
        (None, None) => There {
            path: data,
            is_export: false,
            is_recorded: true,
        },
    }
}

/// Whether the plan would change the rows of an asset.
fn differs(session: &Session, held: &mut Held, name: &AssetName) -> Result<bool, OpError> {
    let request = session.request(&[], &[], false);
    let Held {
        known,
        snapshot,
        writer,
    } = held;
    let plan = session.plan(known, snapshot, &**writer, &request)?;
    let action = plan.step(name).map_or(Action::Unchanged, |step| step.action);
    Ok(!matches!(action, Action::Unchanged | Action::Check | Action::Settings | Action::Maybe))
}

/// Returns the published version if its own file differs; it is then marked as damaged.
fn damaged(name: &AssetName, seen: &Observed) -> Vec<Drift> {
    let output = seen.outputs.get(name).filter(|output| output.stored);
    output
        .map(|output| Drift {
            asset: Some(name.clone()),
            what: output.what.to_owned(),
            path: output.path.clone(),
            mtime: output.mtime,
            action: "rebuild".to_owned(),
        })
        .into_iter()
        .collect()
}
