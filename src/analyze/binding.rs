//! Makes stand-ins as they are needed, and remembers what was bound.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::project::AssetName;
use crate::sql::lineage::ColumnLineage;
use crate::state::{Digest, Facts, Schema};
use crate::warehouse::{Analyst, BoundQuery, EngineError, Relation, RelationBody};

use super::Memory;

/// What a name stands for while queries are bound.
#[derive(Clone, Debug)]
pub(super) struct StandIn {
    pub schema: Schema,
    /// A view's query and the names in it; `None` for what is stored.
    pub view: Option<(String, BTreeSet<AssetName>)>,
    /// A hash of everything that binding against it depends on.
    pub digest: Digest,
}

impl StandIn {
    /// A table's.
    pub(super) fn table(schema: Schema) -> Self {
        Self {
            digest: schema.digest(),
            schema,
            view: None,
        }
    }

    /// A view's: its query counts by its tree, and what its inputs stand for counts too.
    pub(super) fn view(facts: &Facts, known: &BTreeMap<AssetName, Self>) -> Self {
        let schema_digest = facts.schema.digest();
        let below = facts
            .inputs
            .iter()
            .flat_map(|name| [name.as_str(), known.get(name).map_or("", |stand_in| stand_in.digest.as_str())]);
        let tree = facts.tree.as_deref().unwrap_or_default();
        Self {
            digest: Digest::of("view/2", [schema_digest.as_str(), tree].into_iter().chain(below)),
            schema: facts.schema.clone(),
            view: Some((facts.sql.clone(), facts.inputs.clone())),
        }
    }
}

/// Binds queries against stand-ins.
pub(super) struct Binder<'a> {
    pub analyst: &'a mut dyn Analyst,
    pub memory: &'a mut dyn Memory,
    /// Settings of the session, which bind differently.
    pub settings: Digest,
    pub known: BTreeMap<AssetName, StandIn>,
    declared: BTreeSet<AssetName>,
}

impl<'a> Binder<'a> {
    pub(super) fn new(analyst: &'a mut dyn Analyst, memory: &'a mut dyn Memory, settings: Digest) -> Self {
        Self {
            analyst,
            memory,
            settings,
            known: BTreeMap::new(),
            declared: BTreeSet::new(),
        }
    }

    /// What the binder says about `sql`, which names `inputs`; `files` is a hash of the files that it reads itself.
    pub(super) fn bind(
        &mut self,
        sql: &str,
        inputs: &BTreeSet<AssetName>,
        files: &str,
    ) -> Result<BoundQuery, EngineError> {
        let mut parts = vec![
            self.analyst.version().to_owned(),
            self.settings.as_str().to_owned(),
            sql.to_owned(),
            files.to_owned(),
        ];
        for input in inputs {
            parts.push(input.to_string());
            parts.push(self.known.get(input).map(|stand_in| stand_in.digest.as_str().to_owned()).unwrap_or_default());
        }
        let key = Digest::of("bind/3", parts.iter().map(String::as_str));
        if let Some(bound) = self.memory.recall("bind", &key).and_then(|text| serde_json::from_str(&text).ok()) {
            return Ok(bound);
        }
        for input in inputs {
            self.declare(input)?;
        }
        let bound = self.analyst.bind(sql)?;
        self.memory.remember("bind", &key, serde_json::to_string(&bound).expect("dp's own values have a JSON form"));
        Ok(bound)
    }

    /// Stands for a bound plan that the engine can't write down: everything that binding depends on.
    pub(super) fn opaque(&self, inputs: &BTreeSet<AssetName>) -> Digest {
        let parts = inputs.iter().map(|input| self.known.get(input).map_or("", |stand_in| stand_in.digest.as_str()));
        Digest::of("opaque/1", [self.analyst.version()].into_iter().chain(parts))
    }

    /// The lineage of a query that reads `inputs`; where it is not known, it is everything.
    pub(super) fn lineage(&self, bound: &BoundQuery, inputs: &BTreeSet<AssetName>) -> ColumnLineage {
        bound.lineage.clone().unwrap_or_else(|reason| {
            let outputs = bound.schema.0.iter().map(|column| column.name.as_str());
            ColumnLineage::unknown(reason, outputs, &self.stored(inputs))
        })
    }

    /// The lineage over the inputs as they are named, views among them; `expanded` is that through views.
    pub(super) fn direct(
        &mut self,
        sql: &str,
        inputs: &BTreeSet<AssetName>,
        files: &str,
        expanded: &Arc<ColumnLineage>,
    ) -> Result<Arc<ColumnLineage>, EngineError> {
        let named: BTreeMap<&AssetName, &StandIn> =
            inputs.iter().filter_map(|name| Some((name, self.known.get(name)?))).collect();
        if named.values().all(|stand_in| stand_in.view.is_none()) {
            return Ok(Arc::clone(expanded));
        }
        let schemas: Vec<String> =
            named.values().map(|stand_in| stand_in.schema.digest().as_str().to_owned()).collect();
        let mut parts = vec![self.analyst.version(), self.settings.as_str(), sql, files];
        for (name, schema) in named.keys().zip(&schemas) {
            parts.extend([name.as_str(), schema]);
        }
        let key = Digest::of("direct/2", parts);
        if let Some(known) = self.memory.recall("direct", &key).and_then(|text| serde_json::from_str(&text).ok()) {
            return Ok(Arc::new(known));
        }
        let tables: Vec<_> = named.iter().map(|(name, stand_in)| (*name, &stand_in.schema)).collect();
        let lineage = self.analyst.lineage(sql, &tables)?.unwrap_or_else(|reason| {
            let outputs = expanded.outputs.iter().map(|output| output.name.as_str());
            let columns = |schema: &Schema| schema.0.iter().map(|column| column.name.clone()).collect();
            let inputs = tables.iter().map(|(name, schema)| (name.to_string(), columns(schema))).collect();
            ColumnLineage::unknown(reason, outputs, &inputs)
        });
        self.memory.remember(
            "direct",
            &key,
            serde_json::to_string(&lineage).expect("dp's own values have a JSON form"),
        );
        Ok(Arc::new(lineage))
    }

    /// What is stored of what is read, through views, and its columns.
    pub(super) fn stored(&self, inputs: &BTreeSet<AssetName>) -> BTreeMap<String, Vec<String>> {
        let mut stored = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<&AssetName> = inputs.iter().collect();
        while let Some(name) = open.pop() {
            let Some(stand_in) = self.known.get(name).filter(|_| seen.insert(name)) else {
                continue;
            };
            if let Some((_, below)) = &stand_in.view {
                open.extend(below);
            } else {
                let columns = stand_in.schema.0.iter().map(|column| column.name.clone()).collect();
                stored.insert(name.to_string(), columns);
            }
        }
        stored
    }

    fn declare(&mut self, name: &AssetName) -> Result<(), EngineError> {
        if !self.declared.insert(name.clone()) {
            return Ok(());
        }
        let Some(stand_in) = self.known.get(name).cloned() else {
            return Ok(());
        };
        let body = match stand_in.view {
            None => RelationBody::Empty(stand_in.schema),
            Some((sql, inputs)) => {
                for input in &inputs {
                    self.declare(input)?;
                }
                RelationBody::Query(sql)
            }
        };
        self.analyst.declare(&Relation {
            name: name.clone(),
            body,
        })
    }
}
