use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use globset::GlobSet;

use crate::model::AssetName;
use crate::project::{Project, path_pattern};

/// The owner of a path in the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The path shows the rows of an asset, or is one of its files: other programs can read it by naming the asset.
    Asset(AssetName),
    /// The path is a file of a source.
    Source(AssetName),
    /// The path belongs to dp.
    Dp,
}

/// The owned paths of a project, all relative to the project.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    pub(super) placed: BTreeMap<PathBuf, AssetName>,
    pub(super) sources: Vec<(GlobSet, AssetName)>,
    pub(super) warehouse: PathBuf,
}

impl Owners {
    /// Collects the owned paths that a project declares.
    pub fn of(project: &Project) -> Self {
        let mut owners = Self {
            warehouse: PathBuf::from(&project.settings.connection.path),
            ..Self::default()
        };
        for asset in project.assets.values() {
            for (path, _) in asset.placed() {
                owners.placed.insert(Path::new(path).components().collect(), asset.name.clone());
            }
            let pattern = asset.source().map(|source| source.path.trim_start_matches("./"));
            let pattern = pattern.and_then(|pattern| path_pattern(pattern).ok());
            owners.sources.extend(pattern.map(|pattern| (pattern, asset.name.clone())));
        }
        owners
    }

    /// Returns the files that dp puts in place, and the folder of links.
    pub fn placed(&self) -> impl Iterator<Item = &Path> {
        self.placed.keys().map(PathBuf::as_path).chain([self.warehouse.as_path()])
    }

    /// Returns the owner of a path that is relative to the project.
    pub fn owner(&self, path: &Path) -> Option<Owner> {
        if let Some(asset) = self.placed.get(path) {
            return Some(Owner::Asset(asset.clone()));
        }
        if let Some((_, asset)) = self.sources.iter().find(|(pattern, _)| pattern.is_match(path)) {
            return Some(Owner::Source(asset.clone()));
        }
        let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
        if let [".dp", "store", asset, ..] = parts.as_slice() {
            return asset.parse().ok().map(Owner::Asset).or(Some(Owner::Dp));
        }
        if let Ok(shown) = path.strip_prefix(&self.warehouse) {
            let parts: Vec<&str> = shown.iter().filter_map(|part| part.to_str()).collect();
            if let [_, schema, file] = parts.as_slice()
                && let Some(table) = file.strip_suffix(".parquet")
                && let Ok(asset) = AssetName::new(schema, table)
            {
                return Some(Owner::Asset(asset));
            }
            return Some(Owner::Dp);
        }
        (parts.first() == Some(&".dp")).then_some(Owner::Dp)
    }
}
