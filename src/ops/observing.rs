//! Inspects what exists on the disk: stored files, published links, exports, and what programs depend on.

use std::collections::{BTreeMap, BTreeSet};

use super::error::OpError;
use super::known::Known;
use crate::base::fault::Point;
use crate::base::{fs, trace};
use crate::cache::{Cache, StampedFile};
use crate::model::{Aspect, AssetName, Observed, ObservedInput, PathState, ShownChange, ShownState, Version};
use crate::observe::{self, FileHasher, Remembered};
use crate::plan::{self, Warning};
use crate::project::Project;
use crate::publish::local::links::Links;
use crate::publish::local::release::Release;
use crate::seam::{LedgerRead, Snapshot};

/// Inspects what is published.
pub fn observed(project: &Project, hasher: &mut FileHasher, snapshot: &Snapshot) -> Result<Observed, OpError> {
    let _phase = trace::phase("inspect published data");
    observed_beside(project, hasher, snapshot, shown(project, snapshot)?)
}

/// Inspects the published files; `shown` is the damage to links.
pub(super) fn observed_beside(
    project: &Project,
    hasher: &mut FileHasher,
    snapshot: &Snapshot,
    shown: Vec<ShownState>,
) -> Result<Observed, OpError> {
    let _phase = trace::phase("inspect stored files");
    fs::reached(Point::BeforeLook, &project.root)?;
    let placed =
        project.assets.values().flat_map(|asset| asset.placed().map(|(path, _)| (asset.name.clone(), path.to_owned())));
    let wanted: Vec<(AssetName, String)> = placed.filter(|_| project.settings.environment.is_prod()).collect();
    let in_prod = project.settings.environment.is_prod();
    let mut cache = None;
    let mut recall = |paths: &[&str]| {
        let cache = cache.insert(Cache::open(&project.dp_folder()));
        remembered(cache.stamps(paths.iter().copied()))
    };
    let outputs = observe::outputs(&project.root, snapshot, hasher, in_prod, &mut recall)?;
    if let Some(mut cache) = cache {
        cache.put_stamps(&stamps(hasher));
    }
    // Exports from a lost state are compared by their bytes before anything is published.
    let wanted = if is_record_lost(project, snapshot)? { Vec::new() } else { wanted };
    Ok(Observed {
        outputs,
        foreign: observe::foreign(&project.root, snapshot, &wanted),
        shown,
        ..Observed::default()
    })
}

/// Inspects the observed inputs of the versions that may be published.
pub(super) fn observed_paths(
    known: &mut Known,
    snapshot: &Snapshot,
    catalogue: &dyn LedgerRead,
) -> Result<BTreeMap<(String, Aspect), PathState>, OpError> {
    let mut inputs: BTreeSet<ObservedInput> =
        snapshot.published.values().flat_map(|published| published.version.observed()).cloned().collect();
    for asset in known.project.assets.values().filter(|asset| asset.command().is_some()) {
        let versions = catalogue.newest_versions(&asset.name, plan::MOST_CANDIDATES)?;
        inputs.extend(versions.iter().flat_map(Version::observed).cloned());
    }
    if inputs.is_empty() {
        return Ok(BTreeMap::new());
    }
    let cache = Cache::open(&known.project.dp_folder());
    known.hasher.remember(remembered(cache.stamps(inputs.iter().map(|input| input.path.as_str()))));
    let paths = observe::paths(&known.project.root, &known.surroundings.noise, &inputs, &mut known.hasher);
    let mut cache = cache;
    cache.put_stamps(&stamps(&known.hasher));
    Ok(paths)
}

/// Returns the damage to the published links and files of the current release.
pub(super) fn shown(project: &Project, snapshot: &Snapshot) -> Result<Vec<ShownState>, OpError> {
    let published = snapshot.published.iter().map(|(name, published)| (name.clone(), &published.version)).collect();
    let release = Release {
        root: &project.root,
        warehouse: &project.settings.connection.path,
        environment: &project.settings.environment,
        published: &published,
    };
    let mut shown =
        snapshot.release.as_ref().map(|recorded| release.differences(recorded)).transpose()?.unwrap_or_default();
    let settings = &project.settings;
    if let Some(old) = snapshot.shown_elsewhere(&settings.environment, &settings.connection.path) {
        let links = Links::of(&project.root, old, &settings.environment)?;
        shown.extend(links.present().into_iter().map(|link| ShownState {
            asset: None,
            what: ShownChange::Left,
            path: link.strip_prefix(&project.root).unwrap_or(&link).display().to_string(),
            mtime: None,
        }));
    }
    Ok(shown)
}

/// Returns warnings for other environments whose links are in a folder that is no longer declared.
pub(super) fn elsewhere(project: &Project, snapshot: &Snapshot) -> Vec<Warning> {
    let settings = &project.settings;
    let others = snapshot.environments.iter().filter(|shown| shown.name != settings.environment);
    let warning = |message: String, code: &str| Warning {
        code: code.to_owned(),
        message,
        file: Some(project.file.path().to_owned()),
        line: None,
        column: None,
    };
    others
        .filter_map(|shown| {
            let name = &shown.name;
            let old = snapshot.shown_elsewhere(name, &settings.connection.path)?;
            let message = format!("the links of `{name}` are still in {old}; run `dp apply --env {name}` to move them");
            Some(warning(message, "dp::plan::shown_elsewhere"))
        })
        .collect()
}

pub(super) fn lost_record(project: &Project, snapshot: &Snapshot) -> Result<Option<Warning>, OpError> {
    if !is_record_lost(project, snapshot)? {
        return Ok(None);
    }
    let settings = &project.settings;
    Ok(Some(Warning {
        code: "dp::plan::record_lost".to_owned(),
        message: format!(
            "`{}/{}` links to a release in a `.dp` that no longer exists; restore the folder if you have a copy. Otherwise dp builds \
             everything again, and takes over an existing export if it has the same bytes",
            settings.connection.path, settings.environment
        ),
        file: None,
        line: None,
        column: None,
    }))
}

/// Returns the hashes of this command, for the cache.
pub(super) fn stamps(hasher: &FileHasher) -> Vec<(String, StampedFile)> {
    let stamped = |remembered: &Remembered| StampedFile {
        stamp: remembered.stamp,
        hash: remembered.hash.clone(),
        hashed_at_ns: remembered.hashed_ns,
    };
    hasher.fresh().iter().map(|(path, remembered)| (path.clone(), stamped(remembered))).collect()
}

pub(super) fn remembered(stamps: BTreeMap<String, StampedFile>) -> BTreeMap<String, Remembered> {
    stamps
        .into_iter()
        .map(|(path, file)| {
            let remembered = Remembered {
                stamp: file.stamp,
                hash: file.hash,
                hashed_ns: file.hashed_at_ns,
            };
            (path, remembered)
        })
        .collect()
}

/// Whether the state that published something was lost: a link to a release exists, but the state has no publication.
fn is_record_lost(project: &Project, snapshot: &Snapshot) -> Result<bool, OpError> {
    let settings = &project.settings;
    if snapshot.release.is_some() || !snapshot.environments.is_empty() {
        return Ok(false);
    }
    let links = Links::of(&project.root, &settings.connection.path, &settings.environment)?;
    Ok(links.shown().is_some_and(|release| links.is_gone(&release)))
}
