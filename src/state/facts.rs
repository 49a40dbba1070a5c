use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::{Digest, Later, ProgramFacts, Reading, Schema, SchemaChange, Shape, SourceFiles};
use crate::diagnostic::Problems;
use crate::fingerprint::DefinitionDocument;
use crate::graph::Graph;
use crate::project::{Asset, AssetName, Severity};
use crate::sql::lineage::ColumnLineage;
use crate::sql::{Columns, Located, Reads};

/// What is known of every asset before anything runs: what the engine said of its SQL and what its files hold.
#[derive(Debug, Default)]
pub struct Analysis {
    /// What depends on what.
    pub graph: Graph,
    /// By asset.
    pub facts: BTreeMap<AssetName, Facts>,
    /// What is wrong or doubtful.
    pub problems: Problems,
    /// The engine and its version.
    pub engine: String,
    /// Assets that can't be used, though declared: each with the assets that have the mistakes, itself or above it. Where the
    /// name of an asset is not known, its file stands for it.
    pub broken: BTreeMap<AssetName, BTreeSet<String>>,
    /// The broken assets that are published.
    pub standing: BTreeMap<AssetName, Standing>,
    /// Gives the syntax trees of queries; they are large, and few are looked at.
    pub trees: Option<Arc<dyn Trees>>,
}

/// Gives syntax trees.
pub trait Trees: std::fmt::Debug + Send + Sync {
    /// The canonical tree of a query whose variables have their values.
    ///
    /// # Errors
    /// What the engine said that can't parse it.
    fn tree(&self, text: &str) -> Result<String, String>;
}

impl Analysis {
    /// The columns that checks of an asset are bound over.
    pub fn schema(&self, asset: &AssetName) -> Option<&Schema> {
        let known = self.facts.get(asset).map(|facts| &facts.schema);
        known.or_else(|| self.standing.get(asset).map(|standing| &standing.schema))
    }

    /// The checks of each asset, of broken ones over what is published.
    pub fn checks(&self) -> impl Iterator<Item = (&AssetName, &[CheckFacts])> {
        let known = self.facts.iter().map(|(name, facts)| (name, facts.checks.as_slice()));
        known.chain(self.standing.iter().map(|(name, standing)| (name, standing.checks.as_slice())))
    }

    /// The canonical tree of an asset's query; `None` if it has none.
    ///
    /// # Errors
    /// As [`Trees::tree`].
    pub fn tree(&self, asset: &Asset) -> Result<Option<String>, String> {
        match (&self.trees, asset.query()) {
            (Some(trees), Some(query)) => trees.tree(query.sql.text()).map(Some),
            _ => Ok(None),
        }
    }
}

/// What is known of a broken asset: nothing new of it is published, so it stands as it is.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The columns that are published.
    pub schema: Schema,
    /// Its checks, over these columns.
    pub checks: Vec<CheckFacts>,
}

/// What is known of one asset before anything runs.
#[derive(Clone, Debug)]
pub struct Facts {
    /// D.
    pub definition: Digest,
    /// What D was made of.
    pub document: DefinitionDocument,
    /// Columns of the result, as bound.
    pub schema: Schema,
    /// The bound plan in normal form, if the engine gives one.
    pub plan: Option<Digest>,
    /// Where its columns and rows come from, through views down to assets that are stored; what is in `depends_on`
    /// is read whole.
    pub lineage: Arc<Later<ColumnLineage>>,
    /// Why another build could give other rows; empty if it can't.
    pub unstable: BTreeSet<String>,
    /// Whether the result depends on when it is computed.
    pub reads_clock: bool,
    /// Assets that the query names, and those in `depends_on`.
    pub inputs: BTreeSet<AssetName>,
    /// The columns of each input that it reads anywhere.
    pub reads: BTreeMap<AssetName, Columns>,
    /// The query taken apart, if that is possible.
    pub shape: Option<Later<Shape>>,
    /// Files of a source, or that the query reads itself.
    pub files: SourceFiles,
    /// How the files of a source are read.
    pub reading: Option<Reading>,
    /// What is new about the columns of a source that nobody edited.
    pub schema_changes: Vec<SchemaChange>,
    /// Whether these changes need the approval of a person.
    pub asks: bool,
    /// What its checks need.
    pub checks: Vec<CheckFacts>,
    /// The query that gives its rows, for the engine.
    pub sql: String,
    /// The same query with the way back to where the user wrote it; `None` for a source.
    pub located: Option<Located>,
    /// The same query as it is written, if it names files: they are looked at again if they change before the build.
    pub named_query: Option<NamedQuery>,
    /// The program of a command.
    pub program: Option<Arc<ProgramFacts>>,
    /// What programs make and whose columns are not known before, so that this could not be bound; empty if it was.
    pub awaits: BTreeSet<AssetName>,
    /// Whether a program may give it other columns than expected: it was made from another definition, or never.
    pub may_differ: bool,
    /// Columns that what a program makes must have, with their types where the file says them.
    pub contract: Contract,
}

/// A query that names files, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedQuery {
    /// The query, with absolute paths.
    pub sql: String,
    /// The files of each path or pattern in it, absolute.
    pub files: BTreeMap<String, Vec<PathBuf>>,
    /// The columns of each reader in it, in the order of the text.
    pub schemas: Vec<Schema>,
}

/// Columns that a table must have, with their types where the file says them.
pub type Contract = Vec<(String, Option<String>)>;

impl Facts {
    /// Whether a program makes it: its columns are what comes out, and no part of its key.
    pub fn is_made_by_program(&self) -> bool {
        self.program.is_some() || self.document.definition.output.is_some()
    }
}

/// The columns that a query reads of each of its inputs, given what the engine's plan asks for.
///
/// What the plan does not mention, or what there is no plan for, is read whole.
pub fn reads_of(inputs: &BTreeSet<AssetName>, plan: Option<&Reads>) -> BTreeMap<AssetName, Columns> {
    let read = |input: &AssetName| plan.and_then(|reads| reads.get(input.as_str())).cloned().unwrap_or_default();
    inputs.iter().map(|input| (input.clone(), read(input))).collect()
}

impl CheckFacts {
    /// Whether what is on record for its key settles it: it passed, or its failure only warns.
    pub fn is_settled_by(&self, recorded: Option<bool>) -> bool {
        recorded.is_some_and(|passed| passed || self.severity == Severity::Warn)
    }
}

/// What is known of one check before it runs.
#[derive(Clone, Debug)]
pub struct CheckFacts {
    /// Its name within the asset.
    pub name: String,
    /// `not_null`, `sql` and so on.
    pub kind: &'static str,
    /// What a failure does.
    pub severity: Severity,
    /// A hash of what it expects; its name and severity do not count.
    pub definition: Digest,
    /// The query whose rows are the failures.
    pub sql: String,
    /// Assets that it names; the asset itself is among them.
    pub inputs: BTreeSet<AssetName>,
    /// Where its failing rows come from, like that of an asset.
    pub lineage: Arc<Later<ColumnLineage>>,
    /// The columns of each that it reads.
    pub reads: BTreeMap<AssetName, Columns>,
    /// Whether its result depends on when it runs, so that none is remembered.
    pub reads_clock: bool,
    /// If each row of its query stands for several failing rows: the column with their number.
    pub rows: Option<String>,
}
