//! Whether a value can be kept secret: dp masks it everywhere, so it must not occur in other text.

use crate::project::{Asset, Command, Project};

/// Shorter values occur in many words.
const SHORTEST: usize = 6;

/// Common words in the output of programs, which can't be secrets.
const WORDS: [&str; 22] = [
    "warning",
    "failed",
    "output",
    "script",
    "python",
    "string",
    "integer",
    "default",
    "disabled",
    "enabled",
    "undefined",
    "unknown",
    "localhost",
    "127.0.0.1",
    "production",
    "staging",
    "development",
    "testing",
    "password",
    "secret",
    "private",
    "public",
];

/// Returns why a value can't be kept secret in an asset; `None` if it can.
pub(super) fn why_not(value: &str, asset: &Asset, command: &Command, project: &Project) -> Option<&'static str> {
    if value.is_empty() {
        return None;
    }
    if value.chars().count() < SHORTEST {
        return Some("has fewer than six characters");
    }
    if WORDS.iter().any(|word| word.eq_ignore_ascii_case(value)) {
        return Some("is a common word");
    }
    let written = command.run.iter().chain(command.code.iter().map(|(path, _)| path));
    let written = written.map(String::as_str).chain(command.working_dir.as_deref());
    if written.into_iter().any(|text| text.contains(value)) {
        return Some("occurs in the command");
    }
    let names = command.inputs.iter().map(|(name, _)| name).chain([&asset.name]);
    if names.into_iter().any(|name| name.as_str().contains(value)) {
        return Some("occurs in the name of an asset");
    }
    project.root.to_string_lossy().contains(value).then_some("occurs in the path of the project")
}
