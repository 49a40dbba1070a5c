use serde::{Deserialize, Serialize};

/// The effect of a failed check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The failure blocks publishing.
    #[default]
    Error,
    /// The failure is only reported.
    Warn,
}
