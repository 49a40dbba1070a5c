//! The results of operations: the values that `--json` prints and that views render as text.

mod environment;
mod gc;
mod rollback;

pub use environment::{AssetVersion, EnvironmentDeleted, Promotion};
pub use gc::{FreedAsset, Gc, SizedPath, Total};
pub use rollback::{HeldVersion, Republished, Rollback, Size, UndoneRun, Withdrawn};

/// The version of the JSON formats.
pub const FORMAT_VERSION: &str = "1.0";
