use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Aspect, Digest, ObservedInput, PathState};
use crate::model::AssetName;

/// What dp found on the disk before planning.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// When it was found. Ages are computed from this time, in the plan and in the run.
    pub at: Timestamp,
    /// Published versions whose files differ from the record; all others are intact.
    pub outputs: BTreeMap<AssetName, OutputState>,
    /// Files at the places of exports that dp did not write.
    pub foreign: BTreeMap<AssetName, String>,
    /// Damaged published links and catalogue files.
    pub shown: Vec<ShownState>,
    /// The state of the paths that programs depend on, by path and aspect.
    pub paths: BTreeMap<(String, Aspect), PathState>,
}

/// A damaged published link or file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownState {
    /// The asset that it belongs to, if any.
    pub asset: Option<AssetName>,
    /// What happened to it.
    pub what: ShownChange,
    /// The published path, relative to the project.
    pub path: String,
    /// When it was changed, in seconds since 1970, if it exists.
    pub mtime: Option<i64>,
}

/// What happened to a published link or file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownChange {
    /// It is missing.
    Missing,
    /// It leads elsewhere, or has other content.
    Changed,
    /// Something other than a link is in its place.
    Replaced,
    /// Something that dp does not move away, such as a folder, is in its place.
    Occupied,
    /// It contains the paths of the project's previous place.
    Moved,
    /// dp created it in the folder that was declared for links before.
    Left,
    /// dp did not create it, and it is not in the way.
    Added,
}

impl ShownChange {
    /// Returns the word in the plan's JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::Replaced | Self::Occupied => "replaced",
            Self::Moved => "moved",
            Self::Left => "left",
            Self::Added => "added",
        }
    }

    /// Whether dp repairs this; dp leaves added files alone.
    pub fn is_mended(self) -> bool {
        self != Self::Added
    }
}

impl Observed {
    /// Returns the observed inputs that changed, with their current state. A path that was not inspected counts as
    /// changed.
    pub fn moved<'a>(
        &'a self,
        inputs: &'a [ObservedInput],
    ) -> impl Iterator<Item = (&'a ObservedInput, &'a PathState)> {
        inputs.iter().filter_map(|input| {
            let now = self.path(input).unwrap_or(&PathState::Unsettled);
            (!input.still_holds(now)).then_some((input, now))
        })
    }

    /// Returns the current state of an observed input.
    pub fn path(&self, input: &ObservedInput) -> Option<&PathState> {
        self.paths.get(&(input.path.clone(), input.aspect()))
    }

    /// Whether links or the catalogue must be repaired.
    pub fn needs_mending(&self) -> bool {
        self.shown.iter().any(|state| state.what.is_mended())
    }
}

/// What is wrong with a published file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputState {
    /// `missing` or `changed`.
    pub what: &'static str,
    /// The file, relative to the project.
    pub path: String,
    /// Whether the file is the version itself; otherwise it is an exported copy.
    pub stored: bool,
    /// When it was changed, in seconds since 1970, if it exists.
    pub mtime: Option<i64>,
}

/// A file that is an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInput {
    /// The path relative to the project, with `/` between folders.
    pub path: String,
    /// The BLAKE3 hash of its bytes.
    pub hash: Digest,
    /// Size in bytes.
    pub bytes: u64,
}

/// The files of an asset, sorted by path.
pub type SourceFiles = Vec<FileInput>;
