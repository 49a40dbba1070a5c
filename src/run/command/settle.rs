//! The state of the paths that a program depends on, once it has ended.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::base::fs;
use crate::effects::{Dependence, Noise};
use crate::model::{Aspect, ObservedInput, PathState};
use crate::observe::{FileHasher, path_state};
use crate::process::Stamp;

/// Returns the state of each path, for each way in which the program depends on it, sorted.
///
/// A path that somebody else changed since the program first used it is unsettled: the program may have seen either
/// state. A path that the program changed itself counts as the program left it.
pub(super) fn settle(
    root: &Path,
    noise: &Noise,
    depends: &BTreeMap<PathBuf, Vec<Dependence>>,
    changed: &BTreeSet<PathBuf>,
    hasher: &mut FileHasher,
) -> Vec<ObservedInput> {
    let ways = depends.iter().flat_map(|(path, ways)| ways.iter().map(move |way| (path, way)));
    let mut observed: Vec<ObservedInput> = ways
        .map(|(path, dependence)| {
            let relative = path.strip_prefix(root).unwrap_or(path);
            let shown = relative.to_string_lossy().into_owned();
            let is_its_own = changed.contains(path);
            let mut now = |aspect: Aspect| match relative.to_str() {
                Some(text) => path_state(root, noise, text, aspect, hasher),
                // A name that is not valid UTF-8 can't be recorded, so dp can't look for it again.
                None => PathState::Unsettled,
            };
            let state = match dependence {
                Dependence::Unknown => PathState::Unsettled,
                Dependence::Content(Some(first)) | Dependence::Stat(Some(first))
                    if !is_its_own && moved(first, fs::stamp(path).ok().flatten()) =>
                {
                    PathState::Unsettled
                }
                Dependence::Link(Some(first)) if !is_its_own && moved(first, fs::own_stamp(path).ok().flatten()) => {
                    PathState::Unsettled
                }
                Dependence::Names(Some(first))
                    if moved(first, fs::stamp(path).ok().flatten()) && !changed_in(path, changed) =>
                {
                    PathState::Unsettled
                }
                Dependence::Content(_) | Dependence::Names(_) => now(Aspect::Content),
                Dependence::Stat(_) => now(Aspect::Stat),
                Dependence::Link(_) => now(Aspect::Link),
                Dependence::Presence => now(Aspect::Presence),
                // The program missed the file and then created it.
                Dependence::Absence if is_its_own && fs::is_folder(path) => now(Aspect::Presence),
                Dependence::Absence if is_its_own => now(Aspect::Content),
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

/// Whether the program itself added or removed names in a folder.
fn changed_in(folder: &Path, changed: &BTreeSet<PathBuf>) -> bool {
    changed.iter().any(|path| path.parent() == Some(folder))
}

/// Whether the file differs now from the first time the program used it.
fn moved(first: &Stamp, now: Option<fs::Stamp>) -> bool {
    !now.is_some_and(|now| {
        (now.device, now.inode, now.size, now.mtime_ns, now.ctime_ns)
            == (first.device, first.inode, first.size, first.mtime_ns, first.ctime_ns)
    })
}
