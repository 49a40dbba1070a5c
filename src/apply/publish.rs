//! Makes what was built visible: everything at once.
//!
//! The order makes every crash harmless. Files are on the disk before the state names them; the
//! release is complete before the state names it; the state's one transaction is the truth; the link
//! follows it, and is repaired by the next holder of the lock if it could not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::record::Record;
use super::views::{Kept, catalogue_views, visible_relations};
use super::{ApplyError, EventKind};
use crate::fs::{self, FsError};
use crate::project::{AssetName, LoadOptions, Project};
use crate::state::{Digest, Effect, Export, Publication, Snapshot, Undone, Version, VersionId};
use crate::store::Writer;
use crate::warehouse::Builder;
use crate::warehouse::release::Release;

/// Old releases that are kept for readers who have resolved the link already.
const OLD_RELEASES: usize = 10;

pub(super) struct Request<'a> {
    pub project: &'a Project,
    pub snapshot: &'a Snapshot,
    pub environment: &'a str,
    pub positions: &'a BTreeMap<AssetName, usize>,
    pub set: Vec<Version>,
    pub withdrawn: Vec<AssetName>,
    /// What a rollback undoes beside the pointers.
    pub undone: Option<Undone>,
    /// Whether the files of what is withdrawn stay where they are.
    pub keep_files: bool,
}

/// Publishes; gives the exports that could not be put in place.
pub(super) fn publish(
    request: Request<'_>,
    record: &mut Record<'_>,
    builder: &mut dyn Builder,
) -> Result<Vec<String>, ApplyError> {
    let before: BTreeMap<AssetName, Version> =
        request.snapshot.published.iter().map(|(name, published)| (name.clone(), published.version.clone())).collect();
    let mut after = before.clone();
    for version in &request.set {
        after.insert(version.asset.clone(), version.clone());
    }
    for name in &request.withdrawn {
        after.remove(name);
    }
    if after == before && request.snapshot.release.is_none() {
        return Ok(Vec::new());
    }
    record.sync()?;
    let release = Release {
        root: &request.project.root,
        warehouse: &request.project.settings.connection.path,
        environment: request.environment,
        published: &after,
    };
    let known = request.snapshot.release.as_deref();
    let same = after == before && known.is_some_and(|known| known == release.name());
    let unchanged = same && release.is_shown(&release.name())?;
    if !unchanged {
        let name = prepare(&release, request.project, record.writer, builder)?;
        effects(&request, &before, record);
        record.tell(EventKind::Published {
            assets: request.set.iter().map(|version| version.asset.clone()).collect(),
            withdrawn: request.withdrawn.clone(),
        });
        let publication = Publication {
            environment: request.environment.to_owned(),
            release: name.clone(),
            set: request.set.iter().map(|version| (version.asset.clone(), version.id.clone())).collect(),
            withdrawn: request.withdrawn.clone(),
            undone: request.undone.clone(),
        };
        let batch = record.take();
        record.writer.publish(record.run, &publication, record.clock.now(), &batch)?;
        release.point(&name)?;
        release.remove_old(&name, OLD_RELEASES)?;
    }
    Ok(exports(&request, &before, &after, record))
}

pub(super) fn prepare(
    release: &Release<'_>,
    project: &Project,
    writer: &Writer,
    builder: &mut dyn Builder,
) -> Result<String, ApplyError> {
    let find = |id: &VersionId| writer.version(id).ok().flatten();
    let mut rename = |tree: &str, names: &BTreeMap<AssetName, AssetName>| builder.rename(tree, names);
    let mut kept = Kept {
        find: &find,
        catalogue: &**writer,
        rename: &mut rename,
    };
    let relations =
        visible_relations(release.root, &|name| release.published.get(name), release.published.keys(), &mut kept)?;
    Ok(release.prepare(catalogue_views(relations, project))?)
}

fn effects(request: &Request<'_>, before: &BTreeMap<AssetName, Version>, record: &mut Record<'_>) {
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

/// Puts files where the user wants them, one by one, and takes away those of what was withdrawn.
fn exports(
    request: &Request<'_>,
    before: &BTreeMap<AssetName, Version>,
    after: &BTreeMap<AssetName, Version>,
    record: &mut Record<'_>,
) -> Vec<String> {
    if request.environment != LoadOptions::PROD {
        // Elsewhere they are links within the release.
        return Vec::new();
    }
    let root = &request.project.root;
    // What one asset leaves another may take: a file at such a path is never removed.
    let wanted: BTreeSet<&str> =
        after.values().filter_map(|version| Some(version.export.as_ref()?.path.as_str())).collect();
    let is_wanted = |export: &Export| wanted.contains(export.path.as_str());
    let mut failed = Vec::new();
    for version in &request.set {
        if let Some(export) = &version.export {
            match put(root, export) {
                Ok(false) => {}
                Ok(true) => push(request, record, export_effect(version, export, "exported")),
                Err(error) => failed.push(error.to_string()),
            }
        }
        let old = before.get(&version.asset).and_then(|old| old.export.as_ref());
        let moved = old.filter(|old| !is_wanted(old));
        if let Some(old) = moved {
            take_away(request, root, &version.asset, old, record, &mut failed);
        }
    }
    for name in request.withdrawn.iter().filter(|_| !request.keep_files) {
        if let Some(old) = before.get(name).and_then(|old| old.export.as_ref()).filter(|old| !is_wanted(old)) {
            take_away(request, root, name, old, record, &mut failed);
        }
    }
    failed
}

fn export_effect(version: &Version, export: &Export, kind: &str) -> Effect {
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
    fs::copy(&root.join(&export.file.path), &temporary)?;
    fs::set_mode(&temporary, 0o644)?;
    fs::sync_file(&temporary)?;
    fs::rename(&temporary, &target)?;
    fs::sync_folder(folder)?;
    Ok(true)
}

fn take_away(
    request: &Request<'_>,
    root: &Path,
    name: &AssetName,
    export: &Export,
    record: &mut Record<'_>,
    failed: &mut Vec<String>,
) {
    let target = root.join(&export.path);
    let removed = is_ours(&target, export)
        .and_then(|ours| if ours { fs::remove_file(&target).map(|()| true) } else { Ok(false) });
    match removed {
        Ok(true) => push(
            request,
            record,
            Effect {
                asset: name.clone(),
                kind: "removed".to_owned(),
                path: Some(export.path.clone()),
                version: None,
                replaced: None,
                rows: None,
                bytes: Some(export.file.bytes),
                ms: None,
                content: Some(export.file.hash.clone()),
            },
        ),
        Ok(false) => {}
        Err(error) => failed.push(error.to_string()),
    }
}
