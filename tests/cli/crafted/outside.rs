//! What must stay as it is: everything around the project, and of the project everything but `.dp`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::sandbox::Sandbox;

/// What is at each path: inode, mode, size, times and where a link leads.
#[derive(PartialEq, Eq)]
pub(super) struct Outside(BTreeMap<PathBuf, String>);

impl Outside {
    /// What is there now.
    pub(super) fn of(sandbox: &Sandbox) -> Self {
        let root = sandbox.root();
        let mut found = BTreeMap::new();
        look(root.parent().expect("the sandbox"), &root.join(".dp"), &mut found);
        Self(found)
    }

    /// Ends the test if anything is another.
    #[track_caller]
    pub(super) fn stays(&self, sandbox: &Sandbox, after: &str) {
        if let Some(change) = self.change(sandbox) {
            panic!("{after}: {change}");
        }
    }

    /// The first path at which something is another.
    pub(super) fn change(&self, sandbox: &Sandbox) -> Option<String> {
        let now = Self::of(sandbox);
        let mut paths: Vec<&PathBuf> = self.0.keys().chain(now.0.keys()).collect();
        paths.sort();
        let changed = paths.into_iter().find(|path| self.0.get(*path) != now.0.get(*path))?;
        let at = |listing: &Self| listing.0.get(changed).cloned().unwrap_or_else(|| "nothing".to_owned());
        Some(format!("{} was {} and is {}", changed.display(), at(self), at(&now)))
    }
}

fn look(path: &Path, left_out: &Path, found: &mut BTreeMap<PathBuf, String>) {
    let metadata = fs::symlink_metadata(path).expect("it was listed");
    let target = fs::read_link(path).unwrap_or_default();
    // A folder that holds `.dp` gains and loses nothing by what happens in there.
    found.insert(
        path.to_owned(),
        format!(
            "{} {:o} {} {}.{:09} {}",
            metadata.ino(),
            metadata.mode(),
            metadata.size(),
            metadata.mtime(),
            metadata.mtime_nsec(),
            target.display()
        ),
    );
    if metadata.is_dir() {
        for entry in fs::read_dir(path).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path != left_out {
                look(&path, left_out, found);
            }
        }
    }
}
