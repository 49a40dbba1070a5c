//! What is no longer declared.

use std::fs;

use insta::assert_snapshot;

use super::{applied, assert_nothing_to_do, exported};

#[test]
fn removed() {
    let sandbox = exported();
    sandbox.remove("assets/out/revenue.toml");
    assert_snapshot!(sandbox.plan(), @r"
    Destroy (no longer published)
      - out.revenue  no longer declared; out/revenue.csv is removed too

    Plan: 1 to destroy, 3 unchanged.
    Next: dp apply
    [exit 0]
    ");
    assert_snapshot!(sandbox.apply(), @r"
    Destroy (no longer published)
      - out.revenue  no longer declared; out/revenue.csv is removed too

    Plan: 1 to destroy, 3 unchanged.
    Done: 1 destroyed, 3 unchanged, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      destroyed  out.revenue
    [exit 0]
    ");
    assert!(!sandbox.path("out/revenue.csv").exists(), "the exported file goes with it");
    assert!(!sandbox.versions().contains_key("out.revenue"));
    assert_nothing_to_do(&sandbox);
}

#[test]
fn removed_but_still_read() {
    let sandbox = applied();
    sandbox.remove("assets/staging/orders.toml");
    sandbox.dp(["plan"]).exits(1).says("unknown upstream `staging.orders`");
}

#[test]
fn removed_keeps_a_changed_export() {
    // The file is no longer the one that dp wrote, so it is not dp's to remove without a word.
    let sandbox = exported();
    fs::remove_file(sandbox.path("out/revenue.csv")).expect("removed");
    sandbox.write("out/revenue.csv", "mine\n");
    sandbox.remove("assets/out/revenue.toml");
    let output = sandbox.dp(["apply", "--auto-approve"]);
    let kept = sandbox.path("out/revenue.csv").exists();
    assert!(kept || output.to_string().contains("out/revenue.csv"), "removed without a word:\n{output}");
}
