//! What other programs see of the published versions.

pub mod local;
