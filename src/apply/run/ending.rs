//! Publishes what may be published, and puts the end of the run on record.

use std::time::Instant;

use super::{Outcome, Policy, Purpose, Worker, milliseconds};
use crate::apply::{ApplyError, EventKind, publish};
use crate::plan::Action;
use crate::project::AssetName;
use crate::state::{StepOutcome, Version};
use crate::warehouse::release::catalogue_ahead;

impl Worker<'_> {
    /// Publishes what may be published; gives what could not be put in place.
    pub(super) fn end(&mut self) -> Result<Vec<String>, ApplyError> {
        let interrupted = self.options.cancel.is_asked();
        for name in self.progress.waiting() {
            self.settle(&name, "skipped", Some("interrupted".to_owned()));
        }
        self.engine_effects()?;
        let bad = self.progress.unpublishable(&self.analysis);
        let may_publish =
            !interrupted && !self.only_checks() && (bad.is_empty() || self.options.policy == Policy::Passed);
        if may_publish {
            let set: Vec<Version> = self
                .finished
                .iter()
                .filter(|(name, (outcome, _))| !bad.contains(*name) && matches!(*outcome, "built" | "reused"))
                .filter_map(|(name, _)| self.visible.get(name).cloned())
                .collect();
            self.expect_unchanged(&set)?;
            // What an asset was called before goes in the transaction in which its new name comes.
            let former: Vec<AssetName> = self
                .options
                .plan
                .actions()
                .filter(|step| set.iter().any(|version| version.asset == step.asset))
                .filter_map(|step| step.moved_from().cloned())
                .collect();
            let destroyed: Vec<AssetName> = self
                .options
                .plan
                .actions()
                .filter(|step| step.action == Action::Destroy)
                .map(|step| step.asset.clone())
                .collect();
            return self.publish(set, destroyed, former);
        }
        Ok(Vec::new())
    }

    /// Puts the end of the run on record, also if it could not go on.
    pub(super) fn close(
        mut self,
        ended: Result<Vec<String>, ApplyError>,
        started: Instant,
    ) -> Result<Outcome, ApplyError> {
        let not_in_place = match ended {
            Ok(not_in_place) => not_in_place,
            // Then nobody knows what of it is on the disk: the run stays open for recovery to look.
            Err(error) if self.record.is_in_doubt() => return Err(error),
            Err(error) => {
                // What stopped the run is what to tell, also if its end can't be recorded either: then the next
                // command finds the run open.
                return match self.record_end("failed", started) {
                    Ok(()) | Err(_) => Err(error),
                };
            }
        };
        let interrupted = self.options.cancel.is_asked();
        let failed = self.counts.failed > 0 || !not_in_place.is_empty();
        let outcome = match (interrupted, failed) {
            (true, _) => "interrupted",
            (false, true) => "failed",
            (false, false) => "done",
        };
        self.record_end(outcome, started)?;
        Ok(Outcome {
            run: self.record.run,
            counts: self.counts,
            interrupted,
            not_in_place,
        })
    }

    fn record_end(&mut self, outcome: &str, started: Instant) -> Result<(), ApplyError> {
        let counts = self.counts;
        let plan = self.options.plan;
        let cut_off = self.finished.iter().filter(|(_, (outcome, _))| *outcome == "cut_off").map(|(name, _)| name);
        let saved = plan.saved(cut_off);
        let event = self.record.note(EventKind::RunFinished {
            outcome: outcome.to_owned(),
            counts,
            ms: milliseconds(started),
            estimated_ms: plan.forecast(self.options.jobs).map(|forecast| forecast.ms),
            saved: (saved.assets > 0).then_some(saved),
        });
        self.record.sync()?;
        let batch = self.record.take();
        let json = serde_json::to_value(counts).expect("dp's own values have a JSON form");
        let now = self.options.clock.now();
        self.record.writer.finish_run(self.record.run, outcome, &json, now, &batch)?;
        self.record.pass_on(&event);
        Ok(())
    }

    /// What the user said, for the record; it becomes part of the transaction that publishes.
    fn tell_why(&mut self, set: &[Version], withdrawn: &[AssetName]) {
        let given = match &self.options.purpose {
            Purpose::Move { reason } => Some(reason.clone()),
            _ => None,
        };
        for version in set {
            let step = self.steps.get(&version.asset);
            if let Some(from) = step.and_then(|step| step.moved_from()) {
                self.record.tell(EventKind::Moved {
                    asset: version.asset.clone(),
                    from: from.clone(),
                    version: version.id.clone(),
                    reason: given.clone(),
                });
            }
        }
        match &self.options.purpose {
            Purpose::Take(taken) => {
                for version in set {
                    self.record.tell(EventKind::Accepted {
                        asset: version.asset.clone(),
                        version: version.id.clone(),
                        by_hand: taken.by_hand.clone(),
                    });
                }
            }
            Purpose::Forget { reason } => {
                for asset in withdrawn {
                    if let Some(published) = self.options.snapshot.published.get(asset) {
                        self.record.tell(EventKind::Forgotten {
                            asset: asset.clone(),
                            version: published.version.id.clone(),
                            reason: reason.clone(),
                        });
                    }
                }
            }
            Purpose::Publish | Purpose::Move { .. } | Purpose::Check { .. } => {}
        }
    }

    pub(super) fn publish(
        &mut self,
        set: Vec<Version>,
        destroyed: Vec<AssetName>,
        former: Vec<AssetName>,
    ) -> Result<Vec<String>, ApplyError> {
        let options = self.options;
        let unpublished = self.record.batch.clone();
        let gone = destroyed.len();
        let mut events = Vec::new();
        for name in &destroyed {
            events.push(self.record.note(EventKind::StepFinished {
                asset: name.clone(),
                outcome: "destroyed".to_owned(),
                ms: 0,
                rows: None,
                bytes: None,
                message: None,
            }));
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
        self.tell_why(&set, &destroyed);
        let request = publish::Request {
            project: options.project,
            snapshot: options.snapshot,
            environment: &options.plan.environment,
            positions: &self.positions,
            set,
            withdrawn: destroyed.into_iter().chain(former).collect(),
            undone: None,
            keep_files: matches!(options.purpose, Purpose::Forget { .. }),
        };
        let engine =
            self.catalogue.take().unwrap_or_else(|| catalogue_ahead(&options.project.root, request.environment));
        let published = match publish::publish(&request, &mut self.record, self.main.as_mut(), engine) {
            Ok(published) => published,
            Err(error) => {
                // What was built is still to be recorded, and that it was published is not.
                self.record.batch = unpublished;
                return Err(error);
            }
        };
        self.counts.published = request.set.len();
        self.counts.destroyed = gone;
        for event in &events {
            self.record.pass_on(event);
        }
        Ok(published.not_in_place)
    }
}
