//! Whatever publishes is bound by every `error` check that reads what it publishes, whichever asset declares the check.

use crate::sandbox::Sandbox;

/// Customers, and orders of which a check says that their customers are known; r1 publishes both.
fn shop() -> Sandbox {
    let sandbox = Sandbox::new()
        .file("data/customers.csv", "id\n1\n2\n")
        .file("data/orders.csv", "customer\n1\n2\n")
        .source("raw.customers", "data/customers.csv")
        .asset(
            "raw.orders",
            "kind = \"source\"\n\n[source]\npath = \"data/orders.csv\"\n\n[[checks]]\n\
             references = { columns = [\"customer\"], asset = \"raw.customers\", to = [\"id\"] }\n",
        )
        .sql("marts.other", "select 1 as a");
    sandbox.apply();
    sandbox
}

const CHECK: &str = "references(customer -> raw.customers)";

fn one_customer(sandbox: &Sandbox) {
    sandbox.write("data/customers.csv", "id\n1\n");
}

#[test]
fn a_selection_is_bound_by_checks_of_what_is_not_selected() {
    let sandbox = shop();
    let before = sandbox.versions();
    one_customer(&sandbox);
    // The plan promises what the apply does.
    assert_eq!(
        sandbox.actions_of(["raw.customers"]),
        ["raw.customers rebuild [input_changed]", "raw.orders check [checks_due]"]
    );
    sandbox.dp(["apply", "--auto-approve", "raw.customers"]).exits(3).says(CHECK).says("Nothing was published");
    assert_eq!(sandbox.versions(), before);
    // A check that warns binds nobody.
    let toml = sandbox.read("assets/raw/orders.toml");
    sandbox.write("assets/raw/orders.toml", &format!("{toml}severity = \"warn\"\n"));
    sandbox.dp(["apply", "--auto-approve", "raw.customers"]).success();
    assert_ne!(sandbox.versions(), before);
}

#[test]
fn a_selection_whose_checks_pass_is_published() {
    let sandbox = shop();
    sandbox.write("data/customers.csv", "id\n1\n2\n3\n");
    sandbox.dp(["apply", "--auto-approve", "raw.customers"]).success().says("1 built, 1 checked");
    // What was found is on record, so nothing more is due.
    assert!(sandbox.plan().contains("Nothing to do"), "{}", sandbox.plan());
    // Other assets are not concerned.
    sandbox.edit("assets/marts/other.toml", "select 1", "select 2");
    assert_eq!(sandbox.actions_of(["marts.other"]), ["marts.other rebuild [definition_changed]"]);
}

#[test]
fn publishing_what_passed_is_bound_on_what_would_be_published_together() {
    let sandbox = shop();
    let before = sandbox.versions();
    // The new orders fit to the new customers; the old orders, which stay if the new ones fail otherwise, do not.
    one_customer(&sandbox);
    sandbox.write("data/orders.csv", "customer\n1\n");
    let toml = sandbox.read("assets/raw/orders.toml");
    sandbox.write("assets/raw/orders.toml", &format!("{toml}\n[[checks]]\nrow_count = {{ min = 2 }}\n"));
    sandbox.edit("assets/marts/other.toml", "select 1", "select 2");
    let output = sandbox.dp(["apply", "--auto-approve", "--publish", "passed"]).exits(3);
    let output = output.says("row_count").says(CHECK).says("Published in part: 1 asset");
    assert_eq!(sandbox.query("from marts.other"), "a\n2\n");
    assert_eq!(sandbox.versions()["raw.customers"], before["raw.customers"], "{output}");
    assert_eq!(sandbox.versions()["raw.orders"], before["raw.orders"]);
    // What fits to what stays is published.
    sandbox.write("data/customers.csv", "id\n1\n2\n3\n");
    sandbox.dp(["apply", "--auto-approve", "--publish", "passed"]).exits(3).says("Published in part");
    assert_ne!(sandbox.versions()["raw.customers"], before["raw.customers"]);
    assert_eq!(sandbox.query("select count(*) as n from raw.orders"), "n\n2\n");
}

#[test]
fn a_rollback_is_bound() {
    let sandbox = shop();
    sandbox.write("data/customers.csv", "id\n1\n2\n3\n");
    sandbox.apply();
    // A check that was not there when r1 published.
    let check = "\n[[checks]]\nname = \"three\"\nsql = \"select 1 where (select count(*) from raw.customers) < 3 \
                 and (select count(*) from ${this}) >= 0\"\n";
    let toml = sandbox.read("assets/marts/other.toml");
    sandbox.write("assets/marts/other.toml", &format!("{toml}{check}"));
    sandbox.apply();
    let before = sandbox.versions();
    let refused = sandbox.dp(["rollback", "r2", "--auto-approve"]).exits(1).says("dp::plan::check_fails");
    refused.says("check `three` of `marts.other`: 1 row fails");
    assert_eq!(sandbox.versions(), before);
    assert_eq!(sandbox.record("select count(*) from runs where command = 'rollback'"), [["0"]]);
    sandbox.write("assets/marts/other.toml", &format!("{toml}{check}severity = \"warn\"\n"));
    sandbox.dp(["rollback", "r2", "--auto-approve"]).success();
    assert_eq!(sandbox.query("select count(*) as n from raw.customers"), "n\n2\n");
}

#[test]
fn a_rollback_is_not_bound_by_checks_of_columns_that_come_with_what_it_undoes() {
    let sandbox = shop();
    sandbox.write(
        "assets/marts/other.toml",
        "kind = \"sql\"\nsql = \"select 1 as a, 2 as b\"\n\n[columns.b]\nchecks = [\"not_null\"]\n",
    );
    sandbox.apply();
    sandbox.dp(["rollback", "--auto-approve"]).success();
    assert_eq!(sandbox.query("from marts.other"), "a\n1\n");
    // A project with mistakes is rolled back too. Checks that can't be read are named.
    sandbox.dp(["apply", "--auto-approve", "--resume"]).success();
    sandbox.write("assets/marts/broken.toml", "kind = \n");
    let output = sandbox.dp(["rollback", "--auto-approve"]).success();
    drop(output.says("dp did not run the checks of `marts.broken`, which contain mistakes"));
    assert_eq!(sandbox.query("from marts.other"), "a\n1\n");
}

#[test]
fn a_promotion_is_bound_by_checks_of_what_it_leaves() {
    let sandbox = Sandbox::new()
        .file("dp.toml", "[project]\nname = \"shop\"\n\n[environments.dev]\n")
        .sql("t.known", "select unnest([1, 2]) as id")
        .file("data/orders.csv", "customer\n1\n2\n")
        .asset(
            "t.orders",
            "kind = \"source\"\n\n[source]\npath = \"data/orders.csv\"\n\n[[checks]]\n\
             references = { columns = [\"customer\"], asset = \"t.known\", to = [\"id\"] }\n",
        );
    sandbox.apply();
    // In dev there are other orders, so its results say nothing about those of prod.
    sandbox.write("data/orders.csv", "customer\n1\n");
    sandbox.edit("assets/t/known.toml", "[1, 2]", "[1]");
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    let before = sandbox.versions();
    let output = sandbox.dp(["env", "promote", "dev", "--auto-approve"]).exits(1);
    assert!(output.to_string().contains("t.orders"), "{output}");
    assert_eq!(sandbox.versions(), before);
    // An apply runs the check on what would be published together.
    sandbox.dp(["apply", "--auto-approve", "t.known"]).exits(3).says("references(customer -> t.known)");
    sandbox.edit("assets/t/known.toml", "[1]", "[1, 2, 3]");
    sandbox.dp(["apply", "--auto-approve", "t.known"]).success();
    assert_eq!(sandbox.query("select count(*) as n from t.known"), "n\n3\n");
}

#[test]
fn what_is_accepted_or_adopted_is_bound() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = shop();
    let before = sandbox.versions();
    let stored = sandbox.path(&sandbox.stored("raw.customers"));
    let other =
        sandbox.command(["query", "select 1::bigint as id", "--format", "parquet"]).output().expect("dp").stdout;
    std::fs::set_permissions(&stored, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    std::fs::write(&stored, other).expect("the file");
    sandbox
        .dp(["state", "accept", "raw.customers", "--reason", "x"])
        .exits(3)
        .says(CHECK)
        .says("the run published nothing");
    assert_eq!(sandbox.versions(), before);
    // Adopted: a table that a check of a published asset reads already.
    let sandbox = shop();
    sandbox.dp(["state", "rm", "raw.customers", "--reason", "x"]).success();
    sandbox.write("one.csv", "id\n1\n");
    sandbox.dp(["state", "adopt", "raw.customers", "one.csv", "--reason", "x"]).exits(3).says(CHECK);
    assert!(!sandbox.versions().contains_key("raw.customers"));
    sandbox.write("two.csv", "id\n1\n2\n");
    sandbox.dp(["state", "adopt", "raw.customers", "two.csv", "--reason", "x"]).success();
}

#[test]
fn what_is_resumed_is_bound() {
    let sandbox = Sandbox::new().sql("t.known", "select unnest([1, 2]) as id").asset(
        "t.orders",
        "kind = \"sql\"\nsql = \"select unnest([1, 2]) as customer\"\n\n[[checks]]\n\
             references = { columns = [\"customer\"], asset = \"t.known\", to = [\"id\"] }\nseverity = \"warn\"\n",
    );
    sandbox.apply();
    sandbox.edit("assets/t/known.toml", "[1, 2]", "[1]");
    sandbox.apply();
    sandbox.dp(["rollback", "--auto-approve"]).success();
    sandbox.edit("assets/t/orders.toml", "severity = \"warn\"\n", "");
    sandbox.apply();
    let before = sandbox.versions();
    sandbox.dp(["apply", "--auto-approve", "--resume", "t.known"]).exits(3).says("references(customer -> t.known)");
    assert_eq!(sandbox.versions(), before);
}

#[test]
fn a_held_asset_binds_what_goes_on() {
    let sandbox = shop();
    sandbox.edit("assets/raw/orders.toml", "kind = \"source\"\n", "kind = \"source\"\nmaterialize = \"view\"\n");
    sandbox.apply();
    sandbox.dp(["rollback", "--auto-approve"]).success();
    let before = sandbox.versions();
    one_customer(&sandbox);
    sandbox.dp(["apply", "--auto-approve"]).exits(3).says(CHECK);
    assert_eq!(sandbox.versions(), before);
}
