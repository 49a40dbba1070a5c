//! The state of the paths that programs depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::FileHasher;
use crate::base::fs::{self, Stamp};
use crate::effects::Noise;
use crate::model::{Aspect, Digest, ObservedInput, PathState};

/// Returns the current state of a path, relative to `root` or absolute, for the given `aspect`.
///
/// Names in a folder that are noise do not count, nor do dp's own files in the project. An entry that is neither file
/// nor folder, or can't be read, is only present.
pub fn path_state(root: &Path, noise: &Noise, path: &str, aspect: Aspect, hasher: &mut FileHasher) -> PathState {
    let absolute = root.join(path);
    if aspect == Aspect::Link {
        return match fs::link_target(&absolute) {
            Some(target) => PathState::Link(Digest::of("link/1", [target.to_string_lossy().as_ref()])),
            None if fs::exists(&absolute) => PathState::Plain,
            None => PathState::Absent,
        };
    }
    let Ok(Some(stamp)) = fs::stamp(&absolute) else {
        return PathState::Absent;
    };
    match aspect {
        Aspect::Stat => PathState::Stat(stat(&absolute, &stamp)),
        Aspect::Presence | Aspect::Link => PathState::Present,
        Aspect::Content if fs::is_folder(&absolute) => {
            names(noise, &absolute).map_or(PathState::Present, PathState::Folder)
        }
        Aspect::Content if !fs::is_file(&absolute) => PathState::Present,
        Aspect::Content => hasher.hash(path).map_or(PathState::Present, |file| PathState::File(file.hash)),
    }
}

/// Returns a hash of what a program learns about a path without opening it.
fn stat(path: &Path, stamp: &Stamp) -> Digest {
    let is_link = fs::link_target(path).is_some();
    let words = match (fs::is_file(path), fs::is_folder(path)) {
        (true, _) => {
            let mode = fs::mode(path).unwrap_or_default();
            format!("file {} {} {mode:o}", stamp.size, stamp.mtime_ns)
        }
        (_, true) => "folder".to_owned(),
        _ => "other".to_owned(),
    };
    Digest::of("stat/1", [if is_link { "link" } else { "" }, words.as_str()])
}

fn names(noise: &Noise, folder: &Path) -> Option<Digest> {
    let mut names = fs::names_in(folder).ok()?;
    names.retain(|name| !noise.hides(folder, name));
    names.sort();
    Some(Digest::of("names/1", names.iter().map(String::as_str)))
}

/// Returns the state of all paths in the observed inputs, by path and aspect.
pub fn paths<'a>(
    root: &Path,
    noise: &Noise,
    inputs: impl IntoIterator<Item = &'a ObservedInput>,
    hasher: &mut FileHasher,
) -> BTreeMap<(String, Aspect), PathState> {
    let wanted: BTreeSet<(&str, Aspect)> =
        inputs.into_iter().map(|input| (input.path.as_str(), input.aspect())).collect();
    wanted
        .into_iter()
        .map(|(path, aspect)| ((path.to_owned(), aspect), path_state(root, noise, path, aspect, hasher)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_dependence_has_a_state() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let noise = Noise::new(&root, None, &[], []);
        let mut hasher = FileHasher::new(&root, BTreeMap::new());
        let mut state = |path: &str, aspect| path_state(&root, &noise, path, aspect, &mut hasher);
        let content = Aspect::Content;
        assert_eq!(state("data", content), PathState::Absent);
        fs::create_folder(&root.join("data"), false).unwrap();
        fs::write_new(&root.join("data/a.csv"), b"1", 0o644).unwrap();
        let PathState::Folder(before) = state("data", content) else {
            panic!()
        };
        assert!(matches!(state("data/a.csv", content), PathState::File(_)));
        assert_eq!(state("data/a.csv", Aspect::Presence), PathState::Present);
        assert_eq!(state("data", Aspect::Presence), PathState::Present, "its names are another aspect");
        fs::create_folder(&root.join("data/__pycache__"), false).unwrap();
        assert_eq!(state("data", content), PathState::Folder(before.clone()), "noise does not count");
        let (file, folder) = (state("data/a.csv", Aspect::Stat), state("data", Aspect::Stat));
        fs::write_new(&root.join("data/b.csv"), b"1", 0o644).unwrap();
        assert_ne!(state("data", content), PathState::Folder(before));
        assert_eq!(state("data", Aspect::Stat), folder, "it is a folder all the same");
        fs::write_new(&root.join("data/a.csv"), b"12", 0o644).unwrap();
        assert_ne!(state("data/a.csv", Aspect::Stat), file);
        std::os::unix::fs::symlink("none", root.join("link")).unwrap();
        assert!(matches!(state("link", Aspect::Link), PathState::Link(_)));
        assert_eq!(state("link", Aspect::Presence), PathState::Absent, "it leads nowhere");
        assert_eq!(state("data", Aspect::Link), PathState::Plain);
    }
}
