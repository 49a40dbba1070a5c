//! An asset under another name: `moved_from` and `dp state mv`. Its version is kept, nothing is built.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

fn applied() -> Sandbox {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox
}

/// Renames `marts.revenue` to `marts.income`, with or without saying so in its file.
fn rename(sandbox: &Sandbox, says_so: bool) {
    let toml = sandbox.read("assets/marts/revenue.toml");
    sandbox.remove("assets/marts/revenue.toml");
    let moved = if says_so { "moved_from = \"marts.revenue\"\n" } else { "" };
    sandbox.write("assets/marts/income.toml", &format!("{moved}{toml}"));
}

fn assert_nothing_to_do(sandbox: &Sandbox) {
    sandbox.dp(["plan", "--detailed-exitcode"]).success();
}

#[test]
fn an_asset_that_was_renamed_is_not_built_again() {
    let sandbox = applied();
    let before = sandbox.record("select content from published where asset = 'marts.revenue'");
    rename(&sandbox, true);
    assert_snapshot!(sandbox.dp(["plan"]), @"
    Reuse (built before; only published)
      = marts.income  renamed from marts.revenue
          version $VERSION

    Plan: 1 to reuse, 2 unchanged.
    Next: dp apply
    [exit 0]
    ");
    assert_eq!(sandbox.actions(), ["marts.income reuse [moved]"]);
    sandbox.apply().says("reused");
    assert_eq!(sandbox.record("select content from published where asset = 'marts.income'"), before);
    assert!(!sandbox.versions().contains_key("marts.revenue"));
    assert_eq!(sandbox.query("select count(*) as n from marts.income"), "n\n2\n");
    assert!(sandbox.path("warehouse/prod/marts/income.parquet").exists());
    assert!(!sandbox.path("warehouse/prod/marts/revenue.parquet").exists());
    // The line may stay, and acts no more.
    assert_nothing_to_do(&sandbox);
    let events = sandbox.record("select asset, data ->> 'from' from events where event = 'moved'");
    assert_eq!(events, [["marts.income", "marts.revenue"]]);
    sandbox.dp(["check", "--deep"]).success();
}

#[test]
fn a_renamed_asset_is_not_built_if_its_rebuilt_input_has_the_same_rows() {
    let sandbox = applied();
    rename(&sandbox, true);
    let replace = ["--replace", "staging.orders"];
    let actions = sandbox.actions_of(replace);
    assert_eq!(actions, ["staging.orders rebuild [forced]", "marts.income rebuild [moved]"]);
    let output = sandbox.dp(["apply", "--auto-approve"].into_iter().chain(replace)).success();
    output.says("reused     marts.income");
    assert_eq!(sandbox.query("select count(*) as n from marts.income"), "n\n2\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn each_environment_moves_by_itself() {
    let sandbox = Sandbox::shop();
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n\n[environments.dev]\n");
    sandbox.apply();
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    rename(&sandbox, true);
    sandbox.apply();
    assert_eq!(sandbox.actions_of(["--env", "dev"]), ["marts.income reuse [moved]"]);
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    sandbox.dp(["plan", "--detailed-exitcode", "--env", "dev"]).success();
    assert_nothing_to_do(&sandbox);
}

#[test]
fn renamed_and_edited_is_built_under_the_new_name() {
    let sandbox = applied();
    rename(&sandbox, true);
    sandbox.edit("assets/marts/income.toml", "sum(amount)", "sum(amount) + 1");
    assert_eq!(sandbox.actions(), ["marts.income rebuild [moved, definition_changed]"]);
    sandbox.apply();
    assert!(!sandbox.versions().contains_key("marts.revenue"));
    assert_eq!(sandbox.query("select revenue from marts.income where customer = 'bob'"), "revenue\n21\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn an_export_that_is_renamed_stays_where_it_is() {
    let sandbox = Sandbox::shop();
    let export =
        "kind = \"sql\"\nsql = \"from marts.revenue order by customer\"\nmaterialize = { file = \"out/r.csv\" }\n";
    let sandbox = sandbox.asset("out.revenue", export);
    sandbox.apply();
    let text = sandbox.read("out/r.csv");
    sandbox.remove("assets/out/revenue.toml");
    sandbox.write("assets/out/income.toml", &format!("moved_from = \"out.revenue\"\n{export}"));
    sandbox.apply();
    assert_eq!(sandbox.read("out/r.csv"), text);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_protected_asset_may_be_renamed() {
    let sandbox = Sandbox::shop();
    let toml = sandbox.read("assets/marts/revenue.toml");
    sandbox.write("assets/marts/revenue.toml", &format!("protect = true\n{toml}"));
    sandbox.apply();
    rename(&sandbox, true);
    sandbox.apply();
    sandbox.remove("assets/marts/income.toml");
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("dp::plan::protected");
}

#[test]
fn renamed_by_hand() {
    let sandbox = applied();
    rename(&sandbox, false);
    assert_eq!(sandbox.actions(), ["marts.income create [new]", "marts.revenue destroy [removed]"]);
    let output = sandbox.dp(["state", "mv", "marts.revenue", "marts.income", "--reason", "clearer"]).success();
    assert_snapshot!(output, @"
    Renamed marts.revenue to marts.income (run r2).
    [exit 0]
    ");
    assert_nothing_to_do(&sandbox);
    let events = sandbox.record("select data ->> 'from', data ->> 'reason' from events where event = 'moved'");
    assert_eq!(events, [["marts.revenue", "clearer"]]);
}

#[test]
fn what_can_not_be_moved() {
    let sandbox = applied();
    let mv = |old: &str, new: &str| sandbox.dp(["state", "mv", old, new, "--reason", "x"]).exits(1);
    mv("marts.revenue", "marts.income").says("dp::cli::still_declared");
    mv("marts.none", "marts.income").says("`marts.none` not found");
    let toml = sandbox.read("assets/marts/revenue.toml");
    sandbox.remove("assets/marts/revenue.toml");
    mv("marts.revenue", "marts.income").says("`marts.income` not found");
    mv("marts.revenue", "staging.orders").says("dp::cli::already_published");
    sandbox.write("assets/marts/income.toml", &format!("materialize = \"view\"\n{toml}"));
    mv("marts.revenue", "marts.income").says("dp::cli::kept_otherwise");
}

#[test]
fn former_names_that_can_not_be() {
    let sandbox = applied();
    let toml = sandbox.read("assets/marts/revenue.toml");
    sandbox.write("assets/marts/income.toml", &format!("moved_from = 7\n{toml}"));
    sandbox.dp(["plan"]).exits(1).says("a string, or an array of strings");
    sandbox.write("assets/marts/income.toml", &format!("moved_from = \"marts.income\"\n{toml}"));
    sandbox.dp(["plan"]).exits(1).says("is the asset's current name");
    sandbox.remove("assets/marts/revenue.toml");
    sandbox.write("assets/marts/income.toml", &format!("moved_from = \"marts.revenue\"\n{toml}"));
    sandbox.write("assets/marts/money.toml", &format!("moved_from = \"marts.revenue\"\n{toml}"));
    sandbox.dp(["plan"]).exits(1).says("was already renamed to `marts.income`");
}

#[test]
fn a_selection_moves_only_what_it_names() {
    let sandbox = applied().sql("marts.top", "select max(revenue) as most from marts.revenue");
    sandbox.apply();
    rename(&sandbox, true);
    sandbox.edit("assets/marts/top.toml", "marts.revenue", "marts.income");
    sandbox.dp(["plan", "marts.top"]).exits(1).says("`marts.income` was never built, and is not selected");
    sandbox.dp(["apply", "--auto-approve", "staging.orders"]).success();
    assert!(sandbox.versions().contains_key("marts.revenue"), "neither moved nor destroyed");
    let before = sandbox.versions()["marts.top"].clone();
    sandbox.apply();
    assert_eq!(sandbox.query("select most from marts.top"), "most\n40\n");
    assert_ne!(sandbox.versions()["marts.top"], before, "its query was edited, so it is built again");
    assert_nothing_to_do(&sandbox);
}

fn constant(moved: &str, value: &str) -> String {
    format!("kind = \"sql\"\n{moved}sql = \"select {value} as a\"\n")
}

fn builds(sandbox: &Sandbox, run: &str) -> Vec<Vec<String>> {
    sandbox.record(&format!("select asset, outcome from steps where run = '{run}' order by asset"))
}

#[test]
fn an_environment_that_missed_a_rename() {
    let sandbox = Sandbox::new().asset("t.one", &constant("", "1"));
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n\n[environments.dev]\n");
    sandbox.apply();
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    sandbox.remove("assets/t/one.toml");
    sandbox.write("assets/t/two.toml", &constant("moved_from = \"t.one\"\n", "1"));
    sandbox.apply();
    sandbox.remove("assets/t/two.toml");
    sandbox.write("assets/t/three.toml", &constant("moved_from = [\"t.two\", \"t.one\"]\n", "1"));
    assert_eq!(sandbox.actions(), ["t.three reuse [moved]"]);
    sandbox.apply();
    assert_eq!(sandbox.actions_of(["--env", "dev"]), ["t.three reuse [moved]"]);
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    sandbox.dp(["plan", "--detailed-exitcode", "--env", "dev"]).success();
    assert_nothing_to_do(&sandbox);
    assert_eq!(sandbox.record("select count(*) from effects where kind = 'made' and run = 'r1'"), [["1"]]);
}

#[test]
fn two_assets_swap_their_names() {
    let sandbox = Sandbox::new().asset("t.a", &constant("", "1")).asset("t.b", &constant("", "2"));
    sandbox.apply();
    sandbox.write("assets/t/a.toml", &constant("moved_from = \"t.b\"\n", "2"));
    sandbox.write("assets/t/b.toml", &constant("moved_from = \"t.a\"\n", "1"));
    assert_eq!(sandbox.actions(), ["t.a reuse [moved]", "t.b reuse [moved]"]);
    sandbox.apply();
    assert_eq!(builds(&sandbox, "r2"), [["t.a", "reused"], ["t.b", "reused"]]);
    assert_eq!(sandbox.query("from t.a"), "a\n2\n");
    assert_eq!(sandbox.query("from t.b"), "a\n1\n");
    // It acts once.
    assert_nothing_to_do(&sandbox);
    sandbox.edit("assets/t/a.toml", "select 2", "select 3");
    assert_eq!(sandbox.actions(), ["t.a rebuild [definition_changed]"]);
    sandbox.apply();
    assert_nothing_to_do(&sandbox);
    // It can be taken back like any other run.
    sandbox.dp(["rollback", "r2", "--auto-approve"]).success();
    assert_eq!(sandbox.query("from t.a"), "a\n1\n");
    sandbox.dp(["check", "--deep"]).success();
}

#[test]
fn an_environment_that_is_new_swaps_nothing() {
    let sandbox = Sandbox::new()
        .asset("t.a", &constant("moved_from = \"t.b\"\n", "2"))
        .asset("t.b", &constant("moved_from = \"t.a\"\n", "1"));
    sandbox.apply();
    assert_nothing_to_do(&sandbox);
}

#[test]
fn half_a_swap_is_a_build() {
    let sandbox = Sandbox::new().asset("t.a", &constant("", "1")).asset("t.b", &constant("", "2"));
    sandbox.apply();
    sandbox.write("assets/t/a.toml", &constant("moved_from = \"t.b\"\n", "2"));
    sandbox.write("assets/t/b.toml", &constant("moved_from = \"t.a\"\n", "1"));
    assert_eq!(sandbox.actions_of(["t.a"]), ["t.a rebuild [definition_changed]"]);
    sandbox.dp(["apply", "--auto-approve", "t.a"]).success();
    assert_eq!(sandbox.query("from t.b"), "a\n2\n", "it is not selected");
    sandbox.apply();
    assert_eq!(sandbox.query("from t.b"), "a\n1\n");
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_name_that_is_used_again() {
    let sandbox = Sandbox::new().asset("t.old", &constant("", "1"));
    sandbox.apply();
    sandbox.write("assets/t/new.toml", &constant("moved_from = \"t.old\"\n", "1"));
    sandbox.write("assets/t/old.toml", &constant("", "2"));
    assert_eq!(sandbox.actions(), ["t.new reuse [moved]", "t.old create [new]"]);
    sandbox.apply();
    assert_eq!(sandbox.query("from t.new"), "a\n1\n");
    assert_eq!(sandbox.query("from t.old"), "a\n2\n");
    assert_nothing_to_do(&sandbox);
    // Also along a chain.
    sandbox.remove("assets/t/old.toml");
    sandbox.write("assets/t/old.toml", &constant("", "3"));
    sandbox.write("assets/t/new.toml", &constant("moved_from = \"t.old\"\n", "2"));
    sandbox.write("assets/t/newest.toml", &constant("moved_from = \"t.new\"\n", "1"));
    assert_eq!(sandbox.actions()[0], "t.new create [new]", "it took over once already");
    sandbox.apply();
    for (asset, value) in [("t.old", 3), ("t.new", 2), ("t.newest", 1)] {
        assert_eq!(sandbox.query(&format!("from {asset}")), format!("a\n{value}\n"));
    }
    assert_nothing_to_do(&sandbox);
}
