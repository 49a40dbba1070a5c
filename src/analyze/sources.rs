//! Asks how the files of sources are read, and what columns they have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::diagnostic::Problem;
use crate::base::lazy_json::LazyJson;
use crate::definition::{Definition, DefinitionDocument, Written};
use crate::facts::Facts;
use crate::intake::Door;
use crate::model::{self, AssetName, Column, Digest, FileInput, Format, Schema};
use crate::observe;
use crate::project::{Asset, Materialize, OnSchemaChange, ProjectError, Source};
use crate::seam::{ReadError, SourceRead, SourceReader};
use crate::sql::lineage::ColumnLineage;

use super::ahead::Helpers;
use super::binding::Binder;
use super::error::sentence;
use super::references;
use super::run::Run;
use super::source_error::SourceError;
use super::{SqlError, contract, schema_change};

/// The name of dp's method of reading sources; another method may give another answer.
const READING: &str = "exact/1";

/// A question about a source, and its cached answer: the source's columns, and the query that reads it.
pub(super) struct SourceQuestion {
    files: Vec<FileInput>,
    reader: SourceReader,
    definition: Definition,
    /// D, the definition fingerprint.
    fingerprint: Digest,
    /// Everything that the answer depends on except the types that an earlier reading found.
    reading: Digest,
    /// The key of the answer.
    key: Digest,
    remembered: Option<SourceRead>,
}

/// Returns the types of a reading that the next one keeps: those of columns with values.
fn kept_types(schema: &Schema, reading: &model::Reading) -> Vec<(String, String)> {
    let is_kept = |column: &&Column| !reading.without_values.contains(&column.name);
    let columns = schema.0.iter().filter(is_kept);
    columns.map(|column| (column.name.clone(), column.data_type.clone())).collect()
}

fn read_key(reading: &Digest, kept: &[(String, String)]) -> Digest {
    let kept = kept.iter().flat_map(|(name, data_type)| [name.as_str(), data_type.as_str()]);
    Digest::of("read-kept/1", std::iter::once(reading.as_str()).chain(kept))
}

/// Caches an answer, also under the key with its own types as the types to keep: they fit every value, so a reading
/// that keeps them gives the same answer.
fn remember_source(question: &SourceQuestion, answer: &SourceRead, binder: &mut Binder<'_>) {
    let mut remember = |key: &Digest, answer: &SourceRead| {
        let text = serde_json::to_string(answer).expect("dp's own values have a JSON form");
        binder.memory.remember("read", key, text);
    };
    remember(&question.key, answer);
    let later = read_key(&question.reading, &kept_types(&answer.schema, &answer.reading));
    if later != question.key {
        let misfits = BTreeMap::new();
        remember(
            &later,
            &SourceRead {
                misfits,
                ..answer.clone()
            },
        );
    }
}

impl Run<'_> {
    /// Lists the files of all sources, and reports patterns that match nothing.
    pub(super) fn find_source_files(&mut self) {
        let project = self.project;
        for asset in project.assets.values() {
            let Some(source) = asset.source() else {
                continue;
            };
            let (path, span) = (source.path.clone(), source.path_span.clone());
            let problem = match observe::matching(&project.root, &source.path) {
                Ok(paths) if paths.is_empty() => Problem::in_file(&asset.file, ProjectError::NoFiles { path, span }),
                Ok(paths) if paths.iter().any(|path| path.contains(['*', '?', '['])) => {
                    let message =
                        "rename the file: its name contains `*`, `?` or `[`, which the engine reads as a pattern"
                            .to_owned();
                    Problem::in_file(&asset.file, SqlError::UnreadableSource { path, message, span })
                }
                Ok(paths) => {
                    self.source_files.insert(asset.name.clone(), paths.into_iter().collect());
                    continue;
                }
                Err(error) => references::file_problem(&path, span, &asset.file, error),
            };
            self.problems.push(problem.about(&asset.name));
            self.broken.insert(asset.name.clone());
        }
    }

    pub(super) fn hashed(
        &mut self,
        paths: &BTreeSet<String>,
        place: (&crate::base::diagnostic::SourceFile, crate::base::diagnostic::Span),
    ) -> Option<Vec<FileInput>> {
        let mut files = Vec::new();
        for path in paths {
            match self.hasher.hash(path) {
                Ok(file) => files.push(file),
                Err(error) => {
                    self.problems.push(references::file_problem(path, place.1, place.0, error));
                    return None;
                }
            }
        }
        Some(files)
    }

    /// Reads the columns of these sources in parallel, unless they are cached.
    pub(super) fn read_sources(&mut self, names: &[&AssetName], helpers: &mut Helpers, binder: &mut Binder<'_>) {
        let project = self.project;
        for name in names {
            let asset = &project.assets[*name];
            if let (Some(source), false) = (asset.source(), self.broken.contains(*name)) {
                let known = self.problems.len();
                let begun = self.begin_source(asset, source, binder);
                self.problems.blame(known, [*name]);
                self.sources.insert((*name).clone(), begun);
            }
        }
        let open: Vec<&SourceQuestion> =
            self.sources.values().flatten().filter(|question| question.remembered.is_none()).collect();
        let answers = helpers.read(&open.iter().map(|question| &question.reader).collect::<Vec<_>>(), binder.analyst);
        let answers: BTreeMap<Digest, SourceRead> =
            open.iter().zip(answers).filter_map(|(question, answer)| Some((question.key.clone(), answer?))).collect();
        for question in self.sources.values_mut().flatten() {
            if let Some(answer) = answers.get(&question.key) {
                remember_source(question, answer, binder);
                question.remembered = Some(answer.clone());
            }
        }
    }

    /// Prepares the question about a source; `None` if the source has a mistake, which is reported.
    fn begin_source(&mut self, asset: &Asset, source: &Source, binder: &mut Binder<'_>) -> Option<SourceQuestion> {
        let paths = self.source_files.get(&asset.name).cloned()?;
        let files = self.hashed(&paths, (&asset.file, source.path_span.clone()))?;
        let types = contract::types(asset, binder.analyst, binder.memory, &mut self.problems)?;
        let reader = SourceReader {
            format: source.format,
            files: paths.iter().map(|path| self.project.absolute(path)).collect::<Vec<PathBuf>>(),
            options: source.options.clone(),
            types: types.clone(),
            lenient: contract::lenient(asset),
            kept: self.kept(asset),
            root: self.project.root.clone(),
        };
        let mut definition = Definition {
            format: Some(source.format),
            options: source.options.clone(),
            types: types.into_iter().collect(),
            lenient: reader.lenient.clone(),
            ..Definition::new("source", asset.materialize.word().to_owned(), self.settings)
        };
        if source.format == Format::Parquet && asset.materialize == Materialize::View {
            definition.set_in_place();
        }
        let fingerprint = definition.fingerprint();
        let root = self.project.root.to_string_lossy();
        let mut parts =
            vec![READING.to_owned(), self.engine.clone(), fingerprint.as_str().to_owned(), root.into_owned()];
        parts.extend(files.iter().flat_map(|file| [file.path.clone(), file.hash.as_str().to_owned()]));
        let reading = Digest::of("read/3", parts.iter().map(String::as_str));
        let key = read_key(&reading, &reader.kept);
        let remembered = binder.memory.recall("read", &key).and_then(|text| serde_json::from_str(&text).ok());
        Some(SourceQuestion {
            files,
            reader,
            definition,
            fingerprint,
            reading,
            key,
            remembered,
        })
    }

    /// Returns the types of the published version of a source for columns without a declared type.
    fn kept(&self, asset: &Asset) -> Vec<(String, String)> {
        let published = self.published.get(&asset.name);
        published.map(|published| kept_types(&published.schema, &published.reading)).unwrap_or_default()
    }

    pub(super) fn source(&mut self, asset: &Asset, source: &Source, binder: &mut Binder<'_>) -> Option<Facts> {
        let place = || (&asset.file, source.path_span.clone());
        let question = self.sources.remove(&asset.name)??;
        let types = &question.reader.types;
        let read = match question.remembered.clone() {
            Some(known) => known,
            None => match binder.analyst.read_schema(&question.reader) {
                Ok(found) => {
                    remember_source(&question, &found, binder);
                    found
                }
                Err(error) => {
                    self.unreadable(asset, source, error);
                    return None;
                }
            },
        };
        if !contract::check(asset, &read.schema, types, place(), binder.analyst, &mut self.problems) {
            return None;
        }
        let unedited = self.published.get(&asset.name).filter(|published| published.definition == question.fingerprint);
        let changes = unedited.map(|published| schema_change::changes(asset, published, &read)).unwrap_or_default();
        let refused = schema_change::refused(source.on_schema_change, &changes, binder.analyst);
        if !refused.is_empty() {
            let error = SqlError::SchemaChanged {
                asset: asset.name.to_string(),
                changes: refused.into_iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
                span: source.path_span.clone(),
            };
            self.problems.push(Problem::in_file(&asset.file, error));
            return None;
        }
        let SourceRead {
            schema, sql, reading, ..
        } = read;
        let lineage = ColumnLineage::of_columns(schema.0.iter().map(|column| column.name.as_str()));
        let lineage = Arc::new(LazyJson::now(lineage));
        Some(Facts {
            document: DefinitionDocument {
                definition: question.definition,
                written: Written {
                    path: Some(source.path.clone()),
                    ..Written::default()
                },
            },
            definition: question.fingerprint,
            lineage: Arc::clone(&lineage),
            schema,
            plan: None,
            unstable: BTreeSet::new(),
            reads_clock: false,
            inputs: BTreeSet::new(),
            reads: BTreeMap::new(),
            shape: None,
            files: question.files,
            reading: Some(reading),
            asks: source.on_schema_change == OnSchemaChange::Ask
                && !changes.iter().all(|change| schema_change::is_additive(change, binder.analyst)),
            schema_changes: changes,
            checks: Vec::new(),
            sql,
            located: None,
            named_query: None,
            program: None,
            awaits: BTreeSet::new(),
            may_differ: false,
            contract: Vec::new(),
        })
    }

    fn unreadable(&mut self, asset: &Asset, source: &Source, error: ReadError) {
        let span = source.path_span.clone();
        let problem = match error {
            ReadError::Refused(refusal) => Problem::in_file(
                &asset.file,
                SourceError {
                    refusal,
                    door: Door::Source,
                    span,
                },
            ),
            ReadError::Engine(error) => {
                let message = sentence(&error.relative_to(&self.project.root).message);
                let path = source.path.clone();
                Problem::in_file(&asset.file, SqlError::UnreadableSource { path, message, span })
            }
        };
        self.problems.push(problem);
    }
}
