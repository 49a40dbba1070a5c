//! Engines: they bind SQL and run it. Each implements the traits of [`crate::seam`] in a folder here, and no other
//! module names what an engine is made of.

pub mod duckdb;
