//! Finds parts of a query that older engines can't read from the tree in the catalogue's format.

use serde_json::Value;

/// Functions whose arguments keep their names in that format.
const NAMED: [&str; 2] = ["row", "struct_pack"];

/// Types that older engines do not know. They can't open a catalogue that names one.
const LATER_TYPES: [&str; 4] = ["time_ns", "timestamptz_ns", "type", "variant"];

/// Whether the catalogue's format loses a part of the query, or older engines fail on the whole catalogue because of
/// it.
///
/// The format is that of the oldest supported client engine. It loses names of arguments and further arguments of
/// window functions, and newer parts make it unreadable.
pub(crate) fn needs_text(tree: &Value) -> bool {
    match tree {
        Value::Array(items) => items.iter().any(needs_text),
        Value::Object(fields) => {
            let is_later = match tree["class"].as_str() {
                Some("FUNCTION") => {
                    let name = tree["function_name"].as_str().unwrap_or_default().to_lowercase();
                    !NAMED.contains(&name.as_str()) && has_named(&tree["arguments"])
                }
                Some("WINDOW") => {
                    let arguments = [&tree["arguments"], &tree["children"]];
                    let count = arguments.iter().find_map(|list| list.as_array()).map_or(0, Vec::len);
                    let is_groups =
                        ["start", "end"].iter().any(|key| tree[*key].as_str().is_some_and(|at| at.ends_with("GROUPS")));
                    count > 1 || is_groups || is_filled(&tree["arg_orders"]) || has_named(&tree["arguments"])
                }
                Some("OPERATOR") => tree["type"] == "OPERATOR_TRY",
                Some("STAR") => is_filled(&tree["rename_list"]) || is_filled(&tree["qualified_exclude_list"]),
                Some("TYPE") => names_later_type(tree),
                _ => tree["type"] == "RECURSIVE_CTE_NODE" && is_filled(&tree["key_targets"]),
            };
            // The options of a table function keep their names.
            let options = (tree["type"] == "TABLE_FUNCTION").then(|| &tree["function"]["arguments"]);
            is_later
                || match options {
                    Some(options) => needs_text(options),
                    None => fields.values().any(needs_text),
                }
        }
        _ => false,
    }
}

fn has_named(arguments: &Value) -> bool {
    let mut arguments = arguments.as_array().into_iter().flatten();
    arguments.any(|argument| argument["name"].as_str().is_some_and(|name| !name.is_empty()))
}

fn names_later_type(value: &Value) -> bool {
    let path = value["qualified_name"]["path"].as_array().into_iter().flatten().chain([&value["type_name"]]);
    path.filter_map(Value::as_str).any(|name| LATER_TYPES.contains(&name.to_lowercase().as_str()))
}

fn is_filled(value: &Value) -> bool {
    value.as_array().is_some_and(|items| !items.is_empty())
}
