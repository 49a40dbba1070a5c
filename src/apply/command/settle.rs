//! What is at the paths that a program was seen to depend on, once it has ended.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::effects::{Dependence, Noise};
use crate::fs;
use crate::observe::{FileHasher, path_state};
use crate::process::Stamp;
use crate::state::{ObservedInput, PathState};

/// The state of each path, sorted.
///
/// What somebody else changed since the program used it first is unsettled: nobody knows which of the two it saw. What
/// the program changed itself counts as it left it.
pub(super) fn settle(
    root: &Path,
    noise: &Noise,
    depends: &BTreeMap<PathBuf, Dependence>,
    changed: &BTreeSet<PathBuf>,
    hasher: &mut FileHasher,
) -> Vec<ObservedInput> {
    let mut observed: Vec<ObservedInput> = depends
        .iter()
        .map(|(path, dependence)| {
            let relative = path.strip_prefix(root).unwrap_or(path);
            let shown = relative.to_string_lossy().into_owned();
            let is_its_own = changed.contains(path);
            let mut now = |content: bool| match relative.to_str() {
                Some(text) => path_state(root, noise, text, content, hasher),
                // A name that can't be written down can't be looked for again.
                None => PathState::Unsettled,
            };
            let state = match dependence {
                Dependence::Unknown => PathState::Unsettled,
                Dependence::Content(first) if !is_its_own && moved(path, first.as_ref()) => PathState::Unsettled,
                Dependence::Names(first) if moved(path, first.as_ref()) && !changed_in(path, changed) => {
                    PathState::Unsettled
                }
                Dependence::Content(_) | Dependence::Names(_) => now(true),
                Dependence::Presence => now(false),
                Dependence::Absence if is_its_own => now(true),
                Dependence::Absence if relative.to_str().is_none() => PathState::Unsettled,
                Dependence::Absence => PathState::Absent,
            };
            ObservedInput {
                path: if shown.is_empty() { ".".to_owned() } else { shown },
                state,
            }
        })
        .collect();
    observed.sort();
    observed
}

/// Whether the program itself made names in a folder come or go.
fn changed_in(folder: &Path, changed: &BTreeSet<PathBuf>) -> bool {
    changed.iter().any(|path| path.parent() == Some(folder))
}

fn moved(path: &Path, first: Option<&Stamp>) -> bool {
    let Some(first) = first else {
        return false;
    };
    !fs::stamp(path).ok().flatten().is_some_and(|now| {
        (now.device, now.inode, now.size, now.mtime_ns, now.ctime_ns)
            == (first.device, first.inode, first.size, first.mtime_ns, first.ctime_ns)
    })
}
