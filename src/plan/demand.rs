//! Which lists of columns get their own fingerprint: those that another asset reads.

use std::collections::{BTreeMap, BTreeSet};

use super::decide::{positions, reads_for};
use crate::facts::Analysis;
use crate::model::{AssetName, Columns};
use crate::project::{Asset, Project};
use crate::seam::Snapshot;

/// The maximum number of lists per table that are fingerprinted in addition to the whole.
pub const MOST_LISTS: usize = 16;

/// The lists of columns that tables, and checks of other assets, read of each asset.
#[derive(Clone, Debug, Default)]
pub struct Demand(BTreeMap<AssetName, BTreeSet<BTreeSet<String>>>);

impl Demand {
    /// Returns the lists of one asset, at most [`MOST_LISTS`].
    pub fn of(&self, asset: &AssetName) -> BTreeSet<BTreeSet<String>> {
        self.0.get(asset).cloned().unwrap_or_default()
    }

    /// Collects the lists from all readers.
    ///
    /// Reading columns of a computed view means reading the tables below it, for those columns alone. If a table is
    /// read in more ways than are kept, the lists with the fewest readers are dropped.
    ///
    /// The columns that published versions were compared by are kept while they are published, so that they can be
    /// compared again.
    pub fn new(project: &Project, analysis: &Analysis, snapshot: &Snapshot) -> Self {
        let mut wanted = Wanted::default();
        for input in snapshot.published.values().flat_map(|published| &published.version.inputs) {
            if let Ok(name) = input.name.parse() {
                wanted.add(&name, &input.compared_by());
            }
        }
        for (name, facts) in &analysis.facts {
            for check in &facts.checks {
                let others = check.reads.iter().filter(|(input, _)| *input != name);
                others.for_each(|(input, columns)| wanted.add(input, columns));
            }
        }
        let mut kept = BTreeMap::new();
        // The readers of an asset come after it in the order, so its lists are complete when it is reached.
        for name in analysis.graph.order().iter().rev() {
            let Some(facts) = analysis.facts.get(name) else {
                continue;
            };
            let lists = wanted.take(name);
            facts.reads.iter().for_each(|(input, columns)| wanted.add(input, columns));
            if project.assets.get(name).is_some_and(Asset::is_computed) {
                for positions in lists.iter().filter_map(|list| positions(facts, list)) {
                    for input in &facts.inputs {
                        wanted.add(input, &reads_for(facts, input, &positions));
                    }
                }
            }
            kept.insert(name.clone(), lists);
        }
        Self(kept)
    }
}

/// The number of readers per list, by asset.
#[derive(Default)]
struct Wanted(BTreeMap<AssetName, BTreeMap<BTreeSet<String>, usize>>);

impl Wanted {
    fn add(&mut self, asset: &AssetName, columns: &Columns) {
        if let Columns::Only(columns) = columns {
            *self.0.entry(asset.clone()).or_default().entry(columns.clone()).or_default() += 1;
        }
    }

    /// Returns the lists of an asset that are kept.
    fn take(&mut self, asset: &AssetName) -> BTreeSet<BTreeSet<String>> {
        let mut lists: Vec<_> = self.0.remove(asset).unwrap_or_default().into_iter().collect();
        lists
            .sort_by(|(left, readers), (right, others)| (others, left.len(), left).cmp(&(readers, right.len(), right)));
        lists.into_iter().take(MOST_LISTS).map(|(list, _)| list).collect()
    }
}
