//! Work on a single query whose inputs are known; it can run on several threads.

use std::collections::{BTreeMap, BTreeSet};

use super::ahead::Job;
use super::binding::Keys;
use super::references::Resolved;
use super::run::materialize_word;
use crate::definition::{Definition, ZONE_DATA};
use crate::model::Digest;
use crate::project::{Asset, Project, Query};
use crate::sql::syntax::Syntax;
use crate::sql::{Located, absolute_paths, statement_body};

/// A query that can be bound.
pub(super) struct Prepared {
    pub job: Job,
    /// The query as the engine gets it.
    pub located: Located,
    pub definition: Definition,
    /// D, the definition fingerprint.
    pub fingerprint: Digest,
}

/// The context for preparing queries.
#[derive(Clone, Copy)]
pub(super) struct Preparing<'a> {
    pub project: &'a Project,
    /// The session's settings that change results, by name.
    pub settings: &'a BTreeMap<String, String>,
    pub keys: &'a Keys,
}

impl Preparing<'_> {
    /// Prepares an asset's query; `files` is a hash of the files that it reads directly.
    ///
    /// Returns `None` if a path in it is not a plain literal.
    pub(super) fn query(
        self,
        asset: &Asset,
        query: &Query,
        syntax: &Syntax,
        found: &Resolved,
        files: &str,
    ) -> Option<Prepared> {
        let body = statement_body(query.sql.text());
        let located = absolute_paths(body, &self.project.root, &found.literals)?;
        let inputs: BTreeSet<_> = found.assets.keys().cloned().collect();
        let depends_on: BTreeSet<String> = asset.depends_on.iter().map(|(name, _)| name.to_string()).collect();
        let mut definition = Definition {
            query: Some(syntax.digest.clone()),
            depends_on: depends_on.into_iter().collect(),
            ..Definition::new("sql", materialize_word(asset), self.settings)
        };
        if let Some(version) = self.settings.get(ZONE_DATA).filter(|_| syntax.names_zone) {
            definition.settings.insert(ZONE_DATA.to_owned(), version.clone());
        }
        if !found.files.is_empty() {
            definition.set_names_files();
        }
        Some(Prepared {
            job: Job {
                key: self.keys.of(&located.sql, &inputs, files),
                sql: located.sql.clone(),
                inputs,
            },
            located,
            fingerprint: definition.fingerprint(),
            definition,
        })
    }
}
