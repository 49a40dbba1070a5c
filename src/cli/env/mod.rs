//! Environments: named sets of published versions.

mod delete;
mod diff;
mod list;
mod promote;

use std::collections::BTreeMap;

use clap::{Args, Subcommand};

use super::exit::Exit;
use super::session::Session;
use crate::model::{AssetName, Version};
use crate::ops::OpError;
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

pub(super) fn run(args: EnvArgs, session: &mut Session) -> Result<Exit, OpError> {
    match args.verb {
        EnvVerb::List(args) => list::run(&args, session),
        EnvVerb::Diff(args) => diff::run(&args, session),
        EnvVerb::Promote(args) => promote::run(&args, session),
        EnvVerb::Delete(args) => delete::run(&args, session),
    }
}

/// Returns the published versions.
fn versions(snapshot: &Snapshot) -> BTreeMap<&AssetName, &Version> {
    snapshot.published.iter().map(|(name, published)| (name, &published.version)).collect()
}
