//! Inspects the disk: source files by content, and published files against the record.
//!
//! A file is read again unless it provably did not change: see [`FileHasher`].

mod error;
mod glob;
mod hasher;
mod outputs;
mod paths;

pub use error::ObserveError;
pub use glob::{literal_file, matching};
pub use hasher::{FileHasher, Remembered};
pub use outputs::{Recall, foreign, is_as_recorded, outputs};
pub use paths::{path_state, paths};
