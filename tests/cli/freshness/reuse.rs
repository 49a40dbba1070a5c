//! Versions of before that are published again, and those that never are.

use insta::assert_snapshot;

use super::{applied, assert_nothing_to_do, with_variable};
use crate::sandbox::Sandbox;

#[test]
fn reuse_after_an_edit_and_back() {
    let sandbox = applied();
    let before = sandbox.versions();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 20", "amount >= 10");
    assert_snapshot!(sandbox.plan(), @r"
    Reuse (built before; only published)
      = staging.orders  sql changed: WHERE  assets/staging/orders.toml:3
          version $VERSION
            - select id, customer, amount from raw.orders where amount >= 20
          3 + select id, customer, amount from raw.orders where amount >= 10
      = marts.revenue   staging.orders changed
          version $VERSION

    Plan: 2 to reuse, 1 unchanged.
    Next: dp apply
    [exit 0]
    ");
    assert_snapshot!(sandbox.apply(), @r"
    Reuse (built before; only published)
      = staging.orders  sql changed: WHERE  assets/staging/orders.toml:3
          version $VERSION
            - select id, customer, amount from raw.orders where amount >= 20
          3 + select id, customer, amount from raw.orders where amount >= 10
      = marts.revenue   staging.orders changed
          version $VERSION

    Plan: 2 to reuse, 1 unchanged.
    Done: 2 reused, 1 unchanged, published as run r3 in [TIME].
    Next: dp status
    --- stderr ---
      reused     staging.orders                      3 rows     [SIZE]
      reused     marts.revenue                       2 rows     [SIZE]
    [exit 0]
    ");
    assert_eq!(sandbox.versions(), before);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn reuse_in_another_environment() {
    let sandbox = applied();
    sandbox.edit("dp.toml", "name = \"shop\"", "name = \"shop\"\n\n[environments.dev]");
    assert_snapshot!(sandbox.dp(["plan", "--env", "dev"]), @r"
    Reuse (built before; only published)
      = raw.orders      not published here
          version $VERSION
      = staging.orders  not published here
          version $VERSION
      = marts.revenue   not published here
          version $VERSION

    Plan for dev: 3 to reuse.
    Next: dp apply --env dev
    [exit 0]
    ");
    assert_snapshot!(sandbox.dp(["apply", "--env", "dev", "--auto-approve"]), @r"
    Reuse (built before; only published)
      = raw.orders      not published here
          version $VERSION
      = staging.orders  not published here
          version $VERSION
      = marts.revenue   not published here
          version $VERSION

    Plan for dev: 3 to reuse.
    Done: 3 reused, published as run r2 in [TIME].
    Next: dp status --env dev
    --- stderr ---
      reused     raw.orders                          4 rows     [SIZE]
      reused     staging.orders                      3 rows     [SIZE]
      reused     marts.revenue                       2 rows     [SIZE]
    [exit 0]
    ");
    assert_eq!(sandbox.record("select count(distinct version), count(*) from published"), [["3", "6"]]);
    let output = sandbox.dp(["plan", "--env", "dev", "--detailed-exitcode"]);
    assert_eq!(output.code, 0, "{output}");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_view_that_was_edited_back_is_planned_as_it_is_applied() {
    let view = |sql: &str| format!("kind = \"sql\"\nmaterialize = \"view\"\nsql = \"{sql}\"\n");
    let sandbox = Sandbox::shop().asset("marts.small", &view("select id from staging.orders where amount < 20"));
    sandbox.apply();
    let first = sandbox.versions()["marts.small"].clone();
    sandbox.edit("assets/marts/small.toml", "< 20", "< 30");
    sandbox.apply();
    sandbox.edit("assets/marts/small.toml", "< 30", "< 20");
    assert_eq!(sandbox.actions(), ["marts.small reuse [definition_changed]"]);
    sandbox.apply().says("reused     marts.small");
    assert_eq!(sandbox.versions()["marts.small"], first);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn environments_stay_apart() {
    let sandbox = with_variable();
    let dp_toml = sandbox.read("dp.toml");
    sandbox.write("dp.toml", &format!("{dp_toml}\n[environments.dev.vars]\nmin_amount = 25\n"));
    sandbox.dp(["apply", "--env", "dev", "--auto-approve"]).success();
    let dev = sandbox.dp(["query", "--env", "dev", "--format", "csv", "from marts.revenue order by all"]).success();
    assert_eq!(dev.stdout, "customer,revenue\nann,30\n");
    assert_eq!(sandbox.query("from marts.revenue order by all"), "customer,revenue\nann,40\nbob,20\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn what_is_not_deterministic_is_never_reused() {
    let sandbox = Sandbox::shop().sql("a.pick", "select id, random() as lot from staging.orders where id > 0");
    sandbox.apply();
    assert_nothing_to_do(&sandbox);
    let first = sandbox.versions()["a.pick"].clone();
    sandbox.edit("assets/a/pick.toml", "id > 0", "id > 1");
    sandbox.apply();
    sandbox.edit("assets/a/pick.toml", "id > 1", "id > 0");
    sandbox.apply();
    assert_ne!(sandbox.versions()["a.pick"], first);
    assert_nothing_to_do(&sandbox);
}
