use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Digest, RunId, Version, VersionId};
use crate::model::AssetName;

/// A definition that a rollback took back. dp does not publish it again until the user asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// The asset.
    pub asset: AssetName,
    /// The definition that is held; `None` if the rollback undid a withdrawal.
    pub definition: Option<Digest>,
    /// The key of the version that was rolled back; `None` if the rollback undid a withdrawal.
    pub key: Option<Digest>,
    /// The version that was rolled back; `None` if the rollback undid a withdrawal.
    pub version: Option<VersionId>,
    /// The run that rolled back.
    pub run: RunId,
    /// When the rollback started.
    pub since: Timestamp,
}

/// What a rollback undoes in addition to the pointers that it moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// The first run that is undone: what it and later runs held back is released.
    pub since: RunId,
    /// What is held back from now on.
    pub held: Vec<HeldBack>,
}

/// Whether `after` differs from `before` only because an asset that it reads has other rows.
///
/// Then a rollback need not hold it: it stays with its inputs, and follows them again.
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
