//! What a program did, held against what was declared.
//!
//! [`judge`] takes the accesses that were seen and says of each whether it was to be expected, what of it is noise
//! ([`Noise`]), what the result depends on ([`Dependence`]) and what a person should know ([`Notice`]). It looks at no file:
//! what is at a path is for others to find out.

mod git;
mod interpreters;
mod judge;
mod kept;
mod noise;
mod notice;
mod owners;

pub use interpreters::program_folder;
pub use judge::{Dependence, Expected, Judged, judge};
pub use noise::{Noise, RULES, expanded};
pub use notice::Notice;
pub use owners::{Owner, Owners};
