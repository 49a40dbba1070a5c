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
