use std::error::Error;
use std::fmt::{self, Display};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode, ThemeCharacters, ThemeStyles,
};
use serde_json::{Value, json};

use super::snippet::Snippet;
use super::style::{Role, Theme};
use super::text::{plain, wrap};
use crate::base::diagnostic::{Problem, Problems};
use crate::base::text;
use crate::report::FORMAT_VERSION;

/// The maximum number of problems in text output; JSON contains all.
const MOST_PROBLEMS: usize = 100;
/// The maximum number of characters of a message that are shown.
const MOST_CHARACTERS: usize = 2_000;

/// The width that miette uses before a message, before its cause, and before a help.
const MESSAGE: usize = 4;
const CAUSE: usize = 6;
const HELP: usize = 8;

/// Returns all problems, errors and warnings, with the lines of their files, and their number.
///
/// Empty if there are none.
pub fn problems(problems: &Problems, theme: &Theme) -> String {
    let sorted = problems.sorted();
    if sorted.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    // If there are too many, errors come before warnings.
    let (warning, error): (Vec<_>, Vec<_>) = sorted.iter().partition(|problem| problem.is_warning());
    let is_too_many = sorted.len() > MOST_PROBLEMS;
    let shown = if is_too_many { [error, warning].concat() } else { sorted.iter().collect() };
    for problem in shown.into_iter().take(MOST_PROBLEMS) {
        text.push_str(&diagnostic(*problem, theme));
        text.push('\n');
    }
    if is_too_many {
        let more = text::grouped((sorted.len() - MOST_PROBLEMS) as u64);
        text.push_str(&format!("{} {more} more are not shown; --json lists all of them\n\n", theme.ellipsis()));
    }
    let warnings = sorted.iter().filter(|problem| problem.is_warning()).count();
    let errors = sorted.len() - warnings;
    let mut counts = Vec::new();
    if errors > 0 {
        counts.push(theme.paint(Role::Error, text::count(errors, "error")));
    }
    if warnings > 0 {
        counts.push(theme.paint(Role::Warning, text::count(warnings, "warning")));
    }
    text.push_str(&counts.join(", "));
    text.push('\n');
    text
}

/// Returns one error or warning, with the lines of its file.
pub fn diagnostic(diagnostic: &dyn Diagnostic, theme: &Theme) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme {
        characters: if theme.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
        styles: if theme.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
    })
    // miette leaves two columns free.
    .with_width(theme.width + 2)
    .with_links(false)
    .without_syntax_highlighting();
    let shown = Shown::of(diagnostic, theme);
    let mut text = String::new();
    match handler.render_report(&mut text, &shown) {
        Ok(()) => trimmed(&text),
        // miette refuses what it can't draw; then only the message is shown.
        Err(fmt::Error) => format!("{shown}\n"),
    }
}

/// Removes trailing spaces, and ends the text with one line break.
fn trimmed(text: &str) -> String {
    let mut trimmed = String::with_capacity(text.len());
    for line in text.trim_matches('\n').lines() {
        trimmed.push_str(line.trim_end());
        trimmed.push('\n');
    }
    trimmed
}

/// Returns all problems as the JSON object that commands print with `--json`.
pub fn problems_json(problems: &Problems) -> Value {
    let (warnings, errors): (Vec<_>, Vec<_>) = problems.sorted().into_iter().partition(|problem| problem.is_warning());
    let entries = |list: Vec<&Problem>| -> Vec<Value> { list.into_iter().map(with_elsewhere).collect() };
    json!({ "format_version": FORMAT_VERSION, "errors": entries(errors), "warnings": entries(warnings) })
}

/// Returns an error without a file as the same JSON object.
pub fn diagnostic_json(diagnostic: &dyn Diagnostic) -> Value {
    json!({ "format_version": FORMAT_VERSION, "errors": [entry(diagnostic, None)], "warnings": [] })
}

/// Returns one error or warning with its place: file, line and column.
fn entry(diagnostic: &dyn Diagnostic, place: Option<(String, usize, usize)>) -> Value {
    let code = diagnostic.code().map_or_else(|| "dp::bug".to_owned(), |code| code.to_string());
    let (file, line, column) = match place {
        Some((file, line, column)) => (Some(file), Some(line), Some(column)),
        None => (None, None, None),
    };
    json!({
        "code": code,
        "message": chain(diagnostic),
        "help": diagnostic.help().map(|help| help.to_string()),
        "file": file,
        "line": line,
        "column": column,
    })
}

/// Returns an error or warning with its further places, if there are any.
fn with_elsewhere(problem: &Problem) -> Value {
    let mut value = entry(problem, place(problem));
    if !problem.elsewhere().is_empty() {
        let places = problem.elsewhere().iter().map(|place| {
            let (line, column) = place.file.line_column(place.span.start);
            json!({ "message": place.note, "file": place.file.path(), "line": line, "column": column })
        });
        value["related"] = places.collect();
    }
    value
}

fn place(problem: &Problem) -> Option<(String, usize, usize)> {
    let (file, offset) = problem.place()?;
    let (line, column) = file.line_column(offset);
    Some((file.path().to_owned(), line, column))
}

/// Returns the message, with the causes that it does not contain.
fn chain(diagnostic: &dyn Diagnostic) -> String {
    let mut message = diagnostic.to_string();
    for cause in causes(diagnostic) {
        if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

fn causes(diagnostic: &dyn Diagnostic) -> Vec<String> {
    let mut causes = Vec::new();
    let mut next = diagnostic.source();
    while let Some(error) = next {
        causes.push(error.to_string());
        next = error.source();
    }
    causes
}

/// A diagnostic whose texts are all safe to show.
#[derive(Debug)]
struct Shown {
    message: String,
    code: Option<String>,
    severity: Option<Severity>,
    help: Option<String>,
    labels: Vec<LabeledSpan>,
    source: Option<Snippet>,
    related: Vec<Self>,
    cause: Option<Cause>,
}

#[derive(Debug)]
struct Cause {
    message: String,
    next: Option<Box<Self>>,
}

impl Shown {
    fn of(diagnostic: &dyn Diagnostic, theme: &Theme) -> Self {
        let safe = |text: &dyn Display| in_letters_of(theme, limited(&plain(&text.to_string())));
        // miette would also break at the slashes and hyphens of paths and flags.
        let lines =
            |text: &dyn Display, before: usize| wrap(&safe(text), theme.width.saturating_sub(before)).join("\n");
        let label = |label: LabeledSpan| {
            let text = label.label().map(|text| safe(&text));
            if label.primary() {
                LabeledSpan::new_primary_with_span(text, *label.inner())
            } else {
                LabeledSpan::new_with_span(text, *label.inner())
            }
        };
        let message = diagnostic.to_string();
        let causes = causes(diagnostic).into_iter().filter(|cause| !message.contains(cause)).rev();
        let labels: Vec<LabeledSpan> = diagnostic.labels().into_iter().flatten().map(label).collect();
        let (source, labels) = match diagnostic.source_code().and_then(|source| Snippet::of(source, &labels, theme)) {
            Some((snippet, labels)) => (Some(snippet), labels),
            None => (None, labels),
        };
        Self {
            code: diagnostic.code().map(|code| safe(&code)),
            severity: diagnostic.severity(),
            help: diagnostic.help().map(|help| lines(&help, HELP)),
            labels,
            source,
            related: diagnostic.related().into_iter().flatten().map(|related| Self::of(related, theme)).collect(),
            cause: causes.fold(None, |next, cause| {
                Some(Cause {
                    message: lines(&cause, CAUSE),
                    next: next.map(Box::new),
                })
            }),
            message: lines(&message, MESSAGE),
        }
    }
}

/// Returns the text with dp's symbols in ASCII, if Unicode is not available.
fn in_letters_of(theme: &Theme, text: String) -> String {
    if theme.unicode { text } else { text.replace('…', "...").replace('→', "->") }
}

/// Returns the start and the end of a text that is too long.
fn limited(text: &str) -> String {
    let length = text.chars().count();
    if length <= MOST_CHARACTERS {
        return text.to_owned();
    }
    let half = MOST_CHARACTERS / 2;
    let begin: String = text.chars().take(half).collect();
    let end: String = text.chars().skip(length - half).collect();
    format!("{begin} … {end}")
}

impl Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Shown {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as &(dyn Error + 'static))
    }
}

impl Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.next.as_ref().map(|cause| cause.as_ref() as &(dyn Error + 'static))
    }
}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.code.as_ref().map(|code| Box::new(code) as Box<dyn Display>)
    }
    fn severity(&self) -> Option<Severity> {
        self.severity
    }
    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn Display>)
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|file| file as &dyn SourceCode)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        (!self.related.is_empty()).then(|| {
            Box::new(self.related.iter().map(|related| related as &dyn Diagnostic))
                as Box<dyn Iterator<Item = &dyn Diagnostic>>
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::diagnostic::{Place, SourceFile, Span};

    #[derive(Debug, thiserror::Error, Diagnostic)]
    enum Mistake {
        #[error("unknown key `{key}`")]
        #[diagnostic(code(dp::test::unknown), help("did you mean `kind`?"))]
        Unknown {
            key: String,
            #[label("no asset has it")]
            span: Span,
        },
        #[error("odd")]
        #[diagnostic(code(dp::test::odd), severity(Warning))]
        Odd(#[source] std::io::Error),
    }

    fn unknown(key: &str, text: &str, span: Span) -> Problem {
        let file = SourceFile::new("assets/a.toml", text);
        let key = key.to_owned();
        Problem::in_file(&file, Mistake::Unknown { key, span })
    }

    fn odd() -> Problem {
        Problem::without_file(Mistake::Odd(std::io::Error::other("deep\u{7}")))
    }

    fn both() -> Problems {
        [unknown("knid", "a = 1\nknid = 2\n", 6..10), odd()].into_iter().collect()
    }

    #[test]
    fn problems_show_their_lines_and_their_number() {
        let expected = "\
dp::test::odd

  ⚠ odd
  ╰─▶ deep\\u{7}

dp::test::unknown

  × unknown key `knid`
   ╭─[assets/a.toml:2:1]
 1 │ a = 1
 2 │ knid = 2
   · ──┬─
   ·   ╰── no asset has it
   ╰────
  help: did you mean `kind`?

1 error, 1 warning
";
        assert_eq!(problems(&both(), &Theme::plain(80)), expected);
        assert_eq!(problems(&Problems::new(), &Theme::plain(80)), "");
    }

    #[test]
    fn colour_and_unicode_are_only_there_when_on() {
        let mut theme = Theme::plain(80);
        assert!(!problems(&both(), &theme).contains('\u{1b}'));
        theme.unicode = false;
        assert!(problems(&both(), &theme).is_ascii());
        theme.color = true;
        assert!(problems(&both(), &theme).contains("\u{1b}[31m"));
    }

    #[test]
    fn json_has_places_from_one() {
        assert_eq!(
            problems_json(&both()),
            json!({
                "format_version": "1.0",
                "errors": [{
                    "code": "dp::test::unknown", "message": "unknown key `knid`", "help": "did you mean `kind`?",
                    "file": "assets/a.toml", "line": 2, "column": 1,
                }],
                "warnings": [{
                    "code": "dp::test::odd", "message": "odd: deep\u{7}", "help": null,
                    "file": null, "line": null, "column": null,
                }],
            })
        );
        let one = diagnostic_json(&Mistake::Odd(std::io::Error::other("odd")));
        assert_eq!(one["errors"][0]["message"], "odd");
    }

    #[test]
    fn thousands_of_problems_are_counted_and_not_all_drawn() {
        let text = "key_1 = 1\n".repeat(10_000);
        let file = SourceFile::new("dp.toml", text.as_str());
        let mut all: Problems = text
            .match_indices("key_")
            .map(|(at, _)| {
                let key = "k".repeat(3);
                Problem::in_file(&file, Mistake::Unknown { key, span: at..at + 4 })
            })
            .collect();
        all.push(odd());
        let shown = problems(&all, &Theme::plain(80));
        assert_eq!(shown.matches("unknown key").count(), MOST_PROBLEMS);
        assert!(shown.contains("… 9,901 more are not shown; --json lists all of them"), "{shown}");
        assert!(shown.ends_with("errors, 1 warning\n"), "{shown}");
        assert_eq!(problems_json(&all)["errors"].as_array().map(Vec::len), Some(10_000));
        assert_eq!(problems_json(&all)["errors"][9_999]["line"], 10_000);
    }

    #[test]
    fn lines_break_between_words_and_not_within_paths_and_flags() {
        #[derive(Debug, thiserror::Error, Diagnostic)]
        #[error("`{path}` and `{path}` are there already")]
        #[diagnostic(
            code(dp::test::there),
            help("move both away, or name another folder: `dp init {path} --from-csv`")
        )]
        struct There {
            path: &'static str,
        }
        let there = There {
            path: "/home/ada/shop/ware-house",
        };
        let expected = "\
dp::test::there

  × `/home/ada/shop/ware-house` and
  │ `/home/ada/shop/ware-house` are there
  │ already
  help: move both away, or name another
        folder: `dp init
        /home/ada/shop/ware-house
        --from-csv`
";
        assert_eq!(diagnostic(&there, &Theme::plain(42)), expected);
    }

    #[test]
    fn a_message_of_any_length_stays_readable() {
        let text = format!("{} = 1\n", "k".repeat(100_000));
        let shown = diagnostic(&unknown(&"k".repeat(100_000), &text, 0..100_000), &Theme::plain(80));
        assert!(shown.len() < 4_000, "{}", shown.len());
        assert!(shown.contains("assets/a.toml:1:1"), "{shown}");
    }

    #[test]
    fn hostile_text_is_escaped_and_spans_keep_their_places() {
        let text = "é\u{9b}\u{1b}[2J = 1\r\nknid\u{202e} = 2\n";
        let at = text.find("knid").unwrap();
        let problem = unknown("k\u{1b}[31m\nnid", text, at..at + 4).and(Place {
            file: SourceFile::new("assets/\u{1b}b.toml", "x\n"),
            span: 0..1,
            note: "first \u{1b}declared here".to_owned(),
        });
        let shown = diagnostic(&problem, &Theme::plain(80));
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
        assert!(shown.contains("unknown key `k\\u{1b}[31m"), "{shown}");
        assert!(shown.contains("assets/\\u{1b}b.toml"), "{shown}");
        assert!(shown.contains("assets/a.toml:2:1"), "{shown}");
    }
}
