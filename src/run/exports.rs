//! Copies exports to their places, one by one, and removes those of assets that are no longer published.
//!
//! The place of an export may come from a state that was delivered with the project. Each path is therefore checked
//! against the rules for declared paths again: inside the project with all links resolved, and not in a folder of dp.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::base::fault::Point;
use crate::base::fs::{self, FsError, leads_out};
use crate::model::{Digest, Effect, ProjectPath, StoredFile, Version, reserved};

/// The work on exports after the pointers moved, and its results.
#[derive(Debug)]
pub(super) struct Exports<'a> {
    root: &'a Path,
    warehouse: &'a str,
    /// Paths of published exports. One asset may take over a path that another asset leaves.
    wanted: BTreeSet<PathBuf>,
    /// The effects of what was done.
    pub effects: Vec<Effect>,
    /// What could not be done, with the reason.
    pub failed: Vec<String>,
}

impl<'a> Exports<'a> {
    /// `published` iterates over all versions that are published once the pointers moved; `warehouse` is the folder of
    /// links.
    pub(super) fn new<'b>(root: &'a Path, warehouse: &'a str, published: impl Iterator<Item = &'b Version>) -> Self {
        Self {
            root,
            warehouse,
            wanted: published.flat_map(Version::placed).map(|(path, _)| path.normal()).collect(),
            effects: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Copies the files of a version to their places and removes those of the version before it that had other places.
    pub(super) fn publish(&mut self, before: Option<&Version>, version: &Version) {
        for (path, file) in version.placed() {
            match self.put(path, file) {
                Ok(false) => {}
                Ok(true) => self.effects.push(effect(version, path, file, "exported")),
                Err(error) => self.fail(path, &error),
            }
        }
        self.withdraw(before);
    }

    /// Removes the exports of an asset that is no longer published, unless another export has the path or the file is
    /// no longer the one that dp put there.
    pub(super) fn withdraw(&mut self, before: Option<&Version>) {
        for (path, file) in before.into_iter().flat_map(Version::placed) {
            if self.wanted.contains(&path.normal()) {
                continue;
            }
            match self.take_away(path, file) {
                Ok(false) => {}
                Ok(true) => self.effects.extend(before.map(|version| Effect {
                    version: None,
                    rows: None,
                    ..effect(version, path, file, "removed")
                })),
                Err(error) => self.fail(path, &error),
            }
        }
    }

    fn fail(&mut self, path: &ProjectPath, error: &FsError) {
        self.failed.push(format!("could not write the export `{path}`: {error}"));
    }

    /// Completes the exports of a run that did not end. A file that somebody else put there since then stays.
    pub(super) fn catch_up(&mut self, before: Option<&Version>, after: Option<&Version>) {
        for (path, _) in [before, after].into_iter().flatten().flat_map(Version::placed) {
            if let Err(error) = self.remove_unfinished(path) {
                self.fail(path, &error);
            }
        }
        match after {
            None => self.withdraw(before),
            Some(after) if self.is_free_for(before, after) => self.publish(before, after),
            Some(_) => {}
        }
    }

    /// Whether [`Self::catch_up`] would change something.
    pub(super) fn is_behind(&self, before: Option<&Version>, after: Option<&Version>) -> Result<bool, FsError> {
        for (path, _) in [before, after].into_iter().flatten().flat_map(Version::placed) {
            if !fs::left_beside(&self.place(path)?)?.is_empty() {
                return Ok(true);
            }
        }
        if let Some(after) = after {
            if !self.is_free_for(before, after) {
                return Ok(false);
            }
            for (path, file) in after.placed() {
                if !is_ours(&self.place(path)?, file)? {
                    return Ok(true);
                }
            }
        }
        for (path, file) in before.into_iter().flat_map(Version::placed) {
            if !self.wanted.contains(&path.normal()) && is_ours(&self.place(path)?, file)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the places of `after` hold no file that somebody else put there.
    fn is_free_for(&self, before: Option<&Version>, after: &Version) -> bool {
        after.placed().all(|(path, file)| {
            let there = self.root.join(path);
            let old = before.and_then(|before| before.placed().find(|(old, _)| old.normal() == path.normal()));
            let is_known = |file: &StoredFile| is_ours(&there, file).unwrap_or(false);
            !fs::exists(&there) || is_known(file) || old.is_some_and(|(_, old)| is_known(old))
        })
    }

    /// Returns the absolute path of an export.
    ///
    /// # Errors
    /// If the path is outside the project, or in a folder of dp itself.
    fn place(&self, path: &ProjectPath) -> Result<PathBuf, FsError> {
        let normal = path.normal();
        let place = self.root.join(&normal);
        let why = if leads_out(self.root, &normal) {
            "it leads out of the project".to_owned()
        } else if let Some(folder) = reserved(&normal, self.warehouse) {
            format!("`{folder}` is reserved for the project")
        } else {
            return Ok(place);
        };
        Err(FsError {
            verb: "export to",
            path: place,
            source: io::Error::other(why),
        })
    }

    /// Copies a file of the store to its place unless it is already there. Returns whether it was copied.
    fn put(&self, path: &ProjectPath, file: &StoredFile) -> Result<bool, FsError> {
        let target = self.place(path)?;
        if is_ours(&target, file)? {
            return Ok(false);
        }
        let folder = target.parent().unwrap_or(self.root);
        fs::create_folder(folder, false)?;
        let temporary = fs::beside(&target);
        let copied = fs::reached(Point::BeforeExportCopied, &target)
            .and_then(|()| fs::copy_plain(&self.root.join(&file.path), &temporary, 0o666))
            .and_then(|_| as_recorded(&temporary, file))
            .and_then(|()| fs::sync_file(&temporary))
            .and_then(|()| fs::reached(Point::AfterExportCopied, &target))
            .and_then(|()| fs::rename(&temporary, &target));
        if let Err(error) = copied {
            // On a full disk the temporary file would take the remaining space. The first error is the one to report.
            drop(fs::remove_file(&temporary));
            return Err(error);
        }
        fs::sync_folder(folder)?;
        fs::reached(Point::AfterExport, &target)?;
        Ok(true)
    }

    /// Removes the file at a path if dp put it there. Returns whether it was removed.
    fn take_away(&self, path: &ProjectPath, file: &StoredFile) -> Result<bool, FsError> {
        let target = self.place(path)?;
        if !is_ours(&target, file)? {
            return Ok(false);
        }
        fs::reached(Point::BeforeExportRemoved, &target)?;
        fs::remove_file(&target)?;
        fs::sync_folder(target.parent().unwrap_or(self.root))?;
        fs::reached(Point::AfterExportRemoved, &target)?;
        Ok(true)
    }

    /// Removes unfinished copies that an ended process left beside an export.
    fn remove_unfinished(&self, path: &ProjectPath) -> Result<(), FsError> {
        for left in fs::left_beside(&self.place(path)?)? {
            fs::remove_file(&left)?;
        }
        Ok(())
    }
}

/// Refuses a copy whose bytes differ from the recorded hash: the file in the store was replaced.
fn as_recorded(copy: &Path, file: &StoredFile) -> Result<(), FsError> {
    if Digest::from(fs::hash_file(copy)?.0) == file.hash {
        return Ok(());
    }
    Err(FsError {
        verb: "export",
        path: file.path.as_str().into(),
        source: io::Error::other("its bytes differ from the recorded ones"),
    })
}

fn effect(version: &Version, path: &str, file: &StoredFile, kind: &str) -> Effect {
    Effect {
        asset: version.asset.clone(),
        kind: kind.to_owned(),
        path: Some(path.to_owned()),
        version: Some(version.id.clone()),
        replaced: None,
        rows: version.rows,
        bytes: Some(file.bytes),
        ms: None,
        content: Some(file.hash.clone()),
        sighting: None,
    }
}

/// Whether the file at `path` is the one that dp put there.
fn is_ours(path: &Path, file: &StoredFile) -> Result<bool, FsError> {
    if fs::stamp(path)?.is_none() {
        return Ok(false);
    }
    Ok(Digest::from(fs::hash_file(path)?.0) == file.hash)
}
