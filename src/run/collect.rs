//! Frees what nothing needs any more.
//!
//! The order makes every crash harmless: dp marks versions as removed in one transaction and deletes their files
//! afterwards. A crash in between leaves files that the state does not name, and the next collection finds them. In
//! the opposite order the state would name files that are gone.
//!
//! The caller holds the lock, so no other process builds or publishes meanwhile. Readers take no lock. They may still
//! read what was published until recently, so dp keeps that for the time set in the project.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use super::record::Record;
use super::{ApplyError, Counts, Event, EventKind};
use crate::base::clock::Clock;
use crate::base::{fs, layout};
use crate::ledger::sqlite::{Reader, StoredVersion, Writer};
use crate::model::{AssetName, Effect, EnvironmentName, ReleaseName, RunId, RunStart, VersionId};
use crate::project::{Keep, Project};
use crate::publish::local::links::Links;

/// What a collection would free, and what it keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Garbage {
    /// Versions that nothing needs.
    pub versions: Vec<StoredVersion>,
    /// Files and folders of the store that the state does not name, relative to the project, with their size in bytes.
    pub orphans: Vec<(PathBuf, u64)>,
    /// Release folders that no link leads to any more.
    pub releases: Vec<(PathBuf, u64)>,
    /// Logs of programs from runs of which nothing is kept.
    pub logs: Vec<(PathBuf, u64)>,
    /// Versions that stay.
    pub kept: Vec<StoredVersion>,
}

impl Garbage {
    /// Whether there is nothing to free.
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty() && self.orphans.is_empty() && self.releases.is_empty() && self.logs.is_empty()
    }

    /// The number of bytes that a collection would free.
    pub fn bytes(&self) -> u64 {
        let beside: u64 = self.orphans.iter().chain(&self.releases).chain(&self.logs).map(|(_, bytes)| bytes).sum();
        beside + self.versions.iter().map(|version| version.bytes).sum::<u64>()
    }
}

/// Finds what neither an environment, nor the runs that are kept, nor a view of those needs.
///
/// Changes nothing. Without the lock an apply may be running; its unfinished builds are left alone.
pub fn garbage(project: &Project, reader: &Reader, now: Timestamp) -> Result<Garbage, ApplyError> {
    let keep = project.settings.keep;
    let since = moment_before(now, keep);
    reader.at_one_moment(|| {
        let shown = reader.shown_by_views()?;
        let pointed_at = with_shown(reader.pointed_at()?, &shown);
        let environments = reader.environments()?;
        let mut kept = reader.left_since(since)?;
        for environment in &environments {
            kept.extend(reader.sets_after(&environment.environment, keep.runs)?);
        }
        let stored = reader.stored_versions()?;
        // Built for a run that published nothing; the next run reuses it.
        kept.extend(stored.iter().filter(|version| version.created > since).map(|version| version.version.clone()));
        let kept = with_shown(kept, &shown);
        let building: BTreeSet<VersionId> = reader
            .unfinished_runs()?
            .into_iter()
            .flat_map(|run| run.steps)
            .filter_map(|step| step.intent.version)
            .collect();
        let (stay, free): (Vec<_>, Vec<_>) = stored.into_iter().partition(|version| {
            pointed_at.contains(&version.version) || (kept.contains(&version.version) && !version.is_damaged)
        });
        let on_record: BTreeSet<&str> = stay
            .iter()
            .chain(&free)
            .map(|version| version.version.as_str())
            .chain(building.iter().map(VersionId::as_str))
            .collect();
        let releases: BTreeMap<EnvironmentName, BTreeSet<ReleaseName>> = environments
            .iter()
            .map(|row| Ok((row.environment.clone(), reader.releases_since(&row.environment, keep.runs, since)?)))
            .collect::<Result<_, ApplyError>>()?;
        let runs: BTreeSet<RunId> = reader.runs_of(stay.iter().map(|version| &version.version))?;
        let newest: BTreeSet<RunId> =
            reader.runs(usize::try_from(keep.runs).unwrap_or(usize::MAX))?.into_iter().map(|run| run.run).collect();
        Ok(Garbage {
            logs: old_logs(&project.root, since, &|run| runs.contains(&run) || newest.contains(&run))?,
            orphans: orphans(&project.root, &on_record)?,
            releases: old_releases(project, &releases)?,
            versions: free,
            kept: stay,
        })
    })
}

fn moment_before(now: Timestamp, keep: Keep) -> Timestamp {
    let seconds = i64::try_from(keep.seconds).unwrap_or(i64::MAX);
    now.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN)
}

/// Adds all versions that the views of the set show.
fn with_shown(mut set: BTreeSet<VersionId>, shown: &BTreeMap<VersionId, Vec<VersionId>>) -> BTreeSet<VersionId> {
    let mut open: Vec<VersionId> = set.iter().cloned().collect();
    while let Some(version) = open.pop() {
        for below in shown.get(&version).into_iter().flatten() {
            if set.insert(below.clone()) {
                open.push(below.clone());
            }
        }
    }
    set
}

/// Finds entries of the store that are named like a version but not in the state. Entries with other names are not
/// dp's.
fn orphans(root: &Path, on_record: &BTreeSet<&str>) -> Result<Vec<(PathBuf, u64)>, ApplyError> {
    let mut found = Vec::new();
    for asset in stored_assets(root)? {
        for name in fs::names_in(&root.join(layout::STORE).join(asset.as_str()))? {
            if let Ok(version) = name.parse::<VersionId>()
                && !on_record.contains(name.as_str())
            {
                found.push(layout::version_folder(&asset, &version));
            }
        }
    }
    sized(root, found)
}

/// The assets that have a folder in the store.
fn stored_assets(root: &Path) -> Result<Vec<AssetName>, ApplyError> {
    let store = root.join(layout::STORE);
    let names = fs::names_in(&store)?.into_iter().filter(|name| fs::is_own_folder(&store.join(name)));
    // A name without a dot would be parsed as one with the default schema.
    Ok(names.filter_map(|name| name.parse::<AssetName>().ok().filter(|asset| asset.as_str() == name)).collect())
}

/// Finds release folders that are not kept, by environment, and the schema folders that only they use.
///
/// The release that a link leads to stays, whatever the state says: a user may have put the link back.
fn old_releases(
    project: &Project,
    kept: &BTreeMap<EnvironmentName, BTreeSet<ReleaseName>>,
) -> Result<Vec<(PathBuf, u64)>, ApplyError> {
    let root = &project.root;
    let mut found = Vec::new();
    for name in fs::names_in(&root.join(layout::PUBLISHED))? {
        // Folders with other names are not dp's.
        let Ok(environment) = name.parse::<EnvironmentName>() else {
            continue;
        };
        let folder = layout::published_folder(&environment);
        if !fs::is_own_folder(&root.join(&folder)) {
            continue;
        }
        let shown = Links::of(root, &project.settings.connection.path, &environment)?.shown();
        let Some(kept) = kept.get(&environment) else {
            if shown.is_none() && is_of_environment(&root.join(&folder))? {
                found.push(folder);
            }
            continue;
        };
        let mut schemas: BTreeSet<String> = BTreeSet::new();
        for name in fs::names_in(&root.join(&folder))? {
            let is_half_done = name.starts_with('.');
            let release = name.strip_prefix('.').unwrap_or(&name).trim_end_matches(".place").parse::<ReleaseName>();
            let Ok(release) = release else {
                continue;
            };
            if is_half_done || !(kept.contains(&release) || shown.as_ref() == Some(&release)) {
                found.push(folder.join(&name));
            } else if fs::is_own_folder(&root.join(&folder).join(&name)) {
                let release = root.join(&folder).join(&name);
                for link in fs::names_in(&release)? {
                    let target = fs::link_target(&release.join(link));
                    let shared = target.as_ref().and_then(|target| target.file_name());
                    schemas.extend(shared.map(|name| name.to_string_lossy().into_owned()));
                }
            }
        }
        for schema in fs::names_in(&root.join(&folder).join("schemas"))? {
            if !schemas.contains(&schema) && is_schema_folder(&schema) {
                found.push(folder.join("schemas").join(schema));
            }
        }
    }
    sized(root, found)
}

/// Whether all names in a folder are names that dp uses in the published folder of an environment.
fn is_of_environment(folder: &Path) -> Result<bool, ApplyError> {
    let is_own = |name: &String| {
        let name = name.strip_prefix('.').unwrap_or(name);
        let release = name.trim_end_matches(".place").parse::<ReleaseName>();
        release.is_ok() || name == "schemas" || name.starts_with("catalogue.")
    };
    Ok(fs::names_in(folder)?.iter().all(is_own))
}

/// Whether a name has the form of a schema folder: the schema and a hash of its content.
fn is_schema_folder(name: &str) -> bool {
    let name = name.strip_prefix('.').unwrap_or(name);
    name.rsplit_once('-')
        .is_some_and(|(schema, mark)| schema.parse::<EnvironmentName>().is_ok() && mark.parse::<ReleaseName>().is_ok())
}

/// Finds log folders of runs that are not kept and ended before `since`.
fn old_logs(root: &Path, since: Timestamp, is_kept: &dyn Fn(RunId) -> bool) -> Result<Vec<(PathBuf, u64)>, ApplyError> {
    let logs = Path::new(layout::LOGS);
    let mut found = Vec::new();
    for name in fs::names_in(&root.join(logs))? {
        // Folders with other names are not dp's.
        let Some(run) = name.parse::<RunId>().ok().filter(|run| run.to_string() == name) else {
            continue;
        };
        let path = logs.join(&name);
        let touched = fs::own_stamp(&root.join(&path))?.map_or(0, |stamp| stamp.mtime_ns);
        if !is_kept(run) && touched < since.as_nanosecond() {
            found.push(path);
        }
    }
    sized(root, found)
}

fn sized(root: &Path, found: Vec<PathBuf>) -> Result<Vec<(PathBuf, u64)>, ApplyError> {
    found
        .into_iter()
        .map(|path| {
            let bytes = fs::tree_size(&root.join(&path))?;
            Ok((path, bytes))
        })
        .collect()
}

/// Frees the garbage, recorded as a separate run.
///
/// # Errors
/// If the state can't be written or a file can't be removed. The next collection finds what was already marked.
pub fn collect(
    root: &Path,
    garbage: &Garbage,
    writer: &mut Writer,
    start: &RunStart,
    clock: Clock,
    sink: &mut dyn FnMut(&Event),
) -> Result<RunId, ApplyError> {
    let begun = Instant::now();
    let run = writer.begin_run(start)?;
    let mut record = Record::new(writer, run, sink, root.to_owned(), clock);
    record.tell(EventKind::RunStarted {
        environment: start.environment.to_string(),
        steps: 0,
    });
    let removed = remove(root, garbage, &mut record);
    let outcome = if removed.is_ok() { "done" } else { "failed" };
    record.tell(EventKind::RunFinished {
        outcome: outcome.to_owned(),
        counts: Counts::default(),
        ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        estimated_ms: None,
        saved: None,
    });
    let batch = record.take();
    let counts = serde_json::json!({ "versions": garbage.versions.len(), "bytes": garbage.bytes() });
    record.writer.finish_run(run, outcome, &counts, clock.now(), &batch)?;
    removed?;
    Ok(run)
}

fn remove(root: &Path, garbage: &Garbage, record: &mut Record<'_>) -> Result<(), ApplyError> {
    let ids: Vec<VersionId> = garbage.versions.iter().map(|version| version.version.clone()).collect();
    // The state first, then the store; see the module's documentation.
    record.writer.remove_versions(&ids, &format!("collected by {}", record.run))?;
    for version in &garbage.versions {
        let folder = layout::version_folder(&version.asset, &version.version);
        fs::remove_folder(&root.join(&folder))?;
        record.batch.effects.push((None, effect(version, &folder)));
    }
    for (path, _) in garbage.orphans.iter().chain(&garbage.releases).chain(&garbage.logs) {
        fs::remove_folder(&root.join(path))?;
    }
    // Remove the folders of assets that have no version left.
    for asset in stored_assets(root)? {
        let folder = root.join(layout::STORE).join(asset.as_str());
        if fs::names_in(&folder)?.is_empty() {
            fs::remove_folder(&folder)?;
        }
    }
    Ok(())
}

fn effect(version: &StoredVersion, folder: &Path) -> Effect {
    Effect {
        asset: version.asset.clone(),
        kind: "removed".to_owned(),
        path: Some(folder.display().to_string()),
        version: Some(version.version.clone()),
        replaced: None,
        rows: None,
        bytes: Some(version.bytes),
        ms: None,
        content: None,
        sighting: None,
    }
}
