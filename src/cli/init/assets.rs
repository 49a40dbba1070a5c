//! The TOML of a source and of the first query over it.

use std::collections::BTreeSet;

use super::import::Import;
use super::names;
use crate::sql::quote;

/// The schema of the sources.
pub(super) const SOURCES: &str = "raw";
/// The schema of the queries.
pub(super) const QUERIES: &str = "staging";

/// Returns the source, with its columns as the contract.
pub(super) fn source(import: &Import) -> String {
    let mut text = format!("{HEADER}kind = \"source\"\n\n[source]\npath = {}\n", string(&import.path));
    if let Some(format) = import.format {
        let word = crate::model::Format::WORDS.iter().find(|(_, other)| *other == format).map(|(word, _)| *word);
        text.push_str(&format!("format = \"{}\"\n", word.expect("every format has a word")));
    }
    for column in &import.schema.0 {
        let name = toml_edit::Key::new(&column.name);
        text.push_str(&format!("\n[columns.{}]\ntype = {}\n", name.display_repr(), string(&column.data_type)));
    }
    text
}

/// Returns a query that gives each column of the source a plain name.
pub(super) fn query(import: &Import, keywords: &BTreeSet<String>) -> String {
    let mut taken = BTreeSet::new();
    let columns = import.schema.0.iter().map(|column| {
        let name = names::distinct(&names::plain(&column.name, "field"), &mut taken);
        let (written, name) = (identifier(&column.name, keywords), identifier(&name, keywords));
        if written == name { written } else { format!("{written} as {name}") }
    });
    let columns: Vec<String> = columns.collect();
    let table = identifier(&import.table, keywords);
    let sql = format!("select\n    {}\nfrom {SOURCES}.{table}\n", columns.join(",\n    "));
    format!("{HEADER}kind = \"sql\"\nsql = \"\"\"\n{}\"\"\"\n", lines(&sql.replace("${", "$${")))
}

/// The line that tells editors which schema to use.
const HEADER: &str = "#:schema ../../.schema/asset.json\n\n";

/// Returns a name in SQL, quoted if needed.
fn identifier(name: &str, keywords: &BTreeSet<String>) -> String {
    let plain = name.starts_with(|char: char| char.is_ascii_lowercase() || char == '_')
        && name.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_');
    if plain && !keywords.contains(name) { name.to_owned() } else { quote::identifier(name) }
}

/// Returns a TOML string on one line.
fn string(text: &str) -> String {
    format!("\"{}\"", escaped(text, |char| matches!(char, '"' | '\\') || char.is_control()))
}

/// Returns the inside of a multi-line TOML string.
fn lines(text: &str) -> String {
    escaped(text, |char| char == '\\' || (char.is_control() && char != '\n')).replace("\"\"\"", "\"\"\\\"")
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            char if !is_escaped(char) => out.push(char),
            '"' | '\\' => out.extend(['\\', char]),
            char => out.push_str(&format!("\\u{:04X}", u32::from(char))),
        }
    }
    out
}
