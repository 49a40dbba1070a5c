use std::error::Error;
use std::fmt::{self, Display};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode, ThemeCharacters, ThemeStyles,
};
use serde_json::{Value, json};

use super::json::FORMAT_VERSION;
use super::style::{Role, Theme};
use super::text::{is_control, one_line, plain};
use crate::diagnostic::{Problems, SourceFile};
use crate::words;

/// All problems, errors and warnings, with the lines of the files that they are about, and their number.
///
/// Empty if there are none.
pub fn problems(problems: &Problems, theme: &Theme) -> String {
    let sorted = problems.sorted();
    if sorted.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    for problem in &sorted {
        text.push_str(&diagnostic(*problem, theme));
        text.push('\n');
    }
    let warnings = sorted.iter().filter(|problem| problem.is_warning()).count();
    let errors = sorted.len() - warnings;
    let mut counts = Vec::new();
    if errors > 0 {
        counts.push(theme.paint(Role::Error, words::count(errors, "error")));
    }
    if warnings > 0 {
        counts.push(theme.paint(Role::Warning, words::count(warnings, "warning")));
    }
    text.push_str(&counts.join(", "));
    text.push('\n');
    text
}

/// One error or warning, with the lines of the file that it is about.
pub fn diagnostic(diagnostic: &dyn Diagnostic, theme: &Theme) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme {
        characters: if theme.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
        styles: if theme.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
    })
    .with_width(theme.width)
    .with_links(false)
    .without_syntax_highlighting();
    let shown = Shown::of(diagnostic);
    let mut text = String::new();
    match handler.render_report(&mut text, &shown) {
        Ok(()) => trimmed(&text),
        // miette refuses what it can't draw; the words are what matters.
        Err(fmt::Error) => format!("{shown}\n"),
    }
}

/// Without spaces at the ends of lines, and with one line break at the end.
fn trimmed(text: &str) -> String {
    let mut trimmed = String::with_capacity(text.len());
    for line in text.trim_matches('\n').lines() {
        trimmed.push_str(line.trim_end());
        trimmed.push('\n');
    }
    trimmed
}

/// All problems as the JSON object that commands print with `--json`.
pub fn problems_json(problems: &Problems) -> Value {
    let (warnings, errors): (Vec<_>, Vec<_>) = problems.sorted().into_iter().partition(|problem| problem.is_warning());
    let entries = |list: Vec<&crate::diagnostic::Problem>| -> Vec<Value> {
        list.into_iter().map(|problem| entry(problem)).collect()
    };
    json!({ "format_version": FORMAT_VERSION, "errors": entries(errors), "warnings": entries(warnings) })
}

/// One error as the same JSON object.
pub fn diagnostic_json(diagnostic: &dyn Diagnostic) -> Value {
    json!({ "format_version": FORMAT_VERSION, "errors": [entry(diagnostic)], "warnings": [] })
}

fn entry(diagnostic: &dyn Diagnostic) -> Value {
    let code = diagnostic.code().map_or_else(|| "dp::bug".to_owned(), |code| code.to_string());
    let file = source(diagnostic);
    let place = file.as_ref().map(|file| file.line_column(first_offset(diagnostic)));
    json!({
        "code": code,
        "message": chain(diagnostic),
        "help": diagnostic.help().map(|help| help.to_string()),
        "file": file.as_ref().map(SourceFile::path),
        "line": place.map(|(line, _)| line),
        "column": place.map(|(_, column)| column),
    })
}

/// The message and what is behind it, as far as the message does not say it itself.
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

fn first_offset(diagnostic: &dyn Diagnostic) -> usize {
    diagnostic.labels().and_then(|mut labels| labels.next()).map_or(0, |label| label.offset())
}

/// The whole file that a diagnostic points into.
fn source(diagnostic: &dyn Diagnostic) -> Option<SourceFile> {
    let source = diagnostic.source_code()?;
    let offset = first_offset(diagnostic);
    let all = source.read_span(&offset.into(), usize::MAX, usize::MAX).ok()?;
    let text = String::from_utf8_lossy(all.data()).into_owned();
    Some(SourceFile::new(all.name().unwrap_or_default(), text))
}

/// A diagnostic whose every text is safe to show.
#[derive(Debug)]
struct Shown {
    message: String,
    code: Option<String>,
    severity: Option<Severity>,
    help: Option<String>,
    labels: Vec<LabeledSpan>,
    source: Option<SourceFile>,
    related: Vec<Self>,
    cause: Option<Cause>,
}

#[derive(Debug)]
struct Cause {
    message: String,
    next: Option<Box<Self>>,
}

impl Shown {
    fn of(diagnostic: &dyn Diagnostic) -> Self {
        let safe = |text: &dyn Display| plain(&text.to_string()).into_owned();
        let label = |label: LabeledSpan| {
            let text = label.label().map(|text| plain(text).into_owned());
            if label.primary() {
                LabeledSpan::new_primary_with_span(text, *label.inner())
            } else {
                LabeledSpan::new_with_span(text, *label.inner())
            }
        };
        let message = diagnostic.to_string();
        let causes = causes(diagnostic).into_iter().filter(|cause| !message.contains(cause)).rev();
        Self {
            code: diagnostic.code().map(|code| safe(&code)),
            severity: diagnostic.severity(),
            help: diagnostic.help().map(|help| safe(&help)),
            labels: diagnostic.labels().into_iter().flatten().map(label).collect(),
            source: source(diagnostic).map(|file| SourceFile::new(one_line(file.path()), same_length(file.text()))),
            related: diagnostic.related().into_iter().flatten().map(Self::of).collect(),
            cause: causes.fold(None, |next, cause| {
                Some(Cause {
                    message: plain(&cause).into_owned(),
                    next: next.map(Box::new),
                })
            }),
            message: plain(&message).into_owned(),
        }
    }
}

/// The text with other characters, as long in bytes, in place of control characters: spans keep their places.
fn same_length(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let ends_line = c == '\r' && characters.peek() == Some(&'\n');
        safe.push(match c.len_utf8() {
            _ if !is_control(c) || c == '\n' || c == '\t' || ends_line => c,
            1 => '?',
            2 => '·',
            _ => '\u{fffd}',
        });
    }
    safe
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
    use crate::diagnostic::{Place, Problem, Span};

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
        assert_eq!(same_length(text).len(), text.len());
    }
}
