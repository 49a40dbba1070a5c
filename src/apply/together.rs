//! Checks on what would be published together: whatever publishes, every `error` check that reads it has to pass.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::views::{Kept, visible_relations};
use super::{ApplyError, job};
use crate::plan::{Contents, can_be_checked, check_key, known};
use crate::project::{AssetName, Severity};
use crate::state::{Analysis, CheckFacts, CheckRecord, Digest, Version};
use crate::warehouse::{Builder, Relation};

/// What would be published, and which of it is new.
pub struct Together<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// What is known of the project.
    pub analysis: &'a Analysis,
    /// Everything that would be published, by asset.
    pub after: BTreeMap<AssetName, &'a Version>,
    /// What of it is not published yet.
    pub changed: BTreeSet<AssetName>,
    /// Assets whose own checks were looked at already.
    pub checked: BTreeSet<AssetName>,
}

/// A check that has no passing result for what would be published.
pub struct DueCheck {
    /// The asset that declares it.
    pub asset: AssetName,
    /// The check.
    pub check: CheckFacts,
    /// The key of its result.
    pub key: Digest,
}

/// A check that was run on what would be published.
pub struct CheckedTogether {
    /// The asset that declares it.
    pub asset: AssetName,
    /// The assets that it reads.
    pub inputs: BTreeSet<AssetName>,
    /// Its result.
    pub record: CheckRecord,
}

impl CheckedTogether {
    /// "check `small` of `t.b`: 2 rows fail".
    pub fn words(&self) -> String {
        format!("check `{}` of `{}`: {}", self.record.check, self.asset, self.record.found())
    }
}

impl Together<'_> {
    /// The checks that have to be run. `passed` tells whether a result for a key is on record, and whether it passed.
    ///
    /// A check that reads columns which are not there belongs to another declaration than the one that would be published.
    pub fn due<E>(&self, mut passed: impl FnMut(&Digest) -> Result<Option<bool>, E>) -> Result<Vec<DueCheck>, E> {
        let mut contents: Option<Contents> = None;
        let mut due = Vec::new();
        for (asset, checks) in self.analysis.checks() {
            if !self.after.contains_key(asset) || self.checked.contains(asset) {
                continue;
            }
            let binding = checks.iter().filter(|check| check.severity == Severity::Error);
            for check in binding.filter(|check| check.inputs.iter().any(|input| self.changed.contains(input))) {
                if !check.inputs.iter().all(|input| self.can_be_checked(check, input)) {
                    continue;
                }
                let contents = contents.get_or_insert_with(|| {
                    self.after.iter().map(|(name, version)| (name.clone(), known(version))).collect()
                });
                let key = check_key(check, contents);
                let is_met = match &key {
                    Some(key) => passed(key)? == Some(true),
                    None => false,
                };
                if !is_met {
                    due.push(DueCheck {
                        asset: asset.clone(),
                        check: check.clone(),
                        // A result that is not to be remembered still needs a name in the record.
                        key: key.unwrap_or_else(Digest::random),
                    });
                }
            }
        }
        Ok(due)
    }

    fn can_be_checked(&self, check: &CheckFacts, input: &AssetName) -> bool {
        let there = self.after.get(input).zip(self.analysis.schema(input));
        there.is_some_and(|(version, bound)| can_be_checked(check, input, bound, version))
    }

    /// What the names stand for that checks read.
    pub fn relations(&self, due: &[DueCheck], kept: &mut Kept<'_>) -> Result<Vec<Relation>, ApplyError> {
        let names: BTreeSet<AssetName> = due.iter().flat_map(|due| due.check.inputs.iter().cloned()).collect();
        let find = |name: &AssetName| self.after.get(name).copied();
        Ok(visible_relations(self.root, &find, names.iter(), kept)?)
    }

    /// Runs checks on what would be published; the names that they read must stand for that.
    pub fn run(&self, due: Vec<DueCheck>, builder: &mut dyn Builder) -> Result<Vec<CheckedTogether>, ApplyError> {
        due.into_iter()
            .map(|due| {
                Ok(CheckedTogether {
                    record: job::check(&due.check, due.key, builder)?,
                    asset: due.asset,
                    inputs: due.check.inputs,
                })
            })
            .collect()
    }
}
