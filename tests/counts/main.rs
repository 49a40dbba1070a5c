//! What planning costs, as a number of instructions: the same on every run, whatever else the machine does.
//!
//! `valgrind` counts. Where it is missing, or on another architecture than that of the figures on record, these tests
//! say so and count nothing. `DP_UPDATE_COUNTS=1` puts new figures on record.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]
#![expect(clippy::disallowed_methods, reason = "nobody hands the environment down to a test")]

#[expect(dead_code, reason = "the benchmarks use the rest")]
#[path = "../../benches/pipeline/generate.rs"]
mod generate;

mod counted;
mod growth;
mod planning;
