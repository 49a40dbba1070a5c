//! One transaction that changes the state and increases its serial.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Params, Row, Transaction, TransactionBehavior};

use super::error::failed;
use super::rows::{Columns, integer};
use super::{HeldLock, StoreError};
use crate::base::fault::Point;
use crate::base::fs;
use crate::model::RunId;

/// A change in progress. It is rolled back if it is dropped without [`Self::commit`].
pub(super) struct Change<'a> {
    transaction: Transaction<'a>,
    path: &'a Path,
    serial: u64,
}

impl<'a> Change<'a> {
    pub(super) fn begin(connection: &'a mut Connection, path: &'a Path, lock: &HeldLock) -> Result<Self, StoreError> {
        let transaction =
            Transaction::new(connection, TransactionBehavior::Immediate).map_err(failed("write", path))?;
        // Only inside the transaction: a process that took the lock away meanwhile can't write before this one ends.
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

    /// Returns the serial that the state has after this change.
    pub(super) fn serial(&self) -> u64 {
        self.serial
    }

    pub(super) fn commit(self) -> Result<u64, StoreError> {
        self.commit_between(Point::BeforeCommit, Point::AfterCommit)
    }

    /// Commits, between two points at which a test can inject a fault.
    pub(super) fn commit_between(self, before: Point, after: Point) -> Result<u64, StoreError> {
        fs::reached(before, self.path)?;
        self.transaction.commit().map_err(failed("write", self.path))?;
        fs::reached(after, self.path)?;
        Ok(self.serial)
    }

    /// Executes a statement and returns the number of changed rows.
    pub(super) fn execute(&self, sql: &str, parameters: impl Params) -> Result<usize, StoreError> {
        self.transaction
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(parameters))
            .map_err(failed("write", self.path))
    }

    /// Executes an insert and returns the number of the new row.
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

    /// Returns an error if the run is finished or not recorded.
    pub(super) fn expect_unfinished(&self, run: RunId) -> Result<(), StoreError> {
        let sql = "select 1 from run_record where run = ?1 and finished is null";
        match self.one(sql, [integer(run.0)], |_| Ok(()))? {
            Some(()) => Ok(()),
            None => Err(StoreError::UnknownRun { run }),
        }
    }
}
