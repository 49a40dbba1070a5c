//! Binds downstream assets again once a program has left a table: only then its columns are known.

use std::sync::Arc;

use super::Worker;
use crate::base::diagnostic::Problems;
use crate::facts::Analysis;
use crate::model::{AssetName, Version};
use crate::plan::Demand;
use crate::run::ApplyError;

impl Worker<'_> {
    /// Binds the downstream assets of a program's new version again, unless its columns are those that they were bound
    /// with.
    pub(super) fn columns_known(&mut self, name: &AssetName, version: &Version) -> Result<(), ApplyError> {
        let facts = &self.analysis.facts[name];
        if !facts.is_made_by_program() || (facts.awaits.is_empty() && facts.schema == version.schema) {
            return Ok(());
        }
        self.rebound.insert(name.clone(), version.schema.clone());
        let readers: Vec<AssetName> =
            self.analysis.graph.descendants(name).into_iter().filter(|reader| self.progress.is_open(reader)).collect();
        let checked = self.analysis.facts[name].checks.iter().any(|check| check.reads.contains_key(name));
        if readers.is_empty() && !checked {
            return Ok(());
        }
        let mut again = (self.options.rebind)(&self.rebound)?;
        let mut facts = self.analysis.facts.clone();
        for reader in readers.iter().chain([name]) {
            if let Some(found) = again.facts.remove(reader) {
                facts.insert(reader.clone(), found);
                continue;
            }
            let asset = &self.options.project.assets[reader];
            let query = asset.query().map(|query| query.sql.file().path());
            let files: Vec<&str> = query.into_iter().chain([asset.file.path()]).collect();
            let why = again
                .problems
                .first_error_in(&files)
                .unwrap_or_else(|| format!("it does not match the columns of {name}; run `dp validate` for details"));
            self.unbindable.insert(reader.clone(), why);
        }
        self.analysis = Arc::new(Analysis {
            graph: again.graph,
            facts,
            problems: Problems::new(),
            broken: self.analysis.broken.clone(),
            standing: self.analysis.standing.clone(),
            engine: again.engine,
            trees: again.trees,
        });
        self.demand = Demand::new(self.options.project, &self.analysis, self.options.snapshot);
        Ok(())
    }
}
