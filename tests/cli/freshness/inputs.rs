//! Files that changed, and what stops at an input that does not change.

use std::fs::{self, File, FileTimes};
use std::time::Duration;

use insta::assert_snapshot;

use super::{applied, assert_nothing_to_do};
use crate::sandbox::Sandbox;

#[test]
fn input_changed() {
    let sandbox = applied();
    sandbox.edit("data/orders.csv", "2,bob,20", "2,bob,21");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ raw.orders  data/orders.csv changed

    Maybe (decided after the inputs are built)
      ? staging.orders  skipped if raw.orders does not change
      ? marts.revenue   skipped if staging.orders does not change

    Plan: 1 to rebuild, 2 maybe.
    Next: dp apply
    [exit 0]
    ");
    assert_snapshot!(sandbox.apply(), @r"
    Rebuild
      ~ raw.orders  data/orders.csv changed

    Maybe (decided after the inputs are built)
      ? staging.orders  skipped if raw.orders does not change
      ? marts.revenue   skipped if staging.orders does not change

    Plan: 1 to rebuild, 2 maybe.
    Done: 3 built, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      built      raw.orders                          4 rows     [SIZE]    [TIME]
      built      staging.orders                      3 rows     [SIZE]    [TIME]
      built      marts.revenue                       2 rows     [SIZE]    [TIME]
    [exit 0]
    ");
    assert_eq!(sandbox.query("from marts.revenue order by all"), "customer,revenue\nann,40\nbob,21\n");
    assert_nothing_to_do(&sandbox);
}

/// The shop, with a file a month.
fn monthly() -> Sandbox {
    let sandbox = Sandbox::shop()
        .file("data/orders/2026-01.csv", "id,customer,amount\n1,ann,10\n")
        .file("data/orders/2026-02.csv", "id,customer,amount\n2,bob,20\n")
        .source("raw.orders", "data/orders/*.csv");
    sandbox.apply();
    sandbox
}

#[test]
fn input_changed_new_file() {
    let sandbox = monthly();
    sandbox.write("data/orders/2026-03.csv", "id,customer,amount\n3,cid,30\n");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ raw.orders  files changed: data/orders/2026-03.csv is new

    Maybe (decided after the inputs are built)
      ? staging.orders  skipped if raw.orders does not change
      ? marts.revenue   skipped if staging.orders does not change

    Plan: 1 to rebuild, 2 maybe.
    Next: dp apply
    [exit 0]
    ");
    sandbox.apply();
    assert_eq!(sandbox.query("select sum(revenue) as total from marts.revenue"), "total\n60\n");
}

#[test]
fn input_changed_removed_file() {
    let sandbox = monthly();
    sandbox.remove("data/orders/2026-01.csv");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ raw.orders  files changed: data/orders/2026-01.csv is gone

    Maybe (decided after the inputs are built)
      ? staging.orders  skipped if raw.orders does not change
      ? marts.revenue   skipped if staging.orders does not change

    Plan: 1 to rebuild, 2 maybe.
    Next: dp apply
    [exit 0]
    ");
    sandbox.apply();
    assert_eq!(sandbox.query("select sum(revenue) as total from marts.revenue"), "total\n20\n");
}

#[test]
fn input_changed_renamed_file() {
    let sandbox = monthly();
    fs::rename(sandbox.path("data/orders/2026-01.csv"), sandbox.path("data/orders/2026-00.csv")).expect("renamed");
    let actions = sandbox.actions();
    assert_eq!(actions[0], "raw.orders rebuild [input_changed]");
    let output = sandbox.apply().says("cut off");
    assert!(output.stderr.contains("staging.orders"), "{output}");
}

#[test]
fn input_changed_file_read_in_a_query() {
    let sandbox = Sandbox::new()
        .file("data/rates.csv", "currency,rate\neur,1\n")
        .sql("a.rates", "select * from read_csv('data/rates.csv')");
    sandbox.apply();
    assert_nothing_to_do(&sandbox);
    sandbox.edit("data/rates.csv", "eur,1", "eur,2");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ a.rates  data/rates.csv changed

    Plan: 1 to rebuild.
    Next: dp apply
    [exit 0]
    ");
    sandbox.apply();
    assert_eq!(sandbox.query("select rate from a.rates"), "rate\n2\n");
}

#[test]
fn touching_changes_nothing() {
    let sandbox = applied();
    let path = sandbox.path("data/orders.csv");
    let file = File::options().append(true).open(&path).expect("the file");
    let earlier = file.metadata().expect("its stamps").modified().expect("a time") - Duration::from_hours(1);
    file.set_times(FileTimes::new().set_modified(earlier)).expect("set times");
    assert_nothing_to_do(&sandbox);
    // Replaced by a copy: another inode.
    let copy = sandbox.path("data/copy");
    fs::copy(&path, &copy).expect("a copy");
    fs::rename(copy, &path).expect("replaced");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn same_size_and_restored_time_is_found() {
    let sandbox = applied();
    assert_nothing_to_do(&sandbox);
    let path = sandbox.path("data/orders.csv");
    let before = fs::metadata(&path).expect("its stamps");
    sandbox.edit("data/orders.csv", "2,bob,20", "2,bob,99");
    let times = FileTimes::new()
        .set_modified(before.modified().expect("a time"))
        .set_accessed(before.accessed().expect("a time"));
    File::options().append(true).open(&path).expect("the file").set_times(times).expect("set times");
    let after = fs::metadata(&path).expect("its stamps");
    assert_eq!((after.len(), after.modified().expect("a time")), (before.len(), before.modified().expect("a time")));
    assert_eq!(sandbox.actions()[0], "raw.orders rebuild [input_changed]");
}

#[test]
fn early_cut_off() {
    let sandbox = applied();
    let before = sandbox.versions();
    // The row is filtered away by `staging.orders`.
    sandbox.edit("data/orders.csv", "4,cid,1\n", "4,dan,2\n");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ raw.orders  data/orders.csv changed

    Maybe (decided after the inputs are built)
      ? staging.orders  skipped if raw.orders does not change
      ? marts.revenue   skipped if staging.orders does not change

    Plan: 1 to rebuild, 2 maybe.
    Next: dp apply
    [exit 0]
    ");
    assert_snapshot!(sandbox.apply(), @r"
    Rebuild
      ~ raw.orders  data/orders.csv changed

    Maybe (decided after the inputs are built)
      ? staging.orders  skipped if raw.orders does not change
      ? marts.revenue   skipped if staging.orders does not change

    Plan: 1 to rebuild, 2 maybe.
    Done: 2 built, 1 cut off, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      built      raw.orders                          4 rows     [SIZE]    [TIME]
      built      staging.orders                      3 rows     [SIZE]    [TIME]
      cut off    marts.revenue                       2 rows     [SIZE]
    [exit 0]
    ");
    let after = sandbox.versions();
    assert_ne!(after["raw.orders"], before["raw.orders"]);
    assert_eq!(after["marts.revenue"], before["marts.revenue"]);
    let steps = sandbox.record("select asset, action, outcome from steps where run = 'r2' order by step");
    assert_eq!(
        steps,
        [
            ["raw.orders", "rebuild", "built"],
            ["staging.orders", "maybe", "built"],
            ["marts.revenue", "maybe", "cut_off"]
        ]
    );
    assert_eq!(sandbox.record("select count(*) from versions where asset = 'marts.revenue'"), [["1"]]);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn early_cut_off_at_once() {
    let sandbox = applied();
    let before = sandbox.versions();
    // Rows in another order are the same rows.
    sandbox.write("data/orders.csv", "id,customer,amount\n4,cid,1\n3,ann,30\n2,bob,20\n1,ann,10\n");
    assert_eq!(
        sandbox.actions(),
        [
            "raw.orders rebuild [input_changed]",
            "staging.orders maybe [input_may_change]",
            "marts.revenue maybe [input_may_change]"
        ]
    );
    sandbox.apply().says("2 cut off");
    let after = sandbox.versions();
    assert_eq!(
        (&after["staging.orders"], &after["marts.revenue"]),
        (&before["staging.orders"], &before["marts.revenue"])
    );
    assert_nothing_to_do(&sandbox);
}
