//! Decides from its bound plan whether the result of a query depends on the session's time zone.
//!
//! dp's own sessions have the time zone of the project, which is part of every definition. But a client computes a
//! view in its own session.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::engine::duckdb::json::function_name;

/// The type whose values need a zone for display or for parts of them.
const ZONED: &str = "TIMESTAMP WITH TIME ZONE";

/// Functions of such a time whose result depends on the zone. [`depends`] handles those that only sometimes do.
const FUNCTIONS: &[&str] = &[
    "+",
    "-",
    "age",
    "century",
    "date_diff",
    "date_part",
    "date_sub",
    "date_trunc",
    "datediff",
    "datepart",
    "datesub",
    "datetrunc",
    "day",
    "dayname",
    "dayofmonth",
    "dayofweek",
    "dayofyear",
    "decade",
    "era",
    "generate_series",
    "hour",
    "isodow",
    "isoyear",
    "julian",
    "last_day",
    "microsecond",
    "millennium",
    "millisecond",
    "minute",
    "month",
    "monthname",
    "quarter",
    "range",
    "second",
    "strftime",
    "timezone_hour",
    "timezone_minute",
    "week",
    "weekday",
    "weekofyear",
    "year",
    "yearweek",
];

/// Returns what in a bound plan depends on the session's zone, as text; empty if nothing does.
pub(super) fn read(plan: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    find(plan, &mut found);
    found
}

fn find(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| find(item, found)),
        Value::Object(fields) => {
            if value["expression_class"] == "BOUND_FUNCTION"
                && let Some(name) = function_name(value)
                && depends(name, value)
            {
                found.insert(if name == "__cast" {
                    let types = [&value["arguments"][0], &value["return_type"]];
                    let [from, to] = types.map(|data_type| data_type["id"].as_str().unwrap_or("another type"));
                    format!("a cast from {from} to {to}")
                } else {
                    format!("`{name}` of a {ZONED}")
                });
            }
            fields.values().for_each(|field| find(field, found));
        }
        _ => {}
    }
}

fn depends(name: &str, call: &Value) -> bool {
    let arguments = call["arguments"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_zoned = |data_type: &Value| data_type.to_string().contains(ZONED);
    match name {
        "__cast" => match arguments {
            [from] if from["id"] == "NULL" => false,
            [from] => {
                let child = &call["children"][0];
                let text = child["value"]["value"].as_str().unwrap_or_default();
                is_zoned(from) != is_zoned(&call["return_type"]) && !has_offset(text)
            }
            _ => false,
        },
        // With seven arguments the last one is the zone; with one, it counts microseconds.
        "make_timestamptz" => arguments.len() == 6,
        // With two arguments the first one is the zone.
        "timezone" => arguments.len() == 1 && arguments.iter().any(is_zoned),
        "+" | "-" if call["children"].as_array().is_some_and(|children| children.iter().any(is_exact)) => false,
        _ => FUNCTIONS.contains(&name) && arguments.iter().any(is_zoned),
    }
}

/// Whether a text of a time contains its offset from UTC.
fn has_offset(text: &str) -> bool {
    text.split_once(':').is_some_and(|(_, after)| after.contains(['+', '-', 'Z']))
}

/// Whether an operand is an interval with the same length in every zone.
fn is_exact(operand: &Value) -> bool {
    let value = &operand["value"]["value"];
    value["months"] == 0 && value["days"] == 0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(name: &str, arguments: &[&str], result: &str, children: Value) -> Value {
        let types: Vec<_> = arguments.iter().map(|id| json!({ "id": id })).collect();
        json!({ "expression_class": "BOUND_FUNCTION", "qname": { "path": ["system", "main", name] },
            "arguments": types, "return_type": { "id": result }, "children": children })
    }

    #[test]
    fn functions_and_casts_are_found_anywhere() {
        let cast = call("__cast", &[ZONED], "DATE", json!([]));
        let plan = json!({ "plans": [{ "expressions": [call("year", &[ZONED], "BIGINT", json!([])), cast] }] });
        let found: Vec<_> = read(&plan).into_iter().collect();
        assert_eq!(found, ["`year` of a TIMESTAMP WITH TIME ZONE", "a cast from TIMESTAMP WITH TIME ZONE to DATE"]);
    }

    #[test]
    fn what_is_the_same_everywhere_is_not() {
        let interval = |days: i64| json!([{}, { "value": { "value": { "months": 0, "days": days, "micros": 1 } } }]);
        let text = |text: &str| json!([{ "value": { "value": text } }]);
        for plan in [
            call("year", &["TIMESTAMP"], "BIGINT", json!([])),
            call("epoch", &[ZONED], "DOUBLE", json!([])),
            call("timezone", &["VARCHAR", ZONED], "TIMESTAMP", json!([])),
            call("time_bucket", &["INTERVAL", ZONED], ZONED, json!([])),
            call("+", &[ZONED, "INTERVAL"], ZONED, interval(0)),
            call("__cast", &["VARCHAR"], ZONED, text("2024-01-01 00:00:00+00")),
            call("__cast", &["NULL"], ZONED, json!([])),
            call("__cast", &["INTEGER"], "BIGINT", json!([])),
        ] {
            assert_eq!(read(&plan), BTreeSet::new(), "{plan}");
        }
        assert!(!read(&call("+", &[ZONED, "INTERVAL"], ZONED, interval(1))).is_empty());
        assert!(!read(&call("__cast", &["VARCHAR"], ZONED, text("2024-01-01"))).is_empty());
        assert!(!read(&call("__cast", &["VARCHAR"], ZONED, json!([{}]))).is_empty());
    }
}
