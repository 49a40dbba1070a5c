//! Whether a version can still be shown as it was when it was published.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use super::ApplyError;
use crate::base::fs::{self, Entry};
use crate::ledger::sqlite::{Reader, VersionState};
use crate::model::{StoredFile, Version, VersionId};
use crate::observe::{FileHasher, is_as_recorded};

/// Why a version can't be shown as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The version was removed on purpose.
    Removed(VersionId),
    /// The version is recorded as damaged.
    Damaged(VersionId),
    /// A file of the version is gone.
    Missing(String),
    /// A file of the version was changed outside dp.
    Changed(String),
    /// The version has no stored rows, and a file that it reads in place changed.
    ReadInPlace(String),
    /// The state does not know a version that this one shows.
    Unknown(VersionId),
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Removed(version) => write!(f, "version {version} was removed by `dp gc`"),
            Self::Damaged(version) => write!(f, "version {version} is damaged"),
            Self::Missing(path) => write!(f, "{path} is missing"),
            Self::Changed(path) => write!(f, "{path} was changed outside dp"),
            Self::ReadInPlace(path) => write!(f, "it reads {path} in place, and that file changed"),
            Self::Unknown(version) => write!(f, "it reads version {version}, which the state does not contain"),
        }
    }
}

/// Inspects versions. Each version and each file is inspected once.
pub struct Inspection<'a> {
    root: &'a Path,
    reader: &'a Reader,
    hasher: FileHasher,
    seen: BTreeMap<VersionId, Option<Lost>>,
    believes_mtime: bool,
}

impl<'a> Inspection<'a> {
    /// Inspects versions that are to be published. A file whose times differ from the record is hashed.
    pub fn new(root: &'a Path, reader: &'a Reader) -> Self {
        Self {
            root,
            reader,
            hasher: FileHasher::new(root, BTreeMap::new()),
            seen: BTreeMap::new(),
            believes_mtime: false,
        }
    }

    /// Inspects versions that are only read. Equal size and mtime are enough, so that a copied project is not hashed
    /// for each question.
    pub fn quick(root: &'a Path, reader: &'a Reader) -> Self {
        Self {
            believes_mtime: true,
            ..Self::new(root, reader)
        }
    }

    /// Returns why the version can't be shown as it was; `None` if it can. For a view, the versions that it shows are
    /// inspected too.
    pub fn lost(&mut self, version: &Version) -> Result<Option<Lost>, ApplyError> {
        if let Some(known) = self.seen.get(&version.id) {
            return Ok(known.clone());
        }
        let lost = self.look(version)?;
        self.seen.insert(version.id.clone(), lost.clone());
        Ok(lost)
    }

    fn look(&mut self, version: &Version) -> Result<Option<Lost>, ApplyError> {
        match self.reader.version_state(&version.id)? {
            Some((VersionState::Intact, _)) => {}
            Some((VersionState::Damaged, _)) => return Ok(Some(Lost::Damaged(version.id.clone()))),
            Some((VersionState::Removed, _)) => return Ok(Some(Lost::Removed(version.id.clone()))),
            None => return Ok(Some(Lost::Unknown(version.id.clone()))),
        }
        for file in version.stored_files() {
            if let Some(lost) = self.stored(file)? {
                return Ok(Some(lost));
            }
        }
        if !version.is_view() {
            return Ok(None);
        }
        let mut below = BTreeSet::new();
        for input in &version.inputs {
            if let Some(id) = &input.version {
                below.insert(id.clone());
                continue;
            }
            let there = fs::stamp(&self.root.join(&input.name))?.is_some();
            if !there || Some(self.hasher.hash(&input.name)?.hash) != input.content {
                return Ok(Some(Lost::ReadInPlace(input.name.clone())));
            }
        }
        for id in below {
            let lost = match self.reader.version(&id)? {
                Some(version) => self.lost(&version)?,
                None => Some(Lost::Unknown(id)),
            };
            if lost.is_some() {
                return Ok(lost);
            }
        }
        Ok(None)
    }

    /// Compares size and time first, and the content if those differ.
    fn stored(&mut self, file: &StoredFile) -> Result<Option<Lost>, ApplyError> {
        let stamp = match fs::entry(&self.root.join(&file.path))? {
            Entry::Missing => return Ok(Some(Lost::Missing(file.path.to_string()))),
            Entry::File(stamp) => stamp,
            Entry::Other(_) => return Ok(Some(Lost::Changed(file.path.to_string()))),
        };
        let same_times = if self.believes_mtime {
            stamp.mtime_ns.to_string() == file.mtime_ns
        } else {
            is_as_recorded(file, &stamp)
        };
        if stamp.size == file.bytes && same_times {
            return Ok(None);
        }
        let same = self.hasher.hash(&file.path)?.hash == file.hash;
        Ok((!same).then(|| Lost::Changed(file.path.to_string())))
    }
}
