//! `dp check`: the checks of what is published, and every stored byte.

use std::fs::{self, File};
use std::path::Path;

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// The shop with checks: one that passes, one that warns.
fn checked() -> Sandbox {
    let sandbox = Sandbox::shop().asset(
        "staging.orders",
        r#"
        kind = "sql"
        sql = "select id, customer, amount from raw.orders where amount >= 10"

        [columns.id]
        checks = ["not_null", "unique"]

        [[checks]]
        name = "small ones"
        sql = "select * from ${this} where amount > 25"
        severity = "warn"
        "#,
    );
    sandbox.apply();
    sandbox
}

/// Changes one byte of a version so that size, mtime and ctime tell nothing: the record is given the new times.
fn damage_unseen(sandbox: &Sandbox, stored: &str) {
    let path = sandbox.path(stored);
    let before = fs::metadata(&path).expect("the file").modified().expect("its time");
    let old = stamps(&path);
    let mut bytes = fs::read(&path).expect("its bytes");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    write_again(&path, &bytes);
    File::options().write(true).open(&path).expect("the file").set_modified(before).expect("set back");
    give_times(sandbox, &old, &stamps(&path));
}

fn write_again(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).expect("removed");
    fs::write(path, bytes).expect("written");
}

fn stamps(path: &Path) -> [String; 2] {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(path).expect("the file");
    let text = |seconds: i64, rest: i64| (i128::from(seconds) * 1_000_000_000 + i128::from(rest)).to_string();
    [text(metadata.mtime(), metadata.mtime_nsec()), text(metadata.ctime(), metadata.ctime_nsec())]
}

/// Replaces times in the record and in the manifests, as if the file had always had them.
fn give_times(sandbox: &Sandbox, old: &[String; 2], new: &[String; 2]) {
    let record = rusqlite::Connection::open(sandbox.path(".dp/state.db")).expect("the record");
    for (old, new) in old.iter().zip(new) {
        record
            .execute("update version_record set document = replace(document, ?1, ?2)", [old, new])
            .expect("a changed record");
    }
    for manifest in sandbox.tree(".dp/store").iter().filter(|path| path.ends_with("manifest.json")) {
        let text = old.iter().zip(new).fold(sandbox.read(manifest), |text, (old, new)| text.replace(old, new));
        write_again(&sandbox.path(manifest), text.as_bytes());
    }
}

#[test]
fn the_checks_of_what_is_published() {
    let sandbox = checked();
    assert_snapshot!(sandbox.dp(["check"]), @r"
    Ran 3 checks on 1 asset: 2 passed, 1 warned (run r2).
    --- stderr ---
      ! staging.orders: check small ones: 1 row fails (only a warning)
          id  customer  amount
          ────────────────────
           3  ann           30
    [exit 0]
    ");
    // Also without a change: every result is new.
    let results = sandbox.record("select run, check_name, outcome from check_results where run = 'r2' order by 2");
    assert_eq!(
        results,
        [["r2", "not_null(id)", "passed"], ["r2", "small ones", "failed"], ["r2", "unique(id)", "passed"]]
    );
    assert_eq!(sandbox.record("select command, outcome from runs where run = 'r2'"), [["check", "done"]]);
    let json = sandbox.dp(["check", "staging.orders", "--json"]).success().json();
    assert_eq!(json["run"], 3);
    assert_eq!(json["checks"].as_array().expect("a list").len(), 3);
    assert_eq!(json["checks"][1]["asset"], "staging.orders");
    assert_eq!(json["checks"][1]["failures"], 1);
    assert!(json.get("deep").is_none());
}

#[test]
fn a_check_that_fails_exits_3_and_withdraws_nothing() {
    let sandbox = checked();
    let before = sandbox.versions();
    sandbox.edit("assets/staging/orders.toml", "severity = \"warn\"", "severity = \"error\"");
    assert_snapshot!(sandbox.dp(["check"]).exits(3), @r"
    Ran 3 checks on 1 asset: 2 passed, 1 failed (run r2).
    --- stderr ---
      ✗ staging.orders: check small ones: 1 row fails (blocks publishing)
          id  customer  amount
          ────────────────────
           3  ann           30
    [exit 3]
    ");
    assert_eq!(sandbox.versions(), before);
    // The check that is new for this content was run, and its result is what the next plan knows.
    assert_eq!(sandbox.record("select outcome from runs where run = 'r2'"), [["failed"]]);
}

#[test]
fn what_is_built_is_not_what_is_checked() {
    let sandbox = checked();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 0");
    sandbox.dp(["check"]).success();
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n3\n", "nothing was built");
}

#[test]
fn nothing_to_check_takes_no_lock_and_leaves_no_run() {
    let sandbox = Sandbox::shop();
    sandbox.dp(["check"]).exits(1).says("dp::cli::nothing_published");
    sandbox.apply();
    let before = sandbox.record("select serial from state");
    assert_snapshot!(sandbox.dp(["check", "--deep"]), @r"
    Read [SIZE] in 3 versions: all as recorded.
    No checks to run on 3 assets.
    [exit 0]
    ");
    assert_eq!(sandbox.record("select serial from state"), before);
    sandbox
        .sql("new.one", "select 1 as one")
        .dp(["check", "new.one"])
        .exits(1)
        .says("dp::cli::nothing_selected_published");
}

#[test]
fn a_check_that_reads_what_is_not_published() {
    let sandbox = checked();
    let toml = sandbox.read("assets/staging/orders.toml");
    let check = "\n[[checks]]\nreferences = { columns = [\"customer\"], asset = \"new.customers\", to = [\"name\"] }\n";
    sandbox.write("assets/staging/orders.toml", &(toml + check));
    let sandbox = sandbox.sql("new.customers", "select 'ann' as name");
    sandbox.dp(["check"]).exits(3).says("reads new.customers, which is not published").says("1 could not be run");
}

#[test]
fn damage_that_size_and_times_do_not_show_is_found_by_reading_every_byte() {
    let sandbox = checked();
    let stored = sandbox.stored("staging.orders");
    let good = fs::read(sandbox.path(&stored)).expect("its bytes");
    damage_unseen(&sandbox, &stored);
    sandbox.dp(["plan", "--detailed-exitcode"]).success();
    let output = sandbox.dp(["check", "--deep"]).exits(3);
    assert_snapshot!(output, @r"
    staging.orders: version $VERSION is damaged, published in prod:
      .dp/store/staging.orders/$VERSION/data.parquet: its file was changed
      outside dp
    Read [SIZE] in 3 versions: 1 damaged.
    No checks to run on 2 assets.
    Next: dp plan
    [exit 3]
    ");
    let id = sandbox.versions()["staging.orders"].clone();
    let marks = || sandbox.record(&format!("select state from versions where version = '{id}'"));
    assert_eq!(marks(), [["damaged"]]);
    let events = sandbox.record("select run, event, asset from events where event like 'version_%'");
    assert_eq!(events, [["r2", "version_damaged", "staging.orders"]]);
    assert_eq!(sandbox.actions()[0], "staging.orders rebuild [output_drifted]");
    let json = sandbox.dp(["check", "--deep", "--json"]).exits(3).json();
    assert_eq!(json["deep"]["damaged"][0]["version"], id.as_str());
    assert_eq!(json["deep"]["damaged"][0]["published_in"][0], "prod");
    assert_eq!(json["deep"]["versions"], 3);

    // What is put back from elsewhere, byte for byte, is believed again.
    write_again(&sandbox.path(&stored), &good);
    sandbox.dp(["check", "--deep"]).success().says("is intact again");
    assert_eq!(marks(), [["intact"]]);
    sandbox.dp(["plan", "--detailed-exitcode"]).success();
}

#[test]
fn damage_that_is_found_is_built_again() {
    let sandbox = checked();
    let before = sandbox.versions();
    damage_unseen(&sandbox, &sandbox.stored("staging.orders"));
    sandbox.dp(["check", "--deep", "staging.orders"]).exits(3);
    sandbox.apply();
    assert_ne!(sandbox.versions()["staging.orders"], before["staging.orders"]);
    sandbox.dp(["check", "--deep"]).exits(3).says("1 damaged");
    sandbox.dp(["plan", "--detailed-exitcode"]).success();
}

#[test]
fn a_manifest_counts_too() {
    let sandbox = checked();
    let manifest = sandbox.stored("raw.orders").replace("data.parquet", "manifest.json");
    write_again(&sandbox.path(&manifest), b"{}");
    sandbox.dp(["check", "--deep", "raw.orders"]).exits(3).says("its manifest is missing or was changed outside dp");
}

#[test]
fn a_file_that_is_gone_is_not_checked() {
    let sandbox = checked();
    sandbox.remove(&sandbox.stored("staging.orders"));
    sandbox.dp(["check"]).exits(3).says("staging.orders: not checked");
}

#[test]
fn a_check_waits_for_nobody_unless_told() {
    let sandbox = checked();
    let lock = File::options().write(true).open(sandbox.path(".dp/lock")).expect("the lock");
    lock.lock().expect("held");
    sandbox.dp(["check"]).exits(4);
    sandbox.dp(["check", "--wait", "soon"]).exits(1).says("not a duration");
}
