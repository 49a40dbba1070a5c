use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Aspect, Digest, ObservedInput, PathState};
use crate::project::AssetName;

/// What is really there, looked at before planning.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Published versions whose files are not what was recorded; the others are intact.
    pub outputs: BTreeMap<AssetName, OutputState>,
    /// Files that are where an export is to be put, and that dp did not write.
    pub foreign: BTreeMap<AssetName, String>,
    /// What is wrong with the links and the catalogue that other tools follow.
    pub shown: Vec<ShownState>,
    /// What is at the paths that programs were seen to depend on: by path, and by what of it counts.
    pub paths: BTreeMap<(String, Aspect), PathState>,
}

/// What is wrong with something that other tools see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownState {
    /// The asset that it belongs to, if it belongs to one.
    pub asset: Option<AssetName>,
    /// What happened to it.
    pub what: ShownChange,
    /// Where others see it, relative to the project.
    pub path: String,
    /// When it was changed, if it is there: seconds since 1970.
    pub mtime: Option<i64>,
}

/// What happened to something that other tools see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownChange {
    /// It is gone.
    Missing,
    /// It leads elsewhere, or holds something else.
    Changed,
    /// Something that is no link is in the place of one.
    Replaced,
    /// Something that dp does not move away, such as a folder, is in the place of a link.
    Occupied,
    /// It has the paths of the place where the project was before.
    Moved,
    /// dp put it in a folder that was declared for links before, and another is now.
    Left,
    /// dp did not make it, and it is in nobody's way.
    Added,
}

impl ShownChange {
    /// The word in the plan's JSON.
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

    /// Whether dp makes anew what this happened to; what others added it leaves alone.
    pub fn is_mended(self) -> bool {
        self != Self::Added
    }
}

impl Observed {
    /// What no longer holds of what a program was seen to depend on, with what is there now. A path that was not looked at
    /// does not hold.
    pub fn moved<'a>(
        &'a self,
        inputs: &'a [ObservedInput],
    ) -> impl Iterator<Item = (&'a ObservedInput, &'a PathState)> {
        inputs.iter().filter_map(|input| {
            let now = self.path(input).unwrap_or(&PathState::Unsettled);
            (!input.still_holds(now)).then_some((input, now))
        })
    }

    /// What is there now of something that a program was seen to depend on.
    pub fn path(&self, input: &ObservedInput) -> Option<&PathState> {
        self.paths.get(&(input.path.clone(), input.aspect()))
    }

    /// Whether links or the catalogue have to be made anew.
    pub fn needs_mending(&self) -> bool {
        self.shown.iter().any(|state| state.what.is_mended())
    }
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
