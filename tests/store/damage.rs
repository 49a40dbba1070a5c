//! What is not whole, not dp's or not understood is refused and left as it is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use dp::ledger::sqlite::{Reader, StoreError, Writer};
use rusqlite::Connection;

use crate::sample::{Sandbox, apply, line_for_helper, lock, start_helper};

/// Reading and writing are refused for the same reason, and the file keeps its bytes.
fn refused(sandbox: &Sandbox) -> StoreError {
    let before = fs::read(sandbox.state()).unwrap();
    let reading = Reader::open(&sandbox.dp()).unwrap_err();
    let writing = Writer::open(&sandbox.lock(), &sandbox.dp()).unwrap_err();
    assert_eq!(reading.to_string(), writing.to_string());
    assert!(fs::read(sandbox.state()).unwrap() == before, "the file was changed");
    reading
}

fn used() -> Sandbox {
    let sandbox = Sandbox::new();
    apply(&mut sandbox.writer(), "prod", &["a.x", "a.y"]);
    sandbox
}

#[test]
fn a_newer_format_is_refused_and_both_are_named() {
    let sandbox = used();
    let connection = Connection::open(sandbox.state()).unwrap();
    // A later format may also use a write-ahead log.
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    let newest: i64 = connection.query_row("pragma user_version", [], |row| row.get(0)).unwrap();
    connection.pragma_update(None, "user_version", newest + 1).unwrap();
    connection.close().unwrap();
    let text = refused(&sandbox).to_string();
    let expected = format!(
        "`{}` has format {}, written by dp 0.1.0, but dp {} supports formats up to {newest}; nothing was changed",
        sandbox.state().display(),
        newest + 1,
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(text, expected);
}

#[test]
fn garbage_is_refused() {
    let sandbox = used();
    for garbage in [b"no database".repeat(1000), b"x".to_vec(), Vec::new()] {
        fs::write(sandbox.state(), garbage).unwrap();
        let error = refused(&sandbox);
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains("nothing was changed"));
    }
}

#[test]
fn a_file_that_was_cut_off_is_refused() {
    let sandbox = used();
    let whole = fs::read(sandbox.state()).unwrap();
    for length in [50, 100, 600, 4096, whole.len() / 2, whole.len() - 4096, whole.len() - 1] {
        fs::write(sandbox.state(), &whole[..length]).unwrap();
        let error = refused(&sandbox);
        assert!(matches!(error, StoreError::Damaged { .. }), "{length}: {error}");
    }
}

#[test]
fn damage_inside_is_reported_as_such() {
    let sandbox = used();
    let mut bytes = fs::read(sandbox.state()).unwrap();
    bytes[4096..].fill(0xee);
    fs::write(sandbox.state(), &bytes).unwrap();
    let read = Reader::open(&sandbox.dp()).and_then(|reader| reader.expect("it is there").snapshot("prod"));
    let error = read.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn a_document_that_is_not_one_is_damage() {
    let sandbox = used();
    let connection = Connection::open(sandbox.state()).unwrap();
    connection.execute("update version_record set document = '{'", []).unwrap();
    let error = sandbox.reader().snapshot("prod").unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn a_database_of_another_program_is_refused() {
    let sandbox = Sandbox::new();
    drop(sandbox.lock());
    let connection = Connection::open(sandbox.state()).unwrap();
    connection.execute_batch("create table state (x)").unwrap();
    connection.close().unwrap();
    assert!(matches!(refused(&sandbox), StoreError::Foreign { .. }));
}

#[test]
fn files_are_private() {
    let sandbox = used();
    drop(dp::cache::Cache::open(&sandbox.dp()));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let reader = sandbox.reader();
    for beside in ["state.db-wal", "state.db-shm"] {
        assert_eq!(mode(&sandbox.dp().join(beside)), 0o600, "{beside}");
    }
    drop(reader);
    assert_eq!(mode(&sandbox.dp()) & 0o077, 0o055, "others may follow links into the store");
    let mut names = Vec::new();
    let backups = sandbox.dp().join("backups");
    assert_eq!(mode(&backups), 0o700);
    for entry in fs::read_dir(sandbox.dp()).unwrap().chain(fs::read_dir(&backups).unwrap()) {
        let path = entry.unwrap().path();
        if path == backups {
            continue;
        }
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    assert_eq!(names, ["cache.db", "lock", "state-000001.db", "state.db"]);
}

#[test]
fn what_a_crash_left_while_making_the_state_is_cleared_away() {
    let sandbox = Sandbox::new();
    drop(sandbox.lock());
    fs::write(sandbox.dp().join(".state.db.0123456789ab"), "half").unwrap();
    for beside in ["state.db-journal", "state.db-wal", "state.db-shm"] {
        fs::write(sandbox.dp().join(beside), "of a state that is gone").unwrap();
    }
    assert!(Reader::open(&sandbox.dp()).unwrap().is_none());
    apply(&mut sandbox.writer(), "prod", &["a.x"]);
    assert!(!sandbox.dp().join(".state.db.0123456789ab").exists());
    assert_eq!(sandbox.reader().snapshot("prod").unwrap().published.len(), 1);
}

#[test]
fn a_reader_changes_nothing() {
    let sandbox = used();
    let before = fs::read(sandbox.state()).unwrap();
    let reader = sandbox.reader();
    reader.snapshot("prod").unwrap();
    reader.runs(9).unwrap();
    assert!(fs::read(sandbox.state()).unwrap() == before);
}

#[test]
fn a_commit_cut_short_by_a_crash_is_undone_by_the_next_reader() {
    let sandbox = used();
    let whole = sandbox.reader().snapshot("prod").unwrap();
    let mut child = start_helper("damage::helper_that_crashes_in_a_commit", &sandbox.state());
    assert!(!child.wait().unwrap().success());
    // Half of a change is in the log: it is not to be read.
    assert!(fs::metadata(sandbox.dp().join("state.db-wal")).unwrap().len() > 0);

    let snapshot = sandbox.reader().snapshot("prod").unwrap();
    assert_eq!(snapshot.serial, whole.serial);
    assert_eq!(snapshot.published.len(), 2);
    assert_eq!(sandbox.reader().events(0, 9).unwrap().len(), 2);
}

#[test]
#[ignore = "started by another test, which says through stdin what to damage"]
fn helper_that_crashes_in_a_commit() {
    let Some(path) = line_for_helper() else {
        return;
    };
    let connection = Connection::open(path).unwrap();
    // With next to no memory the pages go to the file before the commit.
    connection
        .execute_batch(
            "pragma cache_size = 1; pragma cache_spill = 1; begin;
             update state set serial = 99;
             with recursive counted(n) as (select 1 union all select n + 1 from counted where n < 20000)
             insert into event_record (time, run, event, data) select '', 1, 'x', hex(randomblob(100)) from counted;
             delete from pointer;",
        )
        .unwrap();
    std::process::abort();
}

#[test]
fn the_lock_must_be_that_of_the_folder() {
    let (one, other) = (Sandbox::new(), Sandbox::new());
    let held = lock(&one.dp());
    assert!(std::panic::catch_unwind(|| Writer::open(&held, &other.dp())).is_err());
}
