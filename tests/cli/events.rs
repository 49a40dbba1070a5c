//! `dp events`: the log, and following it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::sandbox::{Sandbox, text};

fn events(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    sandbox.dp(["events"].iter().chain(arguments)).success().json_lines()
}

fn words(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| text(&event["event"])).collect()
}

#[test]
fn they_are_the_lines_of_apply_with_their_ids() {
    let sandbox = Sandbox::shop();
    assert_eq!(sandbox.dp(["events"]).success().stdout, "", "before the first apply there are none");
    let told = sandbox.dp(["apply", "--auto-approve", "--json"]).success().json_lines();
    let mut logged = events(&sandbox, &[]);
    assert_eq!(logged, events(&sandbox, &["--json"]), "it is JSON in either case");

    let ids: Vec<i64> = logged.iter().map(|event| event["id"].as_i64().expect("a number")).collect();
    assert!(ids.is_sorted_by(|before, after| before < after), "{ids:?}");
    for event in &mut logged {
        event.as_object_mut().expect("an object").remove("id");
    }
    assert_eq!(logged, told);
}

#[test]
fn they_are_filtered_by_run_and_asset() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", ">= 10", ">= 15");
    sandbox.apply();
    assert!(events(&sandbox, &["--run", "r2"]).iter().all(|event| event["run"] == 2));
    assert_eq!(
        words(&events(&sandbox, &["--run", "r2", "--asset", "staging.orders"])),
        ["step_started", "step_finished", "published"]
    );
    assert_eq!(words(&events(&sandbox, &["--run", "r2", "--asset", "raw.orders"])), Vec::<&str>::new());
    assert!(!events(&sandbox, &["--asset", "raw.orders"]).is_empty());
}

#[test]
fn they_begin_after_an_event_a_moment_or_a_time() {
    let mut sandbox = Sandbox::shop();
    sandbox.now("2026-01-05T10:00:00Z");
    sandbox.apply();
    let first = events(&sandbox, &[]);
    sandbox.edit("assets/staging/orders.toml", ">= 10", ">= 15");
    sandbox.now("2026-01-05T12:00:00Z");
    sandbox.apply();
    let second = events(&sandbox, &["--run", "r2"]);
    let last = first.last().expect("an event")["id"].to_string();
    for since in [last.as_str(), "1h", "2026-01-05T11:00:00Z", "2026-01-05T13:00:00+01:00"] {
        assert_eq!(events(&sandbox, &["--since", since]), second, "{since}");
    }
    assert_eq!(events(&sandbox, &["--since", "3h"]).len(), first.len() + second.len());
}

#[test]
fn what_does_not_exist_is_said() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox
        .dp(["events", "--since", "yesterday"])
        .exits(1)
        .says("`yesterday` is not a valid time")
        .says("dp::cli::since");
    sandbox.dp(["events", "--run", "r9"]).exits(1).says("`r9` not found");
    sandbox.dp(["events", "--asset", "raw.order"]).exits(1).says("did you mean `raw.orders`?");
    let error = sandbox.dp(["events", "--run", "r9", "--json"]).exits(1).json();
    assert_eq!(error["errors"][0]["code"], "dp::cli::not_found");
}

/// A follower at work.
struct Follower {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Follower {
    fn start(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let mut command = sandbox.command(["events", "--follow"].iter().chain(arguments));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("dp starts");
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, lines }
    }

    fn event(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    fn until_run_finished(&mut self) -> Vec<Value> {
        let mut events = Vec::new();
        while events.last().is_none_or(|event: &Value| event["event"] != "run_finished") {
            events.push(self.event());
        }
        events
    }

    /// How it ends, with what it still says.
    fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.lines.read_to_string(&mut said).expect("its words");
        self.child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("its words");
        (self.child.wait().expect("it ends").code(), said)
    }
}

#[test]
fn a_follower_sees_what_later_runs_do_until_it_is_stopped() {
    for signal in [Signal::INT, Signal::TERM] {
        let sandbox = Sandbox::shop();
        // There is no record yet.
        let mut follower = Follower::start(&sandbox, &[]);
        sandbox.apply();
        let first = follower.until_run_finished();
        assert_eq!(first, events(&sandbox, &[]));
        sandbox.edit("assets/staging/orders.toml", ">= 10", ">= 15");
        sandbox.apply();
        assert_eq!(follower.until_run_finished(), events(&sandbox, &["--run", "r2"]));

        kill_process(Pid::from_child(&follower.child), signal).expect("the process is there");
        assert_eq!(follower.end(), (Some(0), String::new()));
    }
}

#[test]
fn a_follower_filters_what_comes() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let last = events(&sandbox, &[]).last().expect("an event")["id"].to_string();
    let mut follower = Follower::start(&sandbox, &["--since", &last, "--asset", "marts.revenue"]);
    sandbox.edit("assets/staging/orders.toml", ">= 10", ">= 15");
    sandbox.apply();
    let seen = [follower.event(), follower.event(), follower.event()];
    assert_eq!(words(&seen), ["step_started", "step_finished", "published"]);
    kill_process(Pid::from_child(&follower.child), Signal::INT).expect("the process is there");
    assert_eq!(follower.end(), (Some(0), String::new()));
}

#[test]
fn a_reader_that_goes_away_ends_it() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let Follower { mut child, mut lines } = Follower::start(&sandbox, &[]);
    let mut line = String::new();
    lines.read_line(&mut line).expect("a line");
    drop(lines);
    // Nothing happens any more that could be written; it ends all the same.
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("its words");
    assert_eq!((child.wait().expect("it ends").code(), said), (Some(0), String::new()));
}
