//! `dp state`: the record itself, looked at and repaired.

use std::fs::{self, File};

use rustix::process::Signal;

use crate::sandbox::{Sandbox, text};
use crate::signals::{AtWork, ENDLESS, endless};

const HOLDER: &str = "{\"user\":\"maria\",\"host\":\"laptop\",\"pid\":4711,\"command\":\"dp apply\",\"since\":\"2030-01-01T12:00:00Z\"}\n";

/// Takes a project's lock as a run on another machine would.
fn hold(sandbox: &Sandbox, holder: &str) -> File {
    let file = File::options().read(true).append(true).open(sandbox.path(".dp/lock")).expect("the lock");
    file.lock().expect("nobody else holds it");
    fs::write(sandbox.path(".dp/lock"), holder).expect("the holder");
    file
}

fn shop() -> Sandbox {
    let mut sandbox = Sandbox::shop();
    sandbox.now("2030-01-01T12:00:00Z");
    sandbox.apply();
    sandbox
}

#[test]
fn list() {
    let sandbox = shop();
    insta::assert_snapshot!(sandbox.dp(["state", "list", "-q"]), @r"
    asset           version           run  since                rows   size
    ───────────────────────────────────────────────────────────────────────
    marts.revenue   $VERSION  r1   [TIME .............]     2 [SIZE]
    raw.orders      $VERSION  r1   [TIME .............]     4 [SIZE]
    staging.orders  $VERSION  r1   [TIME .............]     3 [SIZE]
    [exit 0]
    ");
    sandbox.dp(["state", "list"]).success().says("3 assets in prod; state");
    let json = sandbox.dp(["state", "list", "--json"]).success().json();
    assert_eq!(json["environment"], "prod");
    assert_eq!(json["assets"].as_array().expect("a list").len(), 3);
    assert_eq!(text(&json["assets"][0]["version"]), sandbox.versions()["marts.revenue"]);
    assert_eq!(text(&json["assets"][0]["path"]), sandbox.stored("marts.revenue"));
    sandbox.dp(["state", "list", "--env", "dev"]).exits(1).says("unknown environment `dev`");
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n[environments.dev]\n");
    sandbox.dp(["state", "list", "--env", "dev"]).success().says("Nothing is published in `dev`");
}

#[test]
fn show_also_of_what_is_no_longer_declared_in_a_project_that_is_broken() {
    let sandbox = shop();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.apply();
    sandbox.remove("assets/staging/orders.toml");
    sandbox.write("dp.toml", "[project\n");
    insta::assert_snapshot!(sandbox.dp(["state", "show", "staging.orders"]), @"
    staging.orders

    Published
    environment  version           run  since
    ───────────────────────────────────────────────────────
    prod         $VERSION  r2   [TIME .............]

    Versions
    version           state   run  finished             rows   size  why
    ────────────────────────────────────────────────────────────────────
    $VERSION  intact  r2   [TIME .............]     2 [SIZE]
    $VERSION  intact  r1   [TIME .............]     3 [SIZE]

    Inputs of the published versions
    version           input       its version
    ──────────────────────────────────────────────
    $VERSION  raw.orders  $VERSION
    [exit 0]
    ");
    let json = sandbox.dp(["state", "show", "staging.orders", "--json"]).success().json();
    assert_eq!(json["published"][0]["environment"], "prod");
    assert_eq!(json["versions"].as_array().expect("a list").len(), 2);
    assert_eq!(json["versions"][1]["state"], "intact");
    sandbox.dp(["state", "show", "staging.order"]).exits(1).says("dp::cli::not_found").says("dp state list");
}

#[test]
fn unlock_of_a_machine_that_is_gone() {
    let sandbox = shop();
    let held = hold(&sandbox, HOLDER);
    sandbox
        .dp(["apply", "--auto-approve", "--replace", "raw.orders"])
        .exits(4)
        .says("maria on laptop")
        .says("dp state unlock");
    sandbox.dp(["state", "unlock"]).exits(1).says("dp::cli::no_prompt");
    let json =
        sandbox.dp(["state", "unlock", "--auto-approve", "--reason", "laptop was stolen", "--json"]).success().json();
    assert_eq!(json["unlocked"], true);
    assert_eq!(json["holder"]["host"], "laptop");
    sandbox.dp(["apply", "--auto-approve", "--replace", "raw.orders"]).success();
    let events =
        sandbox.record("select data ->> 'reason', data -> 'holder' ->> 'user' from events where event = 'unlocked'");
    assert_eq!(events, [["laptop was stolen", "maria"]]);
    assert_eq!(sandbox.record("select outcome from runs where command = 'state unlock'"), [["done"]]);
    drop(held);
}

#[test]
fn unlock_is_refused_while_the_holder_is_here() {
    let sandbox = shop();
    let here = HOLDER.replace("laptop", &whoami::hostname().expect("a name"));
    let held = hold(&sandbox, &here);
    sandbox.dp(["state", "unlock", "--auto-approve"]).exits(1).says("dp::cli::holder_is_here").says("process 4711");
    sandbox.dp(["apply", "--auto-approve", "--replace", "raw.orders"]).exits(4);
    drop(held);
}

#[test]
fn a_run_that_lost_the_lock_writes_nothing_more() {
    let sandbox = endless();
    let mut apply = AtWork::start(&sandbox);
    apply.until_only_the_slow_one_is_left();
    // As if it worked on another machine, which has lost sight of this one.
    fs::write(sandbox.path(".dp/lock"), HOLDER).expect("the holder");
    sandbox.dp(["state", "unlock", "--auto-approve"]).success();
    sandbox.edit("assets/staging/slow.toml", ENDLESS, "select 7 as n");
    sandbox.apply().says("recovered: r1 did not end");
    let (versions, serial) = (sandbox.versions(), sandbox.record("select serial from state"));

    apply.send(Signal::INT);
    let (said, code) = apply.rest();
    assert!(said.contains("dp::store::lock_lost"), "{said}");
    assert_eq!(code, Some(4));
    assert_eq!((sandbox.versions(), sandbox.record("select serial from state")), (versions, serial));
    assert_eq!(sandbox.record("select run, outcome from runs order by run")[0], ["r1", "crashed"]);
}

#[test]
fn unlock_of_nothing() {
    let sandbox = shop();
    let before = sandbox.record("select serial from state");
    sandbox.dp(["state", "unlock"]).success().says("no process holds the lock");
    fs::write(sandbox.path(".dp/lock"), HOLDER).expect("what a process left that was killed");
    sandbox.dp(["state", "unlock"]).success().says("no process holds the lock");
    assert_eq!(sandbox.record("select serial from state"), before);
}
