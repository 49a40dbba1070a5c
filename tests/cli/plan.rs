//! `dp plan`: its JSON, saved plans, selection and exit codes.

use insta::assert_snapshot;
use serde::Deserialize;

use crate::sandbox::{Output, Sandbox, text};

/// The JSON of a plan, as DESIGN says it: a key more or less fails here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanJson {
    format_version: String,
    dp_version: String,
    project: String,
    environment: String,
    state_id: String,
    serial: u64,
    summary: Summary,
    estimate: Option<Forecast>,
    actions: Vec<Action>,
    drift: Vec<Drift>,
    warnings: Vec<Warning>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Summary {
    create: u64,
    rebuild: u64,
    maybe: u64,
    reuse: u64,
    check: u64,
    destroy: u64,
    unchanged: u64,
    held_back: u64,
    settings: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Action {
    asset: String,
    kind: Option<String>,
    #[serde(rename = "action")]
    what: String,
    reasons: Vec<Reason>,
    inputs: Vec<String>,
    estimate: Option<Estimate>,
    #[serde(default)]
    columns: Vec<String>,
    #[serde(default)]
    checks: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    code: String,
    detail: String,
    file: Option<String>,
    line: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Estimate {
    seconds: f64,
    #[serde(rename = "rows")]
    _rows: Option<u64>,
    #[serde(rename = "bytes")]
    _bytes: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Forecast {
    seconds: f64,
    jobs: usize,
    work_seconds: f64,
    #[serde(rename = "rows")]
    _rows: u64,
    #[serde(rename = "bytes")]
    _bytes: u64,
    longest_chain: Chain,
    without_history: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Chain {
    seconds: f64,
    assets: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drift {
    asset: String,
    what: String,
    path: String,
    mtime: Option<String>,
    action: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Warning {
    code: String,
    message: String,
    file: Option<String>,
    #[serde(rename = "line")]
    _line: Option<u64>,
    #[serde(rename = "column")]
    _column: Option<u64>,
}

fn parse(output: &Output) -> PlanJson {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{output}"))
}

/// The shop, applied once.
fn applied() -> Sandbox {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox
}

#[test]
fn json_of_a_first_plan() {
    let plan = parse(&Sandbox::shop().dp(["plan", "--json"]).success());
    assert_eq!(plan.format_version, "1.0");
    assert_eq!(plan.dp_version.split('.').count(), 3);
    assert_eq!((plan.project.as_str(), plan.environment.as_str(), plan.serial), ("shop", "prod", 0));
    assert_eq!(
        plan.summary,
        Summary {
            create: 3,
            ..Summary::default()
        }
    );
    let [source, staging, mart] = plan.actions.as_slice() else {
        panic!("three actions: {:?}", plan.actions);
    };
    assert_eq!((source.asset.as_str(), source.kind.as_deref()), ("raw.orders", Some("source")));
    assert_eq!((source.what.as_str(), source.reasons[0].code.as_str()), ("create", "new"));
    assert_eq!(staging.inputs, ["raw.orders"]);
    assert_eq!((mart.kind.as_deref(), mart.inputs.as_slice()), (Some("sql"), &["staging.orders".to_owned()][..]));
    assert!(plan.drift.is_empty() && plan.warnings.is_empty());
}

#[test]
fn json_of_every_action() {
    let sandbox = Sandbox::shop()
        .sql("marts.gone", "select 1 as a")
        .sql("marts.forth", "select 1 as a")
        .sql("marts.lost", "select 1 as a")
        .sql("marts.checked", "select 1 as a");
    sandbox.apply();
    sandbox.edit("assets/marts/forth.toml", "select 1", "select 2");
    sandbox.apply();
    sandbox.edit("assets/marts/forth.toml", "select 2", "select 1");
    sandbox.remove("assets/marts/gone.toml");
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.remove(&sandbox.stored("marts.lost"));
    let checked = sandbox.read("assets/marts/checked.toml");
    let sandbox = sandbox
        .file("assets/marts/checked.toml", &format!("{checked}\n[columns.a]\nchecks = [\"unique\"]\n"))
        .sql("marts.new", "select 1 as a");
    let output = sandbox.dp(["plan", "--json"]).success();
    let plan = parse(&output);
    let lines: Vec<_> = plan
        .actions
        .iter()
        .map(|action| {
            let reasons: Vec<_> = action
                .reasons
                .iter()
                .map(|reason| {
                    let place =
                        reason.file.as_ref().map(|file| format!(" @ {file}:{}", reason.line.unwrap_or_default()));
                    format!("{}: {}{}", reason.code, reason.detail, place.unwrap_or_default())
                })
                .collect();
            let rest = format!("{}{}", action.columns.join(""), action.checks.join(" "));
            let line = format!("{} {} ({}) {rest}", action.what, action.asset, reasons.join("; "));
            line.trim_end().to_owned()
        })
        .collect();
    let stored = &plan.drift[0].path;
    assert_snapshot!(lines.join("\n").replace(stored, "$STORED"), @r"
    check marts.checked (checks_due: unique(a): no result for this content) unique(a)
    reuse marts.forth (definition_changed: sql changed: `a` @ assets/marts/forth.toml:3)
    rebuild marts.lost (output_missing: $STORED is missing)
    create marts.new (new: not published here)
    rebuild staging.orders (definition_changed: sql changed: WHERE @ assets/staging/orders.toml:3)
    maybe marts.revenue (input_may_change: skipped if staging.orders does not change)
    destroy marts.gone (removed: no longer declared)
    ");
    let one = Summary {
        create: 1,
        rebuild: 2,
        maybe: 1,
        reuse: 1,
        check: 1,
        destroy: 1,
        unchanged: 1,
        held_back: 0,
        settings: 0,
    };
    assert_eq!(plan.summary, one);
    let forecast = plan.estimate.as_ref().expect("some of it was built before");
    assert!(forecast.jobs > 0 && forecast.seconds <= forecast.work_seconds);
    assert!(forecast.longest_chain.seconds <= forecast.seconds && !forecast.longest_chain.assets.is_empty());
    assert_eq!(forecast.without_history, 1);
    let estimated = plan.actions.iter().filter(|action| action.estimate.as_ref().is_some_and(|one| one.seconds >= 0.0));
    let estimated: Vec<_> = estimated.map(|action| action.asset.as_str()).collect();
    assert_eq!(estimated, ["marts.lost", "staging.orders", "marts.revenue"]);
    let [drift] = plan.drift.as_slice() else {
        panic!("one drift: {:?}", plan.drift);
    };
    assert_eq!(
        (drift.asset.as_str(), drift.what.as_str(), drift.action.as_str()),
        ("marts.lost", "missing", "rebuild")
    );
    assert!(drift.mtime.is_none());
    assert_eq!(plan.state_id.len(), 32);
    // The same plan, twice, is the same text.
    assert_eq!(sandbox.dp(["plan", "--json"]).stdout, output.stdout);
}

#[test]
fn all_lists_what_stays() {
    let sandbox = applied();
    assert_snapshot!(sandbox.dp(["plan", "--all"]), @r"
    Unchanged
        raw.orders
        staging.orders
        marts.revenue

    Nothing to do: 3 assets are up to date.
    [exit 0]
    ");
    let plan = parse(&sandbox.dp(["plan", "--all", "--json"]).success());
    let actions: Vec<_> = plan.actions.iter().map(|action| format!("{} {}", action.asset, action.what)).collect();
    assert_eq!(actions, ["raw.orders unchanged", "staging.orders unchanged", "marts.revenue unchanged"]);
}

#[test]
fn detailed_exit_code() {
    let sandbox = Sandbox::shop();
    assert_eq!(sandbox.dp(["plan"]).code, 0);
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 2);
    sandbox.apply();
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 0);
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode", "--json"]).code, 0);
    sandbox.write("dp.toml", "[project]\n");
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 1);
}

#[test]
fn planning_changes_nothing() {
    let sandbox = Sandbox::shop();
    sandbox.dp(["plan"]).success();
    sandbox.dp(["validate"]).success();
    assert!(!sandbox.path(".dp/state.db").exists());
    assert!(!sandbox.path("warehouse").exists());
}

#[test]
fn a_saved_plan_is_applied() {
    let sandbox = Sandbox::shop();
    assert_snapshot!(sandbox.dp(["plan", "--out", "first.plan"]), @r"
    Create
      + raw.orders      not published here
      + staging.orders  not published here
      + marts.revenue   not published here

    Plan: 3 to create.
    Next: dp apply first.plan
    [exit 0]
    ");
    // No question, so no --auto-approve.
    sandbox.dp(["apply", "first.plan"]).success().says("3 built");
    assert_eq!(sandbox.query("select count(*) as n from marts.revenue"), "n\n2\n");
}

#[test]
fn a_saved_plan_is_shown() {
    let sandbox = Sandbox::shop();
    let planned = sandbox.dp(["plan", "--out", "first.plan"]).success().stdout;
    let shown = sandbox.dp(["show", "first.plan"]).success().stdout;
    let steps = |text: &str| text.lines().filter(|line| line.starts_with("  ")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(steps(&shown), steps(&planned));
}

#[test]
fn a_saved_plan_is_applied_once() {
    let sandbox = Sandbox::shop();
    sandbox.dp(["plan", "--out", "first.plan"]).success();
    sandbox.dp(["apply", "first.plan"]).success();
    sandbox.dp(["apply", "first.plan"]).exits(1).says("dp::plan::stale");
}

/// A plan to rebuild `staging.orders`, saved.
fn saved() -> Sandbox {
    let sandbox = Sandbox::shop().sql("marts.other", "select 1 as a");
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.dp(["plan", "--out", "my.plan"]).success();
    sandbox
}

#[test]
fn stale_after_an_edit() {
    let sandbox = saved();
    sandbox.edit("assets/staging/orders.toml", "amount >= 20", "amount >= 30");
    assert_snapshot!(sandbox.dp(["apply", "my.plan"]), @r"
    --- stderr ---
    dp::plan::stale

      × the saved plan is out of date: the definition of `staging.orders` changed
      help: make a new plan: `dp plan --out my.plan`
    [exit 1]
    ");
    assert_eq!(sandbox.record("select count(*) from runs"), [["1"]], "a refused plan is no run");
}

#[test]
fn stale_after_an_edit_of_a_check() {
    let sandbox = saved();
    let toml = sandbox.read("assets/staging/orders.toml");
    sandbox.write("assets/staging/orders.toml", &format!("{toml}\n[columns.id]\nchecks = [\"unique\"]\n"));
    assert_snapshot!(sandbox.dp(["apply", "my.plan"]), @r"
    --- stderr ---
    dp::plan::stale

      × the saved plan is out of date: the checks of `staging.orders` changed
      help: make a new plan: `dp plan --out my.plan`
    [exit 1]
    ");
}

#[test]
fn stale_after_a_change_of_data() {
    let sandbox = saved();
    sandbox.edit("data/orders.csv", "2,bob,20", "2,bob,21");
    assert_snapshot!(sandbox.dp(["apply", "my.plan"]), @"
    --- stderr ---
    dp::plan::stale

      × the saved plan is out of date: the files of `raw.orders` changed
      │ (data/orders.csv)
      help: make a new plan: `dp plan --out my.plan`
    [exit 1]
    ");
}

#[test]
fn stale_after_another_apply() {
    let sandbox = saved();
    sandbox.apply();
    assert_snapshot!(sandbox.dp(["apply", "my.plan"]), @"
    --- stderr ---
    dp::plan::stale

      × the saved plan is out of date: `staging.orders` now publishes
      │ $VERSION, not $VERSION; `marts.revenue` now publishes
      │ $VERSION, not $VERSION
      help: make a new plan: `dp plan --out my.plan`
    [exit 1]
    ");
}

#[test]
fn stale_after_a_variable_changed() {
    let sandbox = Sandbox::shop()
        .file("dp.toml", "[project]\nname = \"shop\"\n\n[vars]\nleast = 10\n")
        .sql("staging.orders", "select * from raw.orders where amount >= ${var.least}");
    sandbox.dp(["plan", "--out", "my.plan"]).success();
    sandbox.edit("dp.toml", "least = 10", "least = 20");
    sandbox
        .dp(["apply", "my.plan"])
        .exits(1)
        .says("dp::plan::stale")
        .says("the definition of `staging.orders` changed");
}

#[test]
fn stale_in_another_state() {
    let sandbox = saved();
    std::fs::remove_dir_all(sandbox.path(".dp")).expect("removed");
    std::fs::remove_dir_all(sandbox.path("warehouse")).expect("removed");
    sandbox.edit("assets/staging/orders.toml", "amount >= 20", "amount >= 10");
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.dp(["apply", "my.plan"]).exits(1).says("dp::plan::stale");
}

#[test]
fn a_saved_plan_stands_when_something_else_moved() {
    let sandbox = Sandbox::shop().sql("marts.other", "select 1 as a");
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.dp(["plan", "--out", "my.plan", "staging.orders"]).success();
    sandbox.edit("assets/marts/other.toml", "select 1", "select 2");
    sandbox.dp(["apply", "--auto-approve", "marts.other"]).success();
    sandbox.dp(["apply", "my.plan"]).success().says("1 built");
}

#[test]
fn stale_when_an_input_outside_the_plan_moved() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.dp(["plan", "--out", "my.plan", "staging.orders"]).success();
    // Built anew and the same: no reason.
    sandbox.dp(["apply", "--auto-approve", "raw.orders", "--replace", "raw.orders"]).success();
    sandbox.dp(["plan", "--out", "other.plan", "staging.orders"]).success();
    sandbox.dp(["apply", "my.plan"]).success();

    sandbox.edit("assets/staging/orders.toml", "amount >= 20", "amount >= 25");
    sandbox.dp(["plan", "--out", "my.plan", "staging.orders"]).success();
    sandbox.edit("data/orders.csv", "cid,1", "cid,100");
    sandbox.dp(["apply", "--auto-approve", "raw.orders"]).success();
    sandbox
        .dp(["apply", "my.plan"])
        .exits(1)
        .says("dp::plan::stale")
        .says("the content of `raw.orders`, which `staging.orders` reads, changed");
}

#[test]
fn a_plan_that_is_no_plan() {
    let sandbox = Sandbox::shop().file("my.plan", "no plan").file("new.plan", "{\"format_version\": \"9.0\"}");
    assert_snapshot!(sandbox.dp(["apply", "my.plan"]), @"
    --- stderr ---
    dp::plan::unreadable

      × `my.plan` is not a valid saved plan: expected ident at line 1 column 2
      help: save a plan: `dp plan --out my.plan`
    [exit 1]
    ");
    assert_snapshot!(sandbox.dp(["apply", "new.plan"]), @"
    --- stderr ---
    dp::plan::unreadable

      × `new.plan` is not a valid saved plan: it has format 9.0, but this dp reads
      │ format 1.0
      help: save a plan: `dp plan --out new.plan`
    [exit 1]
    ");
    assert_snapshot!(sandbox.dp(["apply", "none.plan"]), @"
    --- stderr ---
    dp::graph::empty_selection

      × `none.plan` selects no asset
      help: correct the name, or save a plan with `dp plan --out none.plan`: no file
            and no asset has this name
    [exit 1]
    ");
}

#[test]
fn a_saved_plan_takes_no_other_arguments() {
    let sandbox = applied().file("dp.toml", "[project]\nname = \"shop\"\n\n[vars]\nleast = 10\n\n[environments.dev]\n");
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.dp(["plan", "--out", "my.plan"]).success();
    for arguments in [
        &["--replace", "raw.orders"][..],
        &["--env", "dev"],
        &["--var", "least=3"],
        &["--destroy"],
        &["--resume"],
        &["--keep-going"],
        &["raw.orders"],
    ] {
        let output = sandbox.dp(["apply", "my.plan", "--auto-approve"].iter().chain(arguments));
        assert_eq!(output.code, 1, "{arguments:?} is taken and not heeded:\n{output}");
        drop(output.says("a saved plan can't be combined with other arguments"));
    }
    sandbox.dp(["destroy", "my.plan", "-y"]).exits(1).says("the file has its own --destroy");
    // Also where what is asked for is what holds if nothing is said.
    sandbox.dp(["plan", "--env", "dev", "--out", "dev.plan"]).success();
    sandbox.dp(["apply", "dev.plan", "--env", "prod"]).exits(1).says("the file has its own --env");
    let mut command = sandbox.command(["apply", "dev.plan"]);
    let output = command.env("DP_ENV", "prod").output().expect("dp runs");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(sandbox.record("select count(*) from runs"), [["1"]]);
    // What says the same is no contradiction, and what the file says nothing of is heeded.
    let same = ["--env", "prod", "-y", "-j", "1", "--publish", "passed", "--wait", "1s", "--allow-withdraw", "--json"];
    sandbox.dp(["apply", "my.plan"].iter().chain(&same)).success();
}

/// Two chains with tags.
fn chains() -> Sandbox {
    Sandbox::shop()
        .asset("marts.other", "kind = \"sql\"\ntags = [\"daily\"]\nsql = \"select count(*) as n from raw.orders\"\n")
        .asset("marts.third", "kind = \"sql\"\ntags = [\"daily\", \"x\"]\nsql = \"select 3 as n\"\n")
}

#[track_caller]
fn assert_selects(sandbox: &Sandbox, selectors: &[&str], expected: &[&str]) {
    let actions = sandbox.actions_of(selectors.iter().copied());
    let names: Vec<_> = actions.iter().filter_map(|action| action.split(' ').next()).collect();
    assert_eq!(names, expected, "{selectors:?}");
}

#[test]
fn selection() {
    let sandbox = chains();
    assert_selects(&sandbox, &["raw.orders"], &["raw.orders"]);
    assert_selects(&sandbox, &["marts.third"], &["marts.third"]);
    assert_selects(&sandbox, &["+staging.orders"], &["raw.orders", "staging.orders"]);
    assert_selects(&sandbox, &["raw.orders+"], &["raw.orders", "marts.other", "staging.orders", "marts.revenue"]);
    assert_selects(&sandbox, &["+staging.orders+"], &["raw.orders", "staging.orders", "marts.revenue"]);
    assert_selects(
        &sandbox,
        &["+marts.*"],
        &["marts.third", "raw.orders", "marts.other", "staging.orders", "marts.revenue"],
    );
    assert_selects(&sandbox, &["+tag:daily"], &["marts.third", "raw.orders", "marts.other"]);
    assert_selects(&sandbox, &["tag:x", "raw.*"], &["marts.third", "raw.orders"]);
}

#[test]
fn selection_after_an_apply_counts_only_what_is_selected() {
    let sandbox = chains();
    sandbox.apply();
    sandbox.edit("data/orders.csv", "2,bob,20", "2,bob,21");
    assert_snapshot!(sandbox.dp(["plan", "raw.orders"]), @r"
    Rebuild
      ~ raw.orders  data/orders.csv changed

    Plan: 1 to rebuild.
    Next: dp apply raw.orders
    [exit 0]
    ");
    assert_selects(&sandbox, &["marts.third"], &[]);
}

#[test]
fn a_selection_that_matches_nothing() {
    let sandbox = chains();
    assert_snapshot!(sandbox.dp(["plan", "staging.order"]), @r"
    --- stderr ---
    dp::graph::empty_selection

      × `staging.order` selects no asset
      help: did you mean `staging.orders`?
    [exit 1]
    ");
    assert_snapshot!(sandbox.dp(["plan", "stagin.*"]), @r"
    --- stderr ---
    dp::graph::empty_selection

      × `stagin.*` selects no asset
      help: did you mean `staging.*`?
    [exit 1]
    ");
    assert_snapshot!(sandbox.dp(["plan", "tag:dayly"]), @r"
    --- stderr ---
    dp::graph::empty_selection

      × `tag:dayly` selects no asset
      help: did you mean `tag:daily`?
    [exit 1]
    ");
    assert_snapshot!(sandbox.dp(["plan", "+revenue"]), @r"
    --- stderr ---
    dp::graph::empty_selection

      × `+revenue` selects no asset
      help: did you mean `marts.revenue`?
    [exit 1]
    ");
}

#[test]
fn an_input_outside_the_selection_that_was_never_built() {
    let sandbox = Sandbox::shop();
    assert_snapshot!(sandbox.dp(["plan", "marts.revenue"]), @r"
    --- stderr ---
    dp::plan::unpublished_input

      × `staging.orders` was never built, and is not selected
      help: select `+marts.revenue` to build its upstream too
    [exit 1]
    ");
    sandbox.dp(["apply", "--auto-approve", "marts.revenue"]).exits(1);
    assert!(!sandbox.path("warehouse/prod").exists());
    sandbox.dp(["apply", "--auto-approve", "+marts.revenue"]).success();
}

#[test]
fn an_input_outside_the_selection_that_is_due() {
    let sandbox = applied();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.edit("assets/marts/revenue.toml", "sum(amount)", "max(amount)");
    assert_snapshot!(sandbox.dp(["plan", "marts.revenue"]), @"
    Rebuild
      ~ marts.revenue  sql changed: `revenue`  assets/marts/revenue.toml:3
          column `revenue` is BIGINT and was HUGEINT
            - select customer, sum(amount) as revenue from staging.orders group by c
            - ustomer
          3 + select customer, max(amount) as revenue from staging.orders group by c
            + ustomer

    Warnings
      ! `marts.revenue` would read the published version of `staging.orders`,
        although the plan would rebuild it; select `+marts.revenue` to build its
        upstream too
        assets/marts/revenue.toml  dp::plan::input_due

    Plan: 1 to rebuild.
    Next: dp apply marts.revenue
    [exit 0]
    ");
    let plan = parse(&sandbox.dp(["plan", "marts.revenue", "--json"]).success());
    assert_eq!(plan.warnings[0].code, "dp::plan::input_due");
    assert!(plan.warnings[0].message.contains("+marts.revenue"), "{}", plan.warnings[0].message);
    assert_eq!(plan.warnings[0].file.as_deref(), Some("assets/marts/revenue.toml"));
    sandbox.dp(["apply", "--auto-approve", "marts.revenue"]).success();
    // It read what was published.
    assert_eq!(sandbox.query("from marts.revenue order by all"), "customer,revenue\nann,30\nbob,20\n");
    let inputs = sandbox.record(
        "select lineage.input, lineage.input_version = published.version from lineage
         join published on published.asset = lineage.input and published.environment = 'prod'
         where lineage.asset = 'marts.revenue' and lineage.run = 'r2'",
    );
    assert_eq!(inputs, [["staging.orders", "1"]]);
}

#[test]
fn destroy() {
    let sandbox = applied();
    assert_snapshot!(sandbox.dp(["plan", "--destroy"]), @r"
    Destroy (no longer published)
      - marts.revenue   requested with --destroy
      - raw.orders      requested with --destroy
      - staging.orders  requested with --destroy

    Plan: 3 to destroy.
    Next: dp apply --destroy
    [exit 0]
    ");
    sandbox.dp(["destroy"]).exits(1).says("dp::cli::no_prompt");
    assert_snapshot!(sandbox.dp(["destroy", "--auto-approve"]), @r"
    Destroy (no longer published)
      - marts.revenue   requested with --destroy
      - raw.orders      requested with --destroy
      - staging.orders  requested with --destroy

    Plan: 3 to destroy.
    Done: 3 destroyed, published as run r2 in [TIME].
    Next: dp status
    --- stderr ---
      destroyed  marts.revenue
      destroyed  raw.orders
      destroyed  staging.orders
    [exit 0]
    ");
    assert!(sandbox.versions().is_empty());
    assert_eq!(sandbox.tree("warehouse/prod").iter().filter(|path| path.ends_with(".parquet")).count(), 0);
    // What was built is kept until `gc`, so declaring it again costs nothing.
    let plan = sandbox.dp(["plan"]).success().says("Plan: 3 to reuse.");
    assert!(!plan.stdout.contains("never built"), "it was:\n{plan}");
}

#[test]
fn destroy_of_a_selection() {
    let sandbox = applied();
    sandbox.dp(["apply", "--destroy", "--auto-approve", "marts.*"]).success();
    assert_eq!(sandbox.versions().into_keys().collect::<Vec<_>>(), ["raw.orders", "staging.orders"]);
}

#[test]
fn protect() {
    let sandbox = Sandbox::shop();
    sandbox.edit("assets/staging/orders.toml", "kind = \"sql\"", "kind = \"sql\"\nprotect = true");
    sandbox.apply();
    assert_snapshot!(sandbox.dp(["plan", "--destroy"]), @"
    --- stderr ---
    dp::plan::protected

      × `staging.orders` is protected, and the plan would destroy it
      help: exclude it from the selection; or remove `protect = true`, run `dp
            apply`, and destroy it afterwards
    [exit 1]
    ");
    sandbox.dp(["destroy", "--auto-approve"]).exits(1);
    assert_eq!(sandbox.versions().len(), 3);
    sandbox.dp(["destroy", "--auto-approve", "marts.revenue"]).success();
}

#[test]
fn protect_when_the_declaration_goes() {
    // The file that said `protect` is gone, and dp remembers.
    let sandbox = Sandbox::shop().asset("marts.kept", "kind = \"sql\"\nprotect = true\nsql = \"select 1 as a\"\n");
    sandbox.apply();
    sandbox.remove("assets/marts/kept.toml");
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("dp::plan::protected");
    assert!(sandbox.versions().contains_key("marts.kept"), "a protected asset is never destroyed");
}

#[test]
fn a_changed_schema_is_told_in_the_plan() {
    let sandbox = applied();
    sandbox.edit(
        "assets/staging/orders.toml",
        "select id, customer, amount",
        "select customer, amount::double as amount, 1 as one",
    );
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ staging.orders  sql changed: `amount`, `one` added, `id` removed
                        assets/staging/orders.toml:3
          column `amount` is DOUBLE and was BIGINT
          column `one` added
          column `id` removed
            - select id, customer, amount from raw.orders where amount >= 10
          3 + select customer, amount::double as amount, 1 as one from raw.orders wh
            + ere amount >= 10
      ~ marts.revenue   staging.orders changed: column `amount` is DOUBLE and was
                        BIGINT; column `one` added; column `id` removed

    Plan: 2 to rebuild, 1 unchanged.
    Next: dp apply
    [exit 0]
    ");
}

#[test]
fn warnings_of_what_depends_on_time() {
    let sandbox = Sandbox::shop().sql("marts.today", "select now() as moment");
    assert_snapshot!(sandbox.plan(), @"
    Create
      + marts.today     not published here
      + raw.orders      not published here
      + staging.orders  not published here
      + marts.revenue   not published here

    Warnings
      ! the result of `marts.today` depends on the time of the build: `now` depends
        on when it runs
        assets/marts/today.toml:3:8  dp::sql::unstable

    Plan: 4 to create.
    Next: dp apply
    [exit 0]
    ");
    let plan = parse(&sandbox.dp(["plan", "--json"]).success());
    assert_eq!(plan.warnings[0].code, "dp::sql::unstable");
    let validated = sandbox.dp(["validate", "--json"]).success().json();
    assert_eq!(text(&validated["warnings"][0]["code"]), "dp::sql::unstable");
}
