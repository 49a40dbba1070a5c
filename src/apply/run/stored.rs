//! Looks at the files of the store again after they were read: a version that changed meanwhile is no input.
//!
//! Nobody but dp writes to the store, and each file is protected against writing. A program of the same user can do it all the
//! same. A file counts as unchanged while size, mtime and ctime are those on record, which a user can't set back; where
//! they moved (a copied project), its bytes are hashed once.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Worker;
use crate::apply::recover::{CHANGED, MISSING};
use crate::apply::{ApplyError, job};
use crate::fs::{self, Entry, FsError, Stamp};
use crate::observe::is_as_recorded;
use crate::project::AssetName;
use crate::state::{Digest, StoredFile, Version, VersionId};

/// Stored files whose bytes are known to be those on record, and versions that were read.
#[derive(Debug, Default)]
pub(super) struct Stored {
    known: BTreeMap<String, Stamp>,
    read: BTreeMap<VersionId, Rc<Version>>,
}

impl Worker<'_> {
    /// Looks at what an asset or its checks read from the store, before the work begins and after it; the first file
    /// that is not what is on record, if there is one. Its version is not believed any more.
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

    /// Looks once more at all that was read from the store in this run, and at what is about to be published.
    ///
    /// # Errors
    /// [`ApplyError::StoreChanged`] if a file of it is not what is on record: then nothing may be published.
    pub(super) fn expect_unchanged(&mut self, set: &[Version]) -> Result<(), ApplyError> {
        let read: Vec<Rc<Version>> = self.stored.read.values().cloned().collect();
        let mut changed = BTreeSet::new();
        for version in read.iter().map(Rc::as_ref).chain(set) {
            changed.extend(self.changed(version)?);
        }
        if changed.is_empty() { Ok(()) } else { Err(ApplyError::StoreChanged(changed.into_iter().collect())) }
    }

    /// The first file of a version that is not what is on record. Then it is on record as damaged.
    fn changed(&mut self, version: &Version) -> Result<Option<String>, ApplyError> {
        for file in version.stored_files() {
            if let Some(reason) = self.look_at(file)? {
                self.record.damaged(version, &file.path, reason);
                return Ok(Some(file.path.to_string()));
            }
        }
        Ok(None)
    }

    /// What is wrong with a file of the store.
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
        // Written to and put back as it was: nobody knows what was read in between.
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

    /// The versions of some assets in this run, and of views those that they show.
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

/// What is said of an asset that read what changed.
pub(super) fn changed_meanwhile(path: &str) -> job::JobError {
    job::JobError::Stored(format!(
        "{path}, which it reads, was changed outside dp; nothing made of it is kept, and the next apply builds that file anew"
    ))
}
