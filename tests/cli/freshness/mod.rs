//! What is built again, and what is not: a test for each reason, and one for each trap.

mod asked;
mod columns;
mod definitions;
mod inputs;
mod outputs;
mod removed;
mod reuse;

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use crate::sandbox::Sandbox;

/// The shop, applied once.
fn applied() -> Sandbox {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox
}

/// The lists of actions are equal; `expected` has one a line.
#[track_caller]
fn assert_actions(sandbox: &Sandbox, expected: &[&str]) {
    assert_eq!(sandbox.actions(), expected);
}

/// Everything is as declared, and planning again says the same.
#[track_caller]
fn assert_nothing_to_do(sandbox: &Sandbox) {
    let output = sandbox.dp(["plan", "--detailed-exitcode"]);
    assert_eq!(output.code, 0, "{output}");
}

/// What dp published is what a project that starts from nothing gets from the same files.
#[track_caller]
fn assert_as_if_fresh(sandbox: &Sandbox, assets: &[&str]) {
    let fresh = Sandbox::bare();
    for path in sandbox.tree(".") {
        let path = path.trim_start_matches("./");
        if !path.starts_with(".dp/") && !path.starts_with("warehouse/") {
            let to = fresh.path(path);
            fs::create_dir_all(to.parent().expect("a folder")).expect("the folder");
            fs::copy(sandbox.path(path), to).expect("a copy");
        }
    }
    fresh.apply();
    for asset in assets {
        let sql = format!("from {asset} order by all");
        assert_eq!(sandbox.query(&sql), fresh.query(&sql), "{asset}");
    }
}

/// The shop, with the smallest amount in a variable.
fn with_variable() -> Sandbox {
    let sandbox = Sandbox::shop()
        .file("dp.toml", "[project]\nname = \"shop\"\n\n[vars]\nmin_amount = 10\nunused = 1\n")
        .sql("staging.orders", "select id, customer, amount from raw.orders where amount >= ${var.min_amount}");
    sandbox.apply();
    sandbox
}

/// Puts another file in place of one that dp made, three hours before what dp then takes for now.
fn replace(sandbox: &mut Sandbox, path: &str, content: &str) {
    let path = sandbox.path(path);
    fs::remove_file(&path).expect("removed");
    fs::write(&path, content).expect("written");
    let moment = SystemTime::UNIX_EPOCH + Duration::from_hours(24 * 365 * 60);
    File::options().write(true).open(path).expect("the file").set_modified(moment).expect("set times");
    sandbox.now("2029-12-17T03:00:00Z");
}

/// The shop with an export that has been applied.
fn exported() -> Sandbox {
    let sandbox = Sandbox::shop().asset(
        "out.revenue",
        "
        kind = \"sql\"
        sql = \"select customer, revenue from marts.revenue order by customer\"
        materialize = { file = \"out/revenue.csv\", format = \"csv\" }
        ",
    );
    sandbox.apply();
    assert_eq!(sandbox.read("out/revenue.csv"), "customer,revenue\nann,40\nbob,20\n");
    sandbox
}
