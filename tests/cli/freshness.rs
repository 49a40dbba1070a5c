//! What is built again, and what is not: a test for each reason, and one for each trap.

use std::fs::{self, File, FileTimes};
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;

use crate::sandbox::{Sandbox, text};

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
    Nothing to do: 3 assets are as declared.
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

    Maybe (decided when the inputs are built)
      ? marts.revenue  skipped if staging.orders comes out the same

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

/// The shop, with the smallest amount in a variable.
fn with_variable() -> Sandbox {
    let sandbox = Sandbox::shop()
        .file("dp.toml", "[project]\nname = \"shop\"\n\n[vars]\nmin_amount = 10\nunused = 1\n")
        .sql("staging.orders", "select id, customer, amount from raw.orders where amount >= ${var.min_amount}");
    sandbox.apply();
    sandbox
}

#[test]
fn definition_changed_variable_in_the_project_file() {
    let sandbox = with_variable();
    sandbox.edit("dp.toml", "min_amount = 10", "min_amount = 25");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ staging.orders  variable `min_amount` is 25 and was 10  dp.toml:5

    Maybe (decided when the inputs are built)
      ? marts.revenue  skipped if staging.orders comes out the same

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
    assert!(!plan.stdout.contains("dp.toml"), "the edit is not there:\n{plan}");
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

    Maybe (decided when the inputs are built)
      ? staging.orders  skipped if raw.orders comes out the same
      ? marts.revenue   skipped if staging.orders comes out the same

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
    assert_nothing_to_do(&sandbox);
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
    assert_snapshot!(sandbox.plan(), @r"
    Check (the data stays)
      ✓ staging.orders  unique(id): no result for this content

    Plan: 1 to check, 2 unchanged.
    Next: dp apply
    [exit 0]
    ");
    assert_actions(&sandbox, &["staging.orders check [checks_due]"]);
    assert_snapshot!(sandbox.apply(), @r"
    Check (the data stays)
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

#[test]
fn input_changed() {
    let sandbox = applied();
    sandbox.edit("data/orders.csv", "2,bob,20", "2,bob,21");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ raw.orders  data/orders.csv changed

    Maybe (decided when the inputs are built)
      ? staging.orders  skipped if raw.orders comes out the same
      ? marts.revenue   skipped if staging.orders comes out the same

    Plan: 1 to rebuild, 2 maybe.
    Next: dp apply
    [exit 0]
    ");
    assert_snapshot!(sandbox.apply(), @r"
    Rebuild
      ~ raw.orders  data/orders.csv changed

    Maybe (decided when the inputs are built)
      ? staging.orders  skipped if raw.orders comes out the same
      ? marts.revenue   skipped if staging.orders comes out the same

    Plan: 1 to rebuild, 2 maybe.
    Done: 3 built, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      built      raw.orders                          4 rows     [SIZE]    [TIME]
      built      staging.orders                      3 rows     [SIZE]    [TIME]
      built      marts.revenue                       2 rows     [SIZE]    [TIME]
    [exit 0]
    ");
    assert_eq!(sandbox.query("from marts.revenue order by all"), "customer,revenue\nann,40\nbob,21\n");
    assert_nothing_to_do(&sandbox);
}

/// The shop, with a file a month.
fn monthly() -> Sandbox {
    let sandbox = Sandbox::shop()
        .file("data/orders/2026-01.csv", "id,customer,amount\n1,ann,10\n")
        .file("data/orders/2026-02.csv", "id,customer,amount\n2,bob,20\n")
        .source("raw.orders", "data/orders/*.csv");
    sandbox.apply();
    sandbox
}

#[test]
fn input_changed_new_file() {
    let sandbox = monthly();
    sandbox.write("data/orders/2026-03.csv", "id,customer,amount\n3,cid,30\n");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ raw.orders  files changed: data/orders/2026-03.csv is new

    Maybe (decided when the inputs are built)
      ? staging.orders  skipped if raw.orders comes out the same
      ? marts.revenue   skipped if staging.orders comes out the same

    Plan: 1 to rebuild, 2 maybe.
    Next: dp apply
    [exit 0]
    ");
    sandbox.apply();
    assert_eq!(sandbox.query("select sum(revenue) as total from marts.revenue"), "total\n60\n");
}

#[test]
fn input_changed_removed_file() {
    let sandbox = monthly();
    sandbox.remove("data/orders/2026-01.csv");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ raw.orders  files changed: data/orders/2026-01.csv is gone

    Maybe (decided when the inputs are built)
      ? staging.orders  skipped if raw.orders comes out the same
      ? marts.revenue   skipped if staging.orders comes out the same

    Plan: 1 to rebuild, 2 maybe.
    Next: dp apply
    [exit 0]
    ");
    sandbox.apply();
    assert_eq!(sandbox.query("select sum(revenue) as total from marts.revenue"), "total\n20\n");
}

#[test]
fn input_changed_renamed_file() {
    let sandbox = monthly();
    fs::rename(sandbox.path("data/orders/2026-01.csv"), sandbox.path("data/orders/2026-00.csv")).expect("renamed");
    let actions = sandbox.actions();
    assert_eq!(actions[0], "raw.orders rebuild [input_changed]");
    let output = sandbox.apply().says("cut off");
    assert!(output.stderr.contains("staging.orders"), "{output}");
}

#[test]
fn input_changed_file_read_in_a_query() {
    let sandbox = Sandbox::new()
        .file("data/rates.csv", "currency,rate\neur,1\n")
        .sql("a.rates", "select * from read_csv('data/rates.csv')");
    sandbox.apply();
    assert_nothing_to_do(&sandbox);
    sandbox.edit("data/rates.csv", "eur,1", "eur,2");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ a.rates  data/rates.csv changed

    Plan: 1 to rebuild.
    Next: dp apply
    [exit 0]
    ");
    sandbox.apply();
    assert_eq!(sandbox.query("select rate from a.rates"), "rate\n2\n");
}

#[test]
fn touching_changes_nothing() {
    let sandbox = applied();
    let path = sandbox.path("data/orders.csv");
    let file = File::options().append(true).open(&path).expect("the file");
    let earlier = file.metadata().expect("its stamps").modified().expect("a time") - Duration::from_hours(1);
    file.set_times(FileTimes::new().set_modified(earlier)).expect("set times");
    assert_nothing_to_do(&sandbox);
    // Replaced by a copy: another inode.
    let copy = sandbox.path("data/copy");
    fs::copy(&path, &copy).expect("a copy");
    fs::rename(copy, &path).expect("replaced");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn same_size_and_restored_time_is_found() {
    let sandbox = applied();
    assert_nothing_to_do(&sandbox);
    let path = sandbox.path("data/orders.csv");
    let before = fs::metadata(&path).expect("its stamps");
    sandbox.edit("data/orders.csv", "2,bob,20", "2,bob,99");
    let times = FileTimes::new()
        .set_modified(before.modified().expect("a time"))
        .set_accessed(before.accessed().expect("a time"));
    File::options().append(true).open(&path).expect("the file").set_times(times).expect("set times");
    let after = fs::metadata(&path).expect("its stamps");
    assert_eq!((after.len(), after.modified().expect("a time")), (before.len(), before.modified().expect("a time")));
    assert_eq!(sandbox.actions()[0], "raw.orders rebuild [input_changed]");
}

#[test]
fn early_cut_off() {
    let sandbox = applied();
    let before = sandbox.versions();
    // The row is filtered away by `staging.orders`.
    sandbox.edit("data/orders.csv", "4,cid,1\n", "4,dan,2\n");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ raw.orders  data/orders.csv changed

    Maybe (decided when the inputs are built)
      ? staging.orders  skipped if raw.orders comes out the same
      ? marts.revenue   skipped if staging.orders comes out the same

    Plan: 1 to rebuild, 2 maybe.
    Next: dp apply
    [exit 0]
    ");
    assert_snapshot!(sandbox.apply(), @r"
    Rebuild
      ~ raw.orders  data/orders.csv changed

    Maybe (decided when the inputs are built)
      ? staging.orders  skipped if raw.orders comes out the same
      ? marts.revenue   skipped if staging.orders comes out the same

    Plan: 1 to rebuild, 2 maybe.
    Done: 2 built, 1 cut off, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      built      raw.orders                          4 rows     [SIZE]    [TIME]
      built      staging.orders                      3 rows     [SIZE]    [TIME]
      cut off    marts.revenue                       2 rows     [SIZE]
    [exit 0]
    ");
    let after = sandbox.versions();
    assert_ne!(after["raw.orders"], before["raw.orders"]);
    assert_eq!(after["marts.revenue"], before["marts.revenue"]);
    let steps = sandbox.record("select asset, action, outcome from steps where run = 'r2' order by step");
    assert_eq!(
        steps,
        [
            ["raw.orders", "rebuild", "built"],
            ["staging.orders", "maybe", "built"],
            ["marts.revenue", "maybe", "cut_off"]
        ]
    );
    assert_eq!(sandbox.record("select count(*) from versions where asset = 'marts.revenue'"), [["1"]]);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn early_cut_off_at_once() {
    let sandbox = applied();
    let before = sandbox.versions();
    // Rows in another order are the same rows.
    sandbox.write("data/orders.csv", "id,customer,amount\n4,cid,1\n3,ann,30\n2,bob,20\n1,ann,10\n");
    assert_eq!(
        sandbox.actions(),
        [
            "raw.orders rebuild [input_changed]",
            "staging.orders maybe [input_may_change]",
            "marts.revenue maybe [input_may_change]"
        ]
    );
    sandbox.apply().says("2 cut off");
    let after = sandbox.versions();
    assert_eq!(
        (&after["staging.orders"], &after["marts.revenue"]),
        (&before["staging.orders"], &before["marts.revenue"])
    );
    assert_nothing_to_do(&sandbox);
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

#[test]
fn output_missing() {
    let sandbox = applied();
    let stored = sandbox.stored("staging.orders");
    fs::remove_file(sandbox.path(&stored)).expect("removed");
    assert_snapshot!(sandbox.dp(["plan", "--detailed-exitcode"]), @r"
    Changed outside dp
      ! staging.orders
          .dp/store/staging.orders/$VERSION/data.parquet is missing; dp
          builds it again

    Rebuild
      ~ staging.orders  .dp/store/staging.orders/$VERSION/data.parquet is
                        missing

    Maybe (decided when the inputs are built)
      ? marts.revenue  skipped if staging.orders comes out the same

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Next: dp apply
    [exit 2]
    ");
    sandbox.apply();
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n3\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn output_drifted() {
    let mut sandbox = applied();
    let stored = sandbox.stored("staging.orders");
    replace(&mut sandbox, &stored, "something else");
    assert_snapshot!(sandbox.dp(["plan", "--detailed-exitcode"]), @r"
    Changed outside dp
      ! staging.orders
          .dp/store/staging.orders/$VERSION/data.parquet was changed 3 h 0
          min ago; dp builds it again

    Rebuild
      ~ staging.orders  .dp/store/staging.orders/$VERSION/data.parquet was
                        changed outside dp

    Maybe (decided when the inputs are built)
      ? marts.revenue  skipped if staging.orders comes out the same

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Next: dp apply
    [exit 2]
    ");
    let plan = sandbox.dp(["plan", "--json"]).success().json();
    assert_eq!(plan["drift"][0]["asset"], "staging.orders");
    assert_eq!(plan["drift"][0]["what"], "changed");
    assert_eq!(plan["drift"][0]["action"], "rebuild");
    sandbox.apply();
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n3\n");
    assert_eq!(sandbox.read(&stored), "something else", "a damaged version is never written over");
    assert_nothing_to_do(&sandbox);
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

#[test]
fn export_removed() {
    let sandbox = exported();
    let before = sandbox.versions();
    sandbox.remove("out/revenue.csv");
    assert_snapshot!(sandbox.plan(), @r"
    Changed outside dp
      ! out.revenue
          out/revenue.csv is missing; dp puts the recorded version back

    Reuse (built before, only published)
      = out.revenue  out/revenue.csv is missing
          version $VERSION

    Plan: 1 to reuse, 3 unchanged.
    Next: dp apply
    [exit 0]
    ");
    assert_snapshot!(sandbox.apply(), @r"
    Changed outside dp
      ! out.revenue
          out/revenue.csv is missing; dp puts the recorded version back

    Reuse (built before, only published)
      = out.revenue  out/revenue.csv is missing
          version $VERSION

    Plan: 1 to reuse, 3 unchanged.
    Done: 1 reused, 3 unchanged, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      reused     out.revenue                         2 rows     [SIZE]
    [exit 0]
    ");
    assert_eq!(sandbox.read("out/revenue.csv"), "customer,revenue\nann,40\nbob,20\n");
    assert_eq!(sandbox.versions(), before, "put back, not built again");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn export_edited() {
    let mut sandbox = exported();
    let before = sandbox.versions();
    replace(&mut sandbox, "out/revenue.csv", "customer,revenue\nann,1000000\n");
    assert_snapshot!(sandbox.plan(), @r"
    Changed outside dp
      ! out.revenue
          out/revenue.csv was changed 3 h [TIME] ago; dp puts the recorded version
          back

    Reuse (built before, only published)
      = out.revenue  out/revenue.csv was changed outside dp
          version $VERSION

    Plan: 1 to reuse, 3 unchanged.
    Next: dp apply
    [exit 0]
    ");
    sandbox.apply();
    assert_eq!(sandbox.read("out/revenue.csv"), "customer,revenue\nann,40\nbob,20\n");
    assert_eq!(sandbox.versions(), before, "put back, not built again");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn export_to_another_path() {
    let sandbox = exported();
    let before = sandbox.versions();
    sandbox.edit("assets/out/revenue.toml", "out/revenue.csv", "out/money.csv");
    let output = sandbox.dp(["plan", "--detailed-exitcode"]);
    assert_eq!(output.code, 2, "{output}");
    sandbox.apply();
    assert_eq!(sandbox.tree("out"), ["out/money.csv"]);
    let after = sandbox.versions();
    let readers = ["raw.orders", "staging.orders", "marts.revenue"];
    assert!(readers.iter().all(|name| before[*name] == after[*name]), "only the file moves");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn published_links_are_mended() {
    let sandbox = applied();
    fs::remove_file(sandbox.path("warehouse/prod")).expect("removed");
    sandbox
        .dp(["plan", "--detailed-exitcode"])
        .exits(2)
        .says("warehouse/prod is missing; dp makes it anew")
        .says("links to mend");
    sandbox.apply().says("What other tools follow was made anew.");
    assert_nothing_to_do(&sandbox);
    assert_eq!(
        sandbox.tree("warehouse/prod"),
        [
            "warehouse/prod/marts/revenue.parquet",
            "warehouse/prod/prod.duckdb",
            "warehouse/prod/raw/orders.parquet",
            "warehouse/prod/staging/orders.parquet"
        ]
    );
}

#[test]
fn forced() {
    let sandbox = applied();
    let before = sandbox.versions();
    assert_snapshot!(sandbox.dp(["plan", "--replace", "staging.orders"]), @r"
    Rebuild
      ~ staging.orders  asked for with --replace

    Maybe (decided when the inputs are built)
      ? marts.revenue  skipped if staging.orders comes out the same

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Next: dp apply --replace staging.orders
    [exit 0]
    ");
    assert_snapshot!(sandbox.dp(["apply", "--auto-approve", "--replace", "staging.orders"]), @r"
    Rebuild
      ~ staging.orders  asked for with --replace

    Maybe (decided when the inputs are built)
      ? marts.revenue  skipped if staging.orders comes out the same

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Done: 1 built, 1 cut off, 1 unchanged, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      built      staging.orders                      3 rows     [SIZE]    [TIME]
      cut off    marts.revenue                       2 rows     [SIZE]
    [exit 0]
    ");
    let after = sandbox.versions();
    assert_ne!(after["staging.orders"], before["staging.orders"]);
    assert_eq!(after["marts.revenue"], before["marts.revenue"]);
}

#[test]
fn forced_unknown() {
    let sandbox = applied();
    assert_snapshot!(sandbox.dp(["plan", "--replace", "staging.order"]), @r"
    --- stderr ---
    dp::graph::empty_selection

      × `staging.order` selects nothing
      help: did you mean `staging.orders`?
    [exit 1]
    ");
}

#[test]
fn stale() {
    let mut sandbox = Sandbox::shop();
    sandbox.edit("assets/staging/orders.toml", "kind = \"sql\"", "kind = \"sql\"\nrefresh = \"24h\"");
    sandbox.apply();
    let after = |hours: &str| {
        let sql = format!(
            "select strftime('%Y-%m-%dT%H:%M:%SZ', created, '{hours}') from versions where asset = 'staging.orders'"
        );
        sandbox.record(&sql)[0][0].clone()
    };
    let (before_it_is_due, when_it_is_due) = (after("+1435 minutes"), after("+1445 minutes"));
    sandbox.now(&before_it_is_due);
    assert_nothing_to_do(&sandbox);
    sandbox.now(&when_it_is_due);
    assert_snapshot!(sandbox.plan(), @r#"
    Rebuild
      ~ staging.orders  older than `refresh = "24h"` allows

    Maybe (decided when the inputs are built)
      ? marts.revenue  skipped if staging.orders comes out the same

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Next: dp apply
    [exit 0]
    "#);
    assert_snapshot!(sandbox.apply(), @r#"
    Rebuild
      ~ staging.orders  older than `refresh = "24h"` allows

    Maybe (decided when the inputs are built)
      ? marts.revenue  skipped if staging.orders comes out the same

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Done: 1 built, 1 cut off, 1 unchanged, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      built      staging.orders                      3 rows     [SIZE]    [TIME]
      cut off    marts.revenue                       2 rows     [SIZE]
    [exit 0]
    "#);
}

#[test]
fn stale_always() {
    let sandbox = Sandbox::shop();
    sandbox.edit("assets/staging/orders.toml", "kind = \"sql\"", "kind = \"sql\"\nrefresh = \"always\"");
    sandbox.apply();
    assert_snapshot!(sandbox.plan(), @r#"
    Rebuild
      ~ staging.orders  `refresh = "always"`

    Maybe (decided when the inputs are built)
      ? marts.revenue  skipped if staging.orders comes out the same

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Next: dp apply
    [exit 0]
    "#);
    sandbox.apply();
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 2);
}

#[test]
fn removed() {
    let sandbox = exported();
    sandbox.remove("assets/out/revenue.toml");
    assert_snapshot!(sandbox.plan(), @r"
    Destroy (no longer published)
      - out.revenue  no longer declared; out/revenue.csv is removed too

    Plan: 1 to destroy, 3 unchanged.
    Next: dp apply
    [exit 0]
    ");
    assert_snapshot!(sandbox.apply(), @r"
    Destroy (no longer published)
      - out.revenue  no longer declared; out/revenue.csv is removed too

    Plan: 1 to destroy, 3 unchanged.
    Done: 1 destroyed, 3 unchanged, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      destroyed  out.revenue
    [exit 0]
    ");
    assert!(!sandbox.path("out/revenue.csv").exists(), "the exported file goes with it");
    assert!(!sandbox.versions().contains_key("out.revenue"));
    assert_nothing_to_do(&sandbox);
}

#[test]
fn removed_but_still_read() {
    let sandbox = applied();
    sandbox.remove("assets/staging/orders.toml");
    sandbox.dp(["plan"]).exits(1).says("unknown upstream `staging.orders`");
}

#[test]
fn removed_keeps_a_changed_export() {
    // The file is no longer the one that dp wrote, so it is not dp's to remove without a word.
    let sandbox = exported();
    fs::remove_file(sandbox.path("out/revenue.csv")).expect("removed");
    sandbox.write("out/revenue.csv", "mine\n");
    sandbox.remove("assets/out/revenue.toml");
    let output = sandbox.dp(["apply", "--auto-approve"]);
    let kept = sandbox.path("out/revenue.csv").exists();
    assert!(kept || output.to_string().contains("out/revenue.csv"), "removed without a word:\n{output}");
}

#[test]
fn reuse_after_an_edit_and_back() {
    let sandbox = applied();
    let before = sandbox.versions();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 20", "amount >= 10");
    assert_snapshot!(sandbox.plan(), @r"
    Reuse (built before, only published)
      = staging.orders  sql changed: WHERE  assets/staging/orders.toml:3
          version $VERSION
            - select id, customer, amount from raw.orders where amount >= 20
          3 + select id, customer, amount from raw.orders where amount >= 10
      = marts.revenue   staging.orders changed
          version $VERSION

    Plan: 2 to reuse, 1 unchanged.
    Next: dp apply
    [exit 0]
    ");
    assert_snapshot!(sandbox.apply(), @r"
    Reuse (built before, only published)
      = staging.orders  sql changed: WHERE  assets/staging/orders.toml:3
          version $VERSION
            - select id, customer, amount from raw.orders where amount >= 20
          3 + select id, customer, amount from raw.orders where amount >= 10
      = marts.revenue   staging.orders changed
          version $VERSION

    Plan: 2 to reuse, 1 unchanged.
    Done: 2 reused, 1 unchanged, published as run r3 in [TIME].
    Next: dp status
    --- stderr ---
      reused     staging.orders                      3 rows     [SIZE]
      reused     marts.revenue                       2 rows     [SIZE]
    [exit 0]
    ");
    assert_eq!(sandbox.versions(), before);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn reuse_in_another_environment() {
    let sandbox = applied();
    sandbox.edit("dp.toml", "name = \"shop\"", "name = \"shop\"\n\n[environments.dev]");
    assert_snapshot!(sandbox.dp(["plan", "--env", "dev"]), @r"
    Reuse (built before, only published)
      = raw.orders      not published here
          version $VERSION
      = staging.orders  not published here
          version $VERSION
      = marts.revenue   not published here
          version $VERSION

    Plan for dev: 3 to reuse.
    Next: dp apply --env dev
    [exit 0]
    ");
    assert_snapshot!(sandbox.dp(["apply", "--env", "dev", "--auto-approve"]), @r"
    Reuse (built before, only published)
      = raw.orders      not published here
          version $VERSION
      = staging.orders  not published here
          version $VERSION
      = marts.revenue   not published here
          version $VERSION

    Plan for dev: 3 to reuse.
    Done: 3 reused, published as run r2 in [TIME].
    Next: dp status --env dev
    --- stderr ---
      reused     raw.orders                          4 rows     [SIZE]
      reused     staging.orders                      3 rows     [SIZE]
      reused     marts.revenue                       2 rows     [SIZE]
    [exit 0]
    ");
    assert_eq!(sandbox.record("select count(distinct version), count(*) from published"), [["3", "6"]]);
    let output = sandbox.dp(["plan", "--env", "dev", "--detailed-exitcode"]);
    assert_eq!(output.code, 0, "{output}");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn environments_stay_apart() {
    let sandbox = with_variable();
    let dp_toml = sandbox.read("dp.toml");
    sandbox.write("dp.toml", &format!("{dp_toml}\n[environments.dev.vars]\nmin_amount = 25\n"));
    sandbox.dp(["apply", "--env", "dev", "--auto-approve"]).success();
    let dev = sandbox.dp(["query", "--env", "dev", "--format", "csv", "from marts.revenue order by all"]).success();
    assert_eq!(dev.stdout, "customer,revenue\nann,30\n");
    assert_eq!(sandbox.query("from marts.revenue order by all"), "customer,revenue\nann,40\nbob,20\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn what_is_not_deterministic_is_never_reused() {
    let sandbox = Sandbox::shop().sql("a.pick", "select id, random() as lot from staging.orders where id > 0");
    sandbox.apply();
    assert_nothing_to_do(&sandbox);
    let first = sandbox.versions()["a.pick"].clone();
    sandbox.edit("assets/a/pick.toml", "id > 0", "id > 1");
    sandbox.apply();
    sandbox.edit("assets/a/pick.toml", "id > 1", "id > 0");
    sandbox.apply();
    assert_ne!(sandbox.versions()["a.pick"], first);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_new_column_captures_a_lateral_alias() {
    // `amount * 2` reads the alias `b` beside it, until the input has a column of that name.
    let sandbox = Sandbox::new()
        .file("data/t.csv", "a\n1\n2\n")
        .source("raw.t", "data/t.csv")
        .sql("staging.t", "select * from raw.t")
        .sql("marts.t", "select a + 1 as b, b * 2 as c from staging.t");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.t order by all"), "b,c\n2,4\n3,6\n");
    sandbox.write("data/t.csv", "a,b\n1,100\n2,200\n");
    let actions = sandbox.actions();
    assert_eq!(actions[0], "raw.t rebuild [input_changed]");
    assert!(actions[2].starts_with("marts.t rebuild") || actions[2].starts_with("marts.t maybe"), "{actions:?}");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.t order by all"), "b,c\n2,200\n3,400\n");
    assert_as_if_fresh(&sandbox, &["staging.t", "marts.t"]);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_new_column_captures_a_correlated_name() {
    // `limit_of` is found in the outer query, until the inner one has a column of that name.
    let sandbox = Sandbox::new()
        .file("data/o.csv", "id,limit_of\n1,5\n2,15\n")
        .file("data/i.csv", "id,amount\n1,10\n2,10\n")
        .source("raw.o", "data/o.csv")
        .source("raw.i", "data/i.csv")
        .sql("marts.t", "select id, (select count(*) from raw.i where amount > limit_of) as above from raw.o");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.t order by all"), "id,above\n1,2\n2,0\n");
    sandbox.write("data/i.csv", "id,amount,limit_of\n1,10,20\n2,10,0\n");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.t order by all"), "id,above\n1,1\n2,1\n");
    assert_as_if_fresh(&sandbox, &["marts.t"]);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn reordered_columns_under_a_star() {
    let sandbox = Sandbox::new()
        .file("data/t.csv", "a,b\n1,10\n2,20\n")
        .source("raw.t", "data/t.csv")
        .sql("staging.t", "select * from raw.t");
    sandbox.apply();
    sandbox.write("data/t.csv", "b,a\n10,1\n20,2\n");
    sandbox.apply();
    assert_eq!(sandbox.query("from staging.t order by all"), "b,a\n10,1\n20,2\n");
    assert_as_if_fresh(&sandbox, &["raw.t", "staging.t"]);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn reordered_columns_under_a_positional_union() {
    let sandbox = Sandbox::new()
        .file("data/t.csv", "a,b\n1,10\n2,20\n")
        .file("data/u.csv", "x,y\n3,30\n")
        .source("raw.t", "data/t.csv")
        .source("raw.u", "data/u.csv")
        .sql("marts.both", "select * from raw.u union all select * from raw.t")
        .sql("marts.total", "select sum(x) as x from marts.both");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.total"), "x\n6\n");
    sandbox.write("data/t.csv", "b,a\n10,1\n20,2\n");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.total"), "x\n33\n");
    assert_as_if_fresh(&sandbox, &["marts.both", "marts.total"]);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_type_that_follows_from_the_data() {
    // A text among the numbers makes the column another type, with what it means for everything that reads it.
    let sandbox = Sandbox::shop().sql("marts.sorted", "select max(customer) as last from raw.orders");
    sandbox.write("data/orders.csv", "id,customer,amount\n1,9,10\n2,10,20\n");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.sorted"), "last\n10\n");
    sandbox.write("data/orders.csv", "id,customer,amount\n1,9,10\n2,10,20\n3,05x,5\n");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.sorted"), "last\n9\n");
    assert_as_if_fresh(&sandbox, &["raw.orders", "staging.orders", "marts.revenue", "marts.sorted"]);
    assert_nothing_to_do(&sandbox);
}
