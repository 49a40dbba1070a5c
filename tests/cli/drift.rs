//! What somebody changed outside dp: found by each plan, listed, and put right by the next apply.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use serde_json::Value;

use crate::sandbox::{Sandbox, text};

fn applied() -> Sandbox {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox
}

fn assert_nothing_to_do(sandbox: &Sandbox) {
    sandbox.dp(["plan", "--detailed-exitcode"]).success();
}

/// `path what action` of every entry, with the asset in front if there is one.
fn drift(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let plan = sandbox.dp(["plan", "--json"].iter().chain(arguments)).success().json();
    let shown = |entry: &Value| {
        let asset = entry["asset"].as_str().unwrap_or("-");
        format!("{asset} {} {} {}", text(&entry["path"]), text(&entry["what"]), text(&entry["action"]))
    };
    plan["drift"].as_array().expect("a list").iter().map(shown).collect()
}

/// Puts bytes in the place of a file, whatever its permissions.
fn overwrite(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).expect("removed");
    fs::write(path, bytes).expect("written");
}

/// Changes one byte in the middle of a file and sets its modification time back.
fn damage_secretly(path: &Path) {
    let before = fs::metadata(path).expect("the file");
    let mut bytes = fs::read(path).expect("its bytes");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    overwrite(path, &bytes);
    let file = File::options().write(true).open(path).expect("the file");
    file.set_modified(before.modified().expect("its time")).expect("set back");
}

#[test]
fn a_file_in_the_place_of_a_link_is_replaced_by_the_link() {
    let mut sandbox = applied();
    let versions = sandbox.versions();
    let shown = sandbox.path("warehouse/prod/staging/orders.parquet");
    overwrite(&shown, b"mine");
    let moment = SystemTime::UNIX_EPOCH + Duration::from_hours(24 * 365 * 60);
    File::options().write(true).open(&shown).expect("the file").set_modified(moment).expect("set times");
    sandbox.now("2029-12-17T03:00:00Z");
    assert_snapshot!(sandbox.dp(["plan", "--detailed-exitcode"]), @"
    Changed outside dp
      ! staging.orders
          warehouse/prod/staging/orders.parquet was replaced 3 h [TIME] ago; dp
          restores the link

    Plan: links to repair, 3 unchanged.
    Next: dp apply
    [exit 2]
    ");
    assert_eq!(drift(&sandbox, &[]), ["staging.orders warehouse/prod/staging/orders.parquet replaced mend"]);
    assert_snapshot!(sandbox.apply(), @r"
    Nothing to do: 3 assets are up to date.
    --- stderr ---
    Published links and catalogue were repaired.
    [exit 0]
    ");
    assert!(fs::read_link(&shown).is_ok(), "a link again");
    assert_eq!(sandbox.versions(), versions, "nothing was built");
    assert_nothing_to_do(&sandbox);
    let events = sandbox.record("select run, data from events where event = 'mended'");
    assert_eq!(events, [["r2", r#"{"paths":["warehouse/prod/staging/orders.parquet"]}"#]]);
}

#[test]
fn a_link_that_is_gone_or_leads_elsewhere_is_made_anew() {
    let sandbox = applied();
    let shown = sandbox.path("warehouse/prod/staging/orders.parquet");
    fs::remove_file(&shown).expect("removed");
    assert_eq!(drift(&sandbox, &[]), ["staging.orders warehouse/prod/staging/orders.parquet missing mend"]);
    std::os::unix::fs::symlink("/etc/hostname", &shown).expect("linked");
    assert_eq!(drift(&sandbox, &[]), ["staging.orders warehouse/prod/staging/orders.parquet changed mend"]);
    sandbox.apply();
    assert!(fs::metadata(&shown).is_ok_and(|metadata| metadata.len() > 100));
    assert_nothing_to_do(&sandbox);
}

#[test]
fn what_others_add_is_listed_and_left_alone() {
    let sandbox = applied();
    let added = sandbox.path("warehouse/prod/staging/notes.txt");
    fs::write(&added, "mine").expect("written");
    fs::write(sandbox.path("warehouse/prod/notes.txt"), "mine").expect("written");
    assert_eq!(
        drift(&sandbox, &[]),
        ["- warehouse/prod/staging/notes.txt added none", "- warehouse/prod/notes.txt added none"]
    );
    sandbox.dp(["plan"]).success().says("was added").says("dp leaves it here, and does not move it");
    // Also where something beside it has to be made anew.
    fs::remove_file(sandbox.path("warehouse/prod/staging/orders.parquet")).expect("removed");
    sandbox.apply();
    assert_eq!(fs::read(&added).expect("still there"), b"mine");
    assert_eq!(sandbox.read("warehouse/prod/notes.txt"), "mine");
    // What is in the way of nothing is no reason for a run.
    let runs = sandbox.record("select count(*) from runs");
    sandbox.apply();
    assert_eq!(sandbox.record("select count(*) from runs"), runs);
}

#[test]
fn a_folder_in_the_place_of_a_link_is_not_removed() {
    let sandbox = applied();
    let shown = sandbox.path("warehouse/prod/staging/orders.parquet");
    fs::remove_file(&shown).expect("removed");
    fs::create_dir(&shown).expect("made");
    fs::write(shown.join("mine"), "mine").expect("written");
    assert_eq!(drift(&sandbox, &[]), ["staging.orders warehouse/prod/staging/orders.parquet replaced blocked"]);
    sandbox.dp(["plan"]).success().says("move it away: dp needs the path for a link");
    let runs = sandbox.record("select count(*) from runs");
    sandbox.dp(["apply", "--auto-approve"]).exits(3).says("dp::warehouse::occupied");
    assert_eq!(sandbox.record("select count(*) from runs"), runs, "no run was begun");
    assert_eq!(fs::read(shown.join("mine")).expect("still there"), b"mine");
    fs::remove_dir_all(&shown).expect("moved away");
    sandbox.apply();
    assert_nothing_to_do(&sandbox);
    // The same for the links to the release and the catalogue, and a file may be as dear as a folder.
    for link in ["warehouse/prod", "warehouse/prod.duckdb"] {
        let link = sandbox.path(link);
        fs::remove_file(&link).expect("removed");
        fs::write(&link, "mine").expect("written");
        sandbox.dp(["plan"]).success().says("move it away: dp needs the path for a link");
        sandbox.dp(["apply", "--auto-approve"]).exits(3).says("dp::warehouse::occupied");
        assert_eq!(fs::read(&link).expect("still there"), b"mine");
        fs::remove_file(&link).expect("moved away");
        sandbox.apply();
        assert_nothing_to_do(&sandbox);
    }
}

#[test]
fn a_catalogue_that_others_wrote_to_is_made_anew() {
    let sandbox = applied();
    let catalogue = sandbox.path("warehouse/prod/prod.duckdb");
    let good = fs::read(&catalogue).expect("the catalogue");
    let mut other = good.clone();
    let last = other.len() - 1;
    other[last] ^= 1;
    fs::write(&catalogue, &other).expect("overwritten");
    assert_eq!(drift(&sandbox, &[]), ["- warehouse/prod.duckdb changed mend"]);
    sandbox.apply();
    assert_eq!(fs::read(&catalogue).expect("the catalogue"), good);
    assert_nothing_to_do(&sandbox);

    fs::remove_file(&catalogue).expect("removed");
    assert_eq!(drift(&sandbox, &[]), ["- warehouse/prod.duckdb missing mend"]);
    sandbox.dp(["plan"]).success().says("warehouse/prod.duckdb is missing; dp recreates it");
    sandbox.apply();
    assert_eq!(fs::read(&catalogue).expect("the catalogue"), good);

    // The link to it, too.
    let link = sandbox.path("warehouse/prod.duckdb");
    fs::remove_file(&link).expect("removed");
    assert_eq!(drift(&sandbox, &[]), ["- warehouse/prod.duckdb missing mend"]);
    sandbox.apply();
    assert!(fs::read_link(&link).is_ok());
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_catalogue_that_was_only_touched_is_as_it_was() {
    let sandbox = applied();
    let catalogue = sandbox.path("warehouse/prod/prod.duckdb");
    let file = File::options().write(true).open(&catalogue).expect("the file");
    file.set_modified(SystemTime::UNIX_EPOCH).expect("set times");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_release_that_was_deleted_is_made_anew() {
    let sandbox = applied();
    let release = fs::canonicalize(sandbox.path("warehouse/prod")).expect("the release");
    fs::remove_dir_all(&release).expect("removed");
    assert_eq!(drift(&sandbox, &[]), ["- warehouse/prod missing mend"]);
    sandbox.apply();
    assert_nothing_to_do(&sandbox);

    fs::remove_dir_all(sandbox.path(".dp/published")).expect("removed");
    assert_eq!(drift(&sandbox, &[]), ["- warehouse/prod missing mend"]);
    sandbox.apply();
    assert!(fs::metadata(sandbox.path("warehouse/prod/staging/orders.parquet")).is_ok());
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_changed_byte_is_found_though_size_and_time_are_set_back() {
    let sandbox = applied();
    let stored = sandbox.stored("staging.orders");
    damage_secretly(&sandbox.path(&stored));
    assert_eq!(drift(&sandbox, &[]), [format!("staging.orders {stored} changed rebuild")]);
    let before = sandbox.versions();
    sandbox.apply();
    assert_ne!(sandbox.versions()["staging.orders"], before["staging.orders"], "built under a new id");
    let old = &before["staging.orders"];
    assert_eq!(
        sandbox.record(&format!("select state, state_reason from versions where version = '{old}'")),
        [["damaged", "its file was changed outside dp"]]
    );
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_file_that_was_only_touched_is_believed_after_one_reading() {
    let sandbox = applied();
    let stored = sandbox.path(&sandbox.stored("staging.orders"));
    let mut permissions = fs::metadata(&stored).expect("the file").permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a temporary folder")]
    permissions.set_readonly(false);
    fs::set_permissions(&stored, permissions).expect("writable");
    File::options().write(true).open(&stored).expect("the file").set_modified(SystemTime::UNIX_EPOCH).expect("set");
    assert_nothing_to_do(&sandbox);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn an_export_edited_without_a_change_of_size_is_found() {
    let sandbox = Sandbox::shop().asset(
        "out.revenue",
        "
        kind = \"sql\"
        sql = \"select customer, revenue from marts.revenue order by customer\"
        materialize = { file = \"out/revenue.csv\", format = \"csv\" }
        ",
    );
    sandbox.apply();
    assert_nothing_to_do(&sandbox);
    sandbox.edit("out/revenue.csv", "ann,40", "ann,90");
    assert_eq!(drift(&sandbox, &[]), ["out.revenue out/revenue.csv changed reuse"]);
    sandbox.apply();
    assert_eq!(sandbox.read("out/revenue.csv"), "customer,revenue\nann,40\nbob,20\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_version_that_two_environments_share_is_damaged_in_both() {
    let sandbox = Sandbox::shop();
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n\n[environments.dev]\n");
    sandbox.apply();
    let dev = ["--env", "dev"];
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    let before = sandbox.versions();
    let in_dev = |sandbox: &Sandbox| {
        sandbox.record("select version from published where environment = 'dev' and asset = 'staging.orders'")[0][0]
            .clone()
    };
    assert_eq!(in_dev(&sandbox), before["staging.orders"], "shared");
    let stored = sandbox.stored("staging.orders");
    damage_secretly(&sandbox.path(&stored));
    let damaged = fs::read(sandbox.path(&stored)).expect("its bytes");

    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    let rebuilt = in_dev(&sandbox);
    assert_ne!(rebuilt, before["staging.orders"]);
    assert_eq!(fs::read(sandbox.path(&stored)).expect("its bytes"), damaged, "never written over");

    // The record says it, so prod would see it even if the file's times said nothing.
    assert_eq!(drift(&sandbox, &[]), [format!("staging.orders {stored} changed reuse")]);
    sandbox.apply();
    assert_eq!(sandbox.versions()["staging.orders"], rebuilt, "what dev built is taken");
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n3\n");
    assert_nothing_to_do(&sandbox);
    assert_eq!(drift(&sandbox, &dev), Vec::<String>::new());
}
