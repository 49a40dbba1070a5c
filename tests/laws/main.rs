//! The laws of dp, held against the real binary over random small projects and random edits.
//!
//! A law runs a few fixed cases, the same ones each time. `DP_LAWS_CASES=500` runs so many new ones of each
//! (about half an hour); `DP_LAWS_SEED=7` makes them repeatable; `DP_LAWS_KEEP=DIR` writes what failed into
//! a folder a stage. A failure prints the smallest project found, as files, with each edit.

#![expect(clippy::unwrap_used, reason = "what fails here is the test")]
#![expect(clippy::disallowed_methods, reason = "nobody hands the environment down to a test")]

mod edits;
mod generate;
mod incremental;
mod model;
mod needless;
mod plans;
mod shop;
mod story;
mod tape;

use std::io::Write as _;

use proptest::prelude::Strategy;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};

use crate::shop::Law;
use crate::story::Story;

/// A line in the file that `DP_LAWS_LOG` names, to see what the stories are made of.
fn log(line: &str) {
    let Some(path) = std::env::var_os("DP_LAWS_LOG") else {
        return;
    };
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    writeln!(file, "{line}").unwrap();
}

/// Tries the law on this many stories, or on as many as the environment says.
fn hold(cases: u32, stories: impl Strategy<Value = Story>, law: impl Fn(&Story) -> Law) {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let wanted = number("DP_LAWS_CASES");
    let rng_seed = match (wanted, number("DP_LAWS_SEED")) {
        (_, Some(seed)) => RngSeed::Fixed(seed),
        (Some(_), None) => RngSeed::Random,
        (None, None) => RngSeed::Fixed(2013),
    };
    let config = Config {
        cases: wanted.map_or(cases, |cases| u32::try_from(cases).unwrap()),
        failure_persistence: None,
        max_shrink_iters: 300,
        rng_seed,
        ..Config::default()
    };
    match TestRunner::new(config).run(&stories, |story| law(&story)) {
        Ok(()) => {}
        Err(TestError::Fail(reason, story)) => {
            incremental::keep(&story);
            panic!("{reason}\n\nThe smallest story found:\n{story:?}");
        }
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}
