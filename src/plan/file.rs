use serde::{Deserialize, Serialize};

use super::{Plan, PlanError, Step};
use crate::model::{Digest, VersionId};

const FORMAT: &str = "1.0";

/// The request that a plan was made for, so that dp can make the plan again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRequest {
    /// The environment.
    pub environment: String,
    /// `NAME=VALUE` of each `--var` option.
    pub variables: Vec<String>,
    /// Selectors; empty for the whole project.
    pub selectors: Vec<String>,
    /// Assets to build even if nothing requires it.
    pub replace: Vec<String>,
    /// Whether to withdraw everything that is selected.
    pub destroy: bool,
    /// Whether to publish again what rollbacks hold back.
    #[serde(default)]
    pub resume: bool,
    /// Whether to leave out assets with mistakes, and their downstream assets.
    #[serde(default)]
    pub keep_going: bool,
}

impl PlanRequest {
    /// Whether the request covers all assets, so that a mistake in any of them stops the plan.
    pub fn is_whole(&self) -> bool {
        self.selectors.is_empty() && !self.keep_going
    }
}

/// A plan in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// The format of the file.
    pub format_version: String,
    /// The version of dp that wrote it.
    pub dp_version: String,
    /// The request.
    pub request: PlanRequest,
    /// The plan.
    pub plan: Plan,
}

impl SavedPlan {
    /// Creates a saved plan from a plan and its request.
    pub fn new(request: PlanRequest, plan: Plan) -> Self {
        Self {
            format_version: FORMAT.to_owned(),
            dp_version: env!("CARGO_PKG_VERSION").to_owned(),
            request,
            plan,
        }
    }

    /// Returns the text of the file.
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("dp's own values have a JSON form");
        text.push('\n');
        text
    }

    /// Whether a text is a saved plan, of any version of dp.
    pub fn is_one(text: &str) -> bool {
        let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        ["format_version", "dp_version", "request", "plan"].iter().all(|key| value.get(key).is_some())
    }

    /// Parses the text of a file; `file` is its name in messages.
    pub fn from_text(text: &str, file: &str) -> Result<Self, PlanError> {
        let unreadable = |why: String| PlanError::Unreadable {
            file: file.to_owned(),
            why,
        };
        let value: serde_json::Value = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
        match value["format_version"].as_str() {
            Some(FORMAT) => {}
            Some(other) => return Err(unreadable(format!("it has format {other}, but this dp reads format {FORMAT}"))),
            None => return Err(unreadable("it has no `format_version`".to_owned())),
        }
        serde_json::from_value(value).map_err(|error| unreadable(error.to_string()))
    }

    /// Checks that the assumptions of each step still hold, given a new plan for the same request.
    ///
    /// # Errors
    /// [`PlanError::Stale`], with each asset that changed and how.
    pub fn still_fits(&self, now: &Plan, file: &str) -> Result<(), PlanError> {
        let mut moved = Vec::new();
        let before = &self.plan;
        // Before the first apply there is no state; the published versions are compared instead.
        if !before.state_id.is_empty() && before.state_id != now.state_id {
            moved.push("it belongs to another state".to_owned());
        }
        if before.project != now.project || before.environment != now.environment {
            moved.push("it belongs to another project or environment".to_owned());
        }
        for step in &before.steps {
            match now.step(&step.asset) {
                None => moved.push(format!("`{}` is no longer declared", step.asset)),
                Some(other) => moved.extend(difference(step, other)),
            }
        }
        for step in now.actions() {
            if before.step(&step.asset).is_none() {
                moved.push(format!("`{}` is new", step.asset));
            }
        }
        if moved.is_empty() {
            return Ok(());
        }
        Err(PlanError::Stale {
            file: file.to_owned(),
            moved,
        })
    }
}

fn difference(before: &Step, now: &Step) -> Option<String> {
    let (old, new) = (&before.stands_on, &now.stands_on);
    let asset = &before.asset;
    let shown = |id: &Option<VersionId>| id.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let digest = |id: &Option<Digest>| id.as_ref().map(|id| id.short().to_owned());
    if old.pointer != new.pointer {
        return Some(format!("`{asset}` now publishes {}, not {}", shown(&new.pointer), shown(&old.pointer)));
    }
    if digest(&old.definition) != digest(&new.definition) {
        return Some(format!("the definition of `{asset}` changed"));
    }
    if old.files != new.files {
        let mut paths =
            new.files.iter().filter(|(path, hash)| old.files.get(*path) != Some(*hash)).map(|(path, _)| path);
        let gone = old.files.keys().find(|path| !new.files.contains_key(*path));
        let path = paths.next().or(gone).cloned().unwrap_or_default();
        return Some(format!("the files of `{asset}` changed ({path})"));
    }
    if old.observed != new.observed {
        let mut moved = new.observed.iter().filter(|(path, state)| old.observed.get(*path) != Some(*state));
        let path = moved.next().map(|(path, _)| path.clone()).unwrap_or_default();
        return Some(format!("an observed input of `{asset}` changed ({path})"));
    }
    if let Some(name) =
        old.inputs.iter().find(|(name, content)| new.inputs.get(*name) != Some(content)).map(|(name, _)| name)
    {
        return Some(format!("the content of `{name}`, which `{asset}` reads, changed"));
    }
    if old.checks != new.checks {
        return Some(format!("the checks of `{asset}` changed"));
    }
    if before.action != now.action {
        return Some(format!("the action for `{asset}` is now {}, not {}", now.action.word(), before.action.word()));
    }
    None
}
