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

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::duckdb::catalogue::{self, CatalogueChange, CatalogueEngine, CatalogueView};
use super::links::{Links, StagedLink};
use super::{EngineError, layout};
use crate::fault::Point;
use crate::fs::{self, FsError};
use crate::project::{AssetName, EnvironmentName};
use crate::state::{Digest, ReleaseName, Version};
use crate::trace;

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
    pub environment: &'a EnvironmentName,
    /// All that is published in it.
    pub published: &'a BTreeMap<AssetName, &'a Version>,
}

/// The file beside a release that tells what dp put there, and where the project was then.
pub(super) fn place(release: &Path) -> PathBuf {
    release.with_extension("place")
}

/// Whether a release is there, and was made where the project is now.
pub(super) fn is_complete(root: &Path, environment: &EnvironmentName, release: &ReleaseName) -> bool {
    let folder = root.join(layout::published_folder(environment)).join(release.as_str());
    let made = fs::read_to_string(&place(&folder)).ok().and_then(|text| serde_json::from_str::<Made>(&text).ok());
    fs::is_folder(&folder) && made.is_some_and(|made| made.root == root)
}

pub(super) fn catalogue_name(environment: &EnvironmentName) -> String {
    format!("{environment}.duckdb")
}

/// What dp knows of a release that it made: its catalogue has absolute paths, and others may write to it.
#[derive(Serialize, Deserialize)]
pub(super) struct Made {
    pub root: PathBuf,
    pub bytes: u64,
    pub hash: Digest,
    pub mtime_ns: String,
    pub ctime_ns: String,
}

/// A folder that shows one schema.
pub(super) struct SchemaFolder<'a> {
    pub schema: &'a str,
    /// Named after what is in it.
    pub name: String,
    /// Where it is.
    pub folder: PathBuf,
    /// By file name: the asset, and where its link leads.
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

/// Where the catalogue of an environment is kept up to date, to be copied into each release.
struct Catalogue {
    file: PathBuf,
    /// What is in it; it is there only while the catalogue is whole.
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

    /// What is in it; `None` if it is not to be believed, or is of another place.
    fn content(&self, root: &Path) -> Option<CatalogueContent> {
        let text = fs::read_to_string(&self.content_file).ok()?;
        let content = serde_json::from_str::<CatalogueContent>(&text).ok()?;
        (content.root == root && fs::is_plain_file(&self.file)).then_some(content)
    }
}

/// Opens an engine for the catalogue of an environment ahead, and reads what is there of it.
pub fn catalogue_ahead(root: &Path, environment: &EnvironmentName) -> CatalogueEngine {
    let catalogue = Catalogue::of(root, environment);
    let is_whole = catalogue.content(root).is_some();
    CatalogueEngine::ahead(is_whole.then_some(catalogue.file))
}

/// The views that a client can't read in the catalogue of an environment, `schema.name`, each with the reason; the path of
/// the catalogue stands for all if a client can't open it.
pub fn unreadable(root: &Path, warehouse: &str, environment: &EnvironmentName) -> Vec<(String, String)> {
    let path = Path::new(warehouse).join(catalogue_name(environment));
    catalogue::unreadable(&root.join(&path)).unwrap_or_else(|error| vec![(path.display().to_string(), error.message)])
}

impl Release<'_> {
    /// The name of the release that shows this set.
    pub fn name(&self) -> ReleaseName {
        let parts = self.published.iter().flat_map(|(name, version)| [name.as_str(), version.id.as_str()]);
        ReleaseName::from(&Digest::of("release/1", [self.environment.as_str()].into_iter().chain(parts)))
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.root.join(layout::published_folder(self.environment))
    }

    /// Makes the release, not yet visible to anybody; `views` are those of the catalogue, each after those it reads.
    ///
    /// One that is there already is mended where it is, each part by one rename: its readers see no gap.
    pub fn prepare(&self, views: Vec<CatalogueView>, engine: CatalogueEngine) -> Result<ReleaseName, ReleaseError> {
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
        // What is no folder and in its place was not made by dp, and shows nothing.
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

    /// Makes the links of a release that are not there as they should be.
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

    /// Makes a link unless it is there; a folder that somebody put in its place stays.
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

    /// Puts a fresh copy of the catalogue into a release, and notes beside it what it is.
    fn new_catalogue(
        &self,
        release: &Path,
        views: Vec<CatalogueView>,
        engine: CatalogueEngine,
    ) -> Result<(), ReleaseError> {
        let _phase = trace::phase("make the catalogue");
        let pristine = self.catalogue(views, engine)?;
        let shown = release.join(self.catalogue_name());
        if fs::link_target(&shown).is_none() && fs::is_folder(&shown) {
            return Err(occupied(shown.strip_prefix(self.root).unwrap_or(&shown)));
        }
        let copy = fs::beside(&shown);
        fs::copy(&pristine, &copy)?;
        fs::sync_file(&copy)?;
        // A log that others left beside it would be applied to this one.
        fs::remove_file(&catalogue::log_beside(&shown))?;
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

    /// The folders that show the schemas; those that would be empty are left out.
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

    /// Makes the folder that shows one schema, or mends it if an earlier release had the same.
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

    /// The links that a release has, by their path in it: to folders of schemas, and outside prod to exports.
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

    /// Brings dp's own copy of the catalogue up to date, touching only what changed.
    fn catalogue(&self, views: Vec<CatalogueView>, engine: CatalogueEngine) -> Result<PathBuf, ReleaseError> {
        let catalogue = Catalogue::of(self.root, self.environment);
        let before = catalogue.content(self.root);
        let Catalogue { file, content_file } = catalogue;
        let wanted: BTreeMap<AssetName, Digest> =
            views.iter().map(|view| (view.relation.name.clone(), self.view_digest(view))).collect();
        // Without its content file a catalogue is not believed: an earlier process may have died in it.
        fs::remove_file(&content_file)?;
        let engine = if engine.has_read() == before.is_some() {
            engine
        } else {
            // What was read ahead is no longer to be believed, or was not there yet.
            engine.give_up();
            CatalogueEngine::ahead(None)
        };
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

    /// Makes the link that is to lead to a release, beside its place: what can go wrong does so before anything moves.
    pub fn stage(&self, release: &ReleaseName) -> Result<StagedLink, FsError> {
        Links::of(self.root, self.warehouse, self.environment)?.stage(release)
    }

    /// Makes a release visible: everything moves with one rename.
    pub fn point(&self, staged: StagedLink) -> Result<(), FsError> {
        Links::of(self.root, self.warehouse, self.environment)?.point(staged)
    }

    /// Takes the links of an environment away, and all its releases. Whether there was anything.
    pub fn hide(&self) -> Result<bool, FsError> {
        let withdrawn = Links::of(self.root, self.warehouse, self.environment)?.withdraw()?;
        let folder = self.folder();
        let found = !withdrawn.is_empty() || fs::exists(&folder);
        fs::remove_folder(&folder)?;
        Ok(found)
    }

    /// Whether the links lead to this release, and everything in it is as it should be.
    pub fn is_shown(&self, release: &ReleaseName) -> Result<bool, FsError> {
        Ok(self.differences(release)?.iter().all(|state| !state.what.is_mended()))
    }

    /// Removes releases that nothing shows any more, but for the newest `keep` of them.
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
