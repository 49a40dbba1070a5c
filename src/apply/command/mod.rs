//! Runs the program of a command asset: what it is given, what it leaves, and what it was seen to do.
//!
//! A program works in the project, with a folder of its own below `.dp/tmp` for what it leaves and for
//! temporary files. What it leaves is taken from there into the version's building folder. Each attempt starts
//! with an empty folder. What it prints goes to `.dp/logs/RUN/ASSET.log`, with secrets masked.

mod fence;
mod forms;
mod given;
mod log;
mod mask;
mod run;
mod settle;
mod version;

pub use given::Surroundings;
pub(super) use given::{Given, InputFile};
pub(super) use run::{Made, Trouble, reader, run};
