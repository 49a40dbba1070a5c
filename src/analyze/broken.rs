//! Decides what a mistake affects: the asset that contains it, and everything downstream. The other assets can be
//! used.
//!
//! Nothing new of a broken asset is published, so checks that read it are bound over its published columns.

use std::collections::{BTreeMap, BTreeSet};

use super::binding::Binder;
use super::references::Resolved;
use super::run::{QueryId, Run};
use crate::facts::Standing;
use crate::graph::Graph;
use crate::model::{AssetName, Schema};
use crate::seam::EngineError;

/// Broken assets, each with the assets or files whose mistakes break it.
pub(super) type Causes = BTreeMap<AssetName, BTreeSet<String>>;

/// Which checks are bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// All checks.
    Anything,
    /// Checks that read only their own asset.
    Itself,
}

impl Run<'_> {
    /// Returns the assets that can't be used, as far as their mistakes are known.
    pub(super) fn causes(&self, graph: &Graph) -> Causes {
        let mistaken: BTreeSet<String> = self.mistaken.iter().cloned().chain(self.problems.mistaken()).collect();
        let mut causes = Causes::new();
        if mistaken.is_empty() && self.broken.is_empty() {
            return causes;
        }
        for name in self.broken.iter().filter(|name| !self.project.assets.contains_key(*name)) {
            causes.insert(name.clone(), BTreeSet::from([name.to_string()]));
        }
        // Checks may read assets that come later in the order.
        loop {
            let before: usize = causes.values().map(BTreeSet::len).sum();
            for name in graph.order() {
                let unread = self.unread.get(name).into_iter().flatten();
                let inputs = graph.upstreams(name).into_iter().chain(unread);
                let mut found: BTreeSet<String> =
                    inputs.filter_map(|input| causes.get(input)).flatten().cloned().collect();
                let is_unknown = found.is_empty() && !self.facts.contains_key(name);
                if is_unknown || mistaken.contains(name.as_str()) {
                    found.insert(name.to_string());
                }
                if !found.is_empty() {
                    causes.entry(name.clone()).or_default().extend(found);
                }
            }
            if causes.values().map(BTreeSet::len).sum::<usize>() == before {
                return causes;
            }
        }
    }

    /// Removes broken assets from the facts; each stays as it is published.
    pub(super) fn cut(&mut self, causes: &Causes, binder: &mut Binder<'_>) -> Result<(), EngineError> {
        for name in causes.keys() {
            self.broken.insert(name.clone());
            self.facts.remove(name);
            if self.standing.contains_key(name) {
                continue;
            }
            if let Some(schema) = (self.shown)(name) {
                binder.learn_again(name, schema.clone())?;
                let checks = Vec::new();
                self.standing.insert(name.clone(), Standing { schema, checks });
            }
        }
        Ok(())
    }

    /// Binds the checks of all assets and returns what is broken then.
    ///
    /// A mistake in a check breaks its asset and everything downstream. Checks of other assets then read it as it is
    /// published, so they are bound again, and their earlier problems are dropped.
    pub(super) fn bind_every_check(
        &mut self,
        graph: &Graph,
        resolved: &BTreeMap<QueryId, Resolved>,
        binder: &mut Binder<'_>,
    ) -> Result<Causes, EngineError> {
        let known = self.problems.len();
        self.bind_checks(graph, resolved, binder, Reading::Anything);
        let causes = self.causes(graph);
        if !self.has_news(&causes) {
            return Ok(causes);
        }
        let found = self.problems.split_off(known);
        self.bind_checks(graph, resolved, binder, Reading::Itself);
        let causes = self.causes(graph);
        self.cut(&causes, binder)?;
        let certain: BTreeSet<String> = causes.keys().map(ToString::to_string).collect();
        self.problems.extend(found.of(&certain));
        loop {
            self.bind_checks(graph, resolved, binder, Reading::Anything);
            let causes = self.causes(graph);
            if !self.has_news(&causes) {
                return Ok(causes);
            }
            self.cut(&causes, binder)?;
        }
    }

    /// Whether an asset is newly broken.
    fn has_news(&self, causes: &Causes) -> bool {
        causes.keys().any(|name| !self.broken.contains(name) || self.facts.contains_key(name))
    }

    fn bind_checks(
        &mut self,
        graph: &Graph,
        resolved: &BTreeMap<QueryId, Resolved>,
        binder: &mut Binder<'_>,
        reading: Reading,
    ) {
        for name in graph.order() {
            self.bind_checks_of(name, resolved, binder, reading);
        }
        self.bind_standing_checks(resolved, binder);
    }

    /// Binds the checks of broken assets over what is published. A check that can't be bound belongs to a declaration
    /// that was never published.
    fn bind_standing_checks(&mut self, resolved: &BTreeMap<QueryId, Resolved>, binder: &mut Binder<'_>) {
        let project = self.project;
        let names: Vec<AssetName> = self.standing.keys().cloned().collect();
        for asset in names.iter().filter_map(|name| project.assets.get(name)) {
            let known = self.problems.len();
            let schema = self.standing[&asset.name].schema.clone();
            let checks = self.checks_of(asset, &schema, resolved, binder, Reading::Anything);
            drop(self.problems.split_off(known));
            if let Some(standing) = self.standing.get_mut(&asset.name) {
                standing.checks = checks;
            }
        }
    }

    /// Returns the columns of an asset; for a broken asset, the published columns.
    pub(super) fn columns_for_checks(&self, name: &AssetName) -> Option<&Schema> {
        let known = self.facts.get(name).map(|facts| &facts.schema);
        known.or_else(|| self.standing.get(name).map(|standing| &standing.schema))
    }
}
