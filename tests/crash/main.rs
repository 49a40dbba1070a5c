//! Nothing is lost: dp dies, fails or stands still at every point where that matters, is killed at random, meets a full
//! disk and files that others damaged; afterwards readers have one set, the record is true, and the next command goes on.
//!
//! `DP_CRASH=full` goes through every occurrence of every point of every story, `DP_KILLS=500` kills so often.

#[path = "../cli/sandbox.rs"]
#[expect(dead_code, reason = "the tests of the command line use more of it")]
mod sandbox;

mod damage;
mod disk;
mod kills;
mod order;
mod points;
mod stories;
mod world;

#[expect(clippy::disallowed_methods, reason = "this is what tells tests what to do")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Counts for who runs the tests with `--nocapture`.
#[expect(clippy::print_stdout, reason = "figures for docs/reliability.md")]
fn say(text: &str) {
    println!("{text}");
}
