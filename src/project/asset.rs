use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Check;
use super::command::{Command, OutputTable};
use crate::base::diagnostic::{SourceFile, Span};
use crate::model::{AssetName, ExportStyle, Format, OptionValue, Version, normal};
use crate::sql::SqlText;

/// One declared piece of data.
#[derive(Clone, Debug)]
pub struct Asset {
    /// `schema.name`.
    pub name: AssetName,
    /// The TOML file that declares it.
    pub file: SourceFile,
    /// The span for errors about the whole asset: the value of `kind`.
    pub span: Span,
    /// Where its rows come from.
    pub kind: AssetKind,
    /// A description for users.
    pub description: Option<String>,
    /// The owner, for users.
    pub owner: Option<String>,
    /// Tags for selectors.
    pub tags: BTreeSet<String>,
    /// How the result is materialized.
    pub materialize: Materialize,
    /// The place of `materialize`, or the asset's span.
    pub materialize_span: Span,
    /// When a version becomes stale.
    pub refresh: Option<Refresh>,
    /// Whether the asset is protected from being destroyed.
    pub protect: bool,
    /// The previous names, newest first, with their places in the file.
    pub moved_from: Vec<(AssetName, Span)>,
    /// Inputs that are not visible in the SQL, with their places.
    pub depends_on: Vec<(AssetName, Span)>,
    /// The contracts of single columns, in the order of the file.
    pub columns: Vec<ColumnContract>,
    /// All checks; those of columns first.
    pub checks: Vec<Check>,
}

impl Asset {
    /// `source`, `sql` or `command`.
    pub fn kind_word(&self) -> &'static str {
        match self.kind {
            AssetKind::Source(_) => "source",
            AssetKind::Sql(_) => "sql",
            AssetKind::Command(_) | AssetKind::Output(_) => "command",
        }
    }

    /// Returns the query of an `sql` asset.
    pub fn query(&self) -> Option<&Query> {
        match &self.kind {
            AssetKind::Sql(query) => Some(query),
            AssetKind::Source(_) | AssetKind::Command(_) | AssetKind::Output(_) => None,
        }
    }

    /// Returns the files of a `source` asset.
    pub fn source(&self) -> Option<&Source> {
        match &self.kind {
            AssetKind::Source(source) => Some(source),
            AssetKind::Sql(_) | AssetKind::Command(_) | AssetKind::Output(_) => None,
        }
    }

    /// Returns the program of a `command` asset.
    pub fn command(&self) -> Option<&Command> {
        match &self.kind {
            AssetKind::Command(command) => Some(command),
            AssetKind::Source(_) | AssetKind::Sql(_) | AssetKind::Output(_) => None,
        }
    }

    /// Returns the table, if the asset is one of several tables of a program.
    pub fn output_table(&self) -> Option<&OutputTable> {
        match &self.kind {
            AssetKind::Output(table) => Some(table),
            AssetKind::Source(_) | AssetKind::Sql(_) | AssetKind::Command(_) => None,
        }
    }

    /// Whether SQL can read the asset: a command may leave only files and further tables.
    pub fn has_table(&self) -> bool {
        self.command().is_none_or(|command| command.output.is_some())
    }

    /// Returns the files that are put in place when the asset is published: its export and the files of its program,
    /// each with its place in the asset file.
    pub fn placed(&self) -> impl Iterator<Item = (&str, &Span)> {
        let export = match &self.materialize {
            Materialize::File { path, .. } => Some((path.as_str(), &self.materialize_span)),
            Materialize::Table | Materialize::View => None,
        };
        let made = self.command().into_iter().flat_map(|command| &command.files);
        export.into_iter().chain(made.map(|file| (file.path.as_str(), &file.span)))
    }

    /// Whether nothing is stored: readers compute it each time.
    pub fn is_view(&self) -> bool {
        self.materialize == Materialize::View
    }

    /// Whether readers compute it from a query; a source that is read in place does not count.
    pub fn is_computed(&self) -> bool {
        self.is_view() && self.query().is_some()
    }

    /// Whether a version's files have the places that the asset declares; also if neither has any.
    pub fn exports_like(&self, version: &Version) -> bool {
        let there: BTreeSet<PathBuf> = version.placed().map(|(path, _)| path.normal()).collect();
        there == self.placed().map(|(path, _)| normal(path)).collect()
    }

    /// Returns the line (from 1) of a byte offset in its file.
    pub fn line(&self, offset: usize) -> usize {
        self.file.line_column(offset).0
    }
}

/// Where an asset's rows come from.
#[derive(Clone, Debug)]
pub enum AssetKind {
    /// Files that another program writes.
    Source(Source),
    /// A query that dp runs.
    Sql(Query),
    /// A program that dp runs.
    Command(Box<Command>),
    /// One of several tables of another asset's program.
    Output(OutputTable),
}

/// Files that another program writes.
#[derive(Clone, Debug)]
pub struct Source {
    /// A glob relative to the project, `/` between folders.
    pub path: String,
    /// The place of `path`.
    pub path_span: Span,
    /// The format of the files.
    pub format: Format,
    /// Named parameters of the engine's reader, by name.
    pub options: Vec<(String, OptionValue)>,
    /// What happens if the columns of the files change.
    pub on_schema_change: OnSchemaChange,
}

/// What happens if the columns of a source's files differ from the published ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnSchemaChange {
    /// The user must approve changes that could lose data: removed columns, and types that do not fit the old values.
    #[default]
    Ask,
    /// Changes that could lose data are errors; new columns, and types that fit all old values, are accepted.
    Add,
    /// Every change is an error.
    Refuse,
}

impl OnSchemaChange {
    /// All policies, as written in TOML.
    pub const WORDS: [(&str, Self); 3] = [("ask", Self::Ask), ("add", Self::Add), ("refuse", Self::Refuse)];
}

/// A query that dp runs.
#[derive(Clone, Debug)]
pub struct Query {
    /// The SQL, with a mapping back to the file.
    pub sql: SqlText,
}

/// How an asset's rows are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Materialize {
    /// As immutable versions in the store.
    Table,
    /// Not stored: readers compute it.
    View,
    /// As a table, and as an exported file.
    File {
        /// The place of the file, relative to the project.
        path: String,
        /// The format and its options.
        #[serde(flatten)]
        style: ExportStyle,
    },
}

impl Materialize {
    /// Returns the word in TOML.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::View => "view",
            Self::File { .. } => "file",
        }
    }
}

/// When a version becomes stale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// At every apply.
    Always,
    /// When it is older than this.
    After {
        /// The age in seconds.
        seconds: u64,
        /// As the user wrote it.
        written: String,
    },
}

impl Refresh {
    /// Whether a version that was created at `created` is stale. A version from the future counts as stale: one of the
    /// two clocks was wrong, so its age is unknown.
    pub fn is_over(&self, created: Timestamp, now: Timestamp) -> bool {
        match self {
            Self::Always => true,
            Self::After { seconds, .. } => {
                let age = u64::try_from(now.duration_since(created).as_secs());
                created > now || age.is_ok_and(|age| age > *seconds)
            }
        }
    }
}

/// The contract of one column in the asset file.
#[derive(Clone, Debug)]
pub struct ColumnContract {
    /// The column, as written.
    pub name: String,
    /// The place of the name.
    pub span: Span,
    /// The required type, with its place.
    pub data_type: Option<(String, Span)>,
    /// Whether the engine may change values of files in a conversion to the type.
    pub lenient: bool,
    /// A description for users.
    pub description: Option<String>,
}
