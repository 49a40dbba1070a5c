//! The history, as values for text and JSON output.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::model::{
    AssetName, CheckRecord, Digest, Effect, EnvironmentName, ReleaseName, RunId, RunScope, StepIntent, StepOutcome,
    UnknownWord, VersionId,
};

/// One run in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunSummary {
    /// The run's id.
    pub run: RunId,
    /// The command: "apply", "destroy".
    pub command: String,
    /// The environment that the run published to.
    pub environment: RunScope,
    /// The command line, as typed.
    pub arguments: Vec<String>,
    /// The user who started the run.
    pub user: String,
    /// The machine.
    pub host: String,
    /// The process id.
    pub pid: u32,
    /// The version of dp.
    pub dp_version: String,
    /// The engine and its version.
    pub engine: String,
    /// A hash of the plan, if there was one.
    #[serde(serialize_with = "or_empty")]
    pub plan: Option<Digest>,
    /// When the run started.
    pub started: Timestamp,
    /// When the run ended; `None` while it runs, and after a crash until the next command records its end.
    pub finished: Option<Timestamp>,
    /// The outcome.
    pub outcome: Option<String>,
    /// The number of steps per outcome, as the run counted them.
    pub counts: Option<Value>,
}

/// Serializes a missing plan as an empty string.
#[expect(clippy::ref_option, reason = "serde hands the field over in this way")]
fn or_empty<S: Serializer>(plan: &Option<Digest>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(plan.as_ref().map_or("", Digest::as_str))
}

/// One run with everything that it did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunDetail {
    /// The summary that a list shows.
    #[serde(flatten)]
    pub summary: RunSummary,
    /// The steps in the order of the plan.
    pub steps: Vec<StepRow>,
    /// The effects in the order in which they were recorded.
    pub effects: Vec<EffectRow>,
    /// The results of the run's checks.
    pub checks: Vec<CheckRow>,
    /// What the run published, if anything.
    pub publications: Vec<PublicationRow>,
}

/// A step: its intent and its outcome.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepRow {
    /// Recorded before the run did anything.
    pub intent: StepIntent,
    /// Recorded afterwards; `None` if the run did not finish the step.
    pub outcome: Option<StepOutcome>,
}

/// An effect with the run that it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EffectRow {
    /// The run.
    pub run: RunId,
    /// When that run started.
    pub run_started: Timestamp,
    /// The position of the step in the run, from 0.
    pub step: Option<usize>,
    /// The effect.
    #[serde(flatten)]
    pub effect: Effect,
}

/// The result of a check, with its asset, version and run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckRow {
    /// The asset that declares the check.
    pub asset: AssetName,
    /// The version that was checked.
    pub version: VersionId,
    /// The run that checked it.
    pub run: RunId,
    /// When that run started.
    pub run_started: Timestamp,
    /// The result.
    #[serde(flatten)]
    pub record: CheckRecord,
}

/// What one run published, with the versions that it replaced.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PublicationRow {
    /// The run.
    pub run: RunId,
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was published.
    pub at: Timestamp,
    /// The state's serial after the publication.
    pub serial: u64,
    /// The release that shows it.
    pub release: ReleaseName,
    /// The previous release; `None` for the first publication.
    pub previous_release: Option<ReleaseName>,
    /// The pointers that moved, by asset.
    pub changes: Vec<PublicationChange>,
}

/// One pointer that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicationChange {
    /// The asset.
    pub asset: AssetName,
    /// The version before; `None` if nothing was published.
    pub before: Option<VersionId>,
    /// The version after; `None` if the asset was withdrawn.
    pub after: Option<VersionId>,
}

/// An environment that a run has published to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnvironmentRow {
    /// The environment's name.
    pub environment: EnvironmentName,
    /// The release that its links should lead to.
    pub release: ReleaseName,
    /// The number of assets that are published in it.
    pub assets: u64,
}

/// An environment in which a version of an asset is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PointerRow {
    /// The environment.
    pub environment: EnvironmentName,
    /// The version.
    pub version: VersionId,
    /// When it was published.
    pub since: Timestamp,
    /// The run that published it.
    pub run: RunId,
}

/// One entry of the event log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventRow {
    /// The position in the log; later events have a higher one.
    pub id: i64,
    /// When it happened.
    pub time: Timestamp,
    /// The run.
    pub run: RunId,
    /// The name of the event.
    pub event: String,
    /// The asset that the event belongs to, if any.
    pub asset: Option<AssetName>,
    /// The event's other data.
    pub data: Value,
}

/// A filter for events; the default matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only events at or after this time.
    pub since: Option<Timestamp>,
    /// Only events of this run.
    pub run: Option<RunId>,
    /// Only events that name this asset.
    pub asset: Option<AssetName>,
}

/// The state of a version's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionState {
    /// The files are as dp wrote them, as far as dp knows.
    Intact,
    /// The files differ from what dp wrote.
    Damaged,
    /// The files were removed on purpose.
    Removed,
}

impl VersionState {
    /// Returns the word that the state stores.
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
