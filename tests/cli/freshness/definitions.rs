//! What was written anew: by itself a reason, or none.

use insta::assert_snapshot;

use super::{applied, assert_actions, assert_nothing_to_do, with_variable};
use crate::sandbox::{Sandbox, text};

#[test]
fn new() {
    assert_snapshot!(Sandbox::shop().plan(), @r"
    Create
      + raw.orders      not published here
      + staging.orders  not published here
      + marts.revenue   not published here

    Plan: 3 to create.
    Next: dp apply
    [exit 0]
    ");
}

#[test]
fn a_plan_after_an_apply_is_empty() {
    let sandbox = applied();
    assert_snapshot!(sandbox.plan(), @r"
    Nothing to do: 3 assets are up to date.
    [exit 0]
    ");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_new_asset_alone() {
    let sandbox = applied().sql("marts.count", "select count(*) as orders from staging.orders");
    assert_actions(&sandbox, &["marts.count create [new]"]);
}

#[test]
fn definition_changed_literal() {
    let sandbox = applied();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ staging.orders  sql changed: WHERE  assets/staging/orders.toml:3
            - select id, customer, amount from raw.orders where amount >= 10
          3 + select id, customer, amount from raw.orders where amount >= 20

    Maybe (decided after the inputs are built)
      ? marts.revenue  skipped if staging.orders does not change

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Next: dp apply
    [exit 0]
    ");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.revenue order by all"), "customer,revenue\nann,30\nbob,20\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn definition_changed_column() {
    let sandbox = applied();
    sandbox.write(
        "assets/marts/revenue.toml",
        "
        kind = \"sql\"
        # A comment that takes a line.
        sql = \"\"\"
        select
            customer,
            sum(amount) * 2 as revenue
        from staging.orders
        group by customer
        \"\"\"
        ",
    );
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ marts.revenue  sql changed: `revenue`  assets/marts/revenue.toml:4
            - select customer, sum(amount) as revenue from staging.orders group by c
            - ustomer
          4 + select
          5 +     customer,
          6 +     sum(amount) * 2 as revenue
          7 + from staging.orders
          8 + group by customer

    Plan: 1 to rebuild, 2 unchanged.
    Next: dp apply
    [exit 0]
    ");
}

#[test]
fn definition_changed_in_a_sql_file() {
    let sandbox = Sandbox::shop()
        .file("sql/largest.sql", "-- The largest\nselect max(amount) as amount\nfrom staging.orders\n")
        .asset("marts.largest", "kind = \"sql\"\nsql_file = \"sql/largest.sql\"\n");
    sandbox.apply();
    sandbox.edit("sql/largest.sql", "max(amount)", "max(amount) + 1");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ marts.largest  sql changed: `amount`  sql/largest.sql:2
          1   -- The largest
            - select max(amount) as amount
          2 + select max(amount) + 1 as amount
          3   from staging.orders

    Plan: 1 to rebuild, 3 unchanged.
    Next: dp apply
    [exit 0]
    ");
}

#[test]
fn definition_changed_variable_in_the_project_file() {
    let sandbox = with_variable();
    sandbox.edit("dp.toml", "min_amount = 10", "min_amount = 25");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ staging.orders  variable `min_amount` is 25 and was 10  dp.toml:5

    Maybe (decided after the inputs are built)
      ? marts.revenue  skipped if staging.orders does not change

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Next: dp apply
    [exit 0]
    ");
}

#[test]
fn definition_changed_variable_on_the_command_line() {
    let sandbox = with_variable();
    assert_eq!(
        sandbox.actions_of(["--var", "min_amount=25"]),
        ["staging.orders rebuild [definition_changed]", "marts.revenue maybe [input_may_change]"]
    );
    let plan = sandbox.dp(["plan", "--var", "min_amount=25", "staging.orders"]).success();
    assert!(!plan.stdout.contains("dp.toml"), "the edit does not exist:\n{plan}");
    plan.says("variable `min_amount` is 25 and was 10").says("Plan: 1 to rebuild.");
    assert_eq!(sandbox.actions_of(["--var", "min_amount=10"]), [""; 0]);
}

#[test]
fn a_variable_that_nothing_uses_changes_nothing() {
    let sandbox = with_variable();
    sandbox.edit("dp.toml", "unused = 1", "unused = 2");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_literal_in_place_of_a_variable_changes_nothing() {
    let sandbox = with_variable();
    sandbox.edit("assets/staging/orders.toml", "${var.min_amount}", "10");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn definition_changed_reader_option() {
    let sandbox = applied();
    sandbox.edit(
        "assets/raw/orders.toml",
        "path = \"data/orders.csv\"",
        "path = \"data/orders.csv\"\noptions = { nullstr = \"bob\" }",
    );
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ raw.orders  option `nullstr` added  assets/raw/orders.toml:5

    Maybe (decided after the inputs are built)
      ? staging.orders  skipped if raw.orders does not change
      ? marts.revenue   skipped if staging.orders does not change

    Plan: 1 to rebuild, 2 maybe.
    Next: dp apply
    [exit 0]
    ");
    sandbox.apply();
    assert_eq!(
        sandbox.query("select customer from staging.orders order by id"),
        "customer\nann\n\"\"\nann\n".replace("\"\"", "")
    );
}

#[test]
fn definition_changed_contract_type_of_a_source() {
    let sandbox = applied();
    sandbox.edit("assets/raw/orders.toml", "[source]", "[columns.amount]\ntype = \"DECIMAL(10,2)\"\n\n[source]");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ raw.orders      type of `amount` added  assets/raw/orders.toml:4
          column `amount` is DECIMAL(10,2) and was BIGINT
      ~ staging.orders  raw.orders changed: column `amount` is DECIMAL(10,2) and was
                        BIGINT
      ~ marts.revenue   staging.orders changed: column `amount` is DECIMAL(10,2) and
                        was BIGINT

    Plan: 3 to rebuild.
    Next: dp apply
    [exit 0]
    ");
    sandbox.apply();
    assert_eq!(sandbox.query("select distinct typeof(amount) as t from staging.orders"), "t\n\"DECIMAL(10,2)\"\n");
}

#[test]
fn definition_changed_materialize() {
    let sandbox = applied();
    sandbox.edit("assets/staging/orders.toml", "kind = \"sql\"", "kind = \"sql\"\nmaterialize = \"view\"");
    let plan = sandbox.dp(["plan", "--json"]).success();
    let json = plan.json();
    let reason = &json["actions"][0]["reasons"][0];
    assert_eq!(reason["detail"], "materialize is view and was table");
    assert_eq!((text(&reason["file"]), &reason["line"]), ("assets/staging/orders.toml", &2.into()));
    // Nothing changed in what the view reads, so that is not why its consumer follows.
    assert_eq!(json["actions"][1]["asset"], "marts.revenue");
    assert!(!plan.stdout.contains("raw.orders changed"), "{plan}");
    assert!(text(&json["actions"][1]["reasons"][0]["detail"]).contains("staging.orders"), "{plan}");
    sandbox.apply();
    assert_nothing_to_do(&sandbox);
}

#[test]
fn definition_changed_default_of_the_project() {
    let sandbox = applied();
    sandbox.edit("dp.toml", "name = \"shop\"", "name = \"shop\"\n\n[defaults]\nmaterialize = \"view\"");
    let actions = sandbox.actions();
    assert!(actions.iter().all(|action| action.contains("definition_changed")), "{actions:?}");
    assert!(!actions.is_empty());
}

#[test]
fn what_is_not_meant_changes_nothing() {
    let sandbox = applied();
    // Comments, spacing, letter case of keywords, quotes that change nothing.
    sandbox.write(
        "assets/staging/orders.toml",
        "
        # An order is one line.
        sql = \"\"\"
        -- Orders that count
        SELECT id,   customer /* who */, amount
          FROM raw.orders
         WHERE amount >= 10
        \"\"\"
        kind = 'sql'
        description = \"Orders that count\"
        owner = \"sales\"
        tags = [\"daily\", \"core\"]
        ",
    );
    assert_eq!(sandbox.actions(), ["staging.orders settings [settings_changed]"], "nothing is built");
}

#[test]
fn the_file_of_an_asset_may_move() {
    let sandbox = applied();
    let toml = sandbox.read("assets/staging/orders.toml");
    sandbox.remove("assets/staging/orders.toml");
    sandbox.write("assets/deep/er/place.toml", &format!("name = \"staging.orders\"\n{toml}"));
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_query_may_move_to_a_file() {
    let sandbox = applied();
    sandbox.write("sql/orders.sql", "select id, customer, amount from raw.orders where amount >= 10\n");
    sandbox.write("assets/staging/orders.toml", "kind = \"sql\"\nsql_file = \"sql/orders.sql\"\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn checks_due() {
    let sandbox = applied();
    let before = sandbox.versions();
    sandbox.edit(
        "assets/staging/orders.toml",
        "kind = \"sql\"",
        "kind = \"sql\"\n[columns.id]\nchecks = [\"unique\"]\n",
    );
    // Keys of the asset come before its tables.
    let toml = sandbox.read("assets/staging/orders.toml").replace("\n[columns.id]\nchecks = [\"unique\"]\n", "");
    sandbox.write("assets/staging/orders.toml", &format!("{toml}\n[columns.id]\nchecks = [\"unique\"]\n"));
    assert_snapshot!(sandbox.plan(), @"
    Check (the data stays the same)
      ✓ staging.orders  unique(id): no result for this content

    Plan: 1 to check, 2 unchanged.
    Next: dp apply
    [exit 0]
    ");
    assert_actions(&sandbox, &["staging.orders check [checks_due]"]);
    assert_snapshot!(sandbox.apply(), @"
    Check (the data stays the same)
      ✓ staging.orders  unique(id): no result for this content

    Plan: 1 to check, 2 unchanged.
    Done: 1 checked, 2 unchanged, run r2 in [TIME].
    Next: dp status
    --- stderr ---
      checked    staging.orders                      3 rows     [SIZE]
    [exit 0]
    ");
    assert_eq!(sandbox.versions(), before);
    assert_nothing_to_do(&sandbox);
}
