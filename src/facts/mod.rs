//! What is known of every asset before anything runs: what the engine reported of its SQL, and its files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::diagnostic::Problems;
use crate::base::lazy_json::LazyJson;
use crate::definition::DefinitionDocument;
use crate::graph::Graph;
use crate::model::{
    AssetName, Columns, Digest, ProgramFacts, Reading, Reads, Schema, SchemaChange, Severity, Shape, SourceFiles,
};
use crate::project::Asset;
use crate::sql::Located;
use crate::sql::lineage::ColumnLineage;
use crate::sql::outline::Outline;
use crate::sql::syntax::EngineTree;

/// What dp knows of every asset before anything runs: what the engine reported of its SQL, and its files.
#[derive(Debug, Default)]
pub struct Analysis {
    /// The dependencies between assets.
    pub graph: Graph,
    /// The facts by asset.
    pub facts: BTreeMap<AssetName, Facts>,
    /// Errors and warnings.
    pub problems: Problems,
    /// The engine and its version.
    pub engine: String,
    /// Declared assets that can't be used, each with the assets that have the mistakes: itself or upstream ones. If
    /// the name of an asset is unknown, its file stands for it.
    pub broken: BTreeMap<AssetName, BTreeSet<String>>,
    /// The broken assets that are published.
    pub standing: BTreeMap<AssetName, Standing>,
    /// Provides the syntax trees of queries on demand: they are large, and few are used.
    pub trees: Option<Arc<dyn Trees>>,
}

/// Provides syntax trees.
pub trait Trees: std::fmt::Debug + Send + Sync {
    /// Returns the engine's tree of a query with substituted variables.
    ///
    /// # Errors
    /// The engine's message if it can't parse the query.
    fn tree(&self, text: &str) -> Result<EngineTree, String>;
    /// Returns the parts by which an edit of a query is named; `None` if they are unknown.
    fn outline(&self, text: &str) -> Option<Outline>;
}

impl Analysis {
    /// Returns the columns that checks of an asset are bound with.
    pub fn schema(&self, asset: &AssetName) -> Option<&Schema> {
        let known = self.facts.get(asset).map(|facts| &facts.schema);
        known.or_else(|| self.standing.get(asset).map(|standing| &standing.schema))
    }

    /// Returns the checks of each asset; for a broken asset, the checks over what is published.
    pub fn checks(&self) -> impl Iterator<Item = (&AssetName, &[CheckFacts])> {
        let known = self.facts.iter().map(|(name, facts)| (name, facts.checks.as_slice()));
        known.chain(self.standing.iter().map(|(name, standing)| (name, standing.checks.as_slice())))
    }

    /// Returns the engine's tree of an asset's query; `None` if it has no query.
    ///
    /// # Errors
    /// As [`Trees::tree`].
    pub fn tree(&self, asset: &Asset) -> Result<Option<EngineTree>, String> {
        match (&self.trees, asset.query()) {
            (Some(trees), Some(query)) => trees.tree(query.sql.text()).map(Some),
            _ => Ok(None),
        }
    }

    /// Returns the parts by which an edit of an asset's query is named; `None` if they are unknown.
    pub fn outline(&self, asset: &Asset) -> Option<Outline> {
        self.trees.as_ref()?.outline(asset.query()?.sql.text())
    }
}

/// What dp knows of a broken asset: it stays as it is published.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The published columns.
    pub schema: Schema,
    /// Its checks, over these columns.
    pub checks: Vec<CheckFacts>,
}

/// What dp knows of an asset before anything runs.
#[derive(Clone, Debug)]
pub struct Facts {
    /// D, the definition fingerprint.
    pub definition: Digest,
    /// The document that D was computed from.
    pub document: DefinitionDocument,
    /// The columns of the result, as bound.
    pub schema: Schema,
    /// The normalized bound plan, if the engine returns one.
    pub plan: Option<Digest>,
    /// Where its columns and rows come from, through views down to stored assets. Assets in `depends_on` are read
    /// whole.
    pub lineage: Arc<LazyJson<ColumnLineage>>,
    /// Why another build could give other rows; empty if it can't.
    pub unstable: BTreeSet<String>,
    /// Whether the result depends on when it is computed.
    pub reads_clock: bool,
    /// The assets that the query names, and those in `depends_on`.
    pub inputs: BTreeSet<AssetName>,
    /// The columns of each input that the query reads.
    pub reads: BTreeMap<AssetName, Columns>,
    /// The query's row set and output columns, if it can be split into them.
    pub shape: Option<LazyJson<Shape>>,
    /// The files of a source, or the files that the query reads directly.
    pub files: SourceFiles,
    /// How the files of a source are read.
    pub reading: Option<Reading>,
    /// Changes of a source's columns that no edit caused.
    pub schema_changes: Vec<SchemaChange>,
    /// Whether these changes need the user's approval.
    pub asks: bool,
    /// The facts of its checks.
    pub checks: Vec<CheckFacts>,
    /// The query that returns its rows, for the engine.
    pub sql: String,
    /// The same query with a mapping back to the user's text; `None` for a source.
    pub located: Option<Located>,
    /// The query as the user wrote it, if it names files: dp inspects them again if they change before the build.
    pub named_query: Option<NamedQuery>,
    /// The program of a command.
    pub program: Option<Arc<ProgramFacts>>,
    /// Outputs of programs with unknown columns, because of which this asset could not be bound; empty if it was
    /// bound.
    pub awaits: BTreeSet<AssetName>,
    /// Whether a program may give other columns than expected: it was built from another definition, or never.
    pub may_differ: bool,
    /// The columns that a program's table must have, with the types that the asset's file declares.
    pub contract: Contract,
}

/// A query that names files, as the user wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedQuery {
    /// The query, with absolute paths.
    pub sql: String,
    /// The files of each path or pattern in the query, absolute.
    pub files: BTreeMap<String, Vec<PathBuf>>,
    /// The columns of each reader in the query, in the order of the text.
    pub schemas: Vec<Schema>,
}

/// Columns that a table must have, with the types that the asset's file declares.
pub type Contract = Vec<(String, Option<String>)>;

impl Facts {
    /// Whether a program makes the asset: its columns depend on the result and are not part of its key.
    pub fn is_made_by_program(&self) -> bool {
        self.program.is_some() || self.document.definition.output.is_some()
    }
}

/// Returns the columns that a query reads of each input, according to the engine's plan.
///
/// An input that the plan does not mention is read whole, and so is every input if there is no plan.
pub fn reads_of(inputs: &BTreeSet<AssetName>, plan: Option<&Reads>) -> BTreeMap<AssetName, Columns> {
    let read = |input: &AssetName| plan.and_then(|reads| reads.get(input.as_str())).cloned().unwrap_or_default();
    inputs.iter().map(|input| (input.clone(), read(input))).collect()
}

impl CheckFacts {
    /// Whether the recorded result for the check's key is final: the check passed, or its failure only warns.
    pub fn is_settled_by(&self, recorded: Option<bool>) -> bool {
        recorded.is_some_and(|passed| passed || self.severity == Severity::Warn)
    }
}

/// What dp knows of a check before it runs.
#[derive(Clone, Debug)]
pub struct CheckFacts {
    /// The check's name within its asset.
    pub name: String,
    /// `not_null`, `sql` and so on.
    pub kind: &'static str,
    /// The effect of a failure.
    pub severity: Severity,
    /// A hash of what the check expects; its name and severity do not count.
    pub definition: Digest,
    /// The query that returns the failing rows.
    pub sql: String,
    /// The assets that the check names, including the asset itself.
    pub inputs: BTreeSet<AssetName>,
    /// The lineage of its failing rows.
    pub lineage: Arc<LazyJson<ColumnLineage>>,
    /// The columns of each asset that it reads.
    pub reads: BTreeMap<AssetName, Columns>,
    /// Whether its result depends on when it runs, so that the result is not reused.
    pub reads_clock: bool,
    /// If each row of its query stands for several failing rows: the column with their number.
    pub rows: Option<String>,
}
