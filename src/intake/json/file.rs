//! Inspects a whole JSON file.

use rayon::prelude::*;
use serde_json::value::RawValue;

use super::super::bytes::{self, Text};
use super::super::place::At;
use super::super::refusal::Refusal;
use super::JsonForm;
use super::rows::{Rows, Stop, Wishes};

/// The approximate size of a part of lines, in bytes.
const PART: usize = 4 << 20;

/// Returns all rows of a file, and its layout; `None` if the file is empty.
///
/// `form` is the declared layout, if there is one.
pub(super) fn look(
    text: Text,
    file: &str,
    form: Option<JsonForm>,
    wishes: &Wishes<'_>,
) -> Result<Option<(Rows, JsonForm)>, Refusal> {
    let text = whole(text, file)?;
    let Some(first) = text.bytes().find(|byte| !byte.is_ascii_whitespace()) else {
        return Ok(None);
    };
    let found = match (form, first) {
        (Some(JsonForm::Lines), _) => JsonForm::Lines,
        (_, b'[') => JsonForm::Array,
        _ => JsonForm::Objects,
    };
    if let Some(form) = form.filter(|form| *form != found) {
        return Err(Refusal::Json(At::Whole.of(file), format!("the file is {found}, but `format` says {form}")));
    }
    let rows = match found {
        JsonForm::Lines => by_lines(&text, wishes),
        JsonForm::Array => array(&text, wishes),
        JsonForm::Objects => objects(&text, wishes),
    };
    rows.map(|rows| Some((rows, found))).map_err(|stop| stop.refusal(file))
}

/// Returns the whole text of a file.
fn whole(text: Text, file: &str) -> Result<String, Refusal> {
    let mut buffer = Vec::new();
    match text {
        Text::Plain { file, start } => {
            let size = usize::try_from(file.size().saturating_sub(start)).unwrap_or_default();
            buffer.resize(size, 0);
            let length = file.read_at(&mut buffer, start)?;
            buffer.truncate(length);
        }
        Text::Stream(mut stream) => while stream.append(&mut buffer).map_err(|error| bytes::refusal(error, file))? {},
    }
    String::from_utf8(buffer).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let lines = memchr::memchr_iter(b'\n', &error.as_bytes()[..valid]).count() as u64;
        Refusal::Encoding(At::Line(lines + 1).of(file))
    })
}

fn array(text: &str, wishes: &Wishes<'_>) -> Result<Rows, Stop> {
    let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    let mut rows = Rows::default();
    for item in items {
        rows.row(item, wishes, &|value| line_of(text, value.get()))?;
    }
    Ok(rows)
}

fn objects(text: &str, wishes: &Wishes<'_>) -> Result<Rows, Stop> {
    let mut rows = Rows::default();
    for object in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        rows.row(object.map_err(|error| not_json(&error))?, wishes, &|value| line_of(text, value.get()))?;
    }
    Ok(rows)
}

fn by_lines(text: &str, wishes: &Wishes<'_>) -> Result<Rows, Stop> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let near = rest.as_bytes().get(PART..).and_then(|after| memchr::memchr(b'\n', after));
        let (part, after) = rest.split_at(near.map_or(rest.len(), |length| PART + length + 1));
        parts.push(part);
        rest = after;
    }
    let found: Vec<Result<Rows, Stop>> = parts.par_iter().map(|part| part_by_lines(part, wishes)).collect();
    let mut rows = Rows::default();
    for part in found {
        let lines = rows.lines;
        rows.append(part.map_err(|stop| stop.below(lines))?)?;
    }
    Ok(rows)
}

fn part_by_lines(text: &str, wishes: &Wishes<'_>) -> Result<Rows, Stop> {
    let mut rows = Rows::default();
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        rows.lines += 1;
        if line.bytes().all(|byte| byte.is_ascii_whitespace()) {
            continue;
        }
        let row: &RawValue = serde_json::from_str(line).map_err(|error| {
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            Stop::Text(At::Line(number), format!("{message} (column {})", error.column()))
        })?;
        rows.row(row, wishes, &|_| number)?;
    }
    Ok(rows)
}

fn not_json(error: &serde_json::Error) -> Stop {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    Stop::Text(At::Line(error.line() as u64), format!("{message} (column {})", error.column()))
}

/// Returns the line, counted from 1, in which a part of the text starts.
fn line_of(text: &str, part: &str) -> u64 {
    let offset = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len());
    memchr::memchr_iter(b'\n', &text.as_bytes()[..offset]).count() as u64 + 1
}
