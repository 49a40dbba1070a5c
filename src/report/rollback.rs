use jiff::Timestamp;
use serde::Serialize;

use crate::model::{AssetName, EnvironmentName, RunId, Version, VersionId};

/// The result of `dp rollback`: what it undid or would undo.
#[derive(Clone, Debug, Serialize)]
pub struct Rollback {
    /// The version of the format.
    pub format_version: &'static str,
    /// The environment.
    pub environment: EnvironmentName,
    /// The run that rolled back; `None` if there was nothing to undo.
    pub run: Option<RunId>,
    /// The first run that is undone.
    pub before: RunId,
    /// The runs that are undone, newest first.
    pub undone: Vec<UndoneRun>,
    /// The versions that are published again.
    pub published: Vec<Republished>,
    /// The versions that are withdrawn.
    pub withdrawn: Vec<Withdrawn>,
    /// The versions that dp does not publish again until the user asks for it.
    pub held_back: Vec<HeldVersion>,
}

/// A run that is undone.
#[derive(Clone, Debug, Serialize)]
pub struct UndoneRun {
    /// The run.
    pub run: RunId,
    /// Its command.
    pub command: String,
    /// When it started.
    pub started: Timestamp,
    /// The number of steps per outcome, as the run counted them.
    #[serde(skip)]
    pub counts: Option<serde_json::Value>,
}

/// A version that is published again.
#[derive(Clone, Debug, Serialize)]
pub struct Republished {
    /// The asset.
    pub asset: AssetName,
    /// The version.
    pub version: VersionId,
    /// The version that it replaces.
    pub replaced: Option<VersionId>,
    /// The number of rows; `None` for a view.
    pub rows: Option<u64>,
    /// The size of the version.
    #[serde(skip)]
    pub size: Size,
    /// The size of the version that it replaces.
    #[serde(skip)]
    pub replaced_size: Option<Size>,
}

/// A version that is withdrawn.
#[derive(Clone, Debug, Serialize)]
pub struct Withdrawn {
    /// The asset.
    pub asset: AssetName,
    /// The version.
    pub version: VersionId,
    /// The size of the version.
    #[serde(skip)]
    pub size: Size,
}

/// A version that a rollback holds back.
#[derive(Clone, Debug, Serialize)]
pub struct HeldVersion {
    /// The asset.
    pub asset: AssetName,
    /// The version; `None` if the rollback undid a withdrawal.
    pub version: Option<VersionId>,
}

/// The size of a version, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A view, which stores no rows.
    View,
    /// A table with this number of rows.
    Rows(u64),
    /// Files without a table.
    Unknown,
}

impl Size {
    /// Returns the size of a version.
    pub fn of(version: &Version) -> Self {
        match version.rows {
            _ if version.is_view() => Self::View,
            Some(rows) => Self::Rows(rows),
            None => Self::Unknown,
        }
    }
}

impl Rollback {
    /// Whether there is nothing to undo.
    pub fn is_nothing(&self) -> bool {
        self.published.is_empty() && self.withdrawn.is_empty()
    }
}

impl Republished {
    /// Creates the entry of a version, and of the version that it replaces.
    pub fn new(version: &Version, replaced: Option<&Version>) -> Self {
        Self {
            asset: version.asset.clone(),
            version: version.id.clone(),
            replaced: replaced.map(|version| version.id.clone()),
            rows: version.rows,
            size: Size::of(version),
            replaced_size: replaced.map(Size::of),
        }
    }
}

impl Withdrawn {
    /// Creates the entry of a version.
    pub fn new(version: &Version) -> Self {
        Self {
            asset: version.asset.clone(),
            version: version.id.clone(),
            size: Size::of(version),
        }
    }
}
