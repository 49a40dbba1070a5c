use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{FileHasher, ObserveError, Remembered};
use crate::base::fs::{self, Entry, Stamp};
use crate::model::{AssetName, OutputState, StoredFile, normal};
use crate::seam::Snapshot;

/// Returns the hashes that an earlier command cached, by path.
pub type Recall<'a> = dyn FnMut(&[&str]) -> BTreeMap<String, Remembered> + 'a;

/// Compares the published files with the record: by size and times first, and by content if those differ.
///
/// A file whose size, mtime and ctime match the record is trusted; a user can't set ctime. A file with another size
/// differs from the record, and so does a link in the store. Only the other files are read, and their hashes are
/// cached by stamp. `exports` says whether exported files are put in place in this environment.
pub fn outputs(
    root: &Path,
    snapshot: &Snapshot,
    hasher: &mut FileHasher,
    exports: bool,
    recall: &mut Recall<'_>,
) -> Result<BTreeMap<AssetName, OutputState>, ObserveError> {
    let mut outputs = BTreeMap::new();
    let mut doubtful = Vec::new();
    for (asset, published) in &snapshot.published {
        let version = &published.version;
        for file in version.stored_files() {
            let place = Place {
                asset,
                path: &file.path,
                stored: true,
                file,
            };
            let entry = fs::entry(&root.join(&file.path))?;
            let stamp = match entry {
                Entry::Missing => None,
                Entry::File(stamp) | Entry::Other(stamp) => Some(stamp),
            };
            if (published.damaged.is_some() && stamp.is_some()) || matches!(entry, Entry::Other(_)) {
                outputs.entry(asset.clone()).or_insert_with(|| place.changed(stamp));
            }
            place.look(stamp, &mut outputs, &mut doubtful);
        }
        for (path, file) in version.placed().filter(|_| exports) {
            let place = Place {
                asset,
                path,
                stored: false,
                file,
            };
            let stamp = fs::stamp(&root.join(path))?;
            place.look(stamp, &mut outputs, &mut doubtful);
        }
    }
    let paths: Vec<&str> = doubtful.iter().map(|(place, _)| place.path).collect();
    if !paths.is_empty() {
        hasher.remember(recall(&paths));
    }
    for (place, stamp) in doubtful {
        if !outputs.contains_key(place.asset) && hasher.hash(place.path)?.hash != place.file.hash {
            outputs.insert(place.asset.clone(), place.changed(Some(stamp)));
        }
    }
    Ok(outputs)
}

/// Returns files at the places of exports that dp did not write.
///
/// `wanted` are the exports of the project, each with its place relative to the project.
pub fn foreign(root: &Path, snapshot: &Snapshot, wanted: &[(AssetName, String)]) -> BTreeMap<AssetName, String> {
    let ours: BTreeSet<PathBuf> = snapshot
        .published
        .values()
        .flat_map(|published| published.version.placed())
        .map(|(path, _)| path.normal())
        .collect();
    wanted
        .iter()
        .filter(|(_, path)| !ours.contains(&normal(path)) && fs::exists(&root.join(path)))
        .map(|(asset, path)| (asset.clone(), path.clone()))
        .collect()
}

/// A file that should match the record.
struct Place<'a> {
    asset: &'a AssetName,
    path: &'a str,
    /// Whether the file is in the store; otherwise it is an exported copy.
    stored: bool,
    file: &'a StoredFile,
}

impl Place<'_> {
    /// Notes what the file's stamp proves, and adds the file to `doubtful` if only its bytes can decide.
    fn look(
        self,
        stamp: Option<Stamp>,
        outputs: &mut BTreeMap<AssetName, OutputState>,
        doubtful: &mut Vec<(Self, Stamp)>,
    ) {
        let known = outputs.get(self.asset).is_some_and(|known| known.stored || !self.stored);
        match stamp {
            _ if known => {}
            None => {
                outputs.insert(self.asset.clone(), self.state("missing", None));
            }
            Some(stamp) if stamp.size != self.file.bytes => {
                outputs.insert(self.asset.clone(), self.changed(Some(stamp)));
            }
            Some(stamp) if self.stored && is_as_recorded(self.file, &stamp) => {}
            Some(stamp) => doubtful.push((self, stamp)),
        }
    }

    fn changed(&self, stamp: Option<Stamp>) -> OutputState {
        self.state("changed", stamp)
    }

    fn state(&self, what: &'static str, stamp: Option<Stamp>) -> OutputState {
        OutputState {
            what,
            stored: self.stored,
            path: self.path.to_owned(),
            mtime: stamp.and_then(|stamp| i64::try_from(stamp.mtime_ns / 1_000_000_000).ok()),
        }
    }
}

/// Whether the times are those that the file had when it was hashed.
pub fn is_as_recorded(file: &StoredFile, stamp: &Stamp) -> bool {
    let same_change = file.ctime_ns.as_ref().is_none_or(|ctime| *ctime == stamp.ctime_ns.to_string());
    stamp.mtime_ns.to_string() == file.mtime_ns && same_change
}
