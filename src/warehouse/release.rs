//! What other tools see: folders of links into the store, and a catalogue over the same files.
//!
//! ```text
//! warehouse/prod        → ../.dp/published/prod/3f9a…      moved by one rename
//! warehouse/prod.duckdb → prod/prod.duckdb
//! .dp/published/prod/3f9a…/staging     → ../schemas/staging-81c2…
//! .dp/published/prod/3f9a…/prod.duckdb   the catalogue
//! .dp/published/prod/schemas/staging-81c2…/orders.parquet → the version in the store
//! ```
//!
//! A release is named after what is in it, so the same set has the same folder; folders of schemas
//! that did not change are shared between releases. Nothing in a release is ever changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::duckdb::catalogue::{self, CatalogueChange, CatalogueView};
use super::{EngineError, layout};
use crate::fs::{self, FsError};
use crate::project::AssetName;
use crate::state::{Digest, Version};

/// Why a release could not be made.
#[derive(Debug, Error, Diagnostic)]
pub enum ReleaseError {
    /// A file operation failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] FsError),
    /// Something that dp did not make is where a link belongs.
    #[error("`{path}` is in the way: dp did not make it")]
    #[diagnostic(code(dp::warehouse::occupied), help("move it away; dp puts a link there"))]
    #[expect(missing_docs, reason = "the message says it")]
    Occupied { path: String },
    /// The engine could not write the catalogue.
    #[error("the catalogue can't be written: {0}")]
    #[diagnostic(
        code(dp::warehouse::catalogue),
        help("nothing was published; correct what the engine names and apply again")
    )]
    Catalogue(EngineError),
}

/// What a release is made of.
#[derive(Debug)]
pub struct Release<'a> {
    /// The project, absolute.
    pub root: &'a Path,
    /// Folder of links, relative to the project.
    pub warehouse: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// All that is published in it.
    pub published: &'a BTreeMap<AssetName, Version>,
}

/// The file beside a release that tells where the project was when it was made.
fn place(release: &Path) -> PathBuf {
    release.with_extension("place")
}

#[derive(Default, Serialize, Deserialize)]
struct CatalogueContent {
    root: PathBuf,
    views: BTreeMap<AssetName, Digest>,
}

impl Release<'_> {
    /// The name of the release that shows this set.
    pub fn name(&self) -> String {
        let parts = self.published.iter().flat_map(|(name, version)| [name.as_str(), version.id.as_str()]);
        Digest::of("release/1", [self.environment].into_iter().chain(parts)).short().to_owned()
    }

    fn folder(&self) -> PathBuf {
        self.root.join(layout::published_folder(self.environment))
    }

    /// Makes the release, not yet visible to anybody; `views` are those of the catalogue, each after those it reads.
    pub fn prepare(&self, views: Vec<CatalogueView>) -> Result<String, ReleaseError> {
        for link in [self.environment.to_owned(), self.catalogue_name()] {
            let path = Path::new(self.warehouse).join(link);
            let there = self.root.join(&path);
            if fs::exists(&there) && fs::link_target(&there).is_none() {
                return Err(ReleaseError::Occupied {
                    path: path.display().to_string(),
                });
            }
        }
        let name = self.name();
        let folder = self.folder();
        let target = folder.join(&name);
        let building = folder.join(format!(".{name}"));
        fs::remove_folder(&building)?;
        fs::create_folder(&building, false)?;
        let mut schemas: BTreeMap<&str, Vec<(&AssetName, &Version)>> = BTreeMap::new();
        for (asset, version) in self.published {
            schemas.entry(asset.schema()).or_default().push((asset, version));
        }
        for (schema, members) in schemas {
            if let Some(shared) = self.schema_folder(schema, &members)? {
                fs::link(&Path::new("../schemas").join(shared), &building.join(schema))?;
            }
        }
        self.exported_files(&building)?;
        let pristine = self.catalogue(views)?;
        fs::copy(&pristine, &building.join(self.catalogue_name()))?;
        fs::sync_file(&building.join(self.catalogue_name()))?;
        // The catalogue has absolute paths: a project that was moved needs it anew.
        fs::write_new(&place(&target), self.root.to_string_lossy().as_bytes(), 0o644)?;
        fs::sync_folder(&building)?;
        fs::remove_folder(&target)?;
        fs::rename(&building, &target)?;
        fs::sync_folder(&folder)?;
        Ok(name)
    }

    fn catalogue_name(&self) -> String {
        format!("{}.duckdb", self.environment)
    }

    /// The folder that shows one schema, made if no earlier release had the same; `None` if it would be empty.
    fn schema_folder(&self, schema: &str, members: &[(&AssetName, &Version)]) -> Result<Option<String>, FsError> {
        let stored: Vec<_> = members
            .iter()
            .filter_map(|(asset, version)| Some((asset.table(), &version.id, version.data.as_ref()?)))
            .collect();
        if stored.is_empty() {
            return Ok(None);
        }
        let parts = stored.iter().flat_map(|(table, id, _)| [*table, id.as_str()]);
        let name = format!("{schema}-{}", Digest::of("schema-folder/1", parts).short());
        let schemas = self.folder().join("schemas");
        let target = schemas.join(&name);
        if fs::is_folder(&target) {
            return Ok(Some(name));
        }
        let building = schemas.join(format!(".{name}"));
        fs::remove_folder(&building)?;
        fs::create_folder(&building, false)?;
        for (table, _, data) in stored {
            let to = fs::relative(&target, &self.root.join(&data.path));
            fs::link(&to, &building.join(format!("{table}.parquet")))?;
        }
        fs::sync_folder(&building)?;
        fs::rename(&building, &target)?;
        fs::sync_folder(&schemas)?;
        Ok(Some(name))
    }

    /// Outside prod, exports are shown within the release.
    fn exported_files(&self, building: &Path) -> Result<(), FsError> {
        if self.environment == crate::project::LoadOptions::PROD {
            return Ok(());
        }
        let final_place = self.folder().join(self.name());
        for version in self.published.values() {
            if let Some(export) = &version.export {
                let inside = Path::new("_files").join(&export.path);
                let link = building.join(&inside);
                let parent = inside.parent().unwrap_or(Path::new(""));
                fs::create_folder(&building.join(parent), false)?;
                fs::link(&fs::relative(&final_place.join(parent), &self.root.join(&export.file.path)), &link)?;
            }
        }
        Ok(())
    }

    /// Brings dp's own copy of the catalogue up to date, touching only what changed.
    fn catalogue(&self, views: Vec<CatalogueView>) -> Result<PathBuf, ReleaseError> {
        let folder = self.folder();
        let file = folder.join("catalogue.duckdb");
        let content_file = folder.join("catalogue.json");
        let wanted: BTreeMap<AssetName, Digest> =
            views.iter().map(|view| (view.relation.name.clone(), self.view_digest(view))).collect();
        let before = fs::read_to_string(&content_file)
            .ok()
            .and_then(|text| serde_json::from_str::<CatalogueContent>(&text).ok())
            .filter(|content| content.root == self.root && fs::exists(&file));
        // Without its content file a catalogue is not believed: an earlier process may have died in it.
        fs::remove_file(&content_file)?;
        let before = if let Some(content) = before {
            content.views
        } else {
            fs::remove_file(&file)?;
            fs::remove_file(&catalogue::log_beside(&file))?;
            BTreeMap::new()
        };
        let change = CatalogueChange {
            removed: before
                .keys()
                .filter(|name| !wanted.contains_key(*name))
                .map(|name| (name.schema().to_owned(), name.table().to_owned()))
                .collect(),
            set: views
                .into_iter()
                .filter(|view| before.get(&view.relation.name) != wanted.get(&view.relation.name))
                .collect(),
        };
        catalogue::update(&file, &change).map_err(ReleaseError::Catalogue)?;
        let content = CatalogueContent {
            root: self.root.to_owned(),
            views: wanted,
        };
        let json = serde_json::to_vec(&content).expect("dp's own values have a JSON form");
        fs::write_atomic(&content_file, &json)?;
        Ok(file)
    }

    fn view_digest(&self, view: &CatalogueView) -> Digest {
        let version = self.published.get(&view.relation.name).map_or("", |version| version.id.as_str());
        let said = format!("{:?} {:?} {:?}", view.relation.body, view.description, view.columns);
        Digest::of("catalogue-view/1", [version, said.as_str()])
    }

    /// Makes a release visible: everything moves with one rename.
    pub fn point(&self, release: &str) -> Result<(), FsError> {
        let warehouse = self.root.join(self.warehouse);
        fs::create_folder(&warehouse, false)?;
        let warehouse = fs::canonicalize(&warehouse)?;
        let target = fs::relative(&warehouse, &self.folder().join(release));
        fs::link(&target, &warehouse.join(self.environment))?;
        let catalogue = warehouse.join(self.catalogue_name());
        let target = Path::new(self.environment).join(self.catalogue_name());
        if fs::link_target(&catalogue).as_ref() != Some(&target) {
            fs::link(&target, &catalogue)?;
        }
        // What an older client left beside the link would be applied to another catalogue.
        fs::remove_file(&catalogue::log_beside(&catalogue))?;
        fs::sync_folder(&warehouse)
    }

    /// Takes the links of an environment away, and all its releases. Whether there was anything.
    pub fn hide(&self) -> Result<bool, FsError> {
        let warehouse = self.root.join(self.warehouse);
        let folder = self.folder();
        let mut found = fs::exists(&folder);
        for (link, leads) in
            [(self.catalogue_name(), self.environment), (self.environment.to_owned(), layout::PUBLISHED)]
        {
            let link = warehouse.join(link);
            let is_ours = fs::link_target(&link).is_some_and(|target| target.to_string_lossy().contains(leads));
            if is_ours {
                fs::remove_file(&link)?;
                fs::remove_file(&catalogue::log_beside(&link))?;
                found = true;
            }
        }
        if found && fs::is_folder(&warehouse) {
            fs::sync_folder(&warehouse)?;
        }
        fs::remove_folder(&folder)?;
        Ok(found)
    }

    /// Whether the links lead to this release, and the release is there.
    pub fn is_shown(&self, release: &str) -> bool {
        let warehouse = self.root.join(self.warehouse);
        let shown = fs::canonicalize(&warehouse.join(self.environment));
        let expected = fs::canonicalize(&self.folder().join(release));
        let same = matches!((shown, expected), (Ok(shown), Ok(expected)) if shown == expected);
        let here = fs::read_to_string(&place(&self.folder().join(release)));
        same && here.is_ok_and(|place| place == self.root.to_string_lossy())
            && fs::stamp(&warehouse.join(self.catalogue_name())).is_ok_and(|stamp| stamp.is_some())
    }

    /// Removes releases that nothing shows any more, but for the newest `keep` of them.
    pub fn remove_old(&self, current: &str, keep: usize) -> Result<(), FsError> {
        let folder = self.folder();
        let mut old: Vec<(i128, String)> = Vec::new();
        for name in fs::names_in(&folder)? {
            let path = folder.join(&name);
            let is_release = name != current && name.len() == 12 && fs::is_folder(&path);
            if let (true, Some(stamp)) = (is_release, fs::stamp(&path)?) {
                old.push((stamp.mtime_ns, name));
            }
        }
        old.sort();
        let surplus = old.len().saturating_sub(keep);
        for (_, name) in old.into_iter().take(surplus) {
            fs::remove_folder(&folder.join(&name))?;
            fs::remove_file(&place(&folder.join(name)))?;
        }
        Ok(())
    }
}
