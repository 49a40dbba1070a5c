//! What a rollback took away does not come back unasked.

use super::Reason;
use crate::project::AssetName;
use crate::state::{Digest, Facts, HeldBack, Snapshot};

/// The rollback that keeps a version with this key from being published, if one does.
///
/// What is published already may be built again: where the key is a promise, the rows are the same.
pub fn held_back<'a>(
    snapshot: &'a Snapshot,
    asset: &AssetName,
    facts: &Facts,
    key: Option<&Digest>,
) -> Option<&'a HeldBack> {
    let key = key?;
    let is_published = snapshot.published.get(asset).is_some_and(|published| published.version.key == *key);
    if is_published && facts.unstable.is_empty() {
        return None;
    }
    snapshot.held_version(asset, key)
}

/// The reason of a step that would bring back what was rolled back.
pub(super) fn reason(held: &HeldBack) -> Reason {
    Reason::RolledBack {
        run: held.run,
        version: held.version.clone(),
    }
}
