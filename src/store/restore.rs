//! Putting a backup in the place of the record.
//!
//! The new record is made whole beside its place, checked, and renamed over the old one, which stays under another
//! name with its journal or log. A crash leaves the old one or the new one.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::Serialize;

use super::error::failed;
use super::rows::{Columns, integer, time_text};
use super::{HeldLock, Reader, StoreError, Writer, backup, migrations, open};
use crate::project::{AssetName, EnvironmentName};
use crate::state::{RunId, VersionId};
use crate::{fs, id};

/// What a record holds, as far as it matters for whether to put another in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contents {
    /// The identity of the state.
    pub state_id: String,
    /// Its serial.
    pub serial: u64,
    /// What is published, by environment and asset.
    #[serde(skip)]
    pub published: BTreeMap<(EnvironmentName, AssetName), VersionId>,
    /// The versions on record.
    #[serde(skip)]
    pub versions: BTreeSet<VersionId>,
    /// Those of them that have files in the store.
    #[serde(skip)]
    pub stored: BTreeSet<VersionId>,
    /// Whether it holds what happened in the runs, not only what came of them.
    pub has_log: bool,
    /// The last run that was ever begun.
    pub last_run: Option<RunId>,
}

/// The record as it is before something else is put in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Present {
    /// There is none.
    Missing,
    /// It can't be used; why.
    Unusable(String),
    /// It can be read.
    Readable(Contents),
}

/// The automatic backups in a `.dp` folder, the newest first.
pub fn backups(dp_folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    backup::kept(dp_folder)
}

/// Copies the whole record to a file. Needs no lock, and copies one moment.
pub fn back_up(dp_folder: &Path, to: &Path) -> Result<(), StoreError> {
    backup::whole(dp_folder, to)
}

/// Where a backup that the user asks for is put if they don't say: a name that is free.
pub fn free_name(dp_folder: &Path) -> Result<PathBuf, StoreError> {
    let folder = backup::folder(dp_folder);
    fs::create_folder(&folder, true)?;
    Ok(free(&folder, "by-hand-", ".db"))
}

/// What a backup holds, if it is whole.
pub fn contents(path: &Path) -> Result<Contents, StoreError> {
    let (connection, _) = open::connect(path)?;
    checked(&connection, path)?;
    read(connection, path)
}

/// What is there now.
pub fn present(dp_folder: &Path) -> Present {
    let path = open::state_path(dp_folder);
    if !fs::exists(&path) {
        return Present::Missing;
    }
    let found = open::connect(&path).and_then(|(connection, _)| read(connection, &path));
    match found {
        Ok(contents) => Present::Readable(contents),
        Err(error) => Present::Unusable(error.to_string()),
    }
}

const STORED: &str = "select id from version_record where path is not null and state <> 'removed'";

fn read(connection: Connection, path: &Path) -> Result<Contents, StoreError> {
    let reader = Reader {
        connection,
        path: path.to_owned(),
    };
    reader.at_one_moment(|| {
        let (state_id, serial) = reader.identity()?;
        let published = reader.all(
            "select environment, pointer.asset as asset, id
             from pointer join version_record on version_record.number = pointer.version",
            [],
            |row| Ok(((row.environment("environment")?, row.parsed("asset")?), row.version("id")?)),
        )?;
        let last = "select seq from sqlite_sequence where name = 'run_record'";
        Ok(Contents {
            state_id,
            serial,
            published: published.into_iter().collect(),
            versions: reader.all("select id from version_record", [], |row| row.version("id"))?.into_iter().collect(),
            stored: reader.all(STORED, [], |row| row.version("id"))?.into_iter().collect(),
            has_log: reader.one("select 1 from event_record limit 1", [], |_| Ok(()))?.is_some(),
            last_run: reader.one(last, [], |row| row.run("seq"))?,
        })
    })
}

/// Every page and every row, not only those that a plan reads.
fn checked(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let found: String =
        connection.query_row("pragma main.integrity_check(1)", [], |row| row.get(0)).map_err(failed("check", path))?;
    let damaged = |detail: String| StoreError::Damaged {
        path: path.to_owned(),
        detail,
    };
    if found != "ok" {
        return Err(damaged(found));
    }
    let loose: i64 = connection
        .query_row("select count(*) from pragma_foreign_key_check", [], |row| row.get(0))
        .map_err(failed("check", path))?;
    match loose {
        0 => Ok(()),
        _ => Err(damaged(format!("{loose} of its rows name what is not there"))),
    }
}

/// A new record that is not in its place yet; dropped without [`Self::put_in_place`], it never was.
#[derive(Debug)]
pub struct Restoration {
    writer: Writer,
    temporary: Temporary,
    dp_folder: PathBuf,
}

/// A file that is removed unless it was renamed.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // Removed as a leftover by the next restore otherwise.
        drop(fs::remove_file(&self.0));
        for beside in open::kept_beside(&self.0) {
            drop(fs::remove_file(&beside));
        }
    }
}

impl Deref for Restoration {
    type Target = Writer;
    fn deref(&self) -> &Writer {
        &self.writer
    }
}

impl DerefMut for Restoration {
    fn deref_mut(&mut self) -> &mut Writer {
        &mut self.writer
    }
}

impl Restoration {
    /// A copy of a backup with an identity of its own, so that no plan of before fits it.
    pub fn begin(lock: &HeldLock, dp_folder: &Path, from: &Path) -> Result<Self, StoreError> {
        assert_eq!(lock.folder(), dp_folder, "the lock is that of the folder written to");
        contents(from)?;
        open::clear_leftovers(dp_folder)?;
        let path = open::state_path(dp_folder);
        let temporary = Temporary(fs::beside(&path));
        fs::copy(from, &temporary.0)?;
        fs::set_mode(&temporary.0, 0o600)?;
        let (mut connection, found) = open::connect(&temporary.0)?;
        migrations::bring_up(&mut connection, migrations::ALL, found).map_err(failed("bring up to date", from))?;
        // Nobody reads it before it is in its place, and then it is synced as a whole.
        connection.pragma_update(None, "synchronous", "off").map_err(failed("write", from))?;
        connection
            .execute("update state set id = ?1", params![id::random_hex(open::STATE_ID_BYTES)])
            .map_err(failed("write", from))?;
        Ok(Self {
            writer: Writer::over(connection, path, lock),
            temporary,
            dp_folder: dp_folder.to_owned(),
        })
    }

    /// Never gives the number of this run, or one before it, to another.
    pub fn skip_runs(&mut self, until: RunId) -> Result<(), StoreError> {
        let change = self.writer.change()?;
        let sql = "update sqlite_sequence set seq = max(seq, ?1) where name = 'run_record'";
        if change.execute(sql, [integer(until.0)])? == 0 {
            change.execute("insert into sqlite_sequence (name, seq) values ('run_record', ?1)", [integer(until.0)])?;
        }
        change.commit()?;
        Ok(())
    }

    /// Puts on record that there was a run, of which no more is known than that it built something.
    pub fn stand_in(&mut self, run: RunId, engine: &str, at: Timestamp) -> Result<(), StoreError> {
        let change = self.writer.change()?;
        change.execute(
            "insert into run_record
                 (run, command, environment, arguments, user, host, pid, dp_version, engine, plan, started, finished, outcome)
             values (?1, 'unknown', '', '[]', '', '', 0, '', ?2, '', ?3, ?3, 'lost')
             on conflict do nothing",
            params![integer(run.0), engine, time_text(at)],
        )?;
        change.commit()?;
        Ok(())
    }

    /// Puts it in the place of the record. What was there stays beside it; gives its name.
    pub fn put_in_place(self) -> Result<Option<PathBuf>, StoreError> {
        let Self {
            writer,
            temporary,
            dp_folder,
        } = self;
        writer.lock.expect_held()?;
        let path = open::state_path(&dp_folder);
        let Reader { connection, .. } = writer.reader;
        connection.close().map_err(|(_, error)| failed("write", &path)(error))?;
        fs::sync_file(&temporary.0)?;
        let aside = fs::exists(&path).then(|| free(&dp_folder, "state.db.replaced-", ""));
        if let Some(aside) = &aside {
            // First a second name for it, so that at no time there is nothing in its place.
            fs::second_name(&path, aside)?;
            fs::sync_file(aside)?;
            // What a crash left half written can only be read together with its journal or log, and nothing else with it.
            for (beside, aside) in open::kept_beside(&path).iter().zip(open::kept_beside(aside)) {
                if fs::exists(beside) {
                    fs::rename(beside, &aside)?;
                }
            }
        } else {
            for beside in open::kept_beside(&path) {
                fs::remove_file(&beside)?;
            }
        }
        fs::rename(&temporary.0, &path)?;
        fs::sync_folder(&dp_folder)?;
        Ok(aside)
    }
}

fn free(folder: &Path, before: &str, after: &str) -> PathBuf {
    let name = |number: u32| folder.join(format!("{before}{number}{after}"));
    (1..u32::MAX).map(name).find(|path| !fs::exists(path)).expect("a folder does not hold all numbers")
}
