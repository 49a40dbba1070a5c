//! Rollback, gc, promotion and deletion, gone at any change of a file and at any commit: the next command puts things in
//! order, and nobody ever reads a mix.

use std::path::Path;
use std::process::Command;

use crate::sandbox::Sandbox;

const DP_FULL: &str = "DP_CRASH";

/// A project that was applied three times in prod and once in dev, a month ago.
fn begin() -> Sandbox {
    let mut sandbox = Sandbox::shop();
    sandbox.write(
        "dp.toml",
        "[project]\nname = \"shop\"\n\n[environments.dev]\n\n[state]\nkeep_runs = 2\nkeep_for = \"1h\"\n",
    );
    sandbox.now("2030-01-01T12:00:00Z");
    sandbox.write(
        "assets/marts/view.toml",
        "kind = \"sql\"\nmaterialize = \"view\"\nsql = \"select count(*) as n from staging.orders\"\n",
    );
    sandbox.write(
        "assets/marts/export.toml",
        "kind = \"sql\"\nmaterialize = { file = \"out/n.csv\" }\nsql = \"select count(*) as n from staging.orders\"\n",
    );
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 15");
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 15", "amount >= 25");
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 25", "amount >= 35");
    sandbox.write("data/orders.csv", "id,customer,amount\n1,ann,70\n2,bob,20\n3,ann,30\n4,cid,1\n");
    drop(sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success());
    sandbox.now("2030-02-01T12:00:00Z");
    sandbox
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp is there");
    assert!(status.success(), "the project can be copied");
}

/// Puts the project back to where it began: in the same folder, so that nothing was moved.
fn back(sandbox: &Sandbox) {
    std::fs::remove_dir_all(sandbox.root()).expect("the project can be removed");
    copy(&sandbox.root().with_file_name("beginning"), &sandbox.root());
}

/// What a reader of an environment finds: of the record, of a table's file, of a view's definition.
fn seen(sandbox: &Sandbox, environment: &str) -> String {
    let sql = "select n, (select count(*) from staging.orders) as orders from marts.view";
    sandbox.dp(["query", sql, "--format", "csv", "--env", environment]).stdout
}

/// Disturbs a command at every change of a file and every commit; `is_whole` looks at what the next command left.
fn everywhere(arguments: &[&str], environment: &str, is_whole: &dyn Fn(&Sandbox)) {
    let sandbox = begin();
    copy(&sandbox.root(), &sandbox.root().with_file_name("beginning"));
    let old = seen(&sandbox, environment);
    let trace = sandbox.command(arguments).env("__DP_TEST_FAULT", "trace").output().expect("dp runs");
    assert!(trace.status.success(), "{}", String::from_utf8_lossy(&trace.stderr));
    let new = seen(&sandbox, environment);
    is_whole(&sandbox);
    let text = String::from_utf8_lossy(&trace.stderr).into_owned();
    let mut cases = 0;
    for point in ["before-file", "after-file", "before-commit", "after-commit", "before-pointers", "after-pointers"] {
        let count = text.lines().filter(|line| *line == format!("fault: {point}")).count();
        #[expect(clippy::disallowed_methods, reason = "this is what tells tests how much to do")]
        let step = if std::env::var(DP_FULL).is_ok() { 1 } else { 1 + count / 4 };
        for occurrence in (1..=count).step_by(step) {
            back(&sandbox);
            let fault = format!("{point}:{occurrence}:abort");
            let gone = sandbox.command(arguments).env("__DP_TEST_FAULT", &fault).output().expect("dp runs");
            assert_eq!(gone.status.code(), None, "{fault}: {}", String::from_utf8_lossy(&gone.stderr));
            let now = seen(&sandbox, environment);
            assert!(now == old || now == new, "{fault} shows a mix: {now}");
            drop(sandbox.dp(arguments).success());
            assert_eq!(sandbox.record("select count(*) from runs where outcome is null"), [["0"]], "{fault}");
            is_whole(&sandbox);
            cases += 1;
        }
    }
    assert!(cases > 4, "{cases} cases are too few to mean anything");
}

fn nothing_is_left(sandbox: &Sandbox) {
    let on_disk: Vec<String> =
        sandbox.tree(".dp/store").into_iter().filter(|path| path.ends_with("data.parquet")).collect();
    let mut on_record: Vec<String> =
        sandbox.record("select path from versions where state = 'intact' and path is not null").concat();
    on_record.sort();
    assert_eq!(on_disk, on_record);
    for path in sandbox.tree(".dp/published") {
        assert!(sandbox.path(&path).exists(), "{path} leads nowhere");
    }
}

#[test]
fn a_collection() {
    everywhere(&["gc", "--auto-approve"], "prod", &|sandbox| {
        // The first collection, or the one that followed it, freed what r1 published and nothing else.
        assert_eq!(
            sandbox.record("select count(*) from versions where state = 'removed' and asset = 'staging.orders'"),
            [["1"]]
        );
        nothing_is_left(sandbox);
    });
}

#[test]
fn a_rollback() {
    everywhere(&["rollback", "r3", "--auto-approve"], "prod", &|sandbox| {
        assert_eq!(sandbox.read("out/n.csv"), "n\n2\n");
        assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n2\n");
        assert_eq!(sandbox.record("select count(*) from held_back where version is not null"), [["1"]]);
    });
}

#[test]
fn a_deletion() {
    everywhere(&["env", "delete", "dev", "--auto-approve"], "dev", &|sandbox| {
        assert!(std::fs::symlink_metadata(sandbox.path("warehouse/dev")).is_err());
        assert!(!sandbox.path(".dp/published/dev").exists());
        assert_eq!(sandbox.record("select count(*) from published where environment = 'dev'"), [["0"]]);
    });
}
