use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use miette::Diagnostic;
use thiserror::Error;

use crate::base::diagnostic::{Problem, Problems, SourceFile, Span};
use crate::model::{AssetName, Scalar};
use crate::sql::lex::{Piece, pieces};
use crate::sql::quote;

/// SQL for the engine, with a mapping back to the user's text.
#[derive(Clone, Debug)]
pub struct SqlText {
    /// With every `${…}` replaced.
    text: String,
    /// The file with the SQL: the asset's TOML, or its `sql_file`.
    file: SourceFile,
    /// The span of the whole SQL in that file.
    span: Span,
    /// The position of the SQL's first byte in that file.
    start: usize,
    /// The stretches of `text`, in order: their start, and their origin in the file.
    stretches: Vec<Stretch>,
    /// The SQL as the user wrote it, for showing differences.
    written: String,
    /// The names of the variables that it uses.
    variables: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct Stretch {
    /// The byte offset in `text`.
    start: usize,
    /// The bytes of the file. A replaced stretch may have another length.
    origin: Range<usize>,
    /// Whether bytes map one to one.
    verbatim: bool,
}

/// The names that are valid in `${…}`.
#[derive(Debug)]
pub struct Names<'a> {
    /// The project's variables.
    pub variables: &'a BTreeMap<String, Scalar>,
    /// The asset for `${this}`; `None` where it is not allowed.
    pub this: Option<&'a AssetName>,
}

/// A mistake in a `${…}`.
#[derive(Debug, Error, Diagnostic)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum InterpolationError {
    #[error("unknown variable `{name}`")]
    #[diagnostic(code(dp::sql::unknown_variable))]
    UnknownVariable {
        name: String,
        #[help]
        help: String,
        #[label("not in [vars]")]
        span: Span,
    },
    #[error("`${{{name}}}` is not valid here")]
    #[diagnostic(code(dp::sql::unknown_placeholder))]
    UnknownPlaceholder {
        name: String,
        #[help]
        help: String,
        #[label("not a placeholder")]
        span: Span,
    },
    #[error("`${{{name}}}` is inside quotes")]
    #[diagnostic(
        code(dp::sql::quoted_placeholder),
        help(
            "join strings with `||`, as in `'before ' || ${{{name}}}`, because dp inserts a quoted literal; or write `$${{` for a literal `${{`"
        )
    )]
    Quoted {
        name: String,
        #[label("inside a quoted string or name")]
        span: Span,
    },
    #[error("`${{` is never closed")]
    #[diagnostic(code(dp::sql::open_placeholder), help("add the closing brace, or write `$${{` for a literal `${{`"))]
    Unclosed {
        #[label("opened here")]
        span: Span,
    },
}

impl SqlText {
    /// Replaces every `${…}` in `written`.
    ///
    /// `origins[i]` is the byte of `file` that byte `i` of `written` comes from, with one more for the end. If it is
    /// `None`, everything points at `span`.
    pub fn new(
        written: &str,
        file: &SourceFile,
        span: Span,
        origins: Option<&[usize]>,
        names: &Names<'_>,
    ) -> Result<Self, Problems> {
        let origin = |range: &Range<usize>| match origins {
            Some(origins) => origins[range.start]..origins[range.end],
            None => span.clone(),
        };
        let mut result = Self {
            text: String::with_capacity(written.len()),
            file: file.clone(),
            span: span.clone(),
            start: origins.and_then(|origins| origins.first().copied()).unwrap_or(span.start),
            stretches: Vec::new(),
            written: written.to_owned(),
            variables: BTreeSet::new(),
        };
        let mut problems = Problems::new();
        for piece in pieces(written) {
            match piece {
                Piece::Text(range) => result.push(&written[range.clone()], origin(&range), origins.is_some()),
                Piece::Escape(range) => result.push("${", origin(&range), false),
                Piece::Unclosed(range) => {
                    problems.push(Problem::in_file(file, InterpolationError::Unclosed { span: origin(&range) }));
                }
                Piece::Placeholder { range, name, quoted } => match result.value(name, origin(&range), quoted, names) {
                    Ok(value) => result.push(&value, origin(&range), false),
                    Err(error) => problems.push(Problem::in_file(file, error)),
                },
            }
        }
        if problems.is_empty() { Ok(result) } else { Err(problems) }
    }

    fn push(&mut self, text: &str, origin: Range<usize>, verbatim: bool) {
        if text.is_empty() {
            return;
        }
        self.stretches.push(Stretch {
            start: self.text.len(),
            origin,
            verbatim,
        });
        self.text.push_str(text);
    }

    fn value(&mut self, name: &str, span: Span, quoted: bool, names: &Names<'_>) -> Result<String, InterpolationError> {
        if quoted {
            return Err(InterpolationError::Quoted {
                name: name.to_owned(),
                span,
            });
        }
        if let Some(variable) = name.strip_prefix("var.") {
            let Some(value) = names.variables.get(variable) else {
                return Err(InterpolationError::UnknownVariable {
                    name: variable.to_owned(),
                    help: crate::base::text::did_you_mean(variable, names.variables.keys().map(String::as_str))
                        .unwrap_or_else(|| format!("declare it in dp.toml: `{variable} = …` under [vars]")),
                    span,
                });
            };
            self.variables.insert(variable.to_owned());
            return Ok(value.sql());
        }
        if let (Some(this), "this") = (names.this, name) {
            return Ok(quote::asset(this));
        }
        let help = match name {
            "this" => "name another asset: `${this}` works only in the SQL of checks".to_owned(),
            _ if name.starts_with("env.") => {
                "declare a variable and pass `--var name=value`: SQL can't use environment variables".to_owned()
            }
            _ => "write `${var.NAME}`, or `${this}` in a check; write `$${` for a literal `${`".to_owned(),
        };
        Err(InterpolationError::UnknownPlaceholder {
            name: name.to_owned(),
            help,
            span,
        })
    }

    /// Returns the SQL for the engine.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the SQL as the user wrote it, with placeholders.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Returns the line of the file (from 1) at which it starts.
    pub fn first_line(&self) -> usize {
        self.file.line_column(self.start).0
    }

    /// Returns its file.
    pub fn file(&self) -> &SourceFile {
        &self.file
    }

    /// Returns the span of the whole SQL in the file.
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// Returns the names of the variables that it uses.
    pub fn variables(&self) -> &BTreeSet<String> {
        &self.variables
    }

    /// Returns the place in the file of byte `offset` of the engine's text, with the length of the word there.
    pub fn locate(&self, offset: usize) -> Span {
        let offset = offset.min(self.text.len());
        let index = self.stretches.partition_point(|stretch| stretch.start <= offset).saturating_sub(1);
        let Some(stretch) = self.stretches.get(index) else {
            return self.span.clone();
        };
        if !stretch.verbatim {
            return stretch.origin.clone();
        }
        let mut start = (stretch.origin.start + (offset - stretch.start)).min(stretch.origin.end);
        // The engine counts some blanks, such as a byte order mark, as one byte: the offset may be in the middle of a
        // character.
        while !self.file.text().is_char_boundary(start) {
            start -= 1;
        }
        start..start + word_length(&self.file.text()[start..stretch.origin.end.max(start)])
    }
}

/// Returns the length in bytes of the word at the start of a text: a name, a number, a quoted text, or one character.
fn word_length(text: &str) -> usize {
    let Some(first) = text.chars().next() else {
        return 0;
    };
    if (first == '"' || first == '\'')
        && let Some(end) = text[1..].find(first)
    {
        return end + 2;
    }
    let word: usize = text.chars().take_while(|char| char.is_alphanumeric() || *char == '_').map(char::len_utf8).sum();
    if word == 0 { first.len_utf8() } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(written: &str) -> SqlText {
        let file = SourceFile::new("a.sql", written);
        let origins: Vec<_> = (0..=written.len()).collect();
        let variables = [("low".to_owned(), Scalar::Integer(-1))].into();
        let names = Names {
            variables: &variables,
            this: None,
        };
        SqlText::new(written, &file, 0..written.len(), Some(&origins), &names).unwrap()
    }

    #[test]
    fn places_behind_a_replaced_variable_are_found() {
        let sql = text("select 1 - ${var.low} + nope");
        assert_eq!(sql.text(), "select 1 - (-1) + nope");
        let span = sql.locate(sql.text().find("nope").unwrap());
        assert_eq!(&sql.file().text()[span], "nope");
        let span = sql.locate(sql.text().find("-1").unwrap());
        assert_eq!(&sql.file().text()[span], "${var.low}");
    }

    #[test]
    fn a_place_within_a_character_is_that_of_the_character() {
        let sql = text("select \u{feff}nope");
        for offset in 7..10 {
            assert_eq!(sql.locate(offset), 7..10);
        }
        assert_eq!(&sql.file().text()[sql.locate(10)], "nope");
    }

    #[test]
    fn an_escape_is_a_literal_dollar_brace() {
        assert_eq!(text("select '$${x}'").text(), "select '${x}'");
    }
}
