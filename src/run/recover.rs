//! Finds out what an unfinished run left, completes what was already true, and records the result.
//!
//! A command that only reads restores order inside `.dp` ([`Reach::Own`]). Links, the catalogue and exports stay as
//! they are until a command that writes runs ([`Reach::All`]). Until then the run counts as unfinished.

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use super::ApplyError;
use super::delete::{hide_deleted, is_deletion_behind, remove_hidden};
use super::exports::Exports;
use crate::base::fault::Point;
use crate::base::fs::{self, Entry, FsError};
use crate::base::{layout, text};
use crate::ledger::sqlite::{Batch, EventEntry, PublicationRow, Reader, RunDetail, Writer};
use crate::model::{AssetName, Digest, Effect, RunId, RunScope, StepOutcome, StoredFile, Version, VersionId};
use crate::publish::local::links::Links;
use crate::storage::local::read_manifest;

/// How far a recovery may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The recovery changes nothing outside `.dp`.
    Own,
    /// The recovery also puts links and exports in place.
    All,
}

/// The result of a recovery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Unfinished runs, and whether each had moved the pointers.
    pub runs: Vec<(RunId, bool)>,
    /// The number of finished versions that were not recorded yet.
    pub versions: usize,
    /// The number of unfinished builds that were removed.
    pub removed: usize,
    /// The number of links and exports that were brought up to date with what is published.
    pub shown: usize,
    /// What could not be put in place, with the reason.
    pub not_in_place: Vec<String>,
    /// Runs that published or withdrew something that links and exports do not show yet.
    pub behind: Vec<RunId>,
}

impl Recovered {
    /// Returns one line of text for the user; `None` if there was nothing to recover.
    pub fn sentence(&self) -> Option<String> {
        let parts: Vec<String> = [false, true]
            .into_iter()
            .filter_map(|published| {
                let runs = self.runs.iter().filter(|(_, had)| *had == published).map(|(run, _)| run);
                let runs = text::and(runs);
                let end = if published { "published but did not end" } else { "did not end" };
                (!runs.is_empty()).then(|| format!("{runs} {end}"))
            })
            .chain(
                [
                    counted(self.versions, "finished version", "kept"),
                    counted(self.removed, "unfinished build", "removed"),
                    counted(self.shown, "link or export", "updated"),
                ]
                .into_iter()
                .flatten(),
            )
            .collect();
        (!self.runs.is_empty()).then(|| format!("recovered: {}", parts.join("; ")))
    }
}

fn counted(count: usize, noun: &str, done: &str) -> Option<String> {
    (count > 0).then(|| format!("{} {done}", text::count(count, noun)))
}

/// Closes unfinished runs. Only the holder of the lock may call this, because then no other process writes.
///
/// A version counts as finished if its folder was renamed into the store and its bytes match its manifest. A
/// publication counts if its transaction is in the state. Nothing else is trusted. Every action can be repeated, so a
/// crash during recovery does no harm.
pub fn recover(
    root: &Path,
    warehouse: &str,
    writer: &mut Writer,
    reach: Reach,
    now: Timestamp,
) -> Result<Recovered, ApplyError> {
    let mut recovered = Recovered::default();
    for run in writer.unfinished_runs()? {
        fs::reached(Point::BeforeRecovery, root)?;
        let mut batch = Batch::new(run.summary.run);
        let found = (recovered.versions, recovered.removed, recovered.shown);
        finished_versions(root, &run, writer, &mut batch, &mut recovered)?;
        let RunScope::One(environment) = &run.summary.environment else {
            close(root, &run, batch, found, writer, &mut recovered, now)?;
            continue;
        };
        let links = Links::of(root, warehouse, environment)?;
        links.remove_unfinished(&writer.releases(environment)?)?;
        match reach {
            Reach::Own if is_behind(root, warehouse, &run, &links, writer)? => {
                save(root, &batch, writer)?;
                recovered.behind.push(run.summary.run);
                continue;
            }
            Reach::Own => {}
            Reach::All => {
                for publication in &run.publications {
                    show(root, warehouse, publication, writer, &mut batch, &mut recovered)?;
                }
                links.remove_staged()?;
            }
        }
        close(root, &run, batch, found, writer, &mut recovered, now)?;
    }
    match reach {
        Reach::All => hide_deleted(root, warehouse, writer)?,
        Reach::Own => remove_hidden(root, warehouse, writer)?,
    }
    fs::reached(Point::BeforeCleaned, root)?;
    for name in fs::names_in(&root.join(layout::TEMPORARY))? {
        if layout::is_left_over(&name) {
            fs::remove_folder(&root.join(layout::TEMPORARY).join(&name))?;
            recovered.removed += usize::from(layout::is_building(&name));
        }
    }
    fs::reached(Point::AfterCleaned, root)?;
    Ok(recovered)
}

/// Records that a run did not end; `before` is what was found before it.
fn close(
    root: &Path,
    run: &RunDetail,
    mut batch: Batch,
    before: (usize, usize, usize),
    writer: &mut Writer,
    recovered: &mut Recovered,
    now: Timestamp,
) -> Result<(), ApplyError> {
    batch.events.push(EventEntry {
        time: now,
        event: "run_recovered".to_owned(),
        asset: None,
        data: json!({
            "published": !run.publications.is_empty(),
            "versions": recovered.versions - before.0,
            "removed": recovered.removed - before.1,
            "shown": recovered.shown - before.2,
        }),
    });
    save(root, &batch, writer)?;
    writer.abandon_run(run.summary.run, "crashed", now)?;
    recovered.runs.push((run.summary.run, !run.publications.is_empty()));
    Ok(())
}

/// Records what was found of a run, once it is synced to the disk.
fn save(root: &Path, batch: &Batch, writer: &mut Writer) -> Result<(), ApplyError> {
    if batch.is_empty() {
        return Ok(());
    }
    if !batch.versions.is_empty() {
        fs::sync_file_system(&root.join(layout::STORE))?;
    }
    Ok(writer.record(batch)?)
}

/// Whether links and exports do not show yet what a run published or withdrew, or the run left unfinished files beside
/// them.
fn is_behind(
    root: &Path,
    warehouse: &str,
    run: &RunDetail,
    links: &Links<'_>,
    writer: &Writer,
) -> Result<bool, ApplyError> {
    if !links.staged()?.is_empty() || is_deletion_behind(root, warehouse, writer)? {
        return Ok(true);
    }
    for publication in &run.publications {
        let Some(exports) = last(root, warehouse, publication, writer)? else {
            continue;
        };
        let links = Links::of(root, warehouse, &publication.environment)?;
        if links.is_behind(&publication.release) {
            return Ok(true);
        }
        for (before, after) in changes(publication, writer)? {
            if exports.is_behind(before.as_ref(), after.as_ref())? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Returns the exports of an environment, if nothing was published there after this publication.
fn last<'a>(
    root: &'a Path,
    warehouse: &'a str,
    publication: &PublicationRow,
    writer: &Writer,
) -> Result<Option<Exports<'a>>, ApplyError> {
    let environment = &publication.environment;
    let last = writer.last_publication(environment)?;
    if last.is_none_or(|last| last.serial != publication.serial) {
        return Ok(None);
    }
    let published = writer.snapshot(environment)?.published;
    Ok(Some(Exports::new(root, warehouse, published.values().map(|published| &published.version))))
}

/// The version before and after a publication.
type Replaced = (Option<Version>, Option<Version>);

/// Returns the versions that a publication replaced and published; none outside prod, where exports are links within a
/// release.
fn changes(publication: &PublicationRow, reader: &Reader) -> Result<Vec<Replaced>, ApplyError> {
    if !publication.environment.is_prod() {
        return Ok(Vec::new());
    }
    let version = |id: &Option<VersionId>| match id {
        Some(id) => reader.version(id),
        None => Ok(None),
    };
    publication.changes.iter().map(|change| Ok((version(&change.before)?, version(&change.after)?))).collect()
}

/// Takes over the versions that a run finished but did not record, and removes unfinished builds.
fn finished_versions(
    root: &Path,
    run: &RunDetail,
    writer: &Writer,
    batch: &mut Batch,
    recovered: &mut Recovered,
) -> Result<(), ApplyError> {
    for (position, step) in run.steps.iter().enumerate() {
        let Some(id) = &step.intent.version else {
            continue;
        };
        let folder = root.join(layout::version_folder(&step.intent.asset, id));
        if writer.version(id)?.is_some() || !fs::exists(&folder) {
            continue;
        }
        let Some(version) = believed(root, &step.intent.asset, id)? else {
            fs::remove_folder(&folder)?;
            recovered.removed += 1;
            continue;
        };
        recovered.versions += 1;
        batch.effects.push((Some(position), made(&version)));
        if step.outcome.is_none() {
            let outcome = StepOutcome {
                outcome: "built".to_owned(),
                started: None,
                ms: 0,
                version: Some(id.clone()),
                message: Some("found finished after the run ended unexpectedly".to_owned()),
            };
            batch.steps.push((position, outcome));
        }
        batch.versions.push((version, None));
    }
    Ok(())
}

/// Moves the link and the exports to what a run published, unless a later run published since.
fn show(
    root: &Path,
    warehouse: &str,
    publication: &PublicationRow,
    writer: &Writer,
    batch: &mut Batch,
    recovered: &mut Recovered,
) -> Result<(), ApplyError> {
    let Some(mut exports) = last(root, warehouse, publication, writer)? else {
        return Ok(());
    };
    let links = Links::of(root, warehouse, &publication.environment)?;
    recovered.shown += usize::from(links.catch_up(&publication.release)?);
    for (before, after) in changes(publication, writer)? {
        exports.catch_up(before.as_ref(), after.as_ref());
    }
    recovered.shown += exports.effects.len();
    recovered.not_in_place.extend(exports.failed);
    batch.effects.extend(exports.effects.into_iter().map(|effect| (None, effect)));
    Ok(())
}

fn made(version: &Version) -> Effect {
    Effect {
        asset: version.asset.clone(),
        kind: "made".to_owned(),
        path: version.data.as_ref().map(|data| data.path.to_string()),
        version: Some(version.id.clone()),
        replaced: None,
        rows: version.rows,
        bytes: Some(version.bytes()),
        ms: None,
        content: version.content.clone(),
        sighting: None,
    }
}

/// Reads a version from its folder in the store. Returns `None` unless the folder is the version's own and every byte
/// matches.
pub(super) fn believed(root: &Path, asset: &AssetName, id: &VersionId) -> Result<Option<Version>, ApplyError> {
    let folder = root.join(layout::version_folder(asset, id));
    if !fs::is_own_folder(&folder) {
        return Ok(None);
    }
    let Ok(version) = read_manifest(&folder) else {
        return Ok(None);
    };
    let is_its_own = version.id == *id && version.asset == *asset;
    Ok((is_its_own && is_intact(root, &version)?).then_some(version))
}

/// Whether the content of a version's files matches the record.
pub(super) fn is_intact(root: &Path, version: &Version) -> Result<bool, ApplyError> {
    Ok(damage(root, version)?.is_none())
}

/// Reads a version's files. Returns the path of the first file that differs from the record and what is wrong with it;
/// `None` if all match.
pub fn damage(root: &Path, version: &Version) -> Result<Option<(String, &'static str)>, FsError> {
    for file in version.stored_files() {
        if let Some(what) = file_damage(root, file)? {
            return Ok(Some((file.path.to_string(), what)));
        }
    }
    Ok(None)
}

/// Returns what is wrong with the bytes of a stored file; `None` if they match.
pub(super) fn file_damage(root: &Path, file: &StoredFile) -> Result<Option<&'static str>, FsError> {
    let path = root.join(&file.path);
    let same = match fs::entry(&path)? {
        Entry::Missing => return Ok(Some(MISSING)),
        Entry::File(stamp) => stamp.size == file.bytes && Digest::from(fs::hash_file(&path)?.0) == file.hash,
        // A link is not a stored file, whatever it leads to.
        Entry::Other(_) => false,
    };
    Ok((!same).then_some(CHANGED))
}

/// The reason for a version with a missing file.
pub(super) const MISSING: &str = "its file is missing";
/// The reason for a version with a changed file.
pub(super) const CHANGED: &str = "its file was changed outside dp";
