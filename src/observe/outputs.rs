use std::collections::BTreeMap;
use std::path::Path;

use super::{FileHasher, ObserveError};
use crate::fs;
use crate::project::AssetName;
use crate::state::{Observed, OutputState, Snapshot, StoredFile, Version};

/// Compares what is published with what was recorded: by size and time first, by content where those moved.
///
/// `exports` tells whether exported files are put in place in this environment;
/// `wanted` has the exports of the project: where each is to be put, relative to the project.
pub fn outputs(
    root: &Path,
    snapshot: &Snapshot,
    hasher: &mut FileHasher,
    links_intact: bool,
    exports: bool,
    wanted: &BTreeMap<AssetName, String>,
) -> Result<Observed, ObserveError> {
    let mut observed = Observed {
        links_intact,
        ..Observed::default()
    };
    for (asset, published) in &snapshot.published {
        let version = &published.version;
        let stored = version.data.iter().chain(version.export.as_ref().map(|export| &export.file));
        let mut state = None;
        for file in stored {
            if state.is_none() {
                state = stored_file(root, file, hasher)?;
            }
        }
        if let (None, true, Some(export)) = (&state, exports, &version.export) {
            state = exported_file(root, &export.path, &export.file, hasher)?;
        }
        if let Some(state) = state {
            observed.outputs.insert(asset.clone(), state);
        }
    }
    for (asset, path) in wanted {
        let ours = |version: &Version| version.export.as_ref().is_some_and(|export| export.path == *path);
        let published = snapshot.published.values().any(|published| ours(&published.version));
        if !published && fs::exists(&root.join(path)) {
            observed.foreign.insert(asset.clone(), path.clone());
        }
    }
    Ok(observed)
}

fn stored_file(root: &Path, file: &StoredFile, hasher: &mut FileHasher) -> Result<Option<OutputState>, ObserveError> {
    let Some(stamp) = fs::stamp(&root.join(&file.path))? else {
        return Ok(Some(missing(&file.path, true)));
    };
    if stamp.size == file.bytes && stamp.mtime_ns.to_string() == file.mtime_ns {
        return Ok(None);
    }
    changed(root, &file.path, file, true, hasher)
}

fn exported_file(
    root: &Path,
    path: &str,
    file: &StoredFile,
    hasher: &mut FileHasher,
) -> Result<Option<OutputState>, ObserveError> {
    if fs::stamp(&root.join(path))?.is_none() {
        return Ok(Some(missing(path, false)));
    }
    changed(root, path, file, false, hasher)
}

fn missing(path: &str, stored: bool) -> OutputState {
    OutputState {
        what: "missing",
        stored,
        path: path.to_owned(),
        mtime: None,
    }
}

fn changed(
    root: &Path,
    path: &str,
    file: &StoredFile,
    stored: bool,
    hasher: &mut FileHasher,
) -> Result<Option<OutputState>, ObserveError> {
    let now = hasher.hash(path)?;
    if now.hash == file.hash {
        return Ok(None);
    }
    let mtime = fs::stamp(&root.join(path))?.and_then(|stamp| i64::try_from(stamp.mtime_ns / 1_000_000_000).ok());
    Ok(Some(OutputState {
        what: "changed",
        stored,
        path: path.to_owned(),
        mtime,
    }))
}
