//! Collects what a run does and writes it in batches, so that the number of syncs grows with time and not with the
//! number of assets.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{ApplyError, Event, EventKind};
use crate::base::clock::Clock;
use crate::base::fault::Point;
use crate::base::{fs, layout};
use crate::ledger::sqlite::{Batch, EventEntry, VersionState, Writer};
use crate::model::{RunId, Version};

/// How long a finished step may stay unwritten in a run of the given duration: a quarter of the duration, at least one
/// second and at most 30 seconds. A run of two minutes writes about twenty times, a run of hours twice a minute.
fn longest(going_on: Duration) -> Duration {
    (going_on / 4).clamp(Duration::from_secs(1), Duration::from_secs(30))
}

/// The record of one run while it runs.
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
    pub(super) fn new(
        writer: &'a mut Writer,
        run: RunId,
        sink: &'a mut dyn FnMut(&Event),
        root: PathBuf,
        clock: Clock,
    ) -> Self {
        Self {
            writer,
            run,
            batch: Batch::new(run),
            sink,
            root,
            clock,
            begun: Instant::now(),
            written: Instant::now(),
            unsynced: false,
        }
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
