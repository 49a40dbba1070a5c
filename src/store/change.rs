//! One transaction that changes the state, and counts its serial up.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Params, Row, Transaction, TransactionBehavior};

use super::error::failed;
use super::rows::{Columns, integer};
use super::{HeldLock, StoreError};
use crate::fault::Point;
use crate::fs;
use crate::state::RunId;

/// A change under way; dropped without [`Self::commit`], it never was.
pub(super) struct Change<'a> {
    transaction: Transaction<'a>,
    path: &'a Path,
    serial: u64,
}

impl<'a> Change<'a> {
    pub(super) fn begin(connection: &'a mut Connection, path: &'a Path, lock: &HeldLock) -> Result<Self, StoreError> {
        let transaction =
            Transaction::new(connection, TransactionBehavior::Immediate).map_err(failed("write", path))?;
        // Only now: who took the lock away meanwhile can't write before this is over.
        lock.expect_held()?;
        let mut change = Self {
            transaction,
            path,
            serial: 0,
        };
        change.serial = change
            .one("update state set serial = serial + 1 returning serial", [], |row| row.unsigned("serial"))?
            .ok_or_else(|| StoreError::Damaged {
                path: path.to_owned(),
                detail: "it has no identity".to_owned(),
            })?;
        Ok(change)
    }

    /// The serial that the state has after this change.
    pub(super) fn serial(&self) -> u64 {
        self.serial
    }

    pub(super) fn commit(self) -> Result<u64, StoreError> {
        self.commit_between(Point::BeforeCommit, Point::AfterCommit)
    }

    /// Commits, between two points at which a test can step in.
    pub(super) fn commit_between(self, before: Point, after: Point) -> Result<u64, StoreError> {
        fs::reached(before, self.path)?;
        self.transaction.commit().map_err(failed("write", self.path))?;
        fs::reached(after, self.path)?;
        Ok(self.serial)
    }

    /// How many rows it changed.
    pub(super) fn execute(&self, sql: &str, parameters: impl Params) -> Result<usize, StoreError> {
        self.transaction
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(parameters))
            .map_err(failed("write", self.path))
    }

    /// The number of the row that it made.
    pub(super) fn insert(&self, sql: &str, parameters: impl Params) -> Result<i64, StoreError> {
        self.transaction
            .prepare_cached(sql)
            .and_then(|mut statement| statement.insert(parameters))
            .map_err(failed("write", self.path))
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        self.transaction
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row(parameters, read).optional())
            .map_err(failed("read", self.path))
    }

    /// Refuses to go on for a run that is over or never was.
    pub(super) fn expect_unfinished(&self, run: RunId) -> Result<(), StoreError> {
        let sql = "select 1 from run_record where run = ?1 and finished is null";
        match self.one(sql, [integer(run.0)], |_| Ok(()))? {
            Some(()) => Ok(()),
            None => Err(StoreError::UnknownRun { run }),
        }
    }
}
