//! Lineage by column, read off the engine's bound plan.
//!
//! In a bound plan names are resolved, views expanded and stars written out, so a walk over it gives
//! for each column of the result exactly the columns of the inputs that it is computed from, and apart
//! from that the columns that decide which rows there are. Whatever the walk does not understand makes
//! the whole answer [unknown](ColumnLineage::unknown), which stands for every column of every input:
//! each operator and each expression that is understood is listed by name in `operators` and
//! `expressions`, and a field that is not listed may hold no expression.

mod expressions;
mod fields;
mod how;
mod joins;
mod operators;
mod scans;
mod value;
mod walk;

pub use how::{How, Hows};
pub use value::{ByColumn, ColumnLineage, OutputLineage, ReadColumns};
pub use walk::{Unknown, read};
