use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Digest, Schema};

/// How the files of a source were read: what dp detected, recorded with the version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The number of rows; `None` if only the engine counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// The formats in which the files are written.
    pub dialects: Vec<Dialect>,
    /// Columns without a value, whose detected type means nothing.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub without_values: BTreeSet<String>,
}

/// One format in which files are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// A description: `delimiter ";", quote "\"", header`.
    pub written: String,
    /// The number of files in this format.
    pub files: usize,
    /// The first of these files, relative to the project.
    pub first: String,
}

/// A published source, which the next reading is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedSource {
    /// D when the source was read.
    pub definition: Digest,
    /// Its columns.
    pub schema: Schema,
    /// How its files were read.
    pub reading: Reading,
}

/// A change of a source's columns that no edit caused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaChange {
    /// A new column.
    Added {
        /// The column.
        column: String,
        /// Its type.
        data_type: String,
        /// The first place that contains it.
        place: Option<String>,
    },
    /// A removed column.
    Removed {
        /// The column.
        column: String,
        /// The previous type.
        data_type: String,
    },
    /// A column whose type no longer fits all values.
    Retyped {
        /// The column.
        column: String,
        /// The previous type.
        before: String,
        /// The type that fits all values.
        after: String,
        /// The first value that requires it, with its place.
        place: Option<String>,
    },
    /// Files in another format than all files before.
    Dialect {
        /// The previous format.
        before: String,
        /// The format of a file now.
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
