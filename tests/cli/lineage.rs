//! Lineage by column, through a view, both ways, as declared and as it was.

use insta::assert_snapshot;
use serde_json::json;

use super::sandbox::Sandbox;

fn shop() -> Sandbox {
    Sandbox::new()
        .file("data/orders.csv", "id,customer,amount,status\n1,ann,10,paid\n2,bob,20,open\n")
        .source("raw.orders", "data/orders.csv")
        .asset(
            "staging.orders",
            r#"
            kind = "sql"
            materialize = "view"
            sql = "select id, customer as who, amount * 2 as double from raw.orders where status = 'paid'"
            "#,
        )
        .sql("marts.totals", "select who, sum(double) as total, count(*) as n from staging.orders group by who")
}

#[test]
fn a_column_is_followed_through_a_view_to_its_sources() {
    assert_snapshot!(shop().dp(["lineage", "marts.totals.total"]), @r"
    marts.totals.total
    └── comes from
        ├── staging.orders.double (aggregation)
        │   └── raw.orders.amount (transformation)
        └── rows of marts.totals
            ├── staging.orders.who (group)
            │   └── raw.orders.customer (identity)
            └── rows of staging.orders
                ├── raw.orders.status (filter)
                └── rows of raw.orders
    [exit 0]
    ");
}

#[test]
fn a_column_that_only_filters_reaches_all_below() {
    assert_snapshot!(shop().dp(["lineage", "raw.orders.STATUS", "--down"]), @r"
    raw.orders.status
    └── goes to
        └── rows of staging.orders (filter)
            └── rows of marts.totals
    [exit 0]
    ");
}

#[test]
fn all_columns_are_listed_where_they_are_made() {
    assert_snapshot!(shop().dp(["lineage", "--columns"]), @r"
    raw.orders (source)
    │ id
    │ customer
    │ amount
    │ status
    └── staging.orders (view)
        │ id ← raw.orders.id
        │ who ← raw.orders.customer
        │ double ← raw.orders.amount (transformation)
        │ rows ← raw.orders.status (filter)
        └── marts.totals (sql)
              who ← staging.orders.who
              total ← staging.orders.double (aggregation)
              n
              rows ← staging.orders.who (group)
    [exit 0]
    ");
}

#[test]
fn programs_get_the_columns_of_each_edge() {
    let json = shop().dp(["lineage", "marts.totals.total", "--depth", "1", "--json"]).success().json();
    assert_eq!(
        json,
        json!({
            "format_version": "1.0",
            "nodes": [
                { "asset": "marts.totals", "kind": "sql", "columns": ["total"] },
                { "asset": "staging.orders", "kind": "view", "columns": ["who", "double"] },
            ],
            "edges": [{ "from": "staging.orders", "to": "marts.totals", "columns": [
                { "from": "double", "to": "total", "how": "value", "kind": "aggregation" },
                { "from": "who", "to": null, "how": "group" },
            ] }],
        })
    );
}

#[test]
fn columns_in_diagrams() {
    let sandbox = shop();
    assert_snapshot!(sandbox.dp(["lineage", "marts.totals.total", "--up", "--format", "mermaid"]), @r#"
    graph LR
      subgraph n0["marts.totals, sql"]
        n0c0["total"]
      end
      subgraph n1["raw.orders, source"]
        n1c0["customer"]
        n1c1["amount"]
        n1c2["status"]
      end
      subgraph n2["staging.orders, view"]
        n2c0["who"]
        n2c1["double"]
      end
      n2c1 --> n0c0
      n2c0 -. group .-> n0
      n1c1 --> n2c1
      n1c0 --> n2c0
      n1c2 -. filter .-> n2
      style n0 stroke-width:3px
    [exit 0]
    "#);
    let dot = sandbox.dp(["lineage", "marts.totals", "--columns", "--format", "dot"]).success();
    dot.says("\"staging.orders\":c2 -> \"marts.totals\":c1 [tooltip=\"aggregation\"];");
}

#[test]
fn a_column_that_is_not_there() {
    assert_snapshot!(shop().dp(["lineage", "marts.totals.totl"]), @"
    --- stderr ---
    dp::cli::not_found

      × `marts.totals.totl` not found
      help: did you mean `total`?
    [exit 1]
    ");
}

#[test]
fn a_file_that_a_query_reads_itself_has_columns_too() {
    let sandbox = shop().sql(
        "marts.dollars",
        "select o.id, o.amount * fx.rate as amount from raw.orders o join read_csv('data/fx.csv') as fx on fx.code = 'usd'",
    );
    sandbox.write("data/fx.csv", "code,rate,note\nusd,2,x\n");
    assert_snapshot!(sandbox.dp(["lineage", "marts.dollars.amount", "--up"]), @r"
    marts.dollars.amount
    │ ./data/fx.csv.rate (transformation)
    └── comes from
        ├── raw.orders.amount (transformation)
        └── rows of marts.dollars
            │ ./data/fx.csv.code (filter)
            └── rows of raw.orders
    [exit 0]
    ");
}

#[test]
fn what_is_not_understood_depends_on_everything() {
    let sandbox = shop().sql(
        "marts.keys",
        "with recursive r(n, c) using key (n) as (select id, customer from raw.orders union select n + 1, c from r where n < 5) select n from r",
    );
    let json = sandbox.dp(["lineage", "marts.keys", "--up", "--json"]).success().json();
    assert_eq!(json["edges"][0]["columns"].as_array().map(Vec::len), Some(4 + 4), "{json}");
    sandbox.dp(["lineage", "marts.keys", "--columns"]).success().says("unknown: each column");
}

#[test]
fn a_run_keeps_the_columns_as_they_were() {
    let sandbox = shop();
    sandbox.apply();
    sandbox.edit("assets/marts/totals.toml", "sum(double)", "max(id)");
    sandbox.apply();
    let tree = |run: &str| sandbox.dp(["lineage", "marts.totals.total", "--run", run, "--depth", "1"]).success();
    tree("r1").says("staging.orders.double (aggregation)");
    tree("r2").says("staging.orders.id (aggregation)");
    let rows = sandbox.record(
        "select run, coalesce(\"column\", '-'), input, input_column, how from column_lineage
         where asset = 'marts.totals' order by run, 2, 4",
    );
    assert_eq!(
        rows,
        [
            ["r1", "-", "staging.orders", "who", "group"],
            ["r1", "total", "staging.orders", "double", "aggregation"],
            ["r1", "who", "staging.orders", "who", "identity"],
            ["r2", "-", "staging.orders", "who", "group"],
            ["r2", "total", "staging.orders", "id", "aggregation"],
            ["r2", "who", "staging.orders", "who", "identity"],
        ]
    );
}
