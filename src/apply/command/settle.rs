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
        .filter_map(|(path, dependence)| {
            let text = path.strip_prefix(root).unwrap_or(path).to_str()?;
            let is_its_own = changed.contains(path);
            let now = |content: bool, hasher: &mut FileHasher| path_state(root, noise, text, content, hasher);
            let state = match dependence {
                Dependence::Content(first) if !is_its_own && moved(path, first.as_ref()) => PathState::Unsettled,
                Dependence::Content(_) | Dependence::Names => now(true, hasher),
                Dependence::Presence if is_its_own => now(false, hasher),
                Dependence::Presence => PathState::Present,
                Dependence::Absence if is_its_own => now(true, hasher),
                Dependence::Absence => PathState::Absent,
            };
            Some(ObservedInput {
                path: if text.is_empty() { ".".to_owned() } else { text.to_owned() },
                state,
            })
        })
        .collect();
    observed.sort();
    observed
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
