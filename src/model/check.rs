use serde::{Deserialize, Serialize};

use super::Digest;
use crate::model::Severity;

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckOutcome {
    /// No row failed.
    Passed,
    /// At least one row failed.
    Failed,
    /// The check could not run.
    Errored,
}

/// Rows as text, `None` for NULL: column names, then values.
pub type Sample = (Vec<String>, Vec<Vec<Option<String>>>);

/// The result of one check on one content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRecord {
    /// The check's name within its asset.
    pub check: String,
    /// `not_null`, `sql` and so on.
    pub kind: String,
    /// A hash of the check's definition and the content of everything that it read.
    pub key: Digest,
    /// The effect of a failure.
    pub severity: Severity,
    /// The outcome.
    pub outcome: CheckOutcome,
    /// The number of failing rows.
    pub failures: u64,
    /// The number of failing groups, for a check of groups of rows: `unique` and `references` group equal values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<u64>,
    /// At most five failing rows or groups.
    pub sample: Option<Sample>,
    /// The engine's message, if the check could not run.
    pub message: Option<String>,
    /// Duration in milliseconds.
    pub ms: u64,
}

impl CheckRecord {
    /// Whether the result blocks publishing of the asset.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Error && self.outcome != CheckOutcome::Passed
    }
}
