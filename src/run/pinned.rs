//! Binds views to exactly the versions that they were published with.
//!
//! A view's query names assets. Usually the current versions under these names are those that the view was published
//! with. If they are not, because only a part of the project was applied, dp rewrites the query to names that stand
//! for single versions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::model::{AssetName, Version, VersionId};
use crate::seam::{EngineError, ErrorKind, Relation, RelationBody};
use crate::sql;

/// The look-ups needed to build relations.
pub(super) trait Versions {
    /// Returns a version by its id.
    fn version(&self, id: &VersionId) -> Option<Version>;
    /// Returns a query with some of its tables renamed.
    fn renamed(&mut self, sql: &str, names: &BTreeMap<AssetName, AssetName>) -> Result<String, EngineError>;
}

/// Returns the relations for the wanted names, each after those that it reads.
pub(super) fn relations<'a>(
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
            // SQL can't name a file that a program made in addition to tables.
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
                        EngineError::other(format!(
                            "version {id} of {name}, which the view {} reads, no longer exists",
                            version.asset
                        ))
                    })?;
                    self.relation(&pinned, &below)?;
                    renames.insert(name, pinned);
                }
            }
        }
        let sql = sql::located(sql, self.root);
        if renames.is_empty() {
            return Ok(sql);
        }
        self.versions.renamed(&sql, &renames).map_err(|error| {
            let names: Vec<String> = renames.keys().map(|name| format!("`{name}`")).collect();
            let message = format!(
                "the view `{}` must keep reading older versions of {}, but dp can't rewrite its query to do so",
                version.asset,
                names.join(", "),
            );
            match error.kind {
                ErrorKind::Unpinnable => EngineError::of_kind(error.kind, message),
                _ => error,
            }
        })
    }
}
