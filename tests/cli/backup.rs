//! The record is damaged, gone or of a newer dp: every command says so, and a backup brings it back.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::sandbox::{Output, Sandbox};

/// Three runs: all assets, an edit of one, and an edit of it again.
fn three_runs() -> Sandbox {
    let mut sandbox = Sandbox::shop();
    sandbox.now("2030-01-01T12:00:00Z");
    sandbox.apply();
    for (from, to) in [("10", "20"), ("20", "25")] {
        sandbox.edit("assets/staging/orders.toml", &format!("amount >= {from}"), &format!("amount >= {to}"));
        sandbox.apply();
    }
    sandbox
}

fn restore(sandbox: &Sandbox) -> Output {
    sandbox.dp(["state", "restore", "--auto-approve"]).success()
}

/// A way to spoil the record, with its name.
type Damage = (&'static str, fn(&Path));

fn damages() -> Vec<Damage> {
    vec![
        ("empty", |path| fs::write(path, "").expect("the record")),
        ("another file", |path| fs::write(path, "id,name\n1,ann\n".repeat(500)).expect("the record")),
        ("cut off early", |path| cut(path, |_| 5000)),
        ("its end is missing", |path| cut(path, |length| length - 1)),
        ("pages are garbage", |path| {
            let mut bytes = fs::read(path).expect("the record");
            bytes[4096..].fill(0xee);
            fs::write(path, bytes).expect("the record");
        }),
        ("gone", |path| fs::remove_file(path).expect("the record")),
        ("of another program", |path| {
            fs::remove_file(path).expect("the record");
            Connection::open(path).and_then(|other| other.execute_batch("create table x (y)")).expect("another one");
        }),
    ]
}

fn cut(path: &Path, length: fn(u64) -> u64) {
    let file = fs::File::options().write(true).open(path).expect("the record");
    let now = file.metadata().expect("its size").len();
    file.set_len(length(now)).expect("a shorter one");
}

#[test]
fn every_command_says_what_is_wrong_and_what_to_do() {
    for (name, damage) in damages() {
        let sandbox = three_runs();
        let state = sandbox.path(".dp/state.db");
        let shown = sandbox.tree("warehouse");
        damage(&state);
        let before = fs::read(&state).ok();
        for command in [
            &["plan"][..],
            &["status"],
            &["query", "from marts.revenue"],
            &["apply", "--auto-approve"],
            &["history"],
            &["show", "raw.orders"],
            &["state", "list"],
            &["state", "show", "raw.orders"],
            &["state", "backup"],
        ] {
            let output = sandbox.dp(command);
            assert_eq!(output.code, 1, "{name}, {command:?}:\n{output}");
            let output = output.says("run `dp state restore`: it restores").says("state-000003.db");
            let code = match name {
                "gone" => "dp::store::missing",
                "of another program" => "dp::store::foreign_file",
                _ => "dp::store::damaged",
            };
            output.says(code).says("nothing was changed");
            assert!(fs::read(&state).ok() == before, "{name}, {command:?} changed the record");
        }
        assert_eq!(sandbox.tree("warehouse"), shown, "{name}");

        restore(&sandbox).says(".dp/backups/state-000003.db").says("added 2 versions from the store");
        assert_eq!(sandbox.path(".dp/state.db.replaced-1").exists(), name != "gone", "{name}");
        if let Some(before) = before {
            assert!(fs::read(sandbox.path(".dp/state.db.replaced-1")).expect("it is kept") == before, "{name}");
        }
        assert_eq!(sandbox.record("pragma integrity_check"), [["ok"]]);
        assert_eq!(sandbox.record("pragma foreign_key_check"), Vec::<Vec<String>>::new());
    }
}

#[test]
fn nothing_that_was_built_is_built_again() {
    let sandbox = three_runs();
    let before = sandbox.versions();
    let answer = sandbox.query("from marts.revenue order by all");
    fs::write(sandbox.path(".dp/state.db"), "").expect("the record");
    restore(&sandbox);

    // The set of before the third run, in the record as for readers of the files.
    assert_ne!(sandbox.versions(), before);
    let shown =
        sandbox.path("warehouse/prod/staging/orders.parquet").canonicalize().expect("a link that leads somewhere");
    assert!(shown.ends_with(sandbox.stored("staging.orders")), "{}", shown.display());
    assert_eq!(sandbox.actions(), ["staging.orders reuse [definition_changed]", "marts.revenue reuse [input_changed]"]);

    sandbox.apply();
    assert_eq!(sandbox.versions(), before);
    assert_eq!(sandbox.query("from marts.revenue order by all"), answer);
    assert_eq!(sandbox.plan().lines().next(), Some("Nothing to do: 3 assets are up to date."));
}

#[test]
fn what_came_later_is_on_record_as_lost() {
    let sandbox = three_runs();
    fs::write(sandbox.path(".dp/state.db"), "").expect("the record");
    let output =
        sandbox.dp(["state", "restore", "--auto-approve", "--reason", "disk trouble", "--json"]).success().json();
    assert_eq!(output["run"], 4, "no number is given twice");
    assert_eq!((&output["taken_up"], &output["left"], &output["gone"]), (&2.into(), &0.into(), &0.into()));
    assert_eq!(output["replaced"], ".dp/state.db.replaced-1");
    assert_eq!(
        sandbox.record("select run, command, outcome from runs order by run"),
        [
            ["r1", "apply", "done"],
            ["r2", "apply", "done"],
            ["r3", "unknown", "lost"],
            ["r4", "state restore", "done"],
            ["r5", "state restore", "done"]
        ]
    );
    let events = sandbox.record(
        "select run, event, data ->> 'reason', data ->> 'from', data ->> 'taken_up' from events where run = 'r4'",
    );
    assert_eq!(events, [["r4", "state_restored", "disk trouble", ".dp/backups/state-000003.db", "2"]]);
}

#[test]
fn a_version_is_taken_up_only_if_every_byte_is_there() {
    let sandbox = three_runs();
    let stored = sandbox.path(&sandbox.stored("staging.orders"));
    let mut bytes = fs::read(&stored).expect("a version");
    bytes[20] ^= 1;
    fs::remove_file(&stored).expect("a version");
    fs::write(&stored, bytes).expect("a damaged one");
    sandbox.remove(".dp/state.db");
    restore(&sandbox).says("added 1 version from the store").says("1 version is in the store but not intact");
    assert!(stored.exists(), "it is left alone");
    assert_eq!(sandbox.actions()[0], "staging.orders rebuild [definition_changed]");
}

#[test]
fn a_version_of_the_backup_that_is_gone_is_not_published_again() {
    let sandbox = three_runs();
    let stored = sandbox.stored("raw.orders");
    sandbox.remove(".dp/state.db");
    fs::remove_dir_all(sandbox.path(&stored).parent().expect("its folder")).expect("a version");
    sandbox.dp(["state", "restore", "--auto-approve"]).exits(1).says("dp::state::gone").says("raw.orders");
    let output = sandbox.dp(["state", "restore", "--auto-approve", "--allow-missing"]).success();
    output.says("1 version is recorded, but no longer in the store");
    let versions = sandbox.record("select state, state_reason from versions where asset = 'raw.orders'");
    assert_eq!(versions, [["damaged", "not in the store when the state was restored"]]);
    sandbox.apply();
    assert_eq!(sandbox.query("select count(*) as n from raw.orders"), "n\n4\n");
}

#[test]
fn what_would_be_lost_is_shown() {
    let sandbox = three_runs();
    let output = sandbox.dp(["state", "restore"]).exits(1).says("dp::cli::no_prompt");
    insta::assert_snapshot!(output.result(), @"
    .dp/backups/state-000003.db: the state up to run r2, with 3 assets published.
    The backup does not contain the later runs, up to run r3.
    The published versions would change:
    environment  asset           now               then
    ───────────────────────────────────────────────────────────────
    prod         marts.revenue   $VERSION  $VERSION
    prod         staging.orders  $VERSION  $VERSION
    An automatic backup contains no steps, effects and events; they stay in the
    replaced file, which dp keeps.
    dp adds intact versions from the store that the backup does not contain.
    ");
    assert_eq!(sandbox.record("select count(*) from runs"), [["3"]]);
}

#[test]
fn a_backup_is_kept_before_each_run_and_old_ones_go() {
    let sandbox = Sandbox::shop();
    for _ in 0..7 {
        sandbox.dp(["apply", "--auto-approve", "--replace", "raw.orders"]).success();
    }
    let names: Vec<_> = (3..=7).map(|number| format!(".dp/backups/state-00000{number}.db")).collect();
    assert_eq!(sandbox.tree(".dp/backups"), names);
    for name in names {
        let backup = Connection::open(sandbox.path(&name)).expect("a backup");
        let one = |sql: &str| backup.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number");
        assert_eq!(one("select count(*) from events"), 0);
        assert_eq!(one("select count(*) from published"), 3);
        assert_eq!(one("select count(*) from pragma_foreign_key_check"), 0);
    }
}

#[test]
fn a_backup_of_ones_own_holds_everything() {
    let sandbox = three_runs();
    let json = sandbox.dp(["state", "backup", "--json"]).success().json();
    assert_eq!(json["file"], ".dp/backups/by-hand-1.db");
    sandbox.dp(["state", "backup", "kept.db"]).success();
    sandbox.dp(["state", "backup", "kept.db"]).exits(1).says("dp::cli::exists");
    let everything = sandbox.record("select * from events");
    let versions = sandbox.versions();

    sandbox.edit("assets/staging/orders.toml", "amount >= 25", "amount >= 30");
    sandbox.apply();
    sandbox.dp(["state", "restore", "kept.db", "--auto-approve"]).success().says("The published versions would change");
    assert_eq!(sandbox.versions(), versions);
    assert_eq!(sandbox.record("select * from events where run in ('r1', 'r2', 'r3')"), everything);
    assert_eq!(sandbox.actions(), ["staging.orders reuse [definition_changed]"]);
}

#[test]
fn a_plan_of_another_state_does_not_fit() {
    let sandbox = three_runs();
    sandbox.edit("assets/staging/orders.toml", "amount >= 25", "amount >= 30");
    sandbox.dp(["state", "backup", "kept.db"]).success();
    sandbox.dp(["plan", "--out", "my.plan"]).success();
    sandbox.dp(["state", "restore", "kept.db", "--auto-approve"]).success();
    sandbox.dp(["apply", "my.plan"]).exits(1).says("it belongs to another state");
}

#[test]
fn a_backup_that_is_damaged_is_refused() {
    let sandbox = three_runs();
    let newest = sandbox.path(".dp/backups/state-000003.db");
    let state = fs::read(sandbox.path(".dp/state.db")).expect("the record");
    cut(&newest, |length| length - 4096);
    sandbox.dp(["state", "restore", "--auto-approve"]).exits(1).says("dp::store::damaged").says("name another copy");
    sandbox.dp(["state", "restore", "nowhere.db", "--auto-approve"]).exits(1).says("dp::cli::not_found");
    assert!(fs::read(sandbox.path(".dp/state.db")).expect("the record") == state);
    sandbox.dp(["state", "restore", ".dp/backups/state-000002.db", "--auto-approve"]).success();
    assert_eq!(sandbox.record("select count(*) from versions"), [["7"]], "all of the store is on record again");
}

#[test]
fn without_any_backup() {
    let sandbox = three_runs();
    sandbox.remove(".dp/state.db");
    fs::remove_dir_all(sandbox.path(".dp/backups")).expect("the backups");
    sandbox.dp(["plan"]).exits(1).says("dp::store::missing").says("there is no automatic backup");
    sandbox.dp(["state", "restore"]).exits(1).says("dp::cli::no_backup");
    fs::remove_dir_all(sandbox.path(".dp")).expect("all of it");
    sandbox.apply();
}

#[test]
fn restoring_takes_the_lock() {
    let sandbox = three_runs();
    let held = fs::File::options().read(true).write(true).open(sandbox.path(".dp/lock")).expect("the lock");
    held.lock().expect("nobody else holds it");
    sandbox.dp(["state", "restore", "--auto-approve"]).exits(4).says("dp::store::locked");
    drop(held);
}

#[test]
fn a_state_of_a_newer_dp_is_refused_and_both_are_named() {
    let sandbox = three_runs();
    let state = Connection::open(sandbox.path(".dp/state.db")).expect("the record");
    state.execute_batch("update run_record set dp_version = '7.3.0'; pragma user_version = 70").expect("a newer one");
    drop(state);
    for command in [&["plan"][..], &["status"], &["query", "from marts.revenue"], &["apply", "--auto-approve"]] {
        let output = sandbox.dp(command).exits(1).says("dp::store::newer_format");
        let output = output.says("has format 70, written by dp 7.3.0");
        output.says(&format!("dp {} supports formats", env!("CARGO_PKG_VERSION")));
    }
    sandbox.dp(["state", "restore", "--auto-approve"]).success().says("has format 70");
}

#[test]
fn a_run_does_not_begin_without_a_backup() {
    let sandbox = three_runs();
    let before = sandbox.versions();
    fs::remove_dir_all(sandbox.path(".dp/backups")).expect("the backups");
    fs::write(sandbox.path(".dp/backups"), "in the way").expect("a file");
    sandbox.edit("assets/staging/orders.toml", "amount >= 25", "amount >= 30");
    sandbox.dp(["apply", "--auto-approve"]).says("backups");
    assert_eq!(sandbox.versions(), before);
    assert_eq!(sandbox.record("select count(*) from runs"), [["3"]]);
}

#[test]
fn a_backup_of_another_project_is_refused() {
    let (sandbox, other) = (three_runs(), three_runs());
    let before = sandbox.versions();
    let backup = other.path(".dp/backups/state-000003.db").display().to_string();
    let output = sandbox.dp(["state", "restore", &backup, "--auto-approve"]).exits(1);
    output.says("dp::state::foreign_backup");
    assert_eq!(sandbox.versions(), before);
}

#[test]
fn a_backup_whose_versions_were_collected_is_refused_and_readers_keep_what_they_have() {
    let sandbox = three_runs();
    let old = sandbox.path(".dp/backups/state-000002.db").display().to_string();
    let stored = sandbox.record("select path from versions where asset = 'staging.orders' and run = 'r1'");
    fs::remove_dir_all(sandbox.path(&stored[0][0]).parent().expect("its folder")).expect("a version");
    let release = fs::canonicalize(sandbox.path("warehouse/prod")).expect("a release");
    let output = sandbox.dp(["state", "restore", &old, "--auto-approve"]).exits(1);
    output.says("dp::state::gone").says("staging.orders");
    // All the same: links show what they showed until the next apply has built what is missing.
    sandbox
        .dp(["state", "restore", &old, "--auto-approve", "--allow-missing"])
        .success()
        .says("still lead to the versions");
    assert_eq!(fs::canonicalize(sandbox.path("warehouse/prod")).expect("a release"), release);
    sandbox.dp(["status"]).success();
    assert!(release.join("staging/orders.parquet").exists());
    sandbox.apply();
    assert!(sandbox.path("warehouse/prod/staging/orders.parquet").exists());
}
