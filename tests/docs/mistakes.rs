//! The examples of docs/reference/errors.md come from mistakes that are really made.
//!
//! `mistakes/*.sh` has a section a code: what is done wrong, in a copy of the project `mistakes/shop`, and last the
//! command that says so. What it says under that code stands on the page. What no command gives to order is made in
//! `mistakes/values.rs`, with the reason, or named in [`NOT_MADE`].

mod values;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use rayon::prelude::*;

use super::sessions::search_path;
use super::{difference, files, how, read, root, updating};

/// Codes whose example on the page nothing here makes, and why not.
const NOT_MADE: [(&str, &str); 1] = [("dp::bug", "every error that dp knows of has a code of its own")];

/// Columns of the screen that messages are read on.
const COLUMNS: usize = 80;

/// What every section may use.
const WORDS: &str = r#"
asset() { mkdir -p "assets/$(dirname "$1")"; cat > "assets/$1.toml"; }
edit() { sed -i "$2" "$1"; }
applied() { dp apply --auto-approve "$@" > /dev/null 2>&1 || true; }
# Holds the lock as another process would, while a command runs.
busy() {
    applied
    echo "{\"user\":\"ada\",\"host\":\"$1\",\"pid\":4242,\"command\":\"dp apply\",\"since\":\"2026-03-01T09:30:00Z\"}" > .dp/lock
    shift
    flock .dp/lock "$@"
}
program() {
    asset "ml/$1" <<E
kind = "command"

[command]
run = ["sh", "-c", '''$2''']
inputs = ["staging.orders"]

[output]
format = "csv"
E
}
"#;

/// How a message stands in what a command says.
#[derive(Clone, Copy)]
enum Form {
    /// Below its code.
    Diagnostic,
    /// As a paragraph that begins so; what belongs to it is indented deeper.
    Paragraph(&'static str),
    /// From the line that begins so to the end.
    Rest(&'static str),
}

/// A section of a script.
struct Mistake {
    code: String,
    form: Form,
    script: String,
}

fn mistakes() -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for file in files("tests/docs/mistakes", "sh") {
        for section in format!("\n{}", read(&file)).split("\n### ").skip(1) {
            let (heading, script) = section.split_once('\n').expect("a section has commands");
            let (code, form) = match heading.split_once(" | ") {
                None => (heading, Form::Diagnostic),
                Some((code, "!")) => (code, Form::Paragraph("  ! ")),
                Some((code, "warning")) => (code, Form::Paragraph("  warning ")),
                Some((code, "failed")) => (code, Form::Paragraph("  failed ")),
                Some((code, "error")) => (code, Form::Rest("error: ")),
                Some((code, form)) => panic!("{code}: nothing is said as `{form}`"),
            };
            mistakes.push(Mistake {
                code: code.to_owned(),
                form,
                script: script.to_owned(),
            });
        }
    }
    mistakes
}

impl Mistake {
    /// What dp says about it, or everything that was said.
    fn example(&self) -> Result<String, String> {
        // As long as the folder that the page speaks of, so that lines break where they would there.
        let home = tempfile::Builder::new().prefix("").rand_bytes(4).tempdir_in("/tmp").expect("a temporary folder");
        let project = home.path().join("shop");
        copy(&root().join("tests/docs/mistakes/shop"), &project);
        let output = Command::new("sh")
            .args(["-c", &format!("set -e\nexec 2>&1\n{WORDS}\n{}", self.script)])
            .current_dir(&project)
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", search_path())
            .env("HOME", home.path())
            .envs([("COLUMNS", COLUMNS.to_string().as_str()), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("NO_COLOR", "1")])
            .output()
            .expect("there is a shell");
        let said = String::from_utf8_lossy(&output.stdout)
            .replace(&*home.path().to_string_lossy(), "/home/ada")
            .replace(&format!(" on {}, ", whoami::hostname().unwrap_or_default()), " on laptop, ");
        let found = match self.form {
            Form::Diagnostic => diagnostic(&said, &self.code),
            Form::Paragraph(start) => paragraph(&said, start),
            Form::Rest(start) => said.find(start).map(|at| said[at..].trim_end().to_owned()),
        };
        match found {
            Some(text) => Ok(with_fixed_ids(&text)),
            None => Err(format!("`{}` is not in what its commands say:\n{said}", self.code)),
        }
    }
}

/// The text with the same id, as long as before, in the place of each that differs from run to run.
fn with_fixed_ids(text: &str) -> String {
    const ID: &str = "3f9a0c21b7d4e586";
    let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive(|char| !is_part(char)) {
        let word = part.trim_end_matches(|char| !is_part(char));
        let is_id = word.len() == ID.len() && word.chars().all(|char| char.is_ascii_hexdigit());
        out.push_str(if is_id { ID } else { word });
        out.push_str(&part[word.len()..]);
    }
    out
}

/// The text without line breaks, and without what is drawn beside them.
fn flat(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace() && *char != '│').collect()
}

/// What stands below a code, up to the next one or the number of all problems.
fn diagnostic(said: &str, code: &str) -> Option<String> {
    let lines = said.lines().skip_while(|line| *line != code).skip(1);
    let belongs = |line: &&str| line.is_empty() || line.starts_with(' ') || *line == "Advice:";
    let text: Vec<&str> = lines.take_while(belongs).collect();
    let text = text.join("\n").trim_matches('\n').to_owned();
    (!text.is_empty()).then_some(text)
}

/// A line that begins so, with those below it that are indented deeper.
fn paragraph(said: &str, start: &str) -> Option<String> {
    let mut lines = said.lines().skip_while(|line| !line.starts_with(start));
    let first = lines.next()?;
    let rest = lines.take_while(|line| line.starts_with("    "));
    Some(std::iter::once(first).chain(rest).collect::<Vec<_>>().join("\n"))
}

pub(super) fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("the project can be read");
        let target = to.join(entry.path().strip_prefix(from).expect("it was found there"));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target).expect("the folder can be made");
        } else {
            std::fs::copy(entry.path(), target).expect("the file can be written");
        }
    }
}

#[test]
fn the_examples_of_errors_are_what_dp_says() {
    let made: Vec<_> = mistakes().into_par_iter().map(|mistake| (mistake.example(), mistake.code)).collect();
    let mut problems = Vec::new();
    let mut examples: BTreeMap<String, String> = values::examples().into_iter().collect();
    for (example, code) in made {
        match example {
            Ok(text) => assert!(examples.insert(code.clone(), text).is_none(), "`{code}` has two examples"),
            Err(problem) => problems.push(problem),
        }
    }
    let before = read("docs/reference/errors.md");
    let mut after = String::new();
    for (index, section) in before.split("\n### ").enumerate() {
        if index == 0 {
            after.push_str(section);
            continue;
        }
        let code = section.lines().next().unwrap_or_default().trim_matches('`').to_owned();
        after.push_str("\n### ");
        match examples.remove(&code) {
            // Where a line breaks hangs on the ids that are in it.
            Some(example) if flat(section).contains(&flat(&example)) => after.push_str(section),
            Some(example) => after.push_str(&with_example(section, &example)),
            None => after.push_str(section),
        }
    }
    problems.extend(examples.keys().map(|code| format!("`{code}` has an example, and no heading")));
    if before != after {
        if updating() {
            std::fs::write(root().join("docs/reference/errors.md"), after).expect("the page can be written");
        } else {
            problems.push(format!("the examples are others; {}\n{}", how(), difference(&before, &after)));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// A section with this example, unless the one it has says the same.
fn with_example(section: &str, example: &str) -> String {
    let (before, rest) = section.split_once("**Do:**").expect("a section says what to do");
    let (text, found) = match before.split_once("```text\n") {
        Some((text, found)) => (text, found.trim_end().trim_end_matches("```").trim_end_matches('\n')),
        None => (before, ""),
    };
    let example = if comparable(found) == comparable(example) { found } else { example };
    format!("{text}```text\n{example}\n```\n\n**Do:**{rest}")
}

/// Without what differs from machine to machine and from run to run.
fn comparable(text: &str) -> String {
    super::sessions::comparable(text)
}

/// The page's examples with their codes.
fn shown() -> Vec<(String, String)> {
    let page = read("docs/reference/errors.md");
    let sections = page.split("\n### ").skip(1).filter_map(|section| {
        let code = section.lines().next()?.trim_matches('`').to_owned();
        let (example, _) = section.split_once("```text\n")?.1.split_once("\n```")?;
        Some((code, example.to_owned()))
    });
    sections.collect()
}

#[test]
fn examples_fit_a_screen() {
    // A line of a file, which is drawn as it is: its number, a bar, and perhaps the edge of a label.
    let is_source =
        |line: &str| line.trim_start().split_once(" │").is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    let is_too_long = |line: &&str| line.chars().count() > COLUMNS && !is_source(line);
    let long: Vec<String> = shown()
        .iter()
        .flat_map(|(code, example)| example.lines().filter(is_too_long).map(move |line| format!("{code}: {line}")))
        .collect();
    assert!(long.is_empty(), "beyond {COLUMNS} columns:\n{}", long.join("\n"));
}

#[test]
fn examples_name_the_next_step() {
    // A step that failed and a remark in a plan go on after the sentence; the command line is told what was meant.
    let continues =
        |text: &str| text.contains("; ") || text.contains(": set ") || text.contains("For more information, try");
    for (code, example) in shown() {
        let is_short = ["  ! ", "  failed ", "error: "].iter().any(|start| example.starts_with(start));
        let flat = example.split_whitespace().collect::<Vec<_>>().join(" ");
        let says =
            if is_short { continues(&flat) || code == "dp::plan::allows_outside" } else { flat.contains("help: ") };
        assert!(says, "`{code}` does not say what to do:\n{example}");
    }
}

#[test]
fn every_code_has_an_example() {
    let mut made: Vec<String> = mistakes().into_iter().map(|mistake| mistake.code).collect();
    made.extend(values::examples().into_iter().map(|(code, _)| code));
    let mut problems = Vec::new();
    for code in super::errors::codes().keys() {
        let excused = NOT_MADE.iter().find(|(name, _)| name == code);
        match (made.contains(code), excused) {
            (false, None) => problems.push(format!("`{code}` has no example in tests/docs/mistakes")),
            (true, Some(_)) => problems.push(format!("`{code}` is made, and named as one that is not")),
            (_, Some((_, reason))) => assert!(!reason.is_empty(), "`{code}` has no reason"),
            (true, None) => {}
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
