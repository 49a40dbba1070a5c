//! Which assets a plan covers.

use std::collections::BTreeSet;

use super::Planner;
use crate::graph::Selection;
use crate::model::AssetName;
use crate::plan::decide::same_files;

impl Planner<'_> {
    /// Returns the selected assets, and the in-place sources below them whose files changed: their readers see the new
    /// bytes.
    pub(super) fn selection(&self) -> Selection {
        let Selection::Only(names) = &self.options.selection else {
            return Selection::All;
        };
        let mut all = names.clone();
        for name in names {
            self.add_changed_in_place(name, &mut all);
        }
        Selection::Only(all)
    }

    /// Adds the changed in-place sources that an asset reads. Returns whether there were any.
    fn add_changed_in_place(&self, name: &AssetName, selected: &mut BTreeSet<AssetName>) -> bool {
        let Some(facts) = self.analysis.facts.get(name) else {
            return false;
        };
        let mut found = false;
        for input in &facts.inputs {
            let Some((asset, below)) = self.project.assets.get(input).zip(self.analysis.facts.get(input)) else {
                continue;
            };
            if !asset.is_view() {
                continue;
            }
            let published = self.snapshot.published.get(input);
            let changed = published.is_some_and(|published| !same_files(below, &published.version));
            if changed | self.add_changed_in_place(input, selected) {
                selected.insert(input.clone());
                found = true;
            }
        }
        found
    }
}
