//! Gathers what a run does and writes it in batches, so that durability costs a number of syncs
//! that grows with time and not with the number of assets.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{ApplyError, Event, EventKind};
use crate::clock::Clock;
use crate::fault::Point;
use crate::fs;
use crate::state::{RunId, Version};
use crate::store::{Batch, EventEntry, VersionState, Writer};
use crate::warehouse::layout;

/// How long something finished may stay off the record, in a run that has gone on for so long: a second, later a
/// quarter of that time, and half a minute at most. So a run of two minutes writes some twenty times, and a run of hours
/// twice a minute.
fn longest(going_on: Duration) -> Duration {
    (going_on / 4).clamp(Duration::from_secs(1), Duration::from_secs(30))
}

/// The record of one run while it goes on.
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

    /// Tells everybody what happened, the event log among them.
    pub(super) fn tell(&mut self, kind: EventKind) {
        let event = self.note(kind);
        self.pass_on(&event);
    }

    /// Tells those who watch.
    pub(super) fn pass_on(&mut self, event: &Event) {
        (self.sink)(event);
    }

    /// Puts in the event log what is true once the batch is written; nobody is told yet.
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

    /// A file of a version is not what was recorded: nobody is to believe that version any more.
    pub(super) fn damaged(&mut self, version: &Version, path: &str, reason: &str) {
        self.tell(EventKind::VersionDamaged {
            asset: version.asset.clone(),
            version: version.id.clone(),
            path: path.to_owned(),
            reason: reason.to_owned(),
        });
        self.batch.marks.push((version.id.clone(), VersionState::Damaged, reason.to_owned()));
    }

    /// The files of a version on record as damaged are as they were again.
    pub(super) fn restored(&mut self, version: &Version) {
        self.tell(EventKind::VersionRestored {
            asset: version.asset.clone(),
            version: version.id.clone(),
        });
        self.batch.marks.push((version.id.clone(), VersionState::Intact, String::new()));
    }

    /// Writes what was gathered, if that is some time ago.
    pub(super) fn write_if_due(&mut self) -> Result<(), ApplyError> {
        if self.written.elapsed() >= longest(self.begun.elapsed()) {
            self.write()?;
        }
        Ok(())
    }

    /// Writes what was gathered. Files come to the disk before the state says that they are there.
    pub(super) fn write(&mut self) -> Result<(), ApplyError> {
        if !self.batch.is_empty() {
            self.sync()?;
            self.writer.record(&self.batch)?;
            self.batch = Batch::new(self.run);
        }
        self.written = Instant::now();
        Ok(())
    }

    /// Brings new files of the store to the disk: one call, however many there are.
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

    /// Whether bringing files to the disk failed. Trying again proves nothing: the system may have given up on them,
    /// and says so once. The next command looks at every byte.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.unsynced
    }

    /// The batch, to be written together with something else.
    pub(super) fn take(&mut self) -> Batch {
        std::mem::replace(&mut self.batch, Batch::new(self.run))
    }
}
