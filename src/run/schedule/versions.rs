//! Creates versions from finished builds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::Worker;
use crate::base::fault::Point;
use crate::base::fs::{self, FsError};
use crate::base::{layout, text};
use crate::effects::Notice;
use crate::facts::Facts;
use crate::model::{
    AssetName, Columns, Digest, Effect, Export, InputRead, ListContent, PlacedFile, Schema, StoredFile, Version,
    VersionId,
};
use crate::plan::{bytes_read, content_read, known, observed_key, version_key, view_contents};
use crate::project::{Asset, Materialize};
use crate::run::job::{BuildResult, JobError};
use crate::run::{ApplyError, EventKind};
use crate::seam::EngineError;
use crate::sql;
use crate::sql::syntax::EngineTree;
use crate::storage::local::write_manifest;

/// Moves a finished version into the store with one rename, once all its files exist. It never moves again.
fn finish(root: &Path, version: &Version) -> Result<(), FsError> {
    let building = root.join(layout::building_folder(&version.id));
    if version.stored_files().next().is_none() {
        return fs::remove_folder(&building);
    }
    let place = root.join(layout::version_folder(&version.asset, &version.id));
    fs::reached(Point::BeforeManifest, &building)?;
    write_manifest(&building, version)?;
    fs::reached(Point::AfterManifest, &building)?;
    fs::create_folder(place.parent().unwrap_or(root), false)?;
    fs::reached(Point::BeforeVersion, &place)?;
    fs::rename(&building, &place)?;
    fs::reached(Point::AfterVersion, &place)
}

impl Worker<'_> {
    pub(super) fn sql_view(&self, asset: &Asset, facts: &Facts, key: Digest, id: VersionId) -> Version {
        let contents = view_contents(facts, &self.contents, &self.demand.of(&asset.name));
        Version {
            id,
            asset: asset.name.clone(),
            key,
            definition: facts.definition.clone(),
            run: self.record.run,
            created: self.options.clock.now(),
            schema: facts.schema.clone(),
            rows: None,
            content: contents.whole,
            lists: contents.lists,
            plan: facts.plan.clone(),
            data: None,
            export: None,
            files: Vec::new(),
            tables: BTreeMap::new(),
            program: None,
            view_sql: Some(sql::portable(&facts.sql, &self.options.project.root)),
            inputs: self.inputs(facts, &facts.files),
            engine: self.options.analysis.engine.clone(),
            deterministic: facts.unstable.is_empty(),
            protected: asset.protect,
            by_hand: None,
            reading: None,
        }
    }

    pub(super) fn inputs(&self, facts: &Facts, files: &[crate::model::FileInput]) -> Vec<InputRead> {
        let asset = |name: &AssetName, direct: bool| {
            let version = self.visible.get(name);
            let reads = facts.reads.get(name).cloned().unwrap_or_default();
            let read = content_read(&self.contents, name, &reads, None).filter(|_| version.is_some());
            let (columns, content) = read.unzip();
            let bytes = bytes_read(&self.contents, name).filter(|_| facts.program.is_some() && version.is_some());
            if let Some(bytes) = bytes {
                return InputRead {
                    name: name.to_string(),
                    version: version.map(|version| version.id.clone()),
                    content: Some(bytes),
                    columns: Columns::All,
                    read: None,
                    direct,
                    ordered: true,
                };
            }
            InputRead {
                name: name.to_string(),
                version: version.map(|version| version.id.clone()),
                content,
                columns: columns.unwrap_or_default(),
                read: None,
                direct,
                ordered: false,
            }
        };
        let direct = facts.inputs.iter().map(|name| asset(name, true));
        // A view reads the versions that it was published with, whatever is declared now.
        let below: BTreeSet<AssetName> = facts
            .inputs
            .iter()
            .filter_map(|name| self.visible.get(name))
            .filter(|version| version.is_view())
            .flat_map(|view| view.inputs.iter().filter(|input| input.version.is_some()))
            .filter_map(|input| input.name.parse().ok())
            .collect();
        let through = below.difference(&facts.inputs).map(|name| asset(name, false)).collect::<Vec<_>>();
        let files = files.iter().map(|file| InputRead {
            name: file.path.clone(),
            version: None,
            content: Some(file.hash.clone()),
            columns: Columns::All,
            read: None,
            direct: true,
            ordered: false,
        });
        direct.chain(through).chain(files).collect()
    }

    pub(super) fn built(&mut self, name: &AssetName, result: BuildResult, ms: u64) -> Result<(), ApplyError> {
        let options = self.options;
        let asset = &options.project.assets[name];
        let facts = Facts {
            files: result.files,
            ..self.analysis.facts[name].clone()
        };
        let id = self.intended_version(name);
        let key = version_key(&facts, false, &self.contents, None).unwrap_or_else(|| facts.definition.clone());
        let (program, effects, notices) = match result.made {
            Some(made) => (Some(made.program), made.effects, made.notices),
            None => (None, Vec::new(), Vec::new()),
        };
        self.seen(name, &effects, &notices);
        let observed = program.as_ref().map(|program| program.observed.as_slice()).unwrap_or_default();
        let key = observed_key(&key, observed);
        // Network responses may differ on the next run.
        let is_repeatable = program.as_ref().is_none_or(|program| program.contacted.is_empty());
        let lists = result.tables.iter().map(|(table, file)| ListContent {
            columns: BTreeSet::from([table.clone()]),
            content: file.hash.clone(),
        });
        let lists = lists.chain(result.built.iter().flat_map(|built| built.lists.clone())).collect();
        let of_files = || {
            let files = result.placed.iter().map(|made| made.file.hash.as_str());
            Digest::of("files/1", files.chain(result.tables.values().map(|file| file.hash.as_str())))
        };
        let content = match &result.built {
            Some(built) => built.content.clone(),
            None if program.is_some() => of_files(),
            None => key.clone(),
        };
        let root = &options.project.root;
        let mut read = result.read;
        let mut inputs = self.inputs(&facts, &facts.files);
        for input in inputs.iter_mut().filter(|input| input.version.is_some()) {
            input.read = input.name.parse().ok().and_then(|name: AssetName| read.remove(&name));
        }
        let version = Version {
            schema: match &result.built {
                Some(built) => built.schema.clone(),
                None if program.is_some() => Schema::default(),
                None => facts.schema.clone(),
            },
            rows: result.built.as_ref().map(|built| built.rows),
            content: Some(content),
            lists,
            view_sql: asset.is_view().then(|| sql::portable(&facts.sql, root)),
            inputs,
            asset: name.clone(),
            definition: facts.definition.clone(),
            run: self.record.run,
            created: result.finished,
            plan: facts.plan.clone(),
            data: result.data,
            export: result.export,
            files: result.placed,
            tables: result.tables,
            program,
            engine: options.analysis.engine.clone(),
            deterministic: facts.unstable.is_empty() && is_repeatable,
            protected: asset.protect,
            by_hand: self.taken().map(|taken| taken.by_hand.clone()),
            reading: facts.reading.clone().filter(|_| self.taken().is_none()),
            id,
            key,
        };
        self.expect_proven(name, &version)?;
        if let Err(error) = finish(root, &version) {
            // Check the disk instead of trusting the error: once the folder is in place, the version is finished.
            let place = root.join(layout::version_folder(name, &version.id));
            if !fs::is_folder(&place) {
                self.failed(name, &JobError::File(error), ms);
                return Ok(());
            }
        }
        self.effect(name, "made", &version, Some(ms));
        for file in &facts.files {
            self.push_effect(
                name,
                Effect {
                    asset: name.clone(),
                    kind: "read".to_owned(),
                    path: Some(file.path.clone()),
                    version: None,
                    replaced: None,
                    rows: None,
                    bytes: Some(file.bytes),
                    ms: None,
                    content: Some(file.hash.clone()),
                    sighting: None,
                },
            );
        }
        self.learnt(&version, &facts)?;
        self.columns_known(name, &version)?;
        self.versioned(name, version, "built", ms);
        Ok(())
    }

    /// Checks what the plan proved about this build, because the plan left other assets alone for it.
    fn expect_proven(&self, name: &AssetName, version: &Version) -> Result<(), ApplyError> {
        let contents = version.contents();
        let proven = self.steps.get(name).into_iter().flat_map(|step| &step.proven);
        for list in proven {
            let columns = Columns::Only(list.columns.clone());
            if contents.of(&columns).is_some_and(|content| *content != list.content) {
                return Err(ApplyError::Disproved {
                    asset: name.to_string(),
                    columns: text::and(&list.columns),
                });
            }
        }
        Ok(())
    }

    /// Records a new version with what it was made from.
    pub(super) fn learnt(&mut self, version: &Version, facts: &Facts) -> Result<(), ApplyError> {
        let mut document = facts.document.clone();
        let asset = &self.options.project.assets[&version.asset];
        if asset.is_computed() {
            // A reader of an earlier version's view reads it over the versions of that time.
            let tree = self.analysis.tree(asset).map_err(EngineError::other)?;
            document.written.tree = tree.map(EngineTree::into_text);
        }
        self.record.batch.versions.push((version.clone(), Some(document)));
        self.record.batch.lineages.push((version.id.clone(), Arc::clone(&facts.lineage)));
        if let (Some(plan), Some(shape)) = (&facts.plan, &facts.shape) {
            self.record.batch.shapes.push((plan.clone(), (**shape).clone()));
        }
        Ok(())
    }

    /// Creates a version under another name, or with other places for its files: the same bytes, stored once.
    pub(super) fn moved(&mut self, name: &AssetName, old: Version) -> Result<Version, ApplyError> {
        let root = &self.options.project.root;
        let asset = &self.options.project.assets[name];
        let id = self.intended_version(name);
        let building = root.join(layout::building_folder(&id));
        let place = layout::version_folder(name, &id);
        fs::remove_folder(&building)?;
        fs::create_folder(&building, false)?;
        let renamed = |file: &StoredFile| -> Result<StoredFile, ApplyError> {
            let file_name = Path::new(file.path.as_str()).file_name().unwrap_or_default();
            let path = building.join(file_name);
            fs::second_name(&root.join(&file.path), &path)?;
            let stamp = fs::stamp(&path)?;
            Ok(StoredFile {
                path: layout::stored_file(&place, &file_name.to_string_lossy()),
                mtime_ns: stamp.map_or_else(|| file.mtime_ns.clone(), |stamp| stamp.mtime_ns.to_string()),
                ctime_ns: stamp.map(|stamp| stamp.ctime_ns.to_string()),
                ..file.clone()
            })
        };
        let export = match &old.export {
            Some(export) => Some(Export {
                file: renamed(&export.file)?,
                path: match &asset.materialize {
                    Materialize::File { path, .. } => path.parse().expect("the project's declaration was checked"),
                    Materialize::Table | Materialize::View => export.path.clone(),
                },
                ..export.clone()
            }),
            None => None,
        };
        let files = old.files.iter().map(|made| {
            let declared = asset.command().into_iter().flat_map(|command| &command.files);
            let path = declared
                .filter(|file| file.name == made.name)
                .map(|file| file.path.parse().expect("the project's declaration was checked"))
                .next();
            Ok(PlacedFile {
                file: renamed(&made.file)?,
                path: path.unwrap_or_else(|| made.path.clone()),
                ..made.clone()
            })
        });
        let files = files.collect::<Result<_, ApplyError>>()?;
        let tables = old.tables.iter().map(|(name, file)| Ok((name.clone(), renamed(file)?)));
        let tables = tables.collect::<Result<_, ApplyError>>()?;
        let version = Version {
            id,
            asset: name.clone(),
            run: self.record.run,
            files,
            tables,
            data: old.data.as_ref().map(renamed).transpose()?,
            export,
            protected: asset.protect,
            ..old
        };
        if version.stored_files().next().is_some() {
            write_manifest(&building, &version)?;
            let place = root.join(place);
            fs::create_folder(place.parent().unwrap_or(root), false)?;
            fs::rename(&building, &place)?;
        } else {
            fs::remove_folder(&building)?;
        }
        self.effect(name, "made", &version, Some(0));
        self.record.batch.versions.push((version.clone(), None));
        Ok(version)
    }

    pub(super) fn effect(&mut self, name: &AssetName, kind: &str, version: &Version, ms: Option<u64>) {
        self.push_effect(
            name,
            Effect {
                asset: name.clone(),
                kind: kind.to_owned(),
                path: version.data.as_ref().map(|data| data.path.to_string()),
                version: Some(version.id.clone()),
                replaced: None,
                rows: version.rows,
                bytes: version.data.as_ref().map(|_| version.bytes()),
                ms,
                content: version.content.clone(),
                sighting: None,
            },
        );
    }

    /// Records what a program did, and reports the notices for the user.
    pub(super) fn seen(&mut self, name: &AssetName, effects: &[Effect], notices: &[Notice]) {
        for effect in effects {
            self.push_effect(name, effect.clone());
        }
        for notice in notices {
            self.record.tell(EventKind::Noticed {
                asset: name.clone(),
                code: notice.code_text(),
                message: notice.to_string(),
                help: notice.help_text(),
            });
        }
    }

    pub(super) fn push_effect(&mut self, name: &AssetName, effect: Effect) {
        let position = self.positions.get(name).copied();
        self.record.batch.effects.push((position, effect));
    }

    /// Notes that an asset's version for this run is known.
    pub(super) fn versioned(&mut self, name: &AssetName, version: Version, outcome: &'static str, ms: u64) {
        self.contents.insert(name.clone(), known(&version));
        self.visible.insert(name.clone(), version);
        self.finished.insert(name.clone(), (outcome, ms));
        self.progress.versioned(name);
    }
}
