//! Decides whether a check has to run.

use crate::facts::CheckFacts;
use crate::model::Digest;

/// Why a check has to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// No result is recorded for what it reads.
    New,
    /// It failed on what it reads, which blocks publishing.
    Failed,
    /// Its result depends on when it runs.
    Clock,
    /// What it reads is not built yet.
    Waiting,
}

/// Decides whether a check has to run; `None` if its recorded result is final.
///
/// `key` is the key of the result, or `None` if what it reads is not built yet; `recorded` says whether the check
/// passed with that key.
pub fn due(check: &CheckFacts, key: Option<&Digest>, recorded: Option<bool>) -> Option<Due> {
    match (key, recorded) {
        _ if check.reads_clock => Some(Due::Clock),
        (None, _) => Some(Due::Waiting),
        _ if check.is_settled_by(recorded) => None,
        (Some(_), Some(_)) => Some(Due::Failed),
        (Some(_), None) => Some(Due::New),
    }
}
