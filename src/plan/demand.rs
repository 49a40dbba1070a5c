//! Which lists of columns are worth a fingerprint of their own: those that somebody reads.

use std::collections::{BTreeMap, BTreeSet};

use super::decide::{positions, reads_for};
use crate::project::{Asset, AssetName, Project};
use crate::sql::Columns;
use crate::state::{Analysis, Snapshot};

/// Most lists of one table that are fingerprinted beside the whole.
pub const MOST_LISTS: usize = 16;

/// Lists of columns that are read of each asset, by tables and by checks of other assets.
#[derive(Clone, Debug, Default)]
pub struct Demand(BTreeMap<AssetName, BTreeSet<BTreeSet<String>>>);

impl Demand {
    /// The lists of one asset, [`MOST_LISTS`] at most.
    pub fn of(&self, asset: &AssetName) -> BTreeSet<BTreeSet<String>> {
        self.0.get(asset).cloned().unwrap_or_default()
    }

    /// Looks at who reads what.
    ///
    /// What is read of a computed view is read, through it, of what lies below: for those columns alone. A table that
    /// is read in more ways than are kept loses the lists of which the fewest readers have use.
    ///
    /// What published versions were compared by is kept while they are, so that they can be compared again.
    pub fn new(project: &Project, analysis: &Analysis, snapshot: &Snapshot) -> Self {
        let mut wanted = Wanted::default();
        for input in snapshot.published.values().flat_map(|published| &published.version.inputs) {
            if let Ok(name) = input.name.parse() {
                wanted.add(&name, &input.columns);
            }
        }
        for (name, facts) in &analysis.facts {
            for check in &facts.checks {
                let others = check.reads.iter().filter(|(input, _)| *input != name);
                others.for_each(|(input, columns)| wanted.add(input, columns));
            }
        }
        let mut kept = BTreeMap::new();
        // Who reads an asset comes after it in the order, so its lists are complete when its turn comes.
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

/// How many readers each list has, by asset.
#[derive(Default)]
struct Wanted(BTreeMap<AssetName, BTreeMap<BTreeSet<String>, usize>>);

impl Wanted {
    fn add(&mut self, asset: &AssetName, columns: &Columns) {
        if let Columns::Only(columns) = columns {
            *self.0.entry(asset.clone()).or_default().entry(columns.clone()).or_default() += 1;
        }
    }

    /// The lists of an asset that are kept.
    fn take(&mut self, asset: &AssetName) -> BTreeSet<BTreeSet<String>> {
        let mut lists: Vec<_> = self.0.remove(asset).unwrap_or_default().into_iter().collect();
        lists
            .sort_by(|(left, readers), (right, others)| (others, left.len(), left).cmp(&(readers, right.len(), right)));
        lists.into_iter().take(MOST_LISTS).map(|(list, _)| list).collect()
    }
}
