//! What depends on what: a directed graph of assets without cycles, behind one type.
//!
//! Order is deterministic everywhere: equal projects give equal orders, whatever the order of files.

mod error;
mod graph;
mod select;

pub use error::GraphError;
pub use graph::{Graph, NameCycle};
pub use select::{Selection, SelectionError};
