use crate::base::diagnostic::Span;
use crate::model::{AssetName, Scalar, Severity};
use crate::sql::SqlText;

/// An expectation on the rows of an asset.
#[derive(Clone, Debug)]
pub struct Check {
    /// The name, from the user or derived from kind and columns; unique within the asset.
    pub name: String,
    /// The effect of a failure.
    pub severity: Severity,
    /// The expectation.
    pub kind: CheckKind,
    /// The place in the asset's file.
    pub span: Span,
}

/// The kinds of checks. NULLs pass each of them except `NotNull`.
#[derive(Clone, Debug)]
pub enum CheckKind {
    /// No NULL in the column.
    NotNull {
        /// The column.
        column: String,
    },
    /// No two rows are equal in all of the columns.
    Unique {
        /// One or several columns.
        columns: Vec<String>,
    },
    /// Only these values occur.
    AcceptedValues {
        /// The column.
        column: String,
        /// The accepted values.
        values: Vec<Scalar>,
    },
    /// The values are not below `min` and not above `max`.
    Range {
        /// The column.
        column: String,
        /// The smallest accepted value.
        min: Option<Scalar>,
        /// The greatest accepted value.
        max: Option<Scalar>,
    },
    /// Each value occurs in another asset.
    References {
        /// The columns of this asset.
        columns: Vec<String>,
        /// The other asset.
        asset: AssetName,
        /// The columns of the other asset, in the same order.
        to: Vec<String>,
    },
    /// The number of rows is within bounds.
    RowCount {
        /// The smallest accepted number.
        min: Option<u64>,
        /// The greatest accepted number.
        max: Option<u64>,
    },
    /// The newest value of the column is not older than this when the check runs.
    Freshness {
        /// A date or timestamp column, read as UTC.
        column: String,
        /// The maximum age in seconds.
        max_age: u64,
    },
    /// Each row that the query returns is a failure.
    Sql {
        /// The query; `${this}` is replaced by the asset's name.
        sql: SqlText,
    },
}

impl CheckKind {
    /// Returns the word in TOML and JSON.
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

    /// Returns the expectation without the text of a query.
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

    /// Returns the columns of the asset itself that the check names.
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
