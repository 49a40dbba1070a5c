//! The dependencies: a directed acyclic graph of assets, behind one type.
//!
//! The order is deterministic everywhere: equal projects give equal orders, whatever the order of files.

mod assets;
mod error;
mod select;

pub use assets::{Graph, NameCycle};
pub use error::GraphError;
pub use select::{Selection, SelectionError};
