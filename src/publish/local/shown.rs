//! Compares the published links, folders and catalogue with what dp created.
//!
//! The cost is a listing of each folder and the target of each link. The catalogue is read only if its times changed.

use std::path::{Path, PathBuf};

use super::release::{Made, Release, SchemaFolder, log_beside, place};
use crate::base::fs::{self, FsError};
use crate::model::{AssetName, Digest, ReleaseName, ShownChange, ShownState};

impl Release<'_> {
    /// Returns what differs from the release that should be shown.
    pub fn differences(&self, release: &ReleaseName) -> Result<Vec<ShownState>, FsError> {
        let warehouse = Path::new(self.warehouse);
        let shown = warehouse.join(self.environment.as_str());
        let folder = self.folder().join(release.as_str());
        let mut found = Found {
            root: self.root,
            states: Vec::new(),
        };
        let same_folder = |path: &Path| matches!((fs::canonicalize(path), fs::canonicalize(&folder)), (Ok(left), Ok(right)) if left == right);
        let link = self.root.join(&shown);
        if !fs::exists(&link) || (fs::link_target(&link).is_some() && !fs::is_folder(&link)) {
            found.note(None, ShownChange::Missing, &shown, &folder)?;
            return Ok(found.states);
        }
        if *release != self.name() || !same_folder(&link) {
            let what = if fs::link_target(&link).is_none() { ShownChange::Occupied } else { ShownChange::Changed };
            found.note(None, what, &shown, &link)?;
            return Ok(found.states);
        }
        let schemas = self.schemas();
        let links = self.links(&schemas);
        for (path, target) in &links {
            found.link(None, &shown.join(path), &folder.join(path), target)?;
        }
        schema_differences(&schemas, &shown, &mut found)?;
        self.foreign_entries(&links, &shown, &folder, &mut found)?;
        self.catalogue_difference(release, &mut found)?;
        Ok(found.states)
    }

    /// Finds entries beside the links and the catalogue of a release.
    fn foreign_entries(
        &self,
        links: &[(PathBuf, PathBuf)],
        shown: &Path,
        folder: &Path,
        found: &mut Found<'_>,
    ) -> Result<(), FsError> {
        let catalogue = self.catalogue_name();
        let log = log_beside(Path::new(&catalogue));
        for name in fs::names_in(folder)? {
            let ours = links.iter().any(|(link, _)| link.starts_with(&name));
            if !ours && name != catalogue && Path::new(&name) != log {
                found.note(None, ShownChange::Added, &shown.join(&name), &folder.join(&name))?;
            }
        }
        Ok(())
    }

    fn catalogue_difference(&self, release: &ReleaseName, found: &mut Found<'_>) -> Result<(), FsError> {
        let name = self.catalogue_name();
        let shown = Path::new(self.warehouse).join(&name);
        let link = self.root.join(&shown);
        let file = self.folder().join(release.as_str()).join(&name);
        let expected = Path::new(self.environment.as_str()).join(&name);
        let made = fs::read_to_string(&place(&self.folder().join(release.as_str())))
            .ok()
            .and_then(|text| serde_json::from_str::<Made>(&text).ok());
        let Some(stamp) = fs::stamp(&file)? else {
            return found.note(None, ShownChange::Missing, &shown, &file);
        };
        let Some(made) = made else {
            return found.note(None, ShownChange::Changed, &shown, &file);
        };
        if made.root != self.root {
            return found.note(None, ShownChange::Moved, &shown, &file);
        }
        let untouched = stamp.size == made.bytes
            && stamp.mtime_ns.to_string() == made.mtime_ns
            && stamp.ctime_ns.to_string() == made.ctime_ns;
        if !untouched && (stamp.size != made.bytes || Digest::from(fs::hash_file(&file)?.0) != made.hash) {
            return found.note(None, ShownChange::Changed, &shown, &file);
        }
        if fs::link_target(&link).is_none() && fs::exists(&link) {
            return found.note(None, ShownChange::Occupied, &shown, &link);
        }
        found.link(None, &shown, &link, &expected)
    }
}

fn schema_differences(schemas: &[SchemaFolder<'_>], shown: &Path, found: &mut Found<'_>) -> Result<(), FsError> {
    for schema in schemas {
        let beside = shown.join(schema.schema);
        if !fs::is_folder(&schema.folder) {
            found.note(None, ShownChange::Missing, &beside, &schema.folder)?;
            continue;
        }
        for (file, (asset, target)) in &schema.links {
            found.link(Some(asset), &beside.join(file), &schema.folder.join(file), target)?;
        }
        for name in fs::names_in(&schema.folder)? {
            if !schema.links.contains_key(&name) {
                found.note(None, ShownChange::Added, &beside.join(&name), &schema.folder.join(&name))?;
            }
        }
    }
    Ok(())
}

struct Found<'a> {
    root: &'a Path,
    states: Vec<ShownState>,
}

impl Found<'_> {
    /// Notes a difference if `link`, which is published as `shown`, does not lead to `target`.
    fn link(&mut self, asset: Option<&AssetName>, shown: &Path, link: &Path, target: &Path) -> Result<(), FsError> {
        match fs::link_target(link) {
            Some(there) if there == target => Ok(()),
            Some(_) => self.note(asset, ShownChange::Changed, shown, link),
            None if fs::is_folder(link) => self.note(asset, ShownChange::Occupied, shown, link),
            None if fs::exists(link) => self.note(asset, ShownChange::Replaced, shown, link),
            None => self.note(asset, ShownChange::Missing, shown, link),
        }
    }

    fn note(&mut self, asset: Option<&AssetName>, what: ShownChange, shown: &Path, file: &Path) -> Result<(), FsError> {
        let stamp = if what == ShownChange::Missing { None } else { fs::own_stamp(file)? };
        let shown = shown.strip_prefix(self.root).unwrap_or(shown);
        self.states.push(ShownState {
            asset: asset.cloned(),
            what,
            path: shown.display().to_string(),
            mtime: stamp.and_then(|stamp| i64::try_from(stamp.mtime_ns / 1_000_000_000).ok()),
        });
        Ok(())
    }
}
