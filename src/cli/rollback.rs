use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clap::Args;
use miette::Diagnostic;
use serde_json::json;
use thiserror::Error;

use super::error::{CliError, RequestError};
use super::exit::Exit;
use super::history::counts;
use super::locking::{waiting, write};
use super::plan::in_environment;
use super::republish::{Moves, carry_out, exports_are_free};
use super::session::{Session, snapshot};
use crate::base::text;
use crate::facts::Analysis;
use crate::ledger::sqlite::{Reader, RunSummary};
use crate::model::{AssetName, HeldBack, RunId, Version, VersionId, only_follows};
use crate::project::Project;
use crate::run::Inspection;
use crate::seam::{Published, Snapshot};
use crate::view::{self, Cell, Table};

/// What `dp rollback` takes.
#[derive(Debug, Args)]
pub(super) struct RollbackArgs {
    /// Run to undo, such as r7, together with all later runs [default: the last run that published]
    run: Option<RunId>,
    /// Do not ask for approval
    #[arg(short = 'y', long)]
    auto_approve: bool,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

/// Why a run can't be undone.
#[derive(Debug, Error, Diagnostic)]
enum RollbackError {
    #[error("{run} published nothing in `{environment}`")]
    #[diagnostic(code(dp::rollback::published_nothing))]
    PublishedNothing {
        run: RunId,
        environment: String,
        #[help]
        help: String,
    },
    #[error("versions from before {run} no longer exist: {}", lost.join("; "))]
    #[diagnostic(
        code(dp::rollback::lost),
        help("undo fewer runs, or correct the definitions and run `dp apply`; nothing was changed")
    )]
    Lost { run: RunId, lost: Vec<String> },
    #[error(
        "{} {} protected",
        text::named(assets, 5),
        if assets.len() == 1 { format!("was not published before {run}, and is") } else { format!("were not published before {run}, and are") }
    )]
    #[diagnostic(
        code(dp::rollback::protected),
        help("to withdraw protected assets, remove `protect = true`, run `dp apply`, and roll back again")
    )]
    Protected { run: RunId, assets: Vec<String> },
}

/// The result of undoing a run.
#[derive(Clone, Debug, PartialEq)]
struct Undo {
    since: RunId,
    /// The undone runs, newest first.
    runs: Vec<RunSummary>,
    /// The versions that are published again, each with the version that is published now.
    set: Vec<(Version, Option<Version>)>,
    /// The versions that are withdrawn.
    withdrawn: Vec<Version>,
    held: Vec<HeldBack>,
}

pub(super) fn run(args: &RollbackArgs, session: &mut Session) -> Result<Exit, CliError> {
    let wait = waiting(args.wait.as_deref())?;
    let (project, _) = session.declared()?;
    let environment = project.settings.environment.clone();
    let mut approved: Option<Undo> = None;
    if !args.auto_approve {
        approved = match ask(args, session, &project)? {
            Some(undo) => Some(undo),
            None => return Ok(Exit::Refused),
        };
    }
    loop {
        let (lock, mut writer) = write(session, &project, wait)?;
        let snapshot = writer.snapshot(&environment)?;
        let undo = work_out(args.run, &writer, &snapshot, &project)?;
        if approved.as_ref().is_some_and(|approved| *approved != undo) {
            drop(writer);
            drop(lock);
            session.ui.status("The state changed since this was shown. New result:");
            approved = match ask(args, session, &project)? {
                Some(undo) => Some(undo),
                None => return Ok(Exit::Refused),
            };
            continue;
        }
        if args.auto_approve && !session.global.json {
            session.out(&shown(&undo, &environment, session))?;
        }
        if undo.is_nothing() {
            if session.global.json {
                session.json(&undo.json(&environment, None))?;
            }
            return Ok(Exit::Done);
        }
        let analysis = analysis(session, &project)?;
        let outcome =
            carry_out(session, "rollback", &project, analysis.as_deref(), &snapshot, undo.moves(), &mut writer)?;
        if session.global.json {
            session.json(&undo.json(&environment, Some(outcome.run)))?;
        } else {
            session.out(&done(&undo, &environment, outcome.run))?;
        }
        return Ok(if outcome.failed() { Exit::Failed } else { Exit::Done });
    }
}

/// Returns the analysis of the project, for its checks; `None` if it has no checks or can't be analyzed. A rollback is
/// possible in both cases.
fn analysis(session: &mut Session, project: &Project) -> Result<Option<Arc<Analysis>>, CliError> {
    if project.assets.values().all(|asset| asset.checks.is_empty()) {
        return Ok(None);
    }
    let request = session.request_in_part();
    match session.known(&request) {
        Ok(known) => {
            let is_read = |name: &str| name.parse().is_ok_and(|name| project.assets.contains_key::<AssetName>(&name));
            let unread: Vec<&String> = known.mistaken.iter().filter(|name| !is_read(name)).collect();
            if !unread.is_empty() {
                let files = text::named(unread, 5);
                let text = format!(
                    "dp did not run the checks of {files}, which contain mistakes; `dp validate` lists them.\n"
                );
                session.ui.status(&text);
            }
            Ok(Some(known.analysis))
        }
        Err(CliError::Problems(_)) => {
            session
                .ui
                .status("dp did not run the checks, because the project has mistakes; `dp validate` lists them.\n");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Shows the result of undoing and prompts the user; `None` if the user declined.
fn ask(args: &RollbackArgs, session: &mut Session, project: &Project) -> Result<Option<Undo>, CliError> {
    let environment = &project.settings.environment;
    let reader = session.reader()?.ok_or_else(|| RequestError::NothingPublished {
        environment: environment.to_string(),
    })?;
    let snapshot = snapshot(Some(&reader), environment)?;
    let undo = work_out(args.run, &reader, &snapshot, project)?;
    if !session.global.json {
        session.out(&shown(&undo, environment, session))?;
    }
    if undo.is_nothing() {
        return Ok(Some(undo));
    }
    if session.global.json || !session.ui.can_ask() {
        return Err(RequestError::NoPrompt.into());
    }
    if session.ui.confirm(&format!("Roll {environment} back?")).unwrap_or(false) {
        return Ok(Some(undo));
    }
    session.ui.status("Cancelled; nothing was changed.\n");
    Ok(None)
}

/// Returns the changes that publish again what was published before a run.
fn work_out(run: Option<RunId>, reader: &Reader, snapshot: &Snapshot, project: &Project) -> Result<Undo, CliError> {
    let environment = &project.settings.environment;
    let since = match run {
        Some(run) => run,
        None => {
            reader
                .last_publication(environment)?
                .ok_or_else(|| RequestError::NothingPublished {
                    environment: environment.to_string(),
                })?
                .run
        }
    };
    let publications = reader.publications_since(environment, since)?;
    if publications.last().is_none_or(|oldest| oldest.run != since) {
        return Err(published_nothing(since, reader, environment)?);
    }
    let before = reader.set_before(environment, since)?;
    let mut undo = Undo {
        since,
        runs: Vec::new(),
        set: Vec::new(),
        withdrawn: Vec::new(),
        held: Vec::new(),
    };
    for (asset, id) in &before {
        let now = snapshot.published.get(asset).map(|published| &published.version);
        if now.is_none_or(|now| now.id != *id) {
            undo.set.push((version(reader, id)?, now.cloned()));
        }
    }
    for (asset, published) in &snapshot.published {
        if !before.contains_key(asset) {
            undo.withdrawn.push(published.version.clone());
        }
    }
    let runs: BTreeSet<RunId> = publications.iter().map(|publication| publication.run).collect();
    for run in runs.iter().rev() {
        undo.runs.extend(reader.run(*run)?.map(|detail| detail.summary));
    }
    // A rollback restored versions that were accepted before; undoing the rollback does not hold them back.
    let rollbacks: BTreeSet<RunId> =
        undo.runs.iter().filter(|run| run.command == "rollback").map(|run| run.run).collect();
    let mut seen = BTreeSet::new();
    for publication in publications.iter().filter(|publication| !rollbacks.contains(&publication.run)) {
        for change in &publication.changes {
            let target = before.get(&change.asset);
            if change.after.as_ref() == target || !seen.insert((change.asset.clone(), change.after.clone())) {
                continue;
            }
            let after = change.after.as_ref().map(|id| version(reader, id)).transpose()?;
            let now = target.map(|id| version(reader, id)).transpose()?;
            if let (Some(after), Some(now)) = (&after, &now)
                && only_follows(after, now)
            {
                continue;
            }
            undo.held.push(HeldBack {
                asset: change.asset.clone(),
                definition: after.as_ref().map(|version| version.definition.clone()),
                key: after.map(|version| version.key),
                version: change.after.clone(),
                // The number and the time of the rollback are known only when it starts.
                run: since,
                since: publication.at,
            });
        }
    }
    undo.is_possible(reader, snapshot, project)?;
    Ok(undo)
}

fn version(reader: &Reader, id: &VersionId) -> Result<Version, CliError> {
    Ok(reader.version(id)?.ok_or_else(|| crate::ledger::sqlite::StoreError::UnknownVersion {
        version: id.clone(),
        asset: None,
    })?)
}

/// Creates the error that a run published nothing here, with the runs that did.
fn published_nothing(run: RunId, reader: &Reader, environment: &str) -> Result<CliError, CliError> {
    let Some(found) = reader.run(run)? else {
        return Ok(RequestError::NotFound {
            name: run.to_string(),
            help: "`dp history` lists the runs".to_owned(),
        }
        .into());
    };
    let elsewhere = found.publications.iter().find(|publication| publication.environment != environment);
    let help = if let Some(other) = elsewhere {
        let there = &other.environment;
        format!("it published in `{there}`; run `dp rollback {run} --env {there}`")
    } else {
        let mut runs: Vec<RunId> =
            reader.publications_since(environment, RunId(0))?.iter().map(|publication| publication.run).collect();
        runs.truncate(5);
        if runs.is_empty() {
            format!("nothing was ever published in `{environment}`")
        } else {
            format!("name a run that published there, such as {}", text::or(runs))
        }
    };
    Ok(CliError::refused(RollbackError::PublishedNothing {
        run,
        environment: environment.to_owned(),
        help,
    }))
}

impl Undo {
    fn is_nothing(&self) -> bool {
        self.set.is_empty() && self.withdrawn.is_empty()
    }

    /// Returns an error with every obstacle if the rollback is not possible.
    fn is_possible(&self, reader: &Reader, snapshot: &Snapshot, project: &Project) -> Result<(), CliError> {
        let protected = |asset: &AssetName| {
            let published = snapshot.published.get(asset).is_some_and(Published::is_protected);
            project.assets.get(asset).map_or(published, |asset| asset.protect)
        };
        let withdrawn = self.withdrawn.iter().map(|version| &version.asset);
        let assets: Vec<String> = withdrawn.filter(|asset| protected(asset)).map(ToString::to_string).collect();
        if !assets.is_empty() {
            return Err(CliError::refused(RollbackError::Protected {
                run: self.since,
                assets,
            }));
        }
        let mut inspection = Inspection::new(&project.root, reader);
        let mut lost = Vec::new();
        for (version, _) in &self.set {
            if let Some(why) = inspection.lost(version)? {
                lost.push(format!("`{}`: {why}", version.asset));
            }
        }
        if !lost.is_empty() {
            return Err(CliError::refused(RollbackError::Lost { run: self.since, lost }));
        }
        exports_are_free(project, snapshot, self.set.iter().map(|(version, _)| version))
    }

    fn moves(&self) -> Moves {
        let reason = json!({ "code": "rollback", "undoes": self.runs.iter().map(|run| run.run).collect::<Vec<_>>() });
        Moves {
            set: self.set.iter().map(|(version, _)| (version.clone(), reason.clone())).collect(),
            withdrawn: self.withdrawn.iter().map(|version| (version.asset.clone(), reason.clone())).collect(),
            undone: Some((self.since, self.held.clone())),
            settings: Vec::new(),
        }
    }

    fn json(&self, environment: &str, run: Option<RunId>) -> serde_json::Value {
        json!({
            "format_version": view::FORMAT_VERSION,
            "environment": environment,
            "run": run,
            "before": self.since,
            "undone": self.runs.iter().map(|run| json!({
                "run": run.run, "command": run.command, "started": run.started,
            })).collect::<Vec<_>>(),
            "published": self.set.iter().map(|(version, now)| json!({
                "asset": version.asset,
                "version": version.id,
                "replaced": now.as_ref().map(|now| &now.id),
                "rows": version.rows,
            })).collect::<Vec<_>>(),
            "withdrawn": self.withdrawn.iter().map(|version| json!({
                "asset": version.asset, "version": version.id,
            })).collect::<Vec<_>>(),
            "held_back": self.held.iter().map(|held| json!({
                "asset": held.asset, "version": held.version,
            })).collect::<Vec<_>>(),
        })
    }
}

/// Returns the text that shows the effect before the rollback.
fn shown(undo: &Undo, environment: &str, session: &Session) -> String {
    if undo.is_nothing() {
        return format!("Nothing to undo: {environment} already publishes the versions from before {}.\n", undo.since);
    }
    let theme = session.theme();
    let mut runs = Table::new(["undoes", "command", "started", "what"]);
    for run in &undo.runs {
        runs.push([
            Cell::text(run.run.to_string()),
            Cell::text(run.command.clone()),
            Cell::text(view::moment(run.started)),
            Cell::text(counts(run.counts.as_ref())),
        ]);
    }
    let mut assets = Table::new(["asset", "", "rows now", "rows then", "version then"]);
    let rows = |version: Option<&Version>| match version {
        None => Cell::Empty,
        Some(version) if version.is_view() => Cell::text("view"),
        Some(version) => version.rows.map_or(Cell::Empty, Cell::count),
    };
    let id = |version: Option<&Version>| Cell::text(version.map_or("", |version| version.id.as_str()));
    let mut lines: BTreeMap<&AssetName, (&str, Option<&Version>, Option<&Version>)> = BTreeMap::new();
    for (version, now) in &undo.set {
        lines.insert(&version.asset, ("back", Some(version), now.as_ref()));
    }
    for version in &undo.withdrawn {
        lines.insert(&version.asset, ("withdrawn", None, Some(version)));
    }
    for (asset, (what, before, now)) in lines {
        assets.push([Cell::text(asset.to_string()), Cell::text(what), rows(now), rows(before), id(before)]);
    }
    format!("{}\n{}", runs.render(&theme), assets.render(&theme))
}

fn done(undo: &Undo, environment: &str, run: RunId) -> String {
    let mut parts = Vec::new();
    if !undo.set.is_empty() {
        parts.push(format!("{} published again", text::count(undo.set.len(), "asset")));
    }
    if !undo.withdrawn.is_empty() {
        parts.push(format!("{} withdrawn", text::count(undo.withdrawn.len(), "asset")));
    }
    let mut text = format!("\n{environment} is as it was before {}: {} ({run}).\n", undo.since, text::and(parts));
    if !undo.held.is_empty() {
        text.push_str("`dp apply` keeps these versions until you edit the assets or pass --resume.\n");
    }
    text.push_str(&format!("Next: {}\n", in_environment("dp plan", environment)));
    text
}
