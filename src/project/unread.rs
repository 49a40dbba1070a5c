//! Files in `assets/` that look like declarations of other tools and that dp does not read.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{Project, ProjectError, path_pattern};
use crate::base::diagnostic::{Problem, Problems};
use crate::base::fs::{self, Below};
use crate::model::normal;

/// Warns of each SQL or YAML file in `assets/` that no asset names. A folder that can't be listed was already
/// reported.
pub(super) fn unread_files(project: &Project, problems: &mut Problems) {
    let folder = project.root.join("assets");
    let is_hidden = |name: &OsStr| name.as_encoded_bytes().starts_with(b".");
    if !fs::is_folder(&folder) {
        return;
    }
    for found in fs::below(&folder, usize::MAX, is_hidden) {
        let Ok(Below::File(path)) = found else {
            continue;
        };
        let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        if !["sql", "yml", "yaml"].contains(&extension) {
            continue;
        }
        let relative = path.strip_prefix(&project.root).expect("below the root");
        if !is_named(project, relative) {
            problems.push(Problem::without_file(not_read(relative, extension)));
        }
    }
}

/// Whether an asset uses the file: as its query, as code, as an argument of its program, or as a source.
fn is_named(project: &Project, path: &Path) -> bool {
    let matches =
        |pattern: &str| path_pattern(&normal(pattern).to_string_lossy()).is_ok_and(|pattern| pattern.is_match(path));
    project.assets.values().any(|asset| {
        asset.query().is_some_and(|query| normal(query.sql.file().path()) == path)
            || asset.source().is_some_and(|source| matches(&source.path))
            || asset.command().is_some_and(|command| {
                command.run.iter().any(|word| normal(word) == path)
                    || command.code.iter().any(|(pattern, _)| matches(pattern))
            })
    })
}

fn not_read(path: &Path, extension: &str) -> ProjectError {
    let shown = path.display().to_string();
    if extension == "sql" {
        let beside: PathBuf = path.with_extension("toml");
        return ProjectError::NotRead {
            why: "only a TOML file declares an asset, and names its query file",
            help: format!("create `{}` with `kind = \"sql\"` and `sql_file = \"{shown}\"`", beside.display()),
            path: shown,
        };
    }
    ProjectError::NotRead {
        why: "only TOML files declare assets",
        help: "declare the asset in TOML (`dp schema asset` prints the keys), or move the file out of `assets/`"
            .to_owned(),
        path: shown,
    }
}
