//! What dp makes of the files of a source: its columns and rows, or a refusal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dp::engine::duckdb::{DuckAnalyst, DuckBuilder, SessionOptions};
use dp::intake::Refusal;
use dp::model::{Column, Format, OptionValue, Schema};
use dp::seam::{Analyst as _, Builder as _, CheckTask, FileFinder, NamedFiles, ReadError, SourceRead, SourceReader};
use dp::sql::quote;

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

fn refusal(read: Result<SourceRead, ReadError>) -> Result<SourceRead, Refusal> {
    read.map_err(|error| match error {
        ReadError::Refused(refusal) => *refusal,
        ReadError::Engine(error) => panic!("the engine failed at a look: {error}"),
    })
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

    /// A file that is there already.
    pub(crate) fn add(mut self, from: &Path) -> Self {
        let path = self.root.join("data").join(from.file_name().unwrap());
        std::fs::copy(from, &path).unwrap();
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

    /// The columns, and the rows with the least and the greatest value of `key`.
    pub(crate) fn ends_of(&self, key: &str) -> (Schema, Vec<Vec<Option<String>>>) {
        let (schema, sql) = self.look().unwrap();
        let end = |order: &str| format!("(SELECT * FROM ({sql}) ORDER BY {key} {order} LIMIT 1)");
        let mut rows = self.rows(&end("ASC"));
        rows.extend(self.rows(&end("DESC")));
        (schema, rows)
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
        let mut analyst = DuckAnalyst::new(self.session());
        let read = refusal(analyst.read_schema(&source));
        if self.types.is_empty() && self.lenient.is_empty() {
            let in_query = self.in_query(&mut analyst);
            let comparable = |read: &Result<SourceRead, Refusal>| match read {
                Ok(read) => read.sql.clone(),
                Err(refusal) => refusal.to_string(),
            };
            assert_eq!(comparable(&in_query), comparable(&read), "a query and a source read files alike");
        }
        if let Ok(read) = &read {
            // The types that a reading found are those that the next one keeps: it has to find the same.
            let has_values = |column: &&Column| !read.reading.without_values.contains(&column.name);
            let kept = read.schema.0.iter().filter(has_values);
            let kept = kept.map(|column| (column.name.clone(), column.data_type.clone())).collect();
            let again = analyst.read_schema(&SourceReader { kept, ..source }).unwrap();
            // The engine quotes fewer names inside types than dp.
            let plain = |read: &SourceRead| read.sql.replace('"', "");
            assert_eq!(plain(&again), plain(read));
            assert_eq!((&again.reading, again.misfits), (&read.reading, BTreeMap::new()));
        }
        read.map(|read| (read.schema, read.sql))
    }

    /// The same files as a query reads them that names them itself.
    fn in_query(&self, analyst: &mut DuckAnalyst) -> Result<SourceRead, Refusal> {
        let function = match self.format {
            Format::Csv => "read_csv",
            Format::Json => "READ_JSON",
            Format::Ndjson => "read_ndjson_auto",
            Format::Parquet => "read_parquet",
        };
        let files = quote::list(self.files.iter().map(|file| file.to_string_lossy()));
        let options: Vec<String> = self
            .options
            .iter()
            .enumerate()
            .map(|(number, (name, value))| {
                let (name, value) = (quote::identifier(name), value.sql());
                if number % 2 == 0 { format!(", {name} = {value}") } else { format!(", {name} := {value}") }
            })
            .collect();
        let sql = format!("select 'ü' as u, f.* from {function}({files}{}) as f where true", options.concat());
        let find = |path: &str| vec![PathBuf::from(path)];
        let finder = FileFinder {
            root: &self.root,
            find: &find,
        };
        match analyst.named_files(&sql, &finder) {
            Ok(named) => {
                let [named] = <[NamedFiles; 1]>::try_from(named).unwrap();
                assert!(sql[named.range.clone()].starts_with(function), "{sql}");
                assert_eq!(&sql[named.range.end..], " as f where true");
                Ok(named.read)
            }
            Err(error) => {
                assert!(sql[error.offset..].starts_with(function), "{sql}");
                refusal(Err(error.error))
            }
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
