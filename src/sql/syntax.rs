//! What the engine's parser reports about one query.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::Digest;

/// What the engine's parser reports about one query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Syntax {
    /// A hash of the query without comments, spacing and the case of keywords; part of the definition.
    pub digest: Digest,
    /// The tables except CTEs, in the order of the text.
    pub tables: Vec<TableReference>,
    /// The files that are read by name or by a reader function.
    pub files: Vec<FileReference>,
    /// Why the same input may give another result, as text; empty if it can't.
    pub unstable: BTreeSet<String>,
    /// Whether the query calls a function whose result depends on when it runs, or differs for each run.
    pub reads_clock: bool,
    /// The byte offset of the first such function.
    pub clock_offset: Option<usize>,
    /// The words that return the time or a value of the session unless a column has their name.
    pub words: Vec<SessionWord>,
    /// Whether it names a time zone, independent of the session's.
    pub names_zone: bool,
    /// Constructs that dp does not run, with their places.
    pub refused: Vec<Refusal>,
    /// The byte offsets at which a column `rowid` is read that the query does not define itself.
    pub row_ids: Vec<Option<usize>>,
    /// The engine's syntax tree. It is large, and not part of this value's own JSON.
    #[serde(skip)]
    pub tree: EngineTree,
}

/// An engine's syntax tree of a query, which only this engine can read.
///
/// The state keeps its text. Trees of one version of an engine are equal if and only if the queries differ only in
/// comments, spacing and the case of keywords.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineTree(String);

impl EngineTree {
    /// Wraps the text of a tree that the engine wrote, or that was recorded.
    pub fn from_text(text: String) -> Self {
        Self(text)
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Returns the text.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// A word that returns the time or a value of the session unless a column has its name, such as `current_date`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionWord {
    /// The word in lower case.
    pub word: String,
    /// Whether it returns the time.
    pub is_clock: bool,
    /// The byte offset of its first use.
    pub offset: Option<usize>,
}

/// A table that a query names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableReference {
    /// `["schema", "name"]` or `["name"]`, as written.
    pub path: Vec<String>,
    /// The byte offset in the engine's text, if the parser returns it.
    pub offset: Option<usize>,
}

/// Files that a query reads directly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReference {
    /// Constant paths or patterns, as written, each with the byte offset of its literal.
    pub paths: Vec<(String, Option<usize>)>,
    /// The byte offset in the engine's text.
    pub offset: Option<usize>,
}

/// A construct that dp does not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// A description: "the function `getvariable`".
    pub what: String,
    /// The help.
    pub help: String,
    /// The byte offset in the engine's text.
    pub offset: Option<usize>,
}
