use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::exit::Exit;
use super::session::Session;
use crate::base::diagnostic::{Problems, SourceFile};
use crate::base::fs;
use crate::ops::OpError;
use crate::project::{self, FileKind};
use crate::view;

/// What `dp fmt` takes.
#[derive(Debug, Args)]
pub(super) struct FmtArgs {
    /// Files to format [default: all files of the project]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only list the files that are not formatted; exit with 1 if there are any
    #[arg(long)]
    check: bool,
}

/// A file that is not in canonical form.
struct Other {
    shown: String,
    path: PathBuf,
    text: String,
}

pub(super) fn run(args: &FmtArgs, session: &mut Session) -> Result<Exit, OpError> {
    let files = files(args, session)?;
    let mut problems = Problems::new();
    let mut others = Vec::new();
    for (shown, path) in &files {
        let is_project = path.file_name().is_some_and(|name| name == "dp.toml");
        let kind = if is_project { FileKind::Project } else { FileKind::Asset };
        let before = SourceFile::new(shown.as_str(), fs::read_to_string(path)?);
        match project::formatted(&before, kind) {
            Ok(text) if text == before.text() => {}
            Ok(text) => others.push(Other {
                shown: shown.clone(),
                path: path.clone(),
                text,
            }),
            Err(found) => problems.extend(found),
        }
    }
    // dp writes nothing then, so that the user fixes the errors first.
    if problems.has_errors() {
        return Err(OpError::Problems(problems));
    }
    if !args.check {
        for other in &others {
            write(other)?;
        }
    }
    let names: Vec<&str> = others.iter().map(|other| other.shown.as_str()).collect();
    if session.global.json {
        session.json(&json!({
            "format_version": view::FORMAT_VERSION,
            "check": args.check,
            "files": files.len(),
            "changed": names,
        }))?;
    } else if !names.is_empty() {
        let lines: Vec<_> = names.iter().map(|name| view::one_line(name)).collect();
        session.out(&lines.join("\n"))?;
    }
    Ok(if args.check && !others.is_empty() { Exit::Refused } else { Exit::Done })
}

/// Returns the files to format: the displayed and the absolute path.
fn files(args: &FmtArgs, session: &Session) -> Result<Vec<(String, PathBuf)>, OpError> {
    if !args.files.is_empty() {
        let named = args.files.iter().map(|file| (file.display().to_string(), session.absolute(file)));
        return Ok(named.collect());
    }
    let root = session.root()?;
    let found = project::files(&root).map_err(OpError::Problems)?;
    Ok(found.iter().map(|file| (file.display().to_string(), root.join(file))).collect())
}

/// Replaces a file in one step; links stay links, and the mode stays the same.
fn write(other: &Other) -> Result<(), OpError> {
    let path = fs::canonicalize(&other.path)?;
    let mode = fs::mode(&path)?;
    let temporary = fs::beside(&path);
    let written = fs::write_new(&temporary, other.text.as_bytes(), 0o600)
        .and_then(|()| fs::set_mode(&temporary, mode))
        .and_then(|()| fs::sync_file(&temporary))
        .and_then(|()| fs::rename(&temporary, &path));
    if written.is_err() {
        drop(fs::remove_file(&temporary));
    }
    written?;
    Ok(fs::sync_folder(path.parent().unwrap_or(Path::new("/")))?)
}
