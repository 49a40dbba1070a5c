//! The version that an interpreter reports.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use super::fence::bare;
use super::given::{Given, Place};
use crate::process::{self, Exit, Task, Watch};

/// Programs known to print a line for `--version` and to do nothing else.
const ASKED: [&str; 16] = [
    "python", "node", "ruby", "perl", "bash", "Rscript", "R", "julia", "php", "deno", "bun", "psql", "sqlite",
    "duckdb", "dbt", "jq",
];

/// Returns the first line that the program prints for `--version`; `None` if dp does not ask the program or it prints
/// nothing.
///
/// To ask a program dp has to run it, so it asks only programs that are known to do nothing else: no file of the
/// project, and no script. For a script with the name of an interpreter, such as a shim, dp asks the first of the
/// `started` programs with this name. That program may only read its own files and gets no secret. Where dp can't
/// enforce that, it does not ask.
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

/// Returns the name of an interpreter without its version, if it is in the list.
fn stem(file: &Path) -> Option<&str> {
    let name = file.file_name()?.to_str()?;
    let stem = name.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
    ASKED.contains(&stem).then_some(stem)
}
