use std::path::Path;

use miette::Diagnostic;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::base::fs::{self, FsError};
use crate::base::layout;
use crate::model::Version;

const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Manifest<V> {
    format_version: u32,
    dp_version: String,
    version: V,
}

/// A manifest that dp does not trust.
#[derive(Debug, Error, Diagnostic)]
pub enum ManifestError {
    /// The manifest can't be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] FsError),
    /// dp did not write the manifest in this form.
    #[error("`{path}` is not a valid version manifest: {why}")]
    #[diagnostic(
        code(dp::warehouse::manifest),
        help("run `dp apply`: dp ignores the version beside it, and builds another one when needed")
    )]
    #[expect(missing_docs, reason = "the message says it")]
    Damaged { path: String, why: String },
}

/// Writes the manifest of a version into its folder, without a sync.
pub fn write_manifest(folder: &Path, version: &Version) -> Result<(), FsError> {
    let manifest = Manifest {
        format_version: FORMAT,
        dp_version: env!("CARGO_PKG_VERSION").to_owned(),
        version,
    };
    let json = serde_json::to_vec_pretty(&manifest).expect("dp's own values have a JSON form");
    fs::write_new(&folder.join(layout::MANIFEST_FILE), &json, 0o444)
}

/// Reads the manifest of the version in `folder`.
pub fn read_manifest(folder: &Path) -> Result<Version, ManifestError> {
    let path = folder.join(layout::MANIFEST_FILE);
    let text = fs::read_to_string(&path)?;
    let damaged = |why: String| ManifestError::Damaged {
        path: path.display().to_string(),
        why,
    };
    let manifest: Manifest<Version> = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    if manifest.format_version != FORMAT {
        return Err(damaged(format!(
            "it has format {}, but this dp supports format {FORMAT}",
            manifest.format_version
        )));
    }
    Ok(manifest.version)
}
