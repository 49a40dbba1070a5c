//! Mistakes in parts of a project: which requests they block.

use std::collections::BTreeSet;

use super::error::OpError;
use super::known::Known;
use super::workspace::Workspace;
use crate::base::diagnostic::Problems;
use crate::graph::Selection;
use crate::model::AssetName;
use crate::plan::{LeftOut, PlanRequest, Warning, problem_warnings};

/// The assets that a request covers.
pub struct Meant {
    /// The selected assets.
    pub selection: Selection,
    /// The assets to build even if nothing requires it.
    pub replace: BTreeSet<AssetName>,
    /// Requested assets that are left out because of mistakes.
    pub left_out: Vec<LeftOut>,
}

impl Known {
    /// Returns the mistakes of the project, none of which blocks the request, as warnings.
    pub fn mistakes(&self) -> Vec<Warning> {
        if self.analysis.problems.has_errors() { problem_warnings(&self.analysis.problems) } else { Vec::new() }
    }

    /// Returns the assets or files whose mistakes make an asset unusable. If an asset is not declared, a file that
    /// could not be read may declare it.
    fn causes(&self, name: &AssetName) -> Option<&BTreeSet<String>> {
        let is_declared = self.project.assets.contains_key(name);
        let unread = (!is_declared && !self.mistaken.is_empty()).then_some(&self.mistaken);
        self.analysis.broken.get(name).or(unread)
    }
}

impl Workspace {
    /// Returns the assets that a request covers; `published` are the published assets.
    ///
    /// # Errors
    /// If a selector matches nothing, or if mistakes block the request and it does not leave out the assets that have
    /// them.
    pub fn meant<'n>(
        &self,
        known: &'n Known,
        published: impl Iterator<Item = &'n AssetName>,
        request: &PlanRequest,
    ) -> Result<Meant, OpError> {
        let (graph, assets) = (&known.analysis.graph, &known.project.assets);
        let broken = known.analysis.broken.keys();
        let others: Vec<&AssetName> = published.chain(broken.clone()).collect();
        let selection = Selection::parse(&request.selectors, graph, assets, others.iter().copied())?;
        let replace = match Selection::parse(&request.replace, graph, assets, broken)? {
            Selection::All => BTreeSet::new(),
            Selection::Only(names) => names,
        };
        let mut meant = Meant {
            selection,
            replace,
            left_out: Vec::new(),
        };
        if let Selection::Only(names) = &mut meant.selection {
            names.extend(meant.replace.iter().cloned());
        }
        if !known.analysis.problems.has_errors() {
            return Ok(meant);
        }
        let mut names = match meant.selection {
            Selection::Only(names) => names,
            // Nothing is withdrawn: a file with a mistake may declare the asset.
            Selection::All => assets.keys().chain(known.analysis.broken.keys()).cloned().collect(),
        };
        if !request.keep_going {
            self.expect_usable(known, &names)?;
        }
        let left_out = names.iter().filter_map(|name| Some((name.to_string(), known.causes(name)?.clone())));
        meant.left_out = left_out.map(|(asset, mistakes)| LeftOut { asset, mistakes }).collect();
        if request.selectors.is_empty() {
            let is_asset =
                |name: &str| name.parse().is_ok_and(|name| known.analysis.broken.contains_key::<AssetName>(&name));
            let files = known.mistaken.iter().filter(|name| !is_asset(name));
            meant.left_out.extend(files.map(|file| LeftOut {
                asset: file.clone(),
                mistakes: BTreeSet::from([file.clone()]),
            }));
        }
        names.retain(|name| known.causes(name).is_none());
        meant.replace.retain(|name| names.contains(name));
        meant.selection = Selection::Only(names);
        Ok(meant)
    }

    /// Returns an error if the project has any mistake.
    ///
    /// # Errors
    /// All mistakes.
    pub fn expect_no_mistake(&self, known: &Known) -> Result<(), OpError> {
        let problems = &known.analysis.problems;
        if !problems.has_errors() {
            return Ok(());
        }
        Err(OpError::Problems(self.with_edits(problems.clone(), &known.project, &known.analysis)))
    }

    /// Returns an error if one of the assets or an upstream asset has a mistake.
    ///
    /// # Errors
    /// These mistakes.
    pub fn expect_usable<'n>(
        &self,
        known: &Known,
        names: impl IntoIterator<Item = &'n AssetName>,
    ) -> Result<(), OpError> {
        let causes: BTreeSet<String> =
            names.into_iter().filter_map(|name| known.causes(name)).flatten().cloned().collect();
        if causes.is_empty() {
            return Ok(());
        }
        let all = &known.analysis.problems;
        let meant: Problems = all.of(&causes);
        let meant = if meant.has_errors() { meant } else { all.clone() };
        Err(OpError::Problems(self.with_edits(meant, &known.project, &known.analysis)))
    }
}
