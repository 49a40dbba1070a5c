//! Checks on the set that would be published: every `error` check that reads it must pass, whichever command
//! publishes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::views::{Kept, visible_relations};
use super::{ApplyError, job};
use crate::facts::{Analysis, CheckFacts};
use crate::model::{AssetName, CheckRecord, Digest, Severity, Version};
use crate::plan::{Inputs, can_be_checked, check_key, decide, known};
use crate::seam::{Builder, Relation};

/// What would be published, and which part of it is new.
pub struct Together<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// The analysis of the project.
    pub analysis: &'a Analysis,
    /// Everything that would be published, by asset.
    pub after: BTreeMap<AssetName, &'a Version>,
    /// The assets whose version is not published yet.
    pub changed: BTreeSet<AssetName>,
    /// Assets whose own checks have already been considered.
    pub checked: BTreeSet<AssetName>,
}

/// A check without a passing result for what would be published.
pub struct DueCheck {
    /// The asset that declares the check.
    pub asset: AssetName,
    /// The check.
    pub check: CheckFacts,
    /// The key of the result.
    pub key: Digest,
}

/// A check that ran on what would be published.
pub struct CheckedTogether {
    /// The asset that declares the check.
    pub asset: AssetName,
    /// The assets that the check reads.
    pub inputs: BTreeSet<AssetName>,
    /// The result.
    pub record: CheckRecord,
}

impl CheckedTogether {
    /// "check `small` of `t.b`: 2 rows fail".
    pub fn words(&self) -> String {
        format!("check `{}` of `{}`: {}", self.record.check, self.asset, self.record.found())
    }
}

impl Together<'_> {
    /// Returns the checks to run. `passed` returns whether the recorded result for a key passed, or `None` without a
    /// result.
    ///
    /// A check that reads missing columns is skipped: it belongs to another declaration than the one that would be
    /// published.
    pub fn due<E>(&self, mut passed: impl FnMut(&Digest) -> Result<Option<bool>, E>) -> Result<Vec<DueCheck>, E> {
        let mut contents: Option<Inputs> = None;
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
                let recorded = key.as_ref().map(&mut passed).transpose()?.flatten();
                if decide::due(check, key.as_ref(), recorded).is_some() {
                    due.push(DueCheck {
                        asset: asset.clone(),
                        check: check.clone(),
                        // A result that is not reused still needs a key in the state.
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

    /// Returns the relations that the checks read.
    pub fn relations(&self, due: &[DueCheck], kept: &mut Kept<'_>) -> Result<Vec<Relation>, ApplyError> {
        let names: BTreeSet<AssetName> = due.iter().flat_map(|due| due.check.inputs.iter().cloned()).collect();
        let find = |name: &AssetName| self.after.get(name).copied();
        Ok(visible_relations(self.root, &find, names.iter(), kept)?)
    }

    /// Runs the checks. The names that they read must already stand for what would be published.
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
