//! Inspects stored files again after they were read: a version that changed meanwhile can't be an input.
//!
//! Only dp writes to the store, and each file is write-protected. A program of the same user can still change it. A
//! file counts as unchanged while size, mtime and ctime match the record; a user can't set ctime back. If they differ,
//! as in a copied project, the file is hashed once.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Worker;
use crate::base::fs::{self, Entry, FsError, Stamp};
use crate::model::{AssetName, Digest, StoredFile, Version, VersionId};
use crate::observe::is_as_recorded;
use crate::run::recover::{CHANGED, MISSING};
use crate::run::{ApplyError, job};

/// Stored files whose bytes are known to match the record, and versions that were read.
#[derive(Debug, Default)]
pub(super) struct Stored {
    known: BTreeMap<String, Stamp>,
    read: BTreeMap<VersionId, Rc<Version>>,
}

impl Worker<'_> {
    /// Inspects what an asset or its checks read from the store, before and after the work. Returns the first file
    /// that differs from the record; `None` if all match. The version of such a file is recorded as damaged.
    pub(super) fn changed_input<'n>(
        &mut self,
        names: impl IntoIterator<Item = &'n AssetName>,
    ) -> Result<Option<String>, ApplyError> {
        let mut changed = None;
        for version in self.versions_read(names)?.into_values() {
            if let Some(path) = self.changed(&version)? {
                changed.get_or_insert(path);
            }
        }
        Ok(changed)
    }

    /// Inspects once more everything that this run read from the store, and what it is about to publish.
    ///
    /// # Errors
    /// [`ApplyError::StoreChanged`] if a file differs from the record: then nothing may be published.
    pub(super) fn expect_unchanged(&mut self, set: &[Version]) -> Result<(), ApplyError> {
        let read: Vec<Rc<Version>> = self.stored.read.values().cloned().collect();
        let mut changed = BTreeSet::new();
        for version in read.iter().map(Rc::as_ref).chain(set) {
            changed.extend(self.changed(version)?);
        }
        if changed.is_empty() { Ok(()) } else { Err(ApplyError::StoreChanged(changed.into_iter().collect())) }
    }

    /// Returns the first file of a version that differs from the record, and records the version as damaged.
    fn changed(&mut self, version: &Version) -> Result<Option<String>, ApplyError> {
        for file in version.stored_files() {
            if let Some(reason) = self.look_at(file)? {
                self.record.damaged(version, &file.path, reason);
                return Ok(Some(file.path.to_string()));
            }
        }
        Ok(None)
    }

    /// Returns what is wrong with a stored file; `None` if it matches.
    fn look_at(&mut self, file: &StoredFile) -> Result<Option<&'static str>, FsError> {
        let path = self.options.project.root.join(&file.path);
        let stamp = match fs::entry(&path)? {
            Entry::Missing => return Ok(Some(MISSING)),
            Entry::Other(_) => return Ok(Some(CHANGED)),
            Entry::File(stamp) => stamp,
        };
        let before = self.stored.known.get(file.path.as_str());
        if before == Some(&stamp) {
            return Ok(None);
        }
        // The file was changed and restored; what was read in between is unknown.
        if before.is_some_and(|before| before.mtime_ns != stamp.mtime_ns || before.inode != stamp.inode) {
            return Ok(Some(CHANGED));
        }
        let hashed = || self.options.remembered.get(file.path.as_str()).filter(|known| known.stamp == stamp);
        let same = stamp.size == file.bytes
            && (is_as_recorded(file, &stamp)
                || match hashed() {
                    Some(known) => known.hash == file.hash,
                    None => Digest::from(fs::hash_file(&path)?.0) == file.hash,
                });
        if !same {
            return Ok(Some(CHANGED));
        }
        self.stored.known.insert(file.path.to_string(), stamp);
        Ok(None)
    }

    /// Returns the versions of the assets in this run and, for views, the versions that they show.
    fn versions_read<'n>(
        &mut self,
        names: impl IntoIterator<Item = &'n AssetName>,
    ) -> Result<BTreeMap<VersionId, Rc<Version>>, ApplyError> {
        let mut found = BTreeMap::new();
        let named = names.into_iter().filter_map(|name| self.visible.get(name));
        let mut open: Vec<(AssetName, VersionId)> =
            named.map(|version| (version.asset.clone(), version.id.clone())).collect();
        while let Some((asset, id)) = open.pop() {
            if found.contains_key(&id) {
                continue;
            }
            let Some(version) = self.version_read(&asset, &id)? else {
                continue;
            };
            let below = version.inputs.iter().filter(|_| version.is_view());
            open.extend(below.filter_map(|input| Some((input.name.parse().ok()?, input.version.clone()?))));
            found.insert(id, version);
        }
        Ok(found)
    }

    fn version_read(&mut self, asset: &AssetName, id: &VersionId) -> Result<Option<Rc<Version>>, ApplyError> {
        if let Some(known) = self.stored.read.get(id) {
            return Ok(Some(Rc::clone(known)));
        }
        let visible = self.visible.get(asset).filter(|version| version.id == *id);
        let version = match visible {
            Some(version) => Some(version.clone()),
            None => self.record.writer.version(id)?,
        };
        let version = version.map(Rc::new);
        self.stored.read.extend(version.iter().map(|version| (id.clone(), Rc::clone(version))));
        Ok(version)
    }
}

/// The error for an asset that read a file which changed.
pub(super) fn changed_meanwhile(path: &str) -> job::JobError {
    job::JobError::Stored(format!(
        "its input {path} was changed outside dp; dp discarded the result, and the next apply rebuilds that file"
    ))
}
