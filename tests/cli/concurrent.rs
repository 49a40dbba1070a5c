//! Two at once: who applies holds the lock, and who only reads never waits.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::Instant;

use rustix::process::Signal;

use crate::sandbox::Sandbox;
use crate::signals::{AtWork, ENDLESS, endless};

/// What a run writes into the lock while it holds it.
const HOLDER: &str = "{\"user\":\"maria\",\"host\":\"laptop\",\"pid\":4711,\"command\":\"dp apply\",\"since\":\"2030-01-01T12:00:00Z\"}\n";

/// Takes a project's lock as another run would.
fn hold(sandbox: &Sandbox) -> File {
    let folder = sandbox.path(".dp");
    fs::create_dir_all(&folder).expect("dp's folder");
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).expect("a private folder");
    let file = File::options().create(true).read(true).append(true).open(folder.join("lock")).expect("the lock");
    file.lock().expect("nobody else holds it");
    file
}

#[test]
fn a_second_apply_is_refused() {
    let sandbox = Sandbox::shop();
    let held = hold(&sandbox);
    let output = sandbox.dp(["apply", "--auto-approve"]).exits(4).says("dp::store::locked");
    assert_eq!(output.stdout, "");
    assert!(!sandbox.path("warehouse").exists());
    drop(held);
    sandbox.apply();
}

#[test]
fn the_holder_is_named() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let held = hold(&sandbox);
    fs::write(sandbox.path(".dp/lock"), HOLDER).expect("the holder");
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    let output = sandbox.dp(["apply", "--auto-approve"]).exits(4);
    for word in ["maria", "laptop", "4711", "`dp apply`", "2030-01-01"] {
        assert!(output.stderr.contains(word), "{word} is not in:\n{output}");
    }
    drop(held);
}

#[test]
fn as_json() {
    let sandbox = Sandbox::shop();
    let held = hold(&sandbox);
    let output = sandbox.dp(["apply", "--auto-approve", "--json"]).exits(4);
    assert_eq!(output.json()["errors"][0]["code"], "dp::store::locked");
    drop(held);
}

#[test]
fn reading_never_waits() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let held = hold(&sandbox);
    for command in [
        &["plan"][..],
        &["plan", "--out", "my.plan"],
        &["validate"],
        &["status"],
        &["history"],
        &["lineage"],
        &["show", "raw.orders"],
        &["query", "from marts.revenue"],
    ] {
        let output = sandbox.dp(command);
        assert_eq!(output.code, 0, "{command:?}:\n{output}");
    }
    drop(held);
}

#[test]
fn waiting_has_an_end() {
    let sandbox = Sandbox::shop();
    let held = hold(&sandbox);
    let begun = Instant::now();
    sandbox.dp(["apply", "--auto-approve", "--wait=1s"]).exits(4).says("Waiting for").says("dp::store::locked");
    assert!(begun.elapsed().as_secs() >= 1);
    sandbox.dp(["apply", "--auto-approve", "--wait=soon"]).exits(1).says("not a duration");
    drop(held);
}

#[test]
fn waiting_ends_with_the_lock() {
    use std::io::{BufRead as _, BufReader};
    let sandbox = Sandbox::shop();
    let held = hold(&sandbox);
    fs::write(sandbox.path(".dp/lock"), HOLDER).expect("the holder");
    let mut child = sandbox
        .command(["apply", "--auto-approve", "--wait=60s"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("dp starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("a line");
    assert!(line.contains("Waiting for") && line.contains("maria"), "{line}");
    drop(held);
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut rest).expect("the rest");
    let status = child.wait().expect("dp ends");
    assert_eq!(status.code(), Some(0), "{line}{rest}");
    assert_eq!(sandbox.versions().len(), 3);
}

#[test]
fn two_at_the_same_time() {
    // Whichever is first, both end well, everything is built once, and the record has no run without an end.
    let sandbox = Sandbox::shop();
    let start = || {
        let mut command = sandbox.command(["apply", "--auto-approve", "--wait=60s"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("dp starts")
    };
    let children = [start(), start()];
    for mut child in children {
        assert_eq!(child.wait().expect("dp ends").code(), Some(0));
    }
    assert_eq!(sandbox.record("select count(*) from versions"), [["3"]]);
    assert_eq!(sandbox.record("select count(*) from runs where outcome is null"), [["0"]]);
}

#[test]
fn nothing_waits_for_an_apply_at_work() {
    let sandbox = endless();
    sandbox.edit("assets/staging/slow.toml", ENDLESS, "select 0 as n");
    sandbox.apply();
    sandbox.edit("assets/staging/slow.toml", "select 0 as n", ENDLESS);
    sandbox.edit("assets/staging/quick.toml", "select 1 as a", "select 2 as a");
    let mut apply = AtWork::start(&sandbox);
    apply.until_only_the_slow_one_is_left();
    for command in [
        &["plan"][..],
        &["plan", "--out", "my.plan"],
        &["validate"],
        &["status"],
        &["history"],
        &["lineage"],
        &["lineage", "--run", "r1"],
        &["show", "staging.quick"],
        &["show", "r2"],
        &["query", "from staging.quick"],
        &["state", "list"],
        &["state", "show", "staging.quick"],
        &["state", "backup"],
    ] {
        let output = sandbox.dp(command);
        assert_eq!(output.code, 0, "{command:?}:\n{output}");
    }
    assert_eq!(sandbox.query("from staging.quick"), "a\n1\n", "what is published, not what is being built");
    sandbox.dp(["apply", "--auto-approve"]).exits(4).says(&format!("process {}", apply.id())).says("`dp apply");
    sandbox.dp(["state", "unlock", "--auto-approve"]).exits(1).says("dp::cli::holder_is_here");

    // Killed: free at once, and the next command finds out what there is.
    apply.send(Signal::KILL);
    assert_eq!(apply.end().code, None);
    sandbox.edit("assets/staging/slow.toml", ENDLESS, "select 3 as n");
    sandbox.apply().says("recovered: r2 did not end");
    assert_eq!(sandbox.query("from staging.quick"), "a\n2\n");
    assert_eq!(
        sandbox.record("select count(*) from versions where asset = 'staging.quick'"),
        [["2"]],
        "it was finished"
    );
}
