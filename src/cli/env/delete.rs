use clap::Args;
use miette::Diagnostic;
use serde_json::json;
use thiserror::Error;

use super::{known, names};
use crate::base::text;
use crate::cli::error::{CliError, RequestError};
use crate::cli::exit::Exit;
use crate::cli::locking::{start, waiting, write};
use crate::cli::session::{Session, snapshot};
use crate::ledger::sqlite::Reader;
use crate::model::{EnvironmentName, NameError, VersionId};
use crate::project::Project;
use crate::run::delete_environment;
use crate::seam::Snapshot;
use crate::view;

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

/// Why an environment can't be deleted.
#[derive(Debug, Error, Diagnostic)]
enum DeleteError {
    #[error("`{}` is the production environment, which dp never deletes", EnvironmentName::PROD)]
    #[diagnostic(code(dp::env::prod), help("to withdraw its assets, run `dp destroy`"))]
    Prod,
    #[error("{} protected, and published in `{environment}`", text::named(assets, 5) + if assets.len() == 1 { " is" } else { " are" })]
    #[diagnostic(
        code(dp::env::protected),
        help("to delete it anyway, run `dp env delete {environment} --force`; other environments stay the same")
    )]
    Protected { environment: String, assets: Vec<String> },
}

pub(super) fn run(args: &DeleteArgs, session: &mut Session) -> Result<Exit, CliError> {
    let wait = waiting(args.wait.as_deref())?;
    let name = &args.name;
    if name == EnvironmentName::PROD {
        return Err(CliError::refused(DeleteError::Prod));
    }
    let (project, _) = session.declared()?;
    let reader = session.reader()?;
    let names = names(&project, reader.as_ref())?;
    known(name, &names)?;
    let environment: EnvironmentName = name.parse().map_err(|error: NameError| RequestError::BadArgument {
        command: "env delete",
        why: error.to_string(),
    })?;
    let before = snapshot(reader.as_ref(), name)?;
    if before.release.is_none() {
        // An unfinished deletion may have left its links.
        if reader.as_ref().map(Reader::has_unfinished_runs).transpose()?.unwrap_or(false) {
            drop(write(session, &project, wait)?);
        }
        if session.global.json {
            session.json(&json!({
                "format_version": view::FORMAT_VERSION, "environment": name, "run": null, "withdrawn": [],
            }))?;
        } else {
            session.say(&format!("Nothing to delete: nothing is published in {name}.\n"))?;
        }
        return Ok(Exit::Done);
    }
    drop(reader);
    let mut approved = None;
    if !args.auto_approve {
        if !ask(args, session, &project, &before)? {
            return Ok(Exit::Refused);
        }
        approved = Some(pointers(&before));
    }
    loop {
        let (lock, mut writer) = write(session, &project, wait)?;
        let now = writer.snapshot(name)?;
        if approved.as_ref().is_some_and(|approved| *approved != pointers(&now)) {
            drop(writer);
            drop(lock);
            session.ui.status("The state changed since this was shown. New result:");
            if !ask(args, session, &project, &now)? {
                return Ok(Exit::Refused);
            }
            approved = Some(pointers(&now));
            continue;
        }
        unprotected(args, &project, &now)?;
        let begin = start(session, "env delete", &environment, "");
        let run = delete_environment(&project, &environment, &now, begin, session.clock, &mut writer, &mut |_| {})?;
        if session.global.json {
            session.json(&json!({
                "format_version": view::FORMAT_VERSION,
                "environment": name,
                "run": run,
                "withdrawn": now.published.iter().map(|(asset, published)| json!({
                    "asset": asset, "version": published.version.id,
                })).collect::<Vec<_>>(),
            }))?;
        } else {
            let count = text::count(now.published.len(), "asset");
            session.say(&format!("Deleted {name}: {count} withdrawn ({run}). Their versions stay until `dp gc`.\n"))?;
        }
        return Ok(Exit::Done);
    }
}

fn pointers(snapshot: &Snapshot) -> Vec<VersionId> {
    snapshot.published.values().map(|published| published.version.id.clone()).collect()
}

fn unprotected(args: &DeleteArgs, project: &Project, snapshot: &Snapshot) -> Result<(), CliError> {
    let assets: Vec<String> = snapshot
        .published
        .iter()
        .filter(|(name, published)| {
            project.assets.get(*name).map_or_else(|| published.is_protected(), |asset| asset.protect)
        })
        .map(|(name, _)| name.to_string())
        .collect();
    if assets.is_empty() || args.force {
        return Ok(());
    }
    Err(CliError::refused(DeleteError::Protected {
        environment: args.name.clone(),
        assets,
    }))
}

/// Shows what would be deleted and prompts the user. Returns whether to continue.
fn ask(args: &DeleteArgs, session: &mut Session, project: &Project, snapshot: &Snapshot) -> Result<bool, CliError> {
    unprotected(args, project, snapshot)?;
    if session.global.json || !session.ui.can_ask() {
        return Err(RequestError::NoPrompt.into());
    }
    let count = text::count(snapshot.published.len(), "asset");
    let assets = text::named(snapshot.published.keys(), 20);
    let warehouse = &project.settings.connection.path;
    session.say(&format!(
        "{count} published in {name} would be withdrawn: {assets}.\n{warehouse}/{name} and {warehouse}/{name}.duckdb would be removed.\n",
        name = args.name
    ))?;
    if session.ui.confirm(&format!("Delete {}?", args.name)).unwrap_or(false) {
        return Ok(true);
    }
    session.ui.status("Cancelled; nothing was changed.\n");
    Ok(false)
}
