//! Publishes what may be published, and puts the end of the run on record.

use std::time::Instant;

use super::{Outcome, Policy, Worker, milliseconds};
use crate::apply::{ApplyError, EventKind, publish};
use crate::plan::Action;
use crate::project::AssetName;
use crate::state::{StepOutcome, Version};

impl Worker<'_> {
    /// Publishes what may be published; gives the exports that could not be put in place.
    pub(super) fn end(&mut self) -> Result<Vec<String>, ApplyError> {
        let interrupted = self.options.cancel.is_asked();
        for name in self.progress.waiting() {
            self.settle(&name, "skipped", Some("interrupted".to_owned()));
        }
        let bad = self.progress.unpublishable(self.options.analysis);
        let may_publish = !interrupted && (bad.is_empty() || self.options.policy == Policy::Passed);
        if may_publish {
            let set: Vec<Version> = self
                .finished
                .iter()
                .filter(|(name, (outcome, _))| !bad.contains(*name) && matches!(*outcome, "built" | "reused"))
                .filter_map(|(name, _)| self.visible.get(name).cloned())
                .collect();
            let destroyed: Vec<AssetName> = self
                .options
                .plan
                .actions()
                .filter(|step| step.action == Action::Destroy)
                .map(|step| step.asset.clone())
                .collect();
            return self.publish(set, destroyed);
        }
        Ok(Vec::new())
    }

    /// Puts the end of the run on record, also if it could not go on.
    pub(super) fn close(
        mut self,
        ended: Result<Vec<String>, ApplyError>,
        started: Instant,
    ) -> Result<Outcome, ApplyError> {
        let interrupted = self.options.cancel.is_asked();
        let failed = self.counts.failed > 0 || ended.as_ref().map_or(true, |exports| !exports.is_empty());
        let outcome = match (interrupted, failed) {
            (true, _) => "interrupted",
            (false, true) => "failed",
            (false, false) => "done",
        };
        let counts = self.counts;
        self.record.tell(EventKind::RunFinished {
            outcome: outcome.to_owned(),
            counts,
            ms: milliseconds(started),
        });
        self.record.sync()?;
        let batch = self.record.take();
        let json = serde_json::to_value(counts).expect("dp's own values have a JSON form");
        let now = self.options.clock.now();
        self.record.writer.finish_run(self.record.run, outcome, &json, now, &batch)?;
        Ok(Outcome {
            run: self.record.run,
            counts,
            interrupted,
            exports_failed: ended?,
        })
    }

    pub(super) fn publish(&mut self, set: Vec<Version>, destroyed: Vec<AssetName>) -> Result<Vec<String>, ApplyError> {
        let options = self.options;
        for name in &destroyed {
            self.counts.destroyed += 1;
            self.record.tell(EventKind::StepFinished {
                asset: name.clone(),
                outcome: "destroyed".to_owned(),
                ms: 0,
                rows: None,
                bytes: None,
                message: None,
            });
            if let Some(position) = self.positions.get(name) {
                let outcome = StepOutcome {
                    outcome: "destroyed".to_owned(),
                    started: None,
                    ms: 0,
                    version: None,
                    message: None,
                };
                self.record.batch.steps.push((*position, outcome));
            }
        }
        self.counts.published = set.len();
        let request = publish::Request {
            project: options.project,
            snapshot: options.snapshot,
            environment: &options.plan.environment,
            positions: &self.positions,
            set,
            withdrawn: destroyed,
            undone: None,
        };
        publish::publish(request, &mut self.record, self.main.as_mut())
    }
}
