//! Opens `state.db`: only a complete file, of dp, in a format that this version of dp knows.
//!
//! The state uses a write-ahead log, so that readers never block a run and a run never blocks readers. The last
//! connection that closes moves the log into the file and removes it: while no process uses the state, it is one file
//! that can be copied. On a network file system the log's shared memory does not work. There the state uses a rollback
//! journal, and readers and writers take turns. That journal is truncated, not deleted, because SQLite syncs the
//! truncation: a power failure does not undo a commit that was reported.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, params};

use super::error::failed;
use super::migrations::{self, APPLICATION_ID};
use super::{HeldLock, StoreError, backup};
use crate::base::fault::Point;
use crate::base::{fs, random};

const PATIENCE: Duration = Duration::from_secs(10);

/// The size of the statement cache: larger than the number of dp's statements, so that each is compiled once.
const STATEMENTS: usize = 64;

/// The number of random bytes in the identity of a state.
pub(super) const STATE_ID_BYTES: usize = 16;

/// The smallest page size of SQLite, in bytes.
const SMALLEST: u64 = 512;

pub(super) fn state_path(dp_folder: &Path) -> PathBuf {
    dp_folder.join("state.db")
}

/// Opens the state for reading; `None` if there is no state yet.
pub(super) fn for_reading(dp_folder: &Path) -> Result<Option<Connection>, StoreError> {
    let path = state_path(dp_folder);
    if !fs::exists(&path) {
        expect_new(dp_folder, &path)?;
        return Ok(None);
    }
    let (connection, found) = connect(&path)?;
    let newest = migrations::newest();
    if found < newest {
        return Err(StoreError::OlderFormat { path, found, newest });
    }
    connection.pragma_update(None, "query_only", true).map_err(failed("open", &path))?;
    Ok(Some(connection))
}

/// Opens the state for writing, which needs the lock. Creates or migrates it as needed.
pub(super) fn for_writing(lock: &HeldLock, dp_folder: &Path) -> Result<Connection, StoreError> {
    assert_eq!(lock.folder(), dp_folder, "the lock is that of the folder written to");
    let path = state_path(dp_folder);
    if !fs::exists(&path) {
        expect_new(dp_folder, &path)?;
        create(dp_folder, &path)?;
    }
    let (mut connection, found) = connect(&path)?;
    choose_journal(&connection, dp_folder).map_err(failed("open", &path))?;
    if found < migrations::newest() {
        keep_copy(&connection, dp_folder, found)?;
        migrations::bring_up(&mut connection, migrations::ALL, found).map_err(failed("upgrade", &path))?;
    }
    Ok(connection)
}

/// Creates the file beside its place, then renames it: a partial file is never visible.
fn create(dp_folder: &Path, path: &Path) -> Result<(), StoreError> {
    clear_leftovers(dp_folder)?;
    // SQLite would apply the journal or log of a deleted file to the new one.
    for beside in kept_beside(path) {
        fs::remove_file(&beside)?;
    }

    let temporary = fs::beside(path);
    drop(fs::open_private(&temporary)?);
    let mut connection = open(&temporary)?;
    migrations::bring_up(&mut connection, migrations::ALL, 0).map_err(failed("make", path))?;
    connection
        .execute("insert into state (one, id, serial) values (1, ?1, 0)", params![random::hex(STATE_ID_BYTES)])
        .map_err(failed("make", path))?;
    connection.close().map_err(|(_, error)| failed("make", path)(error))?;
    fs::sync_file(&temporary)?;
    fs::reached(Point::BeforeStateMade, path)?;
    fs::rename(&temporary, path)?;
    fs::sync_folder(dp_folder)?;
    // The folder itself may be new, too.
    if let Some(project) = dp_folder.parent() {
        fs::sync_folder(project)?;
    }
    fs::reached(Point::AfterStateMade, path)?;
    Ok(())
}

/// Removes what a crash left of an unfinished state file. The caller holds the lock, so no process uses it.
pub(super) fn clear_leftovers(dp_folder: &Path) -> Result<(), StoreError> {
    for name in fs::names_in(dp_folder)? {
        if name.starts_with(".state.db.") {
            fs::remove_file(&dp_folder.join(name))?;
        }
    }
    Ok(())
}

/// Returns an error if versions or backups show that the state was lost: dp never silently starts over.
fn expect_new(dp_folder: &Path, path: &Path) -> Result<(), StoreError> {
    let versions = fs::names_in(&dp_folder.join("store"))?.len();
    let backups = backup::kept(dp_folder)?.len();
    if versions == 0 && backups == 0 {
        return Ok(());
    }
    Err(StoreError::Missing { path: path.to_owned() })
}

fn keep_copy(connection: &Connection, dp_folder: &Path, found: i64) -> Result<(), StoreError> {
    let copy = dp_folder.join(format!("state.db.format-{found}"));
    fs::remove_file(&copy)?;
    drop(fs::open_private(&copy)?);
    connection
        .execute("vacuum into ?1", params![copy.to_string_lossy()])
        .map_err(failed("copy the state to", &copy))?;
    fs::sync_file(&copy)?;
    Ok(())
}

/// Opens an existing file and returns its format.
pub(super) fn connect(path: &Path) -> Result<(Connection, i64), StoreError> {
    // SQLite would take such a file for a new database.
    if fs::size(path)? < SMALLEST {
        return Err(StoreError::Damaged {
            path: path.to_owned(),
            detail: "it is empty, or almost empty".to_owned(),
        });
    }
    fs::noted::note(path);
    let connection = open(path)?;
    let (connection, found) = match format(&connection, path) {
        Err(StoreError::Sqlite { source, .. }) if needs_folder(&source) && !has_log(path) => {
            let connection = open_unchanging(path)?;
            let found = format(&connection, path)?;
            (connection, found)
        }
        found => (connection, found?),
    };
    configure(&connection).map_err(failed("open", path))?;
    Ok((connection, found))
}

/// Returns the files that SQLite keeps beside a database: its rollback journal, its write-ahead log, and the index of
/// that log.
pub(super) fn kept_beside(path: &Path) -> [PathBuf; 3] {
    ["-journal", "-wal", "-shm"].map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        name.into()
    })
}

/// Whether a journal or log with content is beside the file, so that the file alone is not the whole state.
pub(super) fn has_log(path: &Path) -> bool {
    let [journal, log, _] = kept_beside(path);
    [journal, log].iter().any(|beside| fs::has_content(beside))
}

/// Whether SQLite could not create the log's index because the folder is not writable.
fn needs_folder(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

/// Opens a state in a folder that is not writable, such as a read-only mount: without locks and without a log.
fn open_unchanging(path: &Path) -> Result<Connection, StoreError> {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri, flags).map_err(failed("open", path))
}

/// Uses the write-ahead log where the file system can share its index between processes, otherwise the rollback
/// journal.
///
/// A state of an earlier version can't be switched while another process reads it. It then stays as it is, and the
/// next run tries again.
fn choose_journal(connection: &Connection, dp_folder: &Path) -> rusqlite::Result<()> {
    let mode = if fs::shares_memory(dp_folder) { "wal" } else { "truncate" };
    connection.busy_timeout(Duration::ZERO)?;
    let switched = connection.pragma_update_and_check(None, "journal_mode", mode, |_| Ok(()));
    connection.busy_timeout(PATIENCE)?;
    match switched {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
        other => other,
    }
}

/// Opens the file for writing even to read it: SQLite must roll back what a crash left unfinished before it can be
/// read. Where the file is not writable, SQLite opens it for reading.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed("open", path))?;
    connection.busy_timeout(PATIENCE).map_err(failed("open", path))?;
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "synchronous", "full")?;
    // At most 64 MiB, in KiB: keys are random, so a large batch touches all of an index.
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A manipulated schema must not call functions with side effects.
    connection.pragma_update(None, "trusted_schema", false)
}

/// Returns the format of a file that is complete, of dp, and not newer than this version of dp.
fn format(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    // One transaction: the number of pages is valid for as long as it lasts.
    let transaction = connection.unchecked_transaction().map_err(failed("read", path))?;
    let pragma = |name: &str| {
        transaction.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed("read", path))
    };
    let ours = pragma("application_id")? == APPLICATION_ID;
    let (found, newest) = (pragma("user_version")?, migrations::newest());
    // SQLite reads the missing part of a last page as zeros.
    let pages = i128::from(pragma("page_size")?) * i128::from(pragma("page_count")?);
    // Pages that were added since the file was complete may be in the log only.
    let cut_off = i128::from(fs::size(path)?) < pages && !has_log(path);
    drop(transaction);
    if ours && found > newest {
        // This view is for users and stays stable in every format.
        let sql = "select dp_version from runs order by started desc limit 1";
        return Err(StoreError::NewerFormat {
            path: path.to_owned(),
            found,
            newest,
            written_by: connection.query_row(sql, [], |row| row.get(0)).ok(),
        });
    }
    if cut_off {
        return Err(StoreError::Damaged {
            path: path.to_owned(),
            detail: "its end is missing".to_owned(),
        });
    }
    if ours { Ok(found) } else { Err(StoreError::Foreign { path: path.to_owned() }) }
}
