use serde::{Deserialize, Serialize};

use super::Digest;
use crate::project::Severity;
use crate::words;

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
    /// Describes the result: "3 rows fail, in 1 group", "it has 2 rows".
    pub fn found(&self) -> String {
        let first = || self.sample.as_ref().and_then(|(_, rows)| rows.first()?.first().cloned());
        let rows = |count: u64| match count {
            1 => "1 row fails".to_owned(),
            count => format!("{} rows fail", words::grouped(count)),
        };
        match (self.outcome, self.kind.as_str(), self.groups) {
            (CheckOutcome::Passed, ..) => "passed".to_owned(),
            (CheckOutcome::Errored, ..) => "it could not run".to_owned(),
            (CheckOutcome::Failed, "row_count", _) => match first().flatten() {
                Some(count) => format!("it has {count} row{}", if count == "1" { "" } else { "s" }),
                None => "its number of rows is not allowed".to_owned(),
            },
            (CheckOutcome::Failed, "freshness", _) => match first() {
                Some(None) => "it has no newest value".to_owned(),
                Some(Some(newest)) => match (self.first("age"), self.first("max_age")) {
                    (Some(age), Some(most)) => {
                        format!("its newest value is {newest}, which is {age} old; at most {most} is allowed")
                    }
                    _ => format!("its newest value is {newest}, which is too old"),
                },
                None => "its newest value is too old".to_owned(),
            },
            (CheckOutcome::Failed, _, None) => rows(self.failures),
            (CheckOutcome::Failed, _, Some(groups)) => {
                let groups = words::count(usize::try_from(groups).unwrap_or(usize::MAX), "group");
                format!("{}, in {groups}", rows(self.failures))
            }
        }
    }

    /// Returns the value of a column in the first failing row.
    fn first(&self, column: &str) -> Option<&str> {
        let (columns, rows) = self.sample.as_ref()?;
        let place = columns.iter().position(|name| name == column)?;
        rows.first()?.get(place)?.as_deref()
    }

    /// Whether the result blocks publishing of the asset.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Error && self.outcome != CheckOutcome::Passed
    }
}
