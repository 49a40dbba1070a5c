//! Collects what a run does and writes it in batches, so that the number of syncs grows with time and not with the
//! number of assets.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{ApplyError, Counts, Event, EventKind};
use crate::base::clock::Clock;
use crate::base::fault::Point;
use crate::base::{fs, layout};
use crate::ledger::sqlite::{Batch, EventEntry, VersionState, Writer};
use crate::model::{RunId, RunStart, Version};
use crate::plan::Saved;

/// How long a finished step may stay unwritten in a run of the given duration: a quarter of the duration, at least one
/// second and at most 30 seconds. A run of two minutes writes about twenty times, a run of hours twice a minute.
fn longest(going_on: Duration) -> Duration {
    (going_on / 4).clamp(Duration::from_secs(1), Duration::from_secs(30))
}

/// How a run ends.
#[derive(Debug)]
pub(super) struct RunEnd {
    /// The word: done, failed or interrupted.
    pub outcome: &'static str,
    /// The number of assets per outcome.
    pub counts: Counts,
    /// What the state has as counts, if a run counts something else than assets.
    pub recorded_counts: Option<serde_json::Value>,
    /// The estimated duration in milliseconds, if there was an estimate.
    pub estimated_ms: Option<u64>,
    /// What the run saved.
    pub saved: Option<Saved>,
}

impl RunEnd {
    /// Returns the end of a run without an estimate; it is `done` or `failed`.
    pub(super) fn new(is_done: bool, counts: Counts) -> Self {
        Self {
            outcome: if is_done { "done" } else { "failed" },
            counts,
            recorded_counts: None,
            estimated_ms: None,
            saved: None,
        }
    }
}

/// The record of one run while it runs: [`Record::begin`], then what happens, then [`Record::finish`]. A record that is
/// dropped instead leaves the run unfinished, and the next command recovers it.
#[must_use = "the run must be finished"]
pub(super) struct Record<'a> {
    pub writer: &'a mut Writer,
    pub run: RunId,
    pub batch: Batch,
    sink: &'a mut dyn FnMut(&Event),
    root: PathBuf,
    pub(super) clock: Clock,
    begun: Instant,
    written: Instant,
    unsynced: bool,
}

impl<'a> Record<'a> {
    /// Records the start of a run, with the steps that it intends.
    pub(super) fn begin(
        writer: &'a mut Writer,
        start: &RunStart,
        sink: &'a mut dyn FnMut(&Event),
        root: PathBuf,
        clock: Clock,
    ) -> Result<Self, ApplyError> {
        let run = writer.begin_run(start)?;
        let mut record = Self {
            writer,
            run,
            batch: Batch::new(run),
            sink,
            root,
            clock,
            begun: Instant::now(),
            written: Instant::now(),
            unsynced: false,
        };
        record.tell(EventKind::RunStarted {
            environment: start.environment.to_string(),
            steps: start.steps.len(),
        });
        Ok(record)
    }

    /// Records the end of the run, with what is not written yet. Returns the run's id.
    ///
    /// The sink hears of the end only after it is written.
    pub(super) fn finish(mut self, end: RunEnd) -> Result<RunId, ApplyError> {
        let event = self.note(EventKind::RunFinished {
            outcome: end.outcome.to_owned(),
            counts: end.counts,
            ms: u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            estimated_ms: end.estimated_ms,
            saved: end.saved,
        });
        let counts = end
            .recorded_counts
            .unwrap_or_else(|| serde_json::to_value(end.counts).expect("dp's own values have a JSON form"));
        self.sync()?;
        let batch = self.take();
        self.writer.finish_run(self.run, end.outcome, &counts, self.clock.now(), &batch)?;
        self.pass_on(&event);
        Ok(self.run)
    }

    /// Adds the event to the event log and passes it to the sink.
    pub(super) fn tell(&mut self, kind: EventKind) {
        let event = self.note(kind);
        self.pass_on(&event);
    }

    /// Passes the event to the sink.
    pub(super) fn pass_on(&mut self, event: &Event) {
        (self.sink)(event);
    }

    /// Adds an event to the event log without passing it to the sink: it is true only once the batch is written.
    pub(super) fn note(&mut self, kind: EventKind) -> Event {
        let event = Event {
            time: self.clock.now(),
            run: self.run,
            kind,
        };
        let mut data = serde_json::to_value(&event.kind).expect("dp's own values have a JSON form");
        if let Some(fields) = data.as_object_mut() {
            fields.remove("event");
            fields.remove("asset");
        }
        self.batch.events.push(EventEntry {
            time: event.time,
            event: event.kind.word().to_owned(),
            asset: event.kind.asset().cloned(),
            data,
        });
        event
    }

    /// Records that a file of a version differs from the record, so that no environment uses the version any more.
    pub(super) fn damaged(&mut self, version: &Version, path: &str, reason: &str) {
        self.tell(EventKind::VersionDamaged {
            asset: version.asset.clone(),
            version: version.id.clone(),
            path: path.to_owned(),
            reason: reason.to_owned(),
        });
        self.batch.marks.push((version.id.clone(), VersionState::Damaged, reason.to_owned()));
    }

    /// Records that the files of a damaged version match the record again.
    pub(super) fn restored(&mut self, version: &Version) {
        self.tell(EventKind::VersionRestored {
            asset: version.asset.clone(),
            version: version.id.clone(),
        });
        self.batch.marks.push((version.id.clone(), VersionState::Intact, String::new()));
    }

    /// Writes the batch if the write interval has passed.
    pub(super) fn write_if_due(&mut self) -> Result<(), ApplyError> {
        if self.written.elapsed() >= longest(self.begun.elapsed()) {
            self.write()?;
        }
        Ok(())
    }

    /// Writes the batch. Files are synced to the disk before the state names them.
    pub(super) fn write(&mut self) -> Result<(), ApplyError> {
        if !self.batch.is_empty() {
            self.sync()?;
            self.writer.record(&self.batch)?;
            self.batch = Batch::new(self.run);
        }
        self.written = Instant::now();
        Ok(())
    }

    /// Syncs new files of the store to the disk, with one call for all of them.
    pub(super) fn sync(&mut self) -> Result<(), ApplyError> {
        if self.batch.versions.iter().any(|(version, _)| version.stored_files().next().is_some()) {
            let store = self.root.join(layout::STORE);
            self.unsynced = true;
            fs::reached(Point::BeforeSync, &store)?;
            fs::sync_file_system(&store)?;
            fs::reached(Point::AfterSync, &store)?;
            self.unsynced = false;
        }
        Ok(())
    }

    /// Whether a sync to the disk failed. A second attempt proves nothing: the system may have dropped the data, and
    /// it reports the failure only once. The next command reads every byte.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.unsynced
    }

    /// Takes the batch, so that it is written in another transaction.
    pub(super) fn take(&mut self) -> Batch {
        std::mem::replace(&mut self.batch, Batch::new(self.run))
    }
}
