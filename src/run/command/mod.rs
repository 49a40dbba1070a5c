//! Runs the program of a command asset: its inputs, its outputs, and its observed behaviour.
//!
//! A program works in the project. It has its own folder below `.dp/tmp` for its outputs and temporary files. dp takes
//! the outputs from there into the version's building folder. Each attempt starts with an empty folder. The program's
//! output streams go to `.dp/logs/RUN/ASSET.log`, with secrets masked.

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
