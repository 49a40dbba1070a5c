//! Finds out what a run left that did not end, and puts it on record.

use std::path::Path;

use jiff::Timestamp;

use super::ApplyError;
use crate::fs::{self, FsError};
use crate::observe::stored_files;
use crate::state::{Digest, RunId, StoredFile, Version};
use crate::store::{Batch, Writer};
use crate::warehouse::{layout, read_manifest};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Runs that did not end.
    pub runs: Vec<RunId>,
    /// Versions that were finished and not yet on record.
    pub versions: usize,
    /// Unfinished builds that were removed.
    pub removed: usize,
}

impl Recovered {
    /// One line for people; `None` if all was in order.
    pub fn sentence(&self) -> Option<String> {
        if self.runs.is_empty() {
            return None;
        }
        Some(format!(
            "recovered: {} did not end; {} kept, {} removed",
            crate::words::and(&self.runs),
            crate::words::count(self.versions, "finished version"),
            crate::words::count(self.removed, "unfinished build"),
        ))
    }
}

/// Closes runs that did not end. Only the holder of the lock may do this: it knows that nobody else works.
///
/// A version counts as finished if its folder was renamed into the store and its bytes are those
/// that its manifest names; nothing else is believed.
pub fn recover(root: &Path, writer: &mut Writer, now: Timestamp) -> Result<Recovered, ApplyError> {
    let mut recovered = Recovered::default();
    for run in writer.unfinished_runs()? {
        let mut batch = Batch::new(run.summary.run);
        for step in &run.steps {
            let Some(id) = &step.intent.version else {
                continue;
            };
            let folder = root.join(layout::version_folder(&step.intent.asset, id));
            if writer.version(id)?.is_some() || !fs::is_folder(&folder) {
                continue;
            }
            if let Some(version) = believed(root, &folder)? {
                batch.versions.push((version, None));
            } else {
                fs::remove_folder(&folder)?;
                recovered.removed += 1;
            }
        }
        recovered.versions += batch.versions.len();
        if !batch.versions.is_empty() {
            fs::sync_file_system(&root.join(layout::STORE))?;
            writer.record(&batch)?;
        }
        writer.abandon_run(run.summary.run, "crashed", now)?;
        recovered.runs.push(run.summary.run);
    }
    for name in fs::names_in(&root.join(layout::TEMPORARY))? {
        fs::remove_folder(&root.join(layout::TEMPORARY).join(name))?;
        recovered.removed += 1;
    }
    Ok(recovered)
}

/// The version in a folder of the store, if every byte is there.
pub(super) fn believed(root: &Path, folder: &Path) -> Result<Option<Version>, ApplyError> {
    let Ok(version) = read_manifest(folder) else {
        return Ok(None);
    };
    Ok(is_intact(root, &version)?.then_some(version))
}

/// Whether a version's files are what was recorded, by content.
pub(super) fn is_intact(root: &Path, version: &Version) -> Result<bool, ApplyError> {
    Ok(damage(root, version)?.is_none())
}

/// Reads a version's files; the path of the first that is not what was recorded, and what is wrong with it.
pub fn damage(root: &Path, version: &Version) -> Result<Option<(String, &'static str)>, FsError> {
    for file in stored_files(version) {
        if let Some(what) = file_damage(root, file)? {
            return Ok(Some((file.path.clone(), what)));
        }
    }
    Ok(None)
}

/// What is wrong with a file of the store, by its bytes.
pub(super) fn file_damage(root: &Path, file: &StoredFile) -> Result<Option<&'static str>, FsError> {
    let path = root.join(&file.path);
    let Some(stamp) = fs::stamp(&path)? else {
        return Ok(Some(MISSING));
    };
    let same = stamp.size == file.bytes && Digest::from(fs::hash_file(&path)?.0) == file.hash;
    Ok((!same).then_some(CHANGED))
}

/// What is wrong with a version of which a file is gone.
pub(super) const MISSING: &str = "its file is missing";
/// What is wrong with a version of which a file is another one.
pub(super) const CHANGED: &str = "its file was changed outside dp";
