use super::style::Theme;
use super::text::{one_line, wrap};
use crate::base::text;
use crate::model::{PathState, ProgramRun, Seen};

/// The maximum number of observed inputs that are named.
const NAMED: usize = 8;

/// Describes how a program made the published version, for the head of an asset.
pub fn program(program: &ProgramRun, theme: &Theme) -> String {
    let version = program.version.as_ref().map(|version| format!(" ({version})")).unwrap_or_default();
    let seen = match program.seen {
        Seen::Observed => "observed while it ran",
        Seen::Compared => "found by comparing the folder before and after",
        Seen::Declared => "as declared",
    };
    let mut lines = vec![format!("built by: {}{version}, its effects {seen}", one_line(&program.file))];
    let counts = |state: &PathState| matches!(state, PathState::File(_) | PathState::Folder(_) | PathState::Unsettled);
    let read: Vec<&str> =
        program.observed.iter().filter(|input| counts(&input.state)).map(|input| input.path.as_str()).collect();
    if !read.is_empty() {
        lines.push(format!("observed inputs: {}", text::named(read, NAMED)));
    }
    let missed = program.observed.iter().filter(|input| input.state == PathState::Absent).count();
    if missed > 0 {
        lines.push(format!("watched missing paths: {}", text::count(missed, "path")));
    }
    if !program.contacted.is_empty() {
        lines.push(format!("contacted: {}", text::named(&program.contacted, NAMED)));
    }
    let mut text = String::new();
    for line in lines.iter().flat_map(|line| wrap(line, theme.width.saturating_sub(2))) {
        text.push_str(&format!("  {line}\n"));
    }
    text
}
