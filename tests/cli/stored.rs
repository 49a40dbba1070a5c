//! Files of the store that somebody writes to while a run reads them, and results that are no files of their own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::paused::paused;
use crate::sandbox::Sandbox;

/// A program that does something and leaves a table.
fn program(work: &str) -> String {
    format!(
        "kind = \"command\"\n[command]\nrun = [\"sh\", \"work.sh\"]\nfiles = [\"work.sh\"]\ninputs = [\"staging.orders\"]\n\
         [output]\nformat = \"csv\"\n[allow]\nread = [\".dp/**\", \"data/**\"]\nwrite = [\".dp/**\"]\n# {}\n",
        work.len()
    )
}

fn shop(work: &str) -> Sandbox {
    let sandbox = Sandbox::shop().asset("ml.made", &program(work));
    sandbox.write("work.sh", &format!("{work}\necho a > $DP_OUTPUT\necho 1 >> $DP_OUTPUT\n"));
    sandbox
}

const ROWS: &str = "id,customer,amount\n1,ann,10\n2,bob,20\n3,ann,30\n";

#[test]
fn a_program_that_writes_over_its_input_reaches_nobody_else() {
    for work in [
        "chmod u+w $DP_INPUT_STAGING_ORDERS; echo x > $DP_INPUT_STAGING_ORDERS",
        "rm -f $DP_INPUT_STAGING_ORDERS; echo x > $DP_INPUT_STAGING_ORDERS",
    ] {
        let sandbox = shop(work);
        sandbox.apply();
        assert_eq!(sandbox.query("from staging.orders order by id"), ROWS, "{work}");
        sandbox.dp(["check", "--deep"]).success();
        let plan = sandbox.plan();
        assert!(!plan.contains("Changed outside dp"), "{plan}");
    }
}

#[test]
fn a_stored_version_that_changes_during_a_run_is_published_by_nobody() {
    // Replaced, and written over in place with another sound table of the same columns.
    for write in ["rm -f $f; cp other.parquet $f", "chmod u+w $f; cat other.parquet > $f"] {
        let work = format!("for f in .dp/store/staging.orders/*/data.parquet; do {write}; done");
        let sandbox = shop("true");
        sandbox.apply();
        let query = "select id, customer, amount + 1 as amount from staging.orders";
        let rows = sandbox.command(["query", query, "--format", "parquet"]).output().expect("dp runs").stdout;
        fs::write(sandbox.path("other.parquet"), rows).expect("a file");
        let before = sandbox.versions();
        sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 5");
        sandbox.write("work.sh", &format!("{work}\necho a > $DP_OUTPUT\necho 1 >> $DP_OUTPUT\n"));
        sandbox.edit("assets/ml/made.toml", "# 4", "# 5");
        let output = sandbox.dp(["apply", "--auto-approve", "-j", "1"]);
        assert!([1, 3].contains(&output.code), "{write}: {output}");
        let output = output.says("changed outside dp");
        assert_eq!(sandbox.versions(), before, "{write}: nothing was published: {output}");
        // Without that program everything is right again, and nothing that was made of the changed file is used.
        sandbox.write("work.sh", "echo a > $DP_OUTPUT\necho 1 >> $DP_OUTPUT\n");
        sandbox.apply();
        assert_eq!(sandbox.query("from staging.orders order by id"), ROWS, "{write}");
        assert_eq!(
            sandbox.query("from marts.revenue order by customer"),
            "customer,revenue\nann,40\nbob,20\n",
            "{write}"
        );
        // What was changed is known as damaged, and nothing that is published is.
        sandbox.dp(["check", "--deep"]).exits(3).says("is damaged");
        sandbox.dp(["plan"]).says("Nothing to do");
    }
}

#[test]
fn a_result_that_is_a_link_is_copied() {
    for link in ["ln -s $PWD/data/model.bin", "ln data/model.bin"] {
        let sandbox = shop(&format!("{link} $DP_FILE_MODEL"));
        let toml = sandbox.read("assets/ml/made.toml");
        sandbox.write("assets/ml/made.toml", &format!("{toml}[[files]]\nname = \"model\"\npath = \"out/model.bin\"\n"));
        sandbox.write("data/model.bin", "weights");
        fs::set_permissions(sandbox.path("data/model.bin"), fs::Permissions::from_mode(0o640)).expect("the mode");
        sandbox.apply();
        let data = sandbox.stored("ml.made");
        let stored = sandbox.path(&data).with_file_name("file-model");
        assert!(fs::symlink_metadata(&stored).expect("the stored file").is_file(), "{link}");
        let mode = fs::metadata(sandbox.path("data/model.bin")).expect("the user's file").permissions().mode();
        assert_eq!(mode & 0o777, 0o640, "{link}: the user's file is as it was");
        sandbox.write("data/model.bin", "other");
        assert_eq!(fs::read_to_string(&stored).expect("the stored file"), "weights", "{link}");
        assert_eq!(sandbox.read("out/model.bin"), "weights", "{link}");
    }
}

#[test]
fn a_link_lends_no_program_what_it_may_not_read() {
    let sandbox = shop("ln -s $HOME/secret.bin $DP_FILE_MODEL");
    let toml = sandbox.read("assets/ml/made.toml").replace("[command]\n", "effects = \"deny\"\n[command]\n");
    sandbox.write("assets/ml/made.toml", &format!("{toml}[[files]]\nname = \"model\"\npath = \"out/model.bin\"\n"));
    fs::write(sandbox.root().with_file_name("secret.bin"), "secret").expect("a file");
    let output = sandbox.dp(["apply", "--auto-approve"]);
    assert_ne!(output.code, 0, "{output}");
    assert!(!sandbox.path("out/model.bin").exists());
    assert!(sandbox.tree(".dp/store").iter().all(|path| !path.ends_with("file-model")));
}

#[test]
fn a_plan_is_written_over_nothing_but_a_plan() {
    let sandbox = Sandbox::shop();
    for file in ["dp.toml", "data/orders.csv", "assets", "assets/raw/orders.toml"] {
        let before = fs::read(sandbox.path(file)).ok();
        sandbox.dp(["plan", "--out", file]).exits(1).says("dp::cli::no_older_plan");
        assert_eq!(fs::read(sandbox.path(file)).ok(), before, "{file}");
    }
    sandbox.dp(["plan", "--out", "a.plan"]).success();
    sandbox.dp(["plan", "--out", "a.plan"]).success();
    let older = sandbox.read("a.plan").replacen("\"format_version\": \"1.0\"", "\"format_version\": \"0.9\"", 1);
    sandbox.write("a.plan", &older);
    sandbox.dp(["plan", "--out", "a.plan"]).success();
}

/// Writes other bytes of the same length, and puts the modification time back.
fn forge(path: &std::path::Path) {
    let mtime = fs::metadata(path).and_then(|found| found.modified()).expect("its time");
    let mut bytes = fs::read(path).expect("a stored file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).expect("it may be written");
    fs::write(path, &bytes).expect("other bytes");
    fs::File::options().write(true).open(path).and_then(|file| file.set_modified(mtime)).expect("its time");
}

#[test]
fn a_rollback_publishes_no_changed_file_whose_time_was_put_back() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let old = sandbox.stored("staging.orders");
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.apply();
    let before = sandbox.versions();
    forge(&sandbox.path(&old));
    sandbox.dp(["rollback", "--auto-approve"]).exits(1).says("dp::rollback::lost").says("was changed outside dp");
    assert_eq!(sandbox.versions(), before);
}

#[test]
fn a_rollback_looks_once_more_before_it_publishes() {
    for (point, forged) in [("before-run-begun", true), ("before-published", true), ("before-published", false)] {
        let sandbox = Sandbox::shop();
        sandbox.apply();
        let old = sandbox.path(&sandbox.stored("staging.orders"));
        sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
        sandbox.apply();
        let (before, shown) = (sandbox.versions(), sandbox.tree("warehouse"));
        let resumed = paused(&sandbox, &["rollback", "--auto-approve"], point, || {
            if forged { forge(&old) } else { fs::remove_file(&old).expect("a stored file") }
        });
        assert_eq!(resumed.code, Some(3), "{point}: {}", resumed.stderr);
        assert_eq!(sandbox.versions(), before, "{point}: nothing was published");
        assert_eq!(sandbox.tree("warehouse"), shown, "{point}");
        assert_eq!(sandbox.record("select outcome from runs where run = 'r3'"), [["failed"]], "{point}");
        assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n2\n");
    }
}

#[test]
fn a_promotion_publishes_no_file_that_was_changed_meanwhile() {
    let sandbox = Sandbox::shop();
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n[environments.dev]\n");
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    let rows = "select path from published where environment = 'dev' and asset = 'staging.orders'";
    let path = sandbox.path(&sandbox.record(rows)[0][0]);
    let before = sandbox.versions();
    let promote = ["env", "promote", "dev", "--auto-approve"];
    let resumed = paused(&sandbox, &promote, "before-published", || forge(&path));
    assert_eq!(resumed.code, Some(3), "{}", resumed.stderr);
    assert!(resumed.stderr.contains("dp::apply::store_changed"), "{}", resumed.stderr);
    assert_eq!(sandbox.versions(), before);
    // By now it is known, and a promotion refuses it at once.
    sandbox.dp(promote).exits(1).says("is damaged");
}
