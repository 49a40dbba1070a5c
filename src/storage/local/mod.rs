//! Versions as folders of files below `.dp/store`.

mod manifest;

pub use manifest::{ManifestError, read_manifest, write_manifest};
