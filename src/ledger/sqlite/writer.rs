//! Writes the state; each method is one transaction.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde_json::Value;

use super::batch::write_mark;
use super::change::Change;
use super::history::VersionState;
use super::rows::{Columns, integer, json, position, time_text};
use super::{Batch, HeldLock, Reader, StoreError, backup, open};
use crate::base::fault::Point;
use crate::model::{
    AssetName, Digest, EnvironmentName, ProjectPath, Publication, ReleaseName, RunId, RunStart, StepIntent, Undone,
    VersionId,
};

/// Write access to the state, with all methods of [`Reader`].
///
/// Keeps the lock held for as long as it lives.
#[derive(Debug)]
pub struct Writer {
    pub(super) reader: Reader,
    pub(super) lock: HeldLock,
    keeps_backups: bool,
}

impl Deref for Writer {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Writer {
    /// Opens the state in the `.dp` folder of the lock. Creates it if it is missing, and migrates an older format.
    pub fn open(lock: &HeldLock, dp_folder: &Path) -> Result<Self, StoreError> {
        let mut writer = Self::over(open::for_writing(lock, dp_folder)?, open::state_path(dp_folder), lock);
        writer.keeps_backups = true;
        Ok(writer)
    }

    /// Wraps a connection; `path` is the path in messages.
    pub(super) fn over(connection: Connection, path: PathBuf, lock: &HeldLock) -> Self {
        Self {
            reader: Reader { connection, path },
            lock: lock.clone(),
            keeps_backups: false,
        }
    }

    /// Records what a run is about to do. Backs up the state first, so that no run can lose it.
    pub fn begin_run(&mut self, start: &RunStart) -> Result<RunId, StoreError> {
        if self.keeps_backups {
            backup::keep(self.lock.folder())?;
        }
        let change = self.change()?;
        let run = change.insert(
            "insert into run_record
                 (command, environment, arguments, user, host, pid, dp_version, engine, plan, started)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                start.command,
                start.environment.as_str(),
                json(&start.arguments),
                start.user,
                start.host,
                start.pid,
                start.dp_version,
                start.engine,
                start.plan.as_ref().map_or("", Digest::as_str),
                time_text(start.started),
            ],
        )?;
        for (index, step) in start.steps.iter().enumerate() {
            write_intent(&change, run, position(index), step)?;
        }
        change.commit_between(Point::BeforeRunBegun, Point::AfterRunBegun)?;
        Ok(RunId(u64::try_from(run).expect("SQLite counts rows from 1")))
    }

    /// Records what a run found and did.
    pub fn record(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let change = self.change()?;
        batch.write(&change)?;
        change.commit_between(Point::BeforeBatch, Point::AfterBatch)?;
        Ok(())
    }

    /// Moves pointers, all at once, and records their previous versions. Returns the new serial.
    ///
    /// A pointer that is already correct stays as it is, with the run that set it.
    pub fn publish(
        &mut self,
        run: RunId,
        publication: &Publication,
        at: Timestamp,
        batch: &Batch,
    ) -> Result<u64, StoreError> {
        assert_eq!(run, batch.run, "a run publishes its own batch");
        let change = self.change()?;
        // First, because the batch may contain versions that are published now.
        batch.write(&change)?;
        let previous_release = change.one(
            "select release from environment where name = ?1",
            [publication.environment.as_str()],
            |row| row.release("release"),
        )?;
        change.execute(
            "insert into environment (name, release, shown_at) values (?1, ?2, ?3)
             on conflict (name) do update set release = excluded.release, deleted = null,
                 shown_at = coalesce(environment.shown_at, excluded.shown_at)",
            params![publication.environment.as_str(), publication.release.as_str(), publication.shown_at.as_str()],
        )?;
        let id = change.insert(
            "insert into publication (run, environment, at, serial, release, previous_release)
             values (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                integer(run.0),
                publication.environment.as_str(),
                time_text(at),
                integer(change.serial()),
                publication.release.as_str(),
                previous_release.as_ref().map(ReleaseName::as_str),
            ],
        )?;
        let moves = Moves {
            change: &change,
            publication: id,
            environment: &publication.environment,
            run,
            at,
        };
        for (asset, version) in &publication.set {
            moves.set(asset, version)?;
        }
        for asset in &publication.withdrawn {
            moves.withdraw(asset)?;
        }
        for (asset, former) in &publication.moved {
            moves.settle(asset, former)?;
        }
        for (asset, name) in &publication.resumed {
            moves.resume(asset, name)?;
        }
        if let Some(undone) = &publication.undone {
            moves.hold(undone)?;
        }
        change.commit_between(Point::BeforePointers, Point::AfterPointers)
    }

    /// Records the folder of an environment's links, once there are none in another folder.
    pub fn shown_at(&mut self, environment: &EnvironmentName, folder: &ProjectPath) -> Result<(), StoreError> {
        let change = self.change()?;
        let sql = "update environment set shown_at = ?2 where name = ?1";
        change.execute(sql, [environment.as_str(), folder.as_str()])?;
        change.commit()?;
        Ok(())
    }

    /// Withdraws every asset of an environment and deletes it, all at once. Its history stays.
    pub fn delete_environment(
        &mut self,
        run: RunId,
        publication: &Publication,
        at: Timestamp,
        batch: &Batch,
    ) -> Result<(), StoreError> {
        let environment = publication.environment.as_str();
        let change = self.change()?;
        batch.write(&change)?;
        let previous = change
            .one("select release from environment where name = ?1", [environment], |row| row.release("release"))?;
        let id = change.insert(
            "insert into publication (run, environment, at, serial, release, previous_release)
             values (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                integer(run.0),
                environment,
                time_text(at),
                integer(change.serial()),
                publication.release.as_str(),
                previous.as_ref().map(ReleaseName::as_str),
            ],
        )?;
        let moves = Moves {
            change: &change,
            publication: id,
            environment,
            run,
            at,
        };
        for asset in &publication.withdrawn {
            moves.withdraw(asset)?;
        }
        change.execute("delete from hold where environment = ?1", [environment])?;
        change.execute("delete from settled_move where environment = ?1", [environment])?;
        change.execute("delete from setting_record where environment = ?1", [environment])?;
        change.execute(
            "update environment set release = ?2, deleted = ?3, shown_at = null where name = ?1",
            params![environment, publication.release.as_str(), time_text(at)],
        )?;
        change.commit()?;
        Ok(())
    }

    /// Records that a run has ended, with its last batch.
    pub fn finish_run(
        &mut self,
        run: RunId,
        outcome: &str,
        counts: &Value,
        finished: Timestamp,
        batch: &Batch,
    ) -> Result<(), StoreError> {
        assert_eq!(run, batch.run, "a run ends with its own batch");
        let change = self.change()?;
        batch.write(&change)?;
        change.execute(
            "update run_record set outcome = ?2, counts = ?3, finished = ?4 where run = ?1",
            params![integer(run.0), outcome, json(counts), time_text(finished)],
        )?;
        change.commit_between(Point::BeforeRunEnded, Point::AfterRunEnded)?;
        Ok(())
    }

    /// Records the end of a run that did not record it itself.
    pub fn abandon_run(&mut self, run: RunId, outcome: &str, at: Timestamp) -> Result<(), StoreError> {
        let change = self.change()?;
        change.expect_unfinished(run)?;
        change.execute(
            "update run_record set outcome = ?2, finished = ?3 where run = ?1",
            params![integer(run.0), outcome, time_text(at)],
        )?;
        change.commit_between(Point::BeforeRunAbandoned, Point::AfterRunAbandoned)?;
        Ok(())
    }

    /// Records the state of a version. A removed version stays removed.
    pub fn mark_version(&mut self, version: &VersionId, state: VersionState, reason: &str) -> Result<(), StoreError> {
        let change = self.change()?;
        write_mark(&change, version, state, reason)?;
        change.commit()?;
        Ok(())
    }

    pub(super) fn change(&mut self) -> Result<Change<'_>, StoreError> {
        Change::begin(&mut self.reader.connection, &self.reader.path, &self.lock)
    }
}

fn write_intent(change: &Change<'_>, run: i64, position: i64, step: &StepIntent) -> Result<(), StoreError> {
    change.execute(
        "insert into step_record (run, position, asset, action, reasons, intended_version)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            run,
            position,
            step.asset.as_str(),
            step.action,
            json(&step.reasons),
            step.version.as_ref().map(VersionId::as_str),
        ],
    )?;
    Ok(())
}

/// The pointers that one publication moves.
struct Moves<'a> {
    change: &'a Change<'a>,
    publication: i64,
    environment: &'a str,
    run: RunId,
    at: Timestamp,
}

impl Moves<'_> {
    fn set(&self, asset: &AssetName, version: &VersionId) -> Result<(), StoreError> {
        let after = self.intact(asset, version)?;
        let before = self.current(asset)?;
        if before == Some(after) {
            return Ok(());
        }
        self.change.execute(
            "insert into pointer (environment, asset, version, since, run) values (?1, ?2, ?3, ?4, ?5)
             on conflict (environment, asset) do update
             set version = excluded.version, since = excluded.since, run = excluded.run",
            params![self.environment, asset.as_str(), after, time_text(self.at), integer(self.run.0)],
        )?;
        self.remember(asset, before, Some(after))
    }

    fn withdraw(&self, asset: &AssetName) -> Result<(), StoreError> {
        let before = self.current(asset)?;
        if before.is_none() {
            return Ok(());
        }
        for sql in [
            "delete from pointer where environment = ?1 and asset = ?2",
            "delete from hold where environment = ?1 and asset = ?2 and key is null",
        ] {
            self.change.execute(sql, params![self.environment, asset.as_str()])?;
        }
        self.remember(asset, before, None)
    }

    /// Holds back what was rolled back, and releases what the undone runs had held back.
    fn hold(&self, undone: &Undone) -> Result<(), StoreError> {
        self.change.execute(
            "delete from hold where environment = ?1 and run >= ?2",
            params![self.environment, integer(undone.since.0)],
        )?;
        for held in &undone.held {
            self.change.execute(
                "insert into hold (environment, asset, key, version, run, definition)
                 values (?1, ?2, ?3, ?4, ?5, ?6)
                 on conflict do nothing",
                params![
                    self.environment,
                    held.asset.as_str(),
                    held.key.as_ref().map(Digest::as_str),
                    held.version.as_ref().map(VersionId::as_str),
                    integer(self.run.0),
                    held.definition.as_ref().map(Digest::as_str),
                ],
            )?;
        }
        Ok(())
    }

    /// Notes that an asset is published under a new name: it takes nothing more over from the previous name, and a
    /// hold under that name also applies to the new name.
    fn settle(&self, asset: &AssetName, former: &AssetName) -> Result<(), StoreError> {
        self.change.execute(
            "insert into settled_move (environment, asset, former) values (?1, ?2, ?3) on conflict do nothing",
            params![self.environment, asset.as_str(), former.as_str()],
        )?;
        self.change.execute(
            "insert into hold (environment, asset, key, version, run, definition)
             select environment, ?2, key, version, run, definition from hold
             where environment = ?1 and asset = ?3 and key is not null
             on conflict do nothing",
            params![self.environment, asset.as_str(), former.as_str()],
        )?;
        Ok(())
    }

    /// Releases the hold under `name` on the definition of an asset that is published now.
    fn resume(&self, asset: &AssetName, name: &AssetName) -> Result<(), StoreError> {
        self.change.execute(
            "delete from hold where environment = ?1 and asset = ?3 and definition = (
                 select definition from pointer join version_record on version_record.number = pointer.version
                 where pointer.environment = ?1 and pointer.asset = ?2)",
            params![self.environment, asset.as_str(), name.as_str()],
        )?;
        Ok(())
    }

    fn remember(&self, asset: &AssetName, before: Option<i64>, after: Option<i64>) -> Result<(), StoreError> {
        self.change.execute(
            "insert into publication_change (publication, asset, before, after) values (?1, ?2, ?3, ?4)",
            params![self.publication, asset.as_str(), before, after],
        )?;
        Ok(())
    }

    fn current(&self, asset: &AssetName) -> Result<Option<i64>, StoreError> {
        self.change.one(
            "select version from pointer where environment = ?1 and asset = ?2",
            params![self.environment, asset.as_str()],
            |row| row.get("version"),
        )
    }

    /// Returns the number of a version, if it may be published.
    fn intact(&self, asset: &AssetName, version: &VersionId) -> Result<i64, StoreError> {
        let (number, state): (i64, VersionState) = self
            .change
            .one(
                "select number, state from version_record where id = ?1 and asset = ?2",
                params![version.as_str(), asset.as_str()],
                |row| Ok((row.get("number")?, row.parsed("state")?)),
            )?
            .ok_or_else(|| StoreError::UnknownVersion {
                version: version.clone(),
                asset: Some(asset.clone()),
            })?;
        match state {
            VersionState::Intact => Ok(number),
            state @ (VersionState::Damaged | VersionState::Removed) => Err(StoreError::VersionNotIntact {
                asset: asset.clone(),
                version: version.clone(),
                state,
            }),
        }
    }
}
