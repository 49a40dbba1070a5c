//! What the engine reports of the files that it read and wrote for each build.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::Worker;
use crate::base::{layout, text};
use crate::effects::Notice;
use crate::facts::Analysis;
use crate::model::{AssetName, Effect, Seen, Sighting, VersionId};
use crate::project::Asset;
use crate::run::ApplyError;

impl Worker<'_> {
    /// Records which files the engine read for the builds since the last call. A query is identified by the file that
    /// it wrote, which is in the folder of one version. No query may be running.
    pub(super) fn engine_effects(&mut self) -> Result<(), ApplyError> {
        self.unread = super::Unread::default();
        let root = &self.options.project.root;
        let builds: BTreeMap<VersionId, AssetName> =
            self.positions.keys().map(|name| (self.intended_version(name), name.clone())).collect();
        let accesses = self.main.file_accesses()?;
        let mut of_query: BTreeMap<(u64, u64), AssetName> = BTreeMap::new();
        for access in accesses.iter().filter(|access| access.wrote) {
            let built = access.path.strip_prefix(root.join(layout::TEMPORARY)).ok();
            let version = built.and_then(|path| path.iter().next()).and_then(|name| name.to_str());
            if let Some(asset) =
                version.and_then(|name| name.parse().ok()).and_then(|version: VersionId| builds.get(&version))
            {
                of_query.insert((access.connection, access.query), asset.clone());
            }
        }
        let mut read: BTreeMap<AssetName, BTreeMap<&Path, u64>> = BTreeMap::new();
        for access in
            accesses.iter().filter(|access| !access.wrote && !access.path.starts_with(root.join(layout::TEMPORARY)))
        {
            if let Some(asset) = of_query.get(&(access.connection, access.query)) {
                *read.entry(asset.clone()).or_default().entry(&access.path).or_default() += access.bytes;
            }
        }
        for (asset, files) in read {
            self.read_by_engine(&asset, &files);
        }
        Ok(())
    }

    /// Returns the files that a query may read: its own, and those of the views and in-place sources that it reads.
    fn declared_files<'f>(&self, analysis: &'f Analysis, asset: &AssetName) -> BTreeSet<&'f str> {
        let mut declared = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut next = vec![asset];
        while let Some(name) = next.pop() {
            let Some(facts) = analysis.facts.get(name).filter(|_| seen.insert(name)) else {
                continue;
            };
            declared.extend(facts.files.iter().map(|file| file.path.as_str()));
            let assets = &self.options.project.assets;
            next.extend(facts.inputs.iter().filter(|input| assets.get(*input).is_some_and(Asset::is_view)));
        }
        declared
    }

    fn read_by_engine(&mut self, asset: &AssetName, files: &BTreeMap<&Path, u64>) {
        let project = self.options.project;
        let analysis = Arc::clone(&self.analysis);
        let declared = self.declared_files(&analysis, asset);
        let mut surprises = BTreeSet::new();
        for (path, bytes) in files {
            let shown = path.strip_prefix(&project.root).unwrap_or(path).to_string_lossy().into_owned();
            if declared.contains(shown.as_str()) {
                // The file is recorded with its hash.
                continue;
            }
            let stored = shown.strip_prefix(layout::STORE).and_then(|rest| rest.split('/').nth(1));
            if stored.is_none() {
                surprises.insert(shown.clone());
            }
            self.push_effect(
                asset,
                Effect {
                    asset: asset.clone(),
                    kind: "read".to_owned(),
                    path: Some(shown.clone()),
                    version: None,
                    replaced: None,
                    rows: None,
                    bytes: Some(*bytes),
                    ms: None,
                    content: None,
                    sighting: Some(Sighting {
                        seen: Seen::Observed,
                        count: 1,
                        declared: stored.is_some(),
                        noise: None,
                        detail: stored.map(|name| format!("rows of {name}")),
                    }),
                },
            );
        }
        if !surprises.is_empty() {
            let notice = Notice::UndeclaredRead {
                asset: asset.to_string(),
                what: text::named(&surprises, 5),
                help: "report this bug of dp: a query may read only its inputs".to_owned(),
            };
            self.seen(asset, &[], &[notice]);
        }
    }
}
