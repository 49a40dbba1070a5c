//! Undo: what was published before a run comes back, and what was undone does not come back unasked.

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
    An apply publishes what was undone only if it is edited, or with --resume.
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
    // Both versions that were undone are held back, whichever the definitions ask for.
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("dp::plan::held_back");
    sandbox.edit("assets/marts/revenue.toml", "max(amount)", "sum(amount)");
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("`staging.orders` and `marts.revenue` would come back");
}

#[test]
fn a_plan_afterwards_says_what_the_definitions_ask_for() {
    let sandbox = edited();
    rollback(&sandbox, &[]).success();
    insta::assert_snapshot!(sandbox.plan(), @"
    Held back (rolled back; `dp apply --resume` publishes it again)
      = staging.orders  sql changed: WHERE  assets/staging/orders.toml:3
                        r3 rolled $VERSION back
          version $VERSION
            - select id, customer, amount from raw.orders where amount >= 10
          3 + select id, customer, amount from raw.orders where amount >= 20
      = marts.revenue   staging.orders changed
                        r3 rolled $VERSION back
          version $VERSION

    Plan: 1 unchanged, 2 held back.
    [exit 0]
    ");
    assert_eq!(
        sandbox.actions(),
        ["staging.orders reuse [definition_changed, rolled_back]", "marts.revenue reuse [input_changed, rolled_back]"]
    );
    let plan = sandbox.dp(["plan", "--json"]).json();
    assert_eq!(plan["actions"][0]["held_back"], true);
    sandbox.dp(["plan", "--detailed-exitcode"]).exits(2);
}

#[test]
fn a_timer_does_not_publish_it_again() {
    let sandbox = edited();
    rollback(&sandbox, &[]).success();
    let before = sandbox.versions();
    insta::assert_snapshot!(sandbox.dp(["apply", "--auto-approve"]).exits(1), @"
    --- stderr ---
    dp::plan::held_back

      × `staging.orders` and `marts.revenue` would come back, and r3 rolled them
      │ back
      help: edit the definition that was wrong; `dp apply --resume` publishes them
            again as they are; `dp apply ASSET` applies others alone
    [exit 1]
    ");
    assert_eq!(sandbox.versions(), before);
    assert_eq!(sandbox.record("select count(*) from runs"), [["3"]]);
    // Others can be applied meanwhile.
    sandbox.write("assets/marts/count.toml", "kind = \"sql\"\nsql = \"select count(*) as n from raw.orders\"\n");
    sandbox.dp(["apply", "--auto-approve"]).exits(1);
    sandbox.dp(["apply", "--auto-approve", "marts.count"]).success();
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
    // What comes after is decided by what comes out: these are the rows that were rolled back.
    let output = sandbox.dp(["apply", "--auto-approve"]).exits(3).says("r3 rolled it back");
    assert!(output.to_string().contains("--resume"), "{output}");
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,40\nbob,20\n");
    sandbox.edit("assets/staging/orders.toml", "amount >= 15", "amount >= 30");
    sandbox.apply();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,30\n");
    // Going back to what was rolled back still needs to be asked for.
    sandbox.edit("assets/staging/orders.toml", "amount >= 30", "amount >= 20");
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("dp::plan::held_back");
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
fn rows_that_were_rolled_back_come_in_no_other_way() {
    // The data was bad, not the definition: a run by a timer would take it in again.
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let good = sandbox.read("data/orders.csv");
    sandbox.write("data/orders.csv", "id,customer,amount\n1,ann,-1000\n2,bob,20\n");
    sandbox.apply();
    rollback(&sandbox, &[]).success();
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("`raw.orders`");
    sandbox.write("data/orders.csv", &good);
    assert!(sandbox.plan().contains("Nothing to do"), "{}", sandbox.plan());
    sandbox.write("data/orders.csv", "id,customer,amount\n1,ann,70\n");
    sandbox.apply();
    assert_eq!(revenue(&sandbox), "customer,revenue\nann,70\n");
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
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("`marts.count` and `marts.revenue`");
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
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("dp::plan::held_back");
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
    rollback(&sandbox, &[]).exits(1).says("`raw.orders`: it is read in place, and data/orders.csv is not what it was");
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
    rollback(&sandbox, &["r9"]).exits(1).says("nothing is called `r9`");
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
    assert_eq!(json["held_back"].as_array().expect("it works").len(), 2);
    let nothing = rollback(&sandbox, &["r2", "--json"]).success().json();
    assert!(nothing["run"].is_null());
}

#[test]
fn a_plan_saved_before_a_rollback_is_refused() {
    let sandbox = edited();
    sandbox.edit("assets/marts/revenue.toml", "sum(amount)", "max(amount)");
    sandbox.dp(["plan", "--out", "my.plan"]).success();
    rollback(&sandbox, &[]).success();
    sandbox.dp(["apply", "my.plan"]).exits(1).says("dp::plan::stale").says("`staging.orders` now has");
    // One that was saved afterwards needs to be told so too.
    sandbox.dp(["plan", "--out", "my.plan"]).success();
    sandbox.dp(["apply", "my.plan"]).exits(1).says("dp::plan::held_back");
    sandbox.dp(["apply", "my.plan", "--resume"]).success();
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
        at("r9", "from marts.view").exits(1).says("nothing is called `r9`");
        at("1", "from marts.nothing").exits(1).says("`marts.nothing` was not published in prod after r1");
        std::fs::remove_file(self.path(&self.stored("staging.orders"))).expect("it works");
        at("r1", "from marts.view").exits(1).says("dp::cli::past_gone").says("is missing");
        assert_eq!(at("r2", "from marts.view").success().stdout, "n\n200\n");
    }
}
