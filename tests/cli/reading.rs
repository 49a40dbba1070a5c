//! What dp found out about a source is fixed with its version, and other columns are a change that the plan shows.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

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
        .says("data/orders.csv:3: `amount` is `2.6`, which is not a valid INTEGER");
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

/// A project with one query, and the file that it reads.
fn named(query: &str, name: &str, file: &str) -> Sandbox {
    Sandbox::new().file(name, file).sql("staging.named", query)
}

#[test]
fn files_that_a_query_names_are_read_as_exactly_as_a_source() {
    let late = "id,code,answer\n".to_owned() + &"1,7,no\n".repeat(30_000) + "2,0042,yes\n3,'x,no\n";
    for query in [
        "select * from read_csv('data/a.csv')",
        "from 'data/a.csv'",
        "select a.* from \"data/a.csv\" as a",
        "with t as (select * from read_csv_auto(['data/a.csv'], SAMPLE_SIZE = -1)) from t",
    ] {
        let sandbox = named(query, "data/a.csv", &late);
        sandbox.apply();
        assert_eq!(
            sandbox.query("select id, code, answer from staging.named where id > 1 order by id"),
            "id,code,answer\n2,0042,yes\n3,'x,no\n",
            "{query}"
        );
        assert!(sandbox.plan().contains("Nothing to do"), "{query}");
    }
    let json = "{\"a\": 1}\n".repeat(25_000) + "{\"a\": 1.5, \"late\": true}\n";
    let sandbox = named("select sum(a) as s, count(late) as n from read_json('data/a.json')", "data/a.json", &json);
    sandbox.apply();
    assert_eq!(sandbox.query("from staging.named"), "s,n\n25001.5,1\n");
}

#[test]
fn what_does_not_fit_is_refused_at_the_reader() {
    for (query, file, says) in [
        (
            "select * from read_csv('data/a.csv')",
            "a,b\n1,2\n3,4,5\n",
            "data/a.csv:3: the row has 3 fields, but the header has 2",
        ),
        (
            "select * from read_csv('data/a.csv', types = {'a': 'INTEGER'})",
            "a,b\n1,2\n2.6,4\n",
            "data/a.csv:3: `a` is `2.6`, which is not a valid INTEGER",
        ),
        (
            "select * from read_csv('data/a.csv', ignore_errors = true)",
            "a,b\n1,2\n",
            "the option `ignore_errors` could drop or change rows",
        ),
        ("select * from read_csv('data/a.csv', skip = 1 + 1)", "a,b\n1,2\n", "the option `skip` is not a constant"),
        (
            "select * from read_csv('data/a.csv', sep = ';', DELIM = ',')",
            "a,b\n1,2\n",
            "the option `DELIM` sets `delim` a second time",
        ),
        ("select * from read_csv('data/a.csv') with ordinality", "a,b\n1,2\n", "rows of files have no numbers"),
    ] {
        let sandbox = named(query, "data/a.csv", file);
        let refused = sandbox.dp(["plan"]).exits(1).says(says);
        assert!(refused.stderr.contains("assets/staging/named.toml:"), "{}", refused.stderr);
    }
}

#[test]
fn a_pattern_in_a_reader_stands_for_all_files_that_it_matches() {
    let sandbox = named(
        "select sum(a) as s, max(filename) as f from read_csv('data/*.csv', filename = true)",
        "data/1.csv",
        "a\n1\n",
    );
    sandbox.write("data/2.csv", "b,a\nx,2.5\n");
    sandbox.apply();
    assert_eq!(sandbox.query("from staging.named"), "s,f\n3.5,data/2.csv\n");
    sandbox.write("data/3.csv", "a\n10\n");
    assert!(sandbox.plan().contains("staging.named"), "{}", sandbox.plan());
    sandbox.apply();
    assert_eq!(sandbox.query("from staging.named"), "s,f\n13.5,data/3.csv\n");
    let lineage = sandbox.dp(["lineage", "staging.named", "--columns"]).success().stdout;
    assert!(lineage.contains("./data/*.csv"), "{lineage}");
}

#[test]
fn a_view_over_a_file_is_pinned_with_what_was_read() {
    let sandbox = named("select * from read_csv('data/a.csv')", "data/a.csv", "a,b\n1,x\n");
    let sandbox = sandbox
        .asset(
            "staging.shown",
            "kind = 'sql'\nmaterialize = 'view'\nsql = \"select n.a, f.b from staging.named n, 'data/a.csv' as f\"",
        )
        .sql("marts.all", "select * from staging.shown");
    sandbox.apply();
    assert_eq!(sandbox.query("from staging.shown"), "a,b\n1,x\n");
    // The view stays with the table of its own version.
    sandbox.edit("assets/staging/named.toml", "select *", "select a + 1 as a, b");
    drop(sandbox.dp(["apply", "--auto-approve", "staging.named"]));
    assert_eq!(sandbox.query("from staging.shown"), "a,b\n1,x\n");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.all"), "a,b\n2,x\n");
}

#[test]
fn a_question_reads_files_exactly_too() {
    // A question may name the files that a published view reads.
    let sandbox = Sandbox::new()
        .file("data/a.csv", "a\n0042\n007\n")
        .asset("staging.shown", "kind = 'sql'\nmaterialize = 'view'\nsql = \"from 'data/a.csv'\"");
    sandbox.apply();
    assert_eq!(sandbox.query("select a from read_csv('data/*.csv') order by a"), "a\n0042\n007\n");
    assert_eq!(sandbox.query("select a from 'data/a.csv' order by a"), "a\n0042\n007\n");
}

#[test]
fn options_count_in_any_letter_case_and_under_any_name() {
    for options in ["NULLSTR = \"NA\"", "null = \"NA\"", "Null = [\"NA\"]"] {
        let sandbox = Sandbox::new().file("data/a.csv", "a\n1\nNA\n").asset(
            "raw.a",
            &format!("kind = \"source\"\n[source]\npath = \"data/a.csv\"\noptions = {{ {options} }}\n"),
        );
        sandbox.apply();
        assert_eq!(sandbox.query("select count(*) as n, sum(a) as s from raw.a"), "n,s\n2,1\n", "{options}");
    }
}

#[test]
fn where_the_project_lies_is_in_no_data() {
    let options = "[source]\npath = \"data/*.csv\"\noptions = { filename = true }\n";
    let sandbox = Sandbox::new()
        .file("env=dev/p/dp.toml", "[project]\nname = \"p\"\n")
        .file("env=dev/p/data/1.csv", "a\n1\n")
        .file("env=dev/p/assets/raw/s.toml", &format!("kind = \"source\"\n{options}"))
        .file("env=dev/p/assets/t/q.toml", "kind = \"sql\"\nsql = \"from read_csv('data/*.csv', filename = true)\"\n")
        .file("env=dev/p/assets/t/n.toml", "kind = \"sql\"\nsql = \"from 'data/1.csv'\"\n")
        .file("env=dev/p/assets/t/v.toml", "kind = \"sql\"\nmaterialize = \"view\"\nsql = \"from 'data/1.csv'\"\n");
    let rows = |table: &str| {
        sandbox.dp(["-C", "env=prod/p", "query", "--format", "csv", &format!("from {table}")]).success().stdout
    };
    sandbox.dp(["-C", "env=dev/p", "apply", "--auto-approve"]).success();
    std::fs::rename(sandbox.path("env=dev"), sandbox.path("env=prod")).expect("the folder moves");
    let plan = sandbox.dp(["-C", "env=prod/p", "plan"]).success();
    // The catalogue has absolute paths; no table is built again.
    assert!(plan.stdout.contains("4 unchanged"), "{}", plan.stdout);
    assert_eq!(rows("raw.s"), "a,filename\n1,data/1.csv\n");
    assert_eq!(rows("t.q"), "a,filename\n1,data/1.csv\n");
    assert_eq!(rows("t.n"), "a\n1\n");
    assert_eq!(rows("t.v"), "a\n1\n");
}

#[test]
fn one_bad_file_among_many_is_named() {
    let sandbox = Sandbox::new()
        .file("data/a.parquet", "no parquet")
        .sql("t.q", "from 'data/*.parquet'")
        .asset("raw.s", "kind = \"source\"\n[source]\npath = \"data/*.parquet\"\n");
    let plan = sandbox.dp(["plan"]).exits(1);
    assert_eq!(plan.stderr.matches("data/a.parquet").count(), 2, "{}", plan.stderr);
}

/// Applies, and does something once the plan is made and nothing is read yet. Gives the exit code and what dp said.
fn applied_while(sandbox: &Sandbox, meanwhile: impl FnOnce()) -> (i32, String) {
    let mut child = sandbox
        .command(["apply", "--auto-approve"])
        .env("__DP_TEST_FAULT", "after-run-begun:1:pause")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("dp starts");
    let mut go_on = child.stdin.take().expect("a pipe");
    let mut meanwhile = Some(meanwhile);
    let mut text = String::new();
    for line in BufReader::new(child.stderr.take().expect("a pipe")).lines() {
        let line = line.expect("dp writes UTF-8");
        if line.starts_with("fault: ") {
            meanwhile.take().expect("the run begins once")();
            go_on.write_all(b"\n").expect("dp reads its input");
        } else {
            text.push_str(&line);
            text.push('\n');
        }
    }
    (child.wait().expect("dp ends").code().unwrap_or(-1), text)
}

#[test]
fn a_file_that_changes_after_the_plan_is_looked_at_again() {
    let source = "kind = \"source\"\n[source]\npath = \"data/a.csv\"\n";
    let query =
        |materialize: &str| format!("kind = \"sql\"\nmaterialize = \"{materialize}\"\nsql = \"from 'data/a.csv'\"\n");
    for (toml, exit) in [(source.to_owned(), 0), (query("table"), 0), (query("view"), 3)] {
        let sandbox = Sandbox::new().file("data/a.csv", "n\n1\n").asset("raw.a", &toml);
        // Other values of the same types are read; a view has its query from the plan.
        let (code, text) = applied_while(&sandbox, || sandbox.write("data/a.csv", "n\n2\n3\n"));
        assert_eq!(code, exit, "{toml}: {text}");
        if exit != 0 {
            assert!(text.contains("its files changed after the plan was made"), "{text}");
            sandbox.apply();
        }
        assert_eq!(sandbox.query("select sum(n) as s from raw.a"), "s\n5\n", "{toml}");
        sandbox.write("data/a.csv", "n\n4\n");
        // The engine would round this if it were told that the column has whole numbers.
        let (code, text) = applied_while(&sandbox, || sandbox.write("data/a.csv", "n\n2.6\n"));
        assert_eq!(code, 3, "{toml}: {text}");
        sandbox.apply();
        assert_eq!(sandbox.query("select sum(n) as s from raw.a"), "s\n2.6\n", "{toml}");
    }
}
