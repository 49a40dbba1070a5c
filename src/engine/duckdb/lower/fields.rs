//! Fields of the plan's JSON, and a check that no field with an expression is skipped.

use serde_json::{Map, Value};

use crate::sql::lineage::Unknown;

pub(super) fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, Unknown> {
    value.get(key).and_then(Value::as_str).ok_or_else(|| missing(value, key))
}

pub(super) fn number(value: &Value, key: &str) -> Result<u64, Unknown> {
    value.get(key).and_then(Value::as_u64).ok_or_else(|| missing(value, key))
}

pub(super) fn list<'a>(value: &'a Value, key: &str) -> Result<&'a [Value], Unknown> {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).ok_or_else(|| missing(value, key))
}

/// Returns a list that may be null or missing, which means empty.
pub(super) fn list_or_none<'a>(value: &'a Value, key: &str) -> Result<&'a [Value], Unknown> {
    if is_null(value, key) { Ok(&[]) } else { list(value, key) }
}

pub(super) fn is_null(value: &Value, key: &str) -> bool {
    value.get(key).is_none_or(Value::is_null)
}

/// Returns the only child of an operator.
pub(super) fn child(operator: &Value) -> Result<&Value, Unknown> {
    match list(operator, "children")? {
        [child] => Ok(child),
        children => Err(Unknown(format!("{} has {} children", kind(operator), children.len()))),
    }
}

/// Returns the two children of an operator.
pub(super) fn two_children(operator: &Value) -> Result<(&Value, &Value), Unknown> {
    match list(operator, "children")? {
        [left, right] => Ok((left, right)),
        children => Err(Unknown(format!("{} has {} children", kind(operator), children.len()))),
    }
}

/// Returns the name of an operator or an expression.
pub(super) fn kind(value: &Value) -> &str {
    let class = value.get("expression_class").and_then(Value::as_str);
    class.or_else(|| value.get("type").and_then(Value::as_str)).unwrap_or("an element without a type")
}

/// Returns an error if a field that the caller does not read contains an operator or an expression: the walk would
/// skip a column there.
pub(super) fn only(value: &Value, looked_at: &[&str]) -> Result<(), Unknown> {
    let empty = Map::new();
    let fields = value.as_object().unwrap_or(&empty);
    for (key, field) in fields {
        if !looked_at.contains(&key.as_str()) && holds_expression(field) {
            return Err(Unknown(format!("{} has an expression in `{key}`", kind(value))));
        }
    }
    Ok(())
}

fn holds_expression(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(holds_expression),
        Value::Object(fields) => {
            fields.contains_key("expression_class")
                || fields.get("type").and_then(Value::as_str).is_some_and(|kind| kind.starts_with("LOGICAL_"))
                || fields.values().any(holds_expression)
        }
        _ => false,
    }
}

fn missing(value: &Value, key: &str) -> Unknown {
    Unknown(format!("{} has no `{key}`", kind(value)))
}
