//! Imports existing files as sources of a new project.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::error::InitError;
use super::names;
use crate::base::{fs, layout};
use crate::engine::duckdb::{DuckAnalyst, SessionOptions, escape_glob};
use crate::model::{Format, Schema};
use crate::ops::OpError;
use crate::seam::{Analyst as _, ReadError, SourceRead, SourceReader};

/// A file that becomes a source.
pub(super) struct Import {
    /// The name of its assets, in `raw` and in `staging`.
    pub(super) table: String,
    /// The path in the source, relative to the project.
    pub(super) path: String,
    /// The original file, if it is outside the project or its name is not usable; dp copies it.
    pub(super) from: Option<PathBuf>,
    /// The format, if the file's name does not show it.
    pub(super) format: Option<Format>,
    /// Its columns.
    pub(super) schema: Schema,
}

/// A file from the command line.
struct Given {
    shown: String,
    path: PathBuf,
    format: Format,
}

/// Inspects all files; writes nothing.
///
/// `root` is the project's folder, without links; it may be missing.
pub(super) fn look(
    files: &[(PathBuf, Format)],
    absolute: impl Fn(&Path) -> PathBuf,
    root: &Path,
) -> Result<Imports, OpError> {
    let mut seen = BTreeSet::new();
    let mut given = Vec::new();
    for (file, format) in files {
        let shown = file.display().to_string();
        let path = fs::canonicalize(&absolute(file)).map_err(|error| missing(&shown, &error))?;
        if fs::is_folder(&path) {
            let help = "name the files in it, after the project folder: `dp init DIR --from-csv FILE…`";
            return Err(refused(InitError::no_source(&shown, "it is a folder", help)));
        }
        if fs::size(&path)? == 0 {
            let help = match format {
                Format::Parquet => "write the file again: a Parquet file without rows also contains its columns",
                _ => "write a first line with the column names, and the rows below it",
            };
            return Err(refused(InitError::no_source(&shown, "it is empty", help)));
        }
        // A repeated file counts once.
        if seen.insert(path.clone()) {
            let format = *format;
            given.push(Given { shown, path, format });
        }
    }
    // The engine also checks the pattern form of a path.
    let patterns = given.iter().map(|given| PathBuf::from(escape_glob(&given.path.to_string_lossy())));
    let mut analyst = DuckAnalyst::new(SessionOptions {
        root: root.to_owned(),
        files: given.iter().map(|given| given.path.clone()).chain(patterns).collect(),
        memory_limit: None,
        threads: None,
        spill: root.join(layout::spill_folder(std::process::id())),
        timezone: "UTC".to_owned(),
    });
    let keywords = analyst.keywords()?;
    let mut taken = BTreeSet::new();
    let imports = given.iter().map(|given| import(given, root, &mut analyst, &mut taken)).collect::<Result<_, _>>()?;
    Ok(Imports { imports, keywords })
}

/// The imported files.
pub(super) struct Imports {
    pub(super) imports: Vec<Import>,
    /// Keywords of SQL that must be quoted as names.
    pub(super) keywords: BTreeSet<String>,
}

fn import(
    given: &Given,
    root: &Path,
    analyst: &mut DuckAnalyst,
    taken: &mut BTreeSet<String>,
) -> Result<Import, OpError> {
    let Some(path) = given.path.to_str() else {
        return Err(refused(InitError::no_source(&given.shown, "its path is not UTF-8", "rename it")));
    };
    let stem = given.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = stem.strip_prefix('.').unwrap_or(stem);
    let stem = stem.split('.').next().unwrap_or_default();
    let table = names::distinct(&names::plain(stem, "data"), taken);
    // dp's own files can't be sources, and some names would be parsed as patterns.
    let readable = |path: &&Path| !path.starts_with(".dp") && !path.to_string_lossy().contains(['*', '?', '[', '{']);
    let (path, from) = match given.path.strip_prefix(root).ok().filter(readable) {
        Some(inside) => (inside.to_string_lossy().into_owned(), None),
        None => (format!("data/{table}{}", extension(path, given.format)), Some(given.path.clone())),
    };
    let schema = columns(given, root, analyst)?;
    Ok(Import {
        format: (Format::of_path(&path) != Some(given.format)).then_some(given.format),
        table,
        path,
        from,
        schema,
    })
}

/// Returns the extension of a copy: the format of the file, and its compression.
fn extension(path: &str, format: Format) -> String {
    let path = path.to_ascii_lowercase();
    let (path, compressed) = match [".gz", ".zst"].into_iter().find_map(|end| Some((path.strip_suffix(end)?, end))) {
        Some((path, end)) => (path.to_owned(), end),
        None => (path, ""),
    };
    let usual = match format {
        Format::Csv if Path::new(&path).extension().is_some_and(|extension| extension == "tsv") => ".tsv",
        Format::Csv => ".csv",
        Format::Json => ".json",
        Format::Ndjson => ".ndjson",
        Format::Parquet => ".parquet",
    };
    format!("{usual}{compressed}")
}

/// Returns the columns of a file.
fn columns(given: &Given, root: &Path, analyst: &mut DuckAnalyst) -> Result<Schema, OpError> {
    let reader = SourceReader {
        format: given.format,
        files: vec![given.path.clone()],
        options: Vec::new(),
        types: Vec::new(),
        lenient: BTreeSet::new(),
        kept: Vec::new(),
        root: root.to_owned(),
    };
    let SourceRead { schema, .. } = analyst.read_schema(&reader).map_err(|error| {
        let folder = given.path.parent().unwrap_or(Path::new("/"));
        refused(match error {
            ReadError::Refused(refusal) => {
                let why = refusal.to_string().replace(&format!("{}/", folder.display()), "");
                InitError::no_source(&given.shown, why, refusal.help())
            }
            ReadError::Engine(error) => {
                let why = error.relative_to(folder).message;
                InitError::no_source(&given.shown, why.trim_end_matches('.'), "correct the file")
            }
        })
    })?;
    check(given, &schema, analyst)?;
    Ok(schema)
}

/// The longest column name, in bytes, that dp accepts in a query.
const LONGEST_NAME: usize = 1 << 14;

/// Returns an error for columns that no asset can have.
fn check(given: &Given, schema: &Schema, analyst: &mut DuckAnalyst) -> Result<(), OpError> {
    let refuse = |why: String, help: &str| Err(refused(InitError::no_source(&given.shown, why, help)));
    let mut seen = BTreeSet::new();
    for (index, column) in schema.0.iter().enumerate() {
        let name = &column.name;
        if name.is_empty() || name.contains('\0') || name.len() > LONGEST_NAME {
            let why = format!("the name of column {} is empty, too long or contains a zero byte", index + 1);
            return refuse(why, "rename the column in the file");
        }
        if !seen.insert(name.to_lowercase()) {
            let help = "rename one of them in the file; column names are not case-sensitive";
            return refuse(format!("two columns have the name `{name}`"), help);
        }
        if let Some((why, _)) = analyst.unstorable(&column.data_type) {
            let help = "remove the column from the file, or write it with another type";
            return refuse(format!("dp can't store column `{name}`: {why}"), help);
        }
        if analyst.canonical_type(&column.data_type).ok().as_ref() != Some(&column.data_type) {
            let why = format!("dp can't declare the type {} of column `{name}`", column.data_type);
            return refuse(why, "remove the column from the file, or write it with another type");
        }
    }
    Ok(())
}

fn missing(shown: &str, error: &fs::FsError) -> OpError {
    let (why, help) = if error.is_missing() {
        ("it does not exist", "correct the path, which is relative to the current folder, not to the project")
    } else {
        return refused(InitError::no_source(shown, error.to_string(), "check that you have permission to read it"));
    };
    refused(InitError::no_source(shown, why, help))
}

fn refused(error: InitError) -> OpError {
    OpError::refused(error)
}

/// Returns the folder's future path: absolute, without links, `.` and `..`.
pub(super) fn settled(folder: &Path) -> Result<PathBuf, OpError> {
    let mut rest = Vec::new();
    let mut above = folder;
    loop {
        if fs::exists(above) {
            let mut path = fs::canonicalize(above)?;
            for part in rest.iter().rev() {
                match part {
                    Component::ParentDir => drop(path.pop()),
                    part => path.push(part),
                }
            }
            return Ok(path);
        }
        let mut parts = above.components();
        rest.extend(parts.next_back().filter(|part| *part != Component::CurDir));
        above = parts.as_path();
        if above.as_os_str().is_empty() {
            above = Path::new("/");
        }
    }
}
