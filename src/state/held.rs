use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Digest, RunId, Version, VersionId};
use crate::project::AssetName;

/// A definition that a rollback took back, and that is not published again until somebody asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// Of which asset.
    pub asset: AssetName,
    /// The definition that is held; `None` if the rollback undid a withdrawal.
    pub definition: Option<Digest>,
    /// The key of the version that was rolled back; `None` if the rollback undid a withdrawal.
    pub key: Option<Digest>,
    /// The version that was rolled back; `None` if the rollback undid a withdrawal.
    pub version: Option<VersionId>,
    /// The rollback.
    pub run: RunId,
    /// When the rollback started.
    pub since: Timestamp,
}

/// What a rollback undoes beside the pointers that it moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// The first run that is undone: what it and later ones held back is free again.
    pub since: RunId,
    /// What is held back from now on.
    pub held: Vec<HeldBack>,
}

/// Whether `after` differs from `before` only because an asset that it reads has other rows.
///
/// Then a rollback need not hold it: it stays with what it reads, and follows that again.
pub fn only_follows(after: &Version, before: &Version) -> bool {
    let files = |version: &Version| -> Vec<(String, Option<Digest>)> {
        let files = version.inputs.iter().filter(|input| input.version.is_none());
        files.map(|input| (input.name.clone(), input.content.clone())).collect()
    };
    let reads_others = after.inputs.iter().filter(|input| input.version.is_some()).any(|input| {
        let then = before.inputs.iter().find(|then| then.version.is_some() && then.name == input.name);
        then.is_none_or(|then| then.content != input.content || then.version != input.version)
    });
    after.definition == before.definition
        && files(after) == files(before)
        && after.observed() == before.observed()
        && reads_others
}
