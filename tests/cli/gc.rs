//! What is kept, what is freed, and that nothing which anybody needs is among it.

use std::path::Path;

use crate::sandbox::Sandbox;

/// A shop of which `staging.orders` was published in as many versions as moments are given, one a day.
fn edited(moments: &[&str]) -> Sandbox {
    let mut sandbox = Sandbox::shop();
    for (index, moment) in moments.iter().enumerate() {
        sandbox.now(moment);
        if index > 0 {
            let bound = |index: usize| format!("amount >= {}", 10 + index);
            sandbox.edit("assets/staging/orders.toml", &bound(index - 1), &bound(index));
        }
        sandbox.apply();
    }
    sandbox
}

const DAYS: [&str; 4] =
    ["2030-01-01T12:00:00Z", "2030-01-02T12:00:00Z", "2030-01-03T12:00:00Z", "2030-01-04T12:00:00Z"];

fn keep(sandbox: &Sandbox, runs: u32, time: &str) {
    let project = sandbox.read("dp.toml");
    let project = project.split("\n[state]").next().expect("a text has a beginning");
    sandbox.write("dp.toml", &format!("{project}\n[state]\nkeep_runs = {runs}\nkeep_for = \"{time}\"\n"));
}

fn gc(sandbox: &Sandbox) -> crate::sandbox::Output {
    sandbox.dp(["gc", "--auto-approve"])
}

fn intact(sandbox: &Sandbox, asset: &str) -> usize {
    sandbox.record(&format!("select 1 from versions where asset = '{asset}' and state = 'intact'")).len()
}

/// Folders of versions in the store, of any asset.
fn stored(sandbox: &Sandbox) -> usize {
    let count = |path: &Path| std::fs::read_dir(path).map_or(0, Iterator::count);
    std::fs::read_dir(sandbox.path(".dp/store"))
        .expect("the store")
        .map(|asset| count(&asset.expect("a folder").path()))
        .sum()
}

#[test]
fn what_is_young_or_of_the_last_runs_stays() {
    let mut sandbox = edited(&DAYS);
    // Ten runs and a day: nothing is old enough.
    gc(&sandbox).success().says("Nothing to delete");
    assert_eq!(sandbox.record("select count(*) from runs"), [["4"]]);
    // What r2 and later published was replaced on the third day and later.
    keep(&sandbox, 1, "36h");
    sandbox.now("2030-01-04T13:00:00Z");
    assert_eq!(intact(&sandbox, "staging.orders"), 4);
    insta::assert_snapshot!(sandbox.dp(["gc", "--dry-run"]).success(), @"
    asset           versions   size
    ───────────────────────────────
    marts.revenue          1 [SIZE]
    staging.orders         1 [SIZE]

    2 versions and 1 old release, [SIZE], would be deleted.
    Kept: 5 versions, [SIZE].
    [exit 0]
    ");
    assert_eq!(intact(&sandbox, "staging.orders"), 4);
    gc(&sandbox).success();
    assert_eq!(intact(&sandbox, "staging.orders"), 3);
    // Runs keep what time does not.
    keep(&sandbox, 2, "1s");
    gc(&sandbox).success();
    assert_eq!(intact(&sandbox, "staging.orders"), 2);
    gc(&sandbox).success().says("Nothing to delete");
    keep(&sandbox, 1, "1s");
    gc(&sandbox).success();
    assert_eq!(intact(&sandbox, "staging.orders"), 1);
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n2\n");
    assert!(sandbox.plan().contains("Nothing to do"));
    assert_eq!(stored(&sandbox), 3);
}

#[test]
fn exactly_the_last_runs_are_kept() {
    let mut sandbox = edited(&DAYS);
    sandbox.now("2030-02-01T12:00:00Z");
    keep(&sandbox, 3, "1h");
    gc(&sandbox).success();
    // Published by r2, r3 and r4; and what each of them left as it was.
    assert_eq!(intact(&sandbox, "staging.orders"), 3);
    sandbox.dp(["query", "--at", "r2", "from marts.revenue"]).success();
    sandbox.dp(["query", "--at", "r1", "from staging.orders"]).exits(1).says("was removed by `dp gc`");
    // So r3 can be undone, and r2 not.
    sandbox.dp(["rollback", "r2", "--auto-approve"]).exits(1).says("dp::rollback::lost").says("was removed by `dp gc`");
    sandbox.dp(["rollback", "r3", "--auto-approve"]).success();
}

#[test]
fn a_version_that_was_freed_is_built_again() {
    let mut sandbox = edited(&DAYS[..2]);
    sandbox.now("2030-02-01T12:00:00Z");
    keep(&sandbox, 1, "1h");
    gc(&sandbox).success();
    sandbox.edit("assets/staging/orders.toml", "amount >= 11", "amount >= 10");
    assert_eq!(sandbox.actions()[0], "staging.orders rebuild [definition_changed]");
    sandbox.apply();
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n3\n");
}

#[test]
fn other_environments_keep_theirs() {
    let mut sandbox = Sandbox::shop();
    let project = sandbox.read("dp.toml");
    sandbox.write("dp.toml", &format!("{project}\n[environments.dev]\n"));
    sandbox.now(DAYS[0]);
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.apply();
    sandbox.now("2030-02-01T12:00:00Z");
    keep(&sandbox, 1, "1h");
    gc(&sandbox).success().says("Nothing to delete");
    assert_eq!(
        sandbox.dp(["query", "--env", "dev", "select count(*) as n from staging.orders", "--format", "csv"]).stdout,
        "n\n3\n"
    );
}

#[test]
fn what_a_published_view_shows_stays() {
    // The view is applied alone, so it stays at a version that is published no longer.
    let mut sandbox = Sandbox::shop();
    sandbox.write(
        "assets/marts/view.toml",
        "kind = \"sql\"\nmaterialize = \"view\"\nsql = \"select count(*) as n from staging.orders\"\n",
    );
    sandbox.now(DAYS[0]);
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.dp(["apply", "--auto-approve", "staging.orders"]).success();
    sandbox.now("2030-02-01T12:00:00Z");
    keep(&sandbox, 1, "1h");
    assert_eq!(sandbox.query("from marts.view"), "n\n3\n");
    gc(&sandbox).success();
    assert_eq!(intact(&sandbox, "staging.orders"), 2);
    assert_eq!(sandbox.query("from marts.view"), "n\n3\n");
}

#[test]
fn damaged_versions_that_nobody_points_at_go_at_once() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = edited(&DAYS[..1]);
    let file = sandbox.path(&sandbox.stored("staging.orders"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    std::fs::write(&file, "short").expect("a damaged file");
    sandbox.apply();
    gc(&sandbox).success();
    // Whether or not it was marked as damaged, what is published is there and is read.
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n3\n");
    assert_eq!(sandbox.record("select count(*) from versions where state = 'damaged'"), [["0"]]);
}

#[test]
fn what_is_on_no_record_goes() {
    let sandbox = edited(&DAYS[..1]);
    let orphan = sandbox.path(".dp/store/staging.orders/0123456789abcdef");
    std::fs::create_dir_all(&orphan).expect("a folder");
    std::fs::write(orphan.join("data.parquet"), "half").expect("a file");
    let release = sandbox.path(".dp/published/prod/0123456789ab");
    std::fs::create_dir_all(&release).expect("a folder");
    std::fs::create_dir_all(sandbox.path(".dp/published/gone/schemas")).expect("a folder");
    std::fs::create_dir_all(sandbox.path(".dp/tmp/0123456789abcdef")).expect("a folder");
    let json = sandbox.dp(["gc", "--dry-run", "--json"]).success().json();
    assert_eq!(json["orphans"][0]["path"], ".dp/store/staging.orders/0123456789abcdef");
    assert_eq!(json["releases"].as_array().map(Vec::len), Some(2), "{json}");
    assert!(orphan.exists());
    let before = (sandbox.versions(), sandbox.tree("warehouse"));
    gc(&sandbox).success().says("1 unrecorded folder");
    assert!(!orphan.exists() && !release.exists() && !sandbox.path(".dp/published/gone").exists());
    assert_eq!(std::fs::read_dir(sandbox.path(".dp/tmp")).map_or(0, Iterator::count), 0);
    assert_eq!((sandbox.versions(), sandbox.tree("warehouse")), before);
}

#[test]
fn a_collection_that_was_killed_is_finished_by_the_next() {
    // Killed between the mark and the files: versions are on record as removed, and their folders are there.
    let mut sandbox = edited(&DAYS[..3]);
    sandbox.now("2030-02-01T12:00:00Z");
    keep(&sandbox, 1, "1h");
    let copy = sandbox.path("copy");
    let status = std::process::Command::new("cp").arg("-r").arg(sandbox.path(".dp/store")).arg(&copy).status();
    assert!(status.expect("cp runs").success());
    gc(&sandbox).success();
    let left = stored(&sandbox);
    std::fs::remove_dir_all(sandbox.path(".dp/store")).expect("the store goes");
    std::fs::rename(&copy, sandbox.path(".dp/store")).expect("the store as it was");
    assert!(stored(&sandbox) > left);
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n2\n");
    // Nothing that is marked is published again, whether its files are there or not.
    sandbox.edit("assets/staging/orders.toml", "amount >= 12", "amount >= 10");
    assert_eq!(sandbox.actions()[0], "staging.orders rebuild [definition_changed]");
    gc(&sandbox).success().says("unrecorded");
    assert_eq!(stored(&sandbox), left);
}

#[test]
fn old_folders_of_links_go_with_their_versions() {
    let mut sandbox = edited(&DAYS);
    let releases = |sandbox: &Sandbox| {
        std::fs::read_dir(sandbox.path(".dp/published/prod"))
            .expect("the releases")
            .filter(|entry| entry.as_ref().expect("an entry").file_name().len() == 12)
            .count()
    };
    assert_eq!(releases(&sandbox), 4);
    sandbox.now("2030-02-01T12:00:00Z");
    keep(&sandbox, 2, "1h");
    gc(&sandbox).success();
    assert_eq!(releases(&sandbox), 2);
    for path in sandbox.tree(".dp/published/prod") {
        assert!(sandbox.path(&path).exists(), "{path} leads nowhere");
    }
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n2\n");
}

#[test]
fn it_asks_and_needs_the_lock() {
    let mut sandbox = edited(&DAYS);
    sandbox.now("2030-02-01T12:00:00Z");
    keep(&sandbox, 1, "1h");
    let output = sandbox.dp(["gc"]).exits(1).says("dp::cli::no_prompt");
    assert!(output.stdout.contains("staging.orders"), "{output}");
    let file = std::fs::File::options().read(true).append(true).open(sandbox.path(".dp/lock")).expect("the lock");
    file.lock().expect("nobody holds it");
    gc(&sandbox).exits(4);
    sandbox.dp(["gc", "--dry-run"]).success();
    drop(file);
    assert_eq!(intact(&sandbox, "staging.orders"), 4);
    sandbox.dp(["gc", "--dry-run", "--auto-approve"]).exits(64);
}

#[test]
fn it_is_a_run_on_record() {
    let mut sandbox = edited(&DAYS[..2]);
    sandbox.now("2030-02-01T12:00:00Z");
    keep(&sandbox, 1, "1h");
    let json = sandbox.dp(["gc", "--auto-approve", "--json"]).success().json();
    assert_eq!(json["run"], 3);
    assert!(json["freed"]["bytes"].as_u64().is_some_and(|bytes| bytes > 0));
    assert_eq!(sandbox.record("select command, outcome from runs where run = 'r3'"), [["gc", "done"]]);
    let effects = sandbox.record("select distinct kind from effects where run = 'r3'");
    assert_eq!(effects, [["removed"]]);
    let reasons = sandbox.record("select distinct state_reason from versions where state = 'removed'");
    assert_eq!(reasons, [["collected by r3"]]);
    sandbox.dp(["history"]).success().says("gc");
}

#[test]
fn before_the_first_apply() {
    let sandbox = Sandbox::shop();
    sandbox.dp(["gc", "--dry-run"]).success().says("Nothing to delete");
    gc(&sandbox).success().says("Nothing to delete");
}

#[test]
fn what_may_be_written_in_state() {
    let sandbox = Sandbox::shop();
    for (text, message) in [
        ("keep_runs = 0", "write 1 or more"),
        ("keep_runs = -1", "a whole number"),
        ("keep_runs = \"10\"", "a whole number"),
        ("keep_for = \"soon\"", "write a duration"),
        ("keep_for = 24", "a string"),
        ("keep_run = 3", "did you mean `keep_runs`?"),
    ] {
        sandbox.write("dp.toml", &format!("[project]\nname = \"shop\"\n\n[state]\n{text}\n"));
        sandbox.dp(["validate"]).exits(1).says(message);
    }
}
