use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::model::{AssetName, ByHand, CheckRecord, RunId, VersionId};
use crate::plan::{LeftOut, Saved};

/// The interface between the apply and its observers: screen, JSON lines, event log and tests.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// When it happened.
    pub time: Timestamp,
    /// The run it belongs to.
    pub run: RunId,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The run is recorded; no work is done yet.
    RunStarted {
        /// The environment that the run publishes to.
        environment: String,
        /// The number of steps.
        steps: usize,
    },
    /// Selected assets are left out because of mistakes in the project; they stay as they are published.
    LeftOut {
        /// The assets, each with the assets or files that contain the mistakes.
        assets: Vec<LeftOut>,
    },
    /// Work on an asset starts.
    StepStarted {
        /// The asset.
        asset: AssetName,
        /// The work: "build" or "check".
        work: String,
    },
    /// Work on an asset ended.
    StepFinished {
        /// The asset.
        asset: AssetName,
        /// The outcome: built, `cut_off`, reused, checked, settings, destroyed, failed or skipped.
        outcome: String,
        /// Duration in milliseconds; 0 if the work did not start.
        ms: u64,
        /// Rows of the asset's current version.
        rows: Option<u64>,
        /// Bytes of the asset's current version.
        bytes: Option<u64>,
        /// Why the work failed or was skipped.
        message: Option<String>,
    },
    /// A program did something that its asset does not declare, or part of what it did can't be observed.
    Noticed {
        /// The asset.
        asset: AssetName,
        /// The stable code of the notice.
        code: String,
        /// What happened.
        message: String,
        /// The next step.
        help: String,
    },
    /// A check ran.
    CheckFinished {
        /// The asset that the check belongs to.
        asset: AssetName,
        /// The result of the check.
        #[serde(flatten)]
        record: CheckRecord,
    },
    /// The files of a version differ from what was recorded; no environment uses the version any more.
    VersionDamaged {
        /// The asset.
        asset: AssetName,
        /// The version.
        version: VersionId,
        /// The file, relative to the project.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The files of a damaged version match the record again.
    VersionRestored {
        /// The asset.
        asset: AssetName,
        /// The version.
        version: VersionId,
    },
    /// The user made the rows of a file a version of the asset.
    Accepted {
        /// The asset.
        asset: AssetName,
        /// The new version.
        version: VersionId,
        /// The file, the reason, and whether it was accepted or adopted.
        #[serde(flatten)]
        by_hand: ByHand,
    },
    /// An asset was renamed.
    Moved {
        /// The new name.
        asset: AssetName,
        /// The previous name.
        from: AssetName,
        /// The version that the asset has under its new name.
        version: VersionId,
        /// The reason that the user gave; `None` if the asset's file declares the rename.
        reason: Option<String>,
    },
    /// An environment no longer knows an asset; the asset's data stays.
    Forgotten {
        /// The asset.
        asset: AssetName,
        /// The version that was published.
        version: VersionId,
        /// The reason that the user gave.
        reason: String,
    },
    /// The published links or the catalogue were repaired.
    Mended {
        /// The paths that were wrong, relative to the project.
        paths: Vec<String>,
    },
    /// The pointers moved: all readers see the new versions.
    Published {
        /// The assets with a new version.
        assets: Vec<AssetName>,
        /// The assets that were withdrawn.
        withdrawn: Vec<AssetName>,
    },
    /// The run ended.
    RunFinished {
        /// "done", "failed" or "interrupted".
        outcome: String,
        /// The number of assets per outcome.
        #[serde(flatten)]
        counts: Counts,
        /// Duration in milliseconds.
        ms: u64,
        /// The estimated duration in milliseconds, if earlier runs allow an estimate.
        #[serde(skip_serializing_if = "Option::is_none")]
        estimated_ms: Option<u64>,
        /// The time usually spent on the assets that were cut off, if it is known for any of them.
        #[serde(skip_serializing_if = "Option::is_none")]
        saved: Option<Saved>,
    },
}

/// The number of assets per outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the outcomes")]
pub struct Counts {
    pub built: usize,
    pub cut_off: usize,
    pub reused: usize,
    pub checked: usize,
    pub destroyed: usize,
    pub failed: usize,
    pub skipped: usize,
    pub published: usize,
    #[serde(skip_serializing_if = "is_none")]
    pub held_back: usize,
    #[serde(skip_serializing_if = "is_none")]
    pub settings: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

impl EventKind {
    /// The value of the field `event`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "run_started",
            Self::LeftOut { .. } => "left_out",
            Self::StepStarted { .. } => "step_started",
            Self::StepFinished { .. } => "step_finished",
            Self::Noticed { .. } => "noticed",
            Self::CheckFinished { .. } => "check_finished",
            Self::VersionDamaged { .. } => "version_damaged",
            Self::VersionRestored { .. } => "version_restored",
            Self::Accepted { .. } => "accepted",
            Self::Moved { .. } => "moved",
            Self::Forgotten { .. } => "forgotten",
            Self::Mended { .. } => "mended",
            Self::Published { .. } => "published",
            Self::RunFinished { .. } => "run_finished",
        }
    }

    /// The asset that the event belongs to; `None` for an event about the whole run.
    pub fn asset(&self) -> Option<&AssetName> {
        match self {
            Self::StepStarted { asset, .. }
            | Self::StepFinished { asset, .. }
            | Self::Noticed { asset, .. }
            | Self::CheckFinished { asset, .. }
            | Self::VersionDamaged { asset, .. }
            | Self::VersionRestored { asset, .. }
            | Self::Accepted { asset, .. }
            | Self::Moved { asset, .. }
            | Self::Forgotten { asset, .. } => Some(asset),
            Self::RunStarted { .. }
            | Self::LeftOut { .. }
            | Self::Mended { .. }
            | Self::Published { .. }
            | Self::RunFinished { .. } => None,
        }
    }
}

impl Event {
    /// Returns the event as a JSON object.
    pub fn json(&self) -> Value {
        serde_json::to_value(self).expect("dp's own values have a JSON form")
    }
}
