//! Puts files where the user wants them, one by one, and takes away those of what is no longer published.

use std::collections::BTreeSet;
use std::path::Path;

use crate::fault::Point;
use crate::fs::{self, FsError};
use crate::state::{Digest, Effect, StoredFile, Version};

/// The work on exports after the pointers moved, and what came of it.
#[derive(Debug)]
pub(super) struct Exports<'a> {
    root: &'a Path,
    /// Paths that published exports have: what one asset leaves another may take.
    wanted: BTreeSet<&'a str>,
    /// What was done.
    pub effects: Vec<Effect>,
    /// What could not be done, with the reason.
    pub failed: Vec<String>,
}

impl<'a> Exports<'a> {
    /// `published` is all that is published once the pointers moved.
    pub(super) fn new(root: &'a Path, published: impl Iterator<Item = &'a Version>) -> Self {
        Self {
            root,
            wanted: published.flat_map(Version::placed).map(|(path, _)| path).collect(),
            effects: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Puts the files of a version in their places, and takes away those of the version before that are at others.
    pub(super) fn publish(&mut self, before: Option<&Version>, version: &Version) {
        for (path, file) in version.placed() {
            match put(self.root, path, file) {
                Ok(false) => {}
                Ok(true) => self.effects.push(effect(version, path, file, "exported")),
                Err(error) => self.fail(path, &error),
            }
        }
        self.withdraw(before);
    }

    /// Takes away the files of what is no longer published, if nothing else is at their paths and they are still what dp
    /// put there.
    pub(super) fn withdraw(&mut self, before: Option<&Version>) {
        for (path, file) in before.into_iter().flat_map(Version::placed) {
            if self.wanted.contains(path) {
                continue;
            }
            match take_away(self.root, path, file) {
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

    fn fail(&mut self, path: &str, error: &FsError) {
        self.failed.push(format!("an export is not in place: `{path}`: {error}"));
    }

    /// Does what a run did not get to do that is gone. What somebody else put there since stays as it is.
    pub(super) fn catch_up(&mut self, before: Option<&Version>, after: Option<&Version>) {
        for (path, _) in [before, after].into_iter().flatten().flat_map(Version::placed) {
            if let Err(error) = remove_unfinished(self.root, path) {
                self.fail(path, &error);
            }
        }
        let Some(after) = after else {
            return self.withdraw(before);
        };
        let is_free = |path: &str| {
            let there = self.root.join(path);
            let old = before.and_then(|before| before.placed().find(|(old, _)| *old == path));
            !fs::exists(&there) || old.is_some_and(|(_, old)| is_ours(&there, old).unwrap_or(false))
        };
        if after.placed().all(|(path, _)| is_free(path)) {
            self.publish(before, after);
        }
    }
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

/// Whether what is at `path` is what dp put there.
fn is_ours(path: &Path, file: &StoredFile) -> Result<bool, FsError> {
    if fs::stamp(path)?.is_none() {
        return Ok(false);
    }
    Ok(Digest::from(fs::hash_file(path)?.0) == file.hash)
}

fn put(root: &Path, path: &str, file: &StoredFile) -> Result<bool, FsError> {
    let target = root.join(path);
    if is_ours(&target, file)? {
        return Ok(false);
    }
    let folder = target.parent().unwrap_or(root);
    fs::create_folder(folder, false)?;
    let temporary = fs::beside(&target);
    let copied = fs::reached(Point::BeforeExportCopied, &target)
        .and_then(|()| fs::copy(&root.join(&file.path), &temporary))
        .and_then(|_| fs::set_mode(&temporary, 0o644))
        .and_then(|()| fs::sync_file(&temporary))
        .and_then(|()| fs::reached(Point::AfterExportCopied, &target))
        .and_then(|()| fs::rename(&temporary, &target));
    if let Err(error) = copied {
        // On a full disk it would take what is left; the error to tell is the first.
        drop(fs::remove_file(&temporary));
        return Err(error);
    }
    fs::sync_folder(folder)?;
    fs::reached(Point::AfterExport, &target)?;
    Ok(true)
}

fn take_away(root: &Path, path: &str, file: &StoredFile) -> Result<bool, FsError> {
    let target = root.join(path);
    if !is_ours(&target, file)? {
        return Ok(false);
    }
    fs::reached(Point::BeforeExportRemoved, &target)?;
    fs::remove_file(&target)?;
    fs::sync_folder(target.parent().unwrap_or(root))?;
    fs::reached(Point::AfterExportRemoved, &target)?;
    Ok(true)
}

/// Removes copies that a process which is gone left beside an export.
fn remove_unfinished(root: &Path, path: &str) -> Result<(), FsError> {
    for left in fs::left_beside(&root.join(path))? {
        fs::remove_file(&left)?;
    }
    Ok(())
}
