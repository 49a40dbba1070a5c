//! The checks that are due although the data stays.

use super::Planner;
use crate::base::text;
use crate::facts::{CheckFacts, Facts};
use crate::plan::decide::{Due, Input, Inputs, check_key, due};
use crate::plan::{Action, PlanError, Reason, Step};

impl Planner<'_> {
    /// Adds the checks that are due to a step that does nothing else.
    ///
    /// # Errors
    /// If the state can't be read.
    pub(super) fn due_checks(&self, step: &mut Step, facts: &Facts, inputs: &Inputs) -> Result<(), PlanError> {
        if step.action != Action::Unchanged {
            return Ok(());
        }
        let mut found: Vec<(Due, &CheckFacts)> = Vec::new();
        for check in &facts.checks {
            let key = check_key(check, inputs);
            let recorded = key.as_ref().map(|key| self.catalogue.check_result(key)).transpose()?.flatten();
            found.extend(due(check, key.as_ref(), recorded).map(|why| (why, check)));
        }
        let mut add = |checks: Vec<String>, why: String| {
            if !checks.is_empty() {
                step.checks.extend(checks.iter().cloned());
                step.reasons.push(Reason::ChecksDue { checks, why });
                step.action = Action::Check;
            }
        };
        for (why, words) in [
            (Due::New, "no result for this content"),
            (Due::Failed, "failed on this content, which blocks publishing"),
            (Due::Clock, "depends on the current time"),
        ] {
            let checks = found.iter().filter(|(due, _)| *due == why).map(|(_, check)| check.name.clone());
            add(checks.collect(), words.to_owned());
        }
        for (_, check) in found.iter().filter(|(due, _)| *due == Due::Waiting) {
            let unknown = check.inputs.iter().filter(|name| inputs.get(*name).is_none_or(Input::is_pending));
            add(vec![check.name.clone()], format!("runs again if {} changes", text::and(unknown)));
        }
        Ok(())
    }
}
