//! What is at the paths that programs were seen to depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::FileHasher;
use crate::effects::Noise;
use crate::fs;
use crate::state::{Digest, ObservedInput, PathState};

/// What is at a path now, relative to `root` or absolute.
///
/// `content` tells whether a file's bytes matter. Names in a folder that are noise do not count, nor does what dp itself
/// keeps in the project. What is neither file nor folder, or can't be read, is just there.
pub fn path_state(root: &Path, noise: &Noise, path: &str, content: bool, hasher: &mut FileHasher) -> PathState {
    let absolute = root.join(path);
    if !fs::exists(&absolute) {
        return PathState::Absent;
    }
    if !content && let Some(target) = fs::link_target(&absolute) {
        // Who asks where a link leads depends on that, whatever is there.
        return PathState::Link(Digest::of("link/1", [target.to_string_lossy().as_ref()]));
    }
    if fs::is_folder(&absolute) {
        return names(noise, &absolute).map_or(PathState::Present, PathState::Folder);
    }
    if !content || !fs::is_file(&absolute) {
        return PathState::Present;
    }
    hasher.hash(path).map_or(PathState::Present, |file| PathState::File(file.hash))
}

fn names(noise: &Noise, folder: &Path) -> Option<Digest> {
    let mut names = fs::names_in(folder).ok()?;
    names.retain(|name| !noise.hides(folder, name));
    names.sort();
    Some(Digest::of("names/1", names.iter().map(String::as_str)))
}

/// What is at all the paths of some versions' observed inputs: by path, and whether what is in it was looked at.
pub fn paths<'a>(
    root: &Path,
    noise: &Noise,
    inputs: impl IntoIterator<Item = &'a ObservedInput>,
    hasher: &mut FileHasher,
) -> BTreeMap<(String, bool), PathState> {
    let wanted: BTreeSet<(&str, bool)> =
        inputs.into_iter().map(|input| (input.path.as_str(), input.counts_by_content())).collect();
    wanted
        .into_iter()
        .map(|(path, content)| ((path.to_owned(), content), path_state(root, noise, path, content, hasher)))
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
        let mut state = |path: &str, content| path_state(&root, &noise, path, content, &mut hasher);
        assert_eq!(state("data", true), PathState::Absent);
        fs::create_folder(&root.join("data"), false).unwrap();
        fs::write_new(&root.join("data/a.csv"), b"1", 0o644).unwrap();
        let PathState::Folder(before) = state("data", true) else {
            panic!()
        };
        assert!(matches!(state("data/a.csv", true), PathState::File(_)));
        assert_eq!(state("data/a.csv", false), PathState::Present);
        fs::create_folder(&root.join("data/__pycache__"), false).unwrap();
        assert_eq!(state("data", true), PathState::Folder(before.clone()), "noise does not count");
        fs::write_new(&root.join("data/b.csv"), b"1", 0o644).unwrap();
        assert_ne!(state("data", true), PathState::Folder(before));
    }
}
