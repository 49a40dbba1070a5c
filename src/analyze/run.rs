use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use crate::base::diagnostic::{Problem, Problems, Reading};
use crate::base::trace;
use crate::definition::{DefinitionDocument, Written};
use crate::facts::{Analysis, Facts, NamedQuery, Standing, reads_of};
use crate::graph::{Graph, GraphError};
use crate::intake::Door;
use crate::model::{AssetName, Columns, Digest, PublishedSource, Schema};
use crate::observe::FileHasher;
use crate::project::{Asset, AssetKind, CheckKind, Materialize, Project, Query};
use crate::seam::{Analyst, BoundQuery, EngineError, ErrorKind, FileFinder, NamedFiles, ReadError};
use crate::sql::syntax::Syntax;
use crate::sql::{Located, SqlText};

use super::ahead::{Helpers, Job};
use super::binding::{Binder, Keys};
use super::clock::{add_words, clock_offset};
use super::command::{RecordedColumns, Secrets};
use super::error::sql_problem;
use super::prepare::{Prepared, Preparing};
use super::references::{self, Resolved};
use super::source_error::SourceError;
use super::sources::SourceQuestion;
use super::trees;
use super::{Memory, SqlError, contract};

/// The input of an analysis.
pub struct AnalyzeOptions<'a> {
    /// The project.
    pub project: &'a Project,
    /// Declared assets whose files could not be parsed.
    pub broken: &'a BTreeSet<AssetName>,
    /// Assets with mistakes in their files, and files with mistakes that name no asset.
    pub mistaken: &'a BTreeSet<String>,
    /// Returns the published columns of an asset; called only for broken assets.
    pub shown: &'a dyn Fn(&AssetName) -> Option<Schema>,
    /// The session's settings that change results, by name.
    pub settings: BTreeMap<String, String>,
    /// The values of dp's own environment, for programs.
    pub secrets: &'a Secrets,
    /// The recorded columns of programs' outputs.
    pub recorded: &'a RecordedColumns,
    /// The sources that are published in the environment.
    pub published: &'a PublishedSources,
}

/// Published sources, by asset.
pub type PublishedSources = BTreeMap<AssetName, PublishedSource>;

/// Collects everything about a project that can be known before anything runs.
///
/// # Errors
/// Only if the engine itself fails; the user's mistakes are in [`Analysis::problems`].
pub fn analyze(
    options: &AnalyzeOptions<'_>,
    analyst: &mut dyn Analyst,
    memory: &mut dyn Memory,
    hasher: &mut FileHasher,
) -> Result<Analysis, EngineError> {
    let settings = Digest::of_json("settings/1", &options.settings);
    let engine = analyst.version().to_owned();
    let mut run = Run {
        project: options.project,
        broken: options.broken.clone(),
        mistaken: options.mistaken,
        shown: options.shown,
        standing: BTreeMap::new(),
        unread: BTreeMap::new(),
        settings: &options.settings,
        secrets: options.secrets,
        recorded: options.recorded,
        published: options.published,
        engine: engine.clone(),
        hasher,
        problems: Problems::new(),
        syntax: BTreeMap::new(),
        facts: BTreeMap::new(),
        prepared: BTreeMap::new(),
        sources: BTreeMap::new(),
        source_files: BTreeMap::new(),
    };
    {
        let _phase = trace::phase("find source files");
        run.find_source_files();
    }
    // Most projects read files only through sources; then the engine is opened once.
    let readable = run.readable(&BTreeMap::new());
    analyst.allow(readable.clone());
    let mut helpers = Helpers::new();
    {
        let _phase = trace::phase("parse");
        run.parse_all(analyst, &mut helpers, memory)?;
    }
    let mut resolved = {
        let _phase = trace::phase("resolve names");
        run.resolve_all()
    };
    let also_readable = run.readable(&resolved);
    if also_readable != readable {
        // The helpers use the engine that is replaced.
        helpers = Helpers::new();
    }
    analyst.allow(also_readable);
    let graph = run.graph(&mut resolved);
    let mut binder = Binder::new(analyst, memory, settings);
    for level in graph.levels() {
        {
            let _phase = trace::phase("bind");
            run.prepare(&level, &resolved, &binder.keys);
            helpers.bind(run.prepared.values().map(|prepared| &prepared.job), &mut binder);
        }
        {
            let _phase = trace::phase("read sources");
            run.read_sources(&level, &mut helpers, &mut binder);
        }
        let _phase = trace::phase("gather facts");
        trace::expect(level.len());
        for name in level {
            trace::advance(1);
            run.asset(name, &mut resolved, &mut binder);
        }
    }
    let _phase = trace::phase("bind checks");
    run.cut(&run.causes(&graph), &mut binder)?;
    helpers.bind(&run.queries_of_checks(&resolved, &binder.keys), &mut binder);
    let broken = run.bind_every_check(&graph, &resolved, &mut binder)?;
    Ok(Analysis {
        graph,
        facts: run.facts,
        problems: run.problems,
        broken,
        standing: run.standing,
        engine,
        trees: None,
    })
}

/// The minimum number of queries for which a second thread pays off.
const PREPARED_AT_ONCE: usize = 32;

/// A query of an asset: its own, or that of the check at this position.
pub(super) type QueryId = (AssetName, Option<usize>);

pub(super) struct Run<'a> {
    pub project: &'a Project,
    /// Assets whose query has a mistake are added; their readers are not analyzed.
    pub broken: BTreeSet<AssetName>,
    pub mistaken: &'a BTreeSet<String>,
    pub shown: &'a dyn Fn(&AssetName) -> Option<Schema>,
    pub standing: BTreeMap<AssetName, Standing>,
    /// By asset: the names in it or its checks that could not be read from their files, or that are broken and not
    /// published.
    pub unread: BTreeMap<AssetName, BTreeSet<AssetName>>,
    pub settings: &'a BTreeMap<String, String>,
    pub secrets: &'a Secrets,
    pub recorded: &'a RecordedColumns,
    pub(super) published: &'a PublishedSources,
    pub(super) engine: String,
    pub hasher: &'a mut FileHasher,
    pub problems: Problems,
    pub syntax: BTreeMap<QueryId, Syntax>,
    pub facts: BTreeMap<AssetName, Facts>,
    /// The prepared queries of the current level.
    pub(super) prepared: BTreeMap<AssetName, Prepared>,
    /// The prepared sources of the current level; `None` for a source with a mistake.
    pub(super) sources: BTreeMap<AssetName, Option<SourceQuestion>>,
    /// The files of each source, relative to the project.
    pub(super) source_files: BTreeMap<AssetName, BTreeSet<String>>,
}

impl<'a> Run<'a> {
    fn preparing<'k>(&self, keys: &'k Keys) -> Preparing<'k>
    where
        'a: 'k,
    {
        Preparing {
            project: self.project,
            settings: self.settings,
            keys,
        }
    }
}

impl Run<'_> {
    /// Returns all files that queries may read, absolute and without links.
    fn readable(&self, resolved: &BTreeMap<QueryId, Resolved>) -> Vec<PathBuf> {
        let direct = resolved.values().flat_map(|found| &found.files);
        let files: BTreeSet<PathBuf> =
            self.source_files.values().flatten().chain(direct).flat_map(|path| self.project.reachable(path)).collect();
        files.into_iter().collect()
    }

    fn parse_all(
        &mut self,
        analyst: &mut dyn Analyst,
        helpers: &mut Helpers,
        memory: &mut dyn Memory,
    ) -> Result<(), EngineError> {
        let project = self.project;
        let queries: Vec<(QueryId, Digest)> =
            project_queries(project).into_iter().map(|(id, sql)| (id, trees::key(&self.engine, sql.text()))).collect();
        let known = trees::recall(memory, &queries.iter().map(|(_, key)| key).collect::<Vec<_>>());
        let recalled: Vec<(QueryId, Digest, Option<Syntax>)> = queries
            .into_par_iter()
            .map(|(id, key)| {
                let syntax = known.get(&key).and_then(|text| serde_json::from_str(text).ok());
                (id, key, syntax)
            })
            .collect();
        let mut unknown = Vec::new();
        for (id, key, syntax) in recalled {
            match syntax {
                Some(syntax) => {
                    self.syntax.insert(id, syntax);
                }
                None => unknown.push((id, key)),
            }
        }
        let sql_of = |id: &QueryId| -> &SqlText {
            let asset = &project.assets[&id.0];
            match (id.1, &asset.kind) {
                (Some(index), _) => match &asset.checks[index].kind {
                    CheckKind::Sql { sql } => sql,
                    _ => unreachable!("only checks with a query were listed"),
                },
                (None, AssetKind::Sql(query)) => &query.sql,
                (None, _) => unreachable!("only assets with a query were listed"),
            }
        };
        let texts: Vec<&str> = unknown.iter().map(|(id, _)| sql_of(id).text()).collect();
        let answers = helpers.parse(&texts, analyst)?;
        for ((id, key), answer) in unknown.into_iter().zip(answers) {
            let sql = sql_of(&id);
            match answer {
                Ok((syntax, text)) => {
                    trees::remember(&syntax, text, &key, memory);
                    self.syntax.insert(id, syntax);
                }
                Err(error) => self.note(sql_problem(sql, &error), &id),
            }
        }
        Ok(())
    }

    /// Reports a problem of a query; if it is an asset's own query, the asset counts as broken.
    fn note(&mut self, problem: Problem, id: &QueryId) {
        self.problems.push(problem.about(&id.0));
        if id.1.is_none() {
            self.broken.insert(id.0.clone());
        }
    }

    fn resolve_all(&mut self) -> BTreeMap<QueryId, Resolved> {
        let project = self.project;
        let mut resolved = BTreeMap::new();
        for (id, sql) in project_queries(project) {
            let Some(syntax) = self.syntax.get(&id) else {
                continue;
            };
            let known = self.problems.len();
            let (found, is_whole) = references::resolve(sql, syntax, project, &self.broken, &mut self.problems);
            self.problems.blame(known, [&id.0]);
            let is_own = id.1.is_none();
            if is_own && !is_whole {
                self.broken.insert(id.0.clone());
            }
            // The inputs of a broken asset are known nevertheless.
            if is_own || is_whole {
                resolved.insert(id, found);
            }
        }
        self.resolve_commands(&mut resolved);
        for asset in project.assets.values() {
            let known = self.problems.len();
            for (name, span) in &asset.depends_on {
                if !note_unknown(name, span, asset, project, &self.broken, &mut self.problems) {
                    self.broken.insert(asset.name.clone());
                } else if let Some(found) = resolved.get_mut(&(asset.name.clone(), None))
                    && (project.assets.contains_key(name) || self.broken.contains(name))
                {
                    found.assets.entry(name.clone()).or_insert_with(|| span.clone());
                }
            }
            self.problems.blame(known, [&asset.name]);
        }
        resolved
    }

    /// Builds the graph of all assets. Reports the assets in cycles and removes them.
    fn graph(&mut self, resolved: &mut BTreeMap<QueryId, Resolved>) -> Graph {
        let mut upstreams: BTreeMap<AssetName, BTreeSet<AssetName>> = self
            .project
            .assets
            .keys()
            .map(|name| {
                let inputs = resolved.get(&(name.clone(), None)).map(|found| found.assets.keys().cloned().collect());
                (name.clone(), inputs.unwrap_or_default())
            })
            .collect();
        if !self.broken.is_empty() {
            let is_unread = |input: &&AssetName| !self.project.assets.contains_key(*input);
            for (name, inputs) in &upstreams {
                let unread: BTreeSet<AssetName> = inputs.iter().filter(is_unread).cloned().collect();
                if !unread.is_empty() {
                    self.unread.insert(name.clone(), unread);
                }
            }
        }
        loop {
            let cycles = match Graph::new(&upstreams) {
                Ok(graph) => return graph,
                Err(cycles) => cycles,
            };
            for cycle in cycles {
                let mut names: Vec<String> = cycle.0.iter().map(ToString::to_string).collect();
                names.push(names[0].clone());
                let first = &cycle.0[0];
                let next = cycle.0.get(1).unwrap_or(first);
                let asset = &self.project.assets[first];
                let span = resolved[&(first.clone(), None)].assets[next].clone();
                let error = GraphError::Cycle {
                    path: names.join(" → "),
                    next: next.to_string(),
                    span,
                };
                let file = asset.query().map_or(&asset.file, |query| query.sql.file());
                self.problems.push(Problem::in_file(file, error));
                for name in &cycle.0 {
                    upstreams.insert(name.clone(), BTreeSet::new());
                    self.broken.insert(name.clone());
                }
            }
        }
    }

    /// Prepares the queries that can be bound now: all names in them are known, and they read no files directly.
    fn prepare(&mut self, names: &[&AssetName], resolved: &BTreeMap<QueryId, Resolved>, keys: &Keys) {
        let (project, syntax, facts) = (self.project, &self.syntax, &self.facts);
        let preparing = self.preparing(keys);
        let prepare = |name: &&AssetName| {
            let asset = &project.assets[*name];
            let query = asset.query().filter(|_| !self.broken.contains(*name))?;
            let id = ((*name).clone(), None);
            let found = resolved.get(&id).filter(|found| found.files.is_empty())?;
            let is_known = |input: &AssetName| facts.get(input).is_some_and(|facts| facts.awaits.is_empty());
            let parsed = syntax.get(&id)?;
            if !found.assets.keys().all(is_known) {
                return None;
            }
            Some((id.0, preparing.query(asset, query, parsed, found, "")?))
        };
        self.prepared = names.par_iter().with_min_len(PREPARED_AT_ONCE).filter_map(prepare).collect();
    }

    fn asset(&mut self, name: &AssetName, resolved: &mut BTreeMap<QueryId, Resolved>, binder: &mut Binder<'_>) {
        let asset = &self.project.assets[name];
        if self.broken.contains(name) {
            return;
        }
        let known = self.problems.len();
        let facts = match &asset.kind {
            AssetKind::Source(source) => self.source(asset, source, binder),
            AssetKind::Sql(_) | AssetKind::Command(_) | AssetKind::Output(_) => {
                let found = resolved.remove(&(name.clone(), None)).unwrap_or_default();
                if found.assets.keys().any(|input| self.broken.contains(input)) {
                    None
                } else {
                    match &asset.kind {
                        AssetKind::Sql(query) => self.query(asset, query, &found, binder),
                        AssetKind::Command(command) => self.command(asset, command, binder),
                        AssetKind::Output(table) => self.output(asset, table, binder),
                        AssetKind::Source(_) => None,
                    }
                }
            }
        };
        self.problems.blame(known, [name]);
        let Some(facts) = facts else {
            self.broken.insert(name.clone());
            return;
        };
        if facts.awaits.is_empty() {
            binder.learn(name.clone(), facts.schema.clone());
        }
        self.facts.insert(name.clone(), facts);
    }

    fn query(&mut self, asset: &Asset, query: &Query, found: &Resolved, binder: &mut Binder<'_>) -> Option<Facts> {
        let sql = &query.sql;
        let syntax = self.syntax.remove(&(asset.name.clone(), None))?;
        let files = self.hashed(&found.files, (sql.file(), sql.span()))?;
        let prepared = self.prepared.remove(&asset.name).or_else(|| {
            let hashes = files.iter().flat_map(|file| [file.path.as_str(), " ", file.hash.as_str(), "\n"]);
            self.preparing(&binder.keys).query(asset, query, &syntax, found, &hashes.collect::<String>())
        });
        let Some(Prepared {
            job: Job { key, inputs, .. },
            located,
            definition,
            fingerprint,
        }) = prepared
        else {
            let error = SqlError::Refused {
                what: "a path that is not a plain string".to_owned(),
                help: "write the path between single quotes, or declare the files as a `source` asset".to_owned(),
                span: sql.span(),
            };
            self.problems.push(Problem::in_file(sql.file(), error));
            return None;
        };
        let types = contract::types(asset, binder.analyst, binder.memory, &mut self.problems)?;
        let mut awaits: BTreeSet<AssetName> =
            inputs.iter().flat_map(|input| self.facts[input].awaits.iter().cloned()).collect();
        let named = if files.is_empty() { Vec::new() } else { self.named_files(sql, found, &located, &key, binder)? };
        let for_binding = located.edited(&named.iter().map(NamedFiles::standing_in).collect::<Vec<_>>());
        let mut bound = if awaits.is_empty() {
            match binder.bind(&for_binding.sql, &inputs, &named, &key) {
                Ok(bound) => bound,
                Err(mut error) => {
                    // A program may still create the missing columns.
                    awaits = inputs.iter().flat_map(|input| self.may_differ(input)).collect();
                    if awaits.is_empty() {
                        error.offset = error.offset.map(|offset| for_binding.original(offset));
                        let problem = sql_problem(sql, &error.relative_to(&self.project.root));
                        self.problems.push(unread(problem, &asset.name, &inputs, sql, &error));
                        return None;
                    }
                    unbound(&awaits)
                }
            }
        } else {
            unbound(&awaits)
        };
        if let Some(problem) = self.row_id(sql, &syntax, &inputs) {
            self.problems.push(problem);
            return None;
        }
        let mut lineage = binder.lineage(&mut bound, &inputs);
        for (name, _) in &asset.depends_on {
            lineage.change(|lineage| lineage.read_whole(name.to_string()));
        }
        let lineage = Arc::new(lineage);
        let place = (sql.file(), sql.span());
        if awaits.is_empty()
            && !contract::check(asset, &bound.schema, &types, place, binder.analyst, &mut self.problems)
        {
            return None;
        }
        let mut reads_clock = syntax.reads_clock;
        let mut unstable = syntax.unstable.clone();
        let values = if awaits.is_empty() {
            match binder.session_words(&syntax.words, &for_binding.sql, &inputs, &named, &key) {
                Ok(values) => values,
                Err(error) => {
                    self.problems.push(sql_problem(sql, &error.relative_to(&self.project.root)));
                    return None;
                }
            }
        } else {
            syntax.words.iter().map(|word| word.word.clone()).collect()
        };
        reads_clock |= add_words(&syntax.words, &values, &mut unstable);
        unstable.extend(bound.unstable.iter().cloned());
        for input in &inputs {
            // A view is computed again by each of its readers.
            if self.is_sql_view(input) {
                unstable.extend(self.facts[input].unstable.iter().cloned());
                reads_clock |= self.facts[input].reads_clock;
            }
        }
        if reads_clock && asset.refresh.is_none() && !asset.is_view() {
            let why: Vec<_> = unstable
                .iter()
                .filter(|why| why.contains("when it runs") || why.contains("each time"))
                .cloned()
                .collect();
            // If a view below the query reads the clock, the place is in the file of that view.
            let (file, span) = match clock_offset(&syntax, &values) {
                Some(offset) => (sql.file(), sql.locate(offset)),
                None => (&asset.file, asset.span.clone()),
            };
            let error = SqlError::Unstable {
                asset: asset.name.to_string(),
                why: crate::base::text::and(why),
                span,
            };
            self.problems.push(Problem::in_file(file, error));
        }
        if asset.is_view() && !bound.zoned.is_empty() {
            let error = SqlError::ViewZone {
                asset: asset.name.to_string(),
                why: crate::base::text::and(std::mem::take(&mut bound.zoned)),
                span: asset.span.clone(),
            };
            self.problems.push(Problem::in_file(&asset.file, error));
        }
        if let Some((column, collation)) = bound.collated.first() {
            let (column, collation) = (column.clone(), collation.clone());
            let error = SqlError::Collation {
                column,
                collation,
                span: sql.span(),
            };
            self.problems.push(Problem::in_file(sql.file(), error));
            return None;
        }
        let to_run = located.edited(&named.iter().map(NamedFiles::reading).collect::<Vec<_>>());
        let named_query = (!named.is_empty()).then(|| NamedQuery {
            sql: located.sql,
            files: found.named_files(&self.project.root),
            schemas: named.into_iter().map(|files| files.read.schema).collect(),
        });
        let mut reads = reads_of(&inputs, bound.reads.as_ref());
        reads.extend(asset.depends_on.iter().map(|(name, _)| (name.clone(), Columns::All)));
        let variables =
            sql.variables().iter().map(|name| (name.clone(), self.project.settings.variables[name].clone())).collect();
        Some(Facts {
            definition: fingerprint,
            document: DefinitionDocument {
                definition,
                written: Written {
                    sql: Some(sql.written().to_owned()),
                    tree: None,
                    variables,
                    path: None,
                },
            },
            schema: bound.schema,
            plan: Some(bound.plan.unwrap_or_else(|| binder.opaque(&inputs))),
            lineage,
            unstable,
            reads_clock,
            inputs,
            reads,
            shape: bound.shape,
            files,
            reading: None,
            schema_changes: Vec::new(),
            asks: false,
            checks: Vec::new(),
            sql: to_run.sql.clone(),
            located: Some(to_run),
            named_query,
            program: None,
            awaits,
            may_differ: false,
            contract: Vec::new(),
        })
    }

    /// Returns the files that a query names; `None` if they can't be read exactly, which is reported.
    fn named_files(
        &mut self,
        sql: &SqlText,
        found: &Resolved,
        located: &Located,
        key: &Digest,
        binder: &mut Binder<'_>,
    ) -> Option<Vec<NamedFiles>> {
        let files = found.named_files(&self.project.root);
        let finder = FileFinder {
            root: &self.project.root,
            find: &|path| files.get(path).cloned().unwrap_or_default(),
        };
        let error = match binder.named_files(&located.sql, &finder, key) {
            Ok(named) => return Some(named),
            Err(error) => error,
        };
        let offset = located.original(error.offset);
        let problem = match error.error {
            ReadError::Refused(refusal) => {
                let span = sql.locate(offset);
                Problem::in_file(
                    sql.file(),
                    SourceError {
                        refusal,
                        door: Door::Query,
                        span,
                    },
                )
            }
            ReadError::Engine(error) => {
                let error = EngineError {
                    offset: Some(offset),
                    ..error
                };
                sql_problem(sql, &error.relative_to(&self.project.root))
            }
        };
        self.problems.push(problem);
        None
    }

    /// Returns a problem if a query reads `rowid` of an input without such a column: only stand-ins have it.
    pub(super) fn row_id(&self, sql: &SqlText, syntax: &Syntax, inputs: &BTreeSet<AssetName>) -> Option<Problem> {
        let offset = syntax.row_ids.first()?;
        let has_column = |input: &AssetName| {
            let schema = self.columns_for_checks(input)?;
            schema.names().find(|name| name.eq_ignore_ascii_case("rowid"))
        };
        if inputs.iter().any(|input| has_column(input).is_some()) {
            return None;
        }
        let error = SqlError::Refused {
            what: "`rowid` of an asset".to_owned(),
            help: "compute a number with `row_number() over (order by …)` over a key: rows have no fixed number"
                .to_owned(),
            span: offset.map_or_else(|| sql.span(), |offset| sql.locate(offset)),
        };
        Some(Problem::in_file(sql.file(), error))
    }

    /// Returns the programs' outputs, at or upstream of an asset, that may get other columns.
    fn may_differ(&self, name: &AssetName) -> BTreeSet<AssetName> {
        let mut found = BTreeSet::new();
        let mut next = vec![name];
        let mut seen = BTreeSet::new();
        while let Some(name) = next.pop() {
            let Some(facts) = self.facts.get(name).filter(|_| seen.insert(name)) else {
                continue;
            };
            if facts.may_differ {
                found.insert(name.clone());
            }
            next.extend(&facts.inputs);
        }
        found
    }

    pub(super) fn is_sql_view(&self, name: &AssetName) -> bool {
        self.project.assets.get(name).is_some_and(Asset::is_computed)
    }
}

/// Returns the materialization of an asset as it is part of the definition.
pub(super) fn materialize_word(asset: &Asset) -> String {
    match &asset.materialize {
        Materialize::File { style, .. } => format!("file:{}", style.word()),
        other => other.word().to_owned(),
    }
}

/// Returns the result for a query whose inputs have no known columns yet.
fn unbound(awaits: &BTreeSet<AssetName>) -> BoundQuery {
    BoundQuery {
        schema: Schema::default(),
        plan: None,
        reads: None,
        shape: None,
        unstable: Vec::new(),
        zoned: Vec::new(),
        collated: Vec::new(),
        lineage: Err(format!("its columns are unknown until {} has run", crate::base::text::and(awaits))),
    }
}

/// Whether a named asset exists, or is declared but broken; otherwise a problem is reported.
pub(super) fn note_unknown(
    name: &AssetName,
    span: &crate::base::diagnostic::Span,
    asset: &Asset,
    project: &Project,
    broken: &BTreeSet<AssetName>,
    problems: &mut Problems,
) -> bool {
    if project.assets.contains_key(name) || broken.contains(name) {
        return true;
    }
    let help = crate::base::text::did_you_mean(name.as_str(), project.assets.keys().map(AssetName::as_str))
        .unwrap_or_else(|| "correct the name, or declare the asset".to_owned());
    let error = GraphError::UnknownUpstream {
        name: name.to_string(),
        help,
        span: span.clone(),
    };
    problems.push(Problem::in_file(&asset.file, error));
    false
}

/// Adds to a problem the reader and the inputs that it could not read.
pub(super) fn unread(
    problem: Problem,
    reader: &AssetName,
    inputs: &BTreeSet<AssetName>,
    sql: &SqlText,
    error: &EngineError,
) -> Problem {
    problem.while_reading(Reading {
        reader: reader.to_string(),
        inputs: inputs.iter().filter(|input| *input != reader).map(ToString::to_string).collect(),
        column: match &error.kind {
            ErrorKind::UnknownColumn(column) => column.clone(),
            _ => None,
        },
        span: error.offset.map_or_else(|| sql.span(), |offset| sql.locate(offset)),
    })
}

/// Returns every query of the project: those of assets and those of checks.
fn project_queries(project: &Project) -> Vec<(QueryId, &SqlText)> {
    let mut queries = Vec::new();
    for asset in project.assets.values() {
        if let Some(query) = asset.query() {
            queries.push(((asset.name.clone(), None), &query.sql));
        }
        for (index, check) in asset.checks.iter().enumerate() {
            if let CheckKind::Sql { sql } = &check.kind {
                queries.push(((asset.name.clone(), Some(index)), sql));
            }
        }
    }
    queries
}
