use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::plan::{LeftOut, Saved};
use crate::project::AssetName;
use crate::state::{ByHand, CheckRecord, RunId, VersionId};

/// The seam between the apply and everything that watches it: screen, JSON lines, record, tests.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// When.
    pub time: Timestamp,
    /// In which run.
    pub run: RunId,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The run is on record; nothing is done yet.
    RunStarted {
        /// Where it will publish.
        environment: String,
        /// How many assets it is about.
        steps: usize,
    },
    /// What was asked for and stays as it is published, because of mistakes in the project.
    LeftOut {
        /// Each with the assets or files that have the mistakes.
        assets: Vec<LeftOut>,
    },
    /// Work on an asset begins.
    StepStarted {
        /// Which.
        asset: AssetName,
        /// What is done: "build" or "check".
        work: String,
    },
    /// Work on an asset ended.
    StepFinished {
        /// Which.
        asset: AssetName,
        /// How: built, `cut_off`, reused, checked, settings, destroyed, failed or skipped.
        outcome: String,
        /// How long it took; 0 if it never began.
        ms: u64,
        /// Rows of the version it has now.
        rows: Option<u64>,
        /// Bytes of it.
        bytes: Option<u64>,
        /// Why it failed or was skipped.
        message: Option<String>,
    },
    /// A program did what it does not declare, or something about it can't be seen.
    Noticed {
        /// Of which asset.
        asset: AssetName,
        /// The stable code.
        code: String,
        /// What happened.
        message: String,
        /// The next step.
        help: String,
    },
    /// A check ran.
    CheckFinished {
        /// On which asset.
        asset: AssetName,
        /// How it came out.
        #[serde(flatten)]
        record: CheckRecord,
    },
    /// A version's files are not what was recorded; it is not believed any more, in any environment.
    VersionDamaged {
        /// Whose.
        asset: AssetName,
        /// Which.
        version: VersionId,
        /// The file, relative to the project.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The files of a version that was damaged are as they were again.
    VersionRestored {
        /// Whose.
        asset: AssetName,
        /// Which.
        version: VersionId,
    },
    /// The rows of a file became a version because the user says so.
    Accepted {
        /// Of which asset.
        asset: AssetName,
        /// Which version.
        version: VersionId,
        /// Which file, why, and whether it was accepted or adopted.
        #[serde(flatten)]
        by_hand: ByHand,
    },
    /// An asset has another name.
    Moved {
        /// What it is called now.
        asset: AssetName,
        /// What it was called.
        from: AssetName,
        /// The version that it has under its new name.
        version: VersionId,
        /// What the user said; `None` if the asset's file says it.
        reason: Option<String>,
    },
    /// An asset is no longer known in the environment; its data stays.
    Forgotten {
        /// Which.
        asset: AssetName,
        /// The version that was published.
        version: VersionId,
        /// What the user said.
        reason: String,
    },
    /// Links or the catalogue that other tools follow were made anew.
    Mended {
        /// What was wrong, relative to the project.
        paths: Vec<String>,
    },
    /// The pointers moved: everybody sees the new versions.
    Published {
        /// What is new.
        assets: Vec<AssetName>,
        /// What is gone.
        withdrawn: Vec<AssetName>,
    },
    /// The run is over.
    RunFinished {
        /// "done", "failed" or "interrupted".
        outcome: String,
        /// How many of what.
        #[serde(flatten)]
        counts: Counts,
        /// How long it took.
        ms: u64,
        /// How long it was to take, if there was a history to tell from.
        #[serde(skip_serializing_if = "Option::is_none")]
        estimated_ms: Option<u64>,
        /// What is usually spent on what was cut off, if that is known of any of it.
        #[serde(skip_serializing_if = "Option::is_none")]
        saved: Option<Saved>,
    },
}

/// How many assets ended how.
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
    /// The word in the field `event`.
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

    /// The asset that it is about.
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
    /// The event as a JSON object.
    pub fn json(&self) -> Value {
        serde_json::to_value(self).expect("dp's own values have a JSON form")
    }
}
