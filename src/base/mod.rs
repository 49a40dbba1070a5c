//! What every layer uses: files, time, randomness, wording, places in texts, durations of phases, and faults for tests.

pub mod clock;
pub mod diagnostic;
pub mod fault;
pub mod fs;
pub mod layout;
pub mod lazy_json;
pub mod random;
pub mod text;
pub mod trace;
