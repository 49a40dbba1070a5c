//! Where versions are stored.

pub mod local;
