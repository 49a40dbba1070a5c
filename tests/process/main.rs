//! Programs that are run, and what is seen of them.

#![expect(clippy::unwrap_used, reason = "what fails here is the test")]
#![expect(clippy::print_stderr, reason = "a test says why it is skipped")]

mod ending;
mod fence;
mod files;
mod harness;
mod links;
mod peers;
mod programs;
mod ways;
