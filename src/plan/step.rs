use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Action, Drift, Estimate, HeldStep, PlanError, Reason};
use crate::project::{AssetName, EnvironmentName};
use crate::sql::Columns;
use crate::state::{Digest, ListContent, PathState, SettingChange, VersionId};
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
    /// What was asked for and is no part of the plan, because of mistakes in the project.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// An asset that stays as it is published, because it has a mistake or is made from an asset that has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its name; the path of its file where the name is not known.
    pub asset: String,
    /// The assets or files with the mistakes.
    pub mistakes: BTreeSet<String>,
}

impl LeftOut {
    /// Why, in words.
    pub fn why(&self) -> String {
        let others: Vec<&String> = self.mistakes.iter().filter(|name| **name != self.asset).collect();
        match (others.is_empty(), self.mistakes.contains(&self.asset)) {
            (true, _) => "has a mistake".to_owned(),
            (false, true) => format!("has a mistake, and so has {}", words::and(others)),
            (false, false) if others.len() == 1 => format!("needs {}, which has a mistake", others[0]),
            (false, false) => format!("needs {}, which have mistakes", words::and(others)),
        }
    }
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
    /// What would be done if no rollback held it back; then the action is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<HeldStep>,
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
    /// What its program was seen to depend on, by the name of each dependence, as it is now.
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
    #[serde(default)]
    pub held_back: usize,
    #[serde(default)]
    pub settings: usize,
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
            Action::Settings => self.settings,
            Action::Destroy => self.destroy,
            Action::Unchanged => self.unchanged,
        }
    }
}

impl Step {
    /// What it does, or would do if no rollback held it back.
    pub fn wanted(&self) -> Action {
        self.held.as_ref().map_or(self.action, |held| held.action)
    }

    /// The step as it would be if no rollback held it back.
    #[must_use]
    pub fn without_hold(&self) -> Self {
        Self {
            action: self.wanted(),
            held: None,
            ..self.clone()
        }
    }

    /// Whether it publishes what a rollback took back, because the user asked for that.
    pub fn resumes(&self) -> bool {
        self.held.is_none() && self.reasons.iter().any(|reason| matches!(reason, Reason::RolledBack { .. }))
    }

    /// Settings that are recorded with it, because they are declared anew.
    pub fn settings(&self) -> &[SettingChange] {
        for reason in &self.reasons {
            if let Reason::SettingsChanged { changes } = reason {
                return changes;
            }
        }
        &[]
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
    /// The steps that a rollback holds back.
    pub fn held_back(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.held.is_some())
    }

    /// Checks that it does not withdraw so much of what is published that files of the project may have got lost.
    ///
    /// # Errors
    /// [`PlanError::Withdraws`] if everything would go, of two assets or more, or more than half of ten or more.
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

    /// The steps that do something.
    pub fn actions(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.action != Action::Unchanged)
    }

    /// The step of an asset.
    pub fn step(&self, asset: &AssetName) -> Option<&Step> {
        self.steps.iter().find(|step| step.asset == *asset)
    }

    /// Whether there is nothing to do and nothing to say: no action, nothing held back, no drift, no broken link.
    pub fn is_empty(&self) -> bool {
        !self.asks_for_apply() && self.held_back().next().is_none()
    }

    /// Whether there is something that an apply is for: it does nothing about what is held back.
    pub fn asks_for_apply(&self) -> bool {
        self.actions().next().is_some() || !self.drift.is_empty() || self.repair_links
    }

    /// How many steps there are of each action.
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

    /// A hash of all of it.
    pub fn digest(&self) -> Digest {
        Digest::of_json("plan-file/1", self)
    }
}
