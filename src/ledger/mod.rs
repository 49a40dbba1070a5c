//! Where the state is kept.

pub mod sqlite;
