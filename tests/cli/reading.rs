//! What dp found out about a source is fixed with its version, and other columns are a change that the plan shows.

use crate::sandbox::Sandbox;

fn orders(options: &str) -> Sandbox {
    Sandbox::new()
        .file("data/orders.csv", "id,amount,note\n1,10,x\n2,20,7\n")
        .asset("raw.orders", &format!("kind = \"source\"\n[source]\npath = \"data/orders.csv\"\n{options}"))
        .sql("staging.orders", "select id, amount from raw.orders")
}

#[test]
fn types_are_kept_while_they_hold_every_value() {
    let sandbox = orders("");
    sandbox.apply();
    // Today all notes are digits, and a look alone would call them numbers.
    sandbox.write("data/orders.csv", "id,amount,note\n1,10,8\n2,20,9\n");
    sandbox.apply();
    assert_eq!(sandbox.query("select typeof(note) as t from raw.orders limit 1"), "t\nVARCHAR\n");
    assert!(sandbox.plan().contains("Nothing to do"), "{}", sandbox.plan());
}

#[test]
fn a_new_column_is_taken_and_shown_with_its_place() {
    let sandbox = orders("");
    sandbox.apply();
    sandbox.write("data/orders.csv", "id,amount,note,more\n1,10,x,1\n");
    let plan = sandbox.plan();
    assert!(plan.contains("column `more` BIGINT added (data/orders.csv:1)"), "{plan}");
    sandbox.apply();
    assert_eq!(sandbox.query("select more from raw.orders"), "more\n1\n");
}

#[test]
fn numbers_that_get_a_fraction_are_taken() {
    let sandbox = orders("");
    sandbox.apply();
    sandbox.write("data/orders.csv", "id,amount,note\n1,10,x\n2,20.5,y\n");
    let plan = sandbox.plan();
    assert!(plan.contains("column `amount` BIGINT → DOUBLE (data/orders.csv:3 `20.5`)"), "{plan}");
    sandbox.apply();
    assert_eq!(sandbox.query("select sum(amount) as s from staging.orders"), "s\n30.5\n");
}

#[test]
fn what_could_lose_something_needs_a_person() {
    let sandbox = orders("");
    sandbox.apply();
    sandbox.write("data/orders.csv", "id,amount\n1,10\n");
    sandbox
        .dp(["apply", "--auto-approve"])
        .exits(1)
        .says("dp::plan::schema_change")
        .says("column `note` VARCHAR removed");
    assert_eq!(sandbox.query("select count(note) as n from raw.orders"), "n\n2\n");
    sandbox.dp(["plan", "--out", "without.plan"]).success();
    sandbox.dp(["apply", "without.plan"]).success();
    assert_eq!(sandbox.query("select * from raw.orders"), "id,amount\n1,10\n");
    sandbox.write("data/orders.csv", "id,amount\n1,ten\n");
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("column `amount` BIGINT → VARCHAR (data/orders.csv:2 `ten`)");
}

#[test]
fn a_policy_adds_or_refuses() {
    let sandbox = orders("on_schema_change = \"add\"\n");
    sandbox.apply();
    sandbox.write("data/orders.csv", "id,amount,note,more\n1,10,x,1\n");
    sandbox.apply();
    sandbox.write("data/orders.csv", "id,amount\n1,10\n");
    sandbox.dp(["plan"]).exits(1).says("dp::source::changed").says("column `note` VARCHAR removed");
    let sandbox = orders("on_schema_change = \"refuse\"\n");
    sandbox.apply();
    sandbox.write("data/orders.csv", "id,amount,note,more\n1,10,x,1\n");
    sandbox.dp(["plan"]).exits(1).says("dp::source::changed").says("column `more` BIGINT added (data/orders.csv:1)");
    // What is declared is no surprise, and neither is what somebody edited.
    sandbox.edit(
        "assets/raw/orders.toml",
        "on_schema_change = \"refuse\"\n",
        "on_schema_change = \"refuse\"\n[columns.more]\ntype = \"BIGINT\"\n",
    );
    sandbox.apply();
}

#[test]
fn a_contract_that_changes_a_value_is_refused_with_the_place() {
    let sandbox = orders("[columns.amount]\ntype = \"INTEGER\"\n");
    sandbox.apply();
    sandbox.write("data/orders.csv", "id,amount,note\n1,10,x\n2,2.6,y\n");
    sandbox
        .dp(["apply", "--auto-approve"])
        .exits(1)
        .says("dp::source::values")
        .says("data/orders.csv:3: `amount` is `2.6`, which INTEGER does not hold");
    sandbox.edit("assets/raw/orders.toml", "type = \"INTEGER\"", "type = \"INTEGER\"\ncast = \"lenient\"");
    sandbox.apply();
    assert_eq!(sandbox.query("select amount from raw.orders where id = 2"), "amount\n3\n");
}

#[test]
fn the_export_of_an_asset_comes_back_with_its_empty_texts() {
    let sandbox = Sandbox::new().asset(
        "marts.notes",
        "kind = \"sql\"\nmaterialize = { file = \"out/notes.csv\" }\n\
         sql = \"select * from (values (1, ''), (2, null), (3, 'a')) as t(id, note)\"\n",
    );
    sandbox.apply();
    let export = sandbox.read("out/notes.csv");
    sandbox.write("out/notes.csv", &export.replace("3,a", "3,b"));
    sandbox.dp(["state", "accept", "marts.notes", "--reason", "corrected"]).success();
    assert_eq!(
        sandbox.query("select id, note is null as n, note = '' as e from marts.notes order by id"),
        "id,n,e\n1,false,true\n2,true,\n3,false,false\n"
    );
}

#[test]
fn json_has_no_bare_nan() {
    let sandbox = Sandbox::new().asset(
        "marts.odd",
        "kind = \"sql\"\nmaterialize = { file = \"out/odd.json\" }\n\
         sql = \"select 0/0 as a, 1/0 as b, [-1/0, 1.5::double, null] as c, {'x': 0/0} as d, null::double as e\"\n",
    );
    sandbox.apply();
    let expected = serde_json::json!([
        {"a": "NaN", "b": "Infinity", "c": ["-Infinity", 1.5, null], "d": {"x": "NaN"}, "e": null}
    ]);
    let export: serde_json::Value = serde_json::from_str(&sandbox.read("out/odd.json")).expect("it is JSON");
    assert_eq!(export, expected);
    let answer = sandbox.dp(["query", "--format", "json", "from marts.odd"]).success();
    assert_eq!(answer.json(), expected);
}

#[test]
fn a_table_over_views_over_files_reads_nothing_undeclared() {
    let sandbox = Sandbox::new()
        .file("data/a.csv", "x\n1\n")
        .asset("main.raw", "kind = \"source\"\nmaterialize = \"view\"\n[source]\npath = \"data/a.csv\"\n")
        .asset("main.v", "kind = \"sql\"\nmaterialize = \"view\"\nsql = \"select x from raw\"\n")
        .sql("main.t", "select x from v");
    let said = sandbox.apply().result();
    assert!(!said.contains("bug"), "{said}");
}
