//! What rollback and promotion share: pointers are moved to versions that are there, as a run of its own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::error::CliError;
use super::locking::start;
use super::session::{Session, engine_options};
use crate::apply::{Outcome, Republish, republish};
use crate::fs;
use crate::plan::PlanError;
use crate::project::{AssetName, Project};
use crate::state::{Digest, HeldBack, RunId, Snapshot, Version};
use crate::store::Writer;
use crate::warehouse::duckdb::DuckBuilder;

/// The pointers that move, each with the reason as the JSON of a plan.
pub(super) struct Moves {
    pub set: Vec<(Version, serde_json::Value)>,
    pub withdrawn: Vec<(AssetName, serde_json::Value)>,
    /// For a rollback: the first run that is undone, and what is held back from now on.
    pub undone: Option<(RunId, Vec<HeldBack>)>,
}

/// Moves them, and says which exports could not be put in place.
pub(super) fn carry_out(
    session: &mut Session,
    command: &str,
    project: &Project,
    snapshot: &Snapshot,
    moves: Moves,
    writer: &mut Writer,
) -> Result<Outcome, CliError> {
    fs::create_folder(&project.dp_folder().join("tmp"), true)?;
    let mut builder = DuckBuilder::open(&engine_options(project, Vec::new()))?;
    let options = Republish {
        project,
        snapshot,
        set: moves.set,
        withdrawn: moves.withdrawn,
        undone: moves.undone,
        start: start(session, command, &project.settings.environment, builder.version()),
        clock: session.clock,
    };
    let outcome = republish(options, writer, &mut builder, &mut |_| {})?;
    for what in &outcome.not_in_place {
        session.ui.error(what);
    }
    Ok(outcome)
}

/// Refuses to put an export over a file that dp did not write.
pub(super) fn exports_are_free<'a>(
    project: &Project,
    snapshot: &Snapshot,
    set: impl IntoIterator<Item = &'a Version>,
) -> Result<(), CliError> {
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

/// Whether there is nothing at `path`, or exactly what would be put there.
fn is_same(path: &Path, hash: &Digest) -> Result<bool, CliError> {
    if !fs::exists(path) {
        return Ok(true);
    }
    Ok(!fs::is_folder(path) && fs::stamp(path)?.is_some() && Digest::from(fs::hash_file(path)?.0) == *hash)
}
