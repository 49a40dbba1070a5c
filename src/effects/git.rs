//! What decides about a result in the folder of a git repository.
//!
//! The rules take all of it for noise. But `git log` and its like say something else after each commit. What was read or
//! missed counts: which commit is checked out, the references, the index, the settings. Objects need not: each is named
//! after its content, and is reached by what counts.

use std::path::Path;

use super::Dependence;
use crate::process::{Access, What};

/// What a result depends on by an access in the folder of a repository; `None` if by nothing.
pub(super) fn dependence(access: &Access) -> Option<Dependence> {
    let within = within(&access.path)?;
    let is_object = within.iter().any(|part| matches!(*part, "objects" | "hooks"));
    let is_lock = access.path.extension().is_some_and(|extension| extension == "lock");
    if is_object || is_lock {
        return None;
    }
    match access.what {
        What::Read => Some(Dependence::Content(access.stamp)),
        What::Absent if !within.is_empty() => Some(Dependence::Absence),
        What::Listed if within.first() == Some(&"refs") => Some(Dependence::Names(access.stamp)),
        _ => None,
    }
}

/// The parts of a path below the folder `.git`; none for `.git` itself, which is a file in a linked work tree.
fn within(path: &Path) -> Option<Vec<&str>> {
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    let place = parts.iter().rposition(|part| *part == ".git")?;
    Some(parts[place + 1..].to_vec())
}
