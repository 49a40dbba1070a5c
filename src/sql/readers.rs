//! Puts tables in the place of file readers, in a syntax tree: the engine can't write down a bound plan that reads files.

use serde_json::{Value, json};

use super::functions;

/// The schema of the tables that stand for files; no asset can have it.
pub const SCHEMA: &str = "_dp_files";

/// A table that stands for files.
#[derive(Clone, Debug)]
pub struct FileTable {
    /// Its name in [`SCHEMA`].
    pub table: String,
    /// The paths as they are written.
    pub paths: Vec<String>,
    /// The tree of a query for all that the reader gives, from which its columns are known.
    pub select: Value,
}

/// The tree with a table for each reader of files; `None` if it has none.
///
/// Paths must be absolute already: that is how a file's name is told from a table's.
pub fn without_readers(tree: &Value) -> Option<(Value, Vec<FileTable>)> {
    let mut tree = tree.clone();
    let mut found = Vec::new();
    replace(&mut tree, &mut found);
    (!found.is_empty()).then_some((tree, found))
}

/// A reader of Parquet files.
#[derive(Debug)]
pub struct ParquetReader {
    /// The name under which its columns are found.
    pub name: String,
    /// The paths as they are written.
    pub paths: Vec<String>,
}

/// The reader of Parquet files that a table reference is; `None` for anything else.
pub fn parquet(value: &Value) -> Option<ParquetReader> {
    let (name, paths) = named(value)?;
    let function = value["function"]["qualified_name"]["path"].as_array().and_then(|path| path.last()?.as_str());
    let is_parquet = match function {
        Some(function) => functions::PARQUET_READERS.contains(&function.to_lowercase().as_str()),
        None => paths.iter().all(|path| path.to_lowercase().ends_with(".parquet")),
    };
    is_parquet.then_some(ParquetReader { name, paths })
}

fn replace(value: &mut Value, found: &mut Vec<FileTable>) {
    if let Some((alias, paths)) = reader(value) {
        let table = format!("f{}", found.len());
        let stand_in = json!({
            "type": "BASE_TABLE",
            "alias": alias,
            "sample": value["sample"],
            "query_location": value["query_location"],
            "query_location_length": value["query_location_length"],
            "schema_name": SCHEMA,
            "table_name": table,
            "column_name_alias": value["column_name_alias"],
            "catalog_name": "",
            "at_clause": null,
            "qualified_name": { "path": [SCHEMA, table] },
        });
        let mut original = std::mem::replace(value, stand_in);
        original["alias"] = json!("");
        original["sample"] = Value::Null;
        original["column_name_alias"] = json!([]);
        found.push(FileTable {
            table,
            paths,
            select: select_all(&original),
        });
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, found)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, found)),
        _ => {}
    }
}

/// The same, if a table can stand for it: one has no numbers of rows.
fn reader(value: &Value) -> Option<(String, Vec<String>)> {
    let plain = value["with_ordinality"].as_str().is_none_or(|word| word == "WITHOUT_ORDINALITY");
    named(value).filter(|_| plain)
}

/// The name under which columns of a reader are found, and its paths; `None` for anything else.
fn named(value: &Value) -> Option<(String, Vec<String>)> {
    let written = |fallback: &str| {
        let alias = value["alias"].as_str().filter(|alias| !alias.is_empty());
        alias.unwrap_or(fallback).to_owned()
    };
    match value["type"].as_str()? {
        "TABLE_FUNCTION" => {
            let function = &value["function"];
            let name = function["qualified_name"]["path"].as_array()?.last()?.as_str()?;
            let is_reader = functions::READERS.contains(&name.to_lowercase().as_str());
            let mut paths = Vec::new();
            texts(&function["arguments"][0], &mut paths);
            is_reader.then(|| (written(name), paths))
        }
        "BASE_TABLE" => {
            let [path] = value["qualified_name"]["path"].as_array()?.as_slice() else {
                return None;
            };
            let path = path.as_str().filter(|path| path.starts_with('/'))?;
            let file = path.rsplit('/').next().unwrap_or_default();
            let stem = file.split('.').next().unwrap_or_default();
            Some((written(stem), vec![path.to_owned()]))
        }
        _ => None,
    }
}

/// Constant texts in an argument: one, or a list of them.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => match value["literal"]["text"].as_str() {
            Some(text) => found.push(text.to_owned()),
            None => fields.values().for_each(|field| texts(field, found)),
        },
        _ => {}
    }
}

fn select_all(table: &Value) -> Value {
    let nowhere = u64::MAX;
    let star = json!({
        "class": "STAR", "type": "STAR", "alias": "", "query_location": nowhere, "query_location_length": 0,
        "relation_name": "", "exclude_list": [], "replace_list": [], "columns": false, "expr": null,
        "qualified_exclude_list": [], "rename_list": [],
    });
    let node = json!({
        "type": "SELECT_NODE", "modifiers": [], "cte_map": { "map": [] }, "select_list": [star], "from_table": table,
        "where_clause": null, "group_expressions": [], "group_sets": [], "aggregate_handling": "STANDARD_HANDLING",
        "having": null, "sample": null, "qualify": null,
    });
    json!({ "error": false, "statements": [{ "node": node, "named_param_map": [] }] })
}
