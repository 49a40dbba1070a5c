//! Reads CSV files exactly: the dialect is checked for every row, and types are decided over all values.

mod files;
mod head;
mod names;
mod options;
mod rows;
mod scan;

use std::cmp::Reverse;
use std::fmt;
use std::path::Path;

pub use self::files::CsvPart;
pub(super) use self::files::read;
use self::head::Head;
pub(super) use self::options::CsvOptions;
use self::rows::Judge;
use self::scan::{Dialect, Fault, LineEnd, Next, Scanner};
use super::column::{Column, Wish};
use super::place::At;
use super::refusal::Refusal;

/// The dialect of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CsvDialect {
    /// The delimiter.
    pub delim: u8,
    /// The quote character.
    pub quote: Option<u8>,
    /// The escape character before a quote inside a value.
    pub escape: Option<u8>,
    /// The character that starts a comment line.
    pub comment: Option<u8>,
    /// Whether lines end with `\r` alone.
    pub carriage_return: bool,
    /// Whether there is a header.
    pub header: bool,
    /// The number of lines before the header or the first row, without comments.
    pub skip: u64,
}

impl fmt::Display for CsvDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let byte = |byte: u8| char::from(byte).escape_debug().to_string();
        write!(f, "delimiter `{}`", byte(self.delim))?;
        if self.quote != Some(b'"') {
            write!(f, ", quote `{}`", self.quote.map(byte).unwrap_or_default())?;
        }
        if self.escape != self.quote {
            write!(f, ", escape `{}`", self.escape.map(byte).unwrap_or_default())?;
        }
        if let Some(comment) = self.comment {
            write!(f, ", comment `{}`", byte(comment))?;
        }
        f.write_str(if self.header { ", header" } else { ", no header" })?;
        if self.skip > 0 {
            write!(f, " after {} lines", self.skip)?;
        }
        Ok(())
    }
}

/// The result of inspecting a whole file.
#[derive(Debug)]
pub(super) struct CsvFile {
    pub dialect: CsvDialect,
    /// The columns, in order.
    pub names: Vec<String>,
    /// The line of the header or of the first row.
    pub line: u64,
    pub columns: Vec<Column>,
    pub records: u64,
    /// The longest record, in bytes.
    pub longest: u64,
}

/// The delimiters that are tried if none is declared.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Inspects a whole file, whose name in messages is `file`; `None` if it has no row and no header.
///
/// `wish` returns the requested type of a column, by its name and position.
pub(super) fn look(
    path: &Path,
    file: &str,
    options: &CsvOptions,
    wish: &(dyn Fn(&str, usize) -> Wish + Sync),
) -> Result<Option<CsvFile>, Refusal> {
    let Some(head) = head::read(path, file, options)? else {
        return Ok(None);
    };
    let one = |delim: u8| with_delimiter(path, file, options, wish, &head, delim);
    if let Some(delim) = options.delim {
        return one(delim).map(Some);
    }
    let quote = options.quote;
    let mut quoted = false;
    let mut counts = [0_usize; DELIMITERS.len()];
    for byte in head.row.bytes() {
        quoted ^= Some(byte) == quote;
        if let (false, Some(index)) = (quoted, DELIMITERS.iter().position(|delim| *delim == byte)) {
            counts[index] += 1;
        }
    }
    if !options.is_quote_declared && head.row.starts_with('\'') && head.row.ends_with('\'') {
        return Err(Refusal::SingleQuotes(At::Line(head.lines + 1).of(file)));
    }
    let mut present: Vec<(u8, usize)> = DELIMITERS.into_iter().zip(counts).filter(|(_, count)| *count > 0).collect();
    // The most frequent one first: if none fits, its fault is shown.
    present.sort_by_key(|(_, count)| Reverse(*count));
    match present.as_slice() {
        [] => one_column(&one, path, file, options, &head).map(Some),
        [(delim, _)] => one(*delim).map(Some),
        _ => {
            // Only a delimiter that fits every row can be correct.
            let mut fitting = Vec::new();
            let mut first = None;
            for (delim, _) in &present {
                match one(*delim) {
                    Ok(found) => fitting.push(found),
                    Err(refusal) => first = first.or(Some(refusal)),
                }
            }
            match (fitting.len(), first) {
                (1, _) => Ok(fitting.pop()),
                (0, Some(refusal)) => Err(refusal),
                _ => Err(Refusal::Delimiter {
                    place: At::Line(head.lines + 1).of(file),
                    candidates: fitting.iter().map(|found| char::from(found.dialect.delim)).collect(),
                }),
            }
        }
    }
}

/// Reads a file whose first row contains no delimiter as one column, unless a later row shows that it should have
/// more.
fn one_column(
    one: &dyn Fn(u8) -> Result<CsvFile, Refusal>,
    path: &Path,
    file: &str,
    options: &CsvOptions,
    head: &Head,
) -> Result<CsvFile, Refusal> {
    let found = one(DELIMITERS[0])?;
    for delim in &DELIMITERS[1..] {
        if let Err(Refusal::Fields { place, .. }) =
            with_delimiter(path, file, options, &|_, _| Wish::Unjudged, head, *delim)
        {
            return Err(Refusal::Delimiter {
                place,
                candidates: vec![char::from(DELIMITERS[0]), char::from(*delim)],
            });
        }
    }
    Ok(found)
}

fn with_delimiter(
    path: &Path,
    file: &str,
    options: &CsvOptions,
    wish: &(dyn Fn(&str, usize) -> Wish + Sync),
    head: &Head,
    delim: u8,
) -> Result<CsvFile, Refusal> {
    let dialect = Dialect {
        delim,
        quote: options.quote,
        escape: options.escape(),
        comment: options.comment,
        line_end: head.line_end,
    };
    let line = head.lines + 1;
    let (names, header) = names::of(&first_row(dialect, head, file)?, options, &At::Line(line).of(file))?;
    let judge = Judge {
        options,
        dialect,
        wishes: names.iter().enumerate().map(|(index, name)| wish(name, index)).collect(),
        names: &names,
        header,
        file,
    };
    let (start, lines) =
        if header { (head.start + head.length, head.lines + head.height) } else { (head.start, head.lines) };
    let rows = rows::look(&judge, options.open(path)?, start, lines)?;
    Ok(CsvFile {
        dialect: CsvDialect {
            delim,
            quote: dialect.quote,
            escape: dialect.escape,
            comment: dialect.comment,
            carriage_return: dialect.line_end == LineEnd::Cr,
            header,
            skip: if dialect.comment.is_some() { options.skip } else { head.lines },
        },
        line,
        columns: rows.columns,
        records: rows.records,
        longest: rows.longest,
        names,
    })
}

/// Returns the fields of the first row.
fn first_row(dialect: Dialect, head: &Head, file: &str) -> Result<Vec<String>, Refusal> {
    let scanner = Scanner::new(dialect);
    let mut fields = Vec::new();
    let place = || At::Line(head.lines + 1).of(file);
    match scanner.next(head.row.as_bytes(), 0, true, &mut fields) {
        Next::Record(end) if end == head.row.len() => {}
        Next::Fault(Fault::OpenQuote, _) => return Err(Refusal::OpenQuote(place())),
        Next::Fault(Fault::ZeroByte, _) => return Err(Refusal::ZeroByte(place())),
        Next::Fault(Fault::Comment, _) => return Err(Refusal::Comment(place())),
        _ => return Err(Refusal::AfterQuote(place())),
    }
    Ok(fields.iter().map(|field| scanner.unescape(&head.row[field.start..field.end])).collect())
}
