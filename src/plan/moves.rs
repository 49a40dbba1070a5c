//! Which assets take over what is published under one of their previous names.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::AssetName;
use crate::project::Project;
use crate::seam::{Published, Snapshot};

/// The moves of one environment: by new name, the previous one.
#[derive(Debug, Default)]
pub(super) struct Moves(BTreeMap<AssetName, AssetName>);

impl Moves {
    /// Returns the moves that apply in an environment, among the selected assets.
    ///
    /// A previous name may be declared again: as another asset, or because two assets swap their names. A published
    /// asset takes over another version only if its own version moves to another name too, as in a swap. A move from a
    /// name that is declared again applies only once in an environment.
    pub(super) fn new(project: &Project, snapshot: &Snapshot, is_selected: impl Fn(&AssetName) -> bool) -> Self {
        let acts = |asset: &AssetName, former: &AssetName| {
            let is_settled = || snapshot.settled.contains(&(asset.clone(), former.clone()));
            snapshot.published.contains_key(former) && !(project.assets.contains_key(former) && is_settled())
        };
        let mut moves: BTreeMap<AssetName, AssetName> = project
            .assets
            .values()
            .filter(|asset| is_selected(&asset.name))
            .filter_map(|asset| {
                let former = asset.moved_from.iter().map(|(name, _)| name).find(|former| acts(&asset.name, former))?;
                Some((asset.name.clone(), former.clone()))
            })
            .collect();
        loop {
            let taken: BTreeSet<AssetName> = moves.values().cloned().collect();
            let before = moves.len();
            moves.retain(|asset, _| !snapshot.published.contains_key(asset) || taken.contains(asset));
            if moves.len() == before {
                return Self(moves);
            }
        }
    }

    /// Returns what is published of an asset, perhaps under a previous name; `None` if it is new, or if another asset
    /// takes over what is published under its name.
    pub(super) fn published<'s>(&self, snapshot: &'s Snapshot, asset: &AssetName) -> Option<&'s Published> {
        match self.0.get(asset) {
            Some(former) => snapshot.published.get(former),
            None if self.takes(asset) => None,
            None => snapshot.published.get(asset),
        }
    }

    /// Whether another asset takes over what is published under this name.
    pub(super) fn takes(&self, name: &AssetName) -> bool {
        self.0.values().any(|former| former == name)
    }
}
