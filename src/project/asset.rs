use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::command::{Command, OutputTable};
use super::export::{ExportCompression, ExportStyle};
use super::path::normal;
use super::{AssetName, Check, OptionValue};
use crate::diagnostic::{SourceFile, Span};
use crate::sql::SqlText;
use crate::state::Version;

/// One declared piece of data.
#[derive(Clone, Debug)]
pub struct Asset {
    /// `schema.name`.
    pub name: AssetName,
    /// The TOML file that declares it.
    pub file: SourceFile,
    /// What to point at when the asset as a whole is meant: the value of `kind`.
    pub span: Span,
    /// Where its rows come from.
    pub kind: AssetKind,
    /// For people.
    pub description: Option<String>,
    /// For people.
    pub owner: Option<String>,
    /// For selection.
    pub tags: BTreeSet<String>,
    /// In what form the result is kept.
    pub materialize: Materialize,
    /// Where `materialize` stands, or the asset's span.
    pub materialize_span: Span,
    /// When a version becomes stale.
    pub refresh: Option<Refresh>,
    /// Never destroyed.
    pub protect: bool,
    /// What it was called before, with the places where that is said; of several names, the newest first.
    pub moved_from: Vec<(AssetName, Span)>,
    /// Inputs that the SQL can't show, with their places.
    pub depends_on: Vec<(AssetName, Span)>,
    /// What is said about single columns, in the order of the file.
    pub columns: Vec<ColumnContract>,
    /// All checks, those of columns first.
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

    /// The query of an `sql` asset.
    pub fn query(&self) -> Option<&Query> {
        match &self.kind {
            AssetKind::Sql(query) => Some(query),
            AssetKind::Source(_) | AssetKind::Command(_) | AssetKind::Output(_) => None,
        }
    }

    /// The files of a `source` asset.
    pub fn source(&self) -> Option<&Source> {
        match &self.kind {
            AssetKind::Source(source) => Some(source),
            AssetKind::Sql(_) | AssetKind::Command(_) | AssetKind::Output(_) => None,
        }
    }

    /// The program of a `command` asset.
    pub fn command(&self) -> Option<&Command> {
        match &self.kind {
            AssetKind::Command(command) => Some(command),
            AssetKind::Source(_) | AssetKind::Sql(_) | AssetKind::Output(_) => None,
        }
    }

    /// What it is, if it is one of several tables of a program.
    pub fn output_table(&self) -> Option<&OutputTable> {
        match &self.kind {
            AssetKind::Output(table) => Some(table),
            AssetKind::Source(_) | AssetKind::Sql(_) | AssetKind::Command(_) => None,
        }
    }

    /// Whether SQL can read it: a command may make files and tables of other names alone.
    pub fn has_table(&self) -> bool {
        self.command().is_none_or(|command| command.output.is_some())
    }

    /// Files that are put in place when it is published: its export and what its program makes, each with where that is
    /// written.
    pub fn placed(&self) -> impl Iterator<Item = (&str, &Span)> {
        let export = match &self.materialize {
            Materialize::File { path, .. } => Some((path.as_str(), &self.materialize_span)),
            Materialize::Table | Materialize::View => None,
        };
        let made = self.command().into_iter().flat_map(|command| &command.files);
        export.into_iter().chain(made.map(|file| (file.path.as_str(), &file.span)))
    }

    /// Whether nothing of it is stored: readers compute it each time.
    pub fn is_view(&self) -> bool {
        self.materialize == Materialize::View
    }

    /// Whether it is a query that readers compute; a source that is read in place is none.
    pub fn is_computed(&self) -> bool {
        self.is_view() && self.query().is_some()
    }

    /// Whether a version's files go where the asset wants them; also if neither has any.
    pub fn exports_like(&self, version: &Version) -> bool {
        let there: BTreeSet<PathBuf> = version.placed().map(|(path, _)| path.normal()).collect();
        there == self.placed().map(|(path, _)| normal(path)).collect()
    }

    /// Line (from 1) of a byte offset in its file.
    pub fn line(&self, offset: usize) -> usize {
        self.file.line_column(offset).0
    }
}

/// Where an asset's rows come from.
#[derive(Clone, Debug)]
pub enum AssetKind {
    /// Files that something else writes.
    Source(Source),
    /// A query that dp runs.
    Sql(Query),
    /// A program that dp runs.
    Command(Box<Command>),
    /// One of several tables that the program of another asset leaves.
    Output(OutputTable),
}

/// Files that something else writes.
#[derive(Clone, Debug)]
pub struct Source {
    /// A glob relative to the project, `/` between folders.
    pub path: String,
    /// Where `path` stands.
    pub path_span: Span,
    /// How the files are written.
    pub format: Format,
    /// Named parameters of the engine's reader, by name.
    pub options: Vec<(String, OptionValue)>,
    /// What happens if the files come with other columns.
    pub on_schema_change: OnSchemaChange,
}

/// What happens if the files of a source come with other columns than those that are published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnSchemaChange {
    /// A person approves what could lose something: columns that are gone, types that do not hold the old values.
    #[default]
    Ask,
    /// What could lose something is an error; new columns, and types that hold all old values, are taken.
    Add,
    /// It is an error.
    Refuse,
}

impl OnSchemaChange {
    /// All of them, as written in TOML.
    pub const WORDS: [(&str, Self); 3] = [("ask", Self::Ask), ("add", Self::Add), ("refuse", Self::Refuse)];
}

/// A query that dp runs.
#[derive(Clone, Debug)]
pub struct Query {
    /// The SQL, with the way back to the file.
    pub sql: SqlText,
}

/// How source files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Separated values.
    Csv,
    /// One JSON document, or several.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// All of them, as written in TOML.
    pub const WORDS: [(&str, Self); 4] =
        [("csv", Self::Csv), ("json", Self::Json), ("ndjson", Self::Ndjson), ("parquet", Self::Parquet)];

    /// From a file name, whatever compression follows.
    pub fn of_path(path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase();
        let path = path.strip_suffix(".gz").or_else(|| path.strip_suffix(".zst")).unwrap_or(&path);
        match path.rsplit_once('.')?.1 {
            "csv" | "tsv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// Whether types are guessed from text, so that contract types can be handed to the reader.
    pub fn is_text(self) -> bool {
        self != Self::Parquet
    }
}

/// In what form an asset's rows are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Materialize {
    /// As immutable versions in the store.
    Table,
    /// Not at all: readers compute it.
    View,
    /// As a table, and as a file for others.
    File {
        /// Where the file is put, relative to the project.
        path: String,
        /// How it is written.
        #[serde(flatten)]
        style: ExportStyle,
    },
}

impl Materialize {
    /// The word for it in TOML.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::View => "view",
            Self::File { .. } => "file",
        }
    }
}

/// How an exported file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// Separated by commas, with a header.
    Csv,
    /// One array of objects.
    Json,
    /// One object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl ExportFormat {
    /// All of them, as written in TOML.
    pub const WORDS: [(&str, Self); 4] =
        [("csv", Self::Csv), ("json", Self::Json), ("ndjson", Self::Ndjson), ("parquet", Self::Parquet)];

    /// From a file name, whatever compression follows.
    pub fn of_path(path: &str) -> Option<Self> {
        let suffix = ExportCompression::of_path(path).suffix().len();
        let (_, extension) = path.get(..path.len() - suffix)?.rsplit_once('.')?;
        Self::WORDS.iter().find(|(word, _)| extension.eq_ignore_ascii_case(word)).map(|(_, format)| *format)
    }

    /// The usual extension of a file name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
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
        /// How old.
        seconds: u64,
        /// As the user wrote it.
        written: String,
    },
}

impl Refresh {
    /// Whether a version that was made at `created` is stale. One that was made at a time to come is: the clock was wrong then
    /// or is wrong now, so its age is not known.
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

/// What the asset file says about one column.
#[derive(Clone, Debug)]
pub struct ColumnContract {
    /// The column, as written.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// The type it must have, with its place.
    pub data_type: Option<(String, Span)>,
    /// Whether the engine may change values of files while it converts them to the type.
    pub lenient: bool,
    /// For people.
    pub description: Option<String>,
}
