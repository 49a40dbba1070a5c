//! What is built because of its age, or because --project names it.

use insta::assert_snapshot;

use super::{applied, assert_nothing_to_do};
use crate::sandbox::Sandbox;

#[test]
fn forced() {
    let sandbox = applied();
    let before = sandbox.versions();
    assert_snapshot!(sandbox.dp(["plan", "--replace", "staging.orders"]), @r"
    Rebuild
      ~ staging.orders  requested with --replace

    Maybe (decided after the inputs are built)
      ? marts.revenue  skipped if staging.orders does not change

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Next: dp apply --replace staging.orders
    [exit 0]
    ");
    assert_snapshot!(sandbox.dp(["apply", "--auto-approve", "--replace", "staging.orders"]), @r"
    Rebuild
      ~ staging.orders  requested with --replace

    Maybe (decided after the inputs are built)
      ? marts.revenue  skipped if staging.orders does not change

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Done: 1 built, 1 cut off, 1 unchanged, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      built      staging.orders                      3 rows     [SIZE]    [TIME]
      cut off    marts.revenue                       2 rows     [SIZE]
    [exit 0]
    ");
    let after = sandbox.versions();
    assert_ne!(after["staging.orders"], before["staging.orders"]);
    assert_eq!(after["marts.revenue"], before["marts.revenue"]);
}

#[test]
fn forced_unknown() {
    let sandbox = applied();
    assert_snapshot!(sandbox.dp(["plan", "--replace", "staging.order"]), @r"
    --- stderr ---
    dp::graph::empty_selection

      × `staging.order` selects no asset
      help: did you mean `staging.orders`?
    [exit 1]
    ");
}

#[test]
fn stale() {
    let mut sandbox = Sandbox::shop();
    sandbox.edit("assets/staging/orders.toml", "kind = \"sql\"", "kind = \"sql\"\nrefresh = \"24h\"");
    sandbox.apply();
    let after = |hours: &str| {
        let sql = format!(
            "select strftime('%Y-%m-%dT%H:%M:%SZ', created, '{hours}') from versions where asset = 'staging.orders'"
        );
        sandbox.record(&sql)[0][0].clone()
    };
    let (before_it_is_due, when_it_is_due) = (after("+1435 minutes"), after("+1445 minutes"));
    sandbox.now(&before_it_is_due);
    assert_nothing_to_do(&sandbox);
    sandbox.now(&when_it_is_due);
    assert_snapshot!(sandbox.plan(), @r#"
    Rebuild
      ~ staging.orders  older than `refresh = "24h"` allows

    Maybe (decided after the inputs are built)
      ? marts.revenue  skipped if staging.orders does not change

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Next: dp apply
    [exit 0]
    "#);
    assert_snapshot!(sandbox.apply(), @r#"
    Rebuild
      ~ staging.orders  older than `refresh = "24h"` allows

    Maybe (decided after the inputs are built)
      ? marts.revenue  skipped if staging.orders does not change

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Done: 1 built, 1 cut off, 1 unchanged, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      built      staging.orders                      3 rows     [SIZE]    [TIME]
      cut off    marts.revenue                       2 rows     [SIZE]
    [exit 0]
    "#);
}

#[test]
fn stale_always() {
    let sandbox = Sandbox::shop();
    sandbox.edit("assets/staging/orders.toml", "kind = \"sql\"", "kind = \"sql\"\nrefresh = \"always\"");
    sandbox.apply();
    assert_snapshot!(sandbox.plan(), @r#"
    Rebuild
      ~ staging.orders  `refresh = "always"`

    Maybe (decided after the inputs are built)
      ? marts.revenue  skipped if staging.orders does not change

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Next: dp apply
    [exit 0]
    "#);
    sandbox.apply();
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 2);
}
