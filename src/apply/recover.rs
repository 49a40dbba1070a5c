//! Finds out what a run left that did not end, completes what it had made true, and puts that on record.

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use super::ApplyError;
use super::delete::hide_deleted;
use super::exports::Exports;
use crate::fault::Point;
use crate::fs::{self, FsError};
use crate::project::LoadOptions;
use crate::state::{Digest, Effect, RunId, StepOutcome, StoredFile, Version, VersionId};
use crate::store::{Batch, EventEntry, PublicationRow, RunDetail, Writer};
use crate::warehouse::links::Links;
use crate::warehouse::{layout, read_manifest};
use crate::words;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Runs that did not end, and whether each had moved the pointers.
    pub runs: Vec<(RunId, bool)>,
    /// Versions that were finished and not yet on record.
    pub versions: usize,
    /// Unfinished builds that were removed.
    pub removed: usize,
    /// Links and exports that did not show yet what was published, and do now.
    pub shown: usize,
    /// What could not be put in place, with the reason.
    pub not_in_place: Vec<String>,
}

impl Recovered {
    /// One line for people; `None` if all was in order.
    pub fn sentence(&self) -> Option<String> {
        let parts: Vec<String> = [false, true]
            .into_iter()
            .filter_map(|published| {
                let runs = self.runs.iter().filter(|(_, had)| *had == published).map(|(run, _)| run);
                let runs = words::and(runs);
                let end = if published { "had published and did not end" } else { "did not end" };
                (!runs.is_empty()).then(|| format!("{runs} {end}"))
            })
            .chain(
                [
                    counted(self.versions, "finished version", "kept"),
                    counted(self.removed, "unfinished build", "removed"),
                    counted(self.shown, "link or export", "put in place"),
                ]
                .into_iter()
                .flatten(),
            )
            .collect();
        (!self.runs.is_empty()).then(|| format!("recovered: {}", parts.join("; ")))
    }
}

fn counted(count: usize, noun: &str, done: &str) -> Option<String> {
    (count > 0).then(|| format!("{} {done}", words::count(count, noun)))
}

/// Closes runs that did not end. Only the holder of the lock may do this: it knows that nobody else works.
///
/// A version counts as finished if its folder was renamed into the store and its bytes are those
/// that its manifest names; a publication, if its transaction is in the record. Nothing else is
/// believed. Everything here can be done twice, so a crash of the recovery is none.
pub fn recover(root: &Path, warehouse: &str, writer: &mut Writer, now: Timestamp) -> Result<Recovered, ApplyError> {
    let mut recovered = Recovered::default();
    for run in writer.unfinished_runs()? {
        fs::reached(Point::BeforeRecovery, root)?;
        let mut batch = Batch::new(run.summary.run);
        let found = (recovered.versions, recovered.removed, recovered.shown);
        finished_versions(root, &run, writer, &mut batch, &mut recovered)?;
        for publication in &run.publications {
            show(root, warehouse, publication, writer, &mut batch, &mut recovered)?;
        }
        batch.events.push(EventEntry {
            time: now,
            event: "run_recovered".to_owned(),
            asset: None,
            data: json!({
                "published": !run.publications.is_empty(),
                "versions": recovered.versions - found.0,
                "removed": recovered.removed - found.1,
                "shown": recovered.shown - found.2,
            }),
        });
        if !batch.versions.is_empty() {
            fs::sync_file_system(&root.join(layout::STORE))?;
        }
        writer.record(&batch)?;
        writer.abandon_run(run.summary.run, "crashed", now)?;
        recovered.runs.push((run.summary.run, !run.publications.is_empty()));
        let environment = &run.summary.environment;
        Links::of(root, warehouse, environment)?.remove_unfinished(&writer.releases(environment)?)?;
    }
    hide_deleted(root, warehouse, writer)?;
    fs::reached(Point::BeforeCleaned, root)?;
    for name in fs::names_in(&root.join(layout::TEMPORARY))? {
        if layout::is_left_over(&name) {
            fs::remove(&root.join(layout::TEMPORARY).join(&name))?;
            recovered.removed += usize::from(layout::is_building(&name));
        }
    }
    fs::reached(Point::AfterCleaned, root)?;
    Ok(recovered)
}

/// Takes up the versions that a run finished and did not get to record, and removes what it did not finish.
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
        let Some(version) = believed(root, &folder, id)? else {
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
                message: Some("found finished after the run was gone".to_owned()),
            };
            batch.steps.push((position, outcome));
        }
        batch.versions.push((version, None));
    }
    Ok(())
}

/// Moves the link, and the exports, to what a run published, unless a later one published since.
fn show(
    root: &Path,
    warehouse: &str,
    publication: &PublicationRow,
    writer: &Writer,
    batch: &mut Batch,
    recovered: &mut Recovered,
) -> Result<(), ApplyError> {
    let environment = &publication.environment;
    let last = writer.last_publication(environment)?;
    if last.is_none_or(|last| last.serial != publication.serial) {
        return Ok(());
    }
    recovered.shown += usize::from(Links::of(root, warehouse, environment)?.catch_up(&publication.release)?);
    if environment != LoadOptions::PROD {
        return Ok(());
    }
    let version = |id: &Option<VersionId>| match id {
        Some(id) => writer.version(id),
        None => Ok(None),
    };
    let published = writer.snapshot(environment)?.published;
    let mut exports = Exports::new(root, published.values().map(|published| &published.version));
    for change in &publication.changes {
        exports.catch_up(version(&change.before)?.as_ref(), version(&change.after)?.as_ref());
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
        path: version.data.as_ref().map(|data| data.path.clone()),
        version: Some(version.id.clone()),
        replaced: None,
        rows: version.rows,
        bytes: Some(version.bytes()),
        ms: None,
        content: version.content.clone(),
        sighting: None,
    }
}

/// The version in a folder of the store, if every byte is there.
pub(super) fn believed(root: &Path, folder: &Path, id: &VersionId) -> Result<Option<Version>, ApplyError> {
    let Ok(version) = read_manifest(folder) else {
        return Ok(None);
    };
    Ok((version.id == *id && is_intact(root, &version)?).then_some(version))
}

/// Whether a version's files are what was recorded, by content.
pub(super) fn is_intact(root: &Path, version: &Version) -> Result<bool, ApplyError> {
    Ok(damage(root, version)?.is_none())
}

/// Reads a version's files; the path of the first that is not what was recorded, and what is wrong with it.
pub fn damage(root: &Path, version: &Version) -> Result<Option<(String, &'static str)>, FsError> {
    for file in version.stored_files() {
        if let Some(what) = file_damage(root, file)? {
            return Ok(Some((file.path.clone(), what)));
        }
    }
    Ok(None)
}

/// What is wrong with a file of the store, by its bytes.
pub(super) fn file_damage(root: &Path, file: &StoredFile) -> Result<Option<&'static str>, FsError> {
    let path = root.join(&file.path);
    let Some(stamp) = fs::stamp(&path)? else {
        return Ok(Some(MISSING));
    };
    let same = stamp.size == file.bytes && Digest::from(fs::hash_file(&path)?.0) == file.hash;
    Ok((!same).then_some(CHANGED))
}

/// What is wrong with a version of which a file is gone.
pub(super) const MISSING: &str = "its file is missing";
/// What is wrong with a version of which a file is another one.
pub(super) const CHANGED: &str = "its file was changed outside dp";
