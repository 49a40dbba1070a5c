//! A bound query as a tree of operators, independent of the engine that bound it.
//!
//! Names are resolved, views and stars are expanded. A column is a position among the columns of the operator below, so
//! two queries that differ only in names have the same tree.

mod expr;
mod plan;

pub use expr::{Aggregate, Expr, Window};
pub use plan::{JoinKind, Plan, SetKind};
