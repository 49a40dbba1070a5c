//! Puts files where the user wants them, one by one, and takes away those of what is no longer published.

use std::collections::BTreeSet;
use std::path::Path;

use crate::fault::Point;
use crate::fs::{self, FsError};
use crate::state::{Digest, Effect, Export, Version};

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
            wanted: published.filter_map(|version| Some(version.export.as_ref()?.path.as_str())).collect(),
            effects: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Puts the export of a version in its place, and takes away that of the version before if it is at another.
    pub(super) fn publish(&mut self, before: Option<&Version>, version: &Version) {
        if let Some(export) = &version.export {
            match put(self.root, export) {
                Ok(false) => {}
                Ok(true) => self.effects.push(effect(version, export, "exported")),
                Err(error) => self.fail(export, &error),
            }
        }
        self.withdraw(before);
    }

    /// Takes away the export of what is no longer published, if nothing else is at its path and it is still what dp put there.
    pub(super) fn withdraw(&mut self, before: Option<&Version>) {
        let Some((version, export)) = before.and_then(|version| Some((version, version.export.as_ref()?))) else {
            return;
        };
        if self.wanted.contains(export.path.as_str()) {
            return;
        }
        match take_away(self.root, export) {
            Ok(false) => {}
            Ok(true) => self.effects.push(Effect {
                version: None,
                rows: None,
                ..effect(version, export, "removed")
            }),
            Err(error) => self.fail(export, &error),
        }
    }

    fn fail(&mut self, export: &Export, error: &FsError) {
        self.failed.push(format!("an export is not in place: `{}`: {error}", export.path));
    }

    /// Does what a run did not get to do that is gone. What somebody else put there since stays as it is.
    pub(super) fn catch_up(&mut self, before: Option<&Version>, after: Option<&Version>) {
        for export in [before, after].into_iter().flatten().filter_map(|version| version.export.as_ref()) {
            if let Err(error) = remove_unfinished(self.root, export) {
                self.fail(export, &error);
            }
        }
        let Some(after) = after else {
            return self.withdraw(before);
        };
        let Some(export) = &after.export else {
            return self.publish(before, after);
        };
        let there = self.root.join(&export.path);
        let old = before.and_then(|before| before.export.as_ref());
        let free = !fs::exists(&there) || old.is_some_and(|old| is_ours(&there, old).unwrap_or(false));
        if free {
            self.publish(before, after);
        }
    }
}

fn effect(version: &Version, export: &Export, kind: &str) -> Effect {
    Effect {
        asset: version.asset.clone(),
        kind: kind.to_owned(),
        path: Some(export.path.clone()),
        version: Some(version.id.clone()),
        replaced: None,
        rows: version.rows,
        bytes: Some(export.file.bytes),
        ms: None,
        content: Some(export.file.hash.clone()),
    }
}

/// Whether what is at `path` is what dp put there.
fn is_ours(path: &Path, export: &Export) -> Result<bool, FsError> {
    if fs::stamp(path)?.is_none() {
        return Ok(false);
    }
    Ok(Digest::from(fs::hash_file(path)?.0) == export.file.hash)
}

fn put(root: &Path, export: &Export) -> Result<bool, FsError> {
    let target = root.join(&export.path);
    if is_ours(&target, export)? {
        return Ok(false);
    }
    let folder = target.parent().unwrap_or(root);
    fs::create_folder(folder, false)?;
    let temporary = fs::beside(&target);
    let copied = fs::reached(Point::BeforeExportCopied, &target)
        .and_then(|()| fs::copy(&root.join(&export.file.path), &temporary))
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

fn take_away(root: &Path, export: &Export) -> Result<bool, FsError> {
    let target = root.join(&export.path);
    if !is_ours(&target, export)? {
        return Ok(false);
    }
    fs::reached(Point::BeforeExportRemoved, &target)?;
    fs::remove_file(&target)?;
    fs::sync_folder(target.parent().unwrap_or(root))?;
    fs::reached(Point::AfterExportRemoved, &target)?;
    Ok(true)
}

/// Removes copies that a process which is gone left beside an export.
fn remove_unfinished(root: &Path, export: &Export) -> Result<(), FsError> {
    for left in fs::left_beside(&root.join(&export.path))? {
        fs::remove_file(&left)?;
    }
    Ok(())
}
