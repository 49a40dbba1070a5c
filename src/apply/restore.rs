//! Puts a backup in the place of the record, and takes up from the store what the backup does not know.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::ApplyError;
use super::recover::believed;
use crate::fs;
use crate::project::AssetName;
use crate::state::{RunId, RunStart, Version, VersionId};
use crate::store::{Batch, EventEntry, HeldLock, Present, Restoration, VersionState, present};
use crate::warehouse::layout;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The run that it is on record as.
    pub run: RunId,
    /// The identity that the state has now.
    pub state_id: String,
    /// Where the file is that was there before; `None` if there was none.
    pub replaced: Option<PathBuf>,
    /// Versions that were built since the backup and are on record again.
    pub taken_up: usize,
    /// Folders of the store that are no whole version. They stay where they are.
    pub left: usize,
    /// Versions of the backup whose files are no longer there.
    pub gone: usize,
}

/// Why a version of the backup is not intact any more.
const GONE: &str = "not in the store when the state was restored";

/// Makes the backup at `from` the record, as a run of its own; `event` says so in the log.
///
/// A version that the backup does not know is believed if every byte is what its manifest names. It is on record again
/// and can be reused; it is not published, because nothing tells whether its run had come to that.
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

/// The versions that have a folder in the store.
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
    /// The oldest first, so that the newest counts as such.
    versions: Vec<Version>,
    left: usize,
}

/// What lies in the store and is not on record.
fn unknown(root: &Path, record: &Restoration) -> Result<Unknown, ApplyError> {
    let mut found = Unknown {
        versions: Vec::new(),
        left: 0,
    };
    let store = root.join(layout::STORE);
    for name in fs::names_in(&store)? {
        // What has another name is not dp's.
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

/// Puts on record what the backup has as intact and the store no longer holds.
fn mark_gone(root: &Path, record: &mut Restoration) -> Result<usize, ApplyError> {
    let gone: Vec<Version> = record
        .intact_versions()?
        .into_iter()
        .filter(|version| version.stored_files().any(|file| !fs::exists(&root.join(&file.path))))
        .collect();
    for version in &gone {
        // Damaged, not removed: it may be published still, and then the next plan builds it anew.
        record.mark_version(&version.id, VersionState::Damaged, GONE)?;
    }
    Ok(gone.len())
}
