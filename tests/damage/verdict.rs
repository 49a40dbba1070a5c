//! What a run has to be like, whatever the project holds.

use std::process::{Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::workplace::Workplace;

/// More work than this is a hang.
const MOST: Duration = Duration::from_secs(1);
/// Waiting for so long is one too; the machine may have other things to do.
const MOST_WAITING: Duration = Duration::from_secs(6);
/// After so long it is not waited for.
const GIVE_UP: Duration = Duration::from_secs(30);
/// More than anybody would read; JSON has all mistakes.
const MOST_BYTES: usize = 400_000;
const MOST_BYTES_OF_JSON: usize = 10_000_000;

/// How a run came out.
pub(crate) struct Verdict {
    /// "a plan", or the codes of the errors.
    pub(crate) ending: String,
    /// How much processor time it took, at best.
    pub(crate) took: Duration,
    /// What must not be.
    pub(crate) problem: Option<String>,
    /// What it wrote.
    pub(crate) output: String,
}

/// Runs `dp` and judges; a slow run is done again, because the machine has other things to do too.
pub(crate) fn of(workplace: &Workplace, arguments: &[&str]) -> Verdict {
    let mut best: Option<(Duration, Output)> = None;
    for _ in 0..4 {
        let Some((took, output)) = run(workplace, arguments) else {
            return Verdict {
                ending: "no end".to_owned(),
                took: GIVE_UP,
                problem: Some(format!("no end after {GIVE_UP:?}")),
                output: String::new(),
            };
        };
        if best.as_ref().is_none_or(|(least, _)| took < *least) {
            best = Some((took, output));
        }
        if best.as_ref().is_some_and(|(least, _)| *least < MOST) {
            break;
        }
    }
    let (took, output) = best.unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let (ending, problem) = judge(&output, arguments.contains(&"--json"), took);
    Verdict {
        ending,
        took,
        problem,
        output: text,
    }
}

/// One run with its processor time; `None` if it had to be ended.
fn run(workplace: &Workplace, arguments: &[&str]) -> Option<(Duration, Output)> {
    let begun = Instant::now();
    let mut child = workplace.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (sender, receiver) = mpsc::channel();
    let waiting = std::thread::spawn(move || {
        let reading = std::thread::spawn(move || read(&mut stderr));
        let stdout = read(&mut stdout);
        let stderr = reading.join().unwrap();
        // Both pipes are closed, so it is ending; until it is waited for, its times can be read.
        let worked = processor_time(id);
        let status = child.wait().unwrap();
        let output = Output {
            status,
            stdout,
            stderr,
        };
        sender.send((worked, output))
    });
    let answer = receiver.recv_timeout(GIVE_UP);
    if answer.is_err() {
        let kill = format!("kill -9 {id}");
        std::process::Command::new("sh").args(["-c", &kill]).status().unwrap();
    }
    // After a kill nobody is left to receive.
    drop(waiting.join());
    let waited = begun.elapsed();
    answer.ok().map(|(worked, output)| (if waited > MOST_WAITING { waited } else { worked }, output))
}

fn read(pipe: &mut impl std::io::Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).unwrap();
    bytes
}

/// User and system time, which the kernel counts in hundredths of a second.
fn processor_time(id: u32) -> Duration {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let fields: Vec<&str> = text.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = [11, 12].iter().map(|index| fields[*index].parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

fn judge(output: &Output, is_json: bool, took: Duration) -> (String, Option<String>) {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let all = format!("{stdout}{stderr}");
    let shown = || all.chars().take(1_500).collect::<String>();
    let fail = |what: &str| Some(format!("{what}\n{}", shown()));
    let mut problem = None;
    let ending = match output.status.code() {
        Some(0) => "a plan".to_owned(),
        Some(1) => {
            let codes = codes(&stdout, &stderr, is_json);
            if codes.is_empty() || codes.iter().any(|code| code == "dp::bug") {
                problem = fail("an error without a code");
            }
            format!("refused: {}", codes.first().cloned().unwrap_or_default())
        }
        Some(code) => {
            problem = fail(&format!("exit {code}"));
            format!("exit {code}")
        }
        None => {
            problem = fail(&format!("{}", output.status));
            "a signal".to_owned()
        }
    };
    if all.contains("panicked") || all.contains("RUST_BACKTRACE") {
        problem = fail("a panic");
    }
    if problem.is_none() && took >= MOST {
        problem = fail(&format!("took {took:.2?}"));
    }
    if problem.is_none() && all.len() > if is_json { MOST_BYTES_OF_JSON } else { MOST_BYTES } {
        problem = fail(&format!("wrote {} bytes", all.len()));
    }
    // Programs that read JSON get texts as they are.
    if problem.is_none() && !is_json && all.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\t')) {
        problem = fail("control characters reach the screen");
    }
    if problem.is_none() && is_json && serde_json::from_str::<Value>(&stdout).is_err() {
        problem = fail("no JSON");
    }
    (ending, problem)
}

/// The codes of all errors.
fn codes(stdout: &str, stderr: &str, is_json: bool) -> Vec<String> {
    if is_json {
        let value: Value = serde_json::from_str(stdout).unwrap_or_default();
        let errors = value["errors"].as_array().cloned().unwrap_or_default();
        return errors.iter().filter_map(|error| error["code"].as_str().map(str::to_owned)).collect();
    }
    let words = stderr.split_whitespace().filter(|word| word.starts_with("dp::"));
    words.map(|word| word.trim_end_matches(|char: char| !char.is_alphanumeric()).to_owned()).collect()
}
