//! What can be found out of a query alone once it is known what it reads: all of it may be done on several threads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::ahead::Job;
use super::binding::Keys;
use super::references::Resolved;
use super::run::materialize_word;
use super::trees::Parsed;
use crate::fingerprint::{Definition, ZONE_DATA};
use crate::project::{Asset, Format, Project, Query};
use crate::sql::{Located, absolute_paths, statement_body};
use crate::state::Digest;

/// A query that can be bound.
pub(super) struct Prepared {
    pub job: Job,
    /// The query as the engine gets it.
    pub located: Located,
    pub definition: Definition,
    /// D.
    pub fingerprint: Digest,
}

/// What queries are prepared with.
#[derive(Clone, Copy)]
pub(super) struct Preparing<'a> {
    pub project: &'a Project,
    /// Settings of the session that change results, by name.
    pub settings: &'a BTreeMap<String, String>,
    pub keys: &'a Keys,
}

impl Preparing<'_> {
    /// Prepares an asset's query; `files` is a hash of the files that it reads itself.
    ///
    /// `None` if a path in it is not written as one plain text.
    pub(super) fn query(
        self,
        asset: &Asset,
        query: &Query,
        parsed: &Parsed,
        found: &Resolved,
        files: &str,
    ) -> Option<Prepared> {
        let body = statement_body(query.sql.text());
        let located = absolute_paths(body, &as_pattern(&self.project.root), &found.literals)?;
        let inputs: BTreeSet<_> = found.assets.keys().cloned().collect();
        let depends_on: BTreeSet<String> = asset.depends_on.iter().map(|(name, _)| name.to_string()).collect();
        let mut definition = Definition {
            query: Some(parsed.tree.clone()),
            depends_on: depends_on.into_iter().collect(),
            ..Definition::new("sql", materialize_word(asset), self.settings)
        };
        if let Some(version) = self.settings.get(ZONE_DATA).filter(|_| parsed.syntax.names_zone) {
            definition.settings.insert(ZONE_DATA.to_owned(), version.clone());
        }
        let may_be_parquet = |file: &String| Format::of_path(file).is_none_or(|format| format == Format::Parquet);
        if found.files.iter().any(may_be_parquet) {
            definition.set_in_place();
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

/// A folder as the beginning of a pattern: what is written below it may be one.
fn as_pattern(folder: &Path) -> PathBuf {
    let escaped = folder.to_string_lossy().replace('[', "[[]").replace('*', "[*]").replace('?', "[?]");
    escaped.into()
}
