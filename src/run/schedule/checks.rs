//! Runs the checks that are due.

use std::sync::Arc;
use std::time::Instant;

use super::stored::changed_meanwhile;
use super::{Answer, Purpose, Running, Worker, milliseconds};
use crate::base::text;
use crate::facts::CheckFacts;
use crate::model::{AssetName, CheckRecord, Digest};
use crate::plan::{Action, check_key, decide};
use crate::run::progress::Status;
use crate::run::{ApplyError, EventKind, job};
use crate::seam::LedgerRead;

impl Worker<'_> {
    /// Starts the checks of an asset that have no result for the content they would read.
    pub(super) fn begin_checks(&mut self, name: &AssetName, running: &mut Running) -> Result<(), ApplyError> {
        if self.progress.status(name) != Status::Waiting {
            return Ok(());
        }
        let analysis = Arc::clone(&self.analysis);
        let facts = &analysis.facts[name];
        let mut due: Vec<(CheckFacts, Digest)> = Vec::new();
        let only = self.steps.get(name).filter(|step| step.action == Action::Check).map(|step| &step.checks);
        for check in facts.checks.iter().filter(|check| only.is_none_or(|only| only.contains(&check.name))) {
            let others = || check.inputs.iter().filter(|input| *input != name);
            if let (Some(bad), false) = (self.progress.first_bad(others()), self.only_checks()) {
                let message = format!("its check {} reads {bad}, which failed or was skipped", check.name);
                self.settle(name, "skipped", Some(message));
                return Ok(());
            }
            if let (true, Some(input)) = (self.only_checks(), others().find(|input| !self.visible.contains_key(*input)))
            {
                let message = format!("its check {} reads {input}, which is not published", check.name);
                self.finished.insert(name.clone(), ("failed", 0));
                self.settle(name, "failed", Some(message));
                return Ok(());
            }
            let key = check_key(check, &self.contents);
            let recorded = key.as_ref().map(|key| self.record.writer.check_result(key)).transpose()?.flatten();
            if self.only_checks() || decide::due(check, key.as_ref(), recorded).is_some() {
                // A result that is not reused still needs a key in the state.
                let key = key.unwrap_or_else(Digest::random);
                due.push((check.clone(), key));
            }
        }
        if due.is_empty() {
            self.done(name);
            return Ok(());
        }
        let names: Vec<AssetName> = due.iter().flat_map(|(check, _)| check.inputs.iter().cloned()).collect();
        if let Some(path) = self.changed_input(&names)? {
            self.failed(name, &changed_meanwhile(&path), 0);
            return Ok(());
        }
        self.relate(names.iter())?;
        let mut builder = self.engine()?;
        self.cancellers.insert(name.clone(), builder.canceller());
        let now = self.options.clock.now();
        self.begun.entry(name.clone()).or_insert(now);
        self.record.tell(EventKind::StepStarted {
            asset: name.clone(),
            work: "check".to_owned(),
        });
        let name = name.clone();
        running.spawn_blocking(move || {
            let started = Instant::now();
            let result = due
                .into_iter()
                .map(|(check, key)| job::check(&check, key, builder.as_mut()))
                .collect::<Result<Vec<_>, _>>();
            (Answer::Checked(name, result, milliseconds(started)), builder)
        });
        Ok(())
    }

    /// Whether the run only checks what is published and changes nothing.
    pub(super) fn only_checks(&self) -> bool {
        matches!(self.options.purpose, Purpose::Check { .. })
    }

    pub(super) fn checked(&mut self, name: &AssetName, records: Vec<CheckRecord>) {
        let failed: Vec<String> =
            records.iter().filter(|record| record.blocks()).map(|record| record.check.clone()).collect();
        let version = self.visible.get(name).map(|version| version.id.clone());
        for record in records {
            self.record.tell(EventKind::CheckFinished {
                asset: name.clone(),
                record: record.clone(),
            });
            if let Some(version) = &version {
                self.record.batch.checks.push((name.clone(), version.clone(), record));
            }
        }
        if failed.is_empty() {
            self.done(name);
            return;
        }
        let message = format!("{} failed: {}", text::count(failed.len(), "check"), text::and(failed));
        self.settle(name, "failed", Some(message));
    }
}
