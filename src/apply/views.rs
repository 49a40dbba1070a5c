//! What names stand for, bound to exact versions.

use std::collections::BTreeMap;
use std::path::Path;

use crate::project::{AssetName, Project};
use crate::state::{Schema, Version, VersionId};
use crate::warehouse::duckdb::catalogue::CatalogueView;
use crate::warehouse::exact::{self, Versions};
use crate::warehouse::{EngineError, Relation};

/// Versions of the store as relations are put together from them.
pub struct Kept<'a> {
    /// Finds a version by its id.
    pub find: &'a dyn Fn(&VersionId) -> Option<Version>,
    /// Rewrites a query.
    pub rename: &'a mut Rename<'a>,
}

/// Rewrites a query: takes it and the names of tables, old to new.
pub(super) type Rename<'a> = dyn FnMut(&str, &BTreeMap<AssetName, AssetName>) -> Result<String, EngineError> + 'a;

impl Versions for Kept<'_> {
    fn version(&self, id: &VersionId) -> Option<Version> {
        (self.find)(id)
    }

    fn renamed(&mut self, sql: &str, names: &BTreeMap<AssetName, AssetName>) -> Result<String, EngineError> {
        (self.rename)(sql, names)
    }
}

/// The relations for some of what is visible, each after those it reads.
pub fn visible_relations<'a>(
    root: &'a Path,
    visible: &'a dyn Fn(&AssetName) -> Option<&'a Version>,
    wanted: impl IntoIterator<Item = &'a AssetName>,
    kept: &'a mut Kept<'_>,
) -> Result<Vec<Relation>, EngineError> {
    exact::relations(root, visible, wanted, kept)
}

/// The same relations as views of the catalogue, with what the project says about them.
///
/// `schema` gives the columns of a name.
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
