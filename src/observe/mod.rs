//! Looks at what is really there: source files by content, published files by what was recorded.
//!
//! Reading a file again is avoided only where that can't be wrong: see [`FileHasher`].

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
