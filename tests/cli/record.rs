//! The record of what was done: the views of `.dp/state.db`, `history`, `show`, `status` and `lineage`.

use std::fs;

use insta::assert_snapshot;
use serde_json::json;

use crate::sandbox::{Sandbox, text};

/// The shop, with a check, applied twice: at first all, then a new amount.
fn two_runs() -> Sandbox {
    let sandbox = Sandbox::shop().asset(
        "staging.orders",
        "
        kind = \"sql\"
        description = \"Orders that count\"
        owner = \"sales-data\"
        tags = [\"daily\"]
        sql = \"select id, customer, amount from raw.orders where amount >= 10\"

        [columns.id]
        description = \"One per order\"
        checks = [\"unique\"]
        ",
    );
    sandbox.apply();
    sandbox.edit("data/orders.csv", "2,bob,20", "2,bob,21");
    sandbox.apply();
    sandbox
}

#[test]
fn view_runs() {
    let sandbox = two_runs();
    assert_eq!(
        sandbox.record(
            "select run, command, environment, outcome, built, cut_off, reused, failed, skipped, arguments from runs"
        ),
        [
            ["r1", "apply", "prod", "done", "3", "0", "0", "0", "0", "[\"apply\",\"--auto-approve\"]"],
            ["r2", "apply", "prod", "done", "3", "0", "0", "0", "0", "[\"apply\",\"--auto-approve\"]"]
        ]
    );
    let facts = sandbox.record(
        "select seconds >= 0, user <> '', host <> '', pid > 0, dp_version <> '', engine like 'duckdb %', length(plan) = 64,
                started < finished from runs",
    );
    assert_eq!(facts, [["1"; 8], ["1"; 8]]);
    assert_eq!(sandbox.record("select count(distinct plan) from runs"), [["2"]]);
}

#[test]
fn view_steps() {
    let sandbox = two_runs();
    assert_eq!(
        sandbox.record("select run, environment, step, asset, action, outcome from steps order by run, step"),
        [
            ["r1", "prod", "1", "raw.orders", "create", "built"],
            ["r1", "prod", "2", "staging.orders", "create", "built"],
            ["r1", "prod", "3", "marts.revenue", "create", "built"],
            ["r2", "prod", "1", "raw.orders", "rebuild", "built"],
            ["r2", "prod", "2", "staging.orders", "maybe", "built"],
            ["r2", "prod", "3", "marts.revenue", "maybe", "built"]
        ]
    );
    let reasons = sandbox.record("select reasons ->> '$[0].code' from steps where run = 'r2' order by step");
    assert_eq!(reasons, [["input_changed"], ["input_may_change"], ["input_may_change"]]);
    let facts = sandbox.record("select count(*), count(ms), count(version), count(started) from steps");
    assert_eq!(facts, [["6"; 4]]);
}

#[test]
fn view_effects() {
    let sandbox = two_runs();
    let effects = sandbox.record(
        "select asset, kind, replace(coalesce(path, ''), coalesce(version, '-'), '$VERSION'), rows, replaced is not null
         from effects where run = 'r2' and coalesce(detail, '') not like 'rows of %' order by asset, kind",
    );
    assert_eq!(
        effects,
        [
            ["marts.revenue", "made", ".dp/store/marts.revenue/$VERSION/data.parquet", "2", "0"],
            ["marts.revenue", "replaced", "warehouse/prod/marts/revenue.parquet", "2", "1"],
            ["raw.orders", "made", ".dp/store/raw.orders/$VERSION/data.parquet", "4", "0"],
            ["raw.orders", "read", "data/orders.csv", "null", "0"],
            ["raw.orders", "replaced", "warehouse/prod/raw/orders.parquet", "4", "1"],
            ["staging.orders", "made", ".dp/store/staging.orders/$VERSION/data.parquet", "3", "0"],
            ["staging.orders", "replaced", "warehouse/prod/staging/orders.parquet", "3", "1"]
        ]
    );
    // Each with who did it and when, and what was made with its size and content.
    let facts = sandbox.record(
        "select distinct user <> '', host <> '', dp_version <> '', run_started <> '', environment, step between 1 and 3
         from effects where kind not in ('published', 'replaced')",
    );
    assert_eq!(facts, [["1", "1", "1", "1", "prod", "1"]]);
    let made = sandbox
        .record("select min(bytes) > 0, min(ms) >= 0, min(length(content)), count(*) from effects where kind = 'made'");
    assert_eq!(made, [["1", "1", "64", "6"]]);
    let bytes = fs::metadata(sandbox.path("data/orders.csv")).expect("the file").len().to_string();
    assert_eq!(
        sandbox.record("select bytes from effects where kind = 'read' and run = 'r2' and detail is null"),
        [[bytes]]
    );
}

#[test]
fn view_effects_of_exports_and_withdrawals() {
    let sandbox = Sandbox::new()
        .asset(
            "out.rows",
            "kind = \"sql\"\nsql = \"select 1 as n\"\nmaterialize = { file = \"out/rows.csv\", format = \"csv\" }\n",
        )
        .sql("a.kept", "select 1 as n");
    sandbox.apply();
    sandbox.remove("assets/out/rows.toml");
    sandbox.apply();
    let effects = |run: &str| {
        sandbox
            .record(&format!("select kind, path from effects where run = '{run}' and asset = 'out.rows' order by id"))
    };
    assert!(effects("r1").iter().any(|row| row[1] == "out/rows.csv"), "{:?}", effects("r1"));
    let gone = effects("r2");
    assert!(gone.iter().any(|row| row[0] == "withdrawn" && row[1] == "warehouse/prod/out/rows.parquet"), "{gone:?}");
    assert!(gone.iter().any(|row| row[0] == "removed" && row[1] == "out/rows.csv"), "{gone:?}");
}

#[test]
fn view_versions_and_published() {
    let sandbox = two_runs();
    assert_eq!(
        sandbox.record(
            "select asset, run, state, rows, deterministic, engine like 'duckdb %' from versions order by asset, run"
        ),
        [
            ["marts.revenue", "r1", "intact", "2", "1", "1"],
            ["marts.revenue", "r2", "intact", "2", "1", "1"],
            ["raw.orders", "r1", "intact", "4", "1", "1"],
            ["raw.orders", "r2", "intact", "4", "1", "1"],
            ["staging.orders", "r1", "intact", "3", "1", "1"],
            ["staging.orders", "r2", "intact", "3", "1", "1"]
        ]
    );
    let published = sandbox.record("select environment, asset, run, rows from published order by asset");
    assert_eq!(
        published,
        [
            ["prod", "marts.revenue", "r2", "2"],
            ["prod", "raw.orders", "r2", "4"],
            ["prod", "staging.orders", "r2", "3"]
        ]
    );
    // One definition, two versions of it.
    let definitions = sandbox
        .record("select count(distinct definition), count(distinct key) from versions where asset = 'staging.orders'");
    assert_eq!(definitions, [["1", "2"]]);
}

#[test]
fn paths_are_relative_to_the_project() {
    let sandbox = two_runs();
    let paths = sandbox
        .record("select path from effects union all select path from versions union all select path from published");
    for path in paths {
        assert!(!path[0].starts_with('/'), "{path:?}");
    }
    // And nowhere else is the folder written down.
    let state = fs::read(sandbox.path(".dp/state.db")).expect("the state");
    let folder = sandbox.root().canonicalize().expect("the project").display().to_string();
    assert!(!state.windows(folder.len()).any(|bytes| bytes == folder.as_bytes()), "the state holds {folder}");
}

#[test]
fn view_lineage() {
    let sandbox = two_runs();
    assert_eq!(
        sandbox.record("select run, asset, input, direct from lineage order by run, asset, input"),
        [
            ["r1", "marts.revenue", "staging.orders", "1"],
            ["r1", "raw.orders", "data/orders.csv", "1"],
            ["r1", "staging.orders", "raw.orders", "1"],
            ["r2", "marts.revenue", "staging.orders", "1"],
            ["r2", "raw.orders", "data/orders.csv", "1"],
            ["r2", "staging.orders", "raw.orders", "1"]
        ]
    );
    // Each version of an input is one that the same run made.
    let others = sandbox.record(
        "select count(*) from lineage join versions on versions.version = lineage.input_version
         where versions.run <> lineage.run or versions.asset <> lineage.input",
    );
    assert_eq!(others, [["0"]]);
    assert_eq!(sandbox.record("select count(*) from lineage where input_version is null"), [["2"]], "files have none");
}

#[test]
fn view_check_results() {
    let sandbox = two_runs();
    assert_eq!(
        sandbox.record("select run, environment, asset, check_name, kind, severity, outcome, failures from check_results order by run"),
        [
            ["r1", "prod", "staging.orders", "unique(id)", "unique", "error", "passed", "0"],
            ["r2", "prod", "staging.orders", "unique(id)", "unique", "error", "passed", "0"]
        ]
    );
    let of_published = sandbox.record(
        "select count(*) from check_results join published using (asset, version) where check_results.run = 'r2'",
    );
    assert_eq!(of_published, [["1"]]);
}

#[test]
fn view_events() {
    let sandbox = two_runs();
    let events = sandbox.record("select event from events where run = 'r2' order by id");
    assert_eq!(events.first(), Some(&vec!["run_started".to_owned()]));
    assert_eq!(events.last(), Some(&vec!["run_finished".to_owned()]));
    assert_eq!(sandbox.record("select count(*) from events where json_valid(data) = 0 or time = ''"), [["0"]]);
}

#[test]
fn every_view_of_the_contract_is_there() {
    let sandbox = two_runs();
    for view in ["runs", "steps", "effects", "versions", "published", "lineage", "check_results", "events"] {
        sandbox.record(&format!("select * from {view}"));
        assert_eq!(sandbox.record(&format!("select type from sqlite_master where name = '{view}'")), [["view"]]);
    }
}

#[test]
fn history() {
    let sandbox = two_runs();
    let output = sandbox.dp(["history"]).success();
    let lines: Vec<_> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{output}");
    assert!(lines[2].starts_with("r2 ") && lines[3].starts_with("r1 "), "the newest first:\n{output}");
    assert!(
        lines[2].contains("apply")
            && lines[2].contains("prod")
            && lines[2].contains("done")
            && lines[2].ends_with("3 built")
    );
    let json = sandbox.dp(["history", "--json"]).success().json();
    assert_eq!(json["format_version"], "1.0");
    assert_eq!(json["runs"].as_array().map(Vec::len), Some(2));
    assert_eq!(json["runs"][0]["counts"]["built"], 3);
    assert_eq!(sandbox.dp(["history", "-n", "1", "--json"]).success().json()["runs"].as_array().map(Vec::len), Some(1));
}

#[test]
fn history_of_nothing() {
    assert_snapshot!(Sandbox::shop().dp(["history"]), @r"
    No runs yet. Next: dp apply
    [exit 0]
    ");
    assert_eq!(Sandbox::shop().dp(["history", "--json"]).success().json()["runs"], json!([]));
}

#[test]
fn history_of_a_run_that_failed() {
    let sandbox =
        Sandbox::shop().sql("staging.orders", "select id, customer::integer as customer, amount from raw.orders");
    sandbox.dp(["apply", "--auto-approve"]).exits(3);
    sandbox.dp(["history"]).success().says("failed").says("1 built, 1 failed");
    let run = &sandbox.dp(["history", "--json"]).success().json()["runs"][0];
    assert_eq!(
        (&run["counts"]["built"], &run["counts"]["failed"], &run["counts"]["skipped"]),
        (&json!(1), &json!(1), &json!(1))
    );
    sandbox.dp(["show", "r1"]).success().says("Could not convert string 'ann' to INT32").says("skipped");
    assert_eq!(sandbox.dp(["show", "r1", "--json"]).success().json()["outcome"], "failed");
}

#[test]
fn show_run() {
    let sandbox = two_runs();
    let output = sandbox.dp(["show", "r2"]).success();
    for word in [
        "r2",
        "apply --auto-approve",
        "environment prod",
        "Steps",
        "Effects",
        "Checks",
        "unique(id)",
        "data/orders.csv",
    ] {
        assert!(output.stdout.contains(word), "{word} is not in:\n{output}");
    }
    assert!(output.stdout.lines().all(|line| line.chars().count() <= 80), "{output}");
    let json = sandbox.dp(["show", "r2", "--json"]).success().json();
    assert_eq!(json["format_version"], "1.0");
    assert_eq!(json["publications"][0]["changes"].as_array().map(Vec::len), Some(3));
    assert_eq!(json["steps"][0]["intent"]["asset"], "raw.orders");
    assert_eq!(json["steps"][0]["outcome"]["outcome"], "built");
    assert_snapshot!(sandbox.dp(["show", "r3"]), @"
    --- stderr ---
    dp::cli::not_found

      × `r3` not found
      help: `dp status` lists the assets, and `dp history` lists the runs
    [exit 1]
    ");
}

#[test]
fn show_asset() {
    let sandbox = two_runs();
    assert_snapshot!(sandbox.dp(["show", "staging.orders"]), @r"
    staging.orders  sql table  assets/staging/orders.toml
      Orders that count
      owner: sales-data
      reads: raw.orders

    Columns
    column    type     description
    ────────────────────────────────
    id        BIGINT   One per order
    customer  VARCHAR
    amount    BIGINT

    Versions
    version           run  finished             rows   size
    ──────────────────────────────────────────────────────────────────
    $VERSION  r2   [TIME .............]     3 [SIZE]  published
    $VERSION  r1   [TIME .............]     3 [SIZE]

    Checks
    check       outcome  failures  run
    ──────────────────────────────────
    unique(id)  passed          0  r2

    Effects
    effect     run  where                                                   rows
    ────────────────────────────────────────────────────────────────────────────
    replaced   r2   warehouse/prod/staging/orders.parquet                      3
    made       r2   .dp/store/staging.orders/$VERSION/data.parquet     3
    published  r1   warehouse/prod/staging/orders.parquet                      3
    made       r1   .dp/store/staging.orders/$VERSION/data.parquet     3
    [exit 0]
    ");
    let json = sandbox.dp(["show", "staging.orders", "--json"]).success().json();
    assert_eq!((text(&json["owner"]), text(&json["tags"][0])), ("sales-data", "daily"));
    assert_eq!(json["columns"][0], json!({ "name": "id", "type": "BIGINT" }));
    assert_eq!(json["versions"].as_array().map(Vec::len), Some(2));
    assert_eq!(json["versions"][0]["id"], json["published"]);
    assert_snapshot!(sandbox.dp(["show", "staging.order"]), @"
    --- stderr ---
    dp::cli::not_found

      × `staging.order` not found
      help: did you mean `staging.orders`?
    [exit 1]
    ");
}

#[test]
fn show_asset_that_was_never_built() {
    assert_snapshot!(Sandbox::shop().dp(["show", "staging.orders"]), @r"
    staging.orders  sql table  assets/staging/orders.toml
      reads: raw.orders

    Columns
    column    type     description
    ──────────────────────────────
    id        BIGINT
    customer  VARCHAR
    amount    BIGINT
    [exit 0]
    ");
}

#[test]
fn show_asset_that_is_no_longer_declared() {
    let sandbox = two_runs();
    sandbox.remove("assets/marts/revenue.toml");
    sandbox.apply();
    let json = sandbox.dp(["show", "marts.revenue", "--json"]).success().json();
    assert_eq!((&json["declared"], &json["published"]), (&json!(false), &json!(null)));
    assert_eq!(json["versions"].as_array().map(Vec::len), Some(2));
}

#[test]
fn show_sql() {
    let sandbox = Sandbox::new()
        .file("dp.toml", "[project]\nname = \"shop\"\n\n[vars]\nwho = \"o'neil\"\n")
        .sql("a.one", "select 1 as id, ${var.who} as who -- a comment");
    assert_snapshot!(sandbox.dp(["show", "--sql", "a.one"]), @r"
    select 1 as id, 'o''neil' as who
    [exit 0]
    ");
}

#[test]
fn status() {
    let sandbox = two_runs();
    let output = sandbox.dp(["status"]).success();
    let lines: Vec<_> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 5, "{output}");
    assert!(
        lines[4].starts_with("staging.orders  published") && lines[4].ends_with("1 passed  sales-data"),
        "{output}"
    );
    let json = sandbox.dp(["status", "--json"]).success().json();
    assert_eq!((text(&json["project"]), text(&json["environment"])), ("shop", "prod"));
    assert_eq!((&json["assets"][2]["asset"], &json["assets"][2]["rows"]), (&json!("staging.orders"), &json!(3)));
}

#[test]
fn status_before_anything_is_built() {
    assert_snapshot!(Sandbox::shop().dp(["status"]), @r"
    asset           state      age  rows  size  checks
    ──────────────────────────────────────────────────
    marts.revenue   not built
    raw.orders      not built
    staging.orders  not built
    [exit 0]
    ");
}

#[test]
fn status_of_drift() {
    let sandbox = two_runs();
    sandbox.remove(&sandbox.stored("staging.orders"));
    let json = sandbox.dp(["status", "--json"]).success().json();
    assert_ne!(json["assets"][2]["state"], "published", "its file is gone");
    sandbox.remove("assets/marts/revenue.toml");
    sandbox.dp(["status"]).success().says("marts.revenue");
}

#[test]
fn status_shows_the_age() {
    let mut sandbox = Sandbox::shop();
    sandbox.apply();
    let later = sandbox.record("select strftime('%Y-%m-%dT%H:%M:%SZ', max(since), '+3030 minutes') from published");
    sandbox.now(&later[0][0]);
    sandbox.dp(["status"]).success().says("2 d 2 h");
}

/// The shop with a second source and a second mart.
fn wide() -> Sandbox {
    Sandbox::shop()
        .file("data/customers.csv", "name,city\nann,Rome\nbob,Oslo\n")
        .source("raw.customers", "data/customers.csv")
        .sql("marts.cities", "select city, sum(revenue) as revenue from marts.revenue join raw.customers on name = customer group by city")
}

#[test]
fn lineage_tree() {
    let sandbox = wide();
    assert_snapshot!(sandbox.dp(["lineage"]), @r"
    raw.customers (source)
    └── marts.cities (sql)
    raw.orders (source)
    └── staging.orders (sql)
        └── marts.revenue (sql)
            └── marts.cities (sql)
    [exit 0]
    ");
    assert_snapshot!(sandbox.dp(["lineage", "marts.revenue"]), @r"
    marts.revenue (sql)
    ├── reads
    │   └── staging.orders (sql)
    │       └── raw.orders (source)
    └── read by
        └── marts.cities (sql)
    [exit 0]
    ");
    assert_snapshot!(sandbox.dp(["lineage", "marts.revenue", "--up"]), @r"
    marts.revenue (sql)
    └── reads
        └── staging.orders (sql)
            └── raw.orders (source)
    [exit 0]
    ");
    assert_snapshot!(sandbox.dp(["lineage", "raw.orders", "--down"]), @r"
    raw.orders (source)
    └── read by
        └── staging.orders (sql)
            └── marts.revenue (sql)
                └── marts.cities (sql)
    [exit 0]
    ");
    assert_snapshot!(sandbox.dp(["lineage", "raw.orders", "--down", "--depth", "1"]), @r"
    raw.orders (source)
    └── read by
        └── staging.orders (sql)
    [exit 0]
    ");
    assert_snapshot!(sandbox.dp(["lineage", "marts.revenu"]), @"
    --- stderr ---
    dp::cli::not_found

      × `marts.revenu` not found
      help: did you mean `marts.revenue`?
    [exit 1]
    ");
}

#[test]
fn lineage_dot() {
    assert_snapshot!(wide().dp(["lineage", "marts.cities", "--up", "--depth", "1", "--format", "dot"]), @r#"
    digraph lineage {
      rankdir=LR;
      node [fontname="sans-serif"];
      "marts.cities" [shape=box, label="marts.cities\nsql", penwidth=2];
      "marts.revenue" [shape=box, label="marts.revenue\nsql"];
      "raw.customers" [shape=cylinder, label="raw.customers\nsource"];
      "marts.revenue" -> "marts.cities";
      "raw.customers" -> "marts.cities";
    }
    [exit 0]
    "#);
}

#[test]
fn lineage_mermaid() {
    assert_snapshot!(wide().dp(["lineage", "marts.cities", "--up", "--depth", "1", "--format", "mermaid"]), @r#"
    graph LR
      n0["marts.cities<br/>sql"]
      n1["marts.revenue<br/>sql"]
      n2[("raw.customers<br/>source")]
      n1 --> n0
      n2 --> n0
      style n0 stroke-width:3px
    [exit 0]
    "#);
}

#[test]
fn lineage_json() {
    let sandbox = wide();
    let json = sandbox.dp(["lineage", "marts.cities", "--up", "--depth", "1", "--json"]).success().json();
    let list = |key: &str, fields: [&str; 2]| -> Vec<[String; 2]> {
        let items = json[key].as_array().expect("a list");
        items.iter().map(|item| fields.map(|field| text(&item[field]).to_owned())).collect()
    };
    assert_eq!(
        list("nodes", ["asset", "kind"]),
        [["marts.cities", "sql"], ["marts.revenue", "sql"], ["raw.customers", "source"]]
    );
    assert_eq!(list("edges", ["from", "to"]), [["marts.revenue", "marts.cities"], ["raw.customers", "marts.cities"]]);
    assert_eq!(
        sandbox.dp(["lineage", "marts.cities", "--up", "--depth", "1", "--format", "json"]).success().json(),
        json
    );
}

#[test]
fn lineage_of_a_run_after_its_definitions_went() {
    let sandbox = wide();
    sandbox.apply();
    for file in ["marts/cities", "marts/revenue", "staging/orders"] {
        sandbox.remove(&format!("assets/{file}.toml"));
    }
    sandbox.apply();
    assert_snapshot!(sandbox.dp(["lineage", "--run", "r1"]), @r"
    raw.customers (source, $VERSION, 2 rows)
    └── marts.cities (sql, $VERSION, 2 rows)
    raw.orders (source, $VERSION, 4 rows)
    └── staging.orders (sql, $VERSION, 3 rows)
        └── marts.revenue (sql, $VERSION, 2 rows)
            └── marts.cities (sql, $VERSION, 2 rows)
    [exit 0]
    ");
    assert_snapshot!(sandbox.dp(["lineage", "--run", "r1", "staging.orders"]), @r"
    staging.orders (sql, $VERSION, 3 rows)
    ├── reads
    │   └── raw.orders (source, $VERSION, 4 rows)
    └── read by
        └── marts.revenue (sql, $VERSION, 2 rows)
            └── marts.cities (sql, $VERSION, 2 rows)
    [exit 0]
    ");
    let json = sandbox.dp(["lineage", "--run", "r1", "--json"]).success().json();
    assert_eq!(json["nodes"].as_array().map(Vec::len), Some(5));
    for node in json["nodes"].as_array().expect("nodes") {
        assert_eq!(text(&node["version"]).len(), 16);
    }
    assert_snapshot!(sandbox.dp(["lineage", "--run", "r9"]), @"
    --- stderr ---
    dp::cli::not_found

      × `r9` not found
      help: `dp history` lists the runs
    [exit 1]
    ");
}

#[test]
fn lineage_of_a_run_when_the_project_is_broken() {
    let sandbox = wide();
    sandbox.apply();
    sandbox.write("assets/staging/orders.toml", "invalid TOML");
    sandbox.dp(["lineage", "--run", "r1"]).success().says("staging.orders");
    sandbox.dp(["history"]).success().says("5 built");
    sandbox.dp(["show", "r1"]).success().says("staging.orders");
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n3\n");
}

#[test]
fn a_moved_project_still_works() {
    let mut sandbox = two_runs();
    sandbox.relocate();
    let output = sandbox.dp(["plan", "--detailed-exitcode"]);
    assert!(output.code == 0 || !output.stdout.contains("Rebuild"), "nothing is to be built:\n{output}");
    assert_eq!(sandbox.query("from marts.revenue order by all"), "customer,revenue\nann,40\nbob,21\n");
    sandbox.apply();
    assert_eq!(sandbox.record("select count(*) from versions"), [["6"]], "nothing was built again");
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 0);
    for path in ["warehouse/prod/marts/revenue.parquet", "warehouse/prod.duckdb"] {
        assert!(fs::metadata(sandbox.path(path)).is_ok(), "{path}");
    }
    // The catalogue names the files where they are now.
    let catalogue = fs::read(sandbox.path("warehouse/prod.duckdb")).expect("the catalogue");
    let folder = sandbox.root().canonicalize().expect("the project").display().to_string();
    assert!(
        catalogue.windows(folder.len()).any(|bytes| bytes == folder.as_bytes()),
        "the catalogue does not name {folder}"
    );
}

#[test]
fn from_another_folder() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    fs::create_dir_all(sandbox.path("sub/folder")).expect("a folder");
    let run = |arguments: &[&str], folder: &str| {
        let mut command = sandbox.command(arguments);
        let output = command.current_dir(sandbox.path(folder)).output().expect("dp runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let expected = run(&["status", "--json"], ".");
    assert_eq!(run(&["status", "--json"], "sub/folder"), expected, "the nearest dp.toml upwards");
    assert_eq!(run(&["-C", "../shop", "status", "--json"], "."), expected);
    let mut command = sandbox.command(["status", "--json"]);
    let output = command.current_dir("/").env("DP_PROJECT", sandbox.root()).output().expect("dp runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}
