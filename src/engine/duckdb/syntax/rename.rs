//! Renames tables of a query in its syntax tree.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::AssetName;

/// Returns the tree with renamed tables; each keeps its old name as an alias.
///
/// Returns `None` if the result would not be certain: a common table expression has one of the names.
pub(crate) fn rename_tables(tree: &Value, names: &BTreeMap<AssetName, AssetName>) -> Option<Value> {
    let mut node = tree["statements"].get(0)?.get("node")?.clone();
    let mut common = Vec::new();
    common_names(&node, &mut common);
    let clash = names.keys().any(|name| common.iter().any(|common| common == name.table()));
    if clash {
        return None;
    }
    rename(&mut node, names);
    Some(json!({ "error": false, "statements": [{ "node": node, "named_param_map": [] }] }))
}

fn common_names(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| common_names(item, names)),
        Value::Object(fields) => {
            if let Some(entries) = fields.get("cte_map").and_then(|map| map["map"].as_array()) {
                names.extend(entries.iter().filter_map(|entry| entry["key"].as_str()).map(str::to_lowercase));
            }
            fields.values().for_each(|field| common_names(field, names));
        }
        _ => {}
    }
}

fn rename(value: &mut Value, names: &BTreeMap<AssetName, AssetName>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Value::Object(fields) => {
            if fields.get("type").and_then(Value::as_str) == Some("BASE_TABLE") {
                rename_table(fields, names);
            }
            if fields.get("class").and_then(Value::as_str) == Some("COLUMN_REF") {
                shorten_column(fields, names);
            }
            fields.values_mut().for_each(|field| rename(field, names));
        }
        _ => {}
    }
}

fn asset_of(path: &[Value]) -> Option<AssetName> {
    let parts: Vec<String> = path.iter().filter_map(Value::as_str).map(str::to_lowercase).collect();
    match parts.as_slice() {
        [name] => AssetName::new(AssetName::DEFAULT_SCHEMA, name).ok(),
        [schema, name] => AssetName::new(schema, name).ok(),
        _ => None,
    }
}

fn rename_table(fields: &mut serde_json::Map<String, Value>, names: &BTreeMap<AssetName, AssetName>) {
    let path = fields.get("qualified_name").and_then(|name| name["path"].as_array());
    let Some((path, new)) = path.and_then(|path| Some((path.clone(), names.get(&asset_of(path)?)?))) else {
        return;
    };
    if fields.get("alias").and_then(Value::as_str).is_none_or(str::is_empty) {
        fields.insert("alias".to_owned(), path.last().cloned().unwrap_or_default());
    }
    fields.insert("qualified_name".to_owned(), json!({ "path": [new.schema(), new.table()] }));
    fields.insert("schema_name".to_owned(), json!(new.schema()));
    fields.insert("table_name".to_owned(), json!(new.table()));
}

/// `schema.table.column` is invalid for a renamed table; `table.column` is valid.
fn shorten_column(fields: &mut serde_json::Map<String, Value>, names: &BTreeMap<AssetName, AssetName>) {
    let Some(Value::Array(parts)) = fields.get_mut("column_names") else {
        return;
    };
    if parts.len() > 2 && asset_of(&parts[..2]).is_some_and(|name| names.contains_key(&name)) {
        parts.remove(0);
    }
}
