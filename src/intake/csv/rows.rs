//! Inspects all rows of one CSV file, one part per thread.

use std::borrow::Cow;

use rayon::prelude::*;

use super::super::bytes::{Stream, Text};
use super::super::column::{Column, Wish};
use super::super::place::At;
use super::super::refusal::Refusal;
use super::options::CsvOptions;
use super::scan::{Dialect, Fault, Field, Next, Scanner};
use crate::base::fs::Opened;

/// The input of checking rows.
pub(super) struct Judge<'a> {
    pub options: &'a CsvOptions,
    pub dialect: Dialect,
    /// The names of the columns, in the order of the file.
    pub names: &'a [String],
    /// The requested type of each column.
    pub wishes: Vec<Wish>,
    /// Whether the number of fields comes from a header.
    pub header: bool,
    /// The file's name in messages.
    pub file: &'a str,
}

/// The result for all rows of a file, or of a part of it.
#[derive(Debug)]
pub(super) struct Rows {
    pub columns: Vec<Column>,
    pub records: u64,
    /// The longest record, in bytes.
    pub longest: u64,
    /// The number of lines of the part.
    lines: u64,
    /// The end of the part.
    end: u64,
    /// The fault that stopped the inspection.
    fault: Option<(At, Found)>,
}

/// A fault of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Fault(Fault),
    Fields(usize),
    Encoding,
}

/// The initial size of the buffer, in bytes; a longer record makes it grow.
const BUFFER: usize = 1 << 20;

/// The longest record that dp reads, in bytes. A longer one is an unclosed quote.
const LONGEST_RECORD: usize = 1 << 28;

/// The approximate size of a part, in bytes.
const PART: u64 = 8 << 20;

/// Inspects the rows of a file from byte `start` of its text on, after `lines` lines.
pub(super) fn look(judge: &Judge<'_>, text: Text, start: u64, lines: u64) -> Result<Rows, Refusal> {
    let mut rows = match text {
        Text::Plain { file, start: mark } => in_parts(judge, &file, mark + start, lines)?,
        Text::Stream(mut stream) => from_stream(judge, &mut stream, start, lines)?,
    };
    match rows.fault.take() {
        None => Ok(rows),
        Some((at, found)) => Err(judge.refusal(at, found)),
    }
}

/// Splits a file at line ends and inspects the parts in parallel.
///
/// A split at a line end inside quotes is wrong. It is detected: the part before does not end where the next one
/// starts, and dp inspects the next one again from there. The first part starts correctly, so every part that is kept
/// does.
fn in_parts(judge: &Judge<'_>, file: &Opened, start: u64, lines: u64) -> Result<Rows, Refusal> {
    let size = file.size();
    let count = (size.saturating_sub(start) / PART).max(1);
    let mut cuts = vec![start];
    for part in 1..count {
        let near = start + part * (size - start) / count;
        let cut = line_end_after(judge, file, near)?;
        if cut < size && cuts.last().is_some_and(|last| *last < cut) {
            cuts.push(cut);
        }
    }
    cuts.push(size);
    let parts: Vec<Rows> =
        cuts.par_windows(2).map(|cut| part(judge, file, cut[0], cut[1])).collect::<Result<_, _>>()?;
    let mut parts = parts.into_iter().zip(cuts.windows(2));
    let (first, _) = parts.next().expect("there is a first part");
    let mut whole = Rows::new(judge, start);
    whole.lines = lines;
    whole.append(first);
    for (later, cut) in parts {
        if whole.fault.is_some() {
            break;
        }
        let later = if whole.end == cut[0] { later } else { part(judge, file, whole.end, cut[1])? };
        whole.append(later);
    }
    Ok(whole)
}

/// Returns the start of the first line after `near`, or the end of the file.
fn line_end_after(judge: &Judge<'_>, file: &Opened, near: u64) -> Result<u64, Refusal> {
    let mut buffer = vec![0; 1 << 14];
    let mut at = near;
    loop {
        let length = file.read_at(&mut buffer, at)?;
        if length == 0 {
            return Ok(at);
        }
        if let Some(found) = memchr::memchr(judge.dialect.line_end.last(), &buffer[..length]) {
            return Ok(at + found as u64 + 1);
        }
        at += length as u64;
    }
}

/// Inspects the records that start at or after `start` and before `end`.
fn part(judge: &Judge<'_>, file: &Opened, start: u64, end: u64) -> Result<Rows, Refusal> {
    let mut rows = Rows::new(judge, start);
    let mut buffer = vec![0; BUFFER];
    // How much of the buffer holds bytes of the file, and where it starts in the file.
    let (mut filled, mut offset) = (0, start);
    let mut work = Work::new(judge);
    while rows.end < end && rows.fault.is_none() {
        let used = usize::try_from(rows.end - offset).expect("it lies in the buffer");
        buffer.copy_within(used..filled, 0);
        offset = rows.end;
        let kept = filled - used;
        if kept > buffer.len() / 2 {
            buffer.resize(2 * buffer.len(), 0);
        }
        filled = kept + file.read_at(&mut buffer[kept..], offset + kept as u64)?;
        let last = filled < buffer.len();
        let stop = usize::try_from(end - offset).unwrap_or(usize::MAX);
        work.records(&buffer[..filled], stop, last, &mut rows);
        if last && rows.end == offset {
            break;
        }
    }
    Ok(rows)
}

fn from_stream(judge: &Judge<'_>, stream: &mut Stream, start: u64, lines: u64) -> Result<Rows, Refusal> {
    let mut rows = Rows::new(judge, start);
    rows.lines = lines;
    let mut buffer = Vec::new();
    let mut work = Work::new(judge);
    let mut skip = start;
    loop {
        let more = stream.append(&mut buffer).map_err(|error| super::super::bytes::refusal(error, judge.file))?;
        let drop = usize::try_from(skip).unwrap_or(usize::MAX).min(buffer.len());
        buffer.drain(..drop);
        skip -= drop as u64;
        let before = rows.end;
        work.records(&buffer, usize::MAX, !more, &mut rows);
        buffer.drain(..usize::try_from(rows.end - before).expect("it lies in the buffer"));
        if !more || rows.fault.is_some() {
            return Ok(rows);
        }
    }
}

/// Inspects the records of buffers.
struct Work<'a> {
    judge: &'a Judge<'a>,
    scanner: Scanner,
    fields: Vec<Field>,
    /// For each column, whether NULL texts are ordinary texts in it.
    not_null: Vec<bool>,
    /// Whether nothing but the empty text stands for NULL.
    only_empty_is_null: bool,
}

impl<'a> Work<'a> {
    fn new(judge: &'a Judge<'a>) -> Self {
        Self {
            judge,
            scanner: Scanner::new(judge.dialect),
            fields: Vec::new(),
            only_empty_is_null: judge.options.nulls.iter().all(String::is_empty) && !judge.options.nulls.is_empty(),
            not_null: judge.names.iter().map(|name| judge.options.not_null.contains(name)).collect(),
        }
    }

    /// Inspects the complete records that start before `stop` in the buffer. `last` means that the file ends with the
    /// buffer.
    fn records(&mut self, buffer: &[u8], stop: usize, last: bool, rows: &mut Rows) {
        let (text, invalid) = match std::str::from_utf8(buffer) {
            Ok(text) => (text, false),
            Err(error) => {
                let valid = std::str::from_utf8(&buffer[..error.valid_up_to()]).unwrap_or_default();
                (valid, last || error.error_len().is_some())
            }
        };
        let last = last && !invalid;
        let first = rows.end;
        let mut at = 0;
        while at < stop && at < text.len() {
            let (next, lines) = match self.scanner.next(text.as_bytes(), at, last, &mut self.fields) {
                Next::More if buffer.len() - at > LONGEST_RECORD => {
                    return rows.fail(At::Line(rows.lines + 1), Found::Fault(Fault::OpenQuote));
                }
                Next::More if invalid => {
                    let lines = self.judge.lines(&text[at..]);
                    return rows.fail(At::Line(rows.lines + 1 + lines), Found::Encoding);
                }
                Next::More => break,
                Next::Fault(fault, place) => {
                    let lines = self.judge.lines(&text[at..place]);
                    return rows.fail(At::Line(rows.lines + 1 + lines), Found::Fault(fault));
                }
                Next::Blank(next) => {
                    // In a file with one column, this is a row with a missing value.
                    if self.judge.names.len() == 1 {
                        rows.records += 1;
                    }
                    (next, 1)
                }
                Next::Comment(next) => (next, 1),
                Next::Record(next) => {
                    self.record(text, rows);
                    if rows.fault.is_some() {
                        return;
                    }
                    let quoted = self.fields.iter().any(|field| field.quoted);
                    (next, if quoted { self.judge.lines(&text[at..next]).max(1) } else { 1 })
                }
            };
            rows.longest = rows.longest.max((next - at) as u64);
            rows.lines += lines;
            at = next;
            rows.end = first + at as u64;
        }
        if invalid && at == text.len() {
            rows.fail(At::Line(rows.lines + 1), Found::Encoding);
        }
    }

    /// Whether a text stands for NULL.
    fn is_null(&self, value: &str) -> bool {
        if self.only_empty_is_null {
            value.is_empty()
        } else {
            self.judge.options.nulls.iter().any(|null| null == value)
        }
    }

    fn record(&mut self, text: &str, rows: &mut Rows) {
        let (found, expected) = (self.fields.len(), self.judge.names.len());
        let line = rows.lines + 1;
        if found > expected || (found < expected && !self.judge.options.padding) {
            return rows.fail(At::Line(line), Found::Fields(found));
        }
        rows.records += 1;
        for (index, field) in self.fields.iter().enumerate() {
            let value = &text[field.start..field.end];
            let can_be_null = (!field.quoted || self.judge.options.quoted_nulls) && !self.not_null[index];
            if can_be_null && self.is_null(value) {
                continue;
            }
            if field.quoted && value.contains('\0') {
                return rows.fail(At::Line(line), Found::Fault(Fault::ZeroByte));
            }
            let column = &mut rows.columns[index];
            if column.is_text() {
                column.add_to_text(value.is_empty());
            } else if field.escaped {
                column.add(&self.judge.judged(&self.scanner.unescape(value)), || At::Line(line));
            } else {
                column.add(&self.judge.judged(value), || At::Line(line));
            }
        }
    }
}

impl Judge<'_> {
    /// Returns a value in the form in which it is checked: numbers with a point and without thousands separators.
    fn judged<'v>(&self, value: &'v str) -> Cow<'v, str> {
        let options = self.options;
        if options.point == b'.' && options.thousands.is_none() {
            return Cow::Borrowed(value);
        }
        let point = |char: char| match char {
            char if char == char::from(options.point) => '.',
            // A point that is not the decimal point makes it a text.
            '.' => '\u{0}',
            char => char,
        };
        let number: String = value
            .chars()
            .filter(|char| options.thousands.is_none_or(|thousands| *char != char::from(thousands)))
            .map(point)
            .collect();
        if super::super::number::Number::parse(&number).is_some() { Cow::Owned(number) } else { Cow::Borrowed(value) }
    }

    /// Returns the number of lines that end in a text.
    fn lines(&self, text: &str) -> u64 {
        memchr::memchr_iter(self.dialect.line_end.last(), text.as_bytes()).count() as u64
    }

    fn refusal(&self, at: At, found: Found) -> Refusal {
        let place = at.of(self.file);
        match found {
            Found::Encoding => Refusal::Encoding(place),
            Found::Fields(found) => Refusal::Fields {
                place,
                found,
                expected: self.names.len(),
                header: self.header,
            },
            Found::Fault(Fault::OpenQuote) => Refusal::OpenQuote(place),
            Found::Fault(Fault::AfterQuote) => Refusal::AfterQuote(place),
            Found::Fault(Fault::LineEnd) => Refusal::LineEnd(place),
            Found::Fault(Fault::Comment) => Refusal::Comment(place),
            Found::Fault(Fault::ZeroByte) => Refusal::ZeroByte(place),
        }
    }
}

impl Rows {
    fn new(judge: &Judge<'_>, start: u64) -> Self {
        Self {
            columns: judge.wishes.iter().cloned().map(Column::new).collect(),
            records: 0,
            longest: 0,
            lines: 0,
            end: start,
            fault: None,
        }
    }

    fn fail(&mut self, at: At, found: Found) {
        self.fault = Some((at, found));
    }

    /// Appends the following part.
    fn append(&mut self, later: Self) {
        for (column, more) in self.columns.iter_mut().zip(later.columns) {
            column.merge(more, self.lines);
        }
        self.fault = later.fault.map(|(at, found)| (at.below(self.lines), found));
        self.records += later.records;
        self.longest = self.longest.max(later.longest);
        self.lines += later.lines;
        self.end = later.end;
    }
}
