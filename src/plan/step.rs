use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Action, Drift, Estimate, HeldStep, PlanError, Reason};
use crate::base::text;
use crate::model::{AssetName, Columns, Digest, EnvironmentName, ListContent, PathState, SettingChange, VersionId};

/// An ordered list of steps, and the state that it was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The project's name.
    pub project: String,
    /// The environment to publish to.
    pub environment: EnvironmentName,
    /// The identity of the state; empty before the first apply.
    pub state_id: String,
    /// The state's serial when the plan was made.
    pub serial: u64,
    /// All assets in topological order, including unchanged ones; assets to destroy come last.
    pub steps: Vec<Step>,
    /// The usual cost of each build that has a history.
    #[serde(default)]
    pub estimates: BTreeMap<AssetName, Estimate>,
    /// What was changed outside dp.
    pub drift: Vec<Drift>,
    /// What the user should know.
    pub warnings: Vec<Warning>,
    /// Whether the published links must be recreated.
    pub repair_links: bool,
    /// Selected assets that are left out because of mistakes in the project.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// An asset that stays as it is published, because it or one of its upstream assets has a mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The asset's name, or the path of its file if the name is unknown.
    pub asset: String,
    /// The assets or files with the mistakes.
    pub mistakes: BTreeSet<String>,
}

impl LeftOut {
    /// Describes why the asset is left out.
    pub fn why(&self) -> String {
        let others: Vec<&String> = self.mistakes.iter().filter(|name| **name != self.asset).collect();
        match (others.is_empty(), self.mistakes.contains(&self.asset)) {
            (true, _) => "has a mistake".to_owned(),
            (false, true) => format!("has a mistake, in addition to {}", text::and(others)),
            (false, false) if others.len() == 1 => format!("reads {}, which has a mistake", others[0]),
            (false, false) => format!("reads {}, which have mistakes", text::and(others)),
        }
    }
}

/// One asset's part of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The asset.
    pub asset: AssetName,
    /// `source` or `sql`; empty for an asset that is no longer declared.
    pub kind: String,
    /// The action.
    pub action: Action,
    /// The reasons; empty for an unchanged asset.
    pub reasons: Vec<Reason>,
    /// The assets that it names, sorted.
    pub inputs: Vec<AssetName>,
    /// How the query was edited.
    pub change: Option<SqlChange>,
    /// The effect of the edit on the columns, as text.
    pub columns: Vec<String>,
    /// The names of the checks that would run although the data stays.
    pub checks: Vec<String>,
    /// The version that would be published without a build.
    pub reuse: Option<VersionId>,
    /// Inputs that will be rebuilt and are proven to stay the same in what the asset reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut_off: Vec<CutOff>,
    /// C over lists of columns that the build is proven to give; other steps rely on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proven: Vec<ListContent>,
    /// What must still hold when the plan is applied.
    pub stands_on: StandsOn,
    /// What the step would do if no rollback held it back; `action` is then `unchanged`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<HeldStep>,
}

/// An input that the asset need not wait for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutOff {
    /// The input, which will be rebuilt.
    pub input: AssetName,
    /// The columns that the asset reads, which stay the same.
    pub columns: Columns,
}

impl CutOff {
    /// Describes the evidence.
    pub fn detail(&self) -> String {
        let input = &self.input;
        match &self.columns {
            Columns::All => format!("{input} is rebuilt and proven to stay the same"),
            Columns::Only(columns) if columns.is_empty() => {
                format!("{input} is rebuilt and proven to keep its number of rows")
            }
            Columns::Only(columns) => {
                format!("{input} is rebuilt and proven to stay the same in {}", text::and(columns))
            }
        }
    }
}

/// An edit of a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlChange {
    /// The query of the last build, as written.
    pub before: String,
    /// The current query, as written.
    pub after: String,
    /// The file of the query.
    pub file: String,
    /// The line (from 1) at which the query starts in that file.
    pub line: usize,
    /// The columns of the result that the edit affects; `None` if it affects more than columns.
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
    /// The files that the asset reads, with their hashes.
    pub files: BTreeMap<String, Digest>,
    /// The current state of the observed inputs of its program, by name of the dependence.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub observed: BTreeMap<String, PathState>,
    /// The definitions of its checks.
    pub checks: Vec<Digest>,
    /// The content of inputs that the plan does not cover, as published.
    #[serde(default)]
    pub inputs: BTreeMap<AssetName, Digest>,
}

/// A warning, which does not stop the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The stable code.
    pub code: String,
    /// The text of the warning.
    pub message: String,
    /// The file that the warning refers to.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The column, from 1.
    pub column: Option<usize>,
}

/// The number of steps per action.
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
    #[serde(default)]
    pub held_back: usize,
    #[serde(default)]
    pub settings: usize,
}

impl Summary {
    /// Returns the count of one action.
    pub fn of(&self, action: Action) -> usize {
        match action {
            Action::Create => self.create,
            Action::Rebuild => self.rebuild,
            Action::Maybe => self.maybe,
            Action::Reuse => self.reuse,
            Action::Check => self.check,
            Action::Settings => self.settings,
            Action::Destroy => self.destroy,
            Action::Unchanged => self.unchanged,
        }
    }
}

impl Step {
    /// Returns the action of the step, or the action without the hold if a rollback holds it back.
    pub fn wanted(&self) -> Action {
        self.held.as_ref().map_or(self.action, |held| held.action)
    }

    /// Returns the step as it would be without the hold.
    #[must_use]
    pub fn without_hold(&self) -> Self {
        Self {
            action: self.wanted(),
            held: None,
            ..self.clone()
        }
    }

    /// Whether the step publishes what a rollback took back, because the user asked for it.
    pub fn resumes(&self) -> bool {
        self.held.is_none() && self.reasons.iter().any(|reason| matches!(reason, Reason::RolledBack { .. }))
    }

    /// Whether the user asked for the build.
    pub fn is_forced(&self) -> bool {
        self.reasons.contains(&Reason::Forced)
    }

    /// Returns the changed settings that the step records.
    pub fn settings(&self) -> &[SettingChange] {
        for reason in &self.reasons {
            if let Reason::SettingsChanged { changes } = reason {
                return changes;
            }
        }
        &[]
    }

    /// Returns the previous name of the asset, if the step renames it.
    pub fn moved_from(&self) -> Option<&AssetName> {
        self.reasons.iter().find_map(|reason| match reason {
            Reason::Moved { from } => Some(from),
            _ => None,
        })
    }
}

impl Plan {
    /// Returns the steps that a rollback holds back.
    pub fn held_back(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.held.is_some())
    }

    /// Returns an error if the plan withdraws most published assets, which suggests that project files are missing.
    ///
    /// # Errors
    /// [`PlanError::Withdraws`] if it withdraws everything, of at least two assets, or more than half of at least ten.
    pub fn withdraws_by_accident(&self, published: usize) -> Result<(), PlanError> {
        let withdrawn: Vec<String> =
            self.actions().filter(|step| step.action == Action::Destroy).map(|step| step.asset.to_string()).collect();
        let everything = withdrawn.len() >= published && published >= 2;
        let most = published >= 10 && withdrawn.len() * 2 > published;
        if everything || most {
            return Err(PlanError::Withdraws {
                assets: withdrawn,
                published,
            });
        }
        Ok(())
    }

    /// Returns the steps that do something.
    pub fn actions(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.action != Action::Unchanged)
    }

    /// Returns the step of an asset.
    pub fn step(&self, asset: &AssetName) -> Option<&Step> {
        self.steps.iter().find(|step| step.asset == *asset)
    }

    /// Whether there is nothing to do or report: no action, nothing held back, no drift, no broken link.
    pub fn is_empty(&self) -> bool {
        !self.asks_for_apply() && self.held_back().next().is_none()
    }

    /// Whether an apply has something to do; an apply does nothing about what is held back.
    pub fn asks_for_apply(&self) -> bool {
        self.actions().next().is_some() || !self.drift.is_empty() || self.repair_links
    }

    /// Returns the number of steps per action.
    pub fn summary(&self) -> Summary {
        let free = || self.steps.iter().filter(|step| step.held.is_none());
        let count = |action| free().filter(|step| step.action == action).count();
        Summary {
            create: count(Action::Create),
            rebuild: count(Action::Rebuild),
            maybe: count(Action::Maybe),
            reuse: count(Action::Reuse),
            check: count(Action::Check),
            settings: count(Action::Settings),
            destroy: count(Action::Destroy),
            unchanged: count(Action::Unchanged),
            held_back: self.held_back().count(),
        }
    }

    /// Returns a hash of the whole plan.
    pub fn digest(&self) -> Digest {
        Digest::of_json("plan-file/1", self)
    }
}
