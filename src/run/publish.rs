//! Publishes what was built: everything at once.
//!
//! The order makes every crash harmless. Files are on the disk before the state names them. The release and the link
//! to it are complete before the state names the release. The state's one transaction decides. The link is renamed
//! into place after it; if dp crashes in between, the next holder of the lock does that.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::exports::Exports;
use super::record::Record;
use super::recover::file_damage;
use super::views::{Kept, catalogue_views, visible_relations};
use super::{ApplyError, EventKind};
use crate::base::fault::Point;
use crate::base::fs::{self, Entry};
use crate::base::trace;
use crate::ledger::sqlite::Writer;
use crate::model::{AssetName, Digest, Effect, EnvironmentName, Publication, ReleaseName, Undone, Version, VersionId};
use crate::observe::is_as_recorded;
use crate::plan::Publishing;
use crate::project::Project;
use crate::publish::local::links::Links;
use crate::publish::local::release::{Release, whole_catalogue};
use crate::seam::{Builder, CatalogueWriter, Snapshot};

pub(super) struct Request<'a> {
    pub project: &'a Project,
    pub snapshot: &'a Snapshot,
    pub environment: &'a EnvironmentName,
    pub positions: &'a BTreeMap<AssetName, usize>,
    pub set: Vec<Version>,
    pub withdrawn: Vec<AssetName>,
    /// Published assets that were renamed: the new name and the previous one.
    pub moved: Vec<(AssetName, AssetName)>,
    /// Published assets with the names under which a rollback held them back until now.
    pub resumed: Vec<(AssetName, AssetName)>,
    /// What a rollback undoes in addition to the pointers.
    pub undone: Option<Undone>,
    /// Whether the files of withdrawn assets stay where they are.
    pub keep_files: bool,
}

/// The result of publishing.
#[derive(Debug, Default)]
pub(super) struct Published {
    /// Whether the pointers moved.
    pub moved: bool,
    /// What could not be put in place after the pointers moved, with the reason.
    pub not_in_place: Vec<String>,
}

/// Publishes the versions of a request.
///
/// # Errors
/// Only if nothing was published. A failure after the pointers moved is part of the returned value.
pub(super) fn publish(
    request: &Request<'_>,
    record: &mut Record<'_>,
    builder: &mut dyn Builder,
    catalogue: Option<Box<dyn CatalogueWriter>>,
) -> Result<Published, ApplyError> {
    let before: BTreeMap<AssetName, &Version> =
        request.snapshot.published.iter().map(|(name, published)| (name.clone(), &published.version)).collect();
    let mut after = before.clone();
    for version in &request.set {
        after.insert(version.asset.clone(), version);
    }
    for name in &request.withdrawn {
        after.remove(name);
    }
    if after == before && request.snapshot.release.is_none() {
        return Ok(Published::default());
    }
    let warehouse = &request.project.settings.connection.path;
    let release = Release {
        root: &request.project.root,
        warehouse,
        environment: request.environment,
        published: &after,
    };
    let known = request.snapshot.release.as_ref();
    let same = after == before && known.is_some_and(|known| *known == release.name());
    let unchanged = same && release.is_shown(&release.name())?;
    let mut published = Published::default();
    let mut catalogue = catalogue;
    let mut current = None;
    let mut staged = None;
    for stage in Publishing::ORDER {
        match stage {
            Publishing::Sync => record.sync()?,
            Publishing::Commit if unchanged => {}
            Publishing::Commit => {
                let name = prepare(&release, request.project, record.writer, builder, catalogue.take())?;
                let links = release.stage(&name)?;
                let moved = expect_unchanged(request, record)
                    .and_then(|()| expect_free(request, &before))
                    .and_then(|()| move_pointers(request, &before, &name, record));
                if let Err(error) = moved {
                    links.withdraw();
                    return Err(error);
                }
                published.moved = true;
                (current, staged) = (Some(name), Some(links));
            }
            Publishing::Show => {
                if let Some(Err(error)) = staged.take().map(|links| release.point(links)) {
                    let before = format!("{warehouse}/{} still shows the previous release", request.environment);
                    published.not_in_place.push(format!("{before}: {error}"));
                }
            }
            Publishing::Unlink if published.moved => {
                match withdraw_elsewhere(request.project, request.snapshot, record.writer) {
                    Ok(paths) if paths.is_empty() => {}
                    Ok(paths) => record.tell(EventKind::Mended { paths }),
                    Err(error) => {
                        published
                            .not_in_place
                            .push(format!("could not remove the links in their previous folder: {error}"));
                    }
                }
            }
            Publishing::Clean => {
                let cleaned = current.as_ref().map(|name| release.remove_old(name, Publishing::OLD_RELEASES));
                if let Some(Err(error)) = cleaned {
                    published.not_in_place.push(format!("could not remove old releases: {error}"));
                }
            }
            Publishing::Place if request.environment.is_prod() => {
                let failed = place(request, &before, &after, record);
                published.not_in_place.extend(failed);
            }
            // In other environments exports are links within the release.
            Publishing::Unlink | Publishing::Place => {}
        }
    }
    Ok(published)
}

/// Puts exports in place and removes old ones. Returns what could not be done, with the reason.
fn place(
    request: &Request<'_>,
    before: &BTreeMap<AssetName, &Version>,
    after: &BTreeMap<AssetName, &Version>,
    record: &mut Record<'_>,
) -> Vec<String> {
    let warehouse = &request.project.settings.connection.path;
    let mut exports = Exports::new(&request.project.root, warehouse, after.values().copied());
    for version in &request.set {
        exports.publish(before.get(&version.asset).copied(), version);
    }
    for name in request.withdrawn.iter().filter(|_| !request.keep_files) {
        exports.withdraw(before.get(name).copied());
    }
    for effect in exports.effects {
        push(request, record, effect);
    }
    exports.failed
}

/// Removes the links of the environment from the folder that the project declared before. Returns the removed links.
pub(super) fn withdraw_elsewhere(
    project: &Project,
    snapshot: &Snapshot,
    writer: &mut Writer,
) -> Result<Vec<String>, ApplyError> {
    let environment = &project.settings.environment;
    let Some(old) = snapshot.shown_elsewhere(environment, &project.settings.connection.path) else {
        return Ok(Vec::new());
    };
    let withdrawn = Links::of(&project.root, old, environment)?.withdraw()?;
    writer.shown_at(environment, &project.shown_at())?;
    let shown = |path: &PathBuf| path.strip_prefix(&project.root).unwrap_or(path).display().to_string();
    Ok(withdrawn.iter().map(shown).collect())
}

/// Inspects the stored files of the request as late as possible, for every command that publishes. A version whose
/// file is missing or changed is not published and is recorded as damaged.
fn expect_unchanged(request: &Request<'_>, record: &mut Record<'_>) -> Result<(), ApplyError> {
    fs::reached(Point::BeforePublished, &request.project.root)?;
    let root = &request.project.root;
    let mut changed = Vec::new();
    for version in &request.set {
        for file in version.stored_files() {
            let same_stamp = match fs::entry(&root.join(&file.path))? {
                Entry::File(stamp) => stamp.size == file.bytes && is_as_recorded(file, &stamp),
                Entry::Missing | Entry::Other(_) => false,
            };
            if same_stamp {
                continue;
            }
            if let Some(reason) = file_damage(root, file)? {
                record.damaged(version, &file.path, reason);
                changed.push(file.path.to_string());
            }
        }
    }
    if changed.is_empty() { Ok(()) } else { Err(ApplyError::StoreChanged(changed)) }
}

/// Refuses to write an export over a file that dp did not write, even if the file appeared after the plan. dp takes
/// over a file that already has the same bytes.
fn expect_free(request: &Request<'_>, before: &BTreeMap<AssetName, &Version>) -> Result<(), ApplyError> {
    let ours: BTreeSet<PathBuf> =
        before.values().flat_map(|version| version.placed()).map(|(path, _)| path.normal()).collect();
    for version in request.set.iter().filter(|_| request.environment.is_prod()) {
        for (path, file) in version.placed() {
            let there = request.project.root.join(path);
            if ours.contains(&path.normal()) || !fs::exists(&there) {
                continue;
            }
            if !fs::is_file(&there) || Digest::from(fs::hash_file(&there)?.0) != file.hash {
                return Err(ApplyError::ForeignFile {
                    asset: version.asset.to_string(),
                    path: path.to_string(),
                });
            }
        }
    }
    Ok(())
}

/// Runs the transaction that publishes. It takes the record's batch, even if the transaction fails.
fn move_pointers(
    request: &Request<'_>,
    before: &BTreeMap<AssetName, &Version>,
    release: &ReleaseName,
    record: &mut Record<'_>,
) -> Result<(), ApplyError> {
    let _phase = trace::phase("record the publication");
    effects(request, before, record);
    let event = record.note(EventKind::Published {
        assets: request.set.iter().map(|version| version.asset.clone()).collect(),
        withdrawn: request.withdrawn.clone(),
    });
    let publication = Publication {
        environment: request.environment.clone(),
        release: release.clone(),
        shown_at: request.project.shown_at(),
        set: request.set.iter().map(|version| (version.asset.clone(), version.id.clone())).collect(),
        withdrawn: request.withdrawn.clone(),
        undone: request.undone.clone(),
        moved: request.moved.clone(),
        resumed: request.resumed.clone(),
    };
    let batch = record.take();
    let moved = record.writer.publish(record.run, &publication, record.clock.now(), &batch);
    if let Err(error) = moved {
        // The transaction may have committed although its end was reported as a failure, so dp asks the state.
        if !record.writer.has_published(record.run)? {
            return Err(error.into());
        }
    }
    record.pass_on(&event);
    Ok(())
}

pub(super) fn prepare(
    release: &Release<'_>,
    project: &Project,
    writer: &Writer,
    builder: &mut dyn Builder,
    catalogue: Option<Box<dyn CatalogueWriter>>,
) -> Result<ReleaseName, ApplyError> {
    let catalogue =
        catalogue.unwrap_or_else(|| builder.catalogues().ahead(whole_catalogue(release.root, release.environment)));
    let pinned = RefCell::new(BTreeMap::new());
    let find = |id: &VersionId| {
        let version = writer.version(id).ok().flatten()?;
        pinned.borrow_mut().insert(AssetName::of_version(id), version.schema.clone());
        Some(version)
    };
    let mut rename = |sql: &str, names: &BTreeMap<AssetName, AssetName>| builder.rename(sql, names);
    let mut kept = Kept {
        find: &find,
        rename: &mut rename,
    };
    let relations = visible_relations(
        release.root,
        &|name| release.published.get(name).copied(),
        release.published.keys(),
        &mut kept,
    )?;
    let schema = |name: &AssetName| match release.published.get(name) {
        Some(version) => Some(version.schema.clone()),
        None => pinned.borrow().get(name).cloned(),
    };
    Ok(release.prepare(catalogue_views(relations, &schema, project), catalogue)?)
}

fn effects(request: &Request<'_>, before: &BTreeMap<AssetName, &Version>, record: &mut Record<'_>) {
    for version in &request.set {
        let replaced = before.get(&version.asset).map(|old| old.id.clone()).filter(|old| *old != version.id);
        push(
            request,
            record,
            Effect {
                asset: version.asset.clone(),
                kind: if replaced.is_some() { "replaced" } else { "published" }.to_owned(),
                path: shown_path(request, version),
                version: Some(version.id.clone()),
                replaced,
                rows: version.rows,
                bytes: version.data.as_ref().map(|data| data.bytes),
                ms: None,
                content: version.content.clone(),
                sighting: None,
            },
        );
    }
    for name in &request.withdrawn {
        push(
            request,
            record,
            Effect {
                asset: name.clone(),
                kind: "withdrawn".to_owned(),
                path: before.get(name).and_then(|version| shown_path(request, version)),
                version: before.get(name).map(|version| version.id.clone()),
                replaced: None,
                rows: None,
                bytes: None,
                ms: None,
                content: None,
                sighting: None,
            },
        );
    }
}

fn shown_path(request: &Request<'_>, version: &Version) -> Option<String> {
    version.data.as_ref()?;
    let warehouse = &request.project.settings.connection.path;
    let (schema, table) = (version.asset.schema(), version.asset.table());
    Some(format!("{warehouse}/{}/{schema}/{table}.parquet", request.environment))
}

fn push(request: &Request<'_>, record: &mut Record<'_>, effect: Effect) {
    let position = request.positions.get(&effect.asset).copied();
    record.batch.effects.push((position, effect));
}
