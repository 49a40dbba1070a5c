//! Shared by rollback and promotion: moves pointers to existing versions, as a separate run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::error::OpError;
use super::lock::start;
use super::open;
use super::workspace::Workspace;
use crate::base::fs;
use crate::facts::Analysis;
use crate::ledger::sqlite::Writer;
use crate::model::{AssetName, AssetSettings, CheckRecord, Digest, HeldBack, RunId, Version, VersionId};
use crate::plan::PlanError;
use crate::project::Project;
use crate::run::{CheckedTogether, Kept, Outcome, Republish, Together, republish};
use crate::seam::{Builder, LedgerRead, Snapshot};

/// The pointers to move, each with the reason as in the JSON of a plan.
pub struct Moves {
    /// The versions to publish.
    pub set: Vec<(Version, serde_json::Value)>,
    /// The assets to withdraw.
    pub withdrawn: Vec<(AssetName, serde_json::Value)>,
    /// For a rollback: the first run that is undone, and what is held back from now on.
    pub undone: Option<(RunId, Vec<HeldBack>)>,
    /// For a promotion: the declared settings of the published assets.
    pub settings: Vec<(AssetName, AssetSettings)>,
}

/// Runs every `error` check that reads what would be published and has no passing result for it.
///
/// # Errors
/// [`PlanError::CheckFails`], with each check that fails.
fn checked(
    project: &Project,
    analysis: &Analysis,
    snapshot: &Snapshot,
    moves: &Moves,
    writer: &Writer,
    builder: &mut dyn Builder,
) -> Result<Vec<(AssetName, VersionId, CheckRecord)>, OpError> {
    let published = snapshot.published.iter().map(|(name, published)| (name.clone(), &published.version));
    let mut after: BTreeMap<AssetName, &Version> = published.collect();
    after.extend(moves.set.iter().map(|(version, _)| (version.asset.clone(), version)));
    for (name, _) in &moves.withdrawn {
        after.remove(name);
    }
    let together = Together {
        root: &project.root,
        analysis,
        after,
        changed: moves.set.iter().map(|(version, _)| version.asset.clone()).collect(),
        checked: BTreeSet::new(),
    };
    let due = together.due(|key| writer.check_result(key))?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let find = |id: &VersionId| writer.version(id).ok().flatten();
    let relations = {
        let mut rename = |sql: &str, names: &BTreeMap<AssetName, AssetName>| builder.rename(sql, names);
        let mut kept = Kept {
            find: &find,
            rename: &mut rename,
        };
        together.relations(&due, &mut kept)?
    };
    builder.relate(&relations)?;
    let found = together.run(due, builder)?;
    let failing: Vec<String> = found.iter().filter(|found| found.record.blocks()).map(CheckedTogether::words).collect();
    if !failing.is_empty() {
        return Err(PlanError::CheckFails { checks: failing }.into());
    }
    let version = |asset: &AssetName| together.after[asset].id.clone();
    Ok(found.into_iter().map(|found| (found.asset.clone(), version(&found.asset), found.record)).collect())
}

/// Moves the pointers. `analysis` is the analysis of the project,
/// for its checks; `None` if the project has mistakes.
///
/// # Errors
/// If a check fails on what would be published; then nothing was changed.
pub fn carry_out(
    workspace: &Workspace,
    command: &str,
    project: &Project,
    analysis: Option<&Analysis>,
    snapshot: &Snapshot,
    moves: Moves,
    writer: &mut Writer,
) -> Result<Outcome, OpError> {
    fs::create_folder(&project.dp_folder().join("tmp"), true)?;
    let mut builder = open::builder(project, Vec::new())?;
    let checks = match analysis {
        Some(analysis) => checked(project, analysis, snapshot, &moves, writer, &mut builder)?,
        None => Vec::new(),
    };
    let options = Republish {
        checks,
        project,
        snapshot,
        set: moves.set,
        withdrawn: moves.withdrawn,
        undone: moves.undone,
        settings: moves.settings,
        start: start(workspace, command, &project.settings.environment, builder.version()),
        clock: workspace.clock,
    };
    Ok(republish(options, writer, &mut builder, &mut |_| {})?)
}

/// Returns an error if an export would overwrite a file that dp did not write.
pub fn exports_are_free<'a>(
    project: &Project,
    snapshot: &Snapshot,
    set: impl IntoIterator<Item = &'a Version>,
) -> Result<(), OpError> {
    if !project.settings.environment.is_prod() {
        return Ok(());
    }
    let placed = snapshot.published.values().flat_map(|published| published.version.placed());
    let ours: BTreeSet<PathBuf> = placed.map(|(path, _)| path.normal()).collect();
    for version in set {
        for (path, file) in version.placed() {
            if ours.contains(&path.normal()) || is_same(&project.absolute(path), &file.hash)? {
                continue;
            }
            return Err(PlanError::ForeignFile {
                asset: version.asset.to_string(),
                path: path.to_string(),
            }
            .into());
        }
    }
    Ok(())
}

/// Whether `path` is free, or holds exactly the file that would be put there.
fn is_same(path: &Path, hash: &Digest) -> Result<bool, OpError> {
    if !fs::exists(path) {
        return Ok(true);
    }
    Ok(!fs::is_folder(path) && fs::stamp(path)?.is_some() && Digest::from(fs::hash_file(path)?.0) == *hash)
}
