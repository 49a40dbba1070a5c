use serde::{Deserialize, Serialize};

use super::Digest;
use crate::project::Severity;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckOutcome {
    /// No row failed.
    Passed,
    /// At least one row failed.
    Failed,
    /// It could not be run.
    Errored,
}

/// Rows as texts, `None` for NULL: names of columns, then values.
pub type Sample = (Vec<String>, Vec<Vec<Option<String>>>);

/// The result of one check on one content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRecord {
    /// The check's name within its asset.
    pub check: String,
    /// `not_null`, `sql` and so on.
    pub kind: String,
    /// Its definition and the content of all it read.
    pub key: Digest,
    /// What a failure does.
    pub severity: Severity,
    /// How it came out.
    pub outcome: CheckOutcome,
    /// How many rows failed.
    pub failures: u64,
    /// Up to five failing rows.
    pub sample: Option<Sample>,
    /// What the engine said, if it could not be run.
    pub message: Option<String>,
    /// How long it took.
    pub ms: u64,
}

impl CheckRecord {
    /// Whether it keeps its asset from being published.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Error && self.outcome != CheckOutcome::Passed
    }
}
