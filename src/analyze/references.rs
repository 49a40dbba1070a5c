//! Resolves the names in a query to assets and files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::base::diagnostic::{Problem, Problems, Span};
use crate::base::{fs, text};
use crate::graph::GraphError;
use crate::model::AssetName;
use crate::observe;
use crate::project::{Project, ProjectError};
use crate::sql::SqlText;
use crate::sql::syntax::Syntax;

use super::SqlError;

/// The inputs of one query.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolved {
    /// The assets, with the place of the first mention.
    pub assets: BTreeMap<AssetName, Span>,
    /// The files, relative to the project.
    pub files: BTreeSet<String>,
    /// The path literals of the query, with their byte offsets in the engine's text.
    pub literals: Vec<(String, usize)>,
    /// The files of each path or pattern in the query, relative to the project.
    pub patterns: BTreeMap<String, Vec<String>>,
}

impl Resolved {
    /// Returns the files of each path or pattern in the query; all paths are absolute, as in the located query.
    pub(super) fn named_files(&self, root: &Path) -> BTreeMap<String, Vec<PathBuf>> {
        let absolute = |path: &str| root.join(path);
        self.patterns
            .iter()
            .map(|(written, files)| {
                let files = files.iter().map(|file| absolute(file)).collect();
                (absolute(written).to_string_lossy().into_owned(), files)
            })
            .collect()
    }
}

/// Resolves a query's references and returns whether all were resolved; each failure is reported. A declared asset is
/// found even if it is broken.
pub(super) fn resolve(
    sql: &SqlText,
    syntax: &Syntax,
    project: &Project,
    broken: &BTreeSet<AssetName>,
    problems: &mut Problems,
) -> (Resolved, bool) {
    let mut resolved = Resolved::default();
    let mut whole = true;
    for refusal in &syntax.refused {
        let span = refusal.offset.map_or_else(|| sql.span(), |offset| sql.locate(offset));
        let error = SqlError::Refused {
            what: refusal.what.clone(),
            help: refusal.help.clone(),
            span,
        };
        problems.push(Problem::in_file(sql.file(), error));
        whole = false;
    }
    for table in &syntax.tables {
        let span = table.offset.map_or_else(|| sql.span(), |offset| dotted(sql, offset));
        match target(&table.path, &project.root) {
            Target::Asset(name) if project.assets.get(&name).is_some_and(|asset| !asset.has_table()) => {
                problems.push(super::command::no_table(&project.assets[&name], span, sql.file()));
                whole = false;
            }
            Target::Asset(name) if project.assets.contains_key(&name) || broken.contains(&name) => {
                resolved.assets.entry(name).or_insert(span);
            }
            Target::File(path) => {
                whole &= files(&path, &span, sql, project, &mut resolved, problems);
                resolved.literals.extend(table.offset.map(|offset| (path, offset)));
            }
            Target::Asset(_) | Target::Nothing => {
                problems.push(unknown(&table.path, span, sql, project));
                whole = false;
            }
        }
    }
    for reference in &syntax.files {
        let span = reference.offset.map_or_else(|| sql.span(), |offset| sql.locate(offset));
        for (path, literal) in &reference.paths {
            whole &= files(path, &span, sql, project, &mut resolved, problems);
            resolved.literals.extend(literal.map(|offset| (path.clone(), offset)));
        }
    }
    (resolved, whole)
}

enum Target {
    Asset(AssetName),
    File(String),
    Nothing,
}

fn target(path: &[String], root: &Path) -> Target {
    let lower: Vec<String> = path.iter().map(|part| part.to_lowercase()).collect();
    let name = match lower.as_slice() {
        [name] => AssetName::new(AssetName::DEFAULT_SCHEMA, name),
        [schema, name] => AssetName::new(schema, name),
        _ => return Target::Nothing,
    };
    match (name, path) {
        (Ok(name), _) => Target::Asset(name),
        (Err(_), [file]) if crate::model::Format::of_path(file).is_some() || is_there(&root.join(file)) => {
            Target::File(file.clone())
        }
        _ => Target::Nothing,
    }
}

/// Whether `path` leads to a file or folder.
fn is_there(path: &Path) -> bool {
    fs::is_file(path) || fs::is_folder(path)
}

/// Returns the span of a name that may have two parts.
fn dotted(sql: &SqlText, offset: usize) -> Span {
    let first = sql.locate(offset);
    let text = sql.file().text();
    if text[first.end..].starts_with('.') {
        let rest = &text[first.end + 1..];
        let length: usize =
            rest.chars().take_while(|char| char.is_alphanumeric() || *char == '_').map(char::len_utf8).sum();
        return first.start..first.end + 1 + length;
    }
    first
}

fn unknown(path: &[String], span: Span, sql: &SqlText, project: &Project) -> Problem {
    let written = path.join(".");
    let names = || project.assets.keys().map(AssetName::as_str);
    // `"raw.orders"` is one name with a dot in it.
    let in_one = path.len() == 1 && project.assets.keys().any(|name| name.as_str() == written.to_lowercase());
    let in_one = in_one
        .then(|| format!("quote each part of a name separately, or not at all: write `{}`", written.to_lowercase()));
    let help = in_one
        .or_else(|| text::did_you_mean(&written.to_lowercase(), names()))
        .or_else(|| {
            let table = path.last()?.to_lowercase();
            let same = project.assets.keys().find(|name| name.table() == table)?;
            Some(format!("did you mean `{same}`?"))
        })
        .unwrap_or_else(|| {
            let [.., name] = path else {
                return "write `schema.name`".to_owned();
            };
            let schema = if path.len() > 1 { &path[path.len() - 2] } else { AssetName::DEFAULT_SCHEMA };
            format!("declare it in assets/{schema}/{name}.toml, or correct the name")
        });
    Problem::in_file(
        sql.file(),
        GraphError::UnknownUpstream {
            name: written,
            help,
            span,
        },
    )
}

fn files(
    path: &str,
    span: &Span,
    sql: &SqlText,
    project: &Project,
    resolved: &mut Resolved,
    problems: &mut Problems,
) -> bool {
    let outside = Path::new(path)
        .components()
        .any(|part| !matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir));
    if outside {
        let error = ProjectError::Outside {
            path: path.to_owned(),
            span: span.clone(),
        };
        problems.push(Problem::in_file(sql.file(), error));
        return false;
    }
    let normal: PathBuf = Path::new(path).components().filter(|part| *part != std::path::Component::CurDir).collect();
    let own = [Path::new(".dp"), Path::new(&project.settings.connection.path)];
    if own.iter().any(|folder| normal.starts_with(folder)) {
        let error = SqlError::Refused {
            what: format!("a query over `{path}`, which dp writes"),
            help: "read the asset by its name".to_owned(),
            span: span.clone(),
        };
        problems.push(Problem::in_file(sql.file(), error));
        return false;
    }
    match observe::matching(&project.root, path) {
        Ok(found) if found.is_empty() => {
            let error = ProjectError::NoFiles {
                path: path.to_owned(),
                span: span.clone(),
            };
            problems.push(Problem::in_file(sql.file(), error));
            false
        }
        Ok(found) => {
            resolved.files.extend(found.iter().cloned());
            resolved.patterns.insert(path.to_owned(), found);
            true
        }
        Err(error) => {
            problems.push(file_problem(path, span.clone(), sql.file(), error));
            false
        }
    }
}

/// Returns the problem with a path, at the place where the user wrote it.
pub(super) fn file_problem(
    path: &str,
    span: Span,
    file: &crate::base::diagnostic::SourceFile,
    error: observe::ObserveError,
) -> Problem {
    use observe::ObserveError;
    let path = path.to_owned();
    match error {
        ObserveError::Outside { .. } => Problem::in_file(file, ProjectError::Outside { path, span }),
        ObserveError::Pattern { message, .. } => {
            Problem::in_file(file, ProjectError::BadPattern { path, message, span })
        }
        // The project's own file contains no mistake.
        other @ (ObserveError::Name { .. } | ObserveError::Changing { .. }) => Problem::without_file(other),
        other @ ObserveError::File(_) => {
            let message = other.to_string();
            Problem::in_file(file, SqlError::UnreadableSource { path, message, span })
        }
    }
}
