//! Replaces the state with a backup, and takes over versions from the store that the backup does not know.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::ApplyError;
use super::recover::believed;
use crate::base::{fs, layout};
use crate::ledger::sqlite::{Batch, EventEntry, HeldLock, Present, Restoration, VersionState, present};
use crate::model::{AssetName, RunId, RunStart, Version, VersionId};

/// The result of a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The run that records the restore.
    pub run: RunId,
    /// The new identity of the state.
    pub state_id: String,
    /// The path of the replaced state file; `None` if there was none.
    pub replaced: Option<PathBuf>,
    /// The number of versions that were built since the backup and are recorded again.
    pub taken_up: usize,
    /// The number of folders in the store that are not a complete version. They stay where they are.
    pub left: usize,
    /// The number of versions in the backup whose files no longer exist.
    pub gone: usize,
}

/// The reason recorded for a version of the backup that is no longer intact.
const GONE: &str = "not in the store when the state was restored";

/// Makes the backup at `from` the state, as a separate run; `event` records it in the event log.
///
/// A version that the backup does not know is trusted if every byte matches its manifest. It is recorded again and can
/// be reused. It is not published, because nothing shows whether its run had published it.
pub fn restore(
    root: &Path,
    lock: &HeldLock,
    from: &Path,
    start: &RunStart,
    event: impl FnOnce(&Restored) -> EventEntry,
    now: Timestamp,
) -> Result<Restored, ApplyError> {
    let dp_folder = lock.folder().to_owned();
    let last_run = match present(&dp_folder) {
        Present::Readable(contents) => contents.last_run,
        Present::Missing | Present::Unusable(_) => None,
    };
    let mut record = Restoration::begin(lock, &dp_folder, from)?;
    let found = unknown(root, &record)?;
    let runs: BTreeSet<RunId> = found.versions.iter().map(|version| version.run).collect();
    if let Some(last) = runs.last().copied().max(last_run) {
        record.skip_runs(last)?;
    }
    for version in &found.versions {
        if record.run(version.run)?.is_none() {
            record.stand_in(version.run, &version.engine, version.created)?;
        }
    }
    let mut restored = Restored {
        run: record.begin_run(start)?,
        state_id: String::new(),
        replaced: None,
        taken_up: found.versions.len(),
        left: found.left,
        gone: mark_gone(root, &mut record)?,
    };
    restored.state_id = record.snapshot(start.environment.as_str())?.state_id;
    let mut batch = Batch::new(restored.run);
    batch.versions = found.versions.into_iter().map(|version| (version, None)).collect();
    batch.events.push(event(&restored));
    record.finish_run(restored.run, "done", &serde_json::json!({}), now, &batch)?;
    restored.replaced = record.put_in_place()?;
    Ok(restored)
}

/// Returns the versions that have a folder in the store.
///
/// # Errors
/// If the store can't be listed.
pub fn stored(root: &Path) -> Result<BTreeSet<VersionId>, ApplyError> {
    let store = root.join(layout::STORE);
    let mut found = BTreeSet::new();
    for asset in fs::names_in(&store)?.into_iter().filter(|name| name.parse::<AssetName>().is_ok()) {
        found.extend(fs::names_in(&store.join(asset))?.iter().filter_map(|name| name.parse::<VersionId>().ok()));
    }
    Ok(found)
}

struct Unknown {
    /// Oldest first, so that the newest counts as the newest.
    versions: Vec<Version>,
    left: usize,
}

/// Finds the versions in the store that the state does not know.
fn unknown(root: &Path, record: &Restoration) -> Result<Unknown, ApplyError> {
    let mut found = Unknown {
        versions: Vec::new(),
        left: 0,
    };
    let store = root.join(layout::STORE);
    for name in fs::names_in(&store)? {
        // Folders with other names are not dp's.
        let Ok(asset) = name.parse::<AssetName>() else {
            continue;
        };
        for name in fs::names_in(&store.join(&name))? {
            let Ok(id) = name.parse::<VersionId>() else {
                continue;
            };
            if record.version(&id)?.is_some() {
                continue;
            }
            match believed(root, &asset, &id)? {
                Some(version) => found.versions.push(version),
                None => found.left += 1,
            }
        }
    }
    found
        .versions
        .sort_by(|left, right| (left.run, left.created, &left.id).cmp(&(right.run, right.created, &right.id)));
    Ok(found)
}

/// Marks the versions that the backup calls intact and the store no longer holds.
fn mark_gone(root: &Path, record: &mut Restoration) -> Result<usize, ApplyError> {
    let gone: Vec<Version> = record
        .intact_versions()?
        .into_iter()
        .filter(|version| version.stored_files().any(|file| !fs::exists(&root.join(&file.path))))
        .collect();
    for version in &gone {
        // Damaged, not removed: the version may still be published, and then the next plan rebuilds it.
        record.mark_version(&version.id, VersionState::Damaged, GONE)?;
    }
    Ok(gone.len())
}
