//! Damaged projects: whatever the files hold, `dp` gives a plan or says what is wrong, and soon.
//!
//! Each case takes an example that was applied once, damages one to three of its files, and runs the real binary, because
//! a stack that overflows can't be caught within a process. What counts as a failure is in `verdict.rs`, what is done to
//! the files in `bytes.rs`, `toml.rs`, `sql.rs` and `tree.rs`. The same number gives the same case, always.
//!
//! A few hundred cases run by default. `DP_DAMAGE_CASES=10000` runs so many, `DP_DAMAGE_CASE=1234` only that one and shows
//! what it did.

#![expect(clippy::unwrap_used, reason = "what fails here is the test")]
#![expect(clippy::print_stdout, reason = "figures, for who asks for them with --nocapture")]
#![expect(clippy::case_sensitive_file_extension_comparisons, reason = "the paths are those of the examples")]
#![expect(clippy::disallowed_methods, reason = "nobody hands the environment down to a test")]

mod bytes;
mod chance;
mod sql;
mod toml;
mod tree;
mod verdict;
mod workplace;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::chance::Chance;
use crate::verdict::Verdict;
use crate::workplace::Workplace;

/// Cases of the short form.
const SHORT: usize = 300;
/// How many are at work at once.
const WORKERS: usize = 2;

/// What came of all cases.
#[derive(Default)]
struct Tally {
    endings: BTreeMap<String, usize>,
    damages: BTreeMap<&'static str, usize>,
    slowest: (Duration, usize),
    failures: Vec<String>,
}

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name}={value} is no number")))
}

/// One case: damage, run, judge, repair.
fn case(workplace: &Workplace, index: usize, tally: &Mutex<Tally>, is_shown: bool) {
    let mut chance = Chance::of_case(index);
    let mut done = Vec::new();
    let changes = tree::damage(workplace, &mut chance, &mut done);
    workplace.change(&changes);
    let command = *chance.of(&[&["plan"][..], &["plan"], &["plan", "--json"], &["validate"], &["plan", "--all"]]);
    let verdict = verdict::of(workplace, command);
    let mut tally = tally.lock().unwrap();
    if is_shown {
        println!("case {index}, {}: dp {}\n{}\n{}", workplace.name, command.join(" "), done.join("\n"), verdict.output);
        for (path, text) in &changes {
            println!("--- {path}\n{}", text.as_ref().map_or("(removed)".into(), |text| String::from_utf8_lossy(text)));
        }
    }
    for damage in done.iter().filter_map(|damage| damage.split(':').next()) {
        if let Some(known) = tree::all_names().find(|known| *known == damage) {
            *tally.damages.entry(known).or_default() += 1;
        }
    }
    tally.slowest = tally.slowest.max((verdict.took, index));
    let Verdict { ending, problem, .. } = verdict;
    *tally.endings.entry(ending).or_default() += 1;
    if let Some(problem) = problem {
        let failure =
            format!("case {index} ({}, dp {}; {}): {problem}", workplace.name, command.join(" "), done.join("; "));
        println!("{failure}");
        tally.failures.push(failure);
    }
    drop(tally);
    workplace.repair(&changes);
}

#[test]
fn every_damaged_project_gets_a_plan_or_a_diagnosis_within_a_second() {
    let only = number("DP_DAMAGE_CASE");
    let cases = number("DP_DAMAGE_CASES").unwrap_or(SHORT);
    let next = AtomicUsize::new(only.unwrap_or(0));
    let end = only.map_or(cases, |only| only + 1);
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..if only.is_some() { 1 } else { WORKERS } {
            scope.spawn(|| {
                let workplaces = [Workplace::flights(), Workplace::shop()];
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= end {
                        break;
                    }
                    let workplace = &workplaces[usize::from(index % 3 == 2)];
                    case(workplace, index, &tally, only.is_some());
                }
            });
        }
    });
    let mut tally = tally.into_inner().unwrap();
    let (slowest, which) = tally.slowest;
    println!("{} cases; the slowest, {which}, took {slowest:.2?}", end - only.unwrap_or(0));
    for (ending, count) in &tally.endings {
        println!("{count:>6}  {ending}");
    }
    println!("{:?}", tally.damages);
    tally.failures.sort();
    assert!(
        tally.failures.is_empty(),
        "{} cases went wrong (DP_DAMAGE_CASE=N runs one and shows it):\n{}",
        tally.failures.len(),
        tally.failures.join("\n")
    );
    if only.is_none() {
        let plans = tally.endings.get("a plan").copied().unwrap_or_default();
        assert!(
            plans * 20 > cases,
            "only {plans} of {cases} damaged projects still had a plan: too rough to test planning"
        );
        assert!(plans * 10 < cases * 9, "{plans} of {cases} damaged projects had a plan: too soft to test errors");
    }
}
