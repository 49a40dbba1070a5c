use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Digest;
use crate::project::AssetName;

/// What is really there, looked at before planning.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Published versions whose files are not what was recorded; the others are intact.
    pub outputs: BTreeMap<AssetName, OutputState>,
    /// Files that are where an export is to be put, and that dp did not write.
    pub foreign: BTreeMap<AssetName, String>,
    /// Whether the links that other tools follow lead where they should.
    pub links_intact: bool,
}

/// What is wrong with a published file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputState {
    /// `missing` or `changed`.
    pub what: &'static str,
    /// Which file, relative to the project.
    pub path: String,
    /// Whether it is the version itself; otherwise it is the copy that was put in place for others.
    pub stored: bool,
    /// When it was changed, if it is there: seconds since 1970.
    pub mtime: Option<i64>,
}

/// A file that is an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInput {
    /// Relative to the project, `/` between folders.
    pub path: String,
    /// BLAKE3 of its bytes.
    pub hash: Digest,
    /// Size in bytes.
    pub bytes: u64,
}

/// The files of an asset, sorted by path.
pub type SourceFiles = Vec<FileInput>;
