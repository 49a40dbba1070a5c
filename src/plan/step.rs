use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Action, Drift, Estimate, PlanError, Reason};
use crate::project::{AssetName, EnvironmentName};
use crate::sql::Columns;
use crate::state::{Digest, ListContent, PathState, RunId, VersionId};
use crate::words;

/// An ordered list of steps, and what it was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The project's name.
    pub project: String,
    /// Where it would publish.
    pub environment: EnvironmentName,
    /// The identity of the state; empty before the first apply.
    pub state_id: String,
    /// The state's counter when the plan was made.
    pub serial: u64,
    /// All assets in topological order, unchanged ones too; what is to be destroyed last.
    pub steps: Vec<Step>,
    /// What each build usually takes, if it has a history.
    #[serde(default)]
    pub estimates: BTreeMap<AssetName, Estimate>,
    /// What was changed outside dp.
    pub drift: Vec<Drift>,
    /// What the user should know.
    pub warnings: Vec<Warning>,
    /// Whether the links that other tools follow have to be made anew.
    pub repair_links: bool,
}

/// One asset's part of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The asset.
    pub asset: AssetName,
    /// `source` or `sql`; empty for what is no longer declared.
    pub kind: String,
    /// What would be done.
    pub action: Action,
    /// Why; empty for unchanged ones.
    pub reasons: Vec<Reason>,
    /// Assets that it names, sorted.
    pub inputs: Vec<AssetName>,
    /// How the query was edited.
    pub change: Option<SqlChange>,
    /// What the edit does to the columns, in words.
    pub columns: Vec<String>,
    /// Names of the checks that would run though the data stays.
    pub checks: Vec<String>,
    /// The version that would be published without a build.
    pub reuse: Option<VersionId>,
    /// Inputs that will be rebuilt and are proven to stay the same in what is read of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut_off: Vec<CutOff>,
    /// C that the build is proven to give over some lists of columns; others count on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proven: Vec<ListContent>,
    /// What must still hold when the plan is applied.
    pub stands_on: StandsOn,
}

/// An input that need not be waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutOff {
    /// The input, which will be rebuilt.
    pub input: AssetName,
    /// What is read of it, which stays the same.
    pub columns: Columns,
}

impl CutOff {
    /// The evidence in words.
    pub fn detail(&self) -> String {
        let input = &self.input;
        match &self.columns {
            Columns::All => format!("{input} is rebuilt and proven to stay the same"),
            Columns::Only(columns) if columns.is_empty() => {
                format!("{input} is rebuilt and proven to keep its number of rows")
            }
            Columns::Only(columns) => {
                format!("{input} is rebuilt and proven to stay the same in {}", words::and(columns))
            }
        }
    }
}

/// An edit of a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlChange {
    /// As it was written when it was built.
    pub before: String,
    /// As it is written now.
    pub after: String,
    /// The file of the query.
    pub file: String,
    /// Line (from 1) at which the query begins in that file.
    pub line: usize,
    /// The columns of the result that the edit is about; `None` if it is about more than those.
    #[serde(default)]
    pub outputs: Option<BTreeSet<String>>,
}

/// What must still hold when a step is applied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandsOn {
    /// The version that is published.
    pub pointer: Option<VersionId>,
    /// The definition fingerprint.
    pub definition: Option<Digest>,
    /// Files that it reads, with their hashes.
    pub files: BTreeMap<String, Digest>,
    /// What is at the paths that its program was seen to depend on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub observed: BTreeMap<String, PathState>,
    /// Definitions of its checks.
    pub checks: Vec<Digest>,
    /// The content of inputs that the plan does not cover, as published.
    #[serde(default)]
    pub inputs: BTreeMap<AssetName, Digest>,
}

/// Something that the user should know, and that stops nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The stable code.
    pub code: String,
    /// The sentence.
    pub message: String,
    /// The file that it is about.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Column, from 1.
    pub column: Option<usize>,
}

/// How many steps there are of each action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the actions")]
pub struct Summary {
    pub create: usize,
    pub rebuild: usize,
    pub maybe: usize,
    pub reuse: usize,
    pub check: usize,
    pub destroy: usize,
    pub unchanged: usize,
}

impl Summary {
    /// The count of one action.
    pub fn of(&self, action: Action) -> usize {
        match action {
            Action::Create => self.create,
            Action::Rebuild => self.rebuild,
            Action::Maybe => self.maybe,
            Action::Reuse => self.reuse,
            Action::Check => self.check,
            Action::Destroy => self.destroy,
            Action::Unchanged => self.unchanged,
        }
    }
}

impl Step {
    /// Whether it would bring back what was rolled back, which needs to be asked for.
    pub fn is_held_back(&self) -> bool {
        self.reasons.iter().any(|reason| matches!(reason, Reason::RolledBack { .. }))
    }

    /// What the asset was called before, if the step gives it its new name.
    pub fn moved_from(&self) -> Option<&AssetName> {
        self.reasons.iter().find_map(|reason| match reason {
            Reason::Moved { from } => Some(from),
            _ => None,
        })
    }
}

impl Plan {
    /// Checks that nothing in it would bring back what was rolled back.
    ///
    /// # Errors
    /// [`PlanError::HeldBack`], naming what would.
    pub fn brings_nothing_back(&self) -> Result<(), PlanError> {
        let held: Vec<&Step> = self.actions().filter(|step| step.is_held_back()).collect();
        if held.is_empty() {
            return Ok(());
        }
        let runs: BTreeSet<RunId> = held
            .iter()
            .flat_map(|step| &step.reasons)
            .filter_map(|reason| match reason {
                Reason::RolledBack { run, .. } => Some(*run),
                _ => None,
            })
            .collect();
        Err(PlanError::HeldBack {
            assets: held.iter().map(|step| step.asset.to_string()).collect(),
            runs: runs.iter().map(ToString::to_string).collect(),
        })
    }

    /// The steps that do something.
    pub fn actions(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.action != Action::Unchanged)
    }

    /// The step of an asset.
    pub fn step(&self, asset: &AssetName) -> Option<&Step> {
        self.steps.iter().find(|step| step.asset == *asset)
    }

    /// Whether there is nothing to do: no action, no drift, no broken link.
    pub fn is_empty(&self) -> bool {
        self.actions().next().is_none() && self.drift.is_empty() && !self.repair_links
    }

    /// How many steps there are of each action.
    pub fn summary(&self) -> Summary {
        self.summary_of(|_| true)
    }

    /// How many of the steps that are meant there are of each action.
    pub fn summary_of(&self, is_meant: impl Fn(&Step) -> bool) -> Summary {
        let count = |action| self.steps.iter().filter(|step| step.action == action && is_meant(step)).count();
        Summary {
            create: count(Action::Create),
            rebuild: count(Action::Rebuild),
            maybe: count(Action::Maybe),
            reuse: count(Action::Reuse),
            check: count(Action::Check),
            destroy: count(Action::Destroy),
            unchanged: count(Action::Unchanged),
        }
    }

    /// A hash of all of it.
    pub fn digest(&self) -> Digest {
        Digest::of_json("plan-file/1", self)
    }
}
