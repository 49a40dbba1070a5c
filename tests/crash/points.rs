//! Every point of `fault::Point`, with abort, error and hang.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Stdio;

use dp::base::fault::Point;

use crate::sandbox::{Output, Sandbox};
use crate::stories::{self, Story};
use crate::world;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Abort,
    Error,
    Hang,
}

impl Mode {
    fn word(self) -> &'static str {
        match self {
            Self::Abort => "abort",
            Self::Error => "error",
            Self::Hang => "hang",
        }
    }

    /// The command that comes next, which has to put things in order by itself.
    fn next(self, story: &Story) -> Vec<&str> {
        match self {
            Self::Abort => vec!["status", "--env", story.environment],
            Self::Hang => vec!["plan", "--env", story.environment],
            Self::Error => story.arguments(),
        }
    }
}

/// How often each point is reached in a story that is left alone.
fn reached(story: &Story, sandbox: &Sandbox) -> BTreeMap<String, usize> {
    let output = sandbox.command(story.arguments()).env("__DP_TEST_FAULT", "trace").output().expect("dp runs");
    assert!(output.status.success(), "{}: {}", story.name, String::from_utf8_lossy(&output.stderr));
    let mut counts = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        if let Some(point) = line.strip_prefix("fault: ") {
            *counts.entry(point.to_owned()).or_default() += 1;
        }
    }
    world::all_is_well(sandbox, story);
    stories::back(sandbox);
    counts
}

fn is_full() -> bool {
    crate::setting("DP_CRASH").is_some_and(|value| value == "full")
}

/// Which occurrences of a point are worth a disturbance.
fn occurrences(point: Point, count: usize, is_first_story: bool) -> Vec<usize> {
    let any_file = matches!(point, Point::BeforeFile | Point::AfterFile);
    match (is_full(), is_first_story, any_file) {
        (true, _, _) => (1..=count).collect(),
        // These are many, and most lie beside points with names.
        (false, true, true) => (1..=count).step_by(9).collect(),
        (false, true, false) => vec![1],
        (false, false, _) => Vec::new(),
    }
}

fn go_through(mode: Mode) {
    let mut seen: Vec<Point> = Vec::new();
    let mut problems = Vec::new();
    let mut cases = 0;
    for story in stories::ALL {
        let sandbox = story.begin();
        let counts = reached(story, &sandbox);
        for point in Point::ALL {
            let Some(count) = counts.get(point.word()) else {
                continue;
            };
            let is_first_story = !seen.contains(point);
            for occurrence in occurrences(*point, *count, is_first_story) {
                let fault = format!("{}:{occurrence}:{}", point.word(), mode.word());
                cases += 1;
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| disturb(story, &sandbox, &fault, mode))) {
                    let message = panic
                        .downcast_ref::<String>()
                        .cloned()
                        .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
                        .unwrap_or_default();
                    problems.push(format!("{fault} in `{}`: {message}", story.name));
                }
                stories::back(&sandbox);
            }
            if is_first_story {
                seen.push(*point);
            }
        }
    }
    let missed: Vec<_> = Point::ALL.iter().filter(|point| !seen.contains(point)).map(|point| point.word()).collect();
    assert!(missed.is_empty(), "no story reaches {}", missed.join(", "));
    crate::say(&format!("{cases} cases at {} points with {}", seen.len(), mode.word()));
    assert!(problems.is_empty(), "{} of {cases}:\n{}", problems.len(), problems.join("\n\n"));
}

fn disturb(story: &Story, sandbox: &Sandbox, fault: &str, mode: Mode) {
    match mode {
        Mode::Hang => stopped(story, sandbox, fault),
        Mode::Abort | Mode::Error => {
            let output = sandbox.command(story.arguments()).env("__DP_TEST_FAULT", fault).output().expect("dp runs");
            let code = output.status.code();
            let text = String::from_utf8_lossy(&output.stderr);
            if mode == Mode::Abort {
                assert_eq!(code, None, "dp is gone:\n{text}");
            } else {
                assert!(matches!(code, Some(0 | 1 | 3)), "{code:?}: an error is no bug:\n{text}");
                // Nothing stands on it any more, so nobody tries again: the user is told.
                let told = text.contains("could not write the export") && text.contains("out/old.csv");
                if told && sandbox.path("out/old.csv").exists() {
                    sandbox.remove("out/old.csv");
                }
            }
        }
    }
    world::readers_have_one_set(sandbox, story);
    let unfinished = world::unfinished(sandbox);
    let next = sandbox.dp(mode.next(story)).success();
    // A command that reads changes nothing outside of `.dp`: what others see is completed by one that writes.
    let said = next.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    let behind = usize::from(said.contains("the next command that writes"));
    assert!(behind == 0 || mode != Mode::Error, "this one writes:\n{next}");
    assert_eq!(recoveries(&next) + behind, unfinished.min(1), "what was found is said in one line:\n{next}");
    assert_eq!(world::unfinished(sandbox), behind, "the next command leaves no other run open:\n{next}");
    let query = world::of_query(sandbox, story.environment);
    assert!([story.old, story.new].contains(&query), "`dp query` shows {query}");
    let apply = sandbox.dp(story.arguments()).success();
    assert_eq!(recoveries(&apply), behind, "once is enough:\n{apply}");
    world::all_is_well(sandbox, story);
}

fn recoveries(output: &Output) -> usize {
    output.stderr.lines().filter(|line| line.starts_with("recovered:")).count()
}

/// Stands still at the point; meanwhile everybody can read. Then it is killed.
fn stopped(story: &Story, sandbox: &Sandbox, fault: &str) {
    let mut child = sandbox
        .command(story.arguments())
        .env("__DP_TEST_FAULT", fault)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("dp starts");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let stands = lines.any(|line| line.is_ok_and(|line| line.starts_with("fault: ")));
    let read = catch_unwind(AssertUnwindSafe(|| {
        assert!(stands, "dp stands still at {fault}");
        let query = world::of_query(sandbox, story.environment);
        assert!([story.old, story.new].contains(&query), "`dp query` shows {query} while dp stands still");
        world::readers_have_one_set(sandbox, story);
    }));
    child.kill().expect("dp is killed");
    child.wait().expect("dp is gone");
    if let Err(panic) = read {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn gone_at_every_point() {
    go_through(Mode::Abort);
}

#[test]
fn failing_at_every_point() {
    go_through(Mode::Error);
}

#[test]
fn killed_while_standing_still_at_every_point() {
    go_through(Mode::Hang);
}
