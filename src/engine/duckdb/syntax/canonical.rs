//! The canonical form of a syntax tree, which does not depend on comments, spacing and the case of keywords.

use serde_json::Value;

/// Returns the tree with sorted keys and without places.
pub(super) fn of(node: &Value) -> Value {
    let mut canonical = node.clone();
    normalize(&mut canonical);
    canonical
}

/// Keys whose arrays come from hash tables, so that their order means nothing.
const UNORDERED: [&str; 5] =
    ["exclude_list", "qualified_exclude_list", "replace_list", "rename_list", "named_param_map"];

fn normalize(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(normalize),
        Value::Object(fields) => {
            fields.retain(|key, _| key != "query_location" && key != "query_location_length");
            for (key, field) in fields.iter_mut() {
                normalize(field);
                if let (true, Value::Array(items)) = (UNORDERED.contains(&key.as_str()), field) {
                    items.sort_by_cached_key(Value::to_string);
                }
            }
            // Names of types keep the written case, which means nothing.
            if fields.get("class").and_then(Value::as_str) == Some("TYPE") {
                fold(fields.get_mut("type_name"));
                fold(fields.get_mut("qualified_name").and_then(|name| name.get_mut("path")));
            }
        }
        _ => {}
    }
}

fn fold(value: Option<&mut Value>) {
    match value {
        Some(Value::String(text)) => *text = text.to_lowercase(),
        Some(Value::Array(items)) => items.iter_mut().for_each(|item| fold(Some(item))),
        _ => {}
    }
}
