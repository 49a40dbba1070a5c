//! Publishes again what was published before a run.

use std::collections::BTreeSet;
use std::sync::Arc;

use miette::Diagnostic;
use thiserror::Error;

use super::approve::{Approval, Approver, Proposal, approved};
use super::error::{OpError, RequestError};
use super::listener::Notice;
use super::lock::write;
use super::republish::{Moves, carry_out, exports_are_free};
use super::workspace::Workspace;
use crate::base::text;
use crate::facts::Analysis;
use crate::ledger::sqlite::{Reader, RunSummary, StoreError, Wait, Writer};
use crate::model::{AssetName, EnvironmentName, HeldBack, RunId, Version, VersionId, only_follows};
use crate::project::Project;
use crate::report::{self, FORMAT_VERSION, HeldVersion, Republished, UndoneRun, Withdrawn};
use crate::run::{Inspection, Outcome};
use crate::seam::{Published, Snapshot};

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
pub struct Undo {
    environment: EnvironmentName,
    since: RunId,
    /// The undone runs, newest first.
    runs: Vec<RunSummary>,
    /// The versions that are published again, each with the version that is published now.
    set: Vec<(Version, Option<Version>)>,
    /// The versions that are withdrawn.
    withdrawn: Vec<Version>,
    held: Vec<HeldBack>,
}

impl Proposal for Undo {
    fn is_nothing(&self) -> bool {
        self.set.is_empty() && self.withdrawn.is_empty()
    }

    fn covers(&self, now: &Self) -> bool {
        self == now
    }
}

/// The result of a rollback.
pub struct RolledBack {
    /// What was undone.
    pub report: report::Rollback,
    /// The run; `None` if there was nothing to undo.
    pub outcome: Option<Outcome>,
}

/// Undoes `run` and everything after it in the environment of the workspace; `None` undoes the last run that
/// published. Returns `None` if the user declined.
pub fn rollback(
    workspace: &Workspace,
    run: Option<RunId>,
    wait: Wait,
    approver: &mut dyn Approver<Undo>,
) -> Result<Option<RolledBack>, OpError> {
    let (project, _) = workspace.declared()?;
    let environment = &project.settings.environment;
    let approval = approved(workspace, approver, &|| write(workspace, &project, wait), &|writer: Option<&Writer>| {
        let undo = |reader: &Reader| work_out(run, reader, &reader.snapshot(environment)?, &project);
        match writer {
            Some(writer) => undo(writer),
            None => undo(&workspace.reader()?.ok_or_else(|| nothing_published(environment))?),
        }
    })?;
    let (undo, mut writer) = match approval {
        Approval::Declined => return Ok(None),
        Approval::Nothing(undo) => {
            let report = undo.report(None);
            return Ok(Some(RolledBack { report, outcome: None }));
        }
        Approval::Granted(undo, writer) => (undo, writer),
    };
    let snapshot = writer.snapshot(environment)?;
    let analysis = analysis(workspace, &project)?;
    let outcome =
        carry_out(workspace, "rollback", &project, analysis.as_deref(), &snapshot, undo.moves(), &mut writer)?;
    Ok(Some(RolledBack {
        report: undo.report(Some(outcome.run)),
        outcome: Some(outcome),
    }))
}

fn nothing_published(environment: &str) -> RequestError {
    RequestError::NothingPublished {
        environment: environment.to_owned(),
    }
}

/// Returns the analysis of the project, for its checks; `None` if it has no checks or can't be analyzed. A rollback is
/// possible in both cases.
fn analysis(workspace: &Workspace, project: &Project) -> Result<Option<Arc<Analysis>>, OpError> {
    if project.assets.values().all(|asset| asset.checks.is_empty()) {
        return Ok(None);
    }
    let request = workspace.request_in_part();
    match workspace.known(&request) {
        Ok(known) => {
            let is_read = |name: &str| name.parse().is_ok_and(|name| project.assets.contains_key::<AssetName>(&name));
            let unread: Vec<&String> = known.mistaken.iter().filter(|name| !is_read(name)).collect();
            if !unread.is_empty() {
                let files = text::named(unread, 5);
                workspace.listener.notice(&Notice::ChecksLeftOut(Some(&files)));
            }
            Ok(Some(known.analysis))
        }
        Err(OpError::Problems(_)) => {
            workspace.listener.notice(&Notice::ChecksLeftOut(None));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Returns the changes that publish again what was published before a run.
fn work_out(run: Option<RunId>, reader: &Reader, snapshot: &Snapshot, project: &Project) -> Result<Undo, OpError> {
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
        environment: environment.clone(),
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

fn version(reader: &Reader, id: &VersionId) -> Result<Version, OpError> {
    Ok(reader.version(id)?.ok_or_else(|| StoreError::UnknownVersion {
        version: id.clone(),
        asset: None,
    })?)
}

/// Creates the error that a run published nothing here, with the runs that did.
fn published_nothing(run: RunId, reader: &Reader, environment: &str) -> Result<OpError, OpError> {
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
    Ok(OpError::refused(RollbackError::PublishedNothing {
        run,
        environment: environment.to_owned(),
        help,
    }))
}

impl Undo {
    /// Returns an error with every obstacle if the rollback is not possible.
    fn is_possible(&self, reader: &Reader, snapshot: &Snapshot, project: &Project) -> Result<(), OpError> {
        let protected = |asset: &AssetName| {
            let published = snapshot.published.get(asset).is_some_and(Published::is_protected);
            project.assets.get(asset).map_or(published, |asset| asset.protect)
        };
        let withdrawn = self.withdrawn.iter().map(|version| &version.asset);
        let assets: Vec<String> = withdrawn.filter(|asset| protected(asset)).map(ToString::to_string).collect();
        if !assets.is_empty() {
            return Err(OpError::refused(RollbackError::Protected {
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
            return Err(OpError::refused(RollbackError::Lost { run: self.since, lost }));
        }
        exports_are_free(project, snapshot, self.set.iter().map(|(version, _)| version))
    }

    fn moves(&self) -> Moves {
        let reason = serde_json::json!({ "code": "rollback", "undoes": self.runs.iter().map(|run| run.run).collect::<Vec<_>>() });
        Moves {
            set: self.set.iter().map(|(version, _)| (version.clone(), reason.clone())).collect(),
            withdrawn: self.withdrawn.iter().map(|version| (version.asset.clone(), reason.clone())).collect(),
            undone: Some((self.since, self.held.clone())),
            settings: Vec::new(),
        }
    }

    /// Returns the report of the rollback that `run` made, or that would be made.
    pub fn report(&self, run: Option<RunId>) -> report::Rollback {
        report::Rollback {
            format_version: FORMAT_VERSION,
            environment: self.environment.clone(),
            run,
            before: self.since,
            undone: self
                .runs
                .iter()
                .map(|run| UndoneRun {
                    run: run.run,
                    command: run.command.clone(),
                    started: run.started,
                    counts: run.counts.clone(),
                })
                .collect(),
            published: self.set.iter().map(|(version, now)| Republished::new(version, now.as_ref())).collect(),
            withdrawn: self.withdrawn.iter().map(Withdrawn::new).collect(),
            held_back: self
                .held
                .iter()
                .map(|held| HeldVersion {
                    asset: held.asset.clone(),
                    version: held.version.clone(),
                })
                .collect(),
        }
    }
}
