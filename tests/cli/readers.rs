//! Readers of the record and runs do not get into each other's way.

use std::fs;

use rusqlite::Connection;

use crate::paused::paused;
use crate::sandbox::Sandbox;

fn record(sandbox: &Sandbox) -> Connection {
    Connection::open(sandbox.path(".dp/state.db")).expect("the record")
}

fn serial(record: &Connection) -> i64 {
    record.query_row("select serial from state", [], |row| row.get(0)).expect("a serial")
}

#[test]
fn an_open_reading_transaction_does_not_block_an_apply() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let reader = record(&sandbox);
    reader.execute_batch("begin").expect("a transaction");
    let before = serial(&reader);
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.apply().says("published as run r2");
    assert!(sandbox.plan().contains("Nothing to do"), "dp itself reads what the log has");
    sandbox.dp(["rollback", "--auto-approve"]).success();
    assert_eq!(serial(&reader), before, "the reader keeps its moment");
    reader.execute_batch("commit").expect("its end");
    assert!(serial(&reader) > before);
    sandbox.dp(["state", "backup", "copy.db"]).success();
    let copy = Connection::open(sandbox.path("copy.db")).expect("a backup");
    assert_eq!(serial(&copy), serial(&reader), "a backup has what the log has");
}

#[test]
fn a_state_with_a_rollback_journal_is_switched_by_the_next_run() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    record(&sandbox).execute_batch("pragma journal_mode = truncate").expect("the journal of earlier versions");
    let uses_log = || fs::read(sandbox.path(".dp/state.db")).expect("the record")[18] == 2;
    assert!(!uses_log());
    sandbox.dp(["plan"]).success();
    assert!(!uses_log(), "a command that reads changes nothing");
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.apply();
    assert!(uses_log());
}

#[test]
fn while_nobody_uses_it_the_record_is_one_file() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox.dp(["plan"]).success();
    for beside in ["state.db-wal", "state.db-shm", "state.db-journal"] {
        assert!(!sandbox.path(".dp").join(beside).exists(), "{beside}");
    }
}

#[test]
fn a_record_in_a_folder_that_takes_no_log_is_read() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    // As on a disk that is mounted for reading alone, and for every user: the index of the log can't be made.
    fs::create_dir(sandbox.path(".dp/state.db-shm")).expect("a folder in its place");
    sandbox.dp(["status"]).success().says("marts.revenue");
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n3\n");
    sandbox.dp(["state", "list"]).success();
}

#[test]
fn what_a_run_published_meanwhile_is_no_drift() {
    let sandbox = Sandbox::shop().asset(
        "marts.report",
        "kind = \"sql\"\nsql = \"from staging.orders\"\nmaterialize = { file = \"out/report.csv\", format = \"csv\" }\n",
    );
    sandbox.apply();
    for command in [&["plan"][..], &["status"], &["why", "marts.report"]] {
        let text = sandbox.read("assets/staging/orders.toml");
        let edited =
            if text.contains(">= 20") { text.replace(">= 20", ">= 10") } else { text.replace(">= 10", ">= 20") };
        sandbox.write("assets/staging/orders.toml", &edited);
        let resumed = paused(&sandbox, command, "before-look", || drop(sandbox.apply()));
        assert_eq!(resumed.code, Some(0), "{command:?}: {}", resumed.stderr);
        let all = format!("{}{}", resumed.stdout, resumed.stderr);
        for word in ["drift", "changed outside", "ebuild"] {
            assert!(!all.contains(word), "{command:?}: {all}");
        }
    }
}
