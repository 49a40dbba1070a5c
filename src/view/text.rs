use std::borrow::Cow;
use std::fmt::Write as _;

use console::measure_text_width;

/// Escapes control characters, except line breaks and tabs.
///
/// Also escapes characters that change the writing direction, which can make a line look like another.
pub fn plain(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_control(c) && c != '\n' && c != '\t')
}

/// Escapes control characters, including line breaks and tabs.
pub fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_control)
}

/// Whether a character controls the terminal, or the direction or lines of text, and is not shown.
pub(super) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_escaped(c) {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Returns the width of a text on a screen; escape codes have no width.
pub(super) fn width(text: &str) -> usize {
    measure_text_width(text)
}

/// Returns the text in lines of at most `most` columns, broken between words, and inside words that are longer.
///
/// Line breaks of the text are kept, and so are spaces in lines that fit, because they may align text. The further
/// lines of a broken line get its indentation. An empty text has no lines.
pub fn wrap(text: &str, most: usize) -> Vec<String> {
    let most = most.max(1);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        if width(paragraph) <= most {
            lines.push(paragraph.trim_end().to_owned());
            continue;
        }
        // Only if there is room for the indentation.
        let indent = paragraph.len() - paragraph.trim_start_matches(' ').len();
        let indent = if indent > most / 2 { 0 } else { indent };
        let most = most - indent;
        let begun = lines.len();
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let gap = usize::from(!line.is_empty());
            if width(&line) + gap + width(word) <= most {
                line.push_str(&" "[..gap]);
                line.push_str(word);
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            let mut pieces = chunks(word, most);
            line = pieces.pop().unwrap_or_default();
            lines.extend(pieces);
        }
        lines.push(line);
        for line in &mut lines[begun..] {
            line.insert_str(0, &" ".repeat(indent));
        }
    }
    lines
}

/// Splits the text into pieces of at most `most` columns, keeping all characters; at least one piece.
pub(super) fn chunks(text: &str, most: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut taken = 0;
    let mut buffer = [0; 4];
    for c in text.chars() {
        let columns = width(c.encode_utf8(&mut buffer));
        let piece = pieces.last_mut().expect("begins with one");
        if taken + columns > most && !piece.is_empty() {
            pieces.push(c.to_string());
            taken = columns;
        } else {
            piece.push(c);
            taken += columns;
        }
    }
    pieces
}

/// Adds a line made of `indent` spaces and `text`.
pub(super) fn push_indented(out: &mut String, indent: usize, text: &str) {
    // Writing to a string can't fail.
    let _ = writeln!(out, "{:indent$}{text}", "");
}

pub use crate::base::text::moment;

/// Returns a command with its environment, unless that is the default.
pub fn in_environment(command: &str, environment: &str) -> String {
    if environment == crate::model::EnvironmentName::PROD {
        return command.to_owned();
    }
    format!("{command} --env {environment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_escaped() {
        assert_eq!(plain("a\u{1b}[31mb\r\n\tc\u{9b}\u{202e}"), "a\\u{1b}[31mb\\r\n\tc\\u{9b}\\u{202e}");
        assert_eq!(one_line("a\nb\tc\0"), "a\\nb\\tc\\u{0}");
        assert!(matches!(plain("nothing to do: é"), Cow::Borrowed(_)));
    }

    #[test]
    fn lines_break_between_words_and_within_long_ones() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a bcdefgh i", 3), ["a", "bcd", "efg", "h i"]);
        assert_eq!(wrap("one\n\ntwo", 9), ["one", "", "two"]);
        assert_eq!(wrap("  a  b\n    ^", 9), ["  a  b", "    ^"]);
        assert_eq!(wrap("  one two three", 7), ["  one", "  two", "  three"]);
        assert_eq!(wrap("", 9), [""; 0]);
        assert_eq!(wrap("日本語 x", 4), ["日本", "語 x"]);
    }

    #[test]
    fn chunks_keep_everything() {
        assert_eq!(chunks("  ab  cd", 3), ["  a", "b  ", "cd"]);
        assert_eq!(chunks("", 3), [""]);
    }

    #[test]
    fn moments_are_in_utc() {
        assert_eq!(moment(jiff::Timestamp::UNIX_EPOCH), "1970-01-01 00:00:00");
    }
}
