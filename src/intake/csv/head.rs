//! The start of a CSV file: its line ends, and its first row.

use std::path::Path;

use super::super::bytes::{self, Compression, Encoding, Text};
use super::super::place::At;
use super::super::refusal::Refusal;
use super::options::CsvOptions;
use super::scan::LineEnd;

/// What the start of a file shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The first row, which may be the header, without its line end. Quoted values may contain line breaks.
    pub row: String,
    pub line_end: LineEnd,
    /// The start of that row in the text, after a byte order mark.
    pub start: u64,
    /// The number of lines before it.
    pub lines: u64,
    /// The length of the row with its line end, in bytes.
    pub length: u64,
    /// The number of lines of the row.
    pub height: u64,
}

/// The maximum length of the first row, in bytes.
const LONGEST: usize = 1 << 24;

/// The number of bytes per read.
const PIECE: usize = 1 << 16;

impl CsvOptions {
    /// Opens a file with the encoding and compression from the options.
    pub(super) fn open(&self, path: &Path) -> Result<Text, Refusal> {
        let compression = self.compression.unwrap_or_else(|| Compression::of_path(path));
        Text::open(path, compression, self.encoding.as_ref().map_or(Encoding::Utf8, |(encoding, _)| *encoding))
    }
}

/// Reads the start of a file, whose name in messages is `file`; `None` if it has no row.
pub(super) fn read(path: &Path, file: &str, options: &CsvOptions) -> Result<Option<Head>, Refusal> {
    let mut text = options.open(path)?;
    let mut buffer = Vec::new();
    loop {
        let more = append(&mut text, &mut buffer, file)?;
        let valid = match std::str::from_utf8(&buffer) {
            Ok(text) => text,
            // The inspection of all rows reports the place of invalid text.
            Err(error) => std::str::from_utf8(&buffer[..error.valid_up_to()]).unwrap_or_default(),
        };
        let found = find(valid, options);
        match found {
            Some((head, true)) => return Ok(Some(head)),
            Some((head, false)) if !more || buffer.len() > LONGEST => return Ok(Some(head)),
            None if !more && valid.len() < buffer.len() => return Err(Refusal::Encoding(At::Line(1).of(file))),
            None if !more => return Ok(None),
            _ => {}
        }
    }
}

/// Appends the next piece of a text to `buffer`; returns `false` at the end.
fn append(text: &mut Text, buffer: &mut Vec<u8>, file: &str) -> Result<bool, Refusal> {
    match text {
        Text::Plain { file, start } => {
            let kept = buffer.len();
            buffer.resize(kept + PIECE, 0);
            let length = file.read_at(&mut buffer[kept..], *start + kept as u64)?;
            buffer.truncate(kept + length);
            Ok(length == PIECE)
        }
        Text::Stream(stream) => stream.append(buffer).map_err(|error| bytes::refusal(error, file)),
    }
}

/// Returns the first row, and whether its end was found.
fn find(text: &str, options: &CsvOptions) -> Option<(Head, bool)> {
    let line_end = line_end(text, options);
    let mut start = 0;
    let mut lines = 0;
    for line in text.split_inclusive(char::from(line_end.last())) {
        let is_comment = options.comment.is_some_and(|comment| line.as_bytes().first() == Some(&comment));
        if lines >= options.skip && !is_comment && !line.trim_end_matches(['\r', '\n']).is_empty() {
            break;
        }
        start += line.len();
        lines += 1;
    }
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    let quote = options.quote;
    let mut quoted = false;
    let end = rest.bytes().position(|byte| {
        quoted ^= Some(byte) == quote;
        byte == line_end.last() && !quoted
    });
    // An unclosed quote is not a quote: then the row is the line.
    let line = || rest.find(char::from(line_end.last()));
    let row = &rest[..end.or_else(line).unwrap_or(rest.len())];
    let ended = row.len() < rest.len();
    let without_end = if line_end == LineEnd::CrLf { row.strip_suffix('\r').unwrap_or(row) } else { row };
    let head = Head {
        row: without_end.to_owned(),
        line_end,
        start: start as u64,
        lines,
        length: (row.len() + usize::from(ended)) as u64,
        height: memchr::memchr_iter(line_end.last(), row.as_bytes()).count() as u64 + 1,
    };
    Some((head, end.is_some()))
}

/// Returns the line end of the first complete line; quoted values may contain other line breaks.
fn line_end(text: &str, options: &CsvOptions) -> LineEnd {
    let quote = options.quote;
    let mut quoted = false;
    let mut before = 0;
    let mut first = None;
    for (at, byte) in text.bytes().enumerate() {
        quoted ^= Some(byte) == quote;
        match byte {
            b'\n' if !quoted => return if before == b'\r' { LineEnd::CrLf } else { LineEnd::Lf },
            _ if before == b'\r' && !quoted && first.is_none() => first = Some(at),
            _ => {}
        }
        if first.is_some() {
            return LineEnd::Cr;
        }
        before = byte;
    }
    if before == b'\r' { LineEnd::Cr } else { LineEnd::Lf }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str, options: &[(&str, &str)]) -> Option<(Head, bool)> {
        use crate::model::{OptionValue, Scalar};
        let value = |text: &str| match text.parse::<i64>() {
            Ok(number) => Scalar::Integer(number),
            Err(_) => Scalar::String(text.to_owned()),
        };
        let options: Vec<_> =
            options.iter().map(|(name, text)| ((*name).to_owned(), OptionValue::Scalar(value(text)))).collect();
        find(text, &CsvOptions::parse(&options).unwrap())
    }

    #[test]
    fn the_first_row_and_its_line_end() {
        let row = |text: &str| head(text, &[]).map(|(head, _)| (head.row, head.line_end, head.lines));
        assert_eq!(row("a,b\n1,2\n"), Some(("a,b".to_owned(), LineEnd::Lf, 0)));
        assert_eq!(row("a,b\r\n1,2\r\n"), Some(("a,b".to_owned(), LineEnd::CrLf, 0)));
        assert_eq!(row("a,b\r1,2\r"), Some(("a,b".to_owned(), LineEnd::Cr, 0)));
        assert_eq!(row("\"a\r\nb\",c\nx"), Some(("\"a\r\nb\",c".to_owned(), LineEnd::Lf, 0)));
        assert_eq!(row("\n\na\n"), Some(("a".to_owned(), LineEnd::Lf, 2)));
        assert_eq!(row("5\",b\n1,2\n"), Some(("5\",b".to_owned(), LineEnd::Lf, 0)));
        assert_eq!(row(""), None);
        assert_eq!(row("\n\n"), None);
        let (found, _) = head("# x\ntitle\na,b\n", &[("comment", "#"), ("skip", "2")]).unwrap();
        assert_eq!((found.row.as_str(), found.lines, found.start), ("a,b", 2, 10));
        assert!(!head("a,b", &[]).unwrap().1);
    }
}
