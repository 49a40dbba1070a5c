//! Decides what in the folder of a git repository affects a result.
//!
//! The rules treat all of it as noise. But commands such as `git log` give another output after each commit. Therefore
//! reads and misses of some files count: the commit that is checked out, the references, the index, and the settings.
//! Objects need not count: each is named after its content, and is reached only through files that count.

use std::path::Path;

use super::Dependence;
use crate::process::{Access, What};

/// Returns what a result depends on because of an access in a repository's folder; `None` if it depends on nothing.
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

/// Returns the parts of a path below the folder `.git`; none for `.git` itself, which is a file in a linked work tree.
fn within(path: &Path) -> Option<Vec<&str>> {
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    let place = parts.iter().rposition(|part| *part == ".git")?;
    Some(parts[place + 1..].to_vec())
}
