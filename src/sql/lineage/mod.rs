//! Column lineage, a function of a query's operators ([`ir`](super::ir)).
//!
//! It gives for each column of the result exactly the columns of the inputs that it is computed from, and the columns
//! that decide the row set. If an engine's plan contains anything that can't be converted to operators, the whole lineage
//! is [unknown](ColumnLineage::unknown), which stands for every column of every input.

mod derive;
mod how;
mod sources;
mod value;

pub use derive::of;
pub use how::{How, Hows};
pub use sources::Unknown;
pub use value::{ByColumn, ColumnLineage, OutputLineage, ReadColumns};
