//! What dp made and somebody else changed or removed.

use std::fs;

use insta::assert_snapshot;

use super::{applied, assert_nothing_to_do, exported, replace};

#[test]
fn output_missing() {
    let sandbox = applied();
    let stored = sandbox.stored("staging.orders");
    fs::remove_file(sandbox.path(&stored)).expect("removed");
    assert_snapshot!(sandbox.dp(["plan", "--detailed-exitcode"]), @"
    Changed outside dp
      ! staging.orders
          .dp/store/staging.orders/$VERSION/data.parquet is missing; dp
          rebuilds it

    Rebuild
      ~ staging.orders  .dp/store/staging.orders/$VERSION/data.parquet is
                        missing

    Maybe (decided after the inputs are built)
      ? marts.revenue  skipped if staging.orders does not change

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Next: dp apply
    [exit 2]
    ");
    sandbox.apply();
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n3\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn output_drifted() {
    let mut sandbox = applied();
    let stored = sandbox.stored("staging.orders");
    replace(&mut sandbox, &stored, "something else");
    assert_snapshot!(sandbox.dp(["plan", "--detailed-exitcode"]), @r"
    Changed outside dp
      ! staging.orders
          .dp/store/staging.orders/$VERSION/data.parquet was changed 3 h 0
          min ago; dp rebuilds it

    Rebuild
      ~ staging.orders  .dp/store/staging.orders/$VERSION/data.parquet was
                        changed outside dp

    Maybe (decided after the inputs are built)
      ? marts.revenue  skipped if staging.orders does not change

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Next: dp apply
    [exit 2]
    ");
    let plan = sandbox.dp(["plan", "--json"]).success().json();
    assert_eq!(plan["drift"][0]["asset"], "staging.orders");
    assert_eq!(plan["drift"][0]["what"], "changed");
    assert_eq!(plan["drift"][0]["action"], "rebuild");
    sandbox.apply();
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n3\n");
    assert_eq!(sandbox.read(&stored), "something else", "a damaged version is never written over");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn export_removed() {
    let sandbox = exported();
    let before = sandbox.versions();
    sandbox.remove("out/revenue.csv");
    assert_snapshot!(sandbox.plan(), @r"
    Changed outside dp
      ! out.revenue
          out/revenue.csv is missing; dp restores the recorded version

    Reuse (built before; only published)
      = out.revenue  out/revenue.csv is missing
          version $VERSION

    Plan: 1 to reuse, 3 unchanged.
    Next: dp apply
    [exit 0]
    ");
    assert_snapshot!(sandbox.apply(), @r"
    Changed outside dp
      ! out.revenue
          out/revenue.csv is missing; dp restores the recorded version

    Reuse (built before; only published)
      = out.revenue  out/revenue.csv is missing
          version $VERSION

    Plan: 1 to reuse, 3 unchanged.
    Done: 1 reused, 3 unchanged, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      reused     out.revenue                         2 rows     [SIZE]
    [exit 0]
    ");
    assert_eq!(sandbox.read("out/revenue.csv"), "customer,revenue\nann,40\nbob,20\n");
    assert_eq!(sandbox.versions(), before, "put back, not built again");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn export_edited() {
    let mut sandbox = exported();
    let before = sandbox.versions();
    replace(&mut sandbox, "out/revenue.csv", "customer,revenue\nann,1000000\n");
    assert_snapshot!(sandbox.plan(), @"
    Changed outside dp
      ! out.revenue
          out/revenue.csv was changed 3 h [TIME] ago; dp restores the recorded
          version

    Reuse (built before; only published)
      = out.revenue  out/revenue.csv was changed outside dp
          version $VERSION

    Plan: 1 to reuse, 3 unchanged.
    Next: dp apply
    [exit 0]
    ");
    sandbox.apply();
    assert_eq!(sandbox.read("out/revenue.csv"), "customer,revenue\nann,40\nbob,20\n");
    assert_eq!(sandbox.versions(), before, "put back, not built again");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn export_to_another_path() {
    let sandbox = exported();
    let before = sandbox.versions();
    sandbox.edit("assets/out/revenue.toml", "out/revenue.csv", "out/money.csv");
    let output = sandbox.dp(["plan", "--detailed-exitcode"]);
    assert_eq!(output.code, 2, "{output}");
    sandbox.apply();
    assert_eq!(sandbox.tree("out"), ["out/money.csv"]);
    let after = sandbox.versions();
    let readers = ["raw.orders", "staging.orders", "marts.revenue"];
    assert!(readers.iter().all(|name| before[*name] == after[*name]), "only the file moves");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn published_links_are_mended() {
    let sandbox = applied();
    fs::remove_file(sandbox.path("warehouse/prod")).expect("removed");
    sandbox
        .dp(["plan", "--detailed-exitcode"])
        .exits(2)
        .says("warehouse/prod is missing; dp recreates it")
        .says("links to repair");
    sandbox.apply().says("Published links and catalogue were repaired.");
    assert_nothing_to_do(&sandbox);
    assert_eq!(
        sandbox.tree("warehouse/prod"),
        [
            "warehouse/prod/marts/revenue.parquet",
            "warehouse/prod/prod.duckdb",
            "warehouse/prod/raw/orders.parquet",
            "warehouse/prod/staging/orders.parquet"
        ]
    );
}
