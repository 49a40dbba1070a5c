//! The database file with views over what is published, for any DuckDB client.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use duckdb::Connection;
use rayon::prelude::*;

use super::builder::{load_sql, run_plain};
use super::error::engine_error;
use super::types::DataType;
use super::{blank, json, syntax};
use crate::model::Schema;
use crate::seam::{CatalogueChange, CatalogueView, CatalogueWriter, Catalogues, EngineError, RelationBody};
use crate::sql::quote;

/// The name of the attached catalogue. No schema can have this name, which would make names ambiguous.
const CATALOGUE: &str = "_dp_catalogue";

/// An engine for catalogues, which opens on its own thread in the background.
#[derive(Debug)]
struct OpeningCatalogue {
    opening: JoinHandle<Result<Connection, EngineError>>,
    /// Whether it also reads a catalogue in the background.
    reads: bool,
}

/// Catalogues as database files of DuckDB.
#[derive(Debug)]
pub struct DuckCatalogues;

impl Catalogues for DuckCatalogues {
    fn ahead(&self, whole: Option<PathBuf>) -> Box<dyn CatalogueWriter> {
        Box::new(OpeningCatalogue::new(whole))
    }

    fn unreadable(&self, file: &Path) -> Result<Vec<(String, String)>, EngineError> {
        unreadable(file)
    }
}

impl OpeningCatalogue {
    fn new(whole: Option<PathBuf>) -> Self {
        let reads = whole.is_some();
        let opening = std::thread::spawn(move || {
            let connection = blank::take().map_err(|error| engine_error(&error))?;
            run_plain(&connection, "SET GLOBAL threads = 1;\nSET GLOBAL errors_as_json = false;\n")?;
            if let Some(file) = whole {
                run_plain(&connection, &attaching(&file))?;
            }
            Ok(connection)
        });
        Self { opening, reads }
    }
}

impl CatalogueWriter for OpeningCatalogue {
    fn has_read(&self) -> bool {
        self.reads
    }

    fn start_over(self: Box<Self>) -> Box<dyn CatalogueWriter> {
        // The errors of the catalogue that is given up no longer matter.
        drop(self.opening.join());
        Box::new(Self::new(None))
    }

    /// Clients from DuckDB 1.1 on can read the file's format.
    fn update(self: Box<Self>, file: &Path, change: &CatalogueChange) -> Result<(), EngineError> {
        let connection = self.opening.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let mut batch = if self.reads { String::new() } else { attaching(file) };
        batch.push_str(&format!("USE {CATALOGUE};\nBEGIN;\n"));
        for (schema, name) in &change.removed {
            batch.push_str(&format!(
                "DROP VIEW IF EXISTS {}.{};\n",
                quote::identifier(schema),
                quote::identifier(name)
            ));
        }
        let schemas: BTreeSet<&str> = change.set.iter().map(|view| view.relation.name.schema()).collect();
        for schema in schemas {
            batch.push_str(&format!("CREATE SCHEMA IF NOT EXISTS {};\n", quote::identifier(schema)));
        }
        batch.push_str("COMMIT;\n");
        run_plain(&connection, &batch)?;
        let (stored, computed): (Vec<&CatalogueView>, Vec<&CatalogueView>) =
            change.set.iter().partition(|view| matches!(view.relation.body, RelationBody::Stored { .. }));
        // The engine opens a file to create a view over it; these views do not read each other.
        let part = stored.len().div_ceil(rayon::current_num_threads()).max(FEWEST);
        let work = |views| Ok((connection.try_clone().map_err(|error| engine_error(&error))?, views));
        let work: Vec<(Connection, &[&CatalogueView])> = stored.chunks(part).map(work).collect::<Result<_, _>>()?;
        work.into_par_iter().try_for_each(|(connection, views)| make(&connection, views))?;
        make(&connection, &computed)?;
        run_plain(&connection, &format!("CHECKPOINT {CATALOGUE};\nUSE memory.main;\nDETACH {CATALOGUE};\n"))
    }
}

fn attaching(file: &Path) -> String {
    let path = quote::literal(&file.to_string_lossy());
    format!("ATTACH {path} AS {CATALOGUE} (STORAGE_VERSION 'v1.0.0', BLOCK_SIZE 16384);\n")
}

/// The minimum number of views for which a second thread pays off.
const FEWEST: usize = 64;

/// Creates views, in one transaction.
///
/// # Errors
/// The error of the first view that can't be created, with its name.
fn make(connection: &Connection, views: &[&CatalogueView]) -> Result<(), EngineError> {
    let Err(error) = making(connection, views).and_then(|batch| run_plain(connection, &batch)) else {
        return Ok(());
    };
    let attempt = |view: &&&CatalogueView| {
        // The transaction of the failed statement may still be open.
        let _is_open = run_plain(connection, "ROLLBACK");
        let made = making(connection, &[view]).and_then(|batch| run_plain(connection, &batch));
        made.err().map(|error| EngineError {
            message: format!("the view `{}`: {}", view.relation.name, error.message),
            ..error
        })
    };
    Err(views.iter().find_map(|view| attempt(&view)).unwrap_or(error))
}

/// Returns the query of a view over other views, with the names of its columns, in a form that clients of all versions
/// can read.
fn computed(connection: &Connection, sql: &str, schema: Option<&Schema>) -> Result<String, EngineError> {
    let Some(schema) = schema else {
        return Ok(sql.to_owned());
    };
    let tree: Result<String, _> =
        connection
            .query_row(&format!("SELECT json_serialize_sql({})::VARCHAR", quote::literal(sql)), [], |row| row.get(0));
    let tree = json::parse(&tree.map_err(|error| engine_error(&error))?);
    let from = if tree.is_ok_and(|tree| syntax::needs_text(&tree)) {
        format!("query({})", quote::literal(sql))
    } else {
        format!("({sql}\n)")
    };
    // The names that the engine generates for expressions differ between versions.
    Ok(format!("SELECT * FROM {from} AS _dp({})", quote::identifiers(schema.names())))
}

/// Whether clients of older versions do not know the type of a column. The catalogue then omits the types of the view,
/// so that these clients can open it; they refuse only the view itself.
fn has_later_type(schema: Option<&Schema>) -> bool {
    let mut types = schema.into_iter().flat_map(|schema| &schema.0).map(|column| DataType::parse(&column.data_type));
    types.any(|data_type| data_type.map_or(true, |data_type| data_type.is_later()))
}

/// Returns the statements that create views, in one transaction.
fn making(connection: &Connection, views: &[&CatalogueView]) -> Result<String, EngineError> {
    let mut batch = format!("USE {CATALOGUE};\nBEGIN;\n");
    for view in views {
        let name = quote::asset(&view.relation.name);
        let schema = view.schema.as_ref();
        let body = match &view.relation.body {
            RelationBody::Stored { file, schema } => load_sql(file, schema)?,
            RelationBody::Query(sql) => computed(connection, sql, schema)?,
            RelationBody::Empty(_) => continue,
        };
        let is_later = has_later_type(schema);
        let deferred = if is_later { " WITH (defer_binding = true)" } else { "" };
        batch.push_str(&format!("CREATE OR REPLACE VIEW {name}{deferred} AS {body}\n;\n"));
        if let Some(description) = &view.description {
            batch.push_str(&format!("COMMENT ON VIEW {name} IS {};\n", quote::literal(description)));
        }
        // A comment on a column binds the view.
        for (column, description) in view.columns.iter().filter(|_| !is_later) {
            batch.push_str(&format!(
                "COMMENT ON COLUMN {name}.{} IS {};\n",
                quote::identifier(column),
                quote::literal(description)
            ));
        }
    }
    batch.push_str("COMMIT;\n");
    Ok(batch)
}

fn unreadable(file: &Path) -> Result<Vec<(String, String)>, EngineError> {
    let connection = blank::take().map_err(|error| engine_error(&error))?;
    let path = quote::literal(&file.to_string_lossy());
    run_plain(
        &connection,
        &format!("SET GLOBAL errors_as_json = false;\nATTACH {path} AS {CATALOGUE} (READ_ONLY);\nUSE {CATALOGUE};\n"),
    )?;
    let names = || -> Result<Vec<(String, String)>, duckdb::Error> {
        let mut statement = connection.prepare(
            &format!("SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = '{CATALOGUE}' AND NOT internal ORDER BY ALL"),
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    };
    let mut unreadable = Vec::new();
    for (schema, view) in names().map_err(|error| engine_error(&error))? {
        let name = format!("{}.{}", quote::identifier(&schema), quote::identifier(&view));
        if let Err(error) = run_plain(&connection, &format!("FROM {name} LIMIT 1")) {
            unreadable.push((format!("{schema}.{view}"), error.message));
        }
    }
    Ok(unreadable)
}
