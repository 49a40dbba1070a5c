//! The canonical form of files: order of keys, spaces, blank lines. It keeps what the user wrote: comments, the exact
//! texts of strings, line breaks in arrays, and the order of everything with names from the user.

use std::path::{Path, PathBuf};

use toml_edit::{Array, Decor, DocumentMut, InlineTable, Item, RawString, Table, Value};

use super::load::{asset_files, parse};
use super::schema::FileKind;
use super::{Form, KeyTable, ProjectError};
use crate::base::diagnostic::{Problem, Problems, SourceFile};

/// Returns every TOML file of a project that dp reads, relative to the project.
///
/// # Errors
/// Folders that can't be listed.
pub fn files(root: &Path) -> Result<Vec<PathBuf>, Problems> {
    let mut problems = Problems::new();
    let assets = asset_files(root, &mut problems);
    if problems.has_errors() {
        return Err(problems);
    }
    Ok(std::iter::once(PathBuf::from("dp.toml")).chain(assets).collect())
}

/// Returns the text of a file in canonical form, with the same meaning.
///
/// # Errors
/// If the file is not valid TOML.
pub fn formatted(file: &SourceFile, kind: FileKind) -> Result<String, Problems> {
    let mut problems = Problems::new();
    if parse(file, &mut problems).is_none() {
        return Err(problems);
    }
    let cannot = |why: &str, help: &str| {
        let (why, help) = (why.to_owned(), help.to_owned());
        Problem::in_file(file, ProjectError::CannotFormat { why, help })
    };
    let report = "nothing was written; please report this with the file, and format the others: `dp fmt FILE…`";
    let text = file.text();
    let has_returns = text.contains("\r\n");
    let plain = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    if has_returns && text.matches('\n').count() != text.matches("\r\n").count() {
        return Err(cannot(
            "its lines have two kinds of endings, with and without a carriage return",
            "save it with one kind of line ending; nothing was written",
        )
        .into());
    }
    let Some(after) = settled(plain.clone(), kind) else {
        return Err(cannot("dp can't parse its layout", report).into());
    };
    // The result is verified, because it replaces a file of the user.
    if data(&after) != data(&plain) {
        return Err(cannot("the result would have another meaning", report).into());
    }
    Ok(if has_returns { after.replace('\n', "\r\n") } else { after })
}

/// Returns the data of a file, whatever its form.
fn data(text: &str) -> Option<String> {
    // A comparison of values would fail, because `nan` is not equal to itself.
    text.parse::<toml::Table>().ok().map(|table| format!("{table:?}"))
}

/// Formats until the result is stable: a directive above a key that comes first after sorting belongs to the file.
fn settled(mut text: String, kind: FileKind) -> Option<String> {
    for _ in 0..4 {
        let after = form(&text, kind)?;
        if after == text {
            return Some(after);
        }
        text = after;
    }
    None
}

fn form(text: &str, kind: FileKind) -> Option<String> {
    let (heading, rest) = heading(text);
    let mut document: DocumentMut = rest.parse().ok()?;
    let root = document.as_table_mut();
    order(root, Inside::Known(kind.keys()));
    number(root, &mut 0);
    let mut first = true;
    lay_out(root, &mut first);
    let trailing = above(document.trailing(), Blank::Kept);
    document.set_trailing(trailing.trim_end());
    let body = document.to_string();
    let heading = above_text(heading, Blank::None);
    let parts = [heading.trim_end(), body.trim_matches('\n')];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Some(if parts.is_empty() { String::new() } else { parts.join("\n\n") + "\n" })
}

/// Splits off the start that belongs to the whole file: directives of editors, and comments before a blank line.
fn heading(text: &str) -> (&str, &str) {
    let mut end = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let line = line.trim();
        if line.is_empty() || line.starts_with("#:") {
            end = at;
        } else if !line.starts_with('#') {
            return text.split_at(end);
        }
    }
    (text, "")
}

/// The known keys of a table.
#[derive(Clone, Copy)]
enum Inside {
    /// These keys.
    Known(&'static KeyTable),
    /// Names from the user, each with a table of these keys.
    Named(&'static KeyTable),
    /// Unknown keys.
    Free,
}

impl Inside {
    fn below(self, key: &str) -> Self {
        match self {
            Self::Named(keys) => Self::Known(keys),
            Self::Free => Self::Free,
            Self::Known(keys) => match keys.keys.iter().find(|(name, ..)| *name == key) {
                Some((_, Form::Named(_, keys), _)) => Self::Named(keys),
                Some((_, form, _)) => form.table().map_or(Self::Free, Self::Known),
                None => Self::Free,
            },
        }
    }

    /// Returns the names in canonical order; unknown names come last, in their original order.
    fn sorted<'a>(self, names: impl Iterator<Item = &'a str>) -> Vec<String> {
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        if let Self::Known(keys) = self {
            names.sort_by_key(|name| keys.names().position(|known| known == name).unwrap_or(usize::MAX));
        }
        names
    }
}

fn order(table: &mut Table, inside: Inside) {
    for name in inside.sorted(table.iter().map(|(name, _)| name)) {
        if let Some((key, item)) = table.remove_entry(&name) {
            table.insert_formatted(&key, item);
        }
    }
    for (key, item) in table.iter_mut() {
        let below = inside.below(key.get());
        match item {
            Item::None => {}
            Item::Value(value) => order_value(value, below),
            Item::Table(table) => order(table, below),
            Item::ArrayOfTables(tables) => tables.iter_mut().for_each(|table| order(table, below)),
        }
    }
}

fn order_value(value: &mut Value, inside: Inside) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| order_value(item, inside)),
        // Comments in it belong to places, not to keys.
        Value::InlineTable(table) if !has_breaks(table) => {
            for name in inside.sorted(table.iter().map(|(name, _)| name)) {
                if let Some((key, value)) = table.remove_entry(&name) {
                    table.insert_formatted(&key, value);
                }
            }
            for (key, value) in table.iter_mut() {
                order_value(value, inside.below(key.get()));
            }
        }
        _ => {}
    }
}

/// Gives tables with their own heading the order in which they are written.
fn number(table: &mut Table, next: &mut isize) {
    for (_, item) in table.iter_mut() {
        let tables: Vec<&mut Table> = match item {
            Item::Table(table) => vec![table],
            Item::ArrayOfTables(tables) => tables.iter_mut().collect(),
            Item::None | Item::Value(_) => continue,
        };
        for table in tables {
            if !table.is_dotted() {
                table.set_position(Some(*next));
                *next += 1;
            }
            number(table, next);
        }
    }
}

/// Formats a table and everything below it; `first` is true until something is written.
fn lay_out(table: &mut Table, first: &mut bool) {
    lay_out_values(table, &mut true, first);
    for (mut key, item) in table.iter_mut() {
        let tables: Vec<&mut Table> = match item {
            Item::Table(table) => vec![table],
            Item::ArrayOfTables(tables) => tables.iter_mut().collect(),
            Item::None | Item::Value(_) => continue,
        };
        key.dotted_decor_mut().clear();
        for table in tables {
            if table.is_dotted() {
                // Its values are already written; there is nothing else in it.
                continue;
            }
            key.leaf_decor_mut().clear();
            let is_written = !table.is_implicit() || table.iter().any(|(_, item)| is_written(item));
            if is_written {
                let blank = if *first { Blank::None } else { Blank::Some };
                let prefix = text(table.decor().prefix()).map(|prefix| above_text(prefix, blank));
                let suffix = behind(table.decor().suffix());
                *table.decor_mut() = Decor::new(prefix.unwrap_or_default(), suffix);
                *first = false;
            }
            lay_out(table, first);
        }
    }
}

/// Whether an item is directly below the heading of its table.
fn is_written(item: &Item) -> bool {
    item.is_value() || item.as_table().is_some_and(Table::is_dotted)
}

/// `begins` is true until a value of this table is written.
fn lay_out_values(table: &mut Table, begins: &mut bool, first: &mut bool) {
    for (mut key, item) in table.iter_mut() {
        match item {
            Item::Value(value) => {
                let blank = if *begins { Blank::None } else { Blank::Kept };
                let prefix = text(key.leaf_decor().prefix()).map(|prefix| above_text(prefix, blank));
                *key.leaf_decor_mut() = Decor::new(prefix.unwrap_or_default(), " ");
                key.dotted_decor_mut().clear();
                let suffix = behind(value.decor().suffix());
                lay_out_value(value, 0);
                *value.decor_mut() = Decor::new(" ", suffix);
                (*begins, *first) = (false, false);
            }
            Item::Table(table) if table.is_dotted() => {
                key.dotted_decor_mut().clear();
                lay_out_values(table, begins, first);
            }
            _ => {}
        }
    }
}

/// Formats the inside of a value; `depth` is the indentation of the line on which it starts.
fn lay_out_value(value: &mut Value, depth: usize) {
    match value {
        Value::Array(array) => lay_out_array(array, depth),
        Value::InlineTable(table) if !has_breaks(table) => lay_out_inline(table, depth),
        _ => {}
    }
}

fn lay_out_inline(table: &mut InlineTable, depth: usize) {
    table.set_trailing("");
    table.set_trailing_comma(false);
    for (mut key, value) in table.iter_mut() {
        key.leaf_decor_mut().clear();
        key.dotted_decor_mut().clear();
        value.decor_mut().clear();
        lay_out_value(value, depth);
    }
}

fn lay_out_array(array: &mut Array, depth: usize) {
    let last = array.len().saturating_sub(1);
    let mut end = text(Some(array.trailing())).unwrap_or_default().to_owned();
    let has_comma = array.trailing_comma();
    for (index, value) in array.iter_mut().enumerate() {
        let prefix = text(value.decor().prefix()).unwrap_or_default();
        let prefix = match within(prefix, depth + 1) {
            Some(lines) => lines,
            None if index == 0 => String::new(),
            None => " ".to_owned(),
        };
        let mut suffix = text(value.decor().suffix()).unwrap_or_default().to_owned();
        if index == last && !has_comma {
            end = std::mem::take(&mut suffix) + &end;
        }
        let suffix = within(&suffix, depth + 1).unwrap_or_default();
        let deeper = depth + usize::from(prefix.contains('\n'));
        lay_out_value(value, deeper);
        *value.decor_mut() = Decor::new(prefix, suffix);
    }
    let end = within(&end, depth);
    array.set_trailing_comma(end.is_some() && !array.is_empty());
    array.set_trailing(end.unwrap_or_default());
}

/// Returns line breaks and comments between the values of an array; `None` if there are none.
fn within(raw: &str, depth: usize) -> Option<String> {
    let mut lines = raw.split('\n').map(str::trim);
    let same_line = lines.next().unwrap_or_default();
    let lines: Vec<&str> = lines.collect();
    let (_, others) = lines.split_last()?;
    let indent = "  ".repeat(depth);
    let mut out = if same_line.is_empty() { String::new() } else { format!(" {same_line}") };
    for comment in others.iter().filter(|comment| !comment.is_empty()) {
        // Comments before the closing bracket have the indentation of the values.
        out.push_str(&format!("\n{}{comment}", "  ".repeat(depth.max(1))));
    }
    out.push('\n');
    out.push_str(&indent);
    Some(out)
}

/// Whether an inline table contains line breaks, or comments, which need them.
fn has_breaks(table: &InlineTable) -> bool {
    let broken = |decor: &Decor| {
        [decor.prefix(), decor.suffix()].into_iter().any(|raw| text(raw).is_some_and(|raw| raw.contains('\n')))
    };
    text(Some(table.trailing())).is_some_and(|raw| raw.contains('\n'))
        || table.iter().any(|(name, value)| {
            let key = table.key(name);
            let below = value.as_inline_table().is_some_and(|below| below.is_dotted() && has_breaks(below));
            key.is_some_and(|key| broken(key.leaf_decor()) || broken(key.dotted_decor()))
                || broken(value.decor())
                || below
        })
}

/// The number of blank lines before an item.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blank {
    /// None.
    None,
    /// One, if there are any.
    Kept,
    /// One, unless there is one further down.
    Some,
}

fn text(raw: Option<&RawString>) -> Option<&str> {
    raw.and_then(RawString::as_str)
}

fn above(raw: &RawString, blank: Blank) -> String {
    above_text(raw.as_str().unwrap_or_default(), blank)
}

/// Returns comments and blank lines before an item that starts a line.
fn above_text(raw: &str, blank: Blank) -> String {
    // The text after the last break is indentation, unless a comment ends the file.
    let (whole, last) = raw.rsplit_once('\n').map_or((None, raw), |(whole, last)| (Some(whole), last));
    let last = Some(last.trim()).filter(|last| !last.is_empty());
    let mut lines: Vec<&str> = whole.into_iter().flat_map(|whole| whole.split('\n')).map(str::trim).collect();
    lines.extend(last);
    lines.dedup_by(|line, before| line.is_empty() && before.is_empty());
    let begins_blank = lines.first().is_some_and(|line| line.is_empty());
    match blank {
        Blank::None if begins_blank => {
            lines.remove(0);
        }
        Blank::Some if !lines.contains(&"") => lines.insert(0, ""),
        _ => {}
    }
    lines.push("");
    if lines.len() > 1 { lines.join("\n") } else { String::new() }
}

/// Returns a comment after an item, with its distance kept: users align comments.
fn behind(raw: Option<&RawString>) -> String {
    let raw = text(raw).unwrap_or_default().trim_end();
    if raw.is_empty() || raw.starts_with([' ', '\t']) { raw.to_owned() } else { format!(" {raw}") }
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
