//! Asks the engine for the meaning of SQL, on stand-ins without rows.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::session::Session;
use super::types::DataType;
use super::{SessionOptions, json, meaning, named_files, plan, reader, session_words, syntax, written_type};
use crate::model::{AssetName, Column, Schema};
use crate::seam::{
    Analyst, BoundQuery, EngineError, ErrorKind, FileFinder, NamedFiles, NamedFilesError, ReadError, Relation,
    RelationBody, SourceRead, SourceReader,
};
use crate::sql::outline::Outline;
use crate::sql::quote;
use crate::sql::syntax::{EngineTree, Syntax};

/// An engine for binding. It opens at the first question whose answer is not cached.
#[derive(Debug)]
pub struct DuckAnalyst {
    options: SessionOptions,
    session: Option<Session>,
    version: String,
}

/// The binder evaluates the time in constant expressions. These macros replace the engine's functions, so that a plan
/// does not change from one moment to the next. Name and value.
///
/// The list contains all such functions of the engine in dp's build; a test compares it. A function that the engine
/// lacks must stay unknown. Asking the engine each time would take longer than opening it.
pub const FIXED_TIME: [(&str, &str); 3] = [
    ("now", "timestamptz '2000-01-01 00:00:00+00'"),
    ("get_current_timestamp", "timestamptz '2000-01-01 00:00:00+00'"),
    ("transaction_timestamp", "timestamptz '2000-01-01 00:00:00+00'"),
];

/// Replaces these functions.
fn fix_time(session: &Session) -> Result<(), EngineError> {
    let batch = FIXED_TIME.map(|(name, value)| format!("CREATE MACRO {name}() AS {value};"));
    session.run(&batch.join("\n"))
}

const DESCRIBE: &str = "DESCRIBE ";

impl DuckAnalyst {
    /// Creates an engine for binding; nothing is opened yet.
    pub fn new(options: SessionOptions) -> Self {
        Self {
            options,
            session: None,
            version: super::session::engine_version(),
        }
    }

    fn session(&mut self) -> Result<&Session, EngineError> {
        let session = match self.session.take() {
            Some(session) => session,
            None => open(&self.options)?,
        };
        Ok(self.session.insert(session))
    }

    fn describe(&mut self, sql: &str) -> Result<Schema, EngineError> {
        describe(self.session()?, sql)
    }
}

fn open(options: &SessionOptions) -> Result<Session, EngineError> {
    let session = Session::open_for_binding(options)?;
    fix_time(&session)?;
    Ok(session)
}

/// Why a query has no lineage if the engine returns no plan.
const NO_PLAN: &str = "the engine can't serialize its plan of the query";

fn columns(schema: &Schema) -> String {
    let column = |column: &Column| format!("{} {}", quote::identifier(&column.name), column.data_type);
    schema.0.iter().map(column).collect::<Vec<_>>().join(", ")
}

/// Returns the columns of a query's result. Fails with the error of the query itself.
pub(super) fn describe(session: &Session, sql: &str) -> Result<Schema, EngineError> {
    let rows = session.texts(&format!("{DESCRIBE}{sql}")).map_err(|mut error| {
        error.offset = error.offset.and_then(|offset| offset.checked_sub(DESCRIBE.len()));
        error
    })?;
    let columns = rows
        .into_iter()
        .map(|row| {
            let mut texts = row.into_iter().flatten();
            Column {
                name: texts.next().unwrap_or_default(),
                data_type: texts.next().unwrap_or_default(),
            }
        })
        .collect();
    Ok(Schema(columns))
}

/// The deepest nesting of brackets that dp passes to the parser, whose time grows with its cube.
const MOST_BRACKETS: usize = 400;
/// The longest query that dp passes to the parser, in bytes.
const LONGEST_QUERY: usize = 1 << 20;

/// The longest name or number that dp passes to the engine, in bytes. The engine compares an unknown function with all
/// known ones, letter by letter; for 100,000 bytes that takes over a second and a gigabyte.
const LONGEST_WORD: usize = 1 << 14;

/// Returns the length in bytes of the longest run of letters, digits and `_` outside single quotes.
fn longest_word(text: &str) -> usize {
    let (mut longest, mut length, mut in_text) = (0, 0, false);
    for byte in text.bytes() {
        in_text ^= byte == b'\'';
        let is_in_word = byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii();
        length = if is_in_word && !in_text { length + 1 } else { 0 };
        longest = longest.max(length);
    }
    longest
}

fn too_much_for_the_parser(text: &str) -> Option<EngineError> {
    let mut depth: usize = 0;
    let mut deepest = 0;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let message = if deepest > MOST_BRACKETS {
        format!("brackets are nested more than {MOST_BRACKETS} deep")
    } else if text.len() > LONGEST_QUERY {
        format!("the query is longer than {LONGEST_QUERY} bytes")
    } else if longest_word(text) > LONGEST_WORD {
        format!("a name or number is longer than {LONGEST_WORD} bytes")
    } else if text.contains('\0') {
        "the query contains a zero byte".to_owned()
    } else {
        return None;
    };
    Some(EngineError::of_kind(ErrorKind::Syntax, message))
}

impl Analyst for DuckAnalyst {
    fn another(&mut self) -> Result<Box<dyn Analyst>, EngineError> {
        let session = self.session()?.another()?;
        Ok(Box::new(Self {
            options: self.options.clone(),
            session: Some(session),
            version: self.version.clone(),
        }))
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn allow(&mut self, files: Vec<PathBuf>) {
        if files != self.options.files {
            self.options.files = files;
            self.session = None;
        }
    }

    fn parse(&mut self, texts: &[&str]) -> Result<Vec<Result<Syntax, EngineError>>, EngineError> {
        let mut answers: Vec<Option<Result<Syntax, EngineError>>> =
            texts.iter().map(|text| too_much_for_the_parser(text).map(Err)).collect();
        let asked: Vec<usize> = (0..texts.len()).filter(|index| answers[*index].is_none()).collect();
        for chunk in asked.chunks(256) {
            let values: Vec<_> =
                chunk.iter().map(|index| format!("({index}, {})", quote::literal(texts[*index]))).collect();
            let query = format!(
                "SELECT i::VARCHAR, json_serialize_sql(t)::VARCHAR FROM (VALUES {}) AS texts(i, t) ORDER BY i",
                values.join(", ")
            );
            for (row, index) in self.session()?.texts(&query)?.into_iter().zip(chunk) {
                let text = row.into_iter().nth(1).flatten().unwrap_or_default();
                answers[*index] = Some(match json::parse(&text) {
                    Ok(answer) => syntax::read(texts[*index], &answer),
                    Err(error) => {
                        Err(EngineError::of_kind(ErrorKind::Syntax, format!("the syntax tree can't be read: {error}")))
                    }
                });
            }
        }
        Ok(answers.into_iter().map(|answer| answer.expect("every text was refused or asked about")).collect())
    }

    fn outline(&self, tree: &EngineTree) -> Option<Outline> {
        syntax::outline(tree)
    }

    fn declare_schemas(&mut self, schemas: &[&str]) -> Result<(), EngineError> {
        let batch =
            schemas.iter().map(|schema| format!("CREATE SCHEMA IF NOT EXISTS {};\n", quote::identifier(schema)));
        let batch: String = batch.collect();
        self.session()?.run(&batch)
    }

    fn declare(&mut self, relations: &[Relation]) -> Result<(), EngineError> {
        let mut batch = String::new();
        for relation in relations {
            let name = quote::asset(&relation.name);
            batch.push_str(&match &relation.body {
                RelationBody::Empty(schema) => format!("CREATE TABLE IF NOT EXISTS {name} ({});\n", columns(schema)),
                RelationBody::Query(sql) => format!("CREATE VIEW IF NOT EXISTS {name} AS {sql}\n;\n"),
                RelationBody::Stored { file, schema } => {
                    format!("CREATE VIEW IF NOT EXISTS {name} AS {};\n", super::builder::load_sql(file, schema)?)
                }
            });
        }
        self.session()?.run(&batch)
    }

    fn forget(&mut self, name: &AssetName) -> Result<(), EngineError> {
        self.session()?.run(&format!("DROP TABLE IF EXISTS {}", quote::asset(name)))
    }

    fn bind(&mut self, sql: &str) -> Result<BoundQuery, EngineError> {
        if let Some(bound) = self.bind_all(&[sql]).into_iter().flatten().next() {
            return Ok(bound);
        }
        let schema = self.describe(sql)?;
        Ok(match plan::of(self.session()?, sql)? {
            Some(result) => meaning::of(&result.plan, schema, result.collated),
            None => BoundQuery {
                schema,
                plan: None,
                reads: None,
                shape: None,
                unstable: vec![format!("{NO_PLAN}, so it may keep any of equal values")],
                zoned: Vec::new(),
                collated: Vec::new(),
                lineage: Err(NO_PLAN.to_owned()),
            },
        })
    }

    fn bind_all(&mut self, queries: &[&str]) -> Vec<Option<BoundQuery>> {
        // A query that fails here fails again when it is bound separately, and is reported there.
        let Ok(session) = self.session() else {
            return vec![None; queries.len()];
        };
        let bound = |result: plan::Result| Some(meaning::of(&result.plan, result.schema?, result.collated));
        queries
            .chunks(plan::MOST_AT_ONCE)
            .flat_map(|chunk| match plan::of_all(session, chunk) {
                Ok(results) => results.into_iter().map(|result| result.and_then(bound)).collect(),
                Err(_) => vec![None; chunk.len()],
            })
            .collect()
    }

    fn session_words(&mut self, sql: &str, words: &BTreeSet<String>) -> Result<BTreeSet<String>, EngineError> {
        session_words::values(self.session()?, sql, words)
    }

    fn named_files(&mut self, sql: &str, finder: &FileFinder<'_>) -> Result<Vec<NamedFiles>, NamedFilesError> {
        let session = self.session().map_err(|error| NamedFilesError {
            offset: 0,
            error: error.into(),
        })?;
        named_files::read(session, sql, finder)
    }

    fn read_schema(&mut self, source: &SourceReader) -> Result<SourceRead, ReadError> {
        reader::read(self.session()?, source)
    }

    fn canonical_type(&mut self, written: &str) -> Result<String, EngineError> {
        if let Some(error) = too_much_for_the_parser(written) {
            return Err(error);
        }
        written_type::canonical(self.session()?, written)
    }

    fn widens(&self, before: &str, after: &str) -> bool {
        super::types::widens(before, after)
    }

    fn unstorable(&self, data_type: &str) -> Option<(String, String)> {
        let reason = match DataType::parse(data_type) {
            Ok(parsed) => parsed.check_storable().err()?.to_string(),
            Err(error) => error.to_string(),
        };
        Some((reason, super::types::cast_hint(data_type)))
    }
}

impl DuckAnalyst {
    /// Returns the number of rows of a query, and reads every value.
    pub fn count(&mut self, sql: &str) -> Result<u64, EngineError> {
        let rows = self.session()?.texts(&format!("SELECT count(*)::VARCHAR FROM ({sql})"))?;
        let count = rows.into_iter().flatten().flatten().next();
        Ok(count.and_then(|count| count.parse().ok()).unwrap_or_default())
    }

    /// Returns the keywords that must be quoted somewhere to be used as names.
    pub fn keywords(&mut self) -> Result<BTreeSet<String>, EngineError> {
        let sql = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'";
        Ok(self.session()?.texts(sql)?.into_iter().flatten().flatten().collect())
    }

    /// Returns the functions that are not pure, with the stability that the engine reports: name, stability.
    pub fn unstable_functions(&mut self) -> Result<Vec<(String, String)>, EngineError> {
        let rows = self.session()?.texts(
            "SELECT DISTINCT function_name, stability FROM duckdb_functions() \
             WHERE stability IS NOT NULL AND stability <> 'CONSISTENT' ORDER BY ALL",
        )?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let mut texts = row.into_iter().flatten();
                (texts.next().unwrap_or_default(), texts.next().unwrap_or_default())
            })
            .collect())
    }
}
