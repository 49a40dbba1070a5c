//! Reads every byte of versions in the store, and says which are not what was recorded.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::recover::damage;
use crate::fs::FsError;
use crate::state::Version;
use crate::store::VersionState;
use crate::warehouse::{layout, read_manifest};

/// What reading every byte found.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// How many versions were read.
    pub versions: usize,
    /// How many bytes they should have.
    pub bytes: u64,
    /// Versions that are not what was recorded, by asset and id.
    pub damaged: Vec<Damage>,
    /// Versions on record as damaged whose bytes are right.
    pub restored: Vec<Version>,
}

/// A version that is not what was recorded.
#[derive(Clone, Debug)]
pub struct Damage {
    /// Which.
    pub version: Version,
    /// The first file of it that is another one, relative to the project.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
    /// Whether the record says so already.
    pub known: bool,
}

/// The first file of a version that is not what was recorded, and what is wrong with it.
type Wrong = Result<Option<(String, String)>, FsError>;

/// Reads the files of versions, so many at once, and changes nothing.
///
/// # Errors
/// If a file is there and can't be read.
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

/// The first file of a version that is not what was recorded, its manifest among them.
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
