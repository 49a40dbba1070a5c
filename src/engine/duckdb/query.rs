//! `dp query`: a user's query over what is published.

use std::path::{Path, PathBuf};

use super::DuckBuilder;
use super::analyst::describe;
use super::builder::{as_json, first_rows, store_sql};
use super::{named_files, syntax};
use crate::base::layout;
use crate::seam::{Builder, EngineError, ErrorKind, FileFinder, Relation, Rows};
use crate::sql::{lex, quote};

/// The output format of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryFormat {
    /// A table for display.
    Table,
    /// CSV as the engine writes it, with a header.
    Csv,
    /// One array of objects.
    Json,
    /// Parquet.
    Parquet,
}

/// Resolves names to relations: takes the names in a query, or `None` for all names.
pub type Meaning<'a> = dyn Fn(Option<Vec<Vec<String>>>) -> Result<Vec<Relation>, EngineError> + 'a;

/// The result of a query.
#[derive(Debug)]
pub enum Answer {
    /// Rows as text.
    Rows(Rows),
    /// The file with the result.
    File(PathBuf),
    /// The engine's plan, for display.
    Plan(String),
}

/// Runs `sql` and returns at most `limit` rows; `finder` finds the files that it names, and `relations` resolves its
/// names. Files are written to `folder`, to which the engine has write access.
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
    let syntax = syntax::read(sql, &syntax::tree(&builder.session, sql)?).map_err(|error| match error.kind {
        ErrorKind::Statements(_) => EngineError::of_kind(error.kind, "write one query"),
        _ => error,
    })?;
    // A statement that lists tables needs all names; any other statement only those that it names.
    let named = syntax.refused.is_empty().then(|| syntax.tables.into_iter().map(|table| table.path).collect());
    builder.relate(&relations(named)?)?;
    let body = &named_files::exact(&builder.session, crate::sql::statement_body(sql), finder)?;
    if let Some(explain) = explain {
        if format != QueryFormat::Table {
            return Err(EngineError::of_kind(
                ErrorKind::Syntax,
                "remove `--format` and `--json`: EXPLAIN prints only text",
            ));
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
