//! The database file with views over what is published, for any DuckDB client.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use duckdb::Connection;
use rayon::prelude::*;

use super::blank;
use super::builder::{load_sql, run_plain};
use super::error::engine_error;
use crate::sql::quote;
use crate::warehouse::{EngineError, Relation, RelationBody};

/// A view of the catalogue with what is said about it.
#[derive(Clone, Debug)]
pub struct CatalogueView {
    /// Its name and what it shows; stored versions by absolute path.
    pub relation: Relation,
    /// For people.
    pub description: Option<String>,
    /// For people, by column.
    pub columns: Vec<(String, String)>,
}

/// What is to be changed in a catalogue.
#[derive(Clone, Debug, Default)]
pub struct CatalogueChange {
    /// Views to make or replace, each after those it reads.
    pub set: Vec<CatalogueView>,
    /// Views to remove: schema and name.
    pub removed: Vec<(String, String)>,
}

/// An engine for catalogues, which opens on a thread of its own while other things are done.
#[derive(Debug)]
pub struct CatalogueEngine {
    opening: JoinHandle<Result<Connection, EngineError>>,
    /// Whether it reads a catalogue meanwhile.
    reads: bool,
}

impl CatalogueEngine {
    /// Begins to open it, and to read a catalogue that is whole and will not be touched before it is changed by this.
    pub fn ahead(whole: Option<PathBuf>) -> Self {
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

    /// Whether it has read a catalogue.
    pub fn has_read(&self) -> bool {
        self.reads
    }

    /// Lets go of the catalogue that it reads, which may be deleted afterwards.
    pub fn give_up(self) {
        // What it failed at is no matter any more.
        drop(self.opening.join());
    }

    /// Brings the catalogue at `file` up to date, making it if it is not there.
    ///
    /// The file is in a format that clients from DuckDB 1.1 on read, is whole in itself afterwards (no
    /// `.wal` beside it) and is synced. What fails leaves some of the change in it.
    pub fn update(self, file: &Path, change: &CatalogueChange) -> Result<(), EngineError> {
        let connection = self.opening.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let mut batch = if self.reads { String::new() } else { attaching(file) };
        batch.push_str("USE k;\nBEGIN;\n");
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
        // To make a view over a file, the engine opens the file; they do not read each other.
        let part = stored.len().div_ceil(rayon::current_num_threads()).max(FEWEST);
        let work = |views| Ok((connection.try_clone().map_err(|error| engine_error(&error))?, views));
        let work: Vec<(Connection, &[&CatalogueView])> = stored.chunks(part).map(work).collect::<Result<_, _>>()?;
        work.into_par_iter().try_for_each(|(connection, views)| run_plain(&connection, &making(views)?))?;
        run_plain(&connection, &making(&computed)?)?;
        run_plain(&connection, "CHECKPOINT k;\nUSE memory.main;\nDETACH k;\n")
    }
}

fn attaching(file: &Path) -> String {
    let path = quote::literal(&file.to_string_lossy());
    format!("ATTACH {path} AS k (STORAGE_VERSION 'v1.0.0', BLOCK_SIZE 16384);\n")
}

/// Fewer views than this are not worth a second thread.
const FEWEST: usize = 64;

/// Statements that make views, in one transaction.
fn making(views: &[&CatalogueView]) -> Result<String, EngineError> {
    let mut batch = "USE k;\nBEGIN;\n".to_owned();
    for view in views {
        let name = quote::asset(&view.relation.name);
        let body = match &view.relation.body {
            RelationBody::Stored { file, schema } => load_sql(file, schema)?,
            RelationBody::Query(sql) => sql.clone(),
            RelationBody::Empty(_) => continue,
        };
        batch.push_str(&format!("CREATE OR REPLACE VIEW {name} AS {body}\n;\n"));
        if let Some(description) = &view.description {
            batch.push_str(&format!("COMMENT ON VIEW {name} IS {};\n", quote::literal(description)));
        }
        for (column, description) in &view.columns {
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

/// The log that a client may have left beside a database file.
pub fn log_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".wal");
    name.into()
}
