//! Declares stand-ins as they are needed, and caches what was bound.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::base::lazy_json::LazyJson;
use crate::model::{AssetName, Digest, Reads, Schema};
use crate::seam::{Analyst, BoundQuery, EngineError, FileFinder, NamedFiles, NamedFilesError, Relation, RelationBody};
use crate::sql::lineage::ColumnLineage;
use crate::sql::syntax::SessionWord;

use super::Memory;

/// Binds queries against stand-ins.
pub(super) struct Binder<'a> {
    pub analyst: &'a mut dyn Analyst,
    pub memory: &'a mut dyn Memory,
    pub keys: Keys,
    /// What was bound or recalled ahead, under the same keys as in the cache.
    pub ready: BTreeMap<Digest, BoundQuery>,
    declared: BTreeSet<AssetName>,
}

/// The parts of the keys under which answers are cached.
pub(super) struct Keys {
    /// The engine and its version.
    engine: String,
    /// The session's settings, which affect binding.
    settings: Digest,
    /// The columns of known names, with their digests. A view too is represented by its columns only: the content that
    /// it computes is part of the keys of versions.
    known: BTreeMap<AssetName, (Schema, Digest)>,
}

impl Keys {
    /// Returns the key of a query: everything that its answer depends on.
    pub(super) fn of(&self, sql: &str, inputs: &BTreeSet<AssetName>, files: &str) -> Digest {
        let fixed = [env!("CARGO_PKG_VERSION"), &self.engine, self.settings.as_str(), sql, files];
        let inputs = inputs.iter().flat_map(|input| [input.as_str(), self.schema_digest(input)]);
        Digest::of("bind/8", fixed.into_iter().chain(inputs))
    }

    fn schema_digest(&self, input: &AssetName) -> &str {
        self.known.get(input).map_or("", |(_, digest)| digest.as_str())
    }
}

/// The part of a cached answer that is always parsed. Two lines follow it: the shape of the query and its lineage;
/// each is empty if there is none.
#[derive(Serialize, Deserialize)]
struct Remembered {
    schema: Schema,
    plan: Option<Digest>,
    reads: Option<Reads>,
    unstable: Vec<String>,
    zoned: Vec<String>,
    collated: Vec<(String, String)>,
    without_lineage: Option<String>,
}

/// Returns the text of an answer for the cache.
pub(super) fn text(bound: &BoundQuery) -> String {
    let first = Remembered {
        schema: bound.schema.clone(),
        plan: bound.plan.clone(),
        reads: bound.reads.clone(),
        unstable: bound.unstable.clone(),
        zoned: bound.zoned.clone(),
        collated: bound.collated.clone(),
        without_lineage: bound.lineage.as_ref().err().cloned(),
    };
    let first = serde_json::to_string(&first).expect("dp's own values have a JSON form");
    let shape = bound.shape.as_ref().map(LazyJson::json).unwrap_or_default();
    let lineage = bound.lineage.as_ref().map(LazyJson::json).unwrap_or_default();
    format!("{first}\n{shape}\n{lineage}")
}

/// Parses a text of the cache; `None` if it is not such a text.
pub(super) fn from_text(text: &str) -> Option<BoundQuery> {
    let mut lines = text.splitn(3, '\n');
    let first: Remembered = serde_json::from_str(lines.next()?).ok()?;
    let (shape, lineage) = (lines.next()?, lines.next()?);
    Some(BoundQuery {
        schema: first.schema,
        plan: first.plan,
        reads: first.reads,
        unstable: first.unstable,
        zoned: first.zoned,
        collated: first.collated,
        shape: (!shape.is_empty()).then(|| LazyJson::from_json(shape)),
        lineage: match first.without_lineage {
            Some(reason) => Err(reason),
            None => Ok(LazyJson::from_json(lineage)),
        },
    })
}

/// Replaces the tables that stand for files with the files' paths.
fn name_files(bound: &mut BoundQuery, named: &[NamedFiles]) {
    // How files are read is part of the query and not of the plan, so two plans prove nothing about them.
    bound.shape = None;
    let paths = named.iter().map(|files| (files.stand_in().to_string(), files.paths.join(", "))).collect();
    if let Ok(lineage) = &mut bound.lineage {
        lineage.change(|lineage| lineage.name_files(&paths));
    }
}

impl<'a> Binder<'a> {
    pub(super) fn new(analyst: &'a mut dyn Analyst, memory: &'a mut dyn Memory, settings: Digest) -> Self {
        let keys = Keys {
            engine: analyst.version().to_owned(),
            settings,
            known: BTreeMap::new(),
        };
        Self {
            analyst,
            memory,
            keys,
            ready: BTreeMap::new(),
            declared: BTreeSet::new(),
        }
    }

    /// Returns the binder's answer for `sql`, which reads `inputs`, and in which tables stand for the files of
    /// `named`; see [`Keys::of`].
    pub(super) fn bind(
        &mut self,
        sql: &str,
        inputs: &BTreeSet<AssetName>,
        named: &[NamedFiles],
        key: &Digest,
    ) -> Result<BoundQuery, EngineError> {
        if let Some(bound) = self.ready.remove(key) {
            return Ok(bound);
        }
        if let Some(bound) = self.memory.recall("bind", key).and_then(|text| from_text(&text)) {
            return Ok(bound);
        }
        self.declare_all(inputs, named)?;
        let mut bound = self.analyst.bind(sql)?;
        if !named.is_empty() {
            name_files(&mut bound, named);
        }
        self.remember(key, text(&bound));
        Ok(bound)
    }

    /// Returns those of a query's `words` that it takes for values of the clock or the session; the other parameters
    /// are those of [`Self::bind`].
    pub(super) fn session_words(
        &mut self,
        words: &[SessionWord],
        sql: &str,
        inputs: &BTreeSet<AssetName>,
        named: &[NamedFiles],
        key: &Digest,
    ) -> Result<BTreeSet<String>, EngineError> {
        if words.is_empty() {
            return Ok(BTreeSet::new());
        }
        if let Some(known) = self.memory.recall("words", key).and_then(|text| serde_json::from_str(&text).ok()) {
            return Ok(known);
        }
        self.declare_all(inputs, named)?;
        let names = words.iter().map(|word| word.word.clone()).collect();
        let values = self.analyst.session_words(sql, &names)?;
        let text = serde_json::to_string(&values).expect("dp's own values have a JSON form");
        self.memory.remember("words", key, text);
        Ok(values)
    }

    /// Declares everything that a query reads.
    fn declare_all(&mut self, inputs: &BTreeSet<AssetName>, named: &[NamedFiles]) -> Result<(), EngineError> {
        for input in inputs {
            self.declare(input)?;
        }
        for files in named {
            let relation = files.relation();
            self.analyst.declare_schemas(&[relation.name.schema()])?;
            self.analyst.declare(&[relation])?;
        }
        Ok(())
    }

    /// Returns the files that a query names, and how they are read.
    ///
    /// The answer is cached under the query's key, which contains the content of its files.
    pub(super) fn named_files(
        &mut self,
        sql: &str,
        finder: &FileFinder<'_>,
        key: &Digest,
    ) -> Result<Vec<NamedFiles>, NamedFilesError> {
        if let Some(known) = self.memory.recall("files", key).and_then(|text| serde_json::from_str(&text).ok()) {
            return Ok(known);
        }
        let named = self.analyst.named_files(sql, finder)?;
        let text = serde_json::to_string(&named).expect("dp's own values have a JSON form");
        self.memory.remember("files", key, text);
        Ok(named)
    }

    /// Returns the cached texts for these keys.
    pub(super) fn recall_all(&mut self, keys: &[&Digest]) -> BTreeMap<Digest, String> {
        self.memory.recall_all("bind", keys)
    }

    pub(super) fn remember(&mut self, key: &Digest, text: String) {
        self.memory.remember("bind", key, text);
    }

    /// Returns a hash in place of a bound plan that the engine can't serialize: everything that binding depends on.
    pub(super) fn opaque(&self, inputs: &BTreeSet<AssetName>) -> Digest {
        let inputs = inputs.iter().map(|input| self.keys.schema_digest(input));
        Digest::of("opaque/1", [self.keys.engine.as_str()].into_iter().chain(inputs))
    }

    /// Notes the columns of an asset.
    pub(super) fn learn(&mut self, name: AssetName, schema: Schema) {
        let digest = schema.digest();
        self.keys.known.insert(name, (schema, digest));
    }

    /// Replaces the noted columns of an asset.
    pub(super) fn learn_again(&mut self, name: &AssetName, schema: Schema) -> Result<(), EngineError> {
        if self.declared.remove(name) && self.keys.known.contains_key(name) {
            self.analyst.forget(name)?;
        }
        self.learn(name.clone(), schema);
        Ok(())
    }

    /// Takes the lineage of a query that reads `inputs`. An unknown lineage covers everything.
    pub(super) fn lineage(&self, bound: &mut BoundQuery, inputs: &BTreeSet<AssetName>) -> LazyJson<ColumnLineage> {
        let lineage = std::mem::replace(&mut bound.lineage, Err(String::new()));
        lineage.unwrap_or_else(|reason| {
            let outputs = bound.schema.0.iter().map(|column| column.name.as_str());
            LazyJson::now(ColumnLineage::unknown(reason, outputs, &self.columns(inputs)))
        })
    }

    /// Returns the inputs with their columns.
    pub(super) fn columns(&self, inputs: &BTreeSet<AssetName>) -> BTreeMap<String, Vec<String>> {
        let known = inputs.iter().filter_map(|input| Some((input, self.keys.known.get(input)?)));
        known.map(|(input, (schema, _))| (input.to_string(), schema.names().map(ToOwned::to_owned).collect())).collect()
    }

    fn declare(&mut self, name: &AssetName) -> Result<(), EngineError> {
        if self.declared.contains(name) {
            return Ok(());
        }
        if let Some(relation) = self.stand_in(name) {
            self.analyst.declare_schemas(&[name.schema()])?;
            self.analyst.declare(&[relation])?;
        }
        self.declared.insert(name.clone());
        Ok(())
    }

    /// Returns the stand-in for an asset with known columns.
    fn stand_in(&self, name: &AssetName) -> Option<Relation> {
        Some(Relation {
            name: name.clone(),
            body: RelationBody::Empty(self.keys.known.get(name)?.0.clone()),
        })
    }

    /// Returns the stand-ins that must be declared before these assets can be named.
    pub(super) fn missing<'n>(&self, names: impl IntoIterator<Item = &'n AssetName>) -> Vec<Relation> {
        let names: BTreeSet<&AssetName> = names.into_iter().filter(|name| !self.declared.contains(*name)).collect();
        names.into_iter().filter_map(|name| self.stand_in(name)).collect()
    }

    /// Notes stand-ins that were declared elsewhere.
    pub(super) fn note_declared(&mut self, relations: Vec<Relation>) {
        self.declared.extend(relations.into_iter().map(|relation| relation.name));
    }
}
