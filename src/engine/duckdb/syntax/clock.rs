//! Finds where a query reads the clock, for messages. The engine's parser has already decided what the query means.

use crate::engine::duckdb::functions::{CLOCK, CLOCK_WORDS, VOLATILE};

/// Returns the byte of the first function or word that gives another value each time; `None` if the text contains
/// none, for example because only a view that the query reads contains one.
pub(super) fn place(sql: &str) -> Option<usize> {
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
                let is_function = CLOCK.contains(&word.as_str()) || VOLATILE.contains(&word.as_str()) || word == "age";
                let is_column = at > 0 && bytes[at - 1] == b'.';
                if !is_column && (is_function && is_call || CLOCK_WORDS.contains(&word.as_str())) {
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
            ("select knows('it''s now()')", None),
        ] {
            let found = place(sql).map(|at| &sql[at..]);
            assert_eq!(found.is_some(), expected.is_some(), "{sql}");
            assert!(found.unwrap_or_default().starts_with(expected.unwrap_or_default()), "{sql}: {found:?}");
        }
    }
}
