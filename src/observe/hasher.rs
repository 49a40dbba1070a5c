use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ObserveError;
use crate::base::clock::Clock;
use crate::base::fs::noted::COARSEST_TIME_NS;
use crate::base::fs::{self, Stamp};
use crate::model::{Digest, FileInput};

/// A hash, with the data that shows whether it is still valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Device, inode, size and times when the file was hashed.
    pub stamp: Stamp,
    /// The BLAKE3 hash of the bytes.
    pub hash: Digest,
    /// When the file was hashed, in nanoseconds since 1970.
    pub hashed_ns: i128,
}

/// Hashes files, and caches the hashes of files that can't have changed since.
///
/// A cached hash is used only if device, inode, size, mtime *and* ctime are the same (a user can set mtime back, but
/// not ctime), and if the file was not touched in the 2 seconds before it was hashed: file systems store coarse times,
/// so a later write could leave them unchanged.
#[derive(Debug, Default)]
pub struct FileHasher {
    root: PathBuf,
    known: BTreeMap<String, Remembered>,
    fresh: BTreeMap<String, Remembered>,
}

impl FileHasher {
    /// `known` are the hashes that an earlier command cached, by path relative to `root`.
    pub fn new(root: &Path, known: BTreeMap<String, Remembered>) -> Self {
        Self {
            root: root.to_owned(),
            known,
            fresh: BTreeMap::new(),
        }
    }

    /// Adds hashes that an earlier command cached.
    pub fn remember(&mut self, known: BTreeMap<String, Remembered>) {
        self.known.extend(known);
    }

    /// Returns the file's current hash.
    ///
    /// # Errors
    /// If the file can't be read, or changed twice while it was read.
    pub fn hash(&mut self, path: &str) -> Result<FileInput, ObserveError> {
        let absolute = self.root.join(path);
        let stamp = fs::stamp(&absolute)?;
        let remembered = self.fresh.get(path).or_else(|| self.known.get(path));
        if let (Some(stamp), Some(remembered)) = (stamp, remembered)
            && remembered.stamp == stamp
            && stamp.last_touched_ns() + COARSEST_TIME_NS <= remembered.hashed_ns
        {
            return Ok(FileInput {
                path: path.to_owned(),
                hash: remembered.hash.clone(),
                bytes: stamp.size,
            });
        }
        for _ in 0..2 {
            let hashed_ns = Clock::System.now().as_nanosecond();
            let (hash, before, after) = fs::hash_file(&absolute)?;
            if before == after {
                let hash = Digest::from(hash);
                let remembered = Remembered {
                    stamp: after,
                    hash: hash.clone(),
                    hashed_ns,
                };
                self.fresh.insert(path.to_owned(), remembered);
                return Ok(FileInput {
                    path: path.to_owned(),
                    hash,
                    bytes: after.size,
                });
            }
        }
        Err(ObserveError::Changing { path: path.to_owned() })
    }

    /// Returns the hashes computed by this hasher, for the next command.
    pub fn fresh(&self) -> &BTreeMap<String, Remembered> {
        &self.fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_young_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        fs::write_new(&folder.path().join("a"), b"1", 0o644).unwrap();
        let mut hasher = FileHasher::new(folder.path(), BTreeMap::new());
        let first = hasher.hash("a").unwrap();
        // Same size, and perhaps the same coarse time.
        fs::write_new(&folder.path().join("a"), b"2", 0o644).unwrap();
        assert_ne!(hasher.hash("a").unwrap().hash, first.hash);
    }

    #[test]
    fn an_old_file_is_not_read_again_unless_its_stamp_moved() {
        let folder = tempfile::tempdir().unwrap();
        fs::write_new(&folder.path().join("a"), b"1", 0o644).unwrap();
        let stamp = fs::stamp(&folder.path().join("a")).unwrap().unwrap();
        let remembered = Remembered {
            stamp,
            hash: Digest::of("test", ["remembered"]),
            hashed_ns: stamp.last_touched_ns() + COARSEST_TIME_NS,
        };
        let known = [("a".to_owned(), remembered.clone())].into();
        assert_eq!(FileHasher::new(folder.path(), known).hash("a").unwrap().hash, remembered.hash);
        let moved = Remembered {
            stamp: Stamp {
                ctime_ns: stamp.ctime_ns - 1,
                ..stamp
            },
            ..remembered.clone()
        };
        let known = [("a".to_owned(), moved)].into();
        assert_ne!(FileHasher::new(folder.path(), known).hash("a").unwrap().hash, remembered.hash);
    }
}
