//! A `.dp` folder that came with the project and was made by somebody else: what stands in it, and its links, lead no
//! change out of it.

mod attacks;
mod links;
mod outside;
mod random;

use std::path::PathBuf;
use std::process::Output as Raw;

use rusqlite::Connection;

use crate::sandbox::Sandbox;

/// Commands that only read.
const READING: &[&[&str]] = &[
    &["status"],
    &["plan"],
    &["plan", "--json"],
    &["plan", "--env", "dev"],
    &["show", "staging.orders"],
    &["show", "marts.report", "--json"],
    &["show", "r1"],
    &["show", "r3", "--json"],
    &["history"],
    &["history", "--json"],
    &["events"],
    &["effects"],
    &["effects", "r1", "--json"],
    &["lineage"],
    &["lineage", "--columns"],
    &["lineage", "--run", "r1"],
    &["why", "marts.report"],
    &["why", "marts.report", "--run", "r1"],
    &["query", "from staging.orders"],
    &["query", "from marts.live"],
    &["query", "from staging.orders", "--at", "r1"],
    &["env", "list"],
    &["env", "diff", "dev"],
    &["state", "list"],
    &["state", "show", "staging.orders"],
    &["gc", "--dry-run"],
    &["rollback"],
    &["status", "--json"],
];

/// One of each kind of them, where there are many cases.
const FEW: &[&[&str]] = &[
    &["status"],
    &["plan"],
    &["show", "marts.report"],
    &["history"],
    &["lineage", "--run", "r1"],
    &["query", "from staging.orders"],
    &["env", "list"],
    &["gc", "--dry-run"],
];

/// Every kind of asset, published in two environments, and a run that died right after it published.
fn project() -> Sandbox {
    let sandbox = Sandbox::shop().sql("marts.live", "select customer, revenue from marts.revenue").asset(
        "marts.report",
        "kind = \"sql\"\nmaterialize = { file = \"out/report.csv\" }\nsql = \"from marts.revenue\"\n\
             [columns.customer]\nchecks = [\"not_null\"]\n",
    );
    sandbox.edit("assets/marts/live.toml", "kind = \"sql\"\n", "kind = \"sql\"\nmaterialize = \"view\"\n");
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n[environments.dev.vars]\n[environments.old.vars]\n");
    sandbox.apply();
    for environment in ["dev", "old"] {
        sandbox.dp(["apply", "--auto-approve", "--env", environment]).success();
    }
    sandbox.dp(["env", "delete", "old", "--auto-approve"]).success();
    sandbox
}

/// Adds a row to the source and lets an apply die at a point of `dp::fault`.
fn died_at(sandbox: &Sandbox, point: &str) -> Raw {
    let orders = sandbox.read("data/orders.csv");
    sandbox.write("data/orders.csv", &format!("{orders}9,zoe,90\n"));
    let fault = format!("{point}:1:abort");
    let output =
        sandbox.command(["apply", "--auto-approve"]).env("__DP_TEST_FAULT", fault).output().expect("dp starts");
    assert_eq!(output.status.code(), None, "dp is gone at {point}");
    output
}

/// The record, open for whatever an attacker may do to it.
fn record(sandbox: &Sandbox) -> Connection {
    let record = Connection::open(sandbox.path(".dp/state.db")).expect("the record");
    for pragma in ["foreign_keys", "ignore_check_constraints"] {
        record.pragma_update(None, pragma, pragma.starts_with("ignore")).expect("a setting");
    }
    record
}

/// A folder beside the project that is none of dp's business, with something in it by every name that dp uses.
fn bystander(sandbox: &Sandbox) -> PathBuf {
    let folder = sandbox.root().with_file_name("outside");
    for path in ["0123456789abcdef", "my-photos", "prod", "store/a.b", "tmp/0123456789abcdef", "staging.orders"] {
        std::fs::create_dir_all(folder.join(path)).expect("a folder");
        std::fs::write(folder.join(path).join("precious.txt"), "precious").expect("a file");
    }
    std::fs::write(folder.join("notes.txt"), "notes").expect("a file");
    folder
}
