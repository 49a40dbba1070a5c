//! Rows of the record that name what is outside of the project.

use std::fs;

use rusqlite::params;

use super::outside::Outside;
use super::{FEW, bystander, died_at, project, record};
use crate::sandbox::Sandbox;

/// Runs commands that read. None may fail as a bug does, and nothing outside of `.dp` may change.
fn read_everything(sandbox: &Sandbox) -> String {
    let outside = Outside::of(sandbox);
    let mut said = String::new();
    for command in FEW {
        let output = sandbox.dp(*command);
        assert!([0, 1, 2, 3].contains(&output.code), "{command:?}: {output}");
        outside.stays(sandbox, &format!("{command:?}"));
        said.push_str(&output.to_string());
    }
    said
}

/// Changes the record of a project with an unfinished run, reads everything, and then applies.
fn attacked(sql: &str) -> (Sandbox, String) {
    let sandbox = project();
    died_at(&sandbox, "after-pointers");
    let folder = bystander(&sandbox);
    let record = record(&sandbox);
    assert!(record.execute(sql, []).expect(sql) > 0, "{sql}");
    record.close().expect("it is closed");
    let said = read_everything(&sandbox);
    let before = listing(&folder);
    let output = sandbox.dp(["apply", "--auto-approve"]);
    assert!([0, 1, 3].contains(&output.code), "{output}");
    assert_eq!(listing(&folder), before, "{output}");
    (sandbox, format!("{said}{output}"))
}

fn listing(folder: &std::path::Path) -> Vec<String> {
    let mut found: Vec<String> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("an entry").path().display().to_string())
        .collect();
    found.sort();
    found
}

#[test]
fn names_on_record_are_names_and_no_paths() {
    for sql in [
        "update step_record set intended_version = '../../../../outside' where run = (select max(run) from run_record)",
        "update step_record set intended_version = '../../../../../outside/prod', version = '..', outcome = 'built'",
        "update run_record set environment = '../../../outside' where finished is null",
        "update environment set name = '../../outside', deleted = null where name = 'prod'",
        "update environment set name = '../../../outside' where deleted is not null",
        "update environment set release = '../../../../outside'",
        "update publication set release = '../../../../outside/prod', environment = 'prod'",
        "update publication set previous_release = '/'",
        "update version_record set asset = '../../../outside'",
        "update version_record set document = json_set(document, '$.id', '../../../outside')",
        "update version_record set document = json_set(document, '$.data.path', '../outside/notes.txt')",
    ] {
        let (_, said) = attacked(sql);
        assert!(said.contains("damaged"), "{sql}:\n{said}");
    }
    // What nothing asks for is not read, and harms nobody.
    attacked("update version_record set id = '../../../outside', state = 'removed' where number = 1");
}

#[test]
fn an_export_goes_only_where_a_declared_one_may() {
    for path in [
        "../outside/x.sh",
        "/tmp/dp-crafted-x.sh",
        "up/outside/x.sh",
        ".git/config",
        "assets/x.toml",
        ".dp/key",
        "dp.toml",
    ] {
        let sandbox = project();
        died_at(&sandbox, "after-pointers");
        bystander(&sandbox);
        std::os::unix::fs::symlink("..", sandbox.path("up")).expect("a link");
        fs::create_dir(sandbox.path(".git")).expect("a folder");
        let record = record(&sandbox);
        let changed = record.execute(
            "update version_record set document = json_set(document, '$.export.path', ?1) where asset = 'marts.report'",
            params![path],
        );
        assert!(changed.expect("the record") > 0);
        record.close().expect("it is closed");
        let declared = sandbox.read("dp.toml");
        read_everything(&sandbox);
        let outside = sandbox.root().with_file_name("outside");
        let before = listing(&outside);
        let output = sandbox.dp(["apply", "--auto-approve"]);
        assert!([0, 1, 3].contains(&output.code), "{path}: {output}");
        assert_eq!(listing(&outside), before, "{path}: {output}");
        assert!(!std::path::Path::new("/tmp/dp-crafted-x.sh").exists(), "{path}");
        assert!(!sandbox.path(".git/config").exists() && !sandbox.path("assets/x.toml").exists(), "{path}: {output}");
        assert_eq!(sandbox.read("dp.toml"), declared, "{path}");
        assert!(!sandbox.path(".dp/key").exists(), "{path}");
    }
}

#[test]
fn what_is_exported_has_the_bytes_on_record_and_is_no_link() {
    let private = "customer,revenue\nsecret,42\n";
    let replaced: [fn(&std::path::Path, &std::path::Path); 2] = [
        |stored, private| std::os::unix::fs::symlink(private, stored).expect("a link"),
        |stored, private| {
            fs::copy(private, stored).expect("a copy");
        },
    ];
    for replace in replaced {
        let sandbox = project();
        died_at(&sandbox, "after-pointers");
        let place = sandbox.root().with_file_name("private.csv");
        fs::write(&place, private).expect("a file");
        let before = sandbox.read("out/report.csv");
        let data = sandbox.stored("marts.report");
        let stored = sandbox.path(&data).with_file_name("export.csv");
        fs::remove_file(&stored).expect("the export in the store");
        replace(&stored, &place);
        read_everything(&sandbox);
        assert_eq!(sandbox.read("out/report.csv"), before, "a command that reads exports nothing");
        // What can't be exported is built anew.
        sandbox.dp(["apply", "--auto-approve"]).success().says("could not write the export");
        assert!(sandbox.read("out/report.csv").contains("zoe,90"), "{}", sandbox.read("out/report.csv"));
        assert_eq!(fs::read_to_string(&place).expect("it is there"), private);
        assert!(fs::symlink_metadata(sandbox.path("out/report.csv")).expect("the export").is_file());
    }
}

#[test]
fn a_command_that_reads_puts_in_order_only_what_lies_in_dp() {
    for point in
        ["after-run-begun", "after-version", "after-link-staged", "after-pointers", "after-link", "after-export-copied"]
    {
        let sandbox = project();
        died_at(&sandbox, point);
        let outside = Outside::of(&sandbox);
        let behind = ["after-link-staged", "after-pointers", "after-link", "after-export-copied"].contains(&point);
        for _ in 0..2 {
            let output = sandbox.dp(["status"]).success();
            outside.stays(&sandbox, point);
            let said = output.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(said.contains("updates them"), behind, "{point}: {output}");
        }
        assert_eq!(
            sandbox.record("select count(*) from run_record where finished is null"),
            [[if behind { "1" } else { "0" }]],
            "{point}"
        );
        let query = sandbox.query("select count(*) as n from staging.orders");
        let published = !matches!(point, "after-run-begun" | "after-version" | "after-link-staged");
        assert_eq!(query, if published { "n\n4\n" } else { "n\n3\n" }, "{point}: dp itself shows what is on record");
        sandbox.apply();
        assert!(sandbox.read("out/report.csv").contains("zoe,90"), "{point}");
        assert_eq!(sandbox.record("select count(*) from run_record where finished is null"), [["0"]], "{point}");
        sandbox.dp(["plan", "--detailed-exitcode"]).success();
        let hidden = |folder: &str| sandbox.tree(folder).into_iter().find(|path| path.contains("/."));
        assert_eq!((hidden("warehouse"), hidden("out")), (None, None), "{point}");
    }
}

#[test]
fn an_older_record_that_was_put_back_costs_readers_nothing() {
    let sandbox = project();
    let old = fs::read(sandbox.path(".dp/state.db")).expect("the record");
    let orders = sandbox.read("data/orders.csv");
    sandbox.write("data/orders.csv", &format!("{orders}9,zoe,90\n"));
    sandbox.apply();
    // Puts back the record of before the last run, as of a moment at which a run was at work.
    fs::write(sandbox.path(".dp/state.db"), &old).expect("the record");
    let record = record(&sandbox);
    record.execute("update run_record set finished = null, outcome = null where run = 1", []).expect("the record");
    record.close().expect("it is closed");
    let release = fs::canonicalize(sandbox.path("warehouse/prod")).expect("a release");
    read_everything(&sandbox);
    assert_eq!(fs::canonicalize(sandbox.path("warehouse/prod")).expect("a release"), release);
    assert!(release.join("staging/orders.parquet").exists(), "readers have what they had");
    sandbox.dp(["gc", "--auto-approve"]).success();
    assert!(sandbox.path("warehouse/prod/staging/orders.parquet").exists(), "readers have something");
    sandbox.apply();
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n4\n");
    assert!(sandbox.path("warehouse/prod/staging/orders.parquet").exists());
}
