//! The relations that names stand for, bound to exact versions.

use std::collections::BTreeMap;
use std::path::Path;

use crate::model::{AssetName, Schema, Version, VersionId};
use crate::project::Project;
use crate::run::pinned::{self, Versions};
use crate::seam::{CatalogueView, EngineError, Relation};

/// Access to stored versions for building relations.
pub struct Kept<'a> {
    /// Finds a version by its id.
    pub find: &'a dyn Fn(&VersionId) -> Option<Version>,
    /// Rewrites a query.
    pub rename: &'a mut Rename<'a>,
}

/// Rewrites a query. The arguments are the query and the table names, old to new.
pub(super) type Rename<'a> = dyn FnMut(&str, &BTreeMap<AssetName, AssetName>) -> Result<String, EngineError> + 'a;

impl Versions for Kept<'_> {
    fn version(&self, id: &VersionId) -> Option<Version> {
        (self.find)(id)
    }

    fn renamed(&mut self, sql: &str, names: &BTreeMap<AssetName, AssetName>) -> Result<String, EngineError> {
        (self.rename)(sql, names)
    }
}

/// Returns the relations for the wanted assets, each after those that it reads.
pub fn visible_relations<'a>(
    root: &'a Path,
    visible: &'a dyn Fn(&AssetName) -> Option<&'a Version>,
    wanted: impl IntoIterator<Item = &'a AssetName>,
    kept: &'a mut Kept<'_>,
) -> Result<Vec<Relation>, EngineError> {
    pinned::relations(root, visible, wanted, kept)
}

/// Returns the relations as views of the catalogue, with the project's descriptions.
///
/// `schema` returns the columns of a name.
pub fn catalogue_views(
    relations: Vec<Relation>,
    schema: &dyn Fn(&AssetName) -> Option<Schema>,
    project: &Project,
) -> Vec<CatalogueView> {
    relations
        .into_iter()
        .map(|relation| {
            let asset = project.assets.get(&relation.name);
            CatalogueView {
                description: asset.and_then(|asset| asset.description.clone()),
                columns: asset
                    .into_iter()
                    .flat_map(|asset| &asset.columns)
                    .filter_map(|column| Some((column.name.clone(), column.description.clone()?)))
                    .collect(),
                schema: schema(&relation.name),
                relation,
            }
        })
        .collect()
}
