//! Undo: versions from before a run comes back, and what was undone does not come back unasked.

use crate::sandbox::Sandbox;

/// A shop after two runs: r1 publishes all, r2 larger orders only.
fn edited() -> Sandbox {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.apply();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,30\nbob,20\n");
    sandbox
}

fn revenue(sandbox: &Sandbox) -> String {
    sandbox.query("from marts.revenue order by all")
}

fn rollback(sandbox: &Sandbox, arguments: &[&str]) -> crate::sandbox::Output {
    sandbox.dp(["rollback", "--auto-approve"].iter().chain(arguments))
}

#[test]
fn what_was_published_before_comes_back() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let before = (sandbox.versions(), sandbox.tree("warehouse"), revenue(&sandbox));
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.apply();
    assert_ne!(sandbox.versions(), before.0);
    insta::assert_snapshot!(rollback(&sandbox, &[]), @"
    undoes  command  started              what
    ─────────────────────────────────────────────
    r2      apply    [TIME .............]  2 built

    asset                 rows now  rows then  version then
    ───────────────────────────────────────────────────────────
    marts.revenue   back         2          2  $VERSION
    staging.orders  back         2          3  $VERSION

    prod is as it was before r2: 2 assets published again (r3).
    `dp apply` keeps these versions until you edit the assets or pass --resume.
    Next: dp plan
    [exit 0]
    ");
    assert_eq!((sandbox.versions(), sandbox.tree("warehouse"), revenue(&sandbox)), before);
    // It is a run like any other, and removes none.
    let runs = sandbox.record("select run, command, outcome, reused from runs order by run");
    assert_eq!(runs.len(), 3);
    assert_eq!(runs[2], ["r3", "rollback", "done", "2"]);
    let effects = sandbox.record("select asset, kind from effects where run = 'r3' order by asset");
    assert_eq!(effects, [["marts.revenue", "replaced"], ["staging.orders", "replaced"]]);
}

#[test]
fn a_rollback_can_be_rolled_back() {
    let sandbox = edited();
    let new = sandbox.versions();
    rollback(&sandbox, &[]).success();
    let old = sandbox.versions();
    assert_ne!(old, new);
    rollback(&sandbox, &["r3"]).success();
    assert_eq!(sandbox.versions(), new);
    // Nothing is held back then: what is published is what the definitions ask for.
    assert_eq!(sandbox.record("select count(*) from held_back"), [["0"]]);
    assert!(sandbox.plan().contains("Nothing to do"), "{}", sandbox.plan());
    rollback(&sandbox, &[]).success();
    assert_eq!(sandbox.versions(), old);
}

#[test]
fn later_runs_are_undone_too() {
    let sandbox = edited();
    sandbox.edit("assets/marts/revenue.toml", "sum(amount)", "max(amount)");
    sandbox.apply();
    let output = rollback(&sandbox, &["r2"]).success();
    for word in ["r3", "r2"] {
        assert!(output.stdout.contains(word), "{output}");
    }
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,40\nbob,20\n");
    // Both definitions that were undone are held back.
    let before = sandbox.versions();
    sandbox.apply().says("staging.orders").says("2 held back");
    assert_eq!(sandbox.versions(), before);
    // What reads a held asset stays with it, though its own definition is free again.
    sandbox.edit("assets/marts/revenue.toml", "max(amount)", "sum(amount)");
    assert_eq!(sandbox.actions()[1], "marts.revenue reuse [input_changed, held_back]");
    sandbox.apply();
    assert_eq!(sandbox.versions(), before);
}

#[test]
fn a_plan_afterwards_says_what_the_definitions_ask_for() {
    let sandbox = edited();
    rollback(&sandbox, &[]).success();
    insta::assert_snapshot!(sandbox.plan(), @"
    Held back (unchanged until you edit them or run `dp apply --resume`)
      = staging.orders  sql changed: WHERE  assets/staging/orders.toml:3
                        r3 rolled $VERSION back at [TIME .............]
          version $VERSION
            - select id, customer, amount from raw.orders where amount >= 10
          3 + select id, customer, amount from raw.orders where amount >= 20
      = marts.revenue   staging.orders changed
                        unchanged like `staging.orders`, which r3 holds back at
                        [TIME .............]
          version $VERSION

    Plan: 1 unchanged, 2 held back.
    [exit 0]
    ");
    assert_eq!(
        sandbox.actions(),
        ["staging.orders reuse [definition_changed, rolled_back]", "marts.revenue reuse [input_changed, held_back]"]
    );
    let plan = sandbox.dp(["plan", "--json"]).json();
    assert_eq!(plan["actions"][0]["held_back"], true);
    assert_eq!(plan["summary"]["held_back"], 2);
    assert_eq!(plan["summary"]["reuse"], 0);
    let held = &plan["held_back"];
    assert_eq!(held[0]["asset"], "staging.orders");
    assert_eq!(held[0]["run"], 3);
    assert_eq!(held[0]["with"].as_array().expect("a list").len(), 0);
    assert_eq!(held[0]["resume"], "dp apply --resume staging.orders");
    assert_eq!(held[1]["asset"], "marts.revenue");
    assert_eq!(held[1]["with"][0], "staging.orders");
    assert!(
        held[1]["why"].as_str().expect("a text").starts_with("unchanged like `staging.orders`, which r3 holds back")
    );
    let started = sandbox.record("select started from runs where run = 'r3'");
    assert_eq!(held[0]["since"].as_str().expect("a time")[..19], started[0][0][..19]);
    sandbox.dp(["plan", "--detailed-exitcode"]).exits(2);
    let markdown = sandbox.dp(["plan", "--markdown"]).success().stdout;
    assert!(markdown.contains("#### Held back") && markdown.contains("dp apply --resume"), "{markdown}");
    let why = sandbox.dp(["why", "marts.revenue"]).success();
    why.says("a rollback holds it")
        .says("which r3 holds back")
        .says("r3 rolled")
        .says("dp apply --resume marts.revenue");
    let status = sandbox.dp(["status"]).success().says("held back by").says("r3 at");
    assert_eq!(status.stdout.matches("r3 at").count(), 1, "only what the rollback holds itself: {status}");
    let status = sandbox.dp(["status", "--json"]).success().json();
    assert_eq!(status["assets"][2]["held_back"]["run"], 3);
    // What would be done is planned as any other plan, and can be saved.
    let resumed = ["staging.orders reuse [definition_changed, rolled_back]", "marts.revenue reuse [input_changed]"];
    assert_eq!(sandbox.actions_of(["--resume"]), resumed);
}

#[test]
fn a_timer_does_not_publish_it_again() {
    let sandbox = edited();
    rollback(&sandbox, &[]).success();
    let before = sandbox.versions();
    insta::assert_snapshot!(sandbox.apply(), @"
    Held back (unchanged until you edit them or run `dp apply --resume`)
      = staging.orders  sql changed: WHERE  assets/staging/orders.toml:3
                        r3 rolled $VERSION back at [TIME .............]
          version $VERSION
            - select id, customer, amount from raw.orders where amount >= 10
          3 + select id, customer, amount from raw.orders where amount >= 20
      = marts.revenue   staging.orders changed
                        unchanged like `staging.orders`, which r3 holds back at
                        [TIME .............]
          version $VERSION

    Plan: 1 unchanged, 2 held back.
    [exit 0]
    ");
    assert_eq!(sandbox.versions(), before);
    assert_eq!(sandbox.record("select count(*) from runs"), [["3"]]);
    let json = sandbox.dp(["apply", "--auto-approve", "--json"]).success().json();
    assert_eq!((&json["outcome"], &json["held_back"]), (&"nothing to do".into(), &2.into()));
    // Everything else goes on, also what the held assets read.
    sandbox.write("assets/marts/count.toml", "kind = \"sql\"\nsql = \"select count(*) as n from raw.orders\"\n");
    let orders = sandbox.read("data/orders.csv");
    sandbox.write("data/orders.csv", &format!("{orders}5,dan,50\n"));
    sandbox.apply().says("Done: 2 built, 2 held back");
    assert_eq!(sandbox.query("from marts.count"), "n\n5\n");
    for (asset, version) in before.iter().filter(|(asset, _)| *asset != "raw.orders") {
        assert_eq!(sandbox.versions()[asset], *version, "{asset} stays the same");
    }
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,40\nbob,20\n");
    // A selection, --replace and time do not end it either.
    sandbox.dp(["apply", "--auto-approve", "marts.revenue"]).success();
    sandbox.dp(["apply", "--auto-approve", "--replace", "staging.orders"]).success();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,40\nbob,20\n");
    sandbox.write("data/orders.csv", &orders);
    // It comes back when it is asked for, and stays then.
    sandbox.dp(["apply", "--auto-approve", "--resume"]).success();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,30\nbob,20\n");
    assert_eq!(sandbox.record("select count(*) from held_back"), [["0"]]);
    assert_eq!(sandbox.record("select count(*) from versions where asset = 'staging.orders'"), [["2"]]);
    assert!(sandbox.plan().contains("Nothing to do"));
}

#[test]
fn an_edit_needs_no_leave() {
    let sandbox = edited();
    rollback(&sandbox, &[]).success();
    sandbox.edit("assets/staging/orders.toml", "amount >= 20", "amount >= 15");
    // What only followed is not held itself.
    sandbox.apply();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,30\nbob,20\n");
    sandbox.edit("assets/staging/orders.toml", "amount >= 15", "amount >= 30");
    sandbox.apply();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,30\n");
    // Going back to what was rolled back still needs to be asked for.
    sandbox.edit("assets/staging/orders.toml", "amount >= 30", "amount >= 20");
    sandbox.apply().says("2 held back");
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,30\n");
}

#[test]
fn undoing_the_edit_leaves_nothing_to_do() {
    let sandbox = edited();
    rollback(&sandbox, &[]).success();
    sandbox.edit("assets/staging/orders.toml", "amount >= 20", "amount >= 10");
    assert!(sandbox.plan().contains("Nothing to do"), "{}", sandbox.plan());
    sandbox.apply();
}

#[test]
fn a_source_that_was_rolled_back_stays_as_it_is_published() {
    // The data was bad, not the definition: a run by a timer would take it in again, with every row that is added to it.
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let good = sandbox.read("data/orders.csv");
    sandbox.write("data/orders.csv", "id,customer,amount\n1,ann,-1000\n2,bob,20\n");
    sandbox.apply();
    rollback(&sandbox, &[]).success();
    sandbox.apply().says("3 held back");
    sandbox.write("data/orders.csv", "id,customer,amount\n1,ann,-1000\n2,bob,20\n3,cid,30\n");
    sandbox.apply().says("3 held back");
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,40\nbob,20\n");
    sandbox.write("data/orders.csv", &good);
    assert!(sandbox.plan().contains("Nothing to do"), "{}", sandbox.plan());
    sandbox.write("data/orders.csv", "id,customer,amount\n1,ann,70\n");
    sandbox.dp(["apply", "--auto-approve", "--resume", "raw.orders+"]).success();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,70\n");
    assert_eq!(sandbox.record("select count(*) from held_back"), [["0"]]);
    sandbox.write("data/orders.csv", "id,customer,amount\n1,ann,80\n");
    sandbox.apply();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,80\n");
}

#[test]
fn what_reads_a_held_asset_stays_with_it_however_it_reads() {
    let sandbox = Sandbox::shop();
    sandbox.sql_view();
    let sandbox = sandbox.sql("marts.top", "select max(n) as most from marts.view");
    let sandbox = sandbox.sql("marts.all", "select count(*) as n from raw.orders");
    sandbox.apply();
    let before = sandbox.versions();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20 and id < 3");
    sandbox.apply();
    rollback(&sandbox, &[]).success();
    // An edit of a reader waits too: it was written for what is held.
    sandbox.edit("assets/marts/top.toml", "max(n)", "min(n)");
    let orders = sandbox.read("data/orders.csv");
    sandbox.write("data/orders.csv", &format!("{orders}5,dan,50\n"));
    let plan = sandbox.plan();
    sandbox.apply().says("2 built, 4 held back");
    for asset in ["staging.orders", "marts.revenue", "marts.view", "marts.top"] {
        assert_eq!(sandbox.versions()[asset], before[asset], "{asset} in\n{plan}");
    }
    assert_eq!(sandbox.query("from marts.top"), "most\n3\n");
    assert_eq!(sandbox.query("from marts.view"), "n\n3\n");
    assert_eq!(sandbox.query("from marts.all"), "n\n5\n");
    // Edited, everything follows at once.
    sandbox.edit("assets/staging/orders.toml", "amount >= 20 and id < 3", "amount >= 20");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.top"), "most\n3\n");
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,30\nbob,20\ndan,50\n");
}

#[test]
fn a_check_that_reads_what_is_held_runs_on_what_is_published() {
    let sandbox = Sandbox::shop();
    let check = "kind = \"sql\"\nsql = \"select distinct customer from raw.orders\"\n\n[[checks]]\nname = \"known\"\n\
                 sql = \"select * from ${this} where customer not in (select customer from staging.orders)\"\n\
                 severity = \"warn\"\n";
    let sandbox = sandbox.asset("marts.customers", check);
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.apply();
    rollback(&sandbox, &[]).success();
    let orders = sandbox.read("data/orders.csv");
    sandbox.write("data/orders.csv", &format!("{orders}5,dan,50\n"));
    sandbox.apply().says("2 built, 2 held back");
    assert_eq!(sandbox.query("select count(*) as n from marts.customers"), "n\n4\n");
    // A check that needs a column which only the held definition has keeps its asset too.
    sandbox.edit("assets/staging/orders.toml", "id, customer, amount", "id, customer as who, customer, amount");
    sandbox.apply();
    rollback(&sandbox, &[]).success();
    sandbox.edit("assets/marts/customers.toml", "(select customer from", "(select who from");
    sandbox.write("data/orders.csv", &format!("{orders}5,dan,50\n6,eve,60\n"));
    let output = sandbox.dp(["apply", "--auto-approve"]).success();
    assert_eq!(sandbox.query("select count(*) as n from marts.customers"), "n\n4\n", "{output}");
}

#[test]
fn a_selection_of_a_reader_does_not_bring_in_what_is_held() {
    let sandbox = edited();
    rollback(&sandbox, &[]).success();
    sandbox.edit("assets/marts/revenue.toml", "sum(amount) as revenue", "sum(amount) * 2 as revenue");
    let actions = sandbox.actions_of(["marts.revenue"]);
    assert_eq!(actions, ["marts.revenue rebuild [definition_changed, held_back]"]);
    sandbox.dp(["apply", "--auto-approve", "marts.revenue"]).success();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,40\nbob,20\n");
}

#[test]
fn what_is_held_is_held_under_its_new_name_too() {
    // A rename that was rolled back.
    let one = |moved: &str, sql: &str| format!("kind = \"sql\"\n{moved}sql = \"{sql}\"\n");
    let moved = "moved_from = \"t.old\"\n";
    let sandbox = Sandbox::new().asset("t.old", &one("", "select 1 as a"));
    sandbox.apply();
    sandbox.remove("assets/t/old.toml");
    sandbox.write("assets/t/new.toml", &one(moved, "select 1 as a"));
    sandbox.apply();
    rollback(&sandbox, &[]).success();
    assert_eq!(sandbox.actions(), ["t.new reuse [moved, rolled_back]"]);
    sandbox.dp(["plan"]).success().says("Held back").says("r3 rolled");
    sandbox.apply().says("1 held back");
    assert_eq!(sandbox.versions().keys().collect::<Vec<_>>(), ["t.old"]);
    sandbox.dp(["apply", "--auto-approve", "--resume"]).success();
    assert_eq!(sandbox.versions().keys().collect::<Vec<_>>(), ["t.new"]);
    assert_eq!(sandbox.record("select count(*) from held_back"), [["0"]]);
    assert!(sandbox.plan().contains("Nothing to do"));
    // A rename of something of which the definition is held.
    sandbox.edit("assets/t/new.toml", "select 1", "select 2");
    sandbox.apply();
    rollback(&sandbox, &[]).success();
    sandbox.remove("assets/t/new.toml");
    sandbox.write("assets/t/last.toml", &one("moved_from = [\"t.new\", \"t.old\"]\n", "select 2 as a"));
    assert_eq!(sandbox.actions(), ["t.last rebuild [moved, definition_changed, rolled_back]"]);
    sandbox.apply();
    assert_eq!(sandbox.query("from t.new"), "a\n1\n");
    // Renamed and edited it goes on, and the hold on the other definition goes with it.
    sandbox.edit("assets/t/last.toml", "select 2", "select 3");
    sandbox.apply();
    assert_eq!(sandbox.versions().keys().collect::<Vec<_>>(), ["t.last"]);
    sandbox.write("assets/t/last.toml", &one("", "select 2 as a"));
    sandbox.apply().says("1 held back");
    assert_eq!(sandbox.query("from t.last"), "a\n3\n");
}

#[test]
fn a_hold_outlives_a_rename_by_hand() {
    let sandbox = edited();
    rollback(&sandbox, &[]).success();
    let toml = sandbox.read("assets/staging/orders.toml");
    sandbox.remove("assets/staging/orders.toml");
    sandbox.write("assets/staging/sales.toml", &toml);
    sandbox.edit("assets/marts/revenue.toml", "staging.orders", "staging.sales");
    sandbox.dp(["state", "mv", "staging.orders", "staging.sales", "--reason", "x"]).success();
    let orders = sandbox.read("data/orders.csv");
    sandbox.write("data/orders.csv", &format!("{orders}5,dan,50\n"));
    sandbox.apply().says("1 built, 2 held back");
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,40\nbob,20\n");
}

#[test]
fn what_a_run_added_goes_and_what_it_withdrew_comes() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox.remove("assets/marts/revenue.toml");
    sandbox.write("assets/marts/count.toml", "kind = \"sql\"\nsql = \"select count(*) as n from staging.orders\"\n");
    sandbox.apply();
    assert!(!sandbox.path("warehouse/prod/marts/revenue.parquet").exists());
    rollback(&sandbox, &[]).success();
    assert!(sandbox.path("warehouse/prod/marts/revenue.parquet").exists());
    assert!(!sandbox.path("warehouse/prod/marts/count.parquet").exists());
    assert_eq!(
        sandbox.actions(),
        ["marts.count reuse [new, rolled_back]", "marts.revenue destroy [removed, rolled_back]"]
    );
    sandbox.apply().says("2 held back");
    assert!(sandbox.path("warehouse/prod/marts/revenue.parquet").exists());
    assert!(!sandbox.path("warehouse/prod/marts/count.parquet").exists());
    sandbox.dp(["apply", "--auto-approve", "--resume"]).success();
    assert!(!sandbox.path("warehouse/prod/marts/revenue.parquet").exists());
}

#[test]
fn to_before_the_first_run() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    rollback(&sandbox, &["r1"]).success();
    assert!(sandbox.versions().is_empty());
    assert!(sandbox.path("warehouse/prod").exists());
    assert!(!sandbox.path("warehouse/prod/raw").exists());
    sandbox.dp(["query", "from marts.revenue"]).exits(1).says("not published");
    sandbox.apply().says("3 held back");
    assert!(sandbox.versions().is_empty());
    rollback(&sandbox, &[]).success();
    assert_eq!(sandbox.versions().len(), 3);
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,40\nbob,20\n");
}

#[test]
fn exports_move_with_it() {
    let sandbox = Sandbox::shop();
    let export = "kind = \"sql\"\nmaterialize = { file = \"out/one.csv\" }\nsql = \"select 1 as n\"\n";
    sandbox.write("assets/marts/export.toml", export);
    sandbox.apply();
    sandbox.edit("assets/marts/export.toml", "select 1", "select 2");
    sandbox.edit("assets/marts/export.toml", "out/one.csv", "out/two.csv");
    sandbox.apply();
    assert!(!sandbox.path("out/one.csv").exists());
    rollback(&sandbox, &[]).success();
    assert_eq!(sandbox.read("out/one.csv"), "n\n1\n");
    assert!(!sandbox.path("out/two.csv").exists());
    // A file of somebody else at such a place is never written over.
    rollback(&sandbox, &[]).success();
    sandbox.write("out/one.csv", "mine\n");
    rollback(&sandbox, &["r2"]).exits(1).says("dp::plan::foreign_file");
    assert_eq!(sandbox.read("out/one.csv"), "mine\n");
}

#[test]
fn an_export_taken_over_by_another_asset_stays() {
    // r2 hands the file from one asset to the other; both hold the same bytes.
    let export =
        |n: u8| format!("kind = \"sql\"\nmaterialize = {{ file = \"out/x.csv\" }}\nsql = \"select {n} as n\"\n");
    let sandbox = Sandbox::new().file("assets/a/one.toml", &export(1));
    sandbox.apply();
    sandbox.remove("assets/a/one.toml");
    sandbox.write("assets/a/two.toml", &export(1));
    sandbox.apply();
    assert_eq!(sandbox.read("out/x.csv"), "n\n1\n");
    rollback(&sandbox, &[]).success();
    assert_eq!(sandbox.read("out/x.csv"), "n\n1\n");
}

#[test]
fn versions_that_are_gone_or_damaged_are_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let file = sandbox.path(&sandbox.stored("staging.orders"));
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.apply();
    let now = sandbox.versions();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("it works");
    std::fs::write(&file, "short").expect("it works");
    rollback(&sandbox, &[]).exits(1).says("dp::rollback::lost").says("`staging.orders`").says("was changed outside dp");
    std::fs::remove_file(&file).expect("it works");
    rollback(&sandbox, &[]).exits(1).says("is missing");
    assert_eq!(sandbox.versions(), now);
    assert_eq!(sandbox.record("select count(*) from runs"), [["2"]]);
}

#[test]
fn what_is_read_in_place_has_no_past() {
    let sandbox = Sandbox::shop();
    sandbox.edit("assets/raw/orders.toml", "kind = \"source\"\n", "kind = \"source\"\nmaterialize = \"view\"\n");
    sandbox.sql_view();
    sandbox.apply();
    let before = sandbox.read("data/orders.csv");
    sandbox.write("data/orders.csv", "id,customer,amount\n1,ann,70\n");
    sandbox.apply();
    rollback(&sandbox, &[]).exits(1).says("`raw.orders`: it reads data/orders.csv in place, and that file changed");
    // With the bytes of then it is what it was.
    sandbox.write("data/orders.csv", &before);
    rollback(&sandbox, &[]).success();
    assert_eq!(sandbox.query("select count(*) as n from raw.orders"), "n\n4\n");
}

#[test]
fn what_is_protected_is_not_withdrawn() {
    let sandbox = Sandbox::shop();
    sandbox.edit("assets/marts/revenue.toml", "kind = \"sql\"\n", "kind = \"sql\"\nprotect = true\n");
    sandbox.apply();
    rollback(&sandbox, &[]).exits(1).says("dp::rollback::protected").says("`marts.revenue`");
    assert_eq!(sandbox.versions().len(), 3);
}

#[test]
fn runs_that_published_nothing_here() {
    let sandbox = edited();
    rollback(&sandbox, &["r9"]).exits(1).says("`r9` not found");
    sandbox.edit("assets/staging/orders.toml", "select id", "select error('no') as id");
    sandbox.dp(["apply", "--auto-approve"]).exits(3);
    rollback(&sandbox, &["r3"]).exits(1).says("r3 published nothing in `prod`").says("such as r2 or r1");
    let fresh = Sandbox::shop();
    rollback(&fresh, &[]).exits(1).says("nothing was ever published");
    // What is undone already is no mistake.
    rollback(&sandbox, &["r2"]).success();
    rollback(&sandbox, &["r2"]).success().says("Nothing to undo");
    assert_eq!(sandbox.record("select count(*) from runs"), [["4"]]);
}

#[test]
fn without_a_terminal_it_shows_and_refuses() {
    let sandbox = edited();
    let before = sandbox.versions();
    let output = sandbox.dp(["rollback"]).exits(1).says("dp::cli::no_prompt");
    assert!(output.stdout.contains("staging.orders"), "{output}");
    assert_eq!(sandbox.versions(), before);
    let json = sandbox.dp(["rollback", "--json"]).exits(1).json();
    assert_eq!(json["errors"][0]["code"], "dp::cli::no_prompt");
}

#[test]
fn as_json() {
    let sandbox = edited();
    let json = rollback(&sandbox, &["--json"]).success().json();
    assert_eq!(json["run"], 3);
    assert_eq!(json["before"], 2);
    assert_eq!(json["undone"][0]["command"], "apply");
    assert_eq!(json["published"].as_array().expect("it works").len(), 2);
    assert_eq!(json["withdrawn"].as_array().expect("it works").len(), 0);
    assert_eq!(json["held_back"][0]["asset"], "staging.orders");
    assert_eq!(json["held_back"].as_array().expect("it works").len(), 1, "the reader only follows");
    let nothing = rollback(&sandbox, &["r2", "--json"]).success().json();
    assert!(nothing["run"].is_null());
}

#[test]
fn a_plan_saved_before_a_rollback_is_refused() {
    let sandbox = edited();
    sandbox.edit("assets/marts/revenue.toml", "sum(amount)", "max(amount)");
    sandbox.dp(["plan", "--out", "my.plan"]).success();
    rollback(&sandbox, &[]).success();
    sandbox.dp(["apply", "my.plan"]).exits(1).says("dp::plan::stale").says("`staging.orders` now publishes");
    // One that was saved afterwards does what it says.
    sandbox.dp(["plan", "--out", "my.plan"]).success();
    sandbox.dp(["apply", "my.plan"]).success();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,40\nbob,20\n");
    sandbox.dp(["apply", "my.plan", "--resume"]).exits(1).says("the file has its own --resume");
    sandbox.dp(["plan", "--resume", "--out", "my.plan"]).success();
    sandbox.dp(["apply", "my.plan"]).success();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,30\nbob,20\n");
}

#[test]
fn it_holds_the_lock_and_takes_it() {
    let sandbox = edited();
    let file = std::fs::File::options().read(true).append(true).open(sandbox.path(".dp/lock")).expect("it works");
    file.lock().expect("it works");
    rollback(&sandbox, &[]).exits(4).says("dp::store::locked");
}

#[test]
fn a_broken_project_can_be_rolled_back() {
    let sandbox = edited();
    sandbox.edit("assets/staging/orders.toml", "select id", "selec id");
    rollback(&sandbox, &[]).success();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,40\nbob,20\n");
}

#[test]
fn environments_have_a_past_of_their_own() {
    let sandbox = Sandbox::shop();
    let project = sandbox.read("dp.toml");
    sandbox.write("dp.toml", &format!("{project}\n[environments.dev]\n"));
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    rollback(&sandbox, &["r2"]).exits(1).says("`dp rollback r2 --env dev`");
    let prod = sandbox.versions();
    rollback(&sandbox, &["--env", "dev"]).success();
    assert_eq!(sandbox.versions(), prod);
    assert_eq!(sandbox.record("select count(*) from published where environment = 'dev'"), [["0"]]);
    // What dev rolled back is none of prod's business.
    sandbox.apply();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,30\nbob,20\n");
}

#[test]
fn the_past_can_be_asked() {
    let sandbox = Sandbox::shop();
    sandbox.sql_view();
    sandbox.past();
}

impl Sandbox {
    fn sql_view(&self) {
        self.write(
            "assets/marts/view.toml",
            "kind = \"sql\"\nmaterialize = \"view\"\nsql = \"select count(*) as n from staging.orders\"\n",
        );
    }

    fn past(&self) {
        self.apply();
        self.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
        self.edit("assets/marts/view.toml", "count(*) as n", "count(*) * 100 as n");
        self.apply();
        let at = |run: &str, sql: &str| self.dp(["query", "--at", run, sql, "--format", "csv"]);
        assert_eq!(self.query("from marts.view"), "n\n200\n");
        assert_eq!(at("r1", "from marts.view").success().stdout, "n\n3\n");
        assert_eq!(at("r1", "select count(*) as n from staging.orders").success().stdout, "n\n3\n");
        assert_eq!(at("r2", "from marts.view").success().stdout, "n\n200\n");
        rollback(self, &[]).success();
        assert_eq!(self.query("from marts.view"), "n\n3\n");
        assert_eq!(at("r2", "from marts.view").success().stdout, "n\n200\n");
        assert_eq!(at("r3", "from marts.view").success().stdout, "n\n3\n");
        at("r9", "from marts.view").exits(1).says("`r9` not found");
        at("1", "from marts.nothing").exits(1).says("`marts.nothing` was not published in prod after r1");
        std::fs::remove_file(self.path(&self.stored("staging.orders"))).expect("it works");
        at("r1", "from marts.view").exits(1).says("dp::cli::past_gone").says("is missing");
        assert_eq!(at("r2", "from marts.view").success().stdout, "n\n200\n");
    }
}
