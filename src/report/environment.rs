use serde::Serialize;

use crate::model::{AssetName, EnvironmentName, RunId, Version, VersionId};

/// The result of `dp env delete`.
#[derive(Clone, Debug, Serialize)]
pub struct EnvironmentDeleted {
    /// The version of the format.
    pub format_version: &'static str,
    /// The environment.
    pub environment: EnvironmentName,
    /// The run that deleted it; `None` if nothing was published in it.
    pub run: Option<RunId>,
    /// The versions that were withdrawn.
    pub withdrawn: Vec<AssetVersion>,
}

/// The result of `dp env promote`.
#[derive(Clone, Debug, Serialize)]
pub struct Promotion {
    /// The version of the format.
    pub format_version: &'static str,
    /// The environment whose versions are published.
    pub from: String,
    /// The environment in which they are published.
    pub environment: EnvironmentName,
    /// The run that published them; `None` if there was nothing to promote.
    pub run: Option<RunId>,
    /// Versions of assets whose definition differs.
    pub published: Vec<AssetVersion>,
    /// Versions of downstream assets that equal what would be computed from these.
    pub following: Vec<AssetVersion>,
    /// Assets that an apply has to build afterwards.
    pub due: Vec<AssetName>,
}

/// A version of an asset.
#[derive(Clone, Debug, Serialize)]
pub struct AssetVersion {
    /// The asset.
    pub asset: AssetName,
    /// The version.
    pub version: VersionId,
}

impl AssetVersion {
    /// Returns the entry of a version.
    pub fn of(version: &Version) -> Self {
        Self {
            asset: version.asset.clone(),
            version: version.id.clone(),
        }
    }
}
