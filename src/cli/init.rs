//! Creates a new project: a sample, or sources over existing files.

mod assets;
mod error;
mod import;
mod names;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use self::error::InitError;
use self::import::{Import, Imports};
use super::exit::Exit;
use super::session::Session;
use crate::base::{fs, text};
use crate::model::Format;
use crate::ops::OpError;
use crate::project::{self, FileKind};
use crate::view::{self, Cell, Table};

/// What `dp init` takes.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Project folder, created if it does not exist [default: the current folder]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Create a source and a first query from each CSV file, with its columns, instead of the sample
    #[arg(long, value_name = "FILE", num_args = 1..)]
    from_csv: Vec<PathBuf>,
    /// Create a source and a first query from each Parquet file
    #[arg(long, value_name = "FILE", num_args = 1..)]
    from_parquet: Vec<PathBuf>,
}

/// The files of the sample.
const SAMPLE: [(&str, &str); 6] = [
    ("assets/marts/customers.toml", include_str!("init/marts_customers.toml")),
    ("assets/raw/customers.toml", include_str!("init/raw_customers.toml")),
    ("assets/raw/orders.toml", include_str!("init/raw_orders.toml")),
    ("assets/staging/orders.toml", include_str!("init/staging_orders.toml")),
    ("data/customers.csv", include_str!("init/customers.csv")),
    ("data/orders.csv", include_str!("init/orders.csv")),
];

const GITIGNORE: &str = ".gitignore";
const IGNORED: &str = include_str!("init/gitignore");
const WORKFLOW: &str = ".github/workflows/dp.yml";

/// A file of the new project.
struct NewFile {
    path: String,
    body: Body,
}

impl NewFile {
    fn text(path: &str, text: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            body: Body::Text(text.into()),
        }
    }
}

/// The content of a file.
enum Body {
    Text(String),
    CopyOf(PathBuf),
}

pub(super) fn run(args: &InitArgs, session: &mut Session) -> Result<Exit, OpError> {
    let named = args.folder.as_ref().or(session.global.project.as_ref());
    let folder = import::settled(&session.absolute(named.map_or(Path::new("."), PathBuf::as_path)))?;
    if folder.to_string_lossy().contains(['*', '?', '[']) {
        let folder = folder.display().to_string();
        return Err(OpError::refused(InitError::FolderName { folder }));
    }
    let given: Vec<(PathBuf, Format)> = [(&args.from_csv, Format::Csv), (&args.from_parquet, Format::Parquet)]
        .into_iter()
        .flat_map(|(files, format)| files.iter().map(move |file| (file.clone(), format)))
        .collect();
    let imports = match given.as_slice() {
        [] => None,
        given => Some(import::look(given, |path| session.absolute(path), &folder)?),
    };
    let name = project_name(&folder);
    let mut files = files(&name, imports.as_ref());
    let mut to_ignore = Vec::new();
    if fs::exists(&folder.join(GITIGNORE)) {
        to_ignore = not_ignored(&folder);
    } else {
        files.push(NewFile::text(GITIGNORE, IGNORED));
    }
    let taken: Vec<&String> = files.iter().map(|file| &file.path).filter(|path| is_taken(&folder, path)).collect();
    if !taken.is_empty() {
        let files = text::named(taken, 5);
        return Err(OpError::refused(InitError::WouldOverwrite { files }));
    }
    fs::create_folder(&folder, false)?;
    for file in &files {
        write(&folder, file)?;
    }
    let made = Made {
        folder: &folder,
        named: named.map(PathBuf::as_path),
        name: &name,
        files: &files,
        imports: imports.as_ref().map(|imports| imports.imports.as_slice()),
        to_ignore: &to_ignore,
    };
    if session.global.json {
        session.json(&made.json())?;
    } else {
        made.tell(session)?;
    }
    Ok(Exit::Done)
}

/// Whether a file can't be written because the file or a file in place of its folder exists.
fn is_taken(folder: &Path, path: &str) -> bool {
    let path = folder.join(path);
    let above = path.ancestors().skip(1).take_while(|above| above.starts_with(folder));
    fs::exists(&path) || above.into_iter().any(|above| fs::exists(above) && !fs::is_folder(above))
}

/// Returns all files except `.gitignore`, which may already exist.
fn files(name: &str, imports: Option<&Imports>) -> Vec<NewFile> {
    let vars = if imports.is_some() { "" } else { "\n[vars]\nmin_amount = 0\n" };
    let settings = format!("#:schema ./.schema/project.json\n\n[project]\nname = \"{name}\"\n{vars}");
    let mut files = vec![NewFile::text("dp.toml", settings)];
    match imports {
        None => files.extend(SAMPLE.map(|(path, body)| NewFile::text(path, body))),
        Some(imports) => {
            for import in &imports.imports {
                let path = |schema| format!("assets/{schema}/{}.toml", import.table);
                files.push(NewFile::text(&path(assets::SOURCES), assets::source(import)));
                files.push(NewFile::text(&path(assets::QUERIES), assets::query(import, &imports.keywords)));
                files.extend(import.from.as_ref().map(|from| NewFile {
                    path: import.path.clone(),
                    body: Body::CopyOf(from.clone()),
                }));
            }
        }
    }
    for (path, kind) in [(".schema/project.json", FileKind::Project), (".schema/asset.json", FileKind::Asset)] {
        let schema = serde_json::to_string_pretty(&project::schema(kind)).expect("a JSON value has a text");
        files.push(NewFile::text(path, schema + "\n"));
    }
    files.push(NewFile::text(WORKFLOW, include_str!("init/dp.yml").replace("@VERSION@", env!("CARGO_PKG_VERSION"))));
    files
}

fn write(folder: &Path, file: &NewFile) -> Result<(), OpError> {
    let path = folder.join(&file.path);
    fs::create_folder(path.parent().unwrap_or(folder), false)?;
    match &file.body {
        Body::Text(text) => fs::write_first(&path, text.as_bytes(), 0o666)?,
        Body::CopyOf(from) => drop(fs::copy(from, &path)?),
    }
    Ok(())
}

/// Returns the lines that an existing `.gitignore` lacks, so that Git ignores dp's files.
fn not_ignored(folder: &Path) -> Vec<&'static str> {
    let theirs = fs::read_to_string(&folder.join(GITIGNORE)).unwrap_or_default();
    let has = |line: &str| theirs.lines().any(|other| other.trim().trim_matches('/') == line.trim_matches('/'));
    IGNORED.lines().filter(|line| !line.starts_with('#') && !has(line)).collect()
}

/// What was created, for the report.
struct Made<'a> {
    folder: &'a Path,
    /// The folder as the user gave it.
    named: Option<&'a Path>,
    name: &'a str,
    files: &'a [NewFile],
    imports: Option<&'a [Import]>,
    /// The lines that a `.gitignore` lacks.
    to_ignore: &'a [&'static str],
}

impl Made<'_> {
    fn json(&self) -> Value {
        let source = |import: &Import| {
            json!({
                "asset": format!("{}.{}", assets::SOURCES, import.table),
                "staging": format!("{}.{}", assets::QUERIES, import.table),
                "path": import.path,
                "copied_from": import.from,
                "columns": import.schema.0.len(),
            })
        };
        json!({
            "format_version": view::FORMAT_VERSION,
            "folder": self.folder,
            "project": self.name,
            "files": self.files.iter().map(|file| &file.path).collect::<Vec<_>>(),
            "sources": self.imports.unwrap_or_default().iter().map(source).collect::<Vec<_>>(),
            "to_ignore": self.to_ignore,
        })
    }

    fn tell(&self, session: &Session) -> Result<(), OpError> {
        let what = match self.imports {
            None => "two sources, a staging table and a mart".to_owned(),
            Some([_]) => "a source, and a staging table over it".to_owned(),
            Some(some) => format!("{} sources, and a staging table over each", some.len()),
        };
        session.out(&format!("Created the project `{}`: {what}.\n", self.name))?;
        if let Some(imports) = self.imports {
            session.out(&table(imports).render(&session.theme()))?;
        }
        if !self.to_ignore.is_empty() {
            let lines = text::named(self.to_ignore, 5);
            session.ui.warning(&format!(
                "dp did not change the existing {GITIGNORE}: add {lines} to it, because dp writes there"
            ));
        }
        if let Some(above) = repository_above(self.folder) {
            session.ui.warning(&format!(
                "GitHub reads workflows only at the root of a repository: move {WORKFLOW} to `{}`, and set this \
                 folder as its `working-directory`",
                view::one_line(&above.display().to_string())
            ));
        }
        let enter = self.named.map(|folder| format!("cd {} && ", shell_word(&folder.to_string_lossy())));
        session.out(&format!("Next: {}dp plan\n", view::one_line(&enter.unwrap_or_default())))
    }
}

fn table(imports: &[Import]) -> Table {
    let has_copies = imports.iter().any(|import| import.from.is_some());
    let mut headers = vec!["source", "columns", "file"];
    headers.extend(has_copies.then_some("copied from"));
    let mut table = Table::new(headers);
    for import in imports {
        let mut cells = vec![
            Cell::text(format!("{}.{}", assets::SOURCES, import.table)),
            Cell::count(import.schema.0.len() as u64),
            Cell::text(&import.path),
        ];
        if has_copies {
            cells.push(import.from.as_ref().map_or(Cell::Empty, |from| Cell::text(from.display().to_string())));
        }
        table.push(cells);
    }
    table
}

/// Returns the root of the Git repository that contains the folder, unless the folder is the root.
fn repository_above(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|above| fs::exists(&above.join(".git"))).filter(|above| *above != folder)
}

/// Returns a text as one word for a shell.
fn shell_word(text: &str) -> String {
    let plain = |char: char| char.is_alphanumeric() || "/._-+:@%,".contains(char);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Returns the folder's name, reduced to characters that need no quoting in TOML.
fn project_name(folder: &Path) -> String {
    let name: String = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .chars()
        .map(|char| if char.is_ascii_alphanumeric() || "-_".contains(char) { char } else { '_' })
        .collect();
    if name.is_empty() { "project".to_owned() } else { name }
}
