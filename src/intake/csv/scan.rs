//! Splits separated values into records and fields, strictly according to RFC 4180, with any delimiter and quote.
//!
//! Nothing is repaired: a violation of the dialect is a fault at its place.

/// The characters that separate values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub delim: u8,
    pub quote: Option<u8>,
    pub escape: Option<u8>,
    pub comment: Option<u8>,
    pub line_end: LineEnd,
}

/// The line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// `\n`.
    Lf,
    /// `\r\n`.
    CrLf,
    /// `\r` alone.
    Cr,
}

impl LineEnd {
    /// Returns the last byte of a line.
    pub(super) fn last(self) -> u8 {
        if self == Self::Cr { b'\r' } else { b'\n' }
    }
}

/// A value in a record, by its place in the buffer, without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub start: usize,
    pub end: usize,
    pub quoted: bool,
    /// Whether it contains escapes.
    pub escaped: bool,
}

/// The item at a place in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A record, with the start of the next line.
    Record(usize),
    /// An empty line, with the start of the next one.
    Blank(usize),
    /// A comment line, with the start of the next one.
    Comment(usize),
    /// The buffer ends inside a record.
    More,
    /// A violation of the dialect, with its place.
    Fault(Fault, usize),
}

/// The violations of a dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    OpenQuote,
    AfterQuote,
    LineEnd,
    Comment,
    ZeroByte,
}

/// Splits buffers according to a dialect.
#[derive(Debug)]
pub(super) struct Scanner {
    dialect: Dialect,
    /// The bytes that end a run of ordinary bytes outside quotes.
    special: [bool; 256],
}

impl Scanner {
    pub(super) fn new(dialect: Dialect) -> Self {
        let mut special = [false; 256];
        for byte in [dialect.delim, b'\n', b'\r', 0] {
            special[usize::from(byte)] = true;
        }
        if let Some(comment) = dialect.comment {
            special[usize::from(comment)] = true;
        }
        Self { dialect, special }
    }

    /// Scans the record at `start` and puts its fields into `fields`. `last` means that no bytes follow the buffer.
    pub(super) fn next(&self, bytes: &[u8], start: usize, last: bool, fields: &mut Vec<Field>) -> Next {
        fields.clear();
        let mut at = start;
        if self.dialect.comment.is_some() && bytes.get(at).copied() == self.dialect.comment {
            let line_end = self.dialect.line_end.last();
            return match memchr::memchr(line_end, &bytes[at..]) {
                Some(length) => Next::Comment(at + length + 1),
                None if last => Next::Comment(bytes.len()),
                None => Next::More,
            };
        }
        loop {
            let (field, after) = match bytes.get(at) {
                Some(byte) if Some(*byte) == self.dialect.quote => match self.quoted(bytes, at, last) {
                    Ok(found) => found,
                    Err(next) => return next,
                },
                _ => {
                    let rest = &bytes[at.min(bytes.len())..];
                    let length = rest.iter().position(|byte| self.special[usize::from(*byte)]).unwrap_or(rest.len());
                    let field = Field {
                        start: at,
                        end: at + length,
                        quoted: false,
                        escaped: false,
                    };
                    (field, at + length)
                }
            };
            let is_blank = fields.is_empty() && !field.quoted && field.start == field.end;
            match bytes.get(after) {
                None if !last => return Next::More,
                None => return line(is_blank, field, after, fields),
                Some(byte) if *byte == self.dialect.delim => {
                    fields.push(field);
                    at = after + 1;
                }
                Some(b'\n') => {
                    if self.dialect.line_end != LineEnd::Lf {
                        return Next::Fault(Fault::LineEnd, after);
                    }
                    return line(is_blank, field, after + 1, fields);
                }
                Some(b'\r') => {
                    let end = match (self.dialect.line_end, bytes.get(after + 1)) {
                        (LineEnd::Cr, _) => after + 1,
                        (LineEnd::CrLf, Some(b'\n')) => after + 2,
                        (LineEnd::CrLf, None) if !last => return Next::More,
                        _ => return Next::Fault(Fault::LineEnd, after),
                    };
                    return line(is_blank, field, end, fields);
                }
                Some(0) => return Next::Fault(Fault::ZeroByte, after),
                Some(byte) if Some(*byte) == self.dialect.comment => return Next::Fault(Fault::Comment, after),
                Some(_) => return Next::Fault(Fault::AfterQuote, after),
            }
        }
    }

    /// Scans the quoted value at `start`. Returns it with its end.
    fn quoted(&self, bytes: &[u8], start: usize, last: bool) -> Result<(Field, usize), Next> {
        let quote = self.dialect.quote.expect("the caller saw a quote");
        let escape = self.dialect.escape.unwrap_or(quote);
        let mut at = start + 1;
        let mut escaped = false;
        loop {
            let Some(length) = memchr::memchr2(quote, escape, &bytes[at..]) else {
                return Err(if last { Next::Fault(Fault::OpenQuote, start) } else { Next::More });
            };
            at += length;
            let next = bytes.get(at + 1).copied();
            if next.is_none() && !last {
                return Err(Next::More);
            }
            let is_escape = bytes[at] == escape && next.is_some_and(|next| next == quote || next == escape);
            if is_escape {
                escaped = true;
                at += 2;
            } else if bytes[at] == quote {
                let field = Field {
                    start: start + 1,
                    end: at,
                    quoted: true,
                    escaped,
                };
                return Ok((field, at + 1));
            } else {
                // An escape character before any other character is an ordinary character.
                at += 1;
            }
        }
    }

    /// Returns a text without its escapes.
    pub(super) fn unescape(&self, text: &str) -> String {
        let quote = self.dialect.quote.map(char::from);
        let escape = self.dialect.escape.map(char::from).or(quote);
        let mut plain = String::with_capacity(text.len());
        let mut rest = text.chars().peekable();
        while let Some(char) = rest.next() {
            let escaped = rest.next_if(|next| Some(char) == escape && (Some(*next) == quote || Some(*next) == escape));
            plain.push(escaped.unwrap_or(char));
        }
        plain
    }
}

/// Handles the end of a line: adds its last field.
fn line(is_blank: bool, field: Field, next: usize, fields: &mut Vec<Field>) -> Next {
    if is_blank {
        return Next::Blank(next);
    }
    fields.push(field);
    Next::Record(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanner(change: impl FnOnce(&mut Dialect)) -> Scanner {
        let mut dialect = Dialect {
            delim: b',',
            quote: Some(b'"'),
            escape: Some(b'"'),
            comment: None,
            line_end: LineEnd::Lf,
        };
        change(&mut dialect);
        Scanner::new(dialect)
    }

    fn records(scanner: &Scanner, text: &str) -> Result<Vec<Vec<String>>, (Fault, usize)> {
        let (mut fields, mut found, mut at) = (Vec::new(), Vec::new(), 0);
        while at < text.len() {
            match scanner.next(text.as_bytes(), at, true, &mut fields) {
                Next::Record(next) | Next::Blank(next) | Next::Comment(next) => at = next,
                Next::Fault(fault, at) => return Err((fault, at)),
                Next::More => panic!("the buffer is whole"),
            }
            let value = |field: &Field| scanner.unescape(&text[field.start..field.end]);
            found.push(fields.iter().map(value).collect());
        }
        Ok(found)
    }

    #[test]
    fn records_and_fields() {
        let plain = scanner(|_| {});
        assert_eq!(records(&plain, "a,b\n1,\n").unwrap(), [["a", "b"], ["1", ""]]);
        assert_eq!(records(&plain, "\"x,\"\"y\"\"\nz\",2").unwrap(), [["x,\"y\"\nz", "2"]]);
        assert_eq!(records(&plain, "a\n\n\"\"\n").unwrap(), [vec!["a"], vec![], vec![""]]);
        assert_eq!(records(&plain, "5'11\",b").unwrap(), [["5'11\"", "b"]]);
        let windows = scanner(|dialect| dialect.line_end = LineEnd::CrLf);
        assert_eq!(records(&windows, "a,b\r\n\"c\",d\r\n").unwrap(), [["a", "b"], ["c", "d"]]);
        let mac = scanner(|dialect| dialect.line_end = LineEnd::Cr);
        assert_eq!(records(&mac, "a\rb\r").unwrap(), [["a"], ["b"]]);
        let backslash = scanner(|dialect| dialect.escape = Some(b'\\'));
        assert_eq!(records(&backslash, "\"a\\\"b\\\\\\n\"").unwrap(), [["a\"b\\\\n"]]);
        let commented = scanner(|dialect| dialect.comment = Some(b'#'));
        assert_eq!(records(&commented, "#x,y\na\n\"#b\"").unwrap(), [vec![], vec!["a"], vec!["#b"]]);
    }

    #[test]
    fn faults_have_places() {
        let plain = scanner(|_| {});
        assert_eq!(records(&plain, "a,\"b\nc"), Err((Fault::OpenQuote, 2)));
        assert_eq!(records(&plain, "\"a\"b,c"), Err((Fault::AfterQuote, 3)));
        assert_eq!(records(&plain, "a\r\nb"), Err((Fault::LineEnd, 1)));
        assert_eq!(records(&plain, "a\0"), Err((Fault::ZeroByte, 1)));
        let commented = scanner(|dialect| dialect.comment = Some(b'#'));
        assert_eq!(records(&commented, "A52,#52"), Err((Fault::Comment, 4)));
    }

    #[test]
    fn a_cut_buffer_asks_for_more() {
        let plain = scanner(|_| {});
        let mut fields = Vec::new();
        for text in ["", "a", "a,", "\"a", "\"a\"", "a,b"] {
            assert_eq!(plain.next(text.as_bytes(), 0, false, &mut fields), Next::More, "{text}");
        }
        assert_eq!(plain.next(b"a,b\nc", 0, false, &mut fields), Next::Record(4));
    }
}
