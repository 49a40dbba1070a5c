//! Column lineage, derived from the engine's bound plan.
//!
//! In a bound plan names are resolved, views and stars are expanded. A walk over it gives for each column of the
//! result exactly the columns of the inputs that it is computed from, and the columns that decide the row set. If the
//! walk meets anything unknown, the whole lineage is [unknown](ColumnLineage::unknown), which stands for every column
//! of every input. `operators` and `expressions` list each known operator and expression by name, and a field that is
//! not listed may contain no expression.

mod how;
mod value;

pub use how::{How, Hows};
pub use value::{ByColumn, ColumnLineage, OutputLineage, ReadColumns};
