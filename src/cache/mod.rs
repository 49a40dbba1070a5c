//! `.dp/cache.db`: results that can be computed again. It may be deleted at any time.
//!
//! Every failure is a miss: nothing here returns an error. Nothing here is synced, so a power failure may leave any
//! mixture of old and new pages. Each row therefore carries a hash of itself, and a row that does not match is
//! ignored. So the cache never returns a wrong result.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rayon::prelude::*;
use rusqlite::types::FromSqlError;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use crate::base::fs::{self, Stamp};
use crate::model::Digest;

/// Increased whenever the tables or the meaning of their content change.
const FORMAT: i64 = 2;

/// "dpca" in ASCII.
const APPLICATION_ID: i64 = 0x6470_6361;

const PATIENCE: Duration = Duration::from_secs(10);

/// The number of bytes that are memory-mapped; SQLite reads the rest page by page.
const MAPPED: i64 = 1 << 30;

/// The minimum number of seals for which a second thread pays off.
const SEALS_AT_ONCE: usize = 64;

const TABLES: &str = "
    create table answer (
        -- 64 bits of a hash of kind and key: one walk down one tree; whoever comes later takes the place of another.
        place integer primary key,
        kind text not null,
        key text not null,
        value text not null,
        seal integer not null
    ) strict;
    create table stamped_file (
        path text primary key,
        device integer not null,
        inode integer not null,
        size integer not null,
        mtime_ns integer not null,
        ctime_ns integer not null,
        hash text not null,
        hashed_at_ns integer not null,
        seal integer not null
    ) strict, without rowid;
";

/// The cache. If it can't be stored, it is empty and reports no error.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    connection: Option<Connection>,
    damaged: Cell<bool>,
}

/// The hash of a file, with the stamp that the file had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampedFile {
    /// The stamp, equal before and after hashing.
    pub stamp: Stamp,
    /// The BLAKE3 hash of the bytes.
    pub hash: Digest,
    /// When the file was hashed, in nanoseconds since 1970.
    pub hashed_at_ns: i128,
}

impl Cache {
    /// Opens the cache in a `.dp` folder and creates the folder if it is missing.
    pub fn open(dp_folder: &Path) -> Self {
        let path = dp_folder.join("cache.db");
        let connection = connect(dp_folder, &path);
        Self {
            path,
            connection,
            damaged: Cell::new(false),
        }
    }

    /// Returns one cached result; `None` on a miss.
    pub fn get(&self, kind: &str, key: &Digest) -> Option<String> {
        self.try_read(|connection| answer(connection, place(kind, key), kind, key)).flatten()
    }

    /// Returns the results that are cached.
    pub fn get_many<'a>(&self, kind: &str, keys: impl IntoIterator<Item = &'a Digest>) -> BTreeMap<Digest, String> {
        self.try_read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let mut places: Vec<(i64, &Digest)> = keys.into_iter().map(|key| (place(kind, key), key)).collect();
            // Neighbouring places are on the same pages.
            places.sort_unstable();
            let mut rows = Vec::with_capacity(places.len());
            for (place, key) in places {
                if let Some((value, seal)) = row(&transaction, place)? {
                    rows.push((key, value, seal));
                }
            }
            let whole = rows.into_par_iter().with_min_len(SEALS_AT_ONCE).filter_map(|(key, value, seal)| {
                (answer_seal(kind, key, &value) == seal).then(|| (key.clone(), value))
            });
            Ok(whole.collect())
        })
        .unwrap_or_default()
    }

    /// Stores results, if that is possible.
    pub fn put_many(&mut self, kind: &str, answers: &[(Digest, String)]) {
        if answers.is_empty() {
            return;
        }
        self.try_write(|transaction| {
            let mut statement = transaction.prepare_cached(
                "insert or replace into answer (place, kind, key, value, seal) values (?1, ?2, ?3, ?4, ?5)",
            )?;
            for (key, value) in answers {
                let seal = answer_seal(kind, key, value);
                statement.execute(params![place(kind, key), kind, key.as_str(), value, seal])?;
            }
            Ok(())
        });
    }

    /// Returns the known stamps of the files at these paths, relative to the project.
    pub fn stamps<'a>(&self, paths: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, StampedFile> {
        self.try_read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let mut statement = transaction.prepare_cached("select * from stamped_file where path = ?1")?;
            let mut found = BTreeMap::new();
            for path in paths {
                let row = statement.query_row([path], |row| Ok((stamped_file(row)?, row.get("seal")?))).optional()?;
                if let Some((file, seal)) = row
                    && file_seal(path, &file) == Some(seal)
                {
                    found.insert(path.to_owned(), file);
                }
            }
            Ok(found)
        })
        .unwrap_or_default()
    }

    /// Returns the files outside any project whose stamps are cached: programs and what they depend on.
    pub fn absolute_paths(&self) -> Vec<String> {
        self.try_read(|connection| {
            let mut statement =
                connection.prepare_cached("select path from stamped_file where path >= '/' and path < '0'")?;
            let paths = statement.query_map([], |row| row.get(0))?;
            paths.collect()
        })
        .unwrap_or_default()
    }

    /// Stores stamps, if that is possible.
    pub fn put_stamps(&mut self, files: &[(String, StampedFile)]) {
        if files.is_empty() {
            return;
        }
        self.try_write(|transaction| {
            let mut statement = transaction.prepare_cached(
                "insert or replace into stamped_file
                     (path, device, inode, size, mtime_ns, ctime_ns, hash, hashed_at_ns, seal)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?;
            for (path, file) in files {
                let (Some(times), Some(seal)) = (times(file), file_seal(path, file)) else {
                    continue;
                };
                let Stamp {
                    device, inode, size, ..
                } = file.stamp;
                statement.execute(params![
                    path,
                    device.cast_signed(),
                    inode.cast_signed(),
                    size.cast_signed(),
                    times.mtime,
                    times.ctime,
                    file.hash.as_str(),
                    times.hashed_at,
                    seal,
                ])?;
            }
            Ok(())
        });
    }

    fn try_read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        let result = read(self.connection.as_ref()?);
        self.note_damage(&result);
        result.ok()
    }

    fn try_write(&mut self, write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>) {
        if self.damaged.take() {
            self.connection = None;
            self.connection = begin_anew(&self.path);
        }
        let Some(connection) = &mut self.connection else {
            return;
        };
        let result = in_transaction(connection, write);
        self.note_damage(&result);
    }

    fn note_damage<T>(&self, result: &rusqlite::Result<T>) {
        if result.as_ref().is_err_and(is_damage) {
            self.damaged.set(true);
        }
    }
}

fn in_transaction(
    connection: &mut Connection,
    write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    write(&transaction)?;
    transaction.commit()
}

fn connect(dp_folder: &Path, path: &Path) -> Option<Connection> {
    // Both calls may fail in a read-only folder; an existing cache can still be read.
    let made = fs::create_folder(dp_folder, false).and_then(|()| fs::open_private(path));
    drop(made);
    match open(path) {
        Ok(connection) => Some(connection),
        Err(Unusable::Damaged) => begin_anew(path),
        Err(Unusable::Other) => None,
    }
}

/// Deletes the file and creates a new one. A process that has the old file open continues to use it.
fn begin_anew(path: &Path) -> Option<Connection> {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    fs::remove_file(path).ok()?;
    fs::remove_file(Path::new(&journal)).ok()?;
    drop(fs::open_private(path).ok()?);
    open(path).ok()
}

enum Unusable {
    /// The file is not a cache of this format.
    Damaged,
    /// The file is locked, or access is denied.
    Other,
}

impl From<rusqlite::Error> for Unusable {
    fn from(error: rusqlite::Error) -> Self {
        if is_damage(&error) { Self::Damaged } else { Self::Other }
    }
}

/// Whether an error means a damaged cache: any error except a failed access. A missing table is damage too.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, OutOfMemory, PermissionDenied, ReadOnly, SystemIoFailure,
    };
    !matches!(
        error.sqlite_error_code(),
        Some(
            CannotOpen
                | DatabaseBusy
                | DatabaseLocked
                | DiskFull
                | OutOfMemory
                | PermissionDenied
                | ReadOnly
                | SystemIoFailure
        )
    )
}

fn open(path: &Path) -> Result<Connection, Unusable> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "synchronous", "off")?;
    // At most 32 MiB, in KiB.
    connection.pragma_update(None, "cache_size", -32_768)?;
    // Pages are read from the system's page cache without a copy.
    connection.pragma_update(None, "mmap_size", MAPPED)?;
    if identity(&connection)? == (0, 0) {
        in_transaction(&mut connection, |transaction| {
            // Another process may have created the tables first.
            if identity(transaction)? == (0, 0) {
                transaction.execute_batch(TABLES)?;
                transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
                transaction.pragma_update(None, "user_version", FORMAT)?;
            }
            Ok(())
        })?;
    }
    if identity(&connection)? == (APPLICATION_ID, FORMAT) { Ok(connection) } else { Err(Unusable::Damaged) }
}

fn identity(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    Ok((pragma("application_id")?, pragma("user_version")?))
}

fn answer(connection: &Connection, place: i64, kind: &str, key: &Digest) -> rusqlite::Result<Option<String>> {
    // The seal covers kind and key too, so it proves that the value belongs to this key.
    Ok(row(connection, place)?.and_then(|(value, seal)| (answer_seal(kind, key, &value) == seal).then_some(value)))
}

/// Returns the value in a place with its seal, whichever key it belongs to.
fn row(connection: &Connection, place: i64) -> rusqlite::Result<Option<(String, i64)>> {
    connection
        .prepare_cached("select value, seal from answer where place = ?1")?
        .query_row([place], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Returns the place of the value for a key.
fn place(kind: &str, key: &Digest) -> i64 {
    seal(&[kind.as_bytes(), key.as_str().as_bytes()])
}

fn stamped_file(row: &Row<'_>) -> rusqlite::Result<StampedFile> {
    let unsigned = |column| row.get::<_, i64>(column).map(i64::cast_unsigned);
    let wide = |column| row.get::<_, i64>(column).map(i128::from);
    Ok(StampedFile {
        stamp: Stamp {
            device: unsigned("device")?,
            inode: unsigned("inode")?,
            size: unsigned("size")?,
            mtime_ns: wide("mtime_ns")?,
            ctime_ns: wide("ctime_ns")?,
        },
        hash: hash(row.get("hash")?)?,
        hashed_at_ns: wide("hashed_at_ns")?,
    })
}

fn hash(text: String) -> rusqlite::Result<Digest> {
    text.parse().map_err(|error| FromSqlError::other(error).into())
}

struct Times {
    mtime: i64,
    ctime: i64,
    hashed_at: i64,
}

/// Returns `None` for times after the year 2262, which SQLite can't hold: such a file is not cached.
fn times(file: &StampedFile) -> Option<Times> {
    Some(Times {
        mtime: file.stamp.mtime_ns.try_into().ok()?,
        ctime: file.stamp.ctime_ns.try_into().ok()?,
        hashed_at: file.hashed_at_ns.try_into().ok()?,
    })
}

fn answer_seal(kind: &str, key: &Digest, value: &str) -> i64 {
    seal(&[kind.as_bytes(), key.as_str().as_bytes(), value.as_bytes()])
}

fn file_seal(path: &str, file: &StampedFile) -> Option<i64> {
    let times = times(file)?;
    Some(seal(&[
        path.as_bytes(),
        &file.stamp.device.to_le_bytes(),
        &file.stamp.inode.to_le_bytes(),
        &file.stamp.size.to_le_bytes(),
        &times.mtime.to_le_bytes(),
        &times.ctime.to_le_bytes(),
        file.hash.as_str().as_bytes(),
        &times.hashed_at.to_le_bytes(),
    ]))
}

fn seal(parts: &[&[u8]]) -> i64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let hash = hasher.finalize();
    let (first, _) = hash.as_bytes().split_first_chunk().expect("a hash has 32 bytes");
    i64::from_le_bytes(*first)
}
