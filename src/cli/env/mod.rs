//! Environments: named sets of published versions.

mod delete;
mod diff;
mod list;
mod promote;

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, Subcommand};

use super::error::CliError;
use super::exit::Exit;
use super::session::Session;
use crate::base::diagnostic::Problem;
use crate::ledger::sqlite::Reader;
use crate::model::{AssetName, Version};
use crate::project::{Project, ProjectError};
use crate::seam::Snapshot;

/// What `dp env` takes.
#[derive(Debug, Args)]
pub(super) struct EnvArgs {
    #[command(subcommand)]
    verb: EnvVerb,
}

/// What can be done with environments.
#[derive(Debug, Subcommand)]
enum EnvVerb {
    /// List the declared and the recorded environments
    List(list::ListArgs),
    /// Compare the published assets, rows and columns of two environments
    Diff(diff::DiffArgs),
    /// Publish the versions of one environment in another, without a build
    Promote(promote::PromoteArgs),
    /// Withdraw all assets of an environment and remove its links
    Delete(delete::DeleteArgs),
}

pub(super) fn run(args: EnvArgs, session: &mut Session) -> Result<Exit, CliError> {
    match args.verb {
        EnvVerb::List(args) => list::run(&args, session),
        EnvVerb::Diff(args) => diff::run(&args, session),
        EnvVerb::Promote(args) => promote::run(&args, session),
        EnvVerb::Delete(args) => delete::run(&args, session),
    }
}

/// Returns the names of all declared and recorded environments.
fn names(project: &Project, reader: Option<&Reader>) -> Result<BTreeSet<String>, CliError> {
    let mut names: BTreeSet<String> = project.settings.environments.iter().cloned().collect();
    if let Some(reader) = reader {
        names.extend(reader.environments()?.into_iter().map(|row| row.environment.to_string()));
    }
    Ok(names)
}

/// Returns an error for the name of an unknown environment.
fn known(name: &str, names: &BTreeSet<String>) -> Result<(), CliError> {
    if names.contains(name) {
        return Ok(());
    }
    let names = names.iter().map(String::as_str);
    Err(Problem::without_file(ProjectError::unknown_environment(name, names)).into())
}

/// Returns the published versions.
fn versions(snapshot: &Snapshot) -> BTreeMap<&AssetName, &Version> {
    snapshot.published.iter().map(|(name, published)| (name, &published.version)).collect()
}
