use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Digest, ReleaseName, Seen, Undone, VersionId};
use crate::project::{AssetName, EnvironmentName, NameError, ProjectPath};

/// What a run is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RunScope {
    /// One environment, which it publishes to.
    One(EnvironmentName),
    /// All environments, as for `dp gc`.
    All,
    /// It is not known: the run was lost with its record.
    Unknown,
}

impl RunScope {
    /// The word on record.
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
    /// The verb: "apply", "destroy".
    pub command: String,
    /// The environment that it publishes to.
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
    /// A hash of the plan, if there is one.
    pub plan: Option<Digest>,
    /// When.
    pub started: Timestamp,
    /// What it intends, in order.
    pub steps: Vec<StepIntent>,
}

/// One step before it is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepIntent {
    /// Of which asset.
    pub asset: AssetName,
    /// The word of the action: "create", "rebuild", "maybe", "reuse", "check", "destroy".
    pub action: String,
    /// The reasons, as the JSON of the plan.
    pub reasons: serde_json::Value,
    /// The version that it will write, if it builds.
    pub version: Option<VersionId>,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepOutcome {
    /// The word: built, `cut_off`, reused, checked, destroyed, failed or skipped.
    pub outcome: String,
    /// When it began; `None` if it never did.
    pub started: Option<Timestamp>,
    /// How long it took.
    pub ms: u64,
    /// The version that the asset has after it.
    pub version: Option<VersionId>,
    /// Why it failed or was skipped.
    pub message: Option<String>,
}

/// One recorded side effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The asset that it belongs to.
    pub asset: AssetName,
    /// The word: "made", "published", "replaced", "withdrawn", "exported", "removed", "read" of what dp does; of programs also
    /// "wrote", "created", "renamed", "listed", "looked", "missed", "changed", "started", "contacted", "printed".
    pub kind: String,
    /// Where: relative to the project if it is in there; `host:port` of a contact.
    pub path: Option<String>,
    /// The version made, published, withdrawn or read.
    pub version: Option<VersionId>,
    /// The version that was published before.
    pub replaced: Option<VersionId>,
    /// Rows written or read.
    pub rows: Option<u64>,
    /// Bytes written or read.
    pub bytes: Option<u64>,
    /// How long it took.
    pub ms: Option<u64>,
    /// Content fingerprint, or hash of a file.
    pub content: Option<Digest>,
    /// How a program's effect was seen; `None` for what dp itself does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sighting: Option<Sighting>,
}

/// How a program's effect was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// How it is known.
    pub seen: Seen,
    /// How often it occurred.
    pub count: u64,
    /// Whether it was to be expected: declared, allowed, or noise.
    pub declared: bool,
    /// The rule by which it is noise; the row stands for all that the rule folds then.
    pub noise: Option<String>,
    /// What else is known: the new name of what was renamed, the arguments of a program, that it was denied.
    pub detail: Option<String>,
}

/// What a run publishes, all at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    /// The environment.
    pub environment: EnvironmentName,
    /// The folder of links that shows it.
    pub release: ReleaseName,
    /// The folder that the links are in.
    pub shown_at: ProjectPath,
    /// What each asset's pointer is moved to.
    pub set: Vec<(AssetName, VersionId)>,
    /// What is no longer published.
    pub withdrawn: Vec<AssetName>,
    /// What else a rollback undoes.
    pub undone: Option<Undone>,
    /// Published assets that had another name: the new name, and the former one.
    pub moved: Vec<(AssetName, AssetName)>,
    /// Assets of which a rollback no longer holds the definition that is published now: the name, and the name under
    /// which it was held.
    pub resumed: Vec<(AssetName, AssetName)>,
}
