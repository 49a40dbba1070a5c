//! What dp makes of the files of a source: its columns and rows, or a refusal.

use std::collections::BTreeSet;
use std::path::PathBuf;

use dp::intake::Refusal;
use dp::project::{Format, OptionValue};
use dp::state::Schema;
use dp::warehouse::duckdb::{DuckAnalyst, DuckBuilder, SessionOptions};
use dp::warehouse::{Analyst as _, Builder as _, CheckTask, ReadError, SourceReader};

/// A folder with the files of one source.
pub(crate) struct Door {
    _folder: tempfile::TempDir,
    root: PathBuf,
    files: Vec<PathBuf>,
    pub(crate) format: Format,
    pub(crate) options: Vec<(String, OptionValue)>,
    pub(crate) types: Vec<(String, String)>,
    pub(crate) lenient: BTreeSet<String>,
}

/// What was read: columns, and rows as texts in any order.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) schema: Schema,
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

impl Door {
    pub(crate) fn new(format: Format) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for part in [".dp/store", ".dp/tmp", "data"] {
            std::fs::create_dir_all(root.join(part)).unwrap();
        }
        Self {
            _folder: folder,
            root,
            files: Vec::new(),
            format,
            options: Vec::new(),
            types: Vec::new(),
            lenient: BTreeSet::new(),
        }
    }

    pub(crate) fn file(mut self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.root.join("data").join(name);
        std::fs::write(&path, bytes).unwrap();
        self.files.push(path);
        self.files.sort();
        self
    }

    pub(crate) fn contract(mut self, column: &str, data_type: &str) -> Self {
        self.types.push((column.to_owned(), data_type.to_owned()));
        self
    }

    pub(crate) fn option(mut self, name: &str, value: OptionValue) -> Self {
        self.options.push((name.to_owned(), value));
        self
    }

    fn session(&self) -> SessionOptions {
        SessionOptions {
            root: self.root.clone(),
            files: self.files.clone(),
            memory_limit: None,
            threads: Some(1),
            spill: self.root.join(".dp/tmp/spill"),
            timezone: "UTC".to_owned(),
        }
    }

    /// The rows as the engine writes them as JSON.
    pub(crate) fn as_json(&self) -> Result<Vec<serde_json::Value>, Refusal> {
        let (schema, sql) = self.look()?;
        let columns: Vec<String> =
            schema.names().map(|name| format!("\"{0}\" := t.\"{0}\"", name.replace('"', "\"\""))).collect();
        let rows = self.rows(&format!("SELECT to_json(struct_pack({})) AS row FROM ({sql}) AS t", columns.join(", ")));
        Ok(rows.into_iter().flatten().flatten().map(|row| serde_json::from_str(&row).unwrap()).collect())
    }

    pub(crate) fn read(&self) -> Result<Read, Refusal> {
        let (schema, sql) = self.look()?;
        Ok(Read {
            schema,
            rows: self.rows(&sql),
        })
    }

    fn rows(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        let mut builder = DuckBuilder::open(&self.session()).unwrap();
        let task = CheckTask {
            sql: sql.to_owned(),
            rows: None,
            sample: 1_000_000,
        };
        let checked = builder.check(&task).unwrap_or_else(|error| panic!("{error}\n{sql}"));
        checked.sample.rows
    }

    fn look(&self) -> Result<(Schema, String), Refusal> {
        let source = SourceReader {
            format: self.format,
            files: self.files.clone(),
            options: self.options.clone(),
            types: self.types.clone(),
            lenient: self.lenient.clone(),
            kept: Vec::new(),
            root: self.root.clone(),
        };
        match DuckAnalyst::new(self.session()).read_schema(&source) {
            Ok(read) => Ok((read.schema, read.sql)),
            Err(ReadError::Refused(refusal)) => Err(*refusal),
            Err(ReadError::Engine(error)) => panic!("the engine failed at a look: {error}"),
        }
    }

    /// The columns with their types, and the rows in order of their texts; `∅` is NULL.
    pub(crate) fn shown(&self) -> String {
        match self.read() {
            Err(refusal) => format!("{}: {refusal}", refusal.code()),
            Ok(read) => {
                let columns: Vec<String> =
                    read.schema.0.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect();
                let row = |row: &Vec<Option<String>>| {
                    row.iter()
                        .map(|value| value.clone().unwrap_or_else(|| "∅".to_owned()))
                        .collect::<Vec<_>>()
                        .join("|")
                };
                let mut rows: Vec<String> = read.rows.iter().map(row).collect();
                rows.sort();
                format!("{}\n{}", columns.join(", "), rows.join("\n")).trim_end().to_owned()
            }
        }
    }
}
