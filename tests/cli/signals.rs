//! Ctrl-C and SIGTERM, sent to the real program while it works.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::sandbox::Sandbox;

/// A query that takes hours.
pub(crate) const ENDLESS: &str = "select count(*) as n from range(100000000000000) as numbers(i) where i % 7 = 3";

/// One asset that is built at once, and beside it one that takes hours; nothing reads either.
pub(crate) fn endless() -> Sandbox {
    Sandbox::new().sql("staging.quick", "select 1 as a").sql("staging.slow", ENDLESS)
}

/// An apply at work, with the events that it tells.
pub(crate) struct AtWork {
    child: Child,
    events: BufReader<std::process::ChildStdout>,
}

/// How an apply ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) events: Vec<Value>,
    pub(crate) stderr: String,
}

impl AtWork {
    pub(crate) fn start(sandbox: &Sandbox) -> Self {
        let mut command = sandbox.command(["apply", "--auto-approve", "--json", "-j", "2"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("dp starts");
        let events = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, events }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn event(&mut self) -> Option<Value> {
        let mut line = String::new();
        match self.events.read_line(&mut line).expect("a line") {
            0 => None,
            _ => Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))),
        }
    }

    /// Waits until the quick one is built and the slow one has begun.
    pub(crate) fn until_only_the_slow_one_is_left(&mut self) {
        let mut missing = vec![("step_finished", "staging.quick"), ("step_started", "staging.slow")];
        while !missing.is_empty() {
            let event = self.event().expect("the apply goes on");
            missing.retain(|(word, asset)| event["event"] != **word || event["asset"] != **asset);
        }
    }

    pub(crate) fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process is there");
    }

    /// Waits for the end; gives what it wrote to standard output since, and its exit code.
    pub(crate) fn rest(mut self) -> (String, Option<i32>) {
        let mut said = String::new();
        self.events.read_to_string(&mut said).expect("its words");
        (said, self.child.wait().expect("it ends").code())
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ended {
        let mut events = Vec::new();
        while let Some(event) = self.event() {
            events.push(event);
        }
        let mut stderr = String::new();
        self.child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("its words");
        Ended {
            code: self.child.wait().expect("it ends").code(),
            events,
            stderr,
        }
    }
}

fn once(signal: Signal) {
    let sandbox = endless();
    let mut apply = AtWork::start(&sandbox);
    apply.until_only_the_slow_one_is_left();
    apply.send(signal);
    let ended = apply.end();
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    let last = ended.events.last().expect("an event");
    assert_eq!((&last["event"], &last["outcome"]), (&"run_finished".into(), &"interrupted".into()), "{last}");

    // The running step was cancelled, nothing was published, and what was finished is kept.
    assert_eq!(sandbox.record("select outcome from runs"), [["interrupted"]]);
    assert_eq!(
        sandbox.record("select asset, outcome, message from steps order by asset"),
        [["staging.quick", "built", "null"], ["staging.slow", "skipped", "interrupted"]]
    );
    assert!(sandbox.versions().is_empty());
    assert_eq!(sandbox.tree(".dp/tmp"), Vec::<String>::new());

    sandbox.edit("assets/staging/slow.toml", ENDLESS, "select 7 as n");
    let next = sandbox.apply();
    assert!(!next.stderr.contains("recovered"), "the run had ended in order:\n{next}");
    let made = "select count(*) from effects where kind = 'made' and asset = 'staging.quick'";
    assert_eq!(sandbox.record(made), [["1"]], "it is not built again");
    assert_eq!(sandbox.query("select n from staging.slow"), "n\n7\n");
}

#[test]
fn once_with_ctrl_c() {
    once(Signal::INT);
}

#[test]
fn once_with_sigterm() {
    once(Signal::TERM);
}

#[test]
fn twice_stops_at_once_and_the_next_command_recovers() {
    let sandbox = endless();
    let mut apply = AtWork::start(&sandbox);
    apply.until_only_the_slow_one_is_left();
    // Somebody writes to the record and does not let go: the run can't put its end on record.
    let writer = rusqlite::Connection::open(sandbox.path(".dp/state.db")).expect("the record");
    writer.busy_timeout(std::time::Duration::from_secs(10)).expect("it waits");
    writer.execute_batch("begin immediate").expect("a writing transaction");
    // Two different ones: two of a kind may arrive as one.
    apply.send(Signal::INT);
    apply.send(Signal::TERM);
    let (said, code) = apply.rest();
    assert_eq!(code, Some(130), "{said}");
    drop(writer);
    assert_eq!(sandbox.record("select count(*) from runs where outcome is null"), [["1"]]);

    sandbox.edit("assets/staging/slow.toml", ENDLESS, "select 7 as n");
    sandbox.apply().says("recovered: r1 did not end");
    assert_eq!(sandbox.record("select run, outcome from runs"), [["r1", "crashed"], ["r2", "done"]]);
    assert_eq!(sandbox.record("select count(*) from versions where asset = 'staging.quick'"), [["1"]]);
}

#[test]
fn a_terminal_that_is_closed_does_not_end_an_apply() {
    let sandbox = Sandbox::shop().asset(
        "marts.slow",
        "kind = \"command\"\n[command]\nrun = [\"sh\", \"-c\", \"echo > at-work; read go < go-on; echo a > $DP_OUTPUT; echo 1 >> $DP_OUTPUT\"]\n\
         inputs = [\"raw.orders\"]\n[output]\nformat = \"csv\"\n[allow]\nread = [\".\"]\nwrite = [\".\"]\n",
    );
    for name in ["at-work", "go-on"] {
        let path = sandbox.path(name);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a pipe");
    }
    let (person, program) = crate::pty::terminal();
    let stream = || Stdio::from(program.try_clone().expect("the terminal"));
    let mut command = sandbox.command(["apply", "--auto-approve"]);
    let mut child = command.stdin(stream()).stdout(stream()).stderr(stream()).spawn().expect("dp starts");
    drop((program, command));
    // Read, so that dp never waits for room; until the window is closed.
    let mut reader = person.try_clone().expect("the terminal");
    let (closed, close) = std::sync::mpsc::channel::<()>();
    let screen = std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while close.try_recv().is_err() && reader.read(&mut buffer).is_ok_and(|length| length > 0) {}
    });
    drop(std::fs::read_to_string(sandbox.path("at-work")).expect("the program is at work"));
    drop(closed);
    drop(person);
    kill_process(Pid::from_child(&child), Signal::HUP).expect("the process is there");
    std::fs::write(sandbox.path("go-on"), "go\n").expect("the program goes on");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    drop(screen);
    assert_eq!(sandbox.record("select outcome from runs"), [["done"]]);
    assert_eq!(sandbox.query("from marts.slow"), "a\n1\n");
}

#[test]
fn what_an_interrupted_run_did_not_get_to_is_counted_and_not_listed() {
    let mut sandbox = endless();
    for index in 0..30 {
        sandbox = sandbox.sql(&format!("marts.m{index}"), "select n from staging.slow");
    }
    let mut command = sandbox.command(["apply", "--auto-approve", "-j", "2"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("dp starts");
    let mut progress = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut said = String::new();
    while !said.contains("staging.quick") {
        assert!(progress.read_line(&mut said).expect("a line") > 0, "{said}");
    }
    kill_process(Pid::from_child(&child), Signal::INT).expect("the process is there");
    progress.read_to_string(&mut said).expect("its words");
    let mut result = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut result).expect("its words");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert!(!said.contains("skipped"), "{said}");
    assert!(result.contains("Interrupted: nothing was published, 31 skipped"), "{result}");
}
