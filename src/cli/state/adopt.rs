use std::path::PathBuf;

use clap::Args;

use super::take::{self, TakeError, declared, hold, may_be_taken};
use crate::base::fs;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::ops::OpError;
use crate::plan::PlanError;
use crate::project::Materialize;

/// What `dp state adopt` takes.
#[derive(Debug, Args)]
pub(super) struct AdoptArgs {
    /// Asset to adopt the file for, not published yet
    #[arg(value_name = "ASSET")]
    asset: String,
    /// File with the rows: CSV, JSON, newline-delimited JSON or Parquet [default: the path of its export]
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// Reason, recorded in the state
    #[arg(long, value_name = "TEXT", value_parser = super::reason)]
    reason: String,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

pub(super) fn run(args: &AdoptArgs, session: &mut Session) -> Result<Exit, OpError> {
    let mut held = hold(session, args.wait.as_deref())?;
    let (asset, facts) = declared(session, &held.known, &args.asset)?;
    let (name, asset, facts) = (asset.name.clone(), asset.clone(), facts.clone());
    let project = &held.known.project;
    if held.snapshot.published.contains_key(&name) {
        return Err(TakeError::AlreadyPublished {
            asset: name.to_string(),
            environment: project.settings.environment.to_string(),
        }
        .into());
    }
    may_be_taken(&held, &asset, &facts)?;
    let export = match &asset.materialize {
        Materialize::File { path, .. } => Some(path.clone()),
        Materialize::Table | Materialize::View => None,
    };
    let file = match (&args.path, &export) {
        (Some(path), _) => session.absolute(path),
        (None, Some(export)) => project.absolute(export),
        (None, None) => {
            return Err(TakeError::NoFile {
                asset: name.to_string(),
            }
            .into());
        }
    };
    if fs::stamp(&file)?.is_none_or(|_| fs::is_folder(&file)) {
        return Err(TakeError::NothingThere {
            asset: name.to_string(),
            path: take::shown(&held.known, &file),
        }
        .into());
    }
    let file = fs::canonicalize(&file)?;
    let in_place = export.as_ref().map(|export| project.absolute(export)).filter(|place| fs::exists(place));
    let is_export = in_place.as_ref().is_some_and(|place| fs::canonicalize(place).is_ok_and(|place| place == file));
    // Another file that dp did not write would be overwritten.
    if let (Some(path), true, false) = (&export, in_place.is_some(), is_export)
        && project.settings.environment.is_prod()
    {
        return Err(PlanError::ForeignFile {
            asset: name.to_string(),
            path: path.clone(),
        }
        .into());
    }
    take::take(&mut held, session, (&name, is_export, file), ("adopted", &args.reason), Vec::new())
}
