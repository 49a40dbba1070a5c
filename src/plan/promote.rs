//! Decides whether the published versions of one environment can be published in another one without a build.

use std::collections::{BTreeMap, BTreeSet};

use super::decide::{Inputs, check_key, content_key, known, version_key};
use super::{PlanError, held_definition};
use crate::facts::{Analysis, Facts};
use crate::graph::Selection;
use crate::model::{AssetName, RunId, Severity, Version};
use crate::project::{Asset, Project};
use crate::seam::{LedgerRead, Snapshot};

/// The input of a promotion from one environment to another.
pub struct Promotion<'a> {
    /// The project, for the target environment.
    pub project: &'a Project,
    /// The analysis of the project.
    pub analysis: &'a Analysis,
    /// The name of the source environment.
    pub name: &'a str,
    /// What is published in the source environment.
    pub from: &'a Snapshot,
    /// What is published in the target environment.
    pub to: &'a Snapshot,
    /// The selected assets.
    pub selection: Selection,
    /// Assets whose pointer in the target moved after the last apply in the source.
    pub moved: BTreeSet<AssetName>,
    /// The last results of checks that depend on the time, for the version that is published in the source.
    pub timed: BTreeMap<(AssetName, String), bool>,
    /// Versions in the source that can't be shown as they were, with the reason.
    pub lost: BTreeMap<AssetName, String>,
    /// Files that dp did not write at the places of exports.
    pub foreign: BTreeMap<AssetName, String>,
}

/// The result of a promotion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Promoted {
    /// Versions of assets whose definition differs, each after its inputs.
    pub set: Vec<Version>,
    /// Versions of downstream assets that equal what would be computed from these.
    pub following: Vec<Version>,
    /// Assets that are due afterwards and have no such version.
    pub due: Vec<AssetName>,
}

/// Why an asset can't be promoted.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Obstacle {
    /// Its version read something else than what is published in the target.
    Input(String),
    /// The pointer in the target moved after the last apply in the source.
    Moved,
    /// The project declares another definition for the target.
    Definition,
    /// The project does not declare the asset.
    Undeclared,
    /// A check has no passing result for what would be published.
    Check(String),
    /// It was rolled back in the target.
    RolledBack(RunId),
    /// Its files are missing or changed.
    Lost(String),
    /// Its export would overwrite a file that dp did not write.
    Foreign(String),
}

impl Obstacle {
    /// Describes the obstacle between the two environments.
    fn words(&self, from: &str, to: &str) -> String {
        match self {
            Self::Input(input) => format!("its version read other content of `{input}` than {to} publishes"),
            Self::Moved => format!("it was published in {to} after the last apply in {from}"),
            Self::Definition => format!("its definition differs for {to}"),
            Self::Undeclared => "it is not declared".to_owned(),
            Self::Check(check) => format!("its check `{check}` has no passing result"),
            Self::RolledBack(run) => format!("{run} rolled this definition back in {to}"),
            Self::Lost(why) => why.clone(),
            Self::Foreign(path) => format!("`{path}` exists, and dp did not write it"),
        }
    }
}

impl Promotion<'_> {
    /// Returns what would be published.
    ///
    /// # Errors
    /// [`PlanError::NotPromotable`], with each asset and its obstacle.
    pub fn work_out(&self, catalogue: &dyn LedgerRead) -> Result<Promoted, PlanError> {
        let mut contents: Inputs =
            self.to.published.iter().map(|(name, published)| (name.clone(), known(&published.version))).collect();
        let wanted: Vec<&Version> = self.differing().collect();
        for version in &wanted {
            contents.insert(version.asset.clone(), known(version));
        }
        let mut obstacles: Vec<(AssetName, Obstacle)> = Vec::new();
        for version in &wanted {
            obstacles.extend(self.obstacle(version, &contents).map(|obstacle| (version.asset.clone(), obstacle)));
        }
        let mut promoted = Promoted {
            set: self.in_order(wanted),
            ..Promoted::default()
        };
        self.follow(&mut promoted, &mut contents);
        obstacles.extend(self.unchecked(&promoted, &contents, catalogue)?);
        if obstacles.is_empty() {
            return Ok(promoted);
        }
        Err(PlanError::NotPromotable {
            obstacles: obstacles
                .iter()
                .map(|(asset, obstacle)| {
                    format!("`{asset}`: {}", obstacle.words(self.name, &self.project.settings.environment))
                })
                .collect(),
        })
    }

    /// Returns the versions in the source whose definition is not published in the target.
    fn differing(&self) -> impl Iterator<Item = &Version> {
        self.from.published.values().map(|published| &published.version).filter(|version| {
            let there = self.to.published.get(&version.asset);
            self.selection.contains(&version.asset)
                && there.is_none_or(|there| there.version.definition != version.definition)
        })
    }

    fn in_order(&self, versions: Vec<&Version>) -> Vec<Version> {
        let mut by_name: BTreeMap<&AssetName, &Version> =
            versions.into_iter().map(|version| (&version.asset, version)).collect();
        let mut ordered: Vec<Version> =
            self.analysis.graph.order().iter().filter_map(|name| by_name.remove(name)).cloned().collect();
        ordered.extend(by_name.into_values().cloned());
        ordered
    }

    fn declared(&self, name: &AssetName) -> Option<(&Asset, &Facts)> {
        self.project.assets.get(name).zip(self.analysis.facts.get(name))
    }

    fn obstacle(&self, version: &Version, contents: &Inputs) -> Option<Obstacle> {
        let Some((asset, facts)) = self.declared(&version.asset) else {
            return Some(Obstacle::Undeclared);
        };
        if facts.definition != version.definition || !asset.exports_like(version) {
            return Some(Obstacle::Definition);
        }
        if self.moved.contains(&version.asset) {
            return Some(Obstacle::Moved);
        }
        if let Some(held) = held_definition(self.to, asset, facts) {
            return Some(Obstacle::RolledBack(held.run));
        }
        if let Some(why) = self.lost.get(&version.asset) {
            return Some(Obstacle::Lost(why.clone()));
        }
        if let Some(path) = self.foreign.get(&version.asset) {
            return Some(Obstacle::Foreign(path.clone()));
        }
        other_input(version, asset, facts, contents).map(Obstacle::Input)
    }

    /// Adds the versions of downstream assets that equal what would be computed in the target.
    fn follow(&self, promoted: &mut Promoted, contents: &mut Inputs) {
        let changed: BTreeSet<AssetName> = promoted.set.iter().map(|version| version.asset.clone()).collect();
        let mut touched = changed.clone();
        for name in self.analysis.graph.order() {
            let Some((asset, facts)) = self.declared(name) else {
                continue;
            };
            let Some(there) = self.to.published.get(name).filter(|_| !changed.contains(name)) else {
                continue;
            };
            if !facts.inputs.iter().any(|input| touched.contains(input)) {
                continue;
            }
            let key_beside = |version| version_key(facts, asset.is_computed(), contents, Some(version));
            if key_beside(&there.version).as_ref() == Some(&there.version.key) {
                continue;
            }
            touched.insert(name.clone());
            let here = self.from.published.get(name).map(|published| &published.version);
            let fits = here.filter(|here| {
                key_beside(here).as_ref() == Some(&here.key)
                    && asset.exports_like(here)
                    && !self.moved.contains(name)
                    && !self.lost.contains_key(name)
                    && !self.foreign.contains_key(name)
                    && held_definition(self.to, asset, facts).is_none()
            });
            if let Some(here) = fits {
                contents.insert(name.clone(), known(here));
                promoted.following.push(here.clone());
            } else {
                promoted.due.push(name.clone());
            }
        }
    }

    /// Returns the checks without a passing result for what would be published together.
    fn unchecked(
        &self,
        promoted: &Promoted,
        contents: &Inputs,
        catalogue: &dyn LedgerRead,
    ) -> Result<Vec<(AssetName, Obstacle)>, PlanError> {
        let moved: BTreeSet<&AssetName> =
            promoted.set.iter().chain(&promoted.following).map(|version| &version.asset).collect();
        let mut found = Vec::new();
        for (name, facts) in &self.analysis.facts {
            if !contents.contains_key(name) || promoted.due.contains(name) {
                continue;
            }
            for check in facts.checks.iter().filter(|check| check.inputs.iter().any(|input| moved.contains(input))) {
                let settled = if check.reads_clock {
                    let last = self.timed.get(&(name.clone(), check.name.clone()));
                    last.is_some_and(|passed| *passed || check.severity == Severity::Warn)
                } else {
                    let recorded = check_key(check, contents).map(|key| catalogue.check_result(&key)).transpose()?;
                    check.is_settled_by(recorded.flatten())
                };
                if !settled {
                    found.push((name.clone(), Obstacle::Check(check.name.clone())));
                }
            }
        }
        Ok(found)
    }
}

/// Returns the input of the version that differs in the target; `None` if all are the same.
fn other_input(version: &Version, asset: &Asset, facts: &Facts, contents: &Inputs) -> Option<String> {
    // A view stands for what it computes, whichever versions contain that.
    let same = if asset.is_computed() {
        content_key(facts, contents) == version.content
    } else {
        version_key(facts, false, contents, Some(version)).as_ref() == Some(&version.key)
    };
    if same {
        return None;
    }
    for input in &version.inputs {
        let same = if input.version.is_none() {
            facts.files.iter().any(|file| file.path == input.name && Some(&file.hash) == input.content.as_ref())
        } else {
            let there = input.name.parse::<AssetName>().ok().and_then(|name| contents.get(&name));
            there.and_then(|state| state.same_as_read(input)).is_some()
        };
        if !same {
            return Some(input.name.clone());
        }
    }
    let new = facts.files.iter().find(|file| !version.inputs.iter().any(|input| input.name == file.path));
    // The remaining cause is the engine, or a view in between with another meaning.
    Some(new.map_or_else(|| "the engine".to_owned(), |file| file.path.clone()))
}
