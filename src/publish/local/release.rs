//! What other tools read: folders of links into the store, and a catalogue over the same files.
//!
//! ```text
//! warehouse/prod        → ../.dp/published/prod/3f9a…      moved by one rename
//! warehouse/prod.duckdb → prod/prod.duckdb
//! .dp/published/prod/3f9a…/staging     → ../schemas/staging-81c2…
//! .dp/published/prod/3f9a…/prod.duckdb   the catalogue
//! .dp/published/prod/schemas/staging-81c2…/orders.parquet → the version in the store
//! ```
//!
//! The name of a release is derived from its content, so the same set has the same folder. Releases share the folders
//! of schemas that did not change. dp never changes the content of a release.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::links::{Links, StagedLink};
use crate::base::fault::Point;
use crate::base::fs::{self, FsError};
use crate::base::{layout, trace};
use crate::model::{AssetName, Digest, EnvironmentName, ReleaseName, Version};
use crate::seam::{CatalogueChange, CatalogueView, CatalogueWriter, EngineError};

/// Why a release could not be created.
#[derive(Debug, Error, Diagnostic)]
pub enum ReleaseError {
    /// A file operation failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] FsError),
    /// Something that dp did not create is in the place of a link.
    #[error("`{path}` exists, and dp did not create it")]
    #[diagnostic(code(dp::warehouse::occupied), help("move it away and apply again: dp creates a link there"))]
    #[expect(missing_docs, reason = "the message says it")]
    Occupied { path: String },
    /// The engine could not write the catalogue.
    #[error("could not write the catalogue: {0}")]
    #[diagnostic(
        code(dp::warehouse::catalogue),
        help("correct what the engine reports and apply again; nothing was published")
    )]
    Catalogue(EngineError),
}

/// The content of a release.
#[derive(Debug)]
pub struct Release<'a> {
    /// The project's absolute path.
    pub root: &'a Path,
    /// The folder of links, relative to the project.
    pub warehouse: &'a str,
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// Everything that is published in it.
    pub published: &'a BTreeMap<AssetName, &'a Version>,
}

/// Returns the file beside a release that records its catalogue and the project's path at that time.
pub(super) fn place(release: &Path) -> PathBuf {
    release.with_extension("place")
}

/// Whether a release exists and was created at the project's current path.
pub(super) fn is_complete(root: &Path, environment: &EnvironmentName, release: &ReleaseName) -> bool {
    let folder = root.join(layout::published_folder(environment)).join(release.as_str());
    let made = fs::read_to_string(&place(&folder)).ok().and_then(|text| serde_json::from_str::<Made>(&text).ok());
    fs::is_folder(&folder) && made.is_some_and(|made| made.root == root)
}

pub(super) fn catalogue_name(environment: &EnvironmentName) -> String {
    format!("{environment}.duckdb")
}

/// What dp records about a release that it created: the catalogue has absolute paths, and other tools may write to it.
#[derive(Serialize, Deserialize)]
pub(super) struct Made {
    pub root: PathBuf,
    pub bytes: u64,
    pub hash: Digest,
    pub mtime_ns: String,
    pub ctime_ns: String,
}

/// A folder with the links of one schema.
pub(super) struct SchemaFolder<'a> {
    pub schema: &'a str,
    /// The name, derived from the content.
    pub name: String,
    /// The path of the folder.
    pub folder: PathBuf,
    /// By file name: the asset, and the target of its link.
    pub links: BTreeMap<String, (&'a AssetName, PathBuf)>,
}

fn occupied(path: &Path) -> ReleaseError {
    ReleaseError::Occupied {
        path: path.display().to_string(),
    }
}

#[derive(Default, Serialize, Deserialize)]
struct CatalogueContent {
    root: PathBuf,
    views: BTreeMap<AssetName, Digest>,
}

/// The catalogue of an environment that dp updates and copies into each release.
struct Catalogue {
    file: PathBuf,
    /// The description of its content, which exists only while the catalogue is complete.
    content_file: PathBuf,
}

impl Catalogue {
    fn of(root: &Path, environment: &EnvironmentName) -> Self {
        let folder = root.join(layout::published_folder(environment));
        Self {
            file: folder.join("catalogue.duckdb"),
            content_file: folder.join("catalogue.json"),
        }
    }

    /// Returns its content; `None` if the file is not trusted or belongs to another place.
    fn content(&self, root: &Path) -> Option<CatalogueContent> {
        let text = fs::read_to_string(&self.content_file).ok()?;
        let content = serde_json::from_str::<CatalogueContent>(&text).ok()?;
        (content.root == root && fs::is_plain_file(&self.file)).then_some(content)
    }
}

/// Returns the complete catalogue of an environment that the next release updates; `None` if there is none.
pub fn whole_catalogue(root: &Path, environment: &EnvironmentName) -> Option<PathBuf> {
    let catalogue = Catalogue::of(root, environment);
    catalogue.content(root).map(|_| catalogue.file)
}

/// Returns the place of an environment's catalogue for other tools, relative to the project.
pub fn catalogue_path(warehouse: &str, environment: &EnvironmentName) -> PathBuf {
    Path::new(warehouse).join(catalogue_name(environment))
}

/// Returns the path of the log that a client may have left beside a database file.
pub(super) fn log_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".wal");
    name.into()
}

impl Release<'_> {
    /// Returns the name of the release that shows this set.
    pub fn name(&self) -> ReleaseName {
        let parts = self.published.iter().flat_map(|(name, version)| [name.as_str(), version.id.as_str()]);
        ReleaseName::from(&Digest::of("release/1", [self.environment.as_str()].into_iter().chain(parts)))
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.root.join(layout::published_folder(self.environment))
    }

    /// Creates the release, which is not visible yet; `views` are the catalogue's views, each after those that it
    /// reads.
    ///
    /// An existing release is repaired in place, each part by one rename, so that its readers see no gap.
    pub fn prepare(
        &self,
        views: Vec<CatalogueView>,
        engine: Box<dyn CatalogueWriter>,
    ) -> Result<ReleaseName, ReleaseError> {
        for link in [self.environment.to_string(), self.catalogue_name()] {
            let path = Path::new(self.warehouse).join(link);
            let there = self.root.join(&path);
            if fs::exists(&there) && fs::link_target(&there).is_none() {
                return Err(occupied(&path));
            }
        }
        let name = self.name();
        let folder = self.folder();
        let target = folder.join(name.as_str());
        let schemas = self.schemas();
        {
            let _phase = trace::phase("link the files");
            for schema in &schemas {
                self.schema_folder(schema)?;
            }
        }
        let links = self.links(&schemas);
        if fs::is_folder(&target) {
            self.links_in(&target, &links)?;
            self.new_catalogue(&target, views, engine)?;
            fs::sync_folder(&target)?;
            return Ok(name);
        }
        // Something other than a folder in its place was not created by dp, and shows nothing.
        fs::remove_file(&target)?;
        let building = folder.join(format!(".{name}"));
        fs::remove_folder(&building)?;
        fs::create_folder(&building, false)?;
        self.links_in(&building, &links)?;
        self.new_catalogue(&building, views, engine)?;
        fs::sync_folder(&building)?;
        fs::reached(Point::BeforeRelease, &target)?;
        fs::rename(&building, &target)?;
        fs::sync_folder(&folder)?;
        fs::reached(Point::AfterRelease, &target)?;
        Ok(name)
    }

    /// Creates the links of a release that are missing or wrong.
    fn links_in(&self, release: &Path, links: &[(PathBuf, PathBuf)]) -> Result<(), ReleaseError> {
        let mut folders = BTreeSet::new();
        for (path, target) in links {
            self.put_link(target, &release.join(path))?;
            folders.extend(path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()));
        }
        for folder in folders {
            fs::sync_folder(&release.join(folder))?;
        }
        Ok(())
    }

    /// Creates a link unless it exists. A folder in its place stays.
    fn put_link(&self, target: &Path, path: &Path) -> Result<(), ReleaseError> {
        if fs::link_target(path).as_deref() == Some(target) {
            return Ok(());
        }
        if fs::link_target(path).is_none() && fs::is_folder(path) {
            return Err(occupied(path.strip_prefix(self.root).unwrap_or(path)));
        }
        if let Some(folder) = path.parent() {
            fs::create_folder(folder, false)?;
        }
        Ok(fs::link(target, path)?)
    }

    /// Puts a new copy of the catalogue into a release, and records its hash beside it.
    fn new_catalogue(
        &self,
        release: &Path,
        views: Vec<CatalogueView>,
        engine: Box<dyn CatalogueWriter>,
    ) -> Result<(), ReleaseError> {
        let _phase = trace::phase("create the catalogue");
        let pristine = self.catalogue(views, engine)?;
        let shown = release.join(self.catalogue_name());
        if fs::link_target(&shown).is_none() && fs::is_folder(&shown) {
            return Err(occupied(shown.strip_prefix(self.root).unwrap_or(&shown)));
        }
        let copy = fs::beside(&shown);
        fs::copy(&pristine, &copy)?;
        fs::sync_file(&copy)?;
        // The engine would apply a log that other tools left beside it to the new copy.
        fs::remove_file(&log_beside(&shown))?;
        fs::rename(&copy, &shown)?;
        let (hash, stamp, _) = fs::hash_file(&shown)?;
        let made = Made {
            root: self.root.to_owned(),
            bytes: stamp.size,
            hash: Digest::from(hash),
            mtime_ns: stamp.mtime_ns.to_string(),
            ctime_ns: stamp.ctime_ns.to_string(),
        };
        let json = serde_json::to_vec(&made).expect("dp's own values have a JSON form");
        Ok(fs::write_atomic(&place(&self.folder().join(self.name().as_str())), &json)?)
    }

    pub(super) fn catalogue_name(&self) -> String {
        catalogue_name(self.environment)
    }

    /// Returns the folders of the schemas, without empty ones.
    pub(super) fn schemas(&self) -> Vec<SchemaFolder<'_>> {
        let mut members: BTreeMap<&str, Vec<(&AssetName, &Version)>> = BTreeMap::new();
        for (asset, version) in self.published {
            if version.data.is_some() {
                members.entry(asset.schema()).or_default().push((asset, version));
            }
        }
        members
            .into_iter()
            .map(|(schema, members)| {
                let parts = members.iter().flat_map(|(asset, version)| [asset.table(), version.id.as_str()]);
                let name = format!("{schema}-{}", Digest::of("schema-folder/1", parts).short());
                let folder = self.folder().join("schemas").join(&name);
                let links = members
                    .iter()
                    .filter_map(|(asset, version)| {
                        let to = fs::relative(&folder, &self.root.join(&version.data.as_ref()?.path));
                        Some((format!("{}.parquet", asset.table()), (*asset, to)))
                    })
                    .collect();
                SchemaFolder {
                    schema,
                    name,
                    folder,
                    links,
                }
            })
            .collect()
    }

    /// Creates the folder of one schema, or repairs it if an earlier release has the same.
    fn schema_folder(&self, wanted: &SchemaFolder<'_>) -> Result<(), ReleaseError> {
        let schemas = self.folder().join("schemas");
        if fs::is_folder(&wanted.folder) {
            for (file, (_, to)) in &wanted.links {
                self.put_link(to, &wanted.folder.join(file))?;
            }
            return Ok(());
        }
        fs::remove_file(&wanted.folder)?;
        let building = schemas.join(format!(".{}", wanted.name));
        fs::remove_folder(&building)?;
        fs::create_folder(&building, false)?;
        for (file, (_, to)) in &wanted.links {
            fs::link(to, &building.join(file))?;
        }
        fs::sync_folder(&building)?;
        fs::reached(Point::BeforeSchemaFolder, &wanted.folder)?;
        fs::rename(&building, &wanted.folder)?;
        fs::sync_folder(&schemas)?;
        fs::reached(Point::AfterSchemaFolder, &wanted.folder)?;
        Ok(())
    }

    /// Returns the links of a release by their path in it: to folders of schemas, and outside prod to exports.
    pub(super) fn links(&self, schemas: &[SchemaFolder<'_>]) -> Vec<(PathBuf, PathBuf)> {
        let mut links: Vec<_> = schemas
            .iter()
            .map(|schema| (PathBuf::from(schema.schema), Path::new("../schemas").join(&schema.name)))
            .collect();
        if self.environment.is_prod() {
            return links;
        }
        let final_place = self.folder().join(self.name().as_str());
        for version in self.published.values() {
            for (path, file) in version.placed() {
                let inside = Path::new("_files").join(path);
                let parent = inside.parent().unwrap_or(Path::new(""));
                let to = fs::relative(&final_place.join(parent), &self.root.join(&file.path));
                links.push((inside, to));
            }
        }
        links
    }

    /// Updates dp's own copy of the catalogue; changes only what differs.
    fn catalogue(&self, views: Vec<CatalogueView>, engine: Box<dyn CatalogueWriter>) -> Result<PathBuf, ReleaseError> {
        let catalogue = Catalogue::of(self.root, self.environment);
        let before = catalogue.content(self.root);
        let Catalogue { file, content_file } = catalogue;
        let wanted: BTreeMap<AssetName, Digest> =
            views.iter().map(|view| (view.relation.name.clone(), self.view_digest(view))).collect();
        // A catalogue without its content file is not trusted: an earlier process may have crashed while it wrote.
        fs::remove_file(&content_file)?;
        let engine = if engine.has_read() == before.is_some() {
            engine
        } else {
            // The catalogue that was read ahead is not trusted any more, or did not exist yet.
            engine.start_over()
        };
        let before = if let Some(content) = before {
            content.views
        } else {
            fs::remove_file(&file)?;
            fs::remove_file(&log_beside(&file))?;
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
        fs::reached(Point::BeforeCatalogue, &file)?;
        engine.update(&file, &change).map_err(ReleaseError::Catalogue)?;
        fs::reached(Point::AfterCatalogue, &file)?;
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
        Digest::of("catalogue-view/2", [version, said.as_str()])
    }

    /// Creates the link to a release beside its place, so that errors occur before anything moves.
    pub fn stage(&self, release: &ReleaseName) -> Result<StagedLink, FsError> {
        Links::of(self.root, self.warehouse, self.environment)?.stage(release)
    }

    /// Makes a release visible: everything moves with one rename.
    pub fn point(&self, staged: StagedLink) -> Result<(), FsError> {
        Links::of(self.root, self.warehouse, self.environment)?.point(staged)
    }

    /// Removes the links of an environment, and all its releases. Returns whether any existed.
    pub fn hide(&self) -> Result<bool, FsError> {
        let withdrawn = Links::of(self.root, self.warehouse, self.environment)?.withdraw()?;
        let folder = self.folder();
        let found = !withdrawn.is_empty() || fs::exists(&folder);
        fs::remove_folder(&folder)?;
        Ok(found)
    }

    /// Whether the links lead to this release, and everything in it is correct.
    pub fn is_shown(&self, release: &ReleaseName) -> Result<bool, FsError> {
        Ok(self.differences(release)?.iter().all(|state| !state.what.is_mended()))
    }

    /// Removes releases that no link leads to any more, except the newest `keep`.
    pub fn remove_old(&self, current: &ReleaseName, keep: usize) -> Result<(), FsError> {
        let folder = self.folder();
        fs::reached(Point::BeforeOldReleases, &folder)?;
        let shown = Links::of(self.root, self.warehouse, self.environment)?.shown();
        let mut old: Vec<(i128, ReleaseName)> = Vec::new();
        for name in fs::names_in(&folder)? {
            let path = folder.join(&name);
            let release =
                name.parse::<ReleaseName>().ok().filter(|name| name != current && Some(name) != shown.as_ref());
            if let Some(release) = release.filter(|_| fs::is_own_folder(&path))
                && let Some(stamp) = fs::own_stamp(&path)?
            {
                old.push((stamp.mtime_ns, release));
            }
        }
        old.sort();
        let surplus = old.len().saturating_sub(keep);
        for (_, name) in old.into_iter().take(surplus) {
            fs::remove_folder(&folder.join(name.as_str()))?;
            fs::remove_file(&place(&folder.join(name.as_str())))?;
        }
        fs::reached(Point::AfterOldReleases, &folder)
    }
}
