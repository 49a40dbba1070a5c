//! Says that a query reads the clock, and finds where, for messages.

use crate::engine::duckdb::functions::{CLOCK, VOLATILE};

/// Returns the byte of the first function that gives another value each time; `None` if the text contains none.
pub(super) fn function(sql: &str) -> Option<usize> {
    let is_function = |word: &str| CLOCK.contains(&word) || VOLATILE.contains(&word) || word == "age";
    first(sql, &|word, is_call| is_call && is_function(word))
}

/// Returns the byte of the first use of a word, in lower case; `None` if the text contains it only in quotes or behind
/// a dot.
pub(super) fn word(sql: &str, wanted: &str) -> Option<usize> {
    first(sql, &|word, _| word == wanted)
}

/// Returns the byte of the first word outside of quotes and comments, and not behind a dot, that is wanted: by the
/// word in lower case, and whether it is a call.
fn first(sql: &str, is_wanted: &dyn Fn(&str, bool) -> bool) -> Option<usize> {
    let bytes = sql.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &sql[at..];
        match bytes[at] {
            quote @ (b'\'' | b'"') => at += 1 + past(&rest[1..], char::from(quote).encode_utf8(&mut [0; 1])),
            b'-' if rest.starts_with("--") => at += past(rest, "\n"),
            b'/' if rest.starts_with("/*") => at += past(rest, "*/"),
            first if first.is_ascii_alphabetic() || first == b'_' => {
                let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
                let word = rest[..length].to_ascii_lowercase();
                let is_call = rest[length..].trim_start().starts_with('(');
                let is_column = at > 0 && bytes[at - 1] == b'.';
                if !is_column && is_wanted(&word, is_call) {
                    return Some(at);
                }
                at += length;
            }
            _ => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    None
}

/// Returns the number of bytes up to and including the next `end`, or all.
fn past(text: &str, end: &str) -> usize {
    text.find(end).map_or(text.len(), |place| place + end.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_call_that_tells_the_time_is_found() {
        for (sql, expected) in [
            ("select now() as t", Some("now")),
            ("select 'now()', \"now()\" -- now()\n, /* now() */ é, Random ()", Some("Random")),
            ("select t.now, now from t", None),
            ("select current_date", Some("current_date")),
            ("select localtime, current_date from t", Some("current_date")),
            ("select knows('it''s now()')", None),
        ] {
            let found = function(sql).into_iter().chain(word(sql, "current_date")).min().map(|at| &sql[at..]);
            assert_eq!(found.is_some(), expected.is_some(), "{sql}");
            assert!(found.unwrap_or_default().starts_with(expected.unwrap_or_default()), "{sql}: {found:?}");
        }
    }
}
