//! Environments: shared versions, comparing, promoting, deleting.

use crate::sandbox::{Output, Sandbox};

/// A shop that is applied in prod and, with larger orders only, in dev.
fn edited() -> Sandbox {
    let sandbox = shop();
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    dev(&sandbox).success();
    sandbox
}

/// A shop with environments.
fn shop() -> Sandbox {
    let sandbox = Sandbox::shop();
    let project = sandbox.read("dp.toml");
    sandbox.write("dp.toml", &format!("{project}\n[environments.dev]\n\n[environments.test]\n"));
    sandbox
}

fn dev(sandbox: &Sandbox) -> Output {
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"])
}

fn promote(sandbox: &Sandbox) -> Output {
    sandbox.dp(["env", "promote", "dev", "--auto-approve"])
}

fn revenue(sandbox: &Sandbox, environment: &str) -> String {
    let sql = "from marts.revenue order by all";
    sandbox.dp(["query", sql, "--format", "csv", "--env", environment]).success().stdout
}

fn versions(sandbox: &Sandbox, environment: &str) -> Vec<Vec<String>> {
    let sql = format!("select asset, version from published where environment = '{environment}' order by asset");
    sandbox.record(&sql)
}

#[test]
fn what_is_equal_is_shared() {
    let sandbox = shop();
    sandbox.apply();
    let made = sandbox.record("select count(*) from effects where kind = 'made'");
    dev(&sandbox).success().says("3 reused");
    assert_eq!(versions(&sandbox, "dev"), versions(&sandbox, "prod"));
    assert_eq!(sandbox.record("select count(*) from effects where kind = 'made'"), made);
    assert!(sandbox.path("warehouse/dev/marts/revenue.parquet").exists());
    // Only what differs is built.
    sandbox.edit("assets/marts/revenue.toml", "sum(amount)", "max(amount)");
    assert_eq!(sandbox.actions_of(["--env", "dev"]), ["marts.revenue rebuild [definition_changed]"]);
    dev(&sandbox).success();
    assert_eq!(revenue(&sandbox, "dev"), "customer,revenue\nann,30\nbob,20\n");
    assert_eq!(revenue(&sandbox, "prod"), "customer,revenue\nann,40\nbob,20\n");
}

#[test]
fn what_another_build_could_give_otherwise_is_not_shared() {
    let sandbox = shop();
    sandbox.write("assets/marts/chance.toml", "kind = \"sql\"\nsql = \"select random() as n\"\n");
    sandbox.apply();
    dev(&sandbox).success().says("1 built");
    let made = sandbox.record("select count(*) from versions where asset = 'marts.chance'");
    assert_eq!(made, [["2"]]);
    assert!(sandbox.dp(["plan", "--env", "dev"]).success().stdout.contains("Nothing to do"));
}

#[test]
fn what_is_stale_is_not_shared() {
    let mut sandbox = shop();
    sandbox.edit("assets/staging/orders.toml", "kind = \"sql\"\n", "kind = \"sql\"\nrefresh = \"24h\"\n");
    sandbox.now("2030-01-01T12:00:00Z");
    sandbox.apply();
    sandbox.now("2030-01-03T12:00:00Z");
    dev(&sandbox).success().says("1 built");
    // What was just applied is not due at once.
    assert!(sandbox.dp(["plan", "--env", "dev"]).success().stdout.contains("Nothing to do"));
}

#[test]
fn the_list() {
    let sandbox = shop();
    sandbox.dp(["env", "list"]).success().says("never applied");
    sandbox.apply();
    dev(&sandbox).success();
    insta::assert_snapshot!(sandbox.dp(["env", "list"]).success(), @"
    environment  assets  last run  published            where
    ──────────────────────────────────────────────────────────────────
    dev               3  r2        [TIME .............]  warehouse/dev
    prod              3  r1        [TIME .............]  warehouse/prod
    test              0            never applied
    [exit 0]
    ");
    let json = sandbox.dp(["env", "list", "--json"]).success().json();
    assert_eq!(json["environments"][0]["environment"], "dev");
    assert_eq!(json["environments"][0]["run"], 2);
    assert_eq!(json["environments"][2]["assets"], 0);
    // What is on record stays in the list when it is no longer declared.
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n");
    sandbox.dp(["env", "list"]).success().says("not declared");
}

#[test]
fn a_comparison() {
    let sandbox = shop();
    sandbox.apply();
    sandbox.edit(
        "assets/staging/orders.toml",
        "select id, customer, amount",
        "select id, customer, amount::double as amount, 1 as one",
    );
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.remove("assets/marts/revenue.toml");
    sandbox.write(
        "assets/marts/count.toml",
        "kind = \"sql\"\nmaterialize = \"view\"\nsql = \"select count(*) as n from raw.orders\"\n",
    );
    dev(&sandbox).success();
    insta::assert_snapshot!(sandbox.dp(["env", "diff", "dev"]).success(), @"
    asset           rows in prod  rows in dev  differs
    ─────────────────────────────────────────────────────────────────────────────
    marts.count                   view         only in dev
    marts.revenue              2               only in prod
    staging.orders             3            2  definition, columns, rows, content

    columns of staging.orders  prod    dev
    ──────────────────────────────────────────
    amount                     BIGINT  DOUBLE
    one                                INTEGER

    3 assets differ between prod and dev; 1 asset the same.
    [exit 0]
    ");
    for line in sandbox.dp(["env", "diff", "dev", "--all"]).success().stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let json = sandbox.dp(["env", "diff", "prod", "dev", "--json"]).success().json();
    assert_eq!(json["same"], 1);
    assert_eq!(json["assets"][0]["asset"], "marts.count");
    assert_eq!(json["assets"][0]["differs"][0], "only_b");
    assert_eq!(json["assets"][2]["columns"][0]["a"], "BIGINT");
    assert_eq!(json["assets"][2]["b"]["rows"], 2);
    // Which two: --env with prod, one with prod, or the only one there is.
    assert_eq!(sandbox.dp(["env", "diff", "--env", "dev"]).stdout, sandbox.dp(["env", "diff", "dev"]).stdout);
    sandbox.dp(["env", "diff"]).exits(1).says("name two of");
    sandbox.dp(["env", "diff", "dve"]).exits(1).says("dp::project::unknown_environment").says("did you mean `dev`?");
    // One that was never applied has nothing.
    sandbox.dp(["env", "diff", "test"]).success().says("3 assets differ between prod and test");
    sandbox.dp(["env", "diff", "dev", "dev"]).success().says("publish the same: 3 assets");
}

#[test]
fn a_promotion_publishes_without_a_build() {
    let sandbox = edited();
    let made = sandbox.record("select count(*) from versions");
    insta::assert_snapshot!(promote(&sandbox).success(), @"
    asset                           rows in dev  rows in prod
    ─────────────────────────────────────────────────────────
    staging.orders  new definition            2             3
    marts.revenue   follows                   2             2

    2 assets of dev published in prod (r3).
    Next: dp status
    [exit 0]
    ");
    assert_eq!(revenue(&sandbox, "prod"), "customer,revenue\nann,30\nbob,20\n");
    assert_eq!(versions(&sandbox, "prod"), versions(&sandbox, "dev"));
    assert_eq!(sandbox.record("select count(*) from versions"), made);
    assert!(sandbox.plan().contains("Nothing to do"), "{}", sandbox.plan());
    // It is a run, it can be undone, and then it is not to be had again by the way.
    assert_eq!(
        sandbox.record("select command, environment, outcome from runs where run = 'r3'"),
        [["env promote", "prod", "done"]]
    );
    promote(&sandbox).success().says("Nothing to promote");
    sandbox.dp(["rollback", "--auto-approve"]).success();
    assert_eq!(revenue(&sandbox, "prod"), "customer,revenue\nann,40\nbob,20\n");
    promote(&sandbox).exits(1).says("it was published in prod after the last apply in dev");
    dev(&sandbox).success();
    sandbox.edit("assets/marts/revenue.toml", "as revenue", "as revenue, 1 as one");
    dev(&sandbox).success();
    promote(&sandbox).exits(1).says("`staging.orders`: r4 rolled this definition back in prod");
}

#[test]
fn a_promotion_of_what_is_new() {
    let sandbox = shop();
    dev(&sandbox).success();
    promote(&sandbox).success();
    assert_eq!(versions(&sandbox, "prod").len(), 3);
    assert!(sandbox.plan().contains("Nothing to do"));
}

#[test]
fn a_promotion_of_some() {
    let sandbox = edited();
    sandbox.write("assets/marts/count.toml", "kind = \"sql\"\nsql = \"select count(*) as n from raw.orders\"\n");
    dev(&sandbox).success();
    sandbox.dp(["env", "promote", "dev", "marts.count", "--auto-approve"]).success();
    assert_eq!(versions(&sandbox, "prod").len(), 4);
    assert_eq!(revenue(&sandbox, "prod"), "customer,revenue\nann,40\nbob,20\n");
}

#[test]
fn not_if_the_inputs_are_others_there() {
    let sandbox = shop();
    sandbox.apply();
    // dev has other rows of what staging.orders reads, under the same definition.
    sandbox.write("data/orders.csv", "id,customer,amount\n1,ann,70\n");
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    dev(&sandbox).success();
    let before = versions(&sandbox, "prod");
    insta::assert_snapshot!(promote(&sandbox).exits(1), @"
    --- stderr ---
    dp::plan::not_promotable

      × can't promote: `staging.orders`: its version read other content of
      │ `raw.orders` than prod publishes
      help: run `dp apply` in the target environment instead: it reuses built
            versions with the same key, and builds the rest
    [exit 1]
    ");
    assert_eq!(versions(&sandbox, "prod"), before);
    assert_eq!(sandbox.record("select count(*) from runs"), [["2"]]);
    // The way on is an apply, which reuses by key.
    sandbox.apply();
    assert_eq!(versions(&sandbox, "prod"), versions(&sandbox, "dev"));
}

#[test]
fn not_if_the_pointers_moved_there() {
    let sandbox = edited();
    sandbox.edit("assets/staging/orders.toml", "amount >= 20", "amount >= 30");
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 30", "amount >= 20");
    let before = versions(&sandbox, "prod");
    promote(&sandbox).exits(1).says("dp::plan::not_promotable").says("`staging.orders`: it was published in prod");
    assert_eq!(versions(&sandbox, "prod"), before);
}

#[test]
fn not_if_the_project_gives_another_definition() {
    let sandbox = edited();
    sandbox.edit("assets/staging/orders.toml", "amount >= 20", "amount >= 21");
    promote(&sandbox).exits(1).says("`staging.orders`: its definition differs for prod");
    sandbox.remove("assets/marts/revenue.toml");
    sandbox.remove("assets/staging/orders.toml");
    promote(&sandbox).exits(1).says("`staging.orders`: it is not declared");
    // A variable of dev is not what prod has.
    let vars = shop();
    let project = vars
        .read("dp.toml")
        .replace("[environments.dev]", "[vars]\nleast = 10\n\n[environments.dev.vars]\nleast = 20\n");
    vars.write("dp.toml", &project);
    vars.edit("assets/staging/orders.toml", "amount >= 10", "amount >= ${var.least}");
    vars.apply();
    dev(&vars).success();
    promote(&vars).exits(1).says("`staging.orders`: its definition differs for prod");
}

#[test]
fn not_if_a_check_has_no_passing_result() {
    let sandbox = shop();
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    dev(&sandbox).success();
    // The check is declared after dev was applied, so nothing is known of it.
    let toml = sandbox.read("assets/staging/orders.toml");
    sandbox.write("assets/staging/orders.toml", &format!("{toml}\n[columns.id]\nchecks = [\"not_null\"]\n"));
    promote(&sandbox).exits(1).says("`staging.orders`: its check `not_null(id)` has no passing result");
    dev(&sandbox).success();
    promote(&sandbox).success();
}

#[test]
fn not_over_a_file_of_somebody_else() {
    let sandbox = shop();
    sandbox.write(
        "assets/marts/export.toml",
        "kind = \"sql\"\nmaterialize = { file = \"out/one.csv\" }\nsql = \"select 1 as n\"\n",
    );
    dev(&sandbox).success();
    assert!(sandbox.path("warehouse/dev/_files/out/one.csv").exists());
    assert!(!sandbox.path("out/one.csv").exists());
    sandbox.write("out/one.csv", "mine\n");
    promote(&sandbox).exits(1).says("`out/one.csv` exists, and dp did not write it");
    sandbox.remove("out/one.csv");
    promote(&sandbox).success();
    assert_eq!(sandbox.read("out/one.csv"), "n\n1\n");
}

#[test]
fn not_if_a_version_is_damaged() {
    let sandbox = edited();
    let sql = "select path from published where environment = 'dev' and asset = 'staging.orders'";
    let file = sandbox.path(&sandbox.record(sql)[0][0]);
    std::fs::remove_file(file).expect("the file goes");
    promote(&sandbox).exits(1).says("`staging.orders`: .dp/store/").says("is missing");
}

#[test]
fn what_can_not_be_promoted_at_all() {
    let sandbox = shop();
    promote(&sandbox).exits(1).says("nothing was ever published in `dev`");
    sandbox.dp(["env", "promote", "prod", "--auto-approve"]).exits(1).says("can't be promoted to itself");
    sandbox.dp(["env", "promote", "nope", "--auto-approve"]).exits(1).says("unknown environment `nope`");
    let sandbox = edited();
    let output = sandbox.dp(["env", "promote", "dev"]).exits(1).says("dp::cli::no_prompt");
    assert!(output.stdout.contains("staging.orders"), "{output}");
}

#[test]
fn what_follows_and_does_not_fit_is_told() {
    // marts.both reads two things; dev has other rows of the one that is not promoted.
    let sandbox = shop();
    sandbox.write("data/rates.csv", "rate\n1\n");
    let sandbox = sandbox
        .source("raw.rates", "data/rates.csv")
        .sql("marts.both", "select sum(amount * rate) as n from staging.orders, raw.rates");
    sandbox.apply();
    sandbox.write("data/rates.csv", "rate\n2\n");
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    dev(&sandbox).success();
    let json = sandbox.dp(["env", "promote", "dev", "--auto-approve", "--json"]).success().json();
    assert_eq!(json["published"][0]["asset"], "staging.orders");
    assert_eq!(json["following"][0]["asset"], "marts.revenue");
    assert_eq!(json["due"], serde_json::json!(["marts.both"]));
    sandbox.apply();
    assert!(sandbox.plan().contains("Nothing to do"));
}

#[test]
fn views_are_promoted_too() {
    let sandbox = shop();
    sandbox.write(
        "assets/marts/view.toml",
        "kind = \"sql\"\nmaterialize = \"view\"\nsql = \"select count(*) as n from staging.orders\"\n",
    );
    sandbox.apply();
    sandbox.edit("assets/marts/view.toml", "count(*) as n", "count(*) * 100 as n");
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    dev(&sandbox).success();
    promote(&sandbox).success();
    assert_eq!(sandbox.query("from marts.view"), "n\n200\n");
    assert!(sandbox.plan().contains("Nothing to do"), "{}", sandbox.plan());
}

#[test]
fn a_deletion_takes_all_away_and_leaves_the_versions() {
    let sandbox = edited();
    sandbox.write(
        "assets/marts/export.toml",
        "kind = \"sql\"\nmaterialize = { file = \"out/one.csv\" }\nsql = \"select 1 as n\"\n",
    );
    dev(&sandbox).success();
    assert!(sandbox.path("warehouse/dev/_files/out/one.csv").exists());
    let before = (sandbox.versions(), sandbox.tree("warehouse/prod"), sandbox.tree(".dp/store"));
    insta::assert_snapshot!(sandbox.dp(["env", "delete", "dev", "--auto-approve"]).success(), @"
    Deleted dev: 4 assets withdrawn (r4). Their versions stay until `dp gc`.
    [exit 0]
    ");
    let left: Vec<_> = std::fs::read_dir(sandbox.path("warehouse"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(!sandbox.path(".dp/published/dev").exists());
    assert_eq!((sandbox.versions(), sandbox.tree("warehouse/prod"), sandbox.tree(".dp/store")), before);
    sandbox.dp(["env", "list"]).success().says("never applied");
    sandbox.dp(["env", "delete", "dev", "--auto-approve"]).success().says("Nothing to delete");
    sandbox.dp(["query", "from marts.revenue", "--env", "dev"]).exits(1);
    // It can be undone, and applied anew.
    sandbox.dp(["rollback", "--env", "dev", "--auto-approve"]).success();
    assert_eq!(revenue(&sandbox, "dev"), "customer,revenue\nann,30\nbob,20\n");
    sandbox.dp(["env", "delete", "dev", "--auto-approve"]).success();
    dev(&sandbox).success().says("4 reused");
}

#[test]
fn a_deletion_that_was_killed_is_finished_by_the_next() {
    let sandbox = edited();
    let (folder, link) = (sandbox.path(".dp/published/dev"), sandbox.path("warehouse/dev"));
    let copy = sandbox.path("copy");
    let status = std::process::Command::new("cp").arg("-a").arg(&folder).arg(&copy).status();
    assert!(status.expect("cp runs").success());
    let target = std::fs::read_link(&link).expect("a link");
    sandbox.dp(["env", "delete", "dev", "--auto-approve"]).success();
    // As if it had ended right after the record was written.
    std::fs::rename(&copy, &folder).expect("the folder as it was");
    std::os::unix::fs::symlink(target, &link).expect("the link as it was");
    sandbox.dp(["gc", "--auto-approve"]).success();
    assert!(!folder.exists() && std::fs::symlink_metadata(&link).is_err());
}

#[test]
fn a_deletion_asks_and_refuses() {
    let sandbox = edited();
    sandbox.dp(["env", "delete", "prod", "--auto-approve"]).exits(1).says("dp::env::prod");
    sandbox.dp(["env", "delete", "dev"]).exits(1).says("dp::cli::no_prompt");
    sandbox.dp(["env", "delete", "de", "--auto-approve"]).exits(1).says("dp::project::unknown_environment");
    sandbox.dp(["env", "delete", "test", "--auto-approve"]).success().says("Nothing to delete");
    sandbox.edit("assets/staging/orders.toml", "kind = \"sql\"\n", "kind = \"sql\"\nprotect = true\n");
    sandbox.dp(["env", "delete", "dev", "--auto-approve"]).exits(1).says("dp::env::protected").says("`staging.orders`");
    assert_eq!(versions(&sandbox, "dev").len(), 3);
    // One that is no longer declared can be deleted.
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n");
    let json = sandbox.dp(["env", "delete", "dev", "--auto-approve", "--force", "--json"]).success().json();
    assert_eq!(json["withdrawn"].as_array().map(Vec::len), Some(3));
    assert_eq!(sandbox.dp(["env", "list", "--json"]).json()["environments"].as_array().map(Vec::len), Some(1));
}

#[test]
fn an_environment_of_any_name_is_made_by_its_first_apply() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox.dp(["apply", "--auto-approve", "--env", "pr-12"]).success();
    sandbox.dp(["plan", "--env", "pr-12"]).success().says("Nothing to do");
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n3\n");
    let there = sandbox.dp(["query", "select count(*) as n from staging.orders", "--env", "pr-12", "--format", "csv"]);
    assert_eq!(there.success().stdout, "n\n3\n");
    assert!(sandbox.path("warehouse/pr-12/staging/orders.parquet").exists());
    let catalogue = duckdb::Connection::open(sandbox.path("warehouse/pr-12.duckdb")).expect("the catalogue");
    let count: i64 = catalogue.query_row("select count(*) from staging.orders", [], |row| row.get(0)).expect("a count");
    assert_eq!(count, 3);
    drop(catalogue);
    sandbox.dp(["env", "list"]).success().says("pr-12");
    sandbox.dp(["env", "diff", "pr-12"]).success();
    sandbox.dp(["env", "delete", "pr-12", "--auto-approve"]).success();
    assert!(!sandbox.path("warehouse/pr-12").exists());
    // With values of its own it is declared.
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n[vars]\nx = 1\n[environments.pr-13.vars]\nx = 2\n");
    sandbox.dp(["apply", "--auto-approve", "--env", "pr-13"]).success();
}

#[test]
fn a_name_that_looks_like_a_slip_or_is_none_is_refused() {
    let sandbox = Sandbox::shop().file("dp.toml", "[project]\nname = \"shop\"\n[environments.review]\n");
    sandbox.apply();
    for (name, help) in [
        ("prdo", "did you mean `prod`?"),
        ("reveiw", "did you mean `review`?"),
        ("Dev", "is not a valid environment name"),
        ("-x", "is not a valid environment name"),
        ("a b", "is not a valid environment name"),
    ] {
        let output = sandbox.dp(["apply", "--auto-approve", &format!("--env={name}")]).exits(1);
        output.says("dp::project::unknown_environment").says(help);
    }
    assert_eq!(sandbox.record("select name from environment"), [["prod"]]);
    // Nothing was ever published there, so there is nothing to read.
    sandbox.dp(["status", "--env", "pr-9"]).exits(1).says("`dp apply --env pr-9` to build and publish it");
}
