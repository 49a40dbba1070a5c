//! What is on record about the past, as values that human and JSON output are made from.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::project::{AssetName, EnvironmentName};
use crate::state::{
    CheckRecord, Digest, Effect, ReleaseName, RunId, RunScope, StepIntent, StepOutcome, UnknownWord, VersionId,
};

/// One run in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunSummary {
    /// Its number.
    pub run: RunId,
    /// The verb: "apply", "destroy".
    pub command: String,
    /// The environment that it published to.
    pub environment: RunScope,
    /// The command line, as typed.
    pub arguments: Vec<String>,
    /// Who started it.
    pub user: String,
    /// On which machine.
    pub host: String,
    /// As which process.
    pub pid: u32,
    /// Version of dp.
    pub dp_version: String,
    /// The engine and its version.
    pub engine: String,
    /// A hash of the plan, if there was one.
    #[serde(serialize_with = "or_empty")]
    pub plan: Option<Digest>,
    /// When it began.
    pub started: Timestamp,
    /// When it ended; `None` while it runs, and after a crash until the next command finds it.
    pub finished: Option<Timestamp>,
    /// The word for how it ended.
    pub outcome: Option<String>,
    /// How many steps ended how, as the run counted them.
    pub counts: Option<Value>,
}

/// In JSON the plan of a run that had none is an empty text.
#[expect(clippy::ref_option, reason = "serde hands the field over in this way")]
fn or_empty<S: Serializer>(plan: &Option<Digest>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(plan.as_ref().map_or("", Digest::as_str))
}

/// One run with all that it did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunDetail {
    /// What a list shows of it.
    #[serde(flatten)]
    pub summary: RunSummary,
    /// Its steps in the order of the plan.
    pub steps: Vec<StepRow>,
    /// Its effects in the order in which they were recorded.
    pub effects: Vec<EffectRow>,
    /// The results of its checks.
    pub checks: Vec<CheckRow>,
    /// What it published, if anything.
    pub publications: Vec<PublicationRow>,
}

/// A step: what was intended, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepRow {
    /// Recorded before the run did anything.
    pub intent: StepIntent,
    /// Recorded afterwards; `None` if the run never got that far.
    pub outcome: Option<StepOutcome>,
}

/// An effect with the run that it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EffectRow {
    /// Of which run.
    pub run: RunId,
    /// When that run began.
    pub run_started: Timestamp,
    /// The position of its step in the run, from 0.
    pub step: Option<usize>,
    /// The effect.
    #[serde(flatten)]
    pub effect: Effect,
}

/// The result of a check with what it was a check of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckRow {
    /// The asset that declares the check.
    pub asset: AssetName,
    /// The version that was checked.
    pub version: VersionId,
    /// The run that checked it.
    pub run: RunId,
    /// When that run began.
    pub run_started: Timestamp,
    /// The result.
    #[serde(flatten)]
    pub record: CheckRecord,
}

/// What one run published, with what was published before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PublicationRow {
    /// By which run.
    pub run: RunId,
    /// Where.
    pub environment: EnvironmentName,
    /// When.
    pub at: Timestamp,
    /// The state's serial after it.
    pub serial: u64,
    /// The folder of links that shows it.
    pub release: ReleaseName,
    /// The folder of links before; `None` for the first publication.
    pub previous_release: Option<ReleaseName>,
    /// The pointers that moved, by asset.
    pub changes: Vec<PublicationChange>,
}

/// One pointer that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicationChange {
    /// Of which asset.
    pub asset: AssetName,
    /// What was published before; `None` if nothing was.
    pub before: Option<VersionId>,
    /// What is published after; `None` if it was withdrawn.
    pub after: Option<VersionId>,
}

/// An environment that something was published to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnvironmentRow {
    /// Its name.
    pub environment: EnvironmentName,
    /// Where its links should lead.
    pub release: ReleaseName,
    /// How many assets are published in it.
    pub assets: u64,
}

/// Where a version of an asset is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PointerRow {
    /// The environment.
    pub environment: EnvironmentName,
    /// Which version.
    pub version: VersionId,
    /// Since when.
    pub since: Timestamp,
    /// By which run.
    pub run: RunId,
}

/// One line of the event log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventRow {
    /// Its place in the log; one that comes later has a higher one.
    pub id: i64,
    /// When it happened.
    pub time: Timestamp,
    /// In which run.
    pub run: RunId,
    /// The word for what happened.
    pub event: String,
    /// To which asset, if to one.
    pub asset: Option<AssetName>,
    /// What else is known about it.
    pub data: Value,
}

/// Which events are asked for; all, unless it says something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Those of this moment and later.
    pub since: Option<Timestamp>,
    /// Those of one run.
    pub run: Option<RunId>,
    /// Those that name an asset.
    pub asset: Option<AssetName>,
}

/// The condition of a version's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionState {
    /// As they were written, as far as dp knows.
    Intact,
    /// Not as they were written.
    Damaged,
    /// No longer there, on purpose.
    Removed,
}

impl VersionState {
    /// The word on record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Intact => "intact",
            Self::Damaged => "damaged",
            Self::Removed => "removed",
        }
    }
}

impl FromStr for VersionState {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let known = [Self::Intact, Self::Damaged, Self::Removed].into_iter().find(|state| state.word() == word);
        known.ok_or_else(|| UnknownWord(word.to_owned()))
    }
}

impl fmt::Display for VersionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
