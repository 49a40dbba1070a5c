//! What a plan says that it will take, and what an apply says that it took.

use serde_json::Value;

use crate::sandbox::{Sandbox, text};

fn estimate_of<'a>(plan: &'a Value, asset: &str) -> &'a Value {
    let actions = plan["actions"].as_array().expect("a list");
    &actions.iter().find(|action| action["asset"] == asset).expect("the asset is in the plan")["estimate"]
}

#[test]
fn without_a_history_there_is_no_number() {
    let sandbox = Sandbox::shop();
    let plan = sandbox.dp(["plan", "--json"]).success().json();
    assert_eq!(plan["estimate"], Value::Null);
    assert_eq!(estimate_of(&plan, "staging.orders"), &Value::Null);
    let shown = sandbox.dp(["plan", "-v"]).success().to_string();
    assert!(!shown.contains("usually") && !shown.contains("Estimate"), "{shown}");
}

#[test]
fn each_build_is_estimated_from_its_past_ones() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    let sandbox = sandbox.sql("marts.count", "select count(*) as orders from staging.orders");
    let plan = sandbox.dp(["plan", "--json"]).success().json();
    assert_eq!(estimate_of(&plan, "staging.orders")["rows"], 3);
    assert_eq!(estimate_of(&plan, "marts.revenue")["rows"], 2);
    assert_eq!(estimate_of(&plan, "marts.count"), &Value::Null);
    assert!(estimate_of(&plan, "marts.revenue")["seconds"].as_f64().is_some());
    assert!(estimate_of(&plan, "marts.revenue")["bytes"].as_u64().is_some_and(|bytes| bytes > 0));
    assert_eq!(plan["estimate"]["rows"], 5);
    assert_eq!(plan["estimate"]["without_history"], 1);
    let chain = plan["estimate"]["longest_chain"]["assets"].as_array().expect("a list");
    assert_eq!(chain, &["staging.orders", "marts.revenue"]);
    sandbox
        .dp(["plan", "-v"])
        .success()
        .says("usually")
        .says("3 rows")
        .says("1 build without a history.")
        .says("staging.orders → marts.revenue");
}

#[test]
fn rows_are_those_of_the_middle_of_the_last_five_builds() {
    let mut sandbox = Sandbox::shop();
    sandbox.apply();
    let query = |least: &str| format!("select id, customer, amount from raw.orders where amount > {least}");
    // 3 rows at first; then 4, 4, 4, 1, 1 and 1.
    for least in ["0", "0.5", "0.6", "25", "26", "27"] {
        sandbox = sandbox.sql("staging.orders", &query(least));
        sandbox.apply();
    }
    let sandbox = sandbox.sql("staging.orders", &query("7"));
    let plan = sandbox.dp(["plan", "--json"]).success().json();
    assert_eq!(estimate_of(&plan, "staging.orders")["rows"], 1);
}

#[test]
fn an_apply_is_compared_with_its_estimate_and_says_what_cutting_off_saved() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    // Another query with the same rows.
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount > 9");
    sandbox
        .dp(["apply", "--auto-approve", "-v"])
        .success()
        .says("1 built, 1 cut off")
        .says("The estimate was")
        .says("builds that were cut off usually take")
        .says("produce 2 rows");
    sandbox.edit("assets/staging/orders.toml", "amount > 9", "amount > 8");
    let events = sandbox.dp(["apply", "--auto-approve", "--json"]).success().json_lines();
    let last = events.last().expect("the end of the run");
    assert!(last["estimated_ms"].is_u64(), "{last}");
    assert_eq!(last["saved"]["assets"], 1);
    assert_eq!(last["saved"]["rows"], 2);
}

#[test]
fn another_environment_has_the_same_history() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n\n[environments.dev.vars]\n");
    let plan = sandbox.dp(["plan", "--json", "--env", "dev", "--replace", "staging.orders"]).success().json();
    assert_eq!(estimate_of(&plan, "staging.orders")["rows"], 3);
}

#[test]
fn behind_which_most_is_to_be_done_is_begun_first() {
    let sandbox = Sandbox::new()
        .sql("main.a", "select 1 as x")
        .sql("main.b", "select 2 as x")
        .sql("main.y1", "select 3 as x")
        .sql("main.y2", "select x + 1 as x from main.y1")
        .sql("main.y3", "select x + 1 as x from main.y2");
    assert_eq!(begun(&sandbox), ["main.y1", "main.y2", "main.a", "main.b", "main.y3"]);
}

/// What an apply builds, one at a time, in the order in which it begins.
fn begun(sandbox: &Sandbox) -> Vec<String> {
    let events = sandbox.dp(["apply", "--auto-approve", "--json", "-j", "1"]).success().json_lines();
    let begun = events.iter().filter(|event| event["event"] == "step_started");
    begun.map(|event| text(&event["asset"]).to_owned()).collect()
}
