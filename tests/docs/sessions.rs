//! Every terminal session on a page is run: blocks that begin with ```` ```console ````.
//!
//! The commands of a page share one temporary folder, so state carries over. A line `$ …` is a command, lines `> …`
//! behind one with `<<` belong to it, and the rest is what it prints, both streams as they come. A command that fails
//! must be followed by `$ echo $?`. What differs from run to run (times, sizes, identifiers, the order in which
//! things that run at once end) is not compared.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{difference, how, pages, read, root, updating};

/// Part of a block: a command with what follows it.
struct Part {
    /// As it stands on the page, `$ ` and `> ` included.
    written: String,
    /// What the shell gets.
    command: String,
    /// What it prints.
    output: String,
}

#[test]
fn sessions_go_as_they_are_written() {
    let mut problems = Vec::new();
    for page in pages() {
        let before = read(&page);
        let after = played(&page, &before);
        if before == after {
            continue;
        }
        if updating() {
            std::fs::write(root().join(&page), after).expect("the page can be written");
        } else {
            problems.push(format!("{}:\n{}", page.display(), difference(&before, &after)));
        }
    }
    assert!(problems.is_empty(), "sessions went otherwise; {}\n{}", how(), problems.join("\n"));
}

/// The page with the outputs that there are now; those that say the same stay as they are.
fn played(page: &Path, text: &str) -> String {
    let mut shell = Shell::new();
    let mut played = String::new();
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        played.push_str(line);
        if line.trim_end() != "```console" {
            continue;
        }
        let mut block = String::new();
        let mut fence = "";
        for line in lines.by_ref() {
            if line.trim_end() == "```" {
                fence = line;
                break;
            }
            block.push_str(line);
        }
        for part in parts(&block) {
            let output = shell.run(&part.command, page);
            played.push_str(&part.written);
            played.push_str(if comparable(&output) == comparable(&part.output) { &part.output } else { &output });
        }
        shell.leave(page);
        played.push_str(fence);
    }
    played
}

fn parts(block: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for line in block.split_inclusive('\n') {
        if let Some(command) = line.strip_prefix("$ ") {
            parts.push(Part {
                written: line.to_owned(),
                command: command.to_owned(),
                output: String::new(),
            });
            continue;
        }
        let part = parts.last_mut().expect("a session begins with a command");
        match line.strip_prefix("> ").or((line == ">\n").then_some("\n")) {
            Some(more) if part.command.contains("<<") && part.output.is_empty() => {
                part.written.push_str(line);
                part.command.push_str(more);
            }
            _ => part.output.push_str(line),
        }
    }
    parts
}

/// A shell in a temporary folder.
struct Shell {
    home: tempfile::TempDir,
    folder: PathBuf,
    /// How the last command ended, if nobody asked yet.
    failed: Option<(String, i32)>,
}

impl Shell {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = home.path().canonicalize().expect("it was made");
        Self {
            home,
            folder,
            failed: None,
        }
    }

    fn run(&mut self, command: &str, page: &Path) -> String {
        let command = command.trim_end();
        if command == "echo $?" {
            let status = self.failed.take().map_or(0, |(_, status)| status);
            return format!("{status}\n");
        }
        self.leave(page);
        if let Some(folder) = command.strip_prefix("cd ") {
            self.folder = self.folder.join(folder).canonicalize().expect("`cd` leads to a folder");
            return String::new();
        }
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1\n{command}")])
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", search_path())
            .env("HOME", self.home.path())
            .envs([("COLUMNS", "96"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("NO_COLOR", "1")])
            .output()
            .expect("there is a shell");
        let status = output.status.code().unwrap_or(-1);
        let home = self.home.path().canonicalize().expect("it was made");
        let said = String::from_utf8_lossy(&output.stdout).replace(&*home.to_string_lossy(), "/home/ada");
        if status != 0 {
            self.failed = Some((format!("{command}\n{said}"), status));
        }
        anonymous(command, &said)
    }

    /// Nothing failed that the page does not speak of.
    fn leave(&mut self, page: &Path) {
        if let Some((command, status)) = self.failed.take() {
            panic!("{}: exit {status} of `{command}`", page.display());
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the shell finds its tools as this process does")]
pub(super) fn search_path() -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_dp")).parent().expect("a program is in a folder");
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default())
}

/// Without the names of who ran the test, and where.
fn anonymous(command: &str, said: &str) -> String {
    if !["dp history", "dp show", "sqlite3"].iter().any(|start| command.starts_with(start)) {
        return said.to_owned();
    }
    let user = whoami::username().unwrap_or_default();
    let host = whoami::hostname().unwrap_or_default();
    let mut text = said.replace(&format!("by {user} on {host}, pid "), "by ada on laptop, pid ");
    for (separator, end) in [("  ", " "), ("|", "|")] {
        // In a table the next column stays where it is.
        let width = if separator == "|" { 3 } else { user.len() };
        let (found, new) = (format!("{separator}{user}{end}"), format!("{separator}{:width$}{end}", "ada"));
        text = text.replace(&found, &new);
    }
    text.replace(&format!("|{host}"), "|laptop")
}

/// What is left when everything is taken out that differs from run to run.
pub(super) fn comparable(output: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in output.lines().filter(|line| !is_estimate(line)) {
        let stable = stable(line);
        // What is said below a line of progress goes with it.
        match lines.last_mut() {
            Some(last) if is_progress(last) && line.starts_with("   ") => *last = format!("{last}\n{stable}"),
            _ => lines.push(stable),
        }
    }
    // Things that run at once end in any order.
    for run in lines.chunk_by_mut(|a, b| is_progress(a) && is_progress(b)) {
        run.sort();
    }
    lines.join("\n")
}

/// An estimate is only worth a line where things took long, which a machine with much to do decides.
pub(super) fn is_estimate(line: &str) -> bool {
    let line = console::strip_ansi_codes(line);
    ["Estimate: ", "The estimate was ", "usually "].iter().any(|start| line.trim_start().starts_with(start))
}

fn is_progress(line: &str) -> bool {
    let words = ["built ", "checked ", "reused ", "cut off ", "failed ", "skipped ", "✗ ", "! "];
    words.iter().any(|word| line.starts_with(word))
}

fn stable(line: &str) -> String {
    let line = identifiers(line);
    let mut words: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        let bare = word.trim_end_matches(['.', ',', ')']);
        let rest = &word[bare.len()..];
        let number = words.last().is_some_and(|last| last.parse::<f64>().is_ok());
        let unit = match bare {
            "ms" | "s" | "min" | "h" | "d" => Some("TIME"),
            "B" | "kB" | "MB" => Some("SIZE"),
            _ => None,
        };
        if let (true, Some(unit)) = (number, unit) {
            words.pop();
            if unit == "TIME" && words.last().is_some_and(|last| last == "TIME") {
                words.pop();
            }
            words.push(format!("{unit}{rest}"));
        } else if words.last().is_some_and(|last| last == "pid") {
            words.push(format!("PID{rest}"));
        } else if bare.starts_with('─') {
            words.push("─".to_owned());
        } else {
            words.push(word.to_owned());
        }
    }
    words.join(" ")
}

/// The line with long hexadecimal numbers, times of day and moments replaced.
fn identifiers(line: &str) -> String {
    let is_part = |char: char| char.is_ascii_alphanumeric() || "-:.".contains(char);
    let mut stable = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let is_hex = word.len() >= 12 && word.chars().all(|char| char.is_ascii_hexdigit());
        let is_time = word.len() >= 8
            && word.chars().filter(|char| *char == ':').count() == 2
            && word.starts_with(|char: char| char.is_ascii_digit());
        stable.push_str(match word {
            _ if is_hex => "ID",
            _ if is_time => "MOMENT",
            // Before a time of day it is the day of the run; elsewhere it is data.
            _ if word.len() == 10 && is_day(word) && behind.trim_start().chars().nth(2) == Some(':') => "DAY",
            word => word,
        });
        let next = behind.find(is_part).unwrap_or(behind.len());
        stable.push_str(&behind[..next]);
        rest = &behind[next..];
    }
    stable
}

fn is_day(word: &str) -> bool {
    word.char_indices().all(|(index, char)| if index == 4 || index == 7 { char == '-' } else { char.is_ascii_digit() })
}

#[test]
fn only_what_varies_is_left_out() {
    assert_eq!(
        comparable("Done: 4 built, published as run r1 in 1.3 s."),
        comparable("Done: 4 built, published as run r1 in 321 ms.")
    );
    assert_eq!(
        comparable("r1   2026-11-22 17:50:55  375 ms  apply"),
        comparable("r1  2027-01-02 07:50:55  1 min 2 s  apply")
    );
    assert_eq!(
        comparable("  built  a  75 ms\n  built  b  1 ms\n"),
        comparable("  built  b  75 ms\n  built  a  1 ms\n")
    );
    assert_eq!(comparable("a\nEstimate: 2.4 s, 3 rows.\n      usually 2 s\nb"), comparable("a\nb"));
    assert_eq!(comparable("x/99ba52e3e708791e/data 700 B"), comparable("x/1111111111111111/data  1.1 kB"));
    for (one, other) in
        [("4 rows", "5 rows"), ("2026-01-05", "2026-01-06"), ("built a", "built b"), ("150.00", "150.01")]
    {
        assert_ne!(comparable(one), comparable(other));
    }
}
