//! Decides what to do with an asset whose inputs are known, and starts its build.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::stored::changed_meanwhile;
use super::{Answer, Running, Worker, milliseconds};
use crate::facts::{Contract, Facts};
use crate::model::{AssetName, ExportFormat, FileInput, Schema, Version, VersionId};
use crate::observe::FileHasher;
use crate::plan::decide::{Evidence, Integrity, Request, Verdict, decide, lookup};
use crate::plan::{Action, Step, held_definition, version_key};
use crate::process::Stop;
use crate::project::{Asset, Materialize};
use crate::run::command::{self, Given, InputFile};
use crate::run::job::{self, BuildJob, JobError, expect_planned};
use crate::run::recover::damage;
use crate::run::views::{Kept, visible_relations};
use crate::run::{ApplyError, EventKind};
use crate::seam::{Builder, EngineError, Relation, RelationBody, SourceReader};
use crate::sql::quote;

/// What happens to an asset, with the version that is published without a build.
enum Decided {
    Keep(Version),
    Reuse(Version),
    Build,
}

impl Worker<'_> {
    pub(super) fn engine(&mut self) -> Result<Box<dyn Builder>, EngineError> {
        match self.idle.pop() {
            Some(builder) => Ok(builder),
            None => self.main.another(),
        }
    }

    /// Decides what to do with an asset whose inputs are all known, and starts a build if it needs one.
    pub(super) fn begin_build(&mut self, name: &AssetName, running: &mut Running) -> Result<(), ApplyError> {
        let options = self.options;
        let asset = &options.project.assets[name];
        let analysis = Arc::clone(&self.analysis);
        let facts = &analysis.facts[name];
        let Some(&step) = self.steps.get(name) else {
            return Ok(());
        };
        if let (Some(bad), false) = (self.progress.first_bad(&facts.inputs), self.only_checks()) {
            let message = format!("reads {bad}, which failed or was skipped");
            self.settle(name, "skipped", Some(message));
            return Ok(());
        }
        if let Action::Check | Action::Settings = step.action {
            let outcome = if step.action == Action::Check { "checked" } else { "settings" };
            self.finished.insert(name.clone(), (outcome, 0));
            self.progress.versioned(name);
            return Ok(());
        }
        if let Some(why) = self.unbindable.get(name).cloned() {
            self.finished.insert(name.clone(), ("failed", 0));
            self.settle(name, "failed", Some(why));
            return Ok(());
        }
        match self.decided(name, step, facts)? {
            Decided::Keep(version) => {
                self.versioned(name, version, "cut_off", 0);
                return Ok(());
            }
            Decided::Reuse(version) => {
                // A changed name or place of its files is not a reason to rebuild the asset.
                let is_in_place = version.asset == *name && asset.exports_like(&version);
                let version = if is_in_place { version } else { self.moved(name, version)? };
                self.columns_known(name, &version)?;
                self.versioned(name, version, "reused", 0);
                return Ok(());
            }
            Decided::Build => {}
        }
        let id = self.intended_version(name);
        if asset.is_computed() {
            if let Err(error) = self.as_planned(facts) {
                self.failed(name, &error, 0);
                return Ok(());
            }
            if let Err(error) = self.view_binds(name, facts)? {
                let message = super::message(&options.project.root, asset, facts, &error.into());
                self.finished.insert(name.clone(), ("failed", 0));
                self.settle(name, "failed", Some(message));
                return Ok(());
            }
            let key = version_key(facts, true, &self.contents, None).unwrap_or_else(|| facts.definition.clone());
            let version = self.sql_view(asset, facts, key, id);
            self.effect(name, "made", &version, Some(0));
            self.learnt(&version, facts)?;
            self.versioned(name, version, "built", 0);
            return Ok(());
        }
        if self.taken().is_none() {
            if let Some(path) = self.changed_input(&facts.inputs)? {
                self.failed(name, &changed_meanwhile(&path), 0);
                return Ok(());
            }
            self.relate(facts.inputs.iter())?;
        }
        let job = BuildJob {
            asset: name.clone(),
            root: options.project.root.clone(),
            version: id,
            sql: self.taken().map_or_else(|| facts.sql.clone(), |taken| taken.sql.clone()),
            schema: self.known_columns(asset, facts),
            taken: self.taken().map(|taken| (taken.file.clone(), taken.is_export)),
            files: facts.files.clone(),
            rows: facts.reading.as_ref().and_then(|reading| reading.rows),
            source: self.source_again(asset, facts),
            named_query: facts.named_query.clone(),
            remembered: facts
                .files
                .iter()
                .filter_map(|file| Some((file.path.clone(), options.remembered.get(&file.path)?.clone())))
                .collect(),
            export: match &asset.materialize {
                Materialize::File { path, style } => Some((path.clone(), *style)),
                Materialize::Table | Materialize::View => None,
            },
            clock: options.clock,
            lists: self.demand.of(name).into_iter().collect(),
            unlisted: self.unlisted(facts),
            stored: !asset.is_view(),
            program: self.given(asset, facts)?,
            left: self.left_for(asset, facts),
        };
        let mut builder = self.engine()?;
        let stop = job.program.as_ref().map(|given| given.stop.clone());
        let cancel = builder.canceller();
        self.cancellers.insert(
            name.clone(),
            Box::new(move || {
                cancel();
                if let Some(stop) = &stop {
                    stop.ask();
                }
            }),
        );
        let now = self.options.clock.now();
        self.begun.entry(name.clone()).or_insert(now);
        self.record.tell(EventKind::StepStarted {
            asset: name.clone(),
            work: "build".to_owned(),
        });
        let name = name.clone();
        running.spawn_blocking(move || {
            let started = Instant::now();
            let result = job::build(&job, builder.as_mut());
            (Answer::Built(name, Box::new(result), milliseconds(started)), builder)
        });
        Ok(())
    }

    /// Returns the columns of the query's result as they were bound, if all inputs have the columns that the query was
    /// bound with: then the engine would return the same. The columns of files are known only when the files are read.
    fn known_columns(&self, asset: &Asset, facts: &Facts) -> Option<Schema> {
        let is_bound = asset.query().is_some() && facts.awaits.is_empty() && facts.files.is_empty();
        let is_as_bound = |input: &AssetName| {
            let bound = self.analysis.facts.get(input).map(|facts| &facts.schema);
            bound.is_some() && bound == self.visible.get(input).map(|version| &version.schema)
        };
        (is_bound && self.taken().is_none() && facts.inputs.iter().all(is_as_bound)).then(|| facts.schema.clone())
    }

    /// Returns the inputs of the asset's program; `None` if the asset has no program.
    fn given(&self, asset: &Asset, facts: &Facts) -> Result<Option<Given>, ApplyError> {
        let (Some(command), Some(program), None) = (asset.command(), &facts.program, self.taken()) else {
            return Ok(None);
        };
        let options = self.options;
        let inputs = command.inputs.iter().map(|(name, _)| {
            let data = self.visible.get(name).and_then(|version| version.data.as_ref());
            let file = match data {
                Some(data) if command.input_format == ExportFormat::Parquet => {
                    InputFile::Stored(options.project.root.join(&data.path))
                }
                _ => InputFile::Query(format!("SELECT * FROM {}", quote::asset(name))),
            };
            (name.clone(), file)
        });
        Ok(Some(Given {
            asset: asset.name.clone(),
            root: options.project.root.clone(),
            command: command.clone(),
            program: Arc::clone(program),
            inputs: inputs.collect(),
            run: self.record.run,
            environment: options.plan.environment.to_string(),
            timezone: options.project.settings.timezone.clone(),
            surroundings: Arc::clone(&options.surroundings),
            contract: facts.contract.clone(),
            lenient: facts.document.definition.lenient.clone(),
            refreshes: asset.refresh.is_some(),
            stop: Stop::new()?,
        }))
    }

    /// Returns how to inspect the files of a source again, with the columns that the plan found.
    fn source_again(&self, asset: &Asset, facts: &Facts) -> Option<(SourceReader, Schema)> {
        let source = asset.source()?;
        let project = self.options.project;
        let columns = facts.schema.0.iter().map(|column| (column.name.clone(), column.data_type.clone()));
        let reader = SourceReader {
            format: source.format,
            files: facts.files.iter().map(|file| project.absolute(&file.path)).collect(),
            options: source.options.clone(),
            types: columns.collect(),
            lenient: facts.document.definition.lenient.clone(),
            kept: Vec::new(),
            root: project.root.clone(),
        };
        Some((reader, facts.schema.clone()))
    }

    /// Inspects the files that the query of a view names: they must be those that the plan was made for.
    fn as_planned(&self, facts: &Facts) -> Result<(), JobError> {
        let remembered = facts
            .files
            .iter()
            .filter_map(|file| Some((file.path.clone(), self.options.remembered.get(&file.path)?.clone())));
        let mut hasher = FileHasher::new(&self.options.project.root, remembered.collect());
        let now: Vec<FileInput> = facts.files.iter().map(|file| hasher.hash(&file.path)).collect::<Result<_, _>>()?;
        expect_planned(&now, &facts.files)
    }

    /// Returns the file that a program left for one of its further tables, and the columns that it must have.
    fn left_for(&self, asset: &Asset, facts: &Facts) -> Option<(SourceReader, Contract)> {
        let table = asset.output_table()?;
        let file = &self.visible.get(&table.command)?.tables.get(&table.name)?.path;
        let file = self.options.project.root.join(file);
        let reader = SourceReader {
            lenient: facts.document.definition.lenient.clone(),
            ..command::reader(&table.output, &file, &self.options.project.root, &facts.contract)
        };
        Some((reader, facts.contract.clone()))
    }

    /// Returns the version id that is recorded for this step's build.
    pub(super) fn intended_version(&self, name: &AssetName) -> VersionId {
        self.positions
            .get(name)
            .and_then(|position| self.options.start.steps.get(*position))
            .and_then(|intent| intent.version.clone())
            .unwrap_or_else(VersionId::random)
    }

    /// Decides what happens to an asset whose inputs are known.
    fn decided(&mut self, name: &AssetName, step: &Step, facts: &Facts) -> Result<Decided, ApplyError> {
        let options = self.options;
        let asset = &options.project.assets[name];
        let published = options.snapshot.published.get(step.moved_from().unwrap_or(name));
        let published = published.filter(|there| step.stands_on.pointer.as_ref() == Some(&there.version.id));
        let request = Request {
            forced: step.is_forced() || self.taken().is_some(),
            // A step that a rollback holds back is not part of the run.
            resume: true,
            planned: step.reuse.as_ref(),
        };
        let evidence = Evidence {
            asset,
            facts,
            published,
            inputs: &self.contents,
            observed: options.observed,
            held_back: held_definition(options.snapshot, asset, facts),
            request,
        };
        let writer = &self.record.writer;
        let version = |id: &VersionId| writer.version(id).map_err(ApplyError::from);
        let mut found = lookup(&evidence).fetch(name, &***writer, version)?;
        loop {
            match (decide(&evidence, &found).verdict, published) {
                (Verdict::Keep, Some(published)) => return Ok(Decided::Keep(published.version.clone())),
                (Verdict::Reuse(id), _) => {
                    let Some((version, integrity)) = found.get(&id) else {
                        return Ok(Decided::Build);
                    };
                    let Some((path, reason)) = damage(&options.project.root, version)? else {
                        return Ok(Decided::Reuse(version.clone()));
                    };
                    *integrity = Integrity::Damaged;
                    self.record.damaged(version, &path, reason);
                    self.record.write()?;
                }
                (Verdict::Build | Verdict::Undecided | Verdict::Keep, _) => return Ok(Decided::Build),
            }
        }
    }

    /// Creates a view over the relations that its query names now: a query that binds on stand-ins may not bind on the
    /// real ones.
    fn view_binds(&mut self, name: &AssetName, facts: &Facts) -> Result<Result<(), EngineError>, ApplyError> {
        self.relate(facts.inputs.iter())?;
        self.related.remove(name);
        Ok(self.main.relate(&[Relation {
            name: name.clone(),
            body: RelationBody::Query(facts.sql.clone()),
        }]))
    }

    /// Makes the names in the engine stand for the versions of this run.
    pub(super) fn relate<'n>(&mut self, names: impl Iterator<Item = &'n AssetName>) -> Result<(), ApplyError> {
        let wanted: Vec<AssetName> = names
            .filter(|name| self.related.get(*name) != self.visible.get(*name).map(|version| &version.id))
            .cloned()
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let writer = &self.record.writer;
        let main = &mut self.main;
        let find = |id: &VersionId| writer.version(id).ok().flatten();
        let mut rename = |sql: &str, names: &BTreeMap<AssetName, AssetName>| main.rename(sql, names);
        let mut kept = Kept {
            find: &find,
            rename: &mut rename,
        };
        // A view outside this run keeps the versions that it was published with, even while they are rebuilt.
        let (visible, progress) = (&self.visible, &self.progress);
        let settled = |name: &AssetName| visible.get(name).filter(|_| !progress.is_open(name));
        let relations = visible_relations(&self.options.project.root, &settled, wanted.iter(), &mut kept)?;
        self.main.relate(&relations)?;
        for relation in relations {
            if let Some(version) = self.visible.get(&relation.name) {
                self.related.insert(relation.name, version.id.clone());
            }
        }
        Ok(())
    }
}
