//! What an interpreter says of its version.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use super::fence::bare;
use super::given::{Given, Place};
use crate::process::{self, Exit, Task, Watch};

/// Programs of which it is known that `--version` prints a line and does nothing else.
const ASKED: [&str; 16] = [
    "python", "node", "ruby", "perl", "bash", "Rscript", "R", "julia", "php", "deno", "bun", "psql", "sqlite",
    "duckdb", "dbt", "jq",
];

/// The first line that the program gives to `--version`; `None` if it is not of those that are asked, or gives none.
///
/// To ask is to run it, so only what is known to do nothing else is asked: no file of the project, and no script. Behind a
/// script that has an interpreter's name, such as a shim, that is the first of the `started` programs with this name. It
/// may read what programs are made of and do nothing besides, and gets no secret; where that can't be held, it is not
/// asked.
pub(super) fn version(given: &Given, place: &Place, started: &[PathBuf]) -> Option<String> {
    let name = stem(&given.program.file)?;
    let can_be_asked = |file: &&PathBuf| !file.starts_with(&given.root) && !process::is_script(file);
    let same = started.iter().filter(|file| stem(file) == Some(name));
    let file = std::iter::once(&given.program.file).chain(same).find(can_be_asked)?;
    let printed = Mutex::new(Vec::new());
    let task = Task {
        program: file.clone(),
        name: file.file_name()?.to_owned(),
        arguments: vec![OsString::from("--version")],
        folder: PathBuf::from("/"),
        environment: given.passed_on(place),
        mark: Given::mark(place),
        outputs: Vec::new(),
        timeout: Some(Duration::from_secs(5)),
        watch: Watch::Kernel,
        fence: Some(bare(given, file)),
    };
    let take = |_: process::Stream, bytes: &[u8]| {
        printed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend_from_slice(bytes);
    };
    let ended = process::run(&task, &take, &given.stop).ok()?;
    let text = printed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let text = String::from_utf8_lossy(&text).into_owned();
    let line: String = text.lines().next()?.trim().chars().take(200).collect();
    (ended.how == Exit::Code(0) && !line.is_empty()).then_some(line)
}

/// The name of an interpreter without its version, if it is of those that are asked.
fn stem(file: &Path) -> Option<&str> {
    let name = file.file_name()?.to_str()?;
    let stem = name.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
    ASKED.contains(&stem).then_some(stem)
}
