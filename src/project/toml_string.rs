//! Maps the bytes of a TOML string's value back to the bytes of the file.

use crate::base::diagnostic::Span;

/// Returns for each byte of `value`, and one past its end, the byte of `text` that it comes from.
///
/// `span` is the string in the file with its delimiters. Returns `None` if the two can't be aligned, which would be a
/// difference between this decoding of TOML and the parser's.
pub(super) fn origins(text: &str, span: Span, value: &str) -> Option<Vec<usize>> {
    // TOML lets the parser decide whether a line ends as in the file or with `\n`.
    decoded(text, span.clone(), value, false).or_else(|| decoded(text, span, value, true))
}

fn decoded(text: &str, span: Span, value: &str, plain_newlines: bool) -> Option<Vec<usize>> {
    let raw = text.get(span.clone())?;
    let (delimiter, escapes) = ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|delimiter| raw.starts_with(delimiter))
        .map(|delimiter| (delimiter, delimiter.starts_with('"')))?;
    let multi_line = delimiter.len() == 3;
    let end = span.end.checked_sub(delimiter.len())?;
    let mut at = span.start + delimiter.len();
    if multi_line {
        at += newline(&text[at..end]);
    }
    let mut origins = Vec::with_capacity(value.len() + 1);
    let mut decoded = String::with_capacity(value.len());
    while at < end {
        let rest = &text[at..end];
        let char = rest.chars().next()?;
        let (length, produced) = if escapes && char == '\\' {
            escape(rest, multi_line)?
        } else if plain_newlines && newline(rest) == 2 {
            (2, Some('\n'))
        } else {
            (char.len_utf8(), Some(char))
        };
        if let Some(char) = produced {
            decoded.push(char);
            for byte in 0..char.len_utf8() {
                origins.push(if length == char.len_utf8() { at + byte } else { at });
            }
        }
        at += length;
    }
    origins.push(end);
    (decoded == value).then_some(origins)
}

fn newline(text: &str) -> usize {
    if text.starts_with("\r\n") { 2 } else { usize::from(text.starts_with('\n')) }
}

/// Returns the length of the escape at the start of `text`, and the character that it stands for.
fn escape(text: &str, multi_line: bool) -> Option<(usize, Option<char>)> {
    let kind = text[1..].chars().next()?;
    let simple = |char| Some((2, Some(char)));
    match kind {
        'b' => simple('\u{8}'),
        't' => simple('\t'),
        'n' => simple('\n'),
        'f' => simple('\u{c}'),
        'r' => simple('\r'),
        'e' => simple('\u{1b}'),
        '"' => simple('"'),
        '\\' => simple('\\'),
        'x' | 'u' | 'U' => {
            let digits = match kind {
                'x' => 2,
                'u' => 4,
                _ => 8,
            };
            let code = u32::from_str_radix(text.get(2..2 + digits)?, 16).ok()?;
            Some((2 + digits, Some(char::from_u32(code)?)))
        }
        _ if multi_line && kind.is_ascii_whitespace() => {
            let blank = text[1..].len() - text[1..].trim_start_matches([' ', '\t', '\r', '\n']).len();
            Some((1 + blank, None))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    fn check(toml: &str) {
        let table = DeTable::parse(toml).unwrap();
        let entry = table.get_ref().get("k").unwrap();
        let value = entry.get_ref().as_str().unwrap();
        let origins = origins(toml, entry.span(), value).unwrap_or_else(|| panic!("{toml:?}"));
        assert_eq!(origins.len(), value.len() + 1);
        let mark = value.find('@').unwrap();
        assert_eq!(&toml[origins[mark]..=origins[mark]], "@", "{toml:?}");
    }

    #[test]
    fn places_are_found_behind_escapes_and_newlines() {
        for toml in [
            "k = 'a@'",
            "k = \"a\\t\\u00e9 é\\\"@\"",
            "k = \"\"\"\nselect\n  @\n\"\"\"",
            "k = \"\"\"\r\nselect\r\n  @\r\n\"\"\"",
            "k = '''\nit's @'''",
            "k = \"\"\"a \\\n   b @\"\"\"",
            "k = \"\"\"quote \"\" @\"\"\"\"",
        ] {
            check(toml);
        }
    }
}
