use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Digest, Schema};

/// How the files of a source were read: what dp found out about them, and fixed with the version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// How many rows they have; `None` if only the engine counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// The ways in which the files are written.
    pub dialects: Vec<Dialect>,
    /// Columns without a value, whose type says nothing.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub without_values: BTreeSet<String>,
}

/// One way in which files are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// In words: `delimiter ";", quote "\"", header`.
    pub written: String,
    /// How many files are written so.
    pub files: usize,
    /// The first of them, relative to the project.
    pub first: String,
}

/// A source as it is published: what its next reading is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedSource {
    /// D when it was read.
    pub definition: Digest,
    /// Its columns.
    pub schema: Schema,
    /// How its files were read.
    pub reading: Reading,
}

/// What is new about the columns of a source that nobody edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaChange {
    /// A column that was not there.
    Added {
        /// The column.
        column: String,
        /// Its type.
        data_type: String,
        /// The first place that has it.
        place: Option<String>,
    },
    /// A column that is no longer there.
    Removed {
        /// The column.
        column: String,
        /// Its type when it was there.
        data_type: String,
    },
    /// A column whose type no longer holds all values.
    Retyped {
        /// The column.
        column: String,
        /// The type that it had.
        before: String,
        /// The type that holds all values.
        after: String,
        /// The first value that shows it, with its place.
        place: Option<String>,
    },
    /// Files that are written in another way than all files before.
    Dialect {
        /// How the files were written.
        before: String,
        /// How one is written now.
        after: String,
        /// The first such file.
        place: String,
    },
}

impl fmt::Display for SchemaChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |place: &Option<String>| place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        match self {
            Self::Added {
                column,
                data_type,
                place,
            } => write!(f, "column `{column}` {data_type} added{}", at(place)),
            Self::Removed { column, data_type } => write!(f, "column `{column}` {data_type} removed"),
            Self::Retyped {
                column,
                before,
                after,
                place,
            } => write!(f, "column `{column}` {before} → {after}{}", at(place)),
            Self::Dialect { before, after, place } => write!(f, "{place} is written with {after}, not {before}"),
        }
    }
}
