//! A connection to an engine that can only access the files that dp allows.

use std::path::{Path, PathBuf};

use duckdb::Connection;

use super::blank;
use super::error::{engine_error, unknown_time_zone};
use super::reader::escape_glob;
use crate::seam::{EngineError, ErrorKind};
use crate::sql::quote;

/// What a session may access and use.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// The project's absolute path; paths in queries are relative to it.
    pub root: PathBuf,
    /// Files that may be read, absolute and without links.
    pub files: Vec<PathBuf>,
    /// The maximum memory, in the engine's syntax.
    pub memory_limit: Option<String>,
    /// The number of threads; all cores by default.
    pub threads: Option<u32>,
    /// The folder for spilled data; it is created when it is needed.
    pub spill: PathBuf,
    /// The session's time zone.
    pub timezone: String,
}

/// An open engine.
#[derive(Debug)]
pub struct Session {
    pub(super) connection: Connection,
    version: String,
}

/// The values of settings that change results. They are part of every definition.
pub const SETTINGS: [(&str, &str); 8] = [
    ("default_collation", "''"),
    ("default_null_order", "'NULLS_LAST'"),
    ("default_order", "'ASCENDING'"),
    ("ieee_floating_point_ops", "true"),
    ("integer_division", "false"),
    ("old_implicit_casting", "false"),
    ("preserve_insertion_order", "true"),
    ("scalar_subquery_error_on_multiple_rows", "true"),
];

impl Session {
    /// Opens an engine in memory.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTimeZone`] if the engine does not know the time zone, and [`ErrorKind::Path`] if the
    /// project's path contains a character that the engine interprets.
    pub fn open(options: &SessionOptions) -> Result<Self, EngineError> {
        Self::expect_plain_root(options)?;
        Self::opened(options).map_err(|error| engine_error(&error))?.in_timezone(options)
    }

    fn expect_plain_root(options: &SessionOptions) -> Result<(), EngineError> {
        let root = options.root.to_string_lossy();
        for (char, taken_for) in [('\\', "`/`"), ('?', "the beginning of options")] {
            if root.contains(char) {
                let message = format!(
                    "the path of the project's folder `{root}` contains `{char}`, which the engine reads as {taken_for}"
                );
                return Err(EngineError::of_kind(ErrorKind::Path, message));
            }
        }
        Ok(())
    }

    /// Opens an engine for binding. The optimizer is off because binding does not use it, and each connection works on
    /// the calling thread. With the engine's own threads the caller would only wait for them in a busy loop.
    pub fn open_for_binding(options: &SessionOptions) -> Result<Self, EngineError> {
        Self::expect_plain_root(options)?;
        let options = &SessionOptions {
            threads: Some(1),
            ..options.clone()
        };
        let session = Self::opened(options).map_err(|error| engine_error(&error))?;
        // For all connections: plans are compared, and with the optimizer the engine unnests subqueries differently.
        session.run("SET GLOBAL enable_optimizer = false")?;
        session.in_timezone(options)
    }

    /// Opens an engine that logs which files it uses for which query.
    pub fn open_logged(options: &SessionOptions) -> Result<Self, EngineError> {
        Self::expect_plain_root(options)?;
        let session = Self::opened(options).map_err(|error| engine_error(&error))?;
        session.run("CALL enable_logging('FileSystem')")?;
        session.in_timezone(options)
    }

    fn in_timezone(self, options: &SessionOptions) -> Result<Self, EngineError> {
        if options.timezone != "UTC" {
            self.run(&format!("SET GLOBAL TimeZone = {}", quote::literal(&options.timezone)))
                .map_err(unknown_time_zone)?;
        }
        self.run("SET GLOBAL enable_external_access = false;\nSET GLOBAL lock_configuration = true;")?;
        Ok(self)
    }

    fn opened(options: &SessionOptions) -> Result<Self, duckdb::Error> {
        let connection = blank::take()?;
        let mut batch = format!("SET GLOBAL temp_directory = {};\n", quote::literal(&options.spill.to_string_lossy()));
        if let Some(limit) = &options.memory_limit {
            batch.push_str(&format!("SET GLOBAL memory_limit = {};\n", quote::literal(limit)));
        }
        if let Some(threads) = options.threads {
            batch.push_str(&format!("SET GLOBAL threads = {threads};\n"));
        }
        for (name, value) in SETTINGS {
            batch.push_str(&format!("SET GLOBAL {name} = {value};\n"));
        }
        let root = options.root.to_string_lossy();
        // The engine compares a path when it opens the file, and before that as a pattern that matches only the path.
        let both = |path: &Path| {
            let path = path.to_string_lossy().into_owned();
            let pattern = escape_glob(&path);
            if pattern == path { vec![path] } else { vec![path, pattern] }
        };
        let folders = [".dp/store", ".dp/tmp"].iter().flat_map(|folder| both(&options.root.join(folder)));
        batch.push_str(&format!("SET GLOBAL file_search_path = {};\n", quote::literal(&root)));
        batch.push_str(&format!("SET GLOBAL allowed_directories = {};\n", quote::list(folders)));
        let files = options.files.iter().flat_map(|file| both(file));
        if !options.files.is_empty() {
            batch.push_str(&format!("SET GLOBAL allowed_paths = {};\n", quote::list(files)));
        }
        connection.execute_batch(&batch)?;
        Ok(Self {
            connection,
            version: engine_version(),
        })
    }

    /// Returns the engine and its version, "duckdb v2.0.0".
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Opens a second connection to the same engine.
    pub fn another(&self) -> Result<Self, EngineError> {
        Ok(Self {
            connection: self.connection.try_clone().map_err(|error| engine_error(&error))?,
            version: self.version.clone(),
        })
    }

    /// Runs statements that return nothing.
    pub(super) fn run(&self, sql: &str) -> Result<(), EngineError> {
        self.connection.execute_batch(sql).map_err(|error| engine_error(&error))
    }

    /// Returns all rows of a query whose columns are text.
    pub(super) fn texts(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, EngineError> {
        let read = || -> Result<_, duckdb::Error> {
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            let width = rows.as_ref().map_or(0, duckdb::Statement::column_count);
            let mut texts = Vec::new();
            while let Some(row) = rows.next()? {
                texts.push((0..width).map(|index| row.get(index)).collect::<Result<Vec<_>, _>>()?);
            }
            Ok(texts)
        };
        read().map_err(|error| engine_error(&error))
    }
}

/// Returns the engine and its version, "duckdb v2.0.0", without opening the engine.
#[expect(unsafe_code, reason = "the library's version is a constant text of its C interface")]
pub fn engine_version() -> String {
    // SAFETY: the function takes no arguments and returns a static, zero-terminated string.
    let version = unsafe { std::ffi::CStr::from_ptr(duckdb::ffi::duckdb_library_version()) };
    format!("duckdb {}", version.to_string_lossy())
}
