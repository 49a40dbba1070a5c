//! Publishes what may be published, and records the end of the run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use super::{Outcome, Policy, Purpose, Worker, milliseconds};
use crate::model::{AssetName, CheckOutcome, StepOutcome, Version, VersionId};
use crate::plan::{Action, names};
use crate::run::together::Together;
use crate::run::views::Kept;
use crate::run::{ApplyError, EventKind, INTERRUPTED, publish};
use crate::seam::LedgerRead;

impl Worker<'_> {
    /// Publishes what may be published. Returns what could not be put in place.
    pub(super) fn end(&mut self) -> Result<Vec<String>, ApplyError> {
        let interrupted = self.options.cancel.is_asked();
        for name in self.progress.waiting() {
            self.settle(&name, "skipped", Some(INTERRUPTED.to_owned()));
        }
        self.engine_effects()?;
        let mut bad = self.progress.unpublishable(&self.analysis);
        let may_publish = loop {
            if interrupted || self.only_checks() || !(bad.is_empty() || self.options.policy == Policy::Passed) {
                break false;
            }
            if self.is_met(&bad)? {
                break true;
            }
            bad = self.progress.unpublishable(&self.analysis);
        };
        if may_publish {
            let set = self.candidates(&bad);
            self.expect_unchanged(&set)?;
            let destroyed = self.destroyed();
            let settled = self.steps.values().filter(|step| !step.settings().is_empty() && step.held.is_none());
            let settled: Vec<AssetName> =
                settled.map(|step| step.asset.clone()).filter(|name| !bad.contains(name)).collect();
            return self.publish(set, destroyed, &settled);
        }
        Ok(Vec::new())
    }

    /// Returns the versions that would be published.
    fn candidates(&self, bad: &BTreeSet<AssetName>) -> Vec<Version> {
        self.finished
            .iter()
            .filter(|(name, (outcome, _))| !bad.contains(*name) && matches!(*outcome, "built" | "reused"))
            .filter_map(|(name, _)| self.visible.get(name).cloned())
            .collect()
    }

    fn destroyed(&self) -> Vec<AssetName> {
        let destroyed = self.options.plan.actions().filter(|step| step.action == Action::Destroy);
        destroyed.map(|step| step.asset.clone()).collect()
    }

    /// Whether every `error` check that reads a candidate passes, even if the check's asset is not part of the run or
    /// stays as it is. If a check fails, the candidates that it reads are marked as failed.
    fn is_met(&mut self, bad: &BTreeSet<AssetName>) -> Result<bool, ApplyError> {
        let set = self.candidates(bad);
        let options = self.options;
        let mut after: BTreeMap<AssetName, &Version> =
            options.snapshot.published.iter().map(|(name, published)| (name.clone(), &published.version)).collect();
        after.extend(set.iter().map(|version| (version.asset.clone(), version)));
        for name in self.destroyed() {
            after.remove(&name);
        }
        let is_done = |name: &&AssetName| self.progress.is_done(name) && !bad.contains(*name);
        let analysis = Arc::clone(&self.analysis);
        let together = Together {
            root: &options.project.root,
            analysis: &analysis,
            after,
            changed: set.iter().map(|version| version.asset.clone()).collect(),
            checked: self.steps.keys().copied().filter(is_done).cloned().collect(),
        };
        let writer = &self.record.writer;
        let pending = &self.record.batch.checks;
        let due = together.due(|key| {
            let pending = pending.iter().rev().map(|(_, _, record)| record);
            match pending.clone().find(|record| record.key == *key && record.outcome != CheckOutcome::Errored) {
                Some(record) => Ok(Some(record.outcome == CheckOutcome::Passed)),
                None => writer.check_result(key),
            }
        })?;
        if due.is_empty() {
            return Ok(true);
        }
        let find = |id: &VersionId| {
            let candidate = set.iter().find(|version| version.id == *id).cloned();
            candidate.or_else(|| writer.version(id).ok().flatten())
        };
        let main = &mut self.main;
        let mut rename = |sql: &str, names: &BTreeMap<AssetName, AssetName>| main.rename(sql, names);
        let mut kept = Kept {
            find: &find,
            rename: &mut rename,
        };
        let relations = together.relations(&due, &mut kept)?;
        self.main.relate(&relations)?;
        self.related.clear();
        let mut is_met = true;
        for found in together.run(due, self.main.as_mut())? {
            self.record.tell(EventKind::CheckFinished {
                asset: found.asset.clone(),
                record: found.record.clone(),
            });
            if let Some(version) = together.after.get(&found.asset) {
                self.record.batch.checks.push((found.asset.clone(), version.id.clone(), found.record.clone()));
            }
            if !found.record.blocks() {
                continue;
            }
            is_met = false;
            for name in found.inputs.iter().filter(|name| together.changed.contains(*name)) {
                if self.progress.is_done(name) {
                    self.take_back(name);
                    self.settle(name, "failed", Some(found.words()));
                }
            }
        }
        Ok(is_met)
    }

    /// Records the end of the run, even if it could not continue.
    pub(super) fn close(
        mut self,
        ended: Result<Vec<String>, ApplyError>,
        started: Instant,
    ) -> Result<Outcome, ApplyError> {
        let not_in_place = match ended {
            Ok(not_in_place) => not_in_place,
            // It is unknown what is on the disk, so the run stays open for recovery.
            Err(error) if self.record.is_in_doubt() => return Err(error),
            Err(error) => {
                // Report what stopped the run, even if the end can't be recorded either: then the next command finds
                // the run open.
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

    /// Adds the user's reason to the batch; it becomes part of the transaction that publishes.
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
        settled: &[AssetName],
    ) -> Result<Vec<String>, ApplyError> {
        let options = self.options;
        let published = || set.iter().filter_map(|version| self.steps.get(&version.asset));
        let taken_over: BTreeMap<&AssetName, &AssetName> =
            published().filter_map(|step| Some((&step.asset, step.moved_from()?))).collect();
        let declared = set
            .iter()
            .filter_map(|version| options.project.assets.get(&version.asset))
            .flat_map(|asset| asset.moved_from.iter().map(|(former, _)| (asset.name.clone(), former.clone())));
        let acting = taken_over.iter().map(|(asset, former)| ((*asset).clone(), (*former).clone()));
        let moved: BTreeSet<(AssetName, AssetName)> = declared.chain(acting).collect();
        let resumed: Vec<(AssetName, AssetName)> = published()
            .filter(|step| step.resumes())
            .filter_map(|step| options.project.assets.get(&step.asset))
            .flat_map(|asset| names(asset).map(|name| (asset.name.clone(), name.clone())))
            .collect();
        // The previous name of an asset is removed in the transaction that adds the new one. An asset that has that
        // name now keeps its pointer if it gets no other.
        let is_gone = |name: &&AssetName| !options.project.assets.contains_key(*name);
        let former: Vec<AssetName> = taken_over.values().copied().filter(is_gone).cloned().collect();
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
        let applied: BTreeSet<&AssetName> = set.iter().map(|version| &version.asset).chain(settled.iter()).collect();
        for asset in applied.into_iter().filter_map(|name| options.project.assets.get(name)) {
            let environment = options.plan.environment.clone();
            self.record.batch.settings.push((environment, asset.name.clone(), asset.behaviour()));
        }
        let request = publish::Request {
            project: options.project,
            snapshot: options.snapshot,
            environment: &options.plan.environment,
            positions: &self.positions,
            set,
            withdrawn: destroyed.into_iter().chain(former).collect(),
            moved: moved.into_iter().collect(),
            resumed,
            undone: None,
            keep_files: matches!(options.purpose, Purpose::Forget { .. }),
        };
        let published = match publish::publish(&request, &mut self.record, self.main.as_mut(), self.catalogue.take()) {
            Ok(published) => published,
            Err(error) => {
                // What was built must still be recorded; that it was published must not.
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
