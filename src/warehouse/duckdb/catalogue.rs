//! The database file with views over what is published, for any DuckDB client.

use std::path::{Path, PathBuf};

use duckdb::{Config, Connection};

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

/// Brings the catalogue at `file` up to date, making it if it is not there.
///
/// The file is in a format that clients from DuckDB 1.1 on read, is whole in itself afterwards (no
/// `.wal` beside it) and is synced.
pub fn update(file: &Path, change: &CatalogueChange) -> Result<(), EngineError> {
    let config = Config::default()
        .with("autoinstall_known_extensions", "false")
        .and_then(|config| config.with("autoload_known_extensions", "false"))
        .and_then(|config| config.threads(1))
        .map_err(|error| engine_error(&error))?;
    let connection = Connection::open_in_memory_with_flags(config).map_err(|error| engine_error(&error))?;
    let path = quote::literal(&file.to_string_lossy());
    let mut batch = format!("ATTACH {path} AS k (STORAGE_VERSION 'v1.0.0', BLOCK_SIZE 16384);\nUSE k;\nBEGIN;\n");
    for (schema, name) in &change.removed {
        batch.push_str(&format!("DROP VIEW IF EXISTS {}.{};\n", quote::identifier(schema), quote::identifier(name)));
    }
    for view in &change.set {
        let name = quote::asset(&view.relation.name);
        let body = match &view.relation.body {
            RelationBody::Stored { file, schema } => load_sql(file, schema)?,
            RelationBody::Query(sql) => sql.clone(),
            RelationBody::Empty(_) => continue,
        };
        batch.push_str(&format!(
            "CREATE SCHEMA IF NOT EXISTS {};\nCREATE OR REPLACE VIEW {name} AS {body}\n;\n",
            quote::identifier(view.relation.name.schema()),
        ));
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
    batch.push_str("COMMIT;\nCHECKPOINT k;\nUSE memory.main;\nDETACH k;\n");
    run_plain(&connection, &batch)
}

/// The log that a client may have left beside a database file.
pub fn log_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".wal");
    name.into()
}
