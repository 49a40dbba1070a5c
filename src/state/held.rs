use serde::{Deserialize, Serialize};

use super::{Digest, RunId, VersionId};
use crate::project::AssetName;

/// What a rollback took away, and what is not to come back unasked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// Of which asset.
    pub asset: AssetName,
    /// The key of the version that was rolled back; `None` if that the asset was withdrawn was rolled back.
    pub key: Option<Digest>,
    /// That version, if it was one.
    pub version: Option<VersionId>,
    /// The rollback.
    pub run: RunId,
}

/// What a rollback undoes beside the pointers that it moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// The first run that is undone: what it and later ones held back is free again.
    pub since: RunId,
    /// What is held back from now on.
    pub held: Vec<HeldBack>,
}
