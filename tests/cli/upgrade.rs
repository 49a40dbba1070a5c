//! A project that an older dp applied: the state means the same to this dp, so nothing is built.
//!
//! `upgrade/project` and `upgrade/state` were written on 2026-11-30: apply (r1), an edit and an apply (r2), a rollback
//! (r3), an apply of `dev` (r4). Never rewrite them: they stand for the projects of users.

use std::path::Path;

use crate::sandbox::Sandbox;

fn project() -> Sandbox {
    let sandbox = Sandbox::bare();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/upgrade");
    copy(&fixture.join("project"), &sandbox.root());
    copy(&fixture.join("state"), &sandbox.path(".dp"));
    sandbox
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("the fixture can be read");
        let place = to.join(entry.path().strip_prefix(from).expect("it was found there"));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(place).expect("the sandbox can be written");
        } else {
            std::fs::copy(entry.path(), place).expect("the sandbox can be written");
        }
    }
}

#[test]
fn the_plan_of_an_older_state_builds_nothing() {
    let sandbox = project();
    for environment in ["prod", "dev"] {
        let plan = sandbox.dp(["plan", "--json", "--env", environment]).success().json();
        assert_eq!(plan["actions"], serde_json::json!([]), "{environment}");
        assert_eq!(plan["summary"]["unchanged"], 5, "{environment}");
    }
}

#[test]
fn an_apply_repairs_the_links_and_keeps_the_versions() {
    let sandbox = project();
    let before = sandbox.versions();
    sandbox.apply();
    assert_eq!(sandbox.versions(), before);
    assert_eq!(sandbox.query("from marts.best"), "customer_id,name\n1,Ada\n2,Grace\n");
    sandbox.dp(["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn the_history_of_an_older_state_reads_as_before() {
    let sandbox = project();
    let history = sandbox.dp(["history", "--json"]).success().json();
    let runs = history["runs"].as_array().unwrap();
    let words = |key: &str| -> Vec<&str> { runs.iter().map(|run| run[key].as_str().unwrap()).collect() };
    let numbers: Vec<u64> = runs.iter().filter_map(|run| run["run"].as_u64()).collect();
    assert_eq!(numbers, [4, 3, 2, 1]);
    assert_eq!(words("command"), ["apply", "rollback", "apply", "apply"]);
    assert_eq!(words("outcome"), ["done"; 4]);
    sandbox.dp(["lineage", "marts.best"]).success().says("staging.orders");
    sandbox.dp(["why", "marts.customers", "--run", "r2"]).success().says("ORDER BY");
    sandbox.dp(["show", "marts.customers"]).success().says("revenue");
}

#[test]
fn a_rollback_of_an_older_state_is_possible() {
    let sandbox = project();
    let after = sandbox.versions();
    sandbox.dp(["rollback", "r3", "--auto-approve"]).success();
    assert_ne!(sandbox.versions(), after);
}

#[test]
fn an_edit_of_what_an_older_dp_built_is_named() {
    let sandbox = project();
    sandbox.edit(
        "assets/marts/customers.toml",
        "group by customers.id",
        "where customers.id > 0 group by customers.id",
    );
    let plan = sandbox.plan();
    assert!(plan.contains("sql changed: WHERE"), "{plan}");
}
