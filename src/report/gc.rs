use std::path::PathBuf;

use serde::Serialize;

use crate::model::{AssetName, RunId, VersionId};

/// The result of `dp gc`: what it freed or would free, and what stays.
#[derive(Clone, Debug, Serialize)]
pub struct Gc {
    /// The version of the format.
    pub format_version: &'static str,
    /// The run that freed it; `None` if nothing was freed.
    pub run: Option<RunId>,
    /// Whether nothing was to be freed.
    pub dry_run: bool,
    /// The number of versions, and the bytes of everything that is freed.
    pub freed: Total,
    /// The versions that stay, and their bytes.
    pub kept: Total,
    /// The freed versions by asset.
    pub assets: Vec<FreedAsset>,
    /// Release folders that no link leads to.
    pub releases: Vec<SizedPath>,
    /// Files and folders of the store that the state does not name.
    pub orphans: Vec<SizedPath>,
    /// Logs of runs of which nothing is kept.
    pub logs: Vec<SizedPath>,
}

/// A number of versions, with a size in bytes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Total {
    /// The number of versions.
    pub versions: usize,
    /// The size in bytes.
    pub bytes: u64,
}

/// The freed versions of one asset.
#[derive(Clone, Debug, Serialize)]
pub struct FreedAsset {
    /// The asset.
    pub asset: AssetName,
    /// The versions.
    pub versions: Vec<VersionId>,
    /// Their size in bytes.
    pub bytes: u64,
}

/// A path with its size.
#[derive(Clone, Debug, Serialize)]
pub struct SizedPath {
    /// The path, relative to the project.
    pub path: PathBuf,
    /// The size in bytes.
    pub bytes: u64,
}

impl Gc {
    /// Whether there is nothing to free.
    pub fn is_nothing(&self) -> bool {
        self.assets.is_empty() && self.releases.is_empty() && self.orphans.is_empty() && self.logs.is_empty()
    }
}
