//! Compares what a program did with what its asset declares.
//!
//! [`judge`] takes the observed accesses and decides for each whether it was expected, whether it is noise
//! ([`Noise`]), what the result depends on ([`Dependence`]), and what to report to the user ([`Notice`]). It reads no
//! files; its callers inspect the paths.

mod contacts;
mod expected;
mod git;
mod interpreters;
mod judge;
mod kept;
mod noise;
mod notice;
mod noticing;
mod owners;

pub use expected::{Dependence, Expected, Judged};
pub use interpreters::program_folder;
pub use judge::judge;
pub use noise::{Noise, RULES, expanded};
pub use notice::Notice;
pub use owners::{Owner, Owners};
