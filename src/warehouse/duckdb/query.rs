//! `dp query`: a person's question about what is published.

use std::path::{Path, PathBuf};

use super::DuckBuilder;
use super::analyst::describe;
use super::builder::{as_json, first_rows, store_sql};
use super::error::serialize_error;
use super::named_files;
use crate::sql::{lex, quote, tree};
use crate::warehouse::{Builder, EngineError, FileFinder, Relation, Rows, layout};

/// How the answer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryFormat {
    /// For people.
    Table,
    /// As the engine writes it, with a header.
    Csv,
    /// One array of objects.
    Json,
    /// Binary.
    Parquet,
}

/// What names stand for: takes the names that a query has, or `None` for all there are.
pub type Meaning<'a> = dyn Fn(Option<Vec<Vec<String>>>) -> Result<Vec<Relation>, EngineError> + 'a;

/// The answer to a question.
#[derive(Debug)]
pub enum Answer {
    /// Rows as texts.
    Rows(Rows),
    /// A file that holds it.
    File(PathBuf),
    /// How the engine would compute it, for people.
    Plan(String),
}

/// Asks `sql`, at most for `limit` rows; `finder` gives the files that it names, and `relations` what the names in it stand
/// for, or everything. Files are written into `folder`, which the engine may write to.
pub fn query(
    builder: &mut DuckBuilder,
    relations: &Meaning<'_>,
    finder: &FileFinder<'_>,
    sql: &str,
    format: QueryFormat,
    limit: Option<usize>,
    folder: &Path,
) -> Result<Answer, EngineError> {
    let (explain, sql) = lex::explained(sql);
    let tree = builder.session.texts(&format!("SELECT json_serialize_sql({})::VARCHAR", quote::literal(sql)))?;
    let tree = tree.into_iter().flatten().flatten().next().unwrap_or_default();
    let tree: serde_json::Value = serde_json::from_str(&tree).unwrap_or_default();
    if tree["error"] == true {
        return Err(serialize_error(&tree));
    }
    if tree::statement_count(&tree) != 1 {
        return Err(EngineError::of_kind("parser", "give one query".to_owned()));
    }
    // A statement that lists tables needs all of them; any other only those that it names.
    let named = tree::read(&tree)
        .ok()
        .filter(|syntax| syntax.refused.is_empty())
        .map(|syntax| syntax.tables.into_iter().map(|table| table.path).collect());
    builder.relate(&relations(named)?)?;
    let body = &named_files::exact(&builder.session, crate::sql::statement_body(sql), finder)?;
    if let Some(explain) = explain {
        if format != QueryFormat::Table {
            return Err(EngineError::of_kind("parser", "EXPLAIN is for people: leave `--format` and `--json` out"));
        }
        let plan = builder.session.texts(&format!("{explain} {body}"))?;
        return Ok(Answer::Plan(plan.into_iter().filter_map(|row| row.into_iter().nth(1).flatten()).collect()));
    }
    let options = match format {
        QueryFormat::Table => return first_rows(&builder.session, body, limit).map(Answer::Rows),
        QueryFormat::Csv => "FORMAT csv, HEADER true",
        QueryFormat::Json => "FORMAT json, ARRAY true",
        QueryFormat::Parquet => "FORMAT parquet",
    };
    let limited = limit.map(|limit| format!("FROM ({body}\n) LIMIT {limit}"));
    let body = limited.as_deref().unwrap_or(body);
    let file = folder.join(layout::of_process("answer", std::process::id()));
    let target = quote::literal(&file.to_string_lossy());
    let rows = match format {
        QueryFormat::Parquet => store_sql(body, &describe(&builder.session, body)?)?,
        QueryFormat::Json => as_json(body, &describe(&builder.session, body)?)?,
        QueryFormat::Table | QueryFormat::Csv => body.to_owned(),
    };
    builder.session.run(&format!("COPY ({rows}\n) TO {target} ({options})"))?;
    Ok(Answer::File(file))
}
