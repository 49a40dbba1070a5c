//! Settings on which only dp's own behaviour depends: they take effect from the last declaration that was applied, and
//! nothing is built for them.

use crate::sandbox::Sandbox;

fn one(settings: &str) -> String {
    format!("kind = \"sql\"\n{settings}sql = \"select 1 as a\"\n")
}

fn applied(settings: &str) -> Sandbox {
    let sandbox = Sandbox::new().asset("t.a", &one(settings)).asset("t.b", &one(""));
    sandbox.apply();
    sandbox
}

fn declare(sandbox: &Sandbox, settings: &str) {
    sandbox.write("assets/t/a.toml", &one(settings));
}

#[test]
fn what_is_declared_anew_is_planned_applied_and_recorded() {
    let sandbox = applied("owner = \"ada\"\n");
    let before = sandbox.versions();
    declare(&sandbox, "owner = \"bob\"\nprotect = true\n");
    insta::assert_snapshot!(sandbox.plan(), @r#"
    Settings (recorded; nothing is built)
      • t.a  `owner` is "bob", and was "ada"; `protect` is "true", and was not set

    Plan: 1 with other settings, 1 unchanged.
    Next: dp apply
    [exit 0]
    "#);
    assert_eq!(sandbox.actions(), ["t.a settings [settings_changed]"]);
    let plan = sandbox.dp(["plan", "--json"]).json();
    assert_eq!(plan["summary"]["settings"], 1);
    let changes = serde_json::json!([
        { "setting": "owner", "before": "ada", "after": "bob" },
        { "setting": "protect", "before": null, "after": "true" },
    ]);
    assert_eq!(plan["actions"][0]["settings"], changes);
    sandbox.dp(["plan", "--detailed-exitcode"]).exits(2);
    sandbox.dp(["plan", "--explain"]).success().says("`owner` and `protect`, as declared now");
    sandbox.dp(["why", "t.a"]).success().says("changed settings would be recorded").says("`protect` is \"true\"");
    sandbox.apply().says("Done: 1 with other settings, 1 unchanged, run r2");
    assert_eq!(sandbox.versions(), before);
    assert_eq!(
        sandbox.record("select asset, action, outcome from steps where run = 'r2'"),
        [["t.a", "settings", "settings"]]
    );
    sandbox.dp(["history"]).success().says("1 settings");
    sandbox.dp(["plan", "--detailed-exitcode"]).success().says("Nothing to do");
    let events = sandbox.dp(["events", "--run", "r2"]).success().json_lines();
    assert_eq!(events.last().expect("an event")["settings"], 1);
}

#[test]
fn protection_follows_the_last_declaration_that_was_applied() {
    let sandbox = applied("");
    declare(&sandbox, "protect = true\n");
    sandbox.apply();
    sandbox.remove("assets/t/a.toml");
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("dp::plan::protected").says("`t.a`");
    // The other way round.
    declare(&sandbox, "");
    sandbox.apply();
    sandbox.remove("assets/t/a.toml");
    sandbox.apply().says("destroyed");
    assert!(!sandbox.versions().contains_key("t.a"));
}

#[test]
fn what_was_only_written_is_not_in_force() {
    let sandbox = applied("protect = true\n");
    declare(&sandbox, "");
    sandbox.dp(["plan"]).success();
    sandbox.remove("assets/t/a.toml");
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("dp::plan::protected");
    sandbox.dp(["state", "rm", "t.a", "--reason", "x"]).exits(1).says("dp::plan::protected");
    sandbox.dp(["rollback", "--auto-approve"]).exits(1).says("dp::rollback::protected");
}

#[test]
fn each_environment_has_its_own() {
    let sandbox = applied("");
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n\n[environments.dev]\n");
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    declare(&sandbox, "protect = true\n");
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    sandbox.remove("assets/t/a.toml");
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).exits(1).says("dp::plan::protected");
    sandbox.apply().says("destroyed");
}

#[test]
fn a_selection_applies_the_settings_of_what_it_names() {
    let sandbox = applied("");
    declare(&sandbox, "protect = true\n");
    sandbox.write("assets/t/b.toml", &one("owner = \"eve\"\n"));
    sandbox.dp(["apply", "--auto-approve", "t.b"]).success().says("1 with other settings");
    assert_eq!(sandbox.actions(), ["t.a settings [settings_changed]"]);
}

#[test]
fn settings_go_with_a_build_and_not_without_it() {
    let sandbox = applied("");
    declare(&sandbox, "protect = true\n");
    sandbox.edit("assets/t/a.toml", "select 1", "select 2");
    assert_eq!(sandbox.actions(), ["t.a rebuild [definition_changed, settings_changed]"]);
    // What fails applies nothing.
    sandbox.edit("assets/t/a.toml", "select 2", "select error('no')");
    sandbox.dp(["apply", "--auto-approve"]).exits(3);
    assert_eq!(sandbox.actions(), ["t.a rebuild [definition_changed, settings_changed]"]);
    sandbox.edit("assets/t/a.toml", "select error('no')", "select 2");
    sandbox.apply();
    assert!(sandbox.plan().contains("Nothing to do"));
    sandbox.remove("assets/t/a.toml");
    sandbox.dp(["apply", "--auto-approve"]).exits(1).says("dp::plan::protected");
}

#[test]
fn every_setting_is_one() {
    let check = "\n[columns.a]\ndescription = \"one\"\nchecks = [{ range = { max = 9 }, severity = \"warn\" }]\n";
    let sandbox = applied("");
    for settings in ["description = \"x\"\n", "tags = [\"daily\"]\n", "refresh = \"240h\"\n"] {
        declare(&sandbox, settings);
        assert_eq!(sandbox.actions(), ["t.a settings [settings_changed]"], "{settings}");
        sandbox.apply();
        assert!(sandbox.plan().contains("Nothing to do"), "{settings}");
    }
    sandbox.write("assets/t/a.toml", &format!("{}{check}", one("")));
    sandbox.apply();
    sandbox.edit("assets/t/a.toml", "severity = \"warn\"", "severity = \"error\"");
    let plan = sandbox.dp(["plan", "--json"]).json();
    assert_eq!(plan["actions"][0]["settings"][0]["setting"], "severity of range(a)");
    sandbox.edit("assets/t/a.toml", "description = \"one\"", "description = \"the one\"");
    sandbox.apply();
    assert!(sandbox.plan().contains("Nothing to do"));
    assert_eq!(sandbox.record("select count(*) from versions where asset = 't.a'"), [["1"]], "nothing was built");
}

#[test]
fn an_export_goes_elsewhere_without_a_build() {
    let export = |path: &str, sql: &str| {
        format!("kind = \"sql\"\nmaterialize = {{ file = \"{path}\" }}\nsql = \"select {sql} as n\"\n")
    };
    // Another build would give other rows.
    let sandbox = Sandbox::new().asset("t.x", &export("out/one.csv", "random()"));
    sandbox.apply();
    let rows = sandbox.read("out/one.csv");
    sandbox.write("assets/t/x.toml", &export("out/two.csv", "random()"));
    assert_eq!(sandbox.actions(), ["t.x reuse [definition_changed]"]);
    sandbox.apply().says("reused");
    assert_eq!(sandbox.read("out/two.csv"), rows);
    assert!(!sandbox.path("out/one.csv").exists());
    assert!(sandbox.plan().contains("Nothing to do"));
    sandbox.dp(["check", "--deep"]).success();
    // Together with another name too.
    sandbox.remove("assets/t/x.toml");
    sandbox.write("assets/t/y.toml", &format!("moved_from = \"t.x\"\n{}", export("out/three.csv", "random()")));
    sandbox.apply().says("reused");
    assert_eq!(sandbox.read("out/three.csv"), rows);
    assert!(!sandbox.path("out/two.csv").exists());
    // And back to content that is in the store already.
    sandbox.write("assets/t/z.toml", &export("out/z1.csv", "1"));
    sandbox.apply();
    sandbox.write("assets/t/z.toml", &export("out/z1.csv", "2"));
    sandbox.apply();
    sandbox.write("assets/t/z.toml", &export("out/z2.csv", "1"));
    sandbox.apply().says("1 reused");
    assert_eq!(sandbox.read("out/z2.csv"), "n\n1\n");
}
