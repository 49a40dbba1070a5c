use serde::{Deserialize, Serialize};

use super::{AssetName, Scalar};
use crate::diagnostic::Span;
use crate::sql::SqlText;

/// What a failed check does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Blocks publishing.
    #[default]
    Error,
    /// Is reported, and changes nothing.
    Warn,
}

/// An expectation on the rows of an asset.
#[derive(Clone, Debug)]
pub struct Check {
    /// Given by the user, or made of the kind and the columns; unique within the asset.
    pub name: String,
    /// What a failure does.
    pub severity: Severity,
    /// What is expected.
    pub kind: CheckKind,
    /// Where it stands in the asset's file.
    pub span: Span,
}

/// The kinds of checks. NULLs pass each of them but `NotNull`.
#[derive(Clone, Debug)]
pub enum CheckKind {
    /// No NULL in the column.
    NotNull {
        /// The column.
        column: String,
    },
    /// No two rows agree in all of the columns.
    Unique {
        /// One or several columns.
        columns: Vec<String>,
    },
    /// Nothing but these values.
    AcceptedValues {
        /// The column.
        column: String,
        /// What may occur.
        values: Vec<Scalar>,
    },
    /// Not below `min`, not above `max`.
    Range {
        /// The column.
        column: String,
        /// The least value allowed.
        min: Option<Scalar>,
        /// The greatest value allowed.
        max: Option<Scalar>,
    },
    /// Each value occurs in another asset.
    References {
        /// The columns here.
        columns: Vec<String>,
        /// The other asset.
        asset: AssetName,
        /// The columns there, in the same order.
        to: Vec<String>,
    },
    /// The number of rows is within bounds.
    RowCount {
        /// At least so many.
        min: Option<u64>,
        /// At most so many.
        max: Option<u64>,
    },
    /// The newest value of the column is not older than this when the check runs.
    Freshness {
        /// A date or timestamp column, read as UTC.
        column: String,
        /// In seconds.
        max_age: u64,
    },
    /// Each row that the query returns is a failure.
    Sql {
        /// The query; `${this}` is replaced by the asset's name.
        sql: SqlText,
    },
}

impl CheckKind {
    /// The word for it in TOML and JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotNull { .. } => "not_null",
            Self::Unique { .. } => "unique",
            Self::AcceptedValues { .. } => "accepted_values",
            Self::Range { .. } => "range",
            Self::References { .. } => "references",
            Self::RowCount { .. } => "row_count",
            Self::Freshness { .. } => "freshness",
            Self::Sql { .. } => "sql",
        }
    }

    /// What it expects, apart from the text of a query.
    pub fn parameters(&self) -> serde_json::Value {
        use serde_json::json;
        let parameters = match self {
            Self::NotNull { column } => json!({ "column": column }),
            Self::Unique { columns } => json!({ "columns": columns }),
            Self::AcceptedValues { column, values } => json!({ "column": column, "values": values }),
            Self::Range { column, min, max } => json!({ "column": column, "min": min, "max": max }),
            Self::References { columns, asset, to } => json!({ "columns": columns, "asset": asset, "to": to }),
            Self::RowCount { min, max } => json!({ "min": min, "max": max }),
            Self::Freshness { column, max_age } => json!({ "column": column, "max_age": max_age }),
            Self::Sql { .. } => json!({}),
        };
        json!({ "kind": self.word(), "parameters": parameters })
    }

    /// The columns of the asset itself that it names.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::NotNull { column }
            | Self::AcceptedValues { column, .. }
            | Self::Range { column, .. }
            | Self::Freshness { column, .. } => vec![column],
            Self::Unique { columns } | Self::References { columns, .. } => columns.iter().map(String::as_str).collect(),
            Self::RowCount { .. } | Self::Sql { .. } => Vec::new(),
        }
    }
}
