//! Reading is exact or it is refused: files whose truth is written down beside them, against what dp reads.
//!
//! `DP_EXACT_CASES` sets the number of generated files for each property; the long form is 20,000.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]
#![expect(clippy::disallowed_methods, reason = "nobody hands the environment down to a test")]

mod csv;
mod door;
mod json;
mod parquet;
#[path = "../laws/tape.rs"]
mod tape;
mod truth;

/// How many cases a property has.
fn cases() -> u32 {
    std::env::var("DP_EXACT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(250)
}
