//! `dp status`: every asset, with what changed and whose it is.

use serde_json::json;

use crate::sandbox::Sandbox;

fn shop() -> Sandbox {
    let sandbox = Sandbox::shop();
    let toml = format!(
        "owner = \"finance\"\nmaterialize = {{ file = \"out/revenue.csv\" }}\n{}",
        sandbox.read("assets/marts/revenue.toml")
    );
    sandbox.write("assets/marts/revenue.toml", &toml);
    sandbox
}

#[test]
fn owner_and_drift_are_shown_where_there_are_any() {
    let sandbox = shop();
    sandbox.apply();
    insta::assert_snapshot!(sandbox.dp(["status"]).success(), @r"
    asset           state      age   rows   size  checks  owner
    ─────────────────────────────────────────────────────────────
    marts.revenue   published  [TIME]     2 [SIZE]          finance
    raw.orders      published  [TIME]     4 [SIZE]
    staging.orders  published  [TIME]     3 [SIZE]
    [exit 0]
    ");
    std::fs::write(sandbox.path("out/revenue.csv"), "by hand\n").expect("the file");
    insta::assert_snapshot!(sandbox.dp(["status"]).success(), @r"
    asset           state      age   rows   size  checks  drift    owner
    ──────────────────────────────────────────────────────────────────────
    marts.revenue   published  [TIME]     2 [SIZE]          changed  finance
    raw.orders      published  [TIME]     4 [SIZE]
    staging.orders  published  [TIME]     3 [SIZE]
    [exit 0]
    ");

    let status = sandbox.dp(["status", "--json"]).success().json();
    let of = |asset: &str| {
        let assets = status["assets"].as_array().expect("a list");
        assets.iter().find(|found| found["asset"] == asset).expect("the asset").clone()
    };
    assert_eq!(of("marts.revenue")["drift"], json!([{ "what": "changed", "path": "out/revenue.csv" }]));
    assert_eq!(of("raw.orders")["drift"], json!([]));
    assert_eq!(of("marts.revenue")["owner"], "finance");
}

#[test]
fn it_fits_the_screen() {
    let sandbox = shop();
    let toml = sandbox.read("assets/marts/revenue.toml").replace("finance", "the people who count what comes in");
    sandbox.write("assets/marts/revenue.toml", &toml);
    sandbox.apply();
    let narrow = sandbox.dp(["status"]).success().stdout;
    assert!(narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
    assert!(!narrow.contains("the people"), "there is no room:\n{narrow}");
    let wide = sandbox.command(["status"]).env("COLUMNS", "120").output().expect("dp runs").stdout;
    assert!(String::from_utf8_lossy(&wide).contains("the people who count what comes in"));
}

/// A table with a check of which the failures depend on another table.
fn checked(severity: &str) -> Sandbox {
    Sandbox::new().file("data/known.csv", "id\n1\n2\n").source("raw.known", "data/known.csv").asset(
        "t.rows",
        &format!(
            "kind = \"sql\"\nsql = \"select unnest([1, 2]) as id\"\n\n[[checks]]\n\
             references = {{ columns = [\"id\"], asset = \"raw.known\", to = [\"id\"] }}\nseverity = \"{severity}\"\n"
        ),
    )
}

fn checks(sandbox: &Sandbox) -> (String, String) {
    let status = sandbox.dp(["status", "--json"]).success().json();
    let row = &status["assets"][1]["checks"][0];
    (crate::sandbox::text(&row["outcome"]).to_owned(), crate::sandbox::text(&row["severity"]).to_owned())
}

#[test]
fn results_are_those_of_what_is_published() {
    let sandbox = checked("error");
    sandbox.apply();
    sandbox.write("data/known.csv", "id\n1\n");
    sandbox.dp(["apply", "--auto-approve"]).exits(3);
    assert_eq!(checks(&sandbox), ("passed".into(), "error".into()), "what failed was not published");
    sandbox.write("data/known.csv", "id\n1\n2\n");
    sandbox.dp(["plan", "--detailed-exitcode"]).success().says("Nothing to do");
    sandbox.dp(["status"]).success().says("1 passed");
    sandbox.dp(["show", "t.rows"]).success().says("passed");
}

#[test]
fn a_later_apply_loses_no_result() {
    let sandbox = checked("warn");
    sandbox.write("data/known.csv", "id\n1\n");
    sandbox.apply().says("1 row fails, in 1 group");
    sandbox.dp(["status"]).success().says("1 warn");
    // Another version with the same rows: the check is not due again, and its result stands.
    sandbox.edit("assets/t/rows.toml", "select unnest([1, 2]) as id", "select unnest([1, 2]) as id where true");
    sandbox.apply();
    sandbox.dp(["status"]).success().says("1 warn");
    sandbox.edit("assets/t/rows.toml", "[[checks]]", "[columns.id]\nchecks = [\"not_null\"]\n\n[[checks]]");
    sandbox.apply();
    sandbox.dp(["status"]).success().says("1 passed, 1 warn");
}

#[test]
fn a_result_belongs_to_the_check_and_its_severity_to_the_declaration() {
    let sandbox = checked("warn");
    sandbox.write("data/known.csv", "id\n1\n");
    sandbox.apply();
    assert_eq!(checks(&sandbox), ("failed".into(), "warn".into()));
    sandbox.edit("assets/t/rows.toml", "\"warn\"", "\"error\"");
    let plan = sandbox.dp(["plan"]).success();
    plan.says("failed on this content, which blocks publishing").says("`severity of references(id -> raw.known)`");
    sandbox.dp(["apply", "--auto-approve"]).exits(3);
    sandbox.dp(["check"]).exits(3);
    assert_eq!(checks(&sandbox), ("failed".into(), "error".into()));
    sandbox.edit("assets/t/rows.toml", "\"error\"", "\"warn\"");
    sandbox.dp(["plan", "--detailed-exitcode"]).success().says("Nothing to do");
    sandbox.dp(["status"]).success().says("1 warn");
    assert_eq!(checks(&sandbox), ("failed".into(), "warn".into()));
}

#[test]
fn a_broken_project_still_has_its_results() {
    let sandbox = checked("error");
    sandbox.apply();
    sandbox.write("assets/t/broken.toml", "kind = \"sql\"\nsql = \"selec\"\n");
    sandbox.dp(["status"]).success().says("1 passed");
}

#[test]
fn a_version_from_the_future_is_stale_and_says_so() {
    let mut sandbox = Sandbox::new()
        .asset("t.a", "kind = \"sql\"\nrefresh = \"24h\"\nsql = \"select 1 as a\"\n")
        .sql("t.b", "select 2");
    sandbox.now("2027-11-30T08:00:00Z");
    sandbox.apply();
    sandbox.now("2026-11-30T08:00:00Z");
    sandbox.dp(["status"]).success().says("built in the future");
    assert_eq!(sandbox.actions(), ["t.a rebuild [stale]"]);
    sandbox.dp(["plan"]).success().says("built at [TIME .............], which is in the future");
    sandbox.apply().says("1 built");
    assert!(sandbox.plan().contains("Nothing to do"));
    // A version in the store that is from the future is not published again instead.
    sandbox.dp(["rollback", "r1", "--auto-approve"]).success();
    sandbox.dp(["apply", "--auto-approve", "--resume"]).success();
    let created =
        sandbox.record("select created from versions join published using (version) where published.asset = 't.a'");
    assert!(created[0][0].starts_with("2026-11-30"), "{created:?}");
}
