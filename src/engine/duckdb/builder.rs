//! Computes versions: writes a query to Parquet, fingerprints it, and runs its checks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::analyst::describe;
use super::catalogue::DuckCatalogues;
use super::error::engine_error;
use super::reader::{self, escape_glob};
use super::session::{Session, SessionOptions};
use super::syntax;
use super::types::{self, DataType, FINGERPRINT_FUNCTION};
use crate::definition::content;
use crate::model::{AssetName, Digest, ExportFormat, ExportStyle, ListContent, Schema};
use crate::seam::{
    BuildTask, Builder, Built, Catalogues, CheckTask, Checked, EngineError, ErrorKind, FileAccess, FileFinder,
    NamedFiles, NamedFilesError, ReadError, Relation, RelationBody, Rows, SourceRead, SourceReader,
};
use crate::sql::quote;

/// A session for builds.
#[derive(Debug)]
pub struct DuckBuilder {
    pub(super) session: Session,
}

impl DuckBuilder {
    /// Opens an engine for builds.
    pub fn open(options: &SessionOptions) -> Result<Self, EngineError> {
        Ok(Self {
            session: Session::open_logged(options)?,
        })
    }

    /// Returns the engine and its version.
    pub fn version(&self) -> &str {
        self.session.version()
    }
}

fn parsed(data_type: &str) -> Result<DataType, EngineError> {
    DataType::parse(data_type).map_err(|error| EngineError::other(error.to_string()))
}

/// Returns the query that reads a stored version's rows in the engine's own types.
pub(super) fn load_sql(file: &Path, schema: &Schema) -> Result<String, EngineError> {
    let mut columns = Vec::with_capacity(schema.0.len());
    let mut converts = false;
    for column in &schema.0 {
        let name = quote::identifier(&column.name);
        let data_type = parsed(&column.data_type)?;
        columns.push(if data_type.is_stored_as_is() {
            name
        } else {
            converts = true;
            format!("{} AS {name}", data_type.load_sql(&name))
        });
    }
    // For thousands of columns the engine takes as long to read their names as to read their rows.
    let columns = if converts { columns.join(", ") } else { "*".to_owned() };
    let path = quote::literal(&escape_glob(&file.to_string_lossy()));
    Ok(format!("SELECT {columns} FROM read_parquet({path}, hive_partitioning = false)"))
}

/// Returns a query for the rows of `sql` with the columns of an asset; `there` are the columns of `sql`.
///
/// Each column must have the asset's type, or the form in which the store holds it.
///
/// # Errors
/// The differences, as text.
pub fn rows_of(sql: &str, there: &Schema, wanted: &Schema) -> Result<String, Vec<String>> {
    let mut differences = Vec::new();
    let mut columns = Vec::with_capacity(wanted.0.len());
    for column in &wanted.0 {
        let name = quote::identifier(&column.name);
        let Some(found) = there.0.iter().find(|found| found.name == column.name) else {
            differences.push(format!("column `{}` is missing", column.name));
            continue;
        };
        let stored = parsed(&column.data_type).ok().filter(|data_type| !data_type.is_stored_as_is());
        if found.data_type == column.data_type {
            columns.push(name);
        } else if let Some(data_type) = stored.filter(|data_type| data_type.stored().to_string() == found.data_type) {
            columns.push(format!("{} AS {name}", data_type.load_sql(&name)));
        } else {
            differences.push(format!(
                "column `{}` is {} in the file, but {} in the asset",
                column.name, found.data_type, column.data_type
            ));
        }
    }
    for column in &there.0 {
        if !wanted.0.iter().any(|wanted| wanted.name == column.name) {
            differences.push(format!("column `{}` does not exist in the asset", column.name));
        }
    }
    if differences.is_empty() { Ok(format!("SELECT {} FROM ({sql}\n)", columns.join(", "))) } else { Err(differences) }
}

pub(super) fn store_sql(sql: &str, schema: &Schema) -> Result<String, EngineError> {
    let mut columns = Vec::with_capacity(schema.0.len());
    for column in &schema.0 {
        let name = quote::identifier(&column.name);
        let data_type = parsed(&column.data_type)?;
        data_type.check_storable().map_err(|error| EngineError::other(format!("column {name}: {error}")))?;
        columns.push(if data_type.is_stored_as_is() {
            name
        } else {
            format!("{} AS {name}", data_type.store_sql(&name))
        });
    }
    Ok(format!("SELECT {} FROM ({sql}\n)", columns.join(", ")))
}

/// Returns a query whose result can be written as JSON.
pub(super) fn as_json(sql: &str, schema: &Schema) -> Result<String, EngineError> {
    let columns = schema.0.iter().map(|column| Ok((column.name.clone(), parsed(&column.data_type)?)));
    Ok(types::json_query(sql, &columns.collect::<Result<Vec<_>, EngineError>>()?))
}

/// Turns an error of the statement that stores a query into an error of the query itself.
fn in_users_terms(mut error: EngineError, copy: &str, sql: &str, schema: &Schema) -> EngineError {
    let start = copy.find(sql).unwrap_or_default();
    error.offset = error.offset.and_then(|offset| offset.checked_sub(start)).filter(|offset| *offset < sql.len());
    let huge = schema.0.iter().find(|column| column.data_type.contains("HUGEINT"));
    if let (Some(column), true) = (huge, error.message.contains("DECIMAL(38,0)")) {
        error.offset = None;
        error.message = format!(
            "column `{}` is a {} with more than 38 digits, which dp can't store; cast it, `:: VARCHAR`",
            column.name, column.data_type
        );
    }
    error
}

fn export_options(style: ExportStyle) -> String {
    let mut options = match style.format {
        ExportFormat::Csv => "FORMAT csv, HEADER true",
        ExportFormat::Json => "FORMAT json, ARRAY true",
        ExportFormat::Ndjson => "FORMAT json",
        ExportFormat::Parquet => "FORMAT parquet",
    }
    .to_owned();
    if !style.compression.is_none() {
        options.push_str(&format!(", COMPRESSION {}", style.compression.word()));
    }
    if let Some(delimiter) = style.delimiter {
        options.push_str(&format!(", DELIMITER {}", quote::literal(&delimiter.to_string())));
    }
    options
}

impl Builder for DuckBuilder {
    fn relate(&mut self, relations: &[Relation]) -> Result<(), EngineError> {
        let mut batch = String::new();
        for relation in relations {
            let body = match &relation.body {
                RelationBody::Stored { file, schema } => load_sql(file, schema)?,
                RelationBody::Query(sql) => sql.clone(),
                RelationBody::Empty(schema) => {
                    let columns: Vec<_> = schema
                        .0
                        .iter()
                        .map(|column| {
                            format!("CAST(NULL AS {}) AS {}", column.data_type, quote::identifier(&column.name))
                        })
                        .collect();
                    format!("SELECT {} WHERE false", columns.join(", "))
                }
            };
            batch.push_str(&format!(
                "CREATE SCHEMA IF NOT EXISTS {};\nCREATE OR REPLACE VIEW {} AS {body}\n;\n",
                quote::identifier(relation.name.schema()),
                quote::asset(&relation.name),
            ));
        }
        self.session.run(&batch)
    }

    fn build(&mut self, task: &BuildTask) -> Result<Built, EngineError> {
        let schema = match &task.schema {
            Some(schema) => schema.clone(),
            None => describe(&self.session, &task.sql)?,
        };
        let stored = store_sql(&task.sql, &schema)?;
        let file = quote::literal(&task.file.to_string_lossy());
        let copy = format!("COPY ({stored}) TO {file} (FORMAT parquet)");
        self.session.run(&copy).map_err(|error| in_users_terms(error, &copy, &task.sql, &schema))?;
        let load = load_sql(&task.file, &schema)?;
        let (rows, content, lists) = self.fingerprint(&load, &schema, &task.lists)?;
        if let Some(export) = &task.export {
            let target = quote::literal(&export.file.to_string_lossy());
            // Parquet can't hold all types, so an export has the stored forms. The order of rows is that of the query.
            let rows = match export.style.format {
                ExportFormat::Parquet => store_sql(&load, &schema)?,
                ExportFormat::Csv => load.clone(),
                ExportFormat::Json | ExportFormat::Ndjson => as_json(&load, &schema)?,
            };
            self.session.run(&format!("COPY ({rows}) TO {target} ({})", export_options(export.style)))?;
        }
        Ok(Built {
            schema,
            rows,
            content,
            lists,
        })
    }

    fn content(
        &mut self,
        file: &Path,
        schema: &Schema,
        columns: &BTreeSet<String>,
    ) -> Result<ListContent, EngineError> {
        let list = schema.by_name(columns);
        let (rows, sums) = self.sums(&load_sql(file, schema)?, std::slice::from_ref(&list))?;
        let [high, low] = &sums[0];
        Ok(ListContent {
            columns: columns.clone(),
            content: content(FINGERPRINT_FUNCTION, &list, rows, high, low),
        })
    }

    fn check(&mut self, task: &CheckTask) -> Result<Checked, EngineError> {
        let rows_in_groups =
            task.rows.as_ref().map(|rows| format!(", coalesce(sum({}), 0)::VARCHAR", quote::identifier(rows)));
        let sum = rows_in_groups.as_deref().unwrap_or_default();
        let counted = self.session.texts(&format!("SELECT count(*)::VARCHAR{sum} FROM ({}\n)", task.sql))?;
        let counted: Vec<u64> = counted
            .first()
            .into_iter()
            .flatten()
            .map(|text| text.as_deref().and_then(|text| text.parse().ok()).unwrap_or_default())
            .collect();
        let (failures, groups) = match counted.as_slice() {
            [groups, rows] => (*rows, Some(*groups)),
            [rows] => (*rows, None),
            _ => (0, None),
        };
        let sample = if failures == 0 {
            Rows::default()
        } else {
            // Sorted, so that the same data shows the same rows.
            rows(&self.session, &format!("SELECT * FROM ({}\n) ORDER BY ALL LIMIT {}", task.sql, task.sample))?
        };
        Ok(Checked {
            failures,
            groups,
            sample,
        })
    }

    fn rename(&mut self, sql: &str, names: &BTreeMap<AssetName, AssetName>) -> Result<String, EngineError> {
        let failed = || EngineError::of_kind(ErrorKind::Unpinnable, "dp can't rewrite the query");
        let tree = syntax::tree(&self.session, sql)?;
        let renamed = syntax::rename_tables(&tree, names).ok_or_else(failed)?;
        super::rewrite::text(&self.session, &renamed)?.ok_or_else(failed)
    }

    fn named_files(&self, sql: &str, finder: &FileFinder<'_>) -> Result<Vec<NamedFiles>, NamedFilesError> {
        super::named_files::read(&self.session, sql, finder)
    }

    fn another(&self) -> Result<Box<dyn Builder>, EngineError> {
        Ok(Box::new(Self {
            session: self.session.another()?,
        }))
    }

    fn catalogues(&self) -> &'static dyn Catalogues {
        &DuckCatalogues
    }

    fn look(&self, source: &SourceReader) -> Result<SourceRead, ReadError> {
        reader::read(&self.session, source)
    }

    fn file_accesses(&mut self) -> Result<Vec<FileAccess>, EngineError> {
        // The engine does not escape paths, so its JSON is invalid if a name contains a quote or a line break.
        let rows = self.session.texts(
            r#"SELECT connection_id::VARCHAR, query_id::VARCHAR, said.path, (said.op = 'WRITE')::VARCHAR,
                      sum(coalesce(TRY_CAST(said.bytes AS UBIGINT), 0))::VARCHAR
             FROM (SELECT connection_id, query_id, regexp_extract(message,
                          '^\{"fs":"[^"]*","path":"(.*)","op":"([A-Z]+)"(?:,"bytes":"(-?[0-9]+)","pos":"[0-9]+")?\}$',
                          ['path', 'op', 'bytes'], 's') AS said
                   FROM duckdb_logs WHERE type = 'FileSystem')
             WHERE said.op IN ('OPEN', 'READ', 'WRITE') AND connection_id IS NOT NULL AND query_id IS NOT NULL
             GROUP BY ALL"#,
        )?;
        self.session.run("CALL truncate_duckdb_logs()")?;
        let access = |row: Vec<Option<String>>| {
            let mut values = row.into_iter().flatten();
            Some(FileAccess {
                connection: values.next()?.parse().ok()?,
                query: values.next()?.parse().ok()?,
                path: values.next()?.into(),
                wrote: values.next()? == "true",
                bytes: values.next()?.parse().ok()?,
            })
        };
        Ok(rows.into_iter().filter_map(access).collect())
    }

    fn canceller(&self) -> Box<dyn Fn() + Send + Sync> {
        let handle: Arc<duckdb::InterruptHandle> = self.session.connection.interrupt_handle();
        Box::new(move || handle.interrupt())
    }
}

impl DuckBuilder {
    /// Returns the number of rows, C over all columns, and C over each list of columns, in one scan.
    fn fingerprint(
        &self,
        from: &str,
        schema: &Schema,
        lists: &[BTreeSet<String>],
    ) -> Result<(u64, Digest, Vec<ListContent>), EngineError> {
        let all: BTreeSet<String> = schema.names().map(ToOwned::to_owned).collect();
        let (whole, some): (Vec<_>, Vec<_>) =
            lists.iter().filter(|list| list.is_subset(&all)).partition(|list| **list == all);
        let schemas: Vec<Schema> =
            std::iter::once(&all).chain(some.iter().copied()).map(|list| schema.by_name(list)).collect();
        let (count, sums) = self.sums(from, &schemas)?;
        let of = |schema: &Schema, [high, low]: &[String; 2]| content(FINGERPRINT_FUNCTION, schema, count, high, low);
        let some = some.into_iter().zip(schemas.iter().zip(&sums).skip(1));
        // All columns are hashed once: for readers that depend on column order, and for readers that name columns.
        let lists = whole.into_iter().zip(schemas.iter().zip(&sums)).chain(some);
        let lists = lists.map(|(columns, (schema, sums))| ListContent {
            columns: columns.clone(),
            content: of(schema, sums),
        });
        Ok((count, of(schema, &sums[0]), lists.collect()))
    }

    /// Returns the number of rows, and the two sums over the columns of each of `schemas`, in one scan.
    fn sums(&self, from: &str, schemas: &[Schema]) -> Result<(u64, Vec<[String; 2]>), EngineError> {
        let columns = schemas
            .iter()
            .map(|schema| schema.0.iter().map(|column| Ok((column.name.clone(), parsed(&column.data_type)?))).collect())
            .collect::<Result<Vec<Vec<_>>, EngineError>>()?;
        let answer = self.session.texts(&types::fingerprint_query(&columns, &format!("({from})")))?;
        let values: Vec<String> = answer.into_iter().flatten().flatten().collect();
        let Some((count, sums)) = values.split_first().filter(|(_, sums)| sums.len() == 2 * schemas.len()) else {
            return Err(EngineError::other("the engine gave no fingerprint".to_owned()));
        };
        let count = count.parse().map_err(|_| EngineError::other(format!("the engine counted `{count}` rows")))?;
        Ok((count, sums.as_chunks().0.to_vec()))
    }
}

/// Returns the rows of a query as text.
pub(super) fn rows(session: &Session, sql: &str) -> Result<Rows, EngineError> {
    first_rows(session, sql, None)
}

/// Returns the first rows of a query as text, at most `limit`.
pub(super) fn first_rows(session: &Session, sql: &str, limit: Option<usize>) -> Result<Rows, EngineError> {
    let schema = describe(session, sql)?;
    let columns: Vec<_> = (0..schema.0.len()).map(|index| format!("c{index}")).collect();
    let casts: Vec<_> = columns.iter().map(|column| format!("{column}::VARCHAR")).collect();
    let limit = limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
    let query = format!("SELECT {} FROM ({sql}\n) AS t({}){limit}", casts.join(", "), columns.join(", "));
    Ok(Rows {
        rows: session.texts(&query)?,
        types: schema.0.iter().map(|column| column.data_type.clone()).collect(),
        columns: schema.0.into_iter().map(|column| column.name).collect(),
    })
}

/// Runs statements on a separate connection, outside any sandbox.
pub(super) fn run_plain(connection: &duckdb::Connection, sql: &str) -> Result<(), EngineError> {
    connection.execute_batch(sql).map_err(|error| engine_error(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Column;

    #[test]
    fn columns_are_named_only_where_one_is_converted() {
        let load = |data_type: &str| {
            let column = |name: &str, data_type: &str| Column {
                name: name.to_owned(),
                data_type: data_type.to_owned(),
            };
            let schema = Schema(vec![column("a", "BIGINT"), column("b", data_type)]);
            load_sql(Path::new("x.parquet"), &schema).expect("types that can be stored")
        };
        assert_eq!(load("VARCHAR"), "SELECT * FROM read_parquet('x.parquet', hive_partitioning = false)");
        assert!(load("HUGEINT").starts_with(r#"SELECT "a", "#), "{}", load("HUGEINT"));
    }
}
