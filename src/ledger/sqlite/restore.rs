//! Replaces the state with a backup.
//!
//! dp writes the new state beside its place, checks it, and renames it over the old one. The old state stays under
//! another name with its journal or log. A crash leaves either the old or the new state.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::Serialize;

use super::error::failed;
use super::rows::{Columns, integer, time_text};
use super::{HeldLock, Reader, StoreError, Writer, backup, migrations, open};
use crate::base::{fs, random};
use crate::model::{AssetName, EnvironmentName, RunId, VersionId};

/// The content of a state, as far as it matters for a replacement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contents {
    /// The identity of the state.
    pub state_id: String,
    /// The serial of the state.
    pub serial: u64,
    /// What is published, by environment and asset.
    #[serde(skip)]
    pub published: BTreeMap<(EnvironmentName, AssetName), VersionId>,
    /// The recorded versions.
    #[serde(skip)]
    pub versions: BTreeSet<VersionId>,
    /// The recorded versions that have files in the store.
    #[serde(skip)]
    pub stored: BTreeSet<VersionId>,
    /// Whether the state holds the log of the runs, not only their results.
    pub has_log: bool,
    /// The last run that was started.
    pub last_run: Option<RunId>,
}

/// The current state before a replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Present {
    /// There is no state.
    Missing,
    /// The state can't be used, with the reason.
    Unusable(String),
    /// The state can be read.
    Readable(Contents),
}

/// Returns the automatic backups in a `.dp` folder, newest first.
pub fn backups(dp_folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    backup::kept(dp_folder)
}

/// Copies the whole state to a file. Needs no lock, and copies one moment.
pub fn back_up(dp_folder: &Path, to: &Path) -> Result<(), StoreError> {
    backup::whole(dp_folder, to)
}

/// Returns an unused default path for a backup that the user asks for.
pub fn free_name(dp_folder: &Path) -> Result<PathBuf, StoreError> {
    let folder = backup::folder(dp_folder);
    fs::create_folder(&folder, true)?;
    Ok(free(&folder, "by-hand-", ".db"))
}

/// Returns the content of a backup, if the backup is complete.
pub fn contents(path: &Path) -> Result<Contents, StoreError> {
    let (connection, _) = open::connect(path)?;
    checked(&connection, path)?;
    read(connection, path)
}

/// Returns the current state.
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

/// Checks every page and every row, not only those that a plan reads.
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
        _ => Err(damaged(format!("{loose} of its rows refer to missing rows"))),
    }
}

/// A new state that is not in its place yet. It is removed if it is dropped without [`Self::put_in_place`].
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
        // If this fails, the next restore removes the file.
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
    /// Copies a backup and gives it a new identity, so that no earlier plan matches it.
    pub fn begin(lock: &HeldLock, dp_folder: &Path, from: &Path) -> Result<Self, StoreError> {
        assert_eq!(lock.folder(), dp_folder, "the lock is that of the folder written to");
        contents(from)?;
        open::clear_leftovers(dp_folder)?;
        let path = open::state_path(dp_folder);
        let temporary = Temporary(fs::beside(&path));
        fs::copy(from, &temporary.0)?;
        fs::set_mode(&temporary.0, 0o600)?;
        let (mut connection, found) = open::connect(&temporary.0)?;
        migrations::bring_up(&mut connection, migrations::ALL, found).map_err(failed("upgrade", from))?;
        // Nothing reads the file before it is in its place, and it is synced as a whole then.
        connection.pragma_update(None, "synchronous", "off").map_err(failed("write", from))?;
        connection
            .execute("update state set id = ?1", params![random::hex(open::STATE_ID_BYTES)])
            .map_err(failed("write", from))?;
        Ok(Self {
            writer: Writer::over(connection, path, lock),
            temporary,
            dp_folder: dp_folder.to_owned(),
        })
    }

    /// Never gives the number of this run, or an earlier one, to another run.
    pub fn skip_runs(&mut self, until: RunId) -> Result<(), StoreError> {
        let change = self.writer.change()?;
        let sql = "update sqlite_sequence set seq = max(seq, ?1) where name = 'run_record'";
        if change.execute(sql, [integer(until.0)])? == 0 {
            change.execute("insert into sqlite_sequence (name, seq) values ('run_record', ?1)", [integer(until.0)])?;
        }
        change.commit()?;
        Ok(())
    }

    /// Records a run of which only is known that it built something.
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

    /// Puts the new state in place. Returns the path of the old state, which stays beside it.
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
            // A second name first, so that the place is never empty.
            fs::second_name(&path, aside)?;
            fs::sync_file(aside)?;
            // What a crash left unfinished can be read only together with its own journal or log.
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
