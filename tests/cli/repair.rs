//! `dp state accept`, `adopt` and `rm`: what is really there becomes what is recorded, for a reason.

use std::fs;

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

fn applied() -> Sandbox {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox
}

fn assert_nothing_to_do(sandbox: &Sandbox) {
    sandbox.dp(["plan", "--detailed-exitcode"]).success();
}

/// Writes the answer to a query as Parquet, in place of what is at a path.
fn put(sandbox: &Sandbox, path: &str, sql: &str) {
    let mut command = sandbox.command(["query", sql, "--format", "parquet"]);
    let output = command.output().expect("dp runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = sandbox.path(path);
    if fs::symlink_metadata(&path).is_ok() {
        fs::remove_file(&path).expect("removed");
    }
    fs::write(path, output.stdout).expect("written");
}

fn accept(sandbox: &Sandbox, asset: &str) {
    sandbox.dp(["state", "accept", asset, "--reason", "the shop corrected it"]).success();
}

#[test]
fn a_table_changed_by_hand_is_accepted() {
    let sandbox = applied();
    let stored = sandbox.stored("staging.orders");
    put(&sandbox, &stored, "select id, customer, (amount + 1) :: BIGINT as amount from staging.orders");
    assert_eq!(sandbox.actions()[0], "staging.orders rebuild [output_drifted]");
    let before = sandbox.versions();
    let output = sandbox.dp(["state", "accept", "staging.orders", "--reason", "the shop corrected it"]).success();
    assert_snapshot!(output, @r"
    Accepted .dp/store/staging.orders/$VERSION/data.parquet as version
    $VERSION of staging.orders: 3 rows (run r2).
    Next: dp plan
    [exit 0]
    ");
    let after = sandbox.versions();
    assert_ne!(after["staging.orders"], before["staging.orders"], "a new version");
    assert_eq!(sandbox.query("select sum(amount) as s from staging.orders"), "s\n63\n");
    let old = &before["staging.orders"];
    assert_eq!(sandbox.record(&format!("select state from versions where version = '{old}'")), [["damaged"]]);
    assert_eq!(sandbox.record("select command, outcome from runs where run = 'r2'"), [["state accept", "done"]]);
    let events = sandbox.record("select asset, data ->> 'how', data ->> 'reason' from events where event = 'accepted'");
    assert_eq!(events, [["staging.orders", "accepted", "the shop corrected it"]]);

    // What reads it compares content, as always; the asset itself stays.
    assert_eq!(sandbox.actions(), ["marts.revenue rebuild [input_changed]"]);
    sandbox.apply();
    assert_eq!(sandbox.query("select revenue from marts.revenue where customer = 'bob'"), "revenue\n21\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn what_was_accepted_is_built_again_when_its_definition_or_its_input_changes() {
    let sandbox = applied();
    let stored = sandbox.stored("staging.orders");
    put(&sandbox, &stored, "select id, customer, 7 :: BIGINT as amount from staging.orders");
    accept(&sandbox, "staging.orders");
    sandbox.apply();
    assert_nothing_to_do(&sandbox);
    sandbox.edit("data/orders.csv", "4,cid,1", "4,cid,100");
    assert!(sandbox.actions().contains(&"staging.orders maybe [input_may_change]".to_owned()));
    sandbox.apply();
    assert_eq!(sandbox.query("select sum(amount) as s from staging.orders"), "s\n160\n");
}

#[test]
fn what_was_accepted_is_never_reused_by_its_key() {
    let sandbox = applied();
    let stored = sandbox.stored("staging.orders");
    put(&sandbox, &stored, "select id, customer, 7 :: BIGINT as amount from staging.orders");
    accept(&sandbox, "staging.orders");
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n\n[environments.dev]\n");
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    let sum = sandbox.dp(["query", "select sum(amount) as s from staging.orders", "--format", "csv", "--env", "dev"]);
    assert_eq!(sum.success().stdout, "s\n60\n", "dev has what the definition gives");
}

#[test]
fn a_file_in_the_place_of_a_link_is_accepted() {
    let sandbox = applied();
    put(
        &sandbox,
        "warehouse/prod/staging/orders.parquet",
        "select id, customer, amount from staging.orders where id = 1",
    );
    accept(&sandbox, "staging.orders");
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n1\n");
    assert!(fs::read_link(sandbox.path("warehouse/prod/staging/orders.parquet")).is_ok(), "a link again");
    sandbox.apply();
    assert_nothing_to_do(&sandbox);
}

/// The shop with an export.
fn exported() -> Sandbox {
    Sandbox::shop().asset(
        "out.revenue",
        "
        kind = \"sql\"
        sql = \"select customer, revenue from marts.revenue order by customer\"
        materialize = { file = \"out/revenue.csv\", format = \"csv\" }
        ",
    )
}

#[test]
fn an_edited_export_is_accepted_as_it_is() {
    let sandbox = exported();
    sandbox.apply();
    let text = "\"customer\",\"revenue\"\n\"ann\",41\n\"bob\",20\n";
    sandbox.write("out/revenue.csv", text);
    accept(&sandbox, "out.revenue");
    assert_eq!(sandbox.read("out/revenue.csv"), text, "byte for byte");
    assert_eq!(sandbox.query("select revenue from out.revenue order by 1"), "revenue\n20\n41\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_definition_that_gives_the_same_rows_is_accepted_without_a_build() {
    let sandbox = applied();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount > 9");
    assert_eq!(sandbox.actions()[0], "staging.orders rebuild [definition_changed]");
    accept(&sandbox, "staging.orders");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn what_can_not_be_accepted() {
    let sandbox = applied().asset("v.all", "kind = \"sql\"\nsql = \"from staging.orders\"\nmaterialize = \"view\"\n");
    let accept = |asset: &str| sandbox.dp(["state", "accept", asset, "--reason", "x"]).exits(1);
    accept("staging.orders").says("dp::cli::nothing_to_accept");
    accept("staging.order").says("did you mean `staging.orders`?");
    accept("v.all").says("it is not published here");
    sandbox.apply();
    accept("v.all").says("dp::cli::no_rows");
    let stored = sandbox.stored("staging.orders");
    put(&sandbox, &stored, "select id, customer as name, amount :: VARCHAR as amount from staging.orders");
    assert_snapshot!(accept("staging.orders"), @"
    --- stderr ---
    dp::cli::other_columns

      × `.dp/store/staging.orders/$VERSION/data.parquet` does not match the
      │ declaration of `staging.orders`: column `customer` is missing; column
      │ `amount` is VARCHAR in the file, but BIGINT in the asset; column `name` does
      │ not exist in the asset
      help: change the file or the declaration so that the names and types of the
            columns match
    [exit 1]
    ");
    sandbox.remove(&stored);
    accept("staging.orders").says("dp::cli::nothing_there");
    sandbox.dp(["state", "accept", "staging.orders"]).exits(64);
    sandbox.dp(["state", "accept", "staging.orders", "--reason", " "]).exits(64).says("the reason is empty");
}

#[test]
fn a_failed_check_accepts_nothing() {
    let sandbox = Sandbox::shop().asset(
        "staging.orders",
        r#"
        kind = "sql"
        sql = "select id, customer, amount from raw.orders where amount >= 10"

        [columns.amount]
        checks = [{ range = { min = 10 } }]
        "#,
    );
    sandbox.apply();
    let before = sandbox.versions();
    let stored = sandbox.stored("staging.orders");
    put(&sandbox, &stored, "select id, customer, -amount as amount from staging.orders");
    let output = sandbox.dp(["state", "accept", "staging.orders", "--reason", "x"]).exits(3);
    output.says("check range(amount): 3 rows fail").says("the run published nothing");
    assert_eq!(sandbox.versions(), before);
}

#[test]
fn an_existing_file_is_adopted() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    put(&sandbox, "old.parquet", "select id, customer, amount from staging.orders where id < 3");
    let sandbox = sandbox.sql("staging.kept", "select id, customer, amount from raw.orders where amount >= 10");
    let output = sandbox.dp(["state", "adopt", "staging.kept", "old.parquet", "--reason", "moved house"]).success();
    assert_snapshot!(output, @r"
    Adopted old.parquet as version $VERSION of staging.kept: 2 rows (run
    r2).
    Next: dp plan
    [exit 0]
    ");
    assert_nothing_to_do(&sandbox);
    assert_eq!(sandbox.query("select count(*) as n from staging.kept"), "n\n2\n");
    let events = sandbox.record("select data ->> 'how', data ->> 'path' from events where event = 'accepted'");
    assert_eq!(events, [["adopted", "old.parquet"]]);
    let again = sandbox.dp(["state", "adopt", "staging.kept", "old.parquet", "--reason", "x"]).exits(1);
    again.says("dp::cli::already_published");
}

#[test]
fn a_text_file_is_read_in_the_types_of_the_asset() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let sandbox = sandbox
        .file("old.csv", "customer,id,amount\nann,1,10\n")
        .sql("staging.kept", "select id, customer, amount from raw.orders where amount >= 10");
    let json = sandbox.dp(["state", "adopt", "staging.kept", "old.csv", "--reason", "x", "--json"]).success().json();
    assert_eq!((&json["rows"], &json["how"], &json["path"]), (&1.into(), &"adopted".into(), &"old.csv".into()));
    assert_eq!(sandbox.query("select * from staging.kept"), "id,customer,amount\n1,ann,10\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_foreign_file_at_the_place_of_an_export_is_adopted() {
    let sandbox = exported();
    sandbox.dp(["apply", "--auto-approve", "+marts.revenue"]).success();
    sandbox.write("out/revenue.csv", "customer,revenue\nann,1\n");
    let refused = sandbox.dp(["apply", "--auto-approve"]).exits(1);
    refused.says("dp::plan::foreign_file").says("dp state adopt out.revenue");
    sandbox.dp(["state", "adopt", "out.revenue", "--reason", "made by the old job"]).success();
    assert_eq!(sandbox.read("out/revenue.csv"), "customer,revenue\nann,1\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn what_can_not_be_adopted() {
    let sandbox = exported().file("other.csv", "customer,revenue\nann,1\n").file("other.txt", "x\n");
    let adopt = |arguments: &[&str]| {
        let words = ["state", "adopt"].iter().chain(arguments).chain(&["--reason", "x"]).copied();
        sandbox.dp(words.collect::<Vec<_>>()).exits(1)
    };
    adopt(&["marts.revenue", "other.csv"]).says("dp::cli::input_not_published");
    sandbox.dp(["apply", "--auto-approve", "+staging.orders"]).success();
    adopt(&["marts.revenue"]).says("dp::cli::no_file_to_adopt");
    adopt(&["marts.revenue", "nowhere.csv"]).says("dp::cli::nothing_there");
    adopt(&["marts.revenue", "assets"]).says("dp::cli::nothing_there");
    adopt(&["marts.revenue", "other.txt"]).says("dp::cli::other_columns");
    adopt(&["no.such", "other.csv"]).says("`no.such` not found");
    sandbox.dp(["apply", "--auto-approve", "marts.revenue"]).success();
    sandbox.write("out/revenue.csv", "mine\n");
    adopt(&["out.revenue", "other.csv"]).says("dp::plan::foreign_file");
    assert_eq!(sandbox.read("out/revenue.csv"), "mine\n");
}

#[test]
fn an_asset_is_forgotten_and_its_data_stays() {
    let sandbox = exported();
    sandbox.apply();
    let stored = sandbox.stored("out.revenue");
    let output = sandbox.dp(["state", "rm", "out.revenue", "--reason", "given to finance"]).success();
    assert_snapshot!(output, @"
    Removed out.revenue from the state; its data stays (run r2):
      .dp/store/out.revenue/$VERSION/data.parquet
      out/revenue.csv
    [exit 0]
    ");
    assert!(!sandbox.versions().contains_key("out.revenue"));
    assert_eq!(sandbox.read("out/revenue.csv"), "customer,revenue\nann,40\nbob,20\n");
    assert!(sandbox.path(&stored).exists());
    assert!(!sandbox.path("warehouse/prod/out").exists(), "no longer shown");
    let events = sandbox.record("select asset, data ->> 'reason' from events where event = 'forgotten'");
    assert_eq!(events, [["out.revenue", "given to finance"]]);
    // The file is nobody's now, and so in the way of an export.
    sandbox.dp(["plan"]).exits(1).says("dp::plan::foreign_file");
    sandbox.remove("assets/out/revenue.toml");
    assert_nothing_to_do(&sandbox);
    let again = sandbox.dp(["state", "rm", "out.revenue", "--reason", "x"]).exits(1);
    again.says("`out.revenue` not found");
}

#[test]
fn what_is_protected_is_not_destroyed_in_any_way() {
    let sandbox = Sandbox::shop();
    let toml = sandbox.read("assets/marts/revenue.toml");
    sandbox.write("assets/marts/revenue.toml", &format!("protect = true\n{toml}"));
    sandbox.apply();
    let before = sandbox.versions();
    let rm = ["state", "rm", "marts.revenue", "--reason", "x"];
    sandbox.dp(rm).exits(1).says("dp::plan::protected");
    sandbox.dp(["destroy", "--auto-approve"]).exits(1).says("dp::plan::protected");
    // Also where nothing is left that says so but the record.
    sandbox.remove("assets/marts/revenue.toml");
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("dp::plan::protected");
    sandbox.dp(["destroy", "--auto-approve", "marts.revenue"]).exits(1).says("dp::plan::protected");
    sandbox.dp(rm).exits(1).says("dp::plan::protected");
    // And under another name.
    sandbox.write("assets/marts/income.toml", &toml);
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("dp::plan::protected");
    assert_eq!(sandbox.versions(), before);
}

#[test]
fn exports_of_a_record_that_is_gone_are_taken_over_if_they_have_the_same_bytes() {
    let sandbox = Sandbox::shop().asset(
        "out.revenue",
        "kind = \"sql\"\nsql = \"from marts.revenue order by all\"\nmaterialize = { file = \"out/revenue.csv\", format = \"csv\" }\n",
    );
    sandbox.apply();
    let times = || fs::metadata(sandbox.path("out/revenue.csv")).and_then(|found| found.modified()).expect("its time");
    let (text, before) = (sandbox.read("out/revenue.csv"), times());
    fs::remove_dir_all(sandbox.path(".dp")).expect("dp's folder");
    sandbox.dp(["plan"]).success().says("dp::plan::record_lost");
    sandbox.apply();
    assert_eq!((sandbox.read("out/revenue.csv"), times()), (text, before), "it is not even written again");
    assert!(sandbox.plan().contains("Nothing to do"));
    // Other bytes are somebody's.
    fs::remove_dir_all(sandbox.path(".dp")).expect("dp's folder");
    fs::write(sandbox.path("out/revenue.csv"), "mine\n").expect("a file");
    sandbox.dp(["apply", "--auto-approve"]).exits(3).says("dp::apply::foreign_file").says("nothing was published");
    assert_eq!(sandbox.read("out/revenue.csv"), "mine\n");
    assert!(sandbox.versions().is_empty());
    fs::remove_file(sandbox.path("out/revenue.csv")).expect("moved away");
    sandbox.apply().says("reused");
}

#[test]
fn a_file_that_comes_while_a_run_builds_is_not_written_over() {
    let sandbox = Sandbox::shop().asset(
        "out.revenue",
        "kind = \"sql\"\nsql = \"from marts.revenue\"\nmaterialize = { file = \"out/revenue.csv\", format = \"csv\" }\n",
    );
    let resumed = crate::paused::paused(&sandbox, &["apply", "--auto-approve"], "after-build", || {
        fs::create_dir_all(sandbox.path("out")).expect("a folder");
        fs::write(sandbox.path("out/revenue.csv"), "mine\n").expect("a file");
    });
    assert_eq!(resumed.code, Some(3), "{}", resumed.stderr);
    assert!(resumed.stderr.contains("dp::apply::foreign_file"), "{}", resumed.stderr);
    assert_eq!(sandbox.read("out/revenue.csv"), "mine\n");
}
