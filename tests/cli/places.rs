//! Where dp puts what others see, when the project names another place.

use std::fs;

use crate::sandbox::Sandbox;

fn at(path: &str) -> String {
    format!(
        "[project]\nname = \"shop\"\n[connections.main]\nengine = \"duckdb\"\npath = \"{path}\"\n[environments.dev.vars]\n"
    )
}

fn links(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(sandbox.path(folder)).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn links_go_from_the_folder_that_is_no_longer_declared() {
    let sandbox = Sandbox::shop().file("dp.toml", &at("warehouse"));
    sandbox.apply();
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    fs::write(sandbox.path("warehouse/notes.txt"), "mine").expect("a file");
    sandbox.write("dp.toml", &at("public"));

    let plan = sandbox.dp(["plan"]).success();
    let plan = plan.says("warehouse/prod is in the previous folder for links; dp removes it");
    plan.says("the links of `dev` are still in warehouse; run `dp apply --env dev` to move them");
    let drift = sandbox.dp(["plan", "--json"]).success().json()["drift"].clone();
    assert!(drift.as_array().expect("a list").iter().any(|drift| drift["what"] == "left"), "{drift}");

    sandbox.apply();
    assert_eq!(links(&sandbox, "public"), ["prod", "prod.duckdb"]);
    assert_eq!(links(&sandbox, "warehouse"), ["dev", "dev.duckdb", "notes.txt"]);
    sandbox.dp(["plan"]).success().says("the links of `dev` are still in warehouse");
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    assert_eq!(links(&sandbox, "public"), ["dev", "dev.duckdb", "prod", "prod.duckdb"]);
    assert_eq!(links(&sandbox, "warehouse"), ["notes.txt"], "what dp did not make stays");
    let plan = sandbox.dp(["plan", "--detailed-exitcode"]).success();
    assert!(!plan.to_string().contains("warehouse"), "{plan}");
}

#[test]
fn links_go_with_an_apply_that_builds_too() {
    let sandbox = Sandbox::shop().file("dp.toml", &at("warehouse"));
    sandbox.apply();
    sandbox.write("dp.toml", &at("public"));
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.apply();
    assert_eq!(links(&sandbox, "public"), ["prod", "prod.duckdb"]);
    assert_eq!(links(&sandbox, "warehouse"), [""; 0]);
    assert!(sandbox.path("public/prod/staging/orders.parquet").exists());
}

#[test]
fn an_apply_that_died_before_it_took_links_away_is_completed_by_the_next() {
    let sandbox = Sandbox::shop().file("dp.toml", &at("warehouse"));
    sandbox.apply();
    sandbox.write("dp.toml", &at("public"));
    let gone = sandbox
        .command(["apply", "--auto-approve"])
        .env("__DP_TEST_FAULT", "after-link:1:abort")
        .output()
        .expect("dp starts");
    assert_eq!(gone.status.code(), None);
    assert_eq!(links(&sandbox, "warehouse"), ["prod", "prod.duckdb"]);
    sandbox.apply();
    assert_eq!(links(&sandbox, "public"), ["prod", "prod.duckdb"]);
    assert_eq!(links(&sandbox, "warehouse"), [""; 0]);
    sandbox.dp(["plan", "--detailed-exitcode"]).success();
}

#[test]
fn an_environment_needs_no_declaration() {
    let sandbox = Sandbox::shop().file("dp.toml", &at("warehouse"));
    sandbox.apply();
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    let declared = sandbox.read("dp.toml");
    sandbox.write("dp.toml", &declared.replace("[environments.dev.vars]\n", ""));
    assert!(!sandbox.plan().contains("`dev`"), "it stands for itself");
    sandbox.dp(["plan", "--env", "dev"]).success().says("Nothing to do");
    sandbox.dp(["env", "delete", "dev", "--auto-approve"]).success();
    assert_eq!(links(&sandbox, "warehouse"), ["prod", "prod.duckdb"]);
    let plan = sandbox.plan();
    assert!(!plan.contains("`dev`"), "{plan}");
}

#[test]
fn an_environment_that_moved_is_deleted_where_it_was() {
    let sandbox = Sandbox::shop().file("dp.toml", &at("warehouse"));
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    sandbox.write("dp.toml", &at("public"));
    sandbox.dp(["env", "delete", "dev", "--auto-approve"]).success();
    assert_eq!(links(&sandbox, "warehouse"), [""; 0]);
}

#[test]
fn an_export_has_one_path_however_it_is_written() {
    let export =
        |path: &str| format!("kind = \"sql\"\nmaterialize = {{ file = \"{path}\" }}\nsql = \"select 1 as a\"\n");
    let sandbox = Sandbox::new().asset("t.a", &export("out/y.csv"));
    sandbox.apply();
    for path in ["./out/y.csv", "out//y.csv", "out/./y.csv"] {
        sandbox.write("assets/t/a.toml", &export(path));
        sandbox.dp(["plan", "--detailed-exitcode"]).success();
        sandbox.apply();
        assert_eq!(sandbox.read("out/y.csv"), "a\n1\n", "{path}");
    }
    sandbox.remove("out/y.csv");
    sandbox.apply();
    assert_eq!(sandbox.read("out/y.csv"), "a\n1\n");
    sandbox.write("assets/t/a.toml", &export("out/z.csv"));
    sandbox.apply();
    assert_eq!(links(&sandbox, "out"), ["z.csv"]);
}

#[test]
fn a_home_folder_is_no_place_in_the_project() {
    for asset in [
        "kind = \"sql\"\nmaterialize = { file = \"~/x.csv\" }\nsql = \"select 1 as a\"\n",
        "kind = \"source\"\n[source]\npath = \"~/x.csv\"\n",
    ] {
        let sandbox = Sandbox::new().asset("t.a", asset);
        sandbox.dp(["apply", "--auto-approve"]).exits(1).says("dp::project::outside").says("without `..`, `~`");
        assert!(!sandbox.path("~").exists());
    }
}
