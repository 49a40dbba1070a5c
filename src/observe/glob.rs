use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::ObserveError;
use crate::base::fs::{self, Below};
use crate::project::path_pattern;

/// Returns the files that a pattern matches, relative to `root`, sorted.
///
/// `*`, `?`, `[…]` and `{…}` match within a name, `**` across folders. Names that start with a dot match only if the
/// pattern contains the dot. Links are followed, and must not lead out of `root`.
pub fn matching(root: &Path, pattern: &str) -> Result<Vec<String>, ObserveError> {
    let normal: PathBuf = Path::new(pattern).components().filter(|part| *part != Component::CurDir).collect();
    let parts: Vec<&str> = normal.iter().filter_map(|part| part.to_str()).collect();
    let special = |part: &str| part.contains(['*', '?', '[', '{']);
    let Some(first_special) = parts.iter().position(|part| special(part)) else {
        return Ok(literal_file(root, pattern)?.into_iter().collect());
    };
    let normal = parts.join("/");
    let matcher = path_pattern(&normal).map_err(|message| ObserveError::Pattern {
        pattern: pattern.to_owned(),
        message,
    })?;
    let start: PathBuf = parts[..first_special].iter().collect();
    let folder = root.join(&start);
    if !fs::is_folder(&folder) {
        return Ok(Vec::new());
    }
    let deepest = if parts.contains(&"**") { usize::MAX } else { parts.len() - first_special };
    let wants_hidden = parts[first_special..].iter().any(|part| part.starts_with('.'));
    let is_hidden = |name: &OsStr| !wants_hidden && name.as_encoded_bytes().starts_with(b".");
    let mut files = Vec::new();
    for found in fs::below(&folder, deepest, is_hidden) {
        let found = found?;
        let path = match &found {
            Below::Folder => continue,
            // Anything but a regular file is refused when it is read.
            Below::File(path) | Below::Special(path) | Below::Dangling(path) => path,
        };
        let relative = path.strip_prefix(root).expect("below the root");
        if !matcher.is_match(relative) {
            continue;
        }
        if matches!(found, Below::Dangling(_)) {
            return Err(fs::dangling(path).into());
        }
        let Some(text) = relative.to_str() else {
            return Err(ObserveError::Name {
                path: with_bytes(relative),
            });
        };
        inside(root, text)?;
        files.push(text.to_owned());
    }
    files.sort();
    Ok(files)
}

/// Returns one file by its path, relative to `root` and normalized; `None` if it does not exist.
pub fn literal_file(root: &Path, path: &str) -> Result<Option<String>, ObserveError> {
    let normal: PathBuf = Path::new(path).components().filter(|part| *part != Component::CurDir).collect();
    let absolute = root.join(&normal);
    if fs::stamp(&absolute)?.is_none() || fs::is_folder(&absolute) {
        return Ok(None);
    }
    inside(root, path)?;
    Ok(Some(normal.to_string_lossy().into_owned()))
}

fn inside(root: &Path, path: &str) -> Result<(), ObserveError> {
    if fs::canonicalize(&root.join(path))?.starts_with(root) {
        return Ok(());
    }
    Err(ObserveError::Outside { path: path.to_owned() })
}

/// Returns a path with bytes that are not UTF-8 escaped.
fn with_bytes(path: &Path) -> String {
    let chunks = path.as_os_str().as_encoded_bytes().utf8_chunks();
    chunks.map(|chunk| format!("{}{}", chunk.valid(), chunk.invalid().escape_ascii())).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for file in ["data/a.csv", "data/b.csv", "data/.c.csv", "data/deep/d.csv", "data/x[1].csv"] {
            let path = root.join(file);
            fs::create_folder(path.parent().unwrap(), false).unwrap();
            fs::write_new(&path, b"", 0o644).unwrap();
        }
        (folder, root)
    }

    #[test]
    fn patterns_match_within_folders() {
        let (_folder, root) = project();
        assert_eq!(matching(&root, "data/*.csv").unwrap(), ["data/a.csv", "data/b.csv", "data/x[1].csv"]);
        assert_eq!(matching(&root, "./data/**/d.csv").unwrap(), ["data/deep/d.csv"]);
        assert_eq!(matching(&root, "data/a.csv").unwrap(), ["data/a.csv"]);
        assert_eq!(matching(&root, "data/x[[]1].csv").unwrap(), ["data/x[1].csv"]);
        assert!(matching(&root, "nowhere/*.csv").unwrap().is_empty());
        assert!(matches!(matching(&root, "data/[a"), Err(ObserveError::Pattern { .. })));
    }

    #[test]
    fn a_link_that_leads_nowhere_counts_where_the_pattern_names_it() {
        let (_folder, root) = project();
        fs::link(Path::new("nowhere"), &root.join("data/.#a.csv")).unwrap();
        fs::link(Path::new("nowhere"), &root.join("data/other.txt")).unwrap();
        assert_eq!(matching(&root, "data/*.csv").unwrap().len(), 3);
        fs::link(Path::new("nowhere"), &root.join("data/z.csv")).unwrap();
        let error = matching(&root, "data/*.csv").unwrap_err();
        assert!(error.to_string().contains("follow the link") && error.to_string().contains("data/z.csv"), "{error}");
    }

    #[test]
    fn a_link_out_of_the_project_is_refused() {
        let (_folder, root) = project();
        let outside = tempfile::NamedTempFile::new().unwrap();
        fs::link(outside.path(), &root.join("data/z.csv")).unwrap();
        assert!(matches!(matching(&root, "data/*.csv"), Err(ObserveError::Outside { .. })));
        assert!(matches!(matching(&root, "data/z.csv"), Err(ObserveError::Outside { .. })));
    }
}
