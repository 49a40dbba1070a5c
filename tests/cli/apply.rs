//! `dp apply`: what is published when, and what is said about it.

use std::fs;

use insta::assert_snapshot;

use crate::sandbox::{Sandbox, text};

/// A shop of which `staging.orders` has a check that the data can fail.
fn checked() -> Sandbox {
    Sandbox::shop().asset(
        "staging.orders",
        "
        kind = \"sql\"
        sql = \"\"\"
        select id, customer, amount
        from raw.orders
        where amount >= 10
        \"\"\"

        [columns.id]
        checks = [\"unique\"]
        ",
    )
}

/// The same, applied, and then with data that fails it: seven orders of id 1.
fn failing() -> Sandbox {
    let sandbox = checked();
    sandbox.apply();
    let rows = ["1,ann,10"; 7].join("\n");
    sandbox.write("data/orders.csv", &format!("id,customer,amount\n{rows}\n2,bob,50\n"));
    sandbox
}

#[test]
fn no_terminal_and_no_approval() {
    let sandbox = Sandbox::shop();
    for refused in [sandbox.dp(["apply"]), sandbox.dp_with(["apply"], "yes\n")] {
        // It shows what would have been asked about.
        refused
            .exits(1)
            .says("raw.orders")
            .says("can't ask for approval without a terminal")
            .says("dp plan --out FILE");
    }
    assert!(!sandbox.path("warehouse").exists());
    sandbox.apply();
    // Nothing to ask.
    assert_snapshot!(sandbox.dp(["apply"]), @r"
    Nothing to do: 3 assets are up to date.
    [exit 0]
    ");
}

#[test]
fn first_apply() {
    let sandbox = Sandbox::shop();
    assert_snapshot!(sandbox.apply(), @r"
    Create
      + raw.orders      not published here
      + staging.orders  not published here
      + marts.revenue   not published here

    Plan: 3 to create.
    Done: 3 built, published as run r1 in [TIME].
    Next: dp status
    --- stderr ---
      built      raw.orders                          4 rows     [SIZE]    [TIME]
      built      staging.orders                      3 rows     [SIZE]    [TIME]
      built      marts.revenue                       2 rows     [SIZE]    [TIME]
    [exit 0]
    ");
    assert_snapshot!(sandbox.tree("warehouse").join("\n"), @r"
    warehouse/prod.duckdb
    warehouse/prod/marts/revenue.parquet
    warehouse/prod/prod.duckdb
    warehouse/prod/raw/orders.parquet
    warehouse/prod/staging/orders.parquet
    ");
    assert_eq!(sandbox.query("from marts.revenue order by all"), "customer,revenue\nann,40\nbob,20\n");
}

#[test]
fn quiet() {
    let sandbox = Sandbox::shop();
    assert_snapshot!(sandbox.dp(["apply", "--auto-approve", "-q"]), @r"
    Create
      + raw.orders      not published here
      + staging.orders  not published here
      + marts.revenue   not published here

    Plan: 3 to create.
    Done: 3 built, published as run r1 in [TIME].
    Next: dp status
    [exit 0]
    ");
}

#[test]
fn one_job_at_a_time() {
    let sandbox = Sandbox::shop();
    sandbox.dp(["apply", "--auto-approve", "-j", "1"]).success().says("3 built");
    sandbox.dp(["apply", "--auto-approve", "-j", "0"]).exits(64);
}

#[test]
fn a_failed_check_blocks_everything() {
    let sandbox = failing();
    let before = sandbox.versions();
    let tree = sandbox.tree("warehouse");
    assert_snapshot!(sandbox.dp(["apply", "--auto-approve"]), @"
    Rebuild
      ~ raw.orders  data/orders.csv changed

    Maybe (decided after the inputs are built)
      ? staging.orders  skipped if raw.orders does not change
      ? marts.revenue   skipped if staging.orders does not change

    Plan: 1 to rebuild, 2 maybe.
    Nothing was published: 1 failed, 1 skipped; the next run reuses finished builds
    (run r2, [TIME]).
    Next: correct the failed assets and apply again; finished builds are reused
    --- stderr ---
      built      raw.orders                          8 rows     [SIZE]    [TIME]
      ✗ staging.orders: check unique(id): 7 rows fail, in 1 group (blocks
        publishing)
          id  rows
          ────────
           1     7
      failed     staging.orders                  [TIME]
          1 check failed: unique(id)
      skipped    marts.revenue  reads staging.orders, which failed or was skipped
    [exit 3]
    ");
    assert_eq!(sandbox.versions(), before);
    assert_eq!(sandbox.tree("warehouse"), tree);
    assert_eq!(sandbox.query("from marts.revenue order by all"), "customer,revenue\nann,40\nbob,20\n");
    // It is due as it was before.
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 2);
}

#[test]
fn a_failed_check_on_the_first_apply() {
    let sandbox = checked().file("data/orders.csv", "id,customer,amount\n1,ann,10\n1,bob,20\n");
    sandbox.dp(["apply", "--auto-approve"]).exits(3).says("unique(id)");
    assert!(sandbox.versions().is_empty());
    sandbox.dp(["query", "from raw.orders"]).exits(1);
}

#[test]
fn after_the_data_is_mended_what_was_built_is_reused() {
    let sandbox = failing().sql("marts.slow", "select count(*) as n from raw.orders");
    sandbox.dp(["apply", "--auto-approve"]).exits(3);
    // The edit is in `staging.orders` alone: the others were built by the run that failed.
    sandbox.edit("assets/staging/orders.toml", "select id,", "select row_number() over (order by amount) as id,");
    let output = sandbox.dp(["apply", "--auto-approve", "-j", "1"]);
    assert_snapshot!(output, @r"
    Rebuild
      ~ staging.orders  sql changed: `id`  assets/staging/orders.toml:3
                        raw.orders changed
            - select id, customer, amount
          3 + select row_number() over (order by amount) as id, customer, amount
          4   from raw.orders
          5   where amount >= 10

    Maybe (decided after the inputs are built)
      ? marts.revenue  skipped if staging.orders does not change

    Reuse (built before; only published)
      = raw.orders  data/orders.csv changed
          version $VERSION
      = marts.slow  not published here
          version $VERSION

    Plan: 1 to rebuild, 1 maybe, 2 to reuse.
    Done: 2 built, 2 reused, published as run r3 in [TIME].
    Next: dp status
    --- stderr ---
      reused     raw.orders                          8 rows     [SIZE]
      reused     marts.slow                           1 row     [SIZE]
      built      staging.orders                      8 rows     [SIZE]    [TIME]
      built      marts.revenue                       2 rows     [SIZE]    [TIME]
    [exit 0]
    ");
    let of_slow = sandbox.record("select run from versions where asset = 'marts.slow'");
    assert_eq!(of_slow, [["r2"]], "built once, by the run that failed");
}

#[test]
fn a_check_that_failed_is_due_again_without_a_new_build() {
    let sandbox = failing();
    sandbox.dp(["apply", "--auto-approve"]).exits(3);
    let versions = sandbox.record("select count(*) from versions");
    sandbox.dp(["apply", "--auto-approve"]).exits(3).says("unique(id)");
    assert_eq!(sandbox.record("select count(*) from versions"), versions, "nothing is built twice");
}

#[test]
fn a_check_that_warns() {
    let sandbox = Sandbox::shop().asset(
        "staging.orders",
        "
        kind = \"sql\"
        sql = \"select id, customer, amount from raw.orders\"

        [[checks]]
        name = \"no small orders\"
        sql = \"select * from ${this} where amount < 10\"
        severity = \"warn\"
        ",
    );
    assert_snapshot!(sandbox.apply(), @r"
    Create
      + raw.orders      not published here
      + staging.orders  not published here
      + marts.revenue   not published here

    Plan: 3 to create.
    Done: 3 built, published as run r1 in [TIME].
    Next: dp status
    --- stderr ---
      built      raw.orders                          4 rows     [SIZE]    [TIME]
      ! staging.orders: check no small orders: 1 row fails (only a warning)
          id  customer  amount
          ────────────────────
           4  cid            1
      built      staging.orders                      4 rows     [SIZE]    [TIME]
      built      marts.revenue                       3 rows     [SIZE]    [TIME]
    [exit 0]
    ");
    assert_eq!(sandbox.versions().len(), 3);
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 0, "a warning is a result");
    sandbox.dp(["status"]).success().says("1 warn");
}

#[test]
fn publish_passed() {
    let sandbox = failing().sql("marts.other", "select count(*) as n from raw.orders");
    let before = sandbox.versions();
    assert_snapshot!(sandbox.dp(["apply", "--auto-approve", "-j", "1", "--publish", "passed"]), @"
    Create
      + marts.other  not published here

    Rebuild
      ~ raw.orders  data/orders.csv changed

    Maybe (decided after the inputs are built)
      ? staging.orders  skipped if raw.orders does not change
      ? marts.revenue   skipped if staging.orders does not change

    Plan: 1 to create, 1 to rebuild, 2 maybe.
    Published in part: 2 assets published, 1 failed, 1 skipped; the next run reuses
    finished builds (run r2, [TIME]).
    Next: correct the failed assets and apply again; finished builds are reused
    --- stderr ---
      built      raw.orders                          8 rows     [SIZE]    [TIME]
      ✗ staging.orders: check unique(id): 7 rows fail, in 1 group (blocks
        publishing)
          id  rows
          ────────
           1     7
      failed     staging.orders                  [TIME]
          1 check failed: unique(id)
      built      marts.other                          1 row     [SIZE]    [TIME]
      skipped    marts.revenue  reads staging.orders, which failed or was skipped
    [exit 3]
    ");
    let after = sandbox.versions();
    assert_ne!(after["raw.orders"], before["raw.orders"]);
    assert!(after.contains_key("marts.other"));
    assert_eq!(after["staging.orders"], before["staging.orders"]);
    assert_eq!(after["marts.revenue"], before["marts.revenue"], "its ancestry did not pass");
}

/// A shop of which a query fails at run time, for the data only.
fn broken() -> Sandbox {
    Sandbox::shop()
        .sql("staging.orders", "select\n    id,\n    customer::integer as customer,\n    amount\nfrom raw.orders")
        .sql("marts.other", "select count(*) as n from raw.orders")
        .sql("marts.last", "select * from marts.revenue")
}

#[test]
fn a_failed_step() {
    let sandbox = broken();
    assert_snapshot!(sandbox.dp(["apply", "--auto-approve", "-j", "1"]), @"
    Create
      + raw.orders      not published here
      + marts.other     not published here
      + staging.orders  not published here
      + marts.revenue   not published here
      + marts.last      not published here

    Plan: 5 to create.
    Nothing was published: 1 failed, 2 skipped; the next run reuses finished builds
    (run r1, [TIME]).
    Next: correct the failed assets and apply again; finished builds are reused
    --- stderr ---
      built      raw.orders                          4 rows     [SIZE]    [TIME]
      failed     staging.orders                  [TIME]
          assets/staging/orders.toml:5:13: Could not convert string 'ann' to INT32
          when casting from source column customer
      skipped    marts.revenue  reads staging.orders, which failed or was skipped
      built      marts.other                          1 row     [SIZE]    [TIME]
      skipped    marts.last  reads marts.revenue, which failed or was skipped
    [exit 3]
    ");
    assert!(sandbox.versions().is_empty());
    let outcomes = sandbox.record("select asset, outcome from steps order by asset");
    assert_eq!(
        outcomes,
        [
            ["marts.last", "skipped"],
            ["marts.other", "built"],
            ["marts.revenue", "skipped"],
            ["raw.orders", "built"],
            ["staging.orders", "failed"]
        ]
    );
}

#[test]
fn a_failed_step_in_a_sql_file() {
    let sandbox = Sandbox::shop()
        .file("sql/bad.sql", "-- A cast\nselect id,\n       customer::integer as customer\nfrom raw.orders\n")
        .asset("marts.bad", "kind = \"sql\"\nsql_file = \"sql/bad.sql\"\n");
    sandbox
        .dp(["apply", "--auto-approve"])
        .exits(3)
        .says("sql/bad.sql:3")
        .says("Could not convert string 'ann' to INT32");
}

#[test]
fn a_failed_step_and_publish_passed() {
    let sandbox = broken();
    sandbox.dp(["apply", "--auto-approve", "--publish", "passed"]).exits(3);
    assert_eq!(sandbox.versions().into_keys().collect::<Vec<_>>(), ["marts.other", "raw.orders"]);
}

#[test]
fn after_a_failed_step_is_mended_the_rest_is_reused() {
    let sandbox = broken();
    sandbox.dp(["apply", "--auto-approve"]).exits(3);
    sandbox.edit("assets/staging/orders.toml", "customer::integer as customer", "customer");
    assert_eq!(
        sandbox.actions(),
        [
            "raw.orders reuse [new]",
            "marts.other reuse [new]",
            "staging.orders create [new]",
            "marts.revenue create [new]",
            "marts.last create [new]"
        ]
    );
    sandbox.apply().says("3 built, 2 reused");
    let built = sandbox.record("select asset, count(*) from versions group by asset");
    assert!(built.iter().all(|row| row[1] == "1"), "{built:?}");
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 0);
}

#[test]
fn events_as_json() {
    let sandbox = checked();
    let output = sandbox.dp(["apply", "--auto-approve", "--json"]).success();
    assert_eq!(output.stderr, "");
    let events = output.json_lines();
    for event in &events {
        assert_eq!(event["run"], 1);
        assert!(text(&event["time"]).ends_with('Z'));
    }
    let named: Vec<_> = events
        .iter()
        .map(|event| match event["asset"].as_str() {
            Some(asset) => format!("{} {asset}", text(&event["event"])),
            None => text(&event["event"]).to_owned(),
        })
        .collect();
    assert_eq!(named.first().map(String::as_str), Some("run_started"));
    for expected in
        ["step_started raw.orders", "step_finished marts.revenue", "check_finished staging.orders", "published"]
    {
        assert!(named.iter().any(|event| event == expected), "{expected} is not among {named:?}");
    }
    let last = events.last().expect("a last event");
    assert_eq!(last["event"], "run_finished");
    assert_eq!(last["outcome"], "done");
    for (count, expected) in
        [("built", 3), ("cut_off", 0), ("reused", 0), ("checked", 0), ("destroyed", 0), ("failed", 0), ("skipped", 0)]
    {
        assert_eq!(last[count], expected, "{count} in {last}");
    }
}

#[test]
fn events_as_json_of_a_run_that_failed() {
    let sandbox = broken();
    let output = sandbox.dp(["apply", "--auto-approve", "--json"]).exits(3);
    let events = output.json_lines();
    let failed = events.iter().find(|event| event["event"] == "step_finished" && event["outcome"] == "failed");
    let failed = failed.expect("a step that failed");
    assert_eq!(failed["asset"], "staging.orders");
    assert!(text(&failed["message"]).contains("'ann'"), "{failed}");
    let last = events.last().expect("a last event");
    assert_eq!((&last["failed"], &last["skipped"], &last["built"]), (&1.into(), &2.into(), &2.into()));
    assert_eq!(last["outcome"], "failed");
}

#[test]
fn events_as_json_with_nothing_to_do() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let output = sandbox.dp(["apply", "--auto-approve", "--json"]).success();
    let events = output.json_lines();
    let last = events.last().expect("a last event with the counts");
    assert_eq!((&last["event"], &last["built"]), (&"run_finished".into(), &0.into()));
}

#[test]
fn events_are_those_of_the_record() {
    let sandbox = checked();
    let output = sandbox.dp(["apply", "--auto-approve", "--json"]).success();
    let told: Vec<_> = output.json_lines().iter().map(|event| text(&event["event"]).to_owned()).collect();
    let recorded: Vec<_> = sandbox
        .record("select event from events where run = 'r1' order by id")
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    let sorted = |mut events: Vec<String>| {
        events.sort();
        events
    };
    assert_eq!(sorted(recorded), sorted(told));
}

/// An asset with this materialisation, of two rows.
fn materialized(materialize: &str) -> Sandbox {
    let sandbox = Sandbox::new().asset(
        "out.rows",
        &format!("kind = \"sql\"\nsql = \"select * from (values (1, 'a'), (2, null)) as t(n, s)\"\nmaterialize = {materialize}\n"),
    );
    sandbox.apply();
    assert_eq!(sandbox.query("from out.rows order by n"), "n,s\n1,a\n2,\n");
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 0);
    sandbox
}

#[test]
fn materialize_table() {
    let sandbox = materialized("\"table\"");
    assert_eq!(
        sandbox.record("select kind from effects where asset = 'out.rows' order by id"),
        [["made"], ["published"]]
    );
}

#[test]
fn materialize_view() {
    let sandbox = materialized("\"view\"");
    assert_eq!(sandbox.tree(".dp/store").iter().filter(|path| path.ends_with(".parquet")).count(), 0);
}

#[test]
fn materialize_csv() {
    let sandbox = materialized("{ file = \"out/rows.csv\", format = \"csv\" }");
    assert_eq!(sandbox.read("out/rows.csv"), "n,s\n1,a\n2,\n");
}

#[test]
fn materialize_json() {
    let sandbox = materialized("{ file = \"out/rows.json\", format = \"json\" }");
    let rows: serde_json::Value = serde_json::from_str(&sandbox.read("out/rows.json")).expect("one array");
    assert_eq!(rows, serde_json::json!([{ "n": 1, "s": "a" }, { "n": 2, "s": null }]));
}

#[test]
fn materialize_ndjson() {
    let sandbox = materialized("{ file = \"out/rows.ndjson\", format = \"ndjson\" }");
    let text = sandbox.read("out/rows.ndjson");
    let rows: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("one value a line")).collect();
    assert_eq!(rows, [serde_json::json!({ "n": 1, "s": "a" }), serde_json::json!({ "n": 2, "s": null })]);
}

#[test]
fn materialize_parquet() {
    let sandbox = materialized("{ file = \"out/rows.parquet\", format = \"parquet\" }");
    let bytes = fs::read(sandbox.path("out/rows.parquet")).expect("the file");
    assert_eq!((&bytes[..4], &bytes[bytes.len() - 4..]), (&b"PAR1"[..], &b"PAR1"[..]));
    // Another project reads it.
    let sandbox = Sandbox::new().source("raw.rows", "data/rows.parquet");
    fs::create_dir(sandbox.path("data")).expect("a folder");
    fs::write(sandbox.path("data/rows.parquet"), bytes).expect("a copy");
    sandbox.apply();
    assert_eq!(sandbox.query("from raw.rows order by n"), "n,s\n1,a\n2,\n");
}

#[test]
fn an_export_keeps_large_numbers() {
    let sandbox = Sandbox::new().asset(
        "out.large",
        "kind = \"sql\"\nsql = \"select 9007199254740993::hugeint as n\"\nmaterialize = { file = \"out/large.parquet\", format = \"parquet\" }\n",
    );
    sandbox.apply();
    assert_eq!(sandbox.query("from out.large"), "n\n9007199254740993\n");
    let other = Sandbox::new().source("raw.large", "data/large.parquet");
    fs::create_dir(other.path("data")).expect("a folder");
    fs::copy(sandbox.path("out/large.parquet"), other.path("data/large.parquet")).expect("a copy");
    other.apply();
    assert_eq!(other.query("select n::varchar as n from raw.large"), "n\n9007199254740993\n");
}

#[test]
fn exports_outside_prod_have_a_folder_of_their_own() {
    let sandbox = Sandbox::new().file("dp.toml", "[project]\nname = \"shop\"\n\n[environments.dev]\n").asset(
        "out.rows",
        "kind = \"sql\"\nsql = \"select 1 as n\"\nmaterialize = { file = \"out/rows.csv\", format = \"csv\" }\n",
    );
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    assert!(!sandbox.path("out/rows.csv").exists());
    assert_eq!(sandbox.read("warehouse/dev/_files/out/rows.csv"), "n\n1\n");
}

#[test]
fn a_source_as_a_view_is_read_in_place() {
    let sandbox = Sandbox::shop();
    sandbox.edit("assets/raw/orders.toml", "kind = \"source\"", "kind = \"source\"\nmaterialize = \"view\"");
    sandbox.apply();
    assert!(sandbox.tree(".dp/store").iter().all(|path| !path.contains("raw.orders") || !path.ends_with(".parquet")));
    assert_eq!(sandbox.query("select count(*) as n from raw.orders"), "n\n4\n");
    sandbox.edit("data/orders.csv", "2,bob,20", "2,bob,21");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.revenue order by all"), "customer,revenue\nann,40\nbob,21\n");
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 0);
}

#[test]
fn a_view_stays_with_the_versions_it_was_published_with() {
    let sandbox = Sandbox::shop().asset(
        "marts.seen",
        "kind = \"sql\"\nmaterialize = \"view\"\nsql = \"select count(*) as orders from staging.orders\"\n",
    );
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.seen"), "orders\n3\n");
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 0");
    sandbox.dp(["apply", "--auto-approve", "staging.orders"]).success();
    assert_eq!(sandbox.query("select count(*) as orders from staging.orders"), "orders\n4\n");
    assert_eq!(sandbox.query("from marts.seen"), "orders\n3\n");
    // By the next apply it follows.
    assert_eq!(sandbox.actions().len(), 2, "the view and the mart");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.seen"), "orders\n4\n");
}

#[test]
fn a_view_of_which_a_check_fails_is_held_back() {
    let sandbox = Sandbox::shop().asset(
        "marts.seen",
        "
        kind = \"sql\"
        materialize = \"view\"
        sql = \"select id, amount from staging.orders\"

        [columns.amount]
        checks = [{ range = { max = 100 } }]
        ",
    );
    sandbox.apply();
    let before = sandbox.versions();
    sandbox.edit("data/orders.csv", "2,bob,20", "2,bob,200");
    sandbox.dp(["apply", "--auto-approve"]).exits(3).says("range(amount)");
    assert_eq!(sandbox.versions(), before);
    assert_eq!(sandbox.query("select max(amount) as m from marts.seen"), "m\n30\n");
}

#[test]
fn views_over_views() {
    let view = |sql: &str| format!("kind = \"sql\"\nmaterialize = \"view\"\nsql = \"{sql}\"\n");
    let sandbox = Sandbox::shop()
        .asset("a.one", &view("select id, amount from raw.orders"))
        .asset("a.two", &view("select id, amount * 2 as double from a.one"))
        .sql("a.three", "select sum(double) as total from a.two");
    sandbox.apply();
    assert_eq!(sandbox.query("from a.three"), "total\n122\n");
    sandbox.edit("assets/a/one.toml", "select id, amount", "select id, amount + 1 as amount");
    sandbox.apply();
    assert_eq!(sandbox.query("from a.three"), "total\n130\n");
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 0);
}

#[test]
fn an_export_never_writes_over_what_dp_did_not_write() {
    let sandbox = Sandbox::new().file("out/rows.csv", "precious\n").asset(
        "out.rows",
        "kind = \"sql\"\nsql = \"select 1 as n\"\nmaterialize = { file = \"out/rows.csv\", format = \"csv\" }\n",
    );
    assert_snapshot!(sandbox.dp(["plan"]), @"
    --- stderr ---
    dp::plan::foreign_file

      × `out/rows.csv` exists, and dp did not write it
      help: move the file away, export `out.rows` to another path, or adopt the
            file: `dp state adopt out.rows --reason …`
    [exit 1]
    ");
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("dp::plan::foreign_file");
    assert_eq!(sandbox.read("out/rows.csv"), "precious\n");
}

#[test]
fn a_foreign_file_at_a_new_path_of_an_export() {
    let sandbox = Sandbox::new().asset(
        "out.rows",
        "kind = \"sql\"\nsql = \"select 1 as n\"\nmaterialize = { file = \"out/rows.csv\", format = \"csv\" }\n",
    );
    sandbox.apply();
    sandbox.write("out/other.csv", "precious\n");
    sandbox.edit("assets/out/rows.toml", "out/rows.csv", "out/other.csv");
    sandbox.dp(["apply", "--auto-approve"]).exits(1);
    assert_eq!(sandbox.read("out/other.csv"), "precious\n");
}

#[test]
fn destroyed_together_with_other_work() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox.remove("assets/marts/revenue.toml");
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    assert_snapshot!(sandbox.apply(), @r"
    Rebuild
      ~ staging.orders  sql changed: WHERE  assets/staging/orders.toml:3
            - select id, customer, amount from raw.orders where amount >= 10
          3 + select id, customer, amount from raw.orders where amount >= 20

    Destroy (no longer published)
      - marts.revenue  no longer declared

    Plan: 1 to rebuild, 1 to destroy, 1 unchanged.
    Done: 1 built, 1 destroyed, 1 unchanged, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      built      staging.orders                      2 rows     [SIZE]    [TIME]
      destroyed  marts.revenue
    [exit 0]
    ");
    assert_eq!(sandbox.versions().into_keys().collect::<Vec<_>>(), ["raw.orders", "staging.orders"]);
    sandbox.dp(["query", "from marts.revenue"]).exits(1);
    assert!(!sandbox.path("warehouse/prod/marts").exists());
}

#[test]
fn nothing_is_destroyed_when_something_failed() {
    let sandbox = failing().sql("marts.other", "select 1 as a");
    sandbox.remove("assets/marts/revenue.toml");
    sandbox.dp(["apply", "--auto-approve"]).exits(3);
    assert!(sandbox.versions().contains_key("marts.revenue"), "one apply is one transaction");
}

#[test]
fn the_files_that_a_run_leaves_are_private_or_read_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let mode = |path: &str| fs::metadata(sandbox.path(path)).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(".dp/state.db"), 0o600);
    assert_eq!(mode(&sandbox.stored("raw.orders")), 0o444);
    assert_eq!(mode(".dp/tmp"), 0o700);
    assert_eq!(sandbox.tree(".dp/tmp"), [""; 0]);
}

#[test]
fn a_withdrawal_that_looks_like_an_accident_is_refused() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let before = sandbox.versions();
    fs::rename(sandbox.path("assets"), sandbox.path("elsewhere")).expect("a folder");
    let refused = sandbox.dp(["apply", "--auto-approve"]).exits(1).says("dp::plan::withdraws");
    refused
        .says("3 of the 3 published assets")
        .says("`marts.revenue`, `raw.orders` and `staging.orders`")
        .says("--allow-withdraw");
    assert_eq!(sandbox.versions(), before);
    // Whoever names them has asked for it.
    sandbox.dp(["apply", "--auto-approve", "marts.revenue"]).success();
    sandbox.dp(["apply", "--auto-approve", "--allow-withdraw"]).success().says("2 destroyed");
    assert!(sandbox.versions().is_empty());
    fs::rename(sandbox.path("elsewhere"), sandbox.path("assets")).expect("a folder");
    sandbox.apply();
    sandbox.dp(["destroy", "--auto-approve"]).success();
}

#[test]
fn of_many_assets_more_than_half_is_too_much() {
    let names: Vec<String> = (0..10).map(|index| format!("t.a{index}")).collect();
    let mut sandbox = Sandbox::new();
    for name in &names {
        sandbox = sandbox.sql(name, "select 1 as a");
    }
    sandbox.apply();
    for name in &names[..5] {
        sandbox.remove(&crate::sandbox::asset_path(name));
    }
    sandbox.dp(["plan"]).success();
    sandbox.apply().says("5 destroyed");
    let sandbox = (0..5).fold(sandbox, |sandbox, index| sandbox.sql(&format!("t.b{index}"), "select 1 as a"));
    sandbox.apply();
    for name in &names[5..] {
        sandbox.remove(&crate::sandbox::asset_path(name));
    }
    sandbox.remove("assets/t/b0.toml");
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("6 of the 10 published assets");
}
