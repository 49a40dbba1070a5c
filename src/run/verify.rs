//! Reads every byte of stored versions and reports those that differ from the record.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::recover::damage;
use crate::base::fs::FsError;
use crate::base::layout;
use crate::ledger::sqlite::VersionState;
use crate::model::Version;
use crate::storage::local::read_manifest;

/// The result of reading every byte.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// The number of versions that were read.
    pub versions: usize,
    /// The recorded size of these versions in bytes.
    pub bytes: u64,
    /// Versions that differ from the record, by asset and id.
    pub damaged: Vec<Damage>,
    /// Versions recorded as damaged whose bytes match the record.
    pub restored: Vec<Version>,
}

/// A version that differs from the record.
#[derive(Clone, Debug)]
pub struct Damage {
    /// The version.
    pub version: Version,
    /// The first file that differs, relative to the project.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
    /// Whether the state already records the version as damaged.
    pub known: bool,
}

/// The first file of a version that differs from the record, and what is wrong with it.
type Wrong = Result<Option<(String, String)>, FsError>;

/// Reads the files of versions with `jobs` threads, and changes nothing.
///
/// # Errors
/// If a file exists and can't be read.
pub fn verify(root: &Path, versions: Vec<(Version, VersionState)>, jobs: usize) -> Result<Verified, FsError> {
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<(usize, Wrong)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1).min(versions.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((version, _)) = versions.get(index) else {
                        return;
                    };
                    let result = wrong(root, version);
                    found.lock().expect("no reader panics").push((index, result));
                }
            });
        }
    });
    let mut found = found.into_inner().expect("no reader panics");
    found.sort_by_key(|(index, _)| *index);
    let mut verified = Verified::default();
    for ((_, result), (version, state)) in found.into_iter().zip(versions) {
        verified.versions += 1;
        verified.bytes += version.bytes();
        match result? {
            Some((path, reason)) => verified.damaged.push(Damage {
                version,
                path,
                reason,
                known: state == VersionState::Damaged,
            }),
            None if state == VersionState::Damaged => verified.restored.push(version),
            None => {}
        }
    }
    Ok(verified)
}

/// Returns the first file of a version, including its manifest, that differs from the record.
fn wrong(root: &Path, version: &Version) -> Wrong {
    if let Some((path, reason)) = damage(root, version)? {
        return Ok(Some((path, reason.to_owned())));
    }
    let Some(folder) = version.stored_files().next().and_then(|file| Path::new(file.path.as_str()).parent()) else {
        return Ok(None);
    };
    let same = match read_manifest(&root.join(folder)) {
        Ok(manifest) => {
            let files = |version: &Version| version.stored_files().cloned().collect::<Vec<_>>();
            manifest.id == version.id && files(&manifest) == files(version)
        }
        Err(_) => false,
    };
    let path = folder.join(layout::MANIFEST_FILE).display().to_string();
    Ok((!same).then(|| (path, "its manifest is missing or was changed outside dp".to_owned())))
}
