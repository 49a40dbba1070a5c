//! What an interpreter says of its version.

use std::ffi::OsString;
use std::sync::Mutex;
use std::time::Duration;

use super::given::{Given, Place};
use crate::process::{self, Exit, Task, Watch};

/// Programs of which it is known that `--version` prints a line and does nothing else.
const ASKED: [&str; 17] = [
    "python", "python3", "node", "ruby", "perl", "bash", "Rscript", "R", "julia", "php", "deno", "bun", "psql",
    "sqlite3", "duckdb", "dbt", "jq",
];

/// The first line that the program gives to `--version`; `None` if it is not of those that are asked, or gives none.
pub(super) fn version(given: &Given, place: &Place) -> Option<String> {
    let name = given.program.file.file_name()?.to_str()?;
    let known = name.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
    if !ASKED.contains(&name) && !ASKED.contains(&known) {
        return None;
    }
    let printed = Mutex::new(Vec::new());
    let task = Task {
        program: given.program.found.clone(),
        name: name.into(),
        arguments: vec![OsString::from("--version")],
        folder: place.folder().to_owned(),
        environment: given.environment(place),
        mark: Given::mark(place),
        timeout: Some(Duration::from_secs(5)),
        watch: Watch::Nothing,
        fence: None,
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
