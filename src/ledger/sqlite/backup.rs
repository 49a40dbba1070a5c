//! Copies of the state, in `.dp/backups` and elsewhere.
//!
//! Before each run dp copies the state to `state-NUMBER.db` and keeps the newest few copies. Such a copy holds what
//! can be reused: what is published, the stored versions with their inputs, and the results of their checks. It does
//! not hold the log, which only grows; a copy before each run must stay cheap. A copy that the user asks for holds
//! everything.
//!
//! A copy is made in one read transaction, beside its place, then synced and renamed. A partial copy is never visible.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::error::failed;
use super::{StoreError, open};
use crate::base::fs;

/// The number of automatic backups that are kept.
const KEPT: usize = 5;

/// The tables that an automatic backup leaves out: the log.
const LOG: &[&str] = &["event_record", "effect_record", "step_record"];

/// For these tables an automatic backup copies only the rows that match the condition; it copies all other tables
/// whole. Later entries use what earlier entries copied.
const PARTS: &[(&str, &str)] = &[
    ("version_record", "state <> 'removed' or number in (${references})"),
    ("input_record", "version in (select number from main.version_record)"),
    ("definition_record", "fingerprint in (select definition from main.version_record)"),
    // What was published since versions were last removed: older sets can't be restored.
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

/// Returns the folder of the backups in a `.dp` folder.
pub(super) fn folder(dp_folder: &Path) -> PathBuf {
    dp_folder.join("backups")
}

/// Returns the automatic backups in a `.dp` folder, newest first.
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

/// Backs up the current state and removes the oldest automatic backups.
pub(super) fn keep(dp_folder: &Path) -> Result<PathBuf, StoreError> {
    let folder = folder(dp_folder);
    fs::create_folder(&folder, true)?;
    // A crash left these. The caller holds the lock, so no process uses them.
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

/// Copies the whole state of a `.dp` folder to a file.
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
        // If this fails too, a useless hidden file remains.
        drop(fs::remove_file(&temporary));
    }
    made
}

fn written(state: &Path, to: &Path, whole: bool) -> Result<(), StoreError> {
    // Only a complete file is copied; this returns what is wrong with an incomplete one.
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
    // The copy is synced once at the end; nothing reads it before.
    copy.pragma_update_and_check(Some("main"), "journal_mode", "off", |_| Ok(()))?;
    copy.pragma_update(Some("main"), "synchronous", "off")?;
    copy.pragma_update(None, "foreign_keys", false)?;
    // At most 64 MiB, in KiB: identities are random, so writes touch all of their index.
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
    // Numbers of runs and versions are never reused, even if their rows are not in the copy.
    transaction.execute_batch(
        "delete from main.sqlite_sequence; insert into main.sqlite_sequence select * from source.sqlite_sequence",
    )?;
    // Creating indexes after the rows is faster.
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

/// Returns a query for the rows of the copy that refer to rows of a table.
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
