//! A minimal tokenizer of SQL that detects whether a `${` is in code, in quotes or in a comment.
//!
//! The engine's own parser always decides what the SQL *means*.

use std::ops::Range;

/// A piece of SQL as the user wrote it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Unchanged text.
    Text(Range<usize>),
    /// `$${`, a literal `${`.
    Escape(Range<usize>),
    /// `${name}`; `quoted` if it is inside a string or a quoted identifier.
    Placeholder { range: Range<usize>, name: &'a str, quoted: bool },
    /// `${` without an end.
    Unclosed(Range<usize>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State<'a> {
    Code,
    /// In quotes that end with `end`; with `backslash`, backslashes escape, as in `e'…'`.
    Quote {
        end: u8,
        backslash: bool,
    },
    /// Between `$tag$` and `$tag$`.
    Dollar(&'a str),
    LineComment,
    /// The depth of nesting.
    BlockComment(u32),
}

/// Splits SQL into pieces; the ranges cover the text without gaps.
pub(super) fn pieces(sql: &str) -> Vec<Piece<'_>> {
    if !sql.contains("${") {
        return if sql.is_empty() { Vec::new() } else { vec![Piece::Text(0..sql.len())] };
    }
    let bytes = sql.as_bytes();
    let mut pieces = Vec::new();
    let mut state = State::Code;
    let mut text_start = 0;
    let mut at = 0;
    while at < bytes.len() {
        let comment = matches!(state, State::LineComment | State::BlockComment(_));
        if !sql.is_char_boundary(at) {
            (state, at) = step(sql, state, at);
            continue;
        }
        // In code, `$$` starts a text, whose first character may be `{`.
        if !comment && state != State::Code && sql[at..].starts_with("$${") {
            flush(&mut pieces, text_start, at);
            pieces.push(Piece::Escape(at..at + 3));
            at += 3;
            text_start = at;
            continue;
        }
        if !comment && sql[at..].starts_with("${") {
            flush(&mut pieces, text_start, at);
            let Some(length) = sql[at..].find(['}', '\n']).filter(|end| bytes[at + end] == b'}') else {
                pieces.push(Piece::Unclosed(at..at + 2));
                at += 2;
                text_start = at;
                continue;
            };
            pieces.push(Piece::Placeholder {
                range: at..at + length + 1,
                name: &sql[at + 2..at + length],
                quoted: state != State::Code,
            });
            at += length + 1;
            text_start = at;
            continue;
        }
        (state, at) = step(sql, state, at);
    }
    flush(&mut pieces, text_start, bytes.len());
    pieces
}

/// Returns the text of a single statement without trailing semicolons, blanks and comments.
pub fn statement_body(sql: &str) -> &str {
    // Without quotes and comments everything is code.
    if !sql.contains(['\'', '"', '$']) && !sql.contains("--") && !sql.contains("/*") {
        return sql.trim_end_matches(|char: char| char.is_ascii_whitespace() || char == ';');
    }
    let mut state = State::Code;
    let mut at = 0;
    let mut end = 0;
    while at < sql.len() {
        let (next_state, next) = step(sql, state, at);
        let begins_comment = matches!(next_state, State::LineComment | State::BlockComment(_));
        let in_comment = matches!(state, State::LineComment | State::BlockComment(_));
        let byte = sql.as_bytes()[at];
        let blank = state == State::Code && (byte.is_ascii_whitespace() || byte == b';');
        if !begins_comment && !in_comment && !blank {
            end = next;
        }
        (state, at) = (next_state, next);
    }
    &sql[..end]
}

/// Splits off `EXPLAIN` or `EXPLAIN ANALYZE` before a query.
pub(crate) fn explained(sql: &str) -> (Option<&'static str>, &str) {
    let word = |text: &str, word: &str| {
        let is_it = text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        let ends = !text[word.len().min(text.len())..].starts_with(|char: char| char.is_alphanumeric() || char == '_');
        (is_it && ends).then_some(word.len())
    };
    let start = code_start(sql, 0);
    let Some(length) = word(&sql[start..], "explain") else {
        return (None, sql);
    };
    let rest = code_start(sql, start + length);
    match word(&sql[rest..], "analyze") {
        Some(length) => (Some("EXPLAIN ANALYZE"), &sql[rest + length..]),
        None => (Some("EXPLAIN"), &sql[rest..]),
    }
}

/// Returns the first position from `at` on that is neither blank nor in a comment.
fn code_start(sql: &str, mut at: usize) -> usize {
    let mut state = State::Code;
    while at < sql.len() {
        let (next_state, next) = step(sql, state, at);
        let in_comment = |state| matches!(state, State::LineComment | State::BlockComment(_));
        let blank = sql.as_bytes()[at].is_ascii_whitespace();
        if !blank && !in_comment(state) && !in_comment(next_state) {
            return at;
        }
        (state, at) = (next_state, next);
    }
    sql.len()
}

/// Returns the end of a call with its brackets, or of a quoted name, that starts at `start`. `None` if it does not
/// end.
pub(crate) fn reader_end(sql: &str, start: usize, is_call: bool) -> Option<usize> {
    if !sql.is_char_boundary(start) {
        return None;
    }
    let mut state = State::Code;
    let mut at = start;
    let mut depth = 0_usize;
    while at < sql.len() {
        let byte = sql.as_bytes()[at];
        let was = state;
        let from = at;
        (state, at) = step(sql, state, at);
        match (was, state) {
            (State::Quote { .. }, State::Code) if !is_call => return Some(at),
            (State::Code, State::Code) if byte == b'(' => depth += 1,
            (State::Code, State::Code) if byte == b')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(from + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn flush(pieces: &mut Vec<Piece<'_>>, start: usize, end: usize) {
    if start < end {
        pieces.push(Piece::Text(start..end));
    }
}

/// Returns the state after the token part at `at`, and its end.
fn step<'a>(sql: &'a str, state: State<'a>, at: usize) -> (State<'a>, usize) {
    let bytes = sql.as_bytes();
    let two = bytes.get(at..at + 2);
    match state {
        State::Code => match bytes[at] {
            b'\'' => {
                let backslash = at > 0
                    && matches!(bytes[at - 1], b'e' | b'E')
                    && !(at > 1 && (bytes[at - 2].is_ascii_alphanumeric() || bytes[at - 2] == b'_'));
                (State::Quote { end: b'\'', backslash }, at + 1)
            }
            b'"' => (
                State::Quote {
                    end: b'"',
                    backslash: false,
                },
                at + 1,
            ),
            b'-' if two == Some(b"--") => (State::LineComment, at + 2),
            b'/' if two == Some(b"/*") => (State::BlockComment(1), at + 2),
            b'$' => match dollar_tag(&sql[at..]) {
                Some(tag) => (State::Dollar(tag), at + tag.len()),
                None => (State::Code, at + 1),
            },
            _ => (State::Code, at + 1),
        },
        State::Quote { backslash: true, .. } if bytes[at] == b'\\' => (state, (at + 2).min(bytes.len())),
        State::Quote { end, .. } if bytes[at] == end => match two {
            Some([left, right]) if left == right => (state, at + 2),
            _ => (State::Code, at + 1),
        },
        State::Dollar(tag) if sql.is_char_boundary(at) && sql[at..].starts_with(tag) => (State::Code, at + tag.len()),
        State::LineComment if bytes[at] == b'\n' => (State::Code, at + 1),
        State::BlockComment(depth) if two == Some(b"/*") => (State::BlockComment(depth + 1), at + 2),
        State::BlockComment(1) if two == Some(b"*/") => (State::Code, at + 2),
        State::BlockComment(depth) if two == Some(b"*/") => (State::BlockComment(depth - 1), at + 2),
        _ => (state, at + 1),
    }
}

/// Returns the `$tag$` at the start of a text, if there is one.
fn dollar_tag(text: &str) -> Option<&str> {
    let end = text[1..].find('$')? + 1;
    text[1..end]
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii())
        .then(|| &text[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sql: &str) -> Vec<(&str, bool)> {
        pieces(sql)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Placeholder { name, quoted, .. } => Some((name, quoted)),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn code_quotes_and_comments_are_told_apart() {
        assert_eq!(
            found("a ${x} 'b ${y}' \"c ${z}\" -- ${no}\n/* ${no /* } */ ${no} */ ${w}"),
            [("x", false), ("y", true), ("z", true), ("w", false)]
        );
        assert_eq!(found("'it''s ${q}' ${c}"), [("q", true), ("c", false)]);
        assert_eq!(found(r"e'\' ${q}' ${c}"), [("q", true), ("c", false)]);
        assert_eq!(found(r"'\' ${c}"), [("c", false)]);
        assert_eq!(found("$t$ ' ${q} $t$ ${c}"), [("q", true), ("c", false)]);
        assert_eq!(found("$$ ' $$ ${c}"), [("c", false)]);
    }

    #[test]
    fn a_statement_ends_before_semicolons_and_comments() {
        assert_eq!(statement_body("select 1 ; -- c\n /* d */;\n"), "select 1");
        assert_eq!(statement_body("select ';' -- c"), "select ';'");
        assert_eq!(statement_body("select 1 /* a */ + 2"), "select 1 /* a */ + 2");
        assert_eq!(statement_body("select 'é'"), "select 'é'");
        assert_eq!(statement_body("-- only"), "");
    }

    #[test]
    fn a_call_ends_with_its_last_bracket() {
        let end = |sql: &str, start| {
            let is_call = !sql[start..].starts_with('\'');
            reader_end(sql, start, is_call).map(|end| sql[start..end].to_owned())
        };
        let sql = "from f ( ')', (1), \")\" /* ) */) as t join 'a)''b' x";
        assert_eq!(end(sql, 5).unwrap(), "f ( ')', (1), \")\" /* ) */)");
        assert_eq!(end(sql, sql.find("'a)").unwrap()).unwrap(), "'a)''b'");
        assert_eq!(end("\"f\"(1) x", 0).unwrap(), "\"f\"(1)");
        assert_eq!(end("f(1", 0), None);
    }

    #[test]
    fn a_query_may_be_explained() {
        assert_eq!(explained("-- c\n/* d */ Explain\nselect 1"), (Some("EXPLAIN"), "select 1"));
        assert_eq!(explained("explain analyze from t"), (Some("EXPLAIN ANALYZE"), " from t"));
        assert_eq!(explained("explained"), (None, "explained"));
        assert_eq!(explained("select 'explain'"), (None, "select 'explain'"));
        assert_eq!(explained("-- only"), (None, "-- only"));
        assert_eq!(explained("é"), (None, "é"));
    }

    #[test]
    fn pieces_cover_the_text() {
        for sql in ["", "${", "${a}${b}", "é'${x}é", "a$${b}c$", "$é$ ${x} $é$ ${y}"] {
            let mut end = 0;
            for piece in pieces(sql) {
                let range = match piece {
                    Piece::Text(range)
                    | Piece::Escape(range)
                    | Piece::Unclosed(range)
                    | Piece::Placeholder { range, .. } => range,
                };
                assert_eq!(range.start, end, "{sql}");
                end = range.end;
            }
            assert_eq!(end, sql.len(), "{sql}");
        }
    }
}
