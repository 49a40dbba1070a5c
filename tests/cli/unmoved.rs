//! A plan with nothing to do is given again without looking into anything, as long as nothing has moved.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::sandbox::{Output, Sandbox};

/// A project that is applied, with one of each thing that a plan looks at, and files that are old enough to be believed.
fn settled() -> Sandbox {
    let mut sandbox = Sandbox::shop()
        .file("dp.toml", "[project]\nname = \"shop\"\n[vars]\nleast = 0\n[environments.dev]\n")
        .file("data/parts/a.csv", "k\n1\n")
        .source("raw.parts", "data/parts/*.csv")
        .file("sql/named.sql", "select k from raw.parts where k > ${var.least}\n")
        .asset("marts.named", "kind = \"sql\"\nsql_file = \"sql/named.sql\"\n")
        .asset(
            "marts.sent",
            "kind = \"sql\"\nsql = \"select k from raw.parts\"\nmaterialize = { file = \"out/sent.csv\" }\n",
        )
        .asset(
            "marts.seen",
            "kind = \"sql\"\nsql = \"select k from raw.parts\"\nmaterialize = \"view\"\n[columns.k]\nchecks = [\"not_null\"]\n",
        );
    sandbox.now("2100-01-01T00:00:00Z");
    sandbox.apply();
    sandbox
}

fn looked(output: &Output) -> bool {
    output.stderr.contains("read the project")
}

fn traced(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let mut all = vec!["plan", "--trace-time"];
    all.extend(arguments);
    sandbox.dp(all)
}

/// Plans until the answer is kept, and shows that it is used.
fn keep(sandbox: &Sandbox) {
    let first = traced(sandbox, &["--detailed-exitcode"]).success();
    let again = traced(sandbox, &["--detailed-exitcode"]).success();
    assert!(!looked(&again), "{again}");
    assert_eq!(first.stdout, again.stdout);
}

/// The plan after a change looks again, and says what one says that remembers nothing.
#[track_caller]
fn assert_noticed(what: &str, sandbox: &Sandbox) {
    let plan = traced(sandbox, &["--json"]);
    assert!(looked(&plan), "{what}: {plan}");
    for kept in [".dp/unmoved", ".dp/cache.db"] {
        let path = sandbox.path(kept);
        if path.is_dir() {
            fs::remove_dir_all(path).expect("a folder that can go");
        } else {
            fs::remove_file(path).expect("a file that can go");
        }
    }
    let afresh = sandbox.dp(["plan", "--json"]);
    assert_eq!((plan.code, &plan.stdout), (afresh.code, &afresh.stdout), "{what}");
}

/// What can be done to a project.
type Change = fn(&Sandbox);

const CHANGES: &[(&str, Change)] = &[
    ("the project's own file", |s| s.edit("dp.toml", "least = 0", "least = 1")),
    ("an asset's file", |s| s.edit("assets/staging/orders.toml", ">= 10", ">= 11")),
    ("a comment", |s| s.edit("assets/staging/orders.toml", "kind", "# why\nkind")),
    ("a query's file", |s| s.edit("sql/named.sql", "> $", ">= $")),
    ("a new asset", |s| s.write("assets/marts/more.toml", "kind = \"sql\"\nsql = \"select 1 as x\"\n")),
    ("a new folder of assets", |s| s.write("assets/new/more.toml", "kind = \"sql\"\nsql = \"select 1 as x\"\n")),
    ("an asset's file is gone", |s| s.remove("assets/marts/sent.toml")),
    ("an asset's file has another name", |s| {
        fs::rename(s.path("assets/marts/sent.toml"), s.path("assets/marts/posted.toml")).expect("renamed");
    }),
    ("an asset with a mistake", |s| s.write("assets/marts/bad.toml", "kind = \"nothing\"\n")),
    ("a source", |s| s.edit("data/orders.csv", "1,ann,10", "1,ann,11")),
    ("a source with its old times", |s| {
        let path = s.path("data/orders.csv");
        let modified = fs::metadata(&path).expect("a file").modified().expect("a time");
        s.edit("data/orders.csv", "1,ann,10", "1,ann,11");
        fs::File::options().write(true).open(&path).expect("a file").set_modified(modified).expect("set back");
    }),
    ("a further file of a source", |s| s.write("data/parts/b.csv", "k\n2\n")),
    ("a file of a source is gone", |s| s.remove("data/parts/a.csv")),
    ("a version's bytes", |s| {
        let path = s.path(&s.stored("marts.named"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("writable");
        let mut bytes = fs::read(&path).expect("a version");
        bytes[8] ^= 1;
        fs::write(&path, bytes).expect("damaged");
    }),
    ("a version is gone", |s| s.remove(&s.stored("marts.named"))),
    ("an export", |s| fs::write(s.path("out/sent.csv"), "k\n9\n").expect("written over")),
    ("an export is gone", |s| s.remove("out/sent.csv")),
    ("the link to what is published is gone", |s| s.remove("warehouse/prod")),
    ("the link to what is published leads elsewhere", |s| {
        s.remove("warehouse/prod");
        symlink("/tmp", s.path("warehouse/prod")).expect("a link");
    }),
    ("a link to a version leads elsewhere", |s| {
        let link = s.path("warehouse/prod/marts/named.parquet");
        fs::remove_file(&link).expect("removed");
        symlink("/dev/null", &link).expect("a link");
    }),
    ("something else beside the links", |s| fs::write(s.path("warehouse/prod/marts/x"), "").expect("a file")),
    ("the catalogue is gone", |s| s.remove("warehouse/prod/prod.duckdb")),
    ("another environment is applied", |s| {
        let _applied = s.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    }),
    ("the record is gone", |s| s.remove(".dp/state.db")),
    ("a rollback", |s| {
        s.edit("sql/named.sql", "> $", ">= $");
        s.apply();
        keep(s);
        let _undone = s.dp(["rollback", "--auto-approve"]).success();
    }),
];

#[test]
fn whatever_moves_is_looked_at_again() {
    for (what, change) in CHANGES {
        let sandbox = settled();
        keep(&sandbox);
        change(&sandbox);
        assert_noticed(what, &sandbox);
    }
}

#[test]
fn what_is_asked_differently_is_looked_at() {
    let sandbox = settled();
    keep(&sandbox);
    for arguments in [
        ["--var", "least=1"].as_slice(),
        &["--env", "dev"],
        &["marts.*"],
        &["--replace", "marts.named"],
        &["--destroy"],
        &["--all"],
        &["--markdown"],
        &["--explain"],
        &["--out", "saved.dpplan"],
        &["--verbose"],
    ] {
        let output = traced(&sandbox, arguments).success();
        assert!(looked(&output), "{arguments:?}: {output}");
    }
    // The plan file lies in the project's folder, which was looked at.
    sandbox.remove("saved.dpplan");
    keep(&sandbox);
}

#[test]
fn each_environment_has_its_answer() {
    let sandbox = settled();
    let _applied = sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    let dev = traced(&sandbox, &["--env", "dev"]).success();
    keep(&sandbox);
    let again = traced(&sandbox, &["--env", "dev"]).success();
    assert!(!looked(&again), "{again}");
    assert_eq!(dev.stdout, again.stdout);
    let json = traced(&sandbox, &["--json"]).success();
    assert!(!looked(&json), "{json}");
    assert_eq!(json.json()["summary"]["unchanged"], 7);
    assert_eq!(json.json()["actions"], serde_json::json!([]));
}

#[test]
fn time_and_programs_are_asked_each_time() {
    for asset in [
        "kind = \"sql\"\nsql = \"select 1 as x\"\nrefresh = \"1h\"\n",
        "kind = \"sql\"\nsql = \"select now() as x\"\nmaterialize = \"view\"\n",
        "kind = \"sql\"\nsql = \"select timestamp '2099-12-31' as t\"\n[[checks]]\nfreshness = { column = \"t\", max_age = \"400d\" }\n",
        "kind = \"command\"\n[command]\ninputs = [\"main.b\"]\nrun = [\"sh\", \"-c\", \"echo x > $DP_OUTPUT; echo 1 >> $DP_OUTPUT\"]\n[output]\nformat = \"csv\"\n",
    ] {
        let mut sandbox = Sandbox::new().sql("main.b", "select 1 as x").asset("main.a", asset);
        sandbox.now("2100-01-01T00:00:00Z");
        sandbox.apply();
        for _ in 0..2 {
            let plan = traced(&sandbox, &[]).success();
            assert!(looked(&plan), "{asset}: {plan}");
        }
    }
}

#[test]
fn an_answer_that_was_written_badly_is_none() {
    let sandbox = settled();
    keep(&sandbox);
    let kept = sandbox.tree(".dp/unmoved");
    let [kept] = kept.as_slice() else {
        panic!("one answer: {kept:?}")
    };
    let whole = fs::read(sandbox.path(kept)).expect("an answer");
    for bad in [&whole[..whole.len() / 2], b"", b"\n", b"{}\n"] {
        fs::write(sandbox.path(kept), bad).expect("written over");
        let plan = traced(&sandbox, &["--detailed-exitcode"]).success();
        assert!(looked(&plan), "{plan}");
    }
    let mode = fs::metadata(sandbox.path(kept)).expect("an answer").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_was_touched_just_now_is_not_believed() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    for _ in 0..2 {
        let plan = traced(&sandbox, &[]).success();
        assert!(looked(&plan), "the record was written less than two seconds ago: {plan}");
    }
}
