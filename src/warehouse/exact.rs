//! Binds views to exactly the versions that they were published with.
//!
//! A view's query names assets. Usually the versions it was made for are those that are visible
//! under these names; where they are not (a part of the project was applied alone), the query is
//! rewritten to names that stand for single versions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::engine::{EngineError, Relation, RelationBody};
use super::layout;
use crate::project::AssetName;
use crate::state::{Version, VersionId};

/// The kind of error that a query can't be rewritten.
pub const UNPINNABLE: &str = "pin";

/// What has to be asked while relations are put together.
pub trait Versions {
    /// A version by its id.
    fn version(&self, id: &VersionId) -> Option<Version>;
    /// A query with some of its tables renamed.
    fn renamed(&mut self, sql: &str, names: &BTreeMap<AssetName, AssetName>) -> Result<String, EngineError>;
}

/// The relations for those of the `visible` that are wanted, each after those it reads.
pub fn relations<'a>(
    root: &'a Path,
    visible: &'a dyn Fn(&AssetName) -> Option<&'a Version>,
    wanted: impl IntoIterator<Item = &'a AssetName>,
    versions: &'a mut dyn Versions,
) -> Result<Vec<Relation>, EngineError> {
    let mut made = Made {
        root,
        visible,
        versions,
        done: BTreeSet::new(),
        relations: Vec::new(),
    };
    for name in wanted {
        if let Some(version) = visible(name) {
            made.relation(name, version)?;
        }
    }
    Ok(made.relations)
}

struct Made<'a> {
    root: &'a Path,
    visible: &'a dyn Fn(&AssetName) -> Option<&'a Version>,
    versions: &'a mut dyn Versions,
    done: BTreeSet<AssetName>,
    relations: Vec<Relation>,
}

impl Made<'_> {
    fn relation(&mut self, name: &AssetName, version: &Version) -> Result<(), EngineError> {
        if !self.done.insert(name.clone()) {
            return Ok(());
        }
        let body = match (&version.data, &version.view_sql) {
            (Some(data), _) => RelationBody::Stored {
                file: self.root.join(&data.path),
                schema: version.schema.clone(),
            },
            (None, Some(sql)) => RelationBody::Query(self.view(version, sql)?),
            // What a program made beside tables is nothing that SQL can name.
            (None, None) => return Ok(()),
        };
        self.relations.push(Relation {
            name: name.clone(),
            body,
        });
        Ok(())
    }

    fn view(&mut self, version: &Version, sql: &str) -> Result<String, EngineError> {
        let mut renames = BTreeMap::new();
        for input in version.inputs.iter().filter(|input| input.direct) {
            let (Some(id), Ok(name)) = (&input.version, input.name.parse::<AssetName>()) else {
                continue;
            };
            let visible = self.visible;
            match visible(&name) {
                Some(shown) if shown.id == *id => self.relation(&name, shown)?,
                _ => {
                    let pinned = AssetName::of_version(id);
                    let below = self.versions.version(id).ok_or_else(|| {
                        EngineError::of_kind(
                            "catalog",
                            format!("version {id} of {name}, which the view {} shows, is gone", version.asset),
                        )
                    })?;
                    self.relation(&pinned, &below)?;
                    renames.insert(name, pinned);
                }
            }
        }
        let sql = layout::located(sql, self.root);
        if renames.is_empty() {
            return Ok(sql);
        }
        self.versions.renamed(&sql, &renames).map_err(|error| {
            let names: Vec<String> = renames.keys().map(|name| format!("`{name}`")).collect();
            let message = format!(
                "the view `{}` would have to stay at older versions of {}, and its query can't be rewritten for that",
                version.asset,
                names.join(", "),
            );
            if error.kind == UNPINNABLE { EngineError::of_kind(UNPINNABLE, message) } else { error }
        })
    }
}
