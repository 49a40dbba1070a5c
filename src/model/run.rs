use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Digest, ReleaseName, Seen, Undone, VersionId};
use crate::model::{AssetName, EnvironmentName, NameError, ProjectPath};

/// The environments that a run affects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RunScope {
    /// The environment that the run publishes to.
    One(EnvironmentName),
    /// All environments, as for `dp gc`.
    All,
    /// Unknown: the run's record was lost.
    Unknown,
}

impl RunScope {
    /// Returns the text that the state stores.
    pub fn as_str(&self) -> &str {
        match self {
            Self::One(environment) => environment,
            Self::All => "*",
            Self::Unknown => "",
        }
    }
}

impl std::str::FromStr for RunScope {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text {
            "*" => Ok(Self::All),
            "" => Ok(Self::Unknown),
            name => name.parse().map(Self::One),
        }
    }
}

impl TryFrom<String> for RunScope {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<RunScope> for String {
    fn from(scope: RunScope) -> Self {
        scope.as_str().to_owned()
    }
}

impl From<&EnvironmentName> for RunScope {
    fn from(environment: &EnvironmentName) -> Self {
        Self::One(environment.clone())
    }
}

impl std::fmt::Display for RunScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What is recorded before a run does anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStart {
    /// The command: "apply", "destroy".
    pub command: String,
    /// The environment that the run publishes to.
    pub environment: RunScope,
    /// The command line, as typed.
    pub arguments: Vec<String>,
    /// The user who started it.
    pub user: String,
    /// The machine.
    pub host: String,
    /// The process id.
    pub pid: u32,
    /// The version of dp.
    pub dp_version: String,
    /// The engine and its version.
    pub engine: String,
    /// A hash of the plan, if there is one.
    pub plan: Option<Digest>,
    /// When the run started.
    pub started: Timestamp,
    /// The intended steps, in order.
    pub steps: Vec<StepIntent>,
}

/// One step before it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepIntent {
    /// The asset.
    pub asset: AssetName,
    /// The word of the action: "create", "rebuild", "maybe", "reuse", "check", "destroy".
    pub action: String,
    /// The reasons, as the JSON of the plan.
    pub reasons: serde_json::Value,
    /// The version to write, if the step builds one.
    pub version: Option<VersionId>,
}

/// The outcome of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepOutcome {
    /// The word: built, `cut_off`, reused, checked, destroyed, failed or skipped.
    pub outcome: String,
    /// When it started; `None` if it did not start.
    pub started: Option<Timestamp>,
    /// Duration in milliseconds.
    pub ms: u64,
    /// The version that the asset has afterwards.
    pub version: Option<VersionId>,
    /// Why the step failed or was skipped.
    pub message: Option<String>,
}

/// One recorded side effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The asset that it belongs to.
    pub asset: AssetName,
    /// The word. For effects of dp: "made", "published", "replaced", "withdrawn", "exported", "removed", "read"; for
    /// effects of programs also "wrote", "created", "renamed", "listed", "looked", "missed", "changed", "started",
    /// "contacted", "printed".
    pub kind: String,
    /// The path, relative to the project if it is inside it; `host:port` for a contact.
    pub path: Option<String>,
    /// The version made, published, withdrawn or read.
    pub version: Option<VersionId>,
    /// The version that was published before it.
    pub replaced: Option<VersionId>,
    /// Rows written or read.
    pub rows: Option<u64>,
    /// Bytes written or read.
    pub bytes: Option<u64>,
    /// Duration in milliseconds.
    pub ms: Option<u64>,
    /// The content fingerprint, or the hash of a file.
    pub content: Option<Digest>,
    /// How a program's effect was observed; `None` for an effect of dp itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sighting: Option<Sighting>,
}

/// How a program's effect was observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// How it is known.
    pub seen: Seen,
    /// How often the effect occurred.
    pub count: u64,
    /// Whether the effect was expected: declared, allowed, or noise.
    pub declared: bool,
    /// The rule that makes it noise; the row then stands for all effects that the rule combines.
    pub noise: Option<String>,
    /// Further details: the new name after a rename, the arguments of a program, or that the access was denied.
    pub detail: Option<String>,
}

/// What a run publishes, all at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    /// The environment.
    pub environment: EnvironmentName,
    /// The release that shows it.
    pub release: ReleaseName,
    /// The folder that the links are in.
    pub shown_at: ProjectPath,
    /// The new version of each asset's pointer.
    pub set: Vec<(AssetName, VersionId)>,
    /// The assets that are withdrawn.
    pub withdrawn: Vec<AssetName>,
    /// What else a rollback undoes.
    pub undone: Option<Undone>,
    /// Published assets that were renamed: the new name, and the previous one.
    pub moved: Vec<(AssetName, AssetName)>,
    /// Assets whose published definition a rollback no longer holds: the name, and the name under which it was held.
    pub resumed: Vec<(AssetName, AssetName)>,
}
