//! Copies of the record, in `.dp/backups` and elsewhere.
//!
//! Before each run the record is kept as `state-NUMBER.db`, the newest few of them. Such a copy holds what can be used
//! again (what is published, the versions that are in the store with what they read, the results of their checks), not
//! the log of what happened: that only grows, and a copy before each run must stay cheap. A copy that the user asks for holds all.
//!
//! A copy is made in one reading transaction, beside its place, then synced and renamed: there is never half of one.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::error::failed;
use super::{StoreError, open};
use crate::fs;

/// How many automatic backups are kept.
const KEPT: usize = 5;

/// What is not in an automatic backup: the log.
const LOG: &[&str] = &["event_record", "effect_record", "step_record"];

/// Of these an automatic backup holds the rows for which this holds; of all others everything. Later ones use what
/// earlier ones have copied.
const PARTS: &[(&str, &str)] = &[
    ("version_record", "state <> 'removed' or number in (${references})"),
    ("input_record", "version in (select number from main.version_record)"),
    ("definition_record", "fingerprint in (select definition from main.version_record)"),
    // What was published since the last time that something was removed: older sets can't come back.
    (
        "publication",
        "id > (select coalesce(max(publication), 0) from source.publication_change as change
               where change.before not in (select number from main.version_record)
                  or change.after not in (select number from main.version_record))",
    ),
    ("publication_change", "publication in (select id from main.publication)"),
    (
        "check_record",
        "version in (select id from main.version_record) and id in (
             select max(id) from source.check_record where outcome <> 'errored' group by key)",
    ),
    ("run_record", "run in (${references})"),
];

/// The folder of the backups in a `.dp` folder.
pub(super) fn folder(dp_folder: &Path) -> PathBuf {
    dp_folder.join("backups")
}

/// The automatic backups in a `.dp` folder, the newest first.
pub(super) fn kept(dp_folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    Ok(numbered(dp_folder)?.into_iter().map(|(_, path)| path).collect())
}

fn numbered(dp_folder: &Path) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    let folder = folder(dp_folder);
    let mut found = Vec::new();
    for name in fs::names_in(&folder)? {
        let number = name.strip_prefix("state-").and_then(|rest| rest.strip_suffix(".db"));
        if let Some(number) = number.and_then(|digits| digits.parse().ok()) {
            found.push((number, folder.join(name)));
        }
    }
    found.sort_by(|left, right| right.cmp(left));
    Ok(found)
}

/// Keeps the record as it is now, and removes the oldest of the automatic backups.
pub(super) fn keep(dp_folder: &Path) -> Result<PathBuf, StoreError> {
    let folder = folder(dp_folder);
    fs::create_folder(&folder, true)?;
    // Left by a crash in here. The lock is held, so they are nobody's.
    for name in fs::names_in(&folder)?.into_iter().filter(|name| name.starts_with(".state-")) {
        fs::remove_file(&folder.join(name))?;
    }
    let kept = numbered(dp_folder)?;
    let number = kept.first().map_or(0, |(number, _)| *number) + 1;
    let path = folder.join(format!("state-{number:06}.db"));
    copy(&open::state_path(dp_folder), &path, false)?;
    for (_, old) in kept.iter().skip(KEPT - 1) {
        fs::remove_file(old)?;
    }
    Ok(path)
}

/// Copies the record of a `.dp` folder to a file, whole.
pub(super) fn whole(dp_folder: &Path, to: &Path) -> Result<(), StoreError> {
    copy(&open::state_path(dp_folder), to, true)
}

fn copy(state: &Path, to: &Path, whole: bool) -> Result<(), StoreError> {
    let place = to.parent().unwrap_or(Path::new("."));
    let temporary = fs::beside(to);
    let made = written(state, &temporary, whole).and_then(|()| {
        fs::sync_file(&temporary)?;
        fs::rename(&temporary, to)?;
        Ok(fs::sync_folder(place)?)
    });
    if made.is_err() {
        // What stays of it if this fails too is hidden, and as useless as what it was for.
        drop(fs::remove_file(&temporary));
    }
    made
}

fn written(state: &Path, to: &Path, whole: bool) -> Result<(), StoreError> {
    // Only what is whole is kept; this says what is wrong with it otherwise.
    let (source, format) = open::connect(state)?;
    drop(source);
    drop(fs::open_private(to)?);
    let copy = open::open(to)?;
    let name = state.to_string_lossy();
    copy.execute("attach ?1 as source", params![name]).map_err(failed("read", state))?;
    filled(&copy, format, whole).map_err(failed("copy", state))?;
    copy.close().map_err(|(_, error)| failed("write", to)(error))
}

fn filled(copy: &Connection, format: i64, whole: bool) -> rusqlite::Result<()> {
    // Synced at the end, as a whole; nobody reads it before.
    copy.pragma_update_and_check(Some("main"), "journal_mode", "off", |_| Ok(()))?;
    copy.pragma_update(Some("main"), "synchronous", "off")?;
    copy.pragma_update(None, "foreign_keys", false)?;
    // At most 64 MiB, in KiB: identities are random, so their index is written all over.
    copy.pragma_update(Some("main"), "cache_size", -65_536)?;
    let transaction = copy.unchecked_transaction()?;
    let made: Vec<(String, String, String)> = transaction
        .prepare("select type, name, sql from source.sqlite_schema where sql is not null and name not like 'sqlite!_%' escape '!'")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let is_table = |kind: &str| kind == "table";
    let mut tables = Vec::new();
    for (kind, name, sql) in &made {
        if is_table(kind) {
            transaction.execute_batch(sql)?;
            tables.push(name.as_str());
        }
    }
    let in_parts = |name: &str| PARTS.iter().any(|(part, _)| *part == name);
    for name in &tables {
        if whole || !(LOG.contains(name) || in_parts(name)) {
            transaction.execute(&format!("insert into main.\"{name}\" select * from source.\"{name}\""), [])?;
        }
    }
    if !whole {
        for (name, condition) in PARTS {
            let condition = condition.replace("${references}", &references(&transaction, &tables, name)?);
            let sql = format!("insert into main.\"{name}\" select * from source.\"{name}\" where {condition}");
            transaction.execute(&sql, [])?;
        }
    }
    // No number of a run or of a version is given twice, also if what had it is not in the copy.
    transaction.execute_batch(
        "delete from main.sqlite_sequence; insert into main.sqlite_sequence select * from source.sqlite_sequence",
    )?;
    // After the rows, which is faster.
    for (kind, _, sql) in &made {
        if !is_table(kind) {
            transaction.execute_batch(sql)?;
        }
    }
    for pragma in ["application_id", "user_version"] {
        let value = if pragma == "user_version" { format } else { super::migrations::APPLICATION_ID };
        transaction.pragma_update(Some("main"), pragma, value)?;
    }
    transaction.commit()
}

/// A query for what in the copy refers to rows of a table.
fn references(copy: &Connection, tables: &[&str], to: &str) -> rusqlite::Result<String> {
    let mut queries = Vec::new();
    for table in tables {
        let mut statement = copy.prepare("select \"from\" from pragma_foreign_key_list(?1) where \"table\" = ?2")?;
        let columns = statement.query_map(params![table, to], |row| row.get::<_, String>(0))?;
        for column in columns {
            queries.push(format!("select \"{}\" from main.\"{table}\"", column?));
        }
    }
    Ok(queries.join(" union all "))
}
