//! Finds where a query keeps one of several values that are equal and not identical.
//!
//! For the engine 0.0 equals -0.0, one month equals 30 days, and all NaNs are equal. Grouping, `distinct` and `max`
//! keep one of several equal values, and which one depends on threads and on the order of rows. Such a query can give
//! other rows for the same input.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::engine::duckdb::functions;
use crate::engine::duckdb::json::function_name;

/// Adds a reason for each place of a bound plan that keeps one of several equal values.
pub(super) fn find_choices(plan: &Value, unstable: &mut BTreeSet<String>) {
    match plan {
        Value::Array(items) => items.iter().for_each(|item| find_choices(item, unstable)),
        Value::Object(fields) => {
            let chosen = match plan["type"].as_str().unwrap_or_default() {
                "LOGICAL_AGGREGATE_AND_GROUP_BY" => results(&plan["groups"]).map(|wide| ("grouping", wide)),
                "LOGICAL_DISTINCT" => results(&plan["distinct_targets"]).map(|wide| ("removing duplicates", wide)),
                "LOGICAL_INTERSECT" | "LOGICAL_EXCEPT" => {
                    of_relation(&plan["children"][0]).map(|wide| ("comparing rows", wide))
                }
                "LOGICAL_RECURSIVE_CTE" if plan["union_all"] == false => {
                    first(&plan["internal_types"]).map(|wide| ("removing duplicates", wide))
                }
                "LOGICAL_COMPARISON_JOIN" => joined(plan).map(|wide| ("joining", wide)),
                _ => None,
            };
            let chosen =
                chosen.or_else(|| results(&plan["duplicate_eliminated_columns"]).map(|wide| ("grouping", wide)));
            unstable.extend(chosen.map(|(what, wide)| format!("{what} by {} {}", wide.name(), wide.why())));
            unstable.extend(aggregate(plan));
            fields.values().for_each(|field| find_choices(field, unstable));
        }
        _ => {}
    }
}

/// A type with values that are equal and not identical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wide {
    Float,
    Interval,
    Variant,
    Collated,
}

impl Wide {
    /// Returns the type, or the one inside a nested type; `None` if equal values are identical.
    fn of(data_type: &Value) -> Option<Self> {
        match data_type["id"].as_str()? {
            "FLOAT" | "DOUBLE" => Some(Self::Float),
            "INTERVAL" => Some(Self::Interval),
            "VARIANT" => Some(Self::Variant),
            _ if data_type["type_info"]["collation"].as_str().is_some_and(|name| !name.is_empty()) => {
                Some(Self::Collated)
            }
            _ => Self::within(&data_type["type_info"]),
        }
    }

    fn within(value: &Value) -> Option<Self> {
        match value {
            Value::Array(items) => items.iter().find_map(Self::within),
            Value::Object(fields) => Self::of(value).or_else(|| fields.values().find_map(Self::within)),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Float => "floating-point numbers",
            Self::Interval => "intervals",
            Self::Variant => "variants",
            Self::Collated => "text with a collation",
        }
    }

    fn why(self) -> &'static str {
        match self {
            Self::Float => "keeps any of equal ones, such as 0.0 and -0.0",
            Self::Interval => "keeps any of equal ones, such as 1 month and 30 days",
            Self::Variant => "keeps any of equal ones, such as 1.0 and 1.00",
            Self::Collated => "keeps any of equal ones, such as 'a' and 'A'",
        }
    }
}

fn first(types: &Value) -> Option<Wide> {
    types.as_array()?.iter().find_map(Wide::of)
}

/// Returns the first of these expressions that may have values which are equal and not identical.
fn results(expressions: &Value) -> Option<Wide> {
    expressions.as_array()?.iter().filter(|expression| !is_exact(expression)).find_map(result)
}

fn result(expression: &Value) -> Option<Wide> {
    // The engine compares variants with this function, and keeps the first of several equal ones.
    if function_name(expression) == Some("variant_comparator") {
        return Some(Wide::Variant);
    }
    let of_constant = || Wide::of(&expression["value"]["type"]);
    Wide::of(&expression["return_type"]).or_else(of_constant)
}

/// Whether equal values of an expression are identical whatever its type: a constant, or a result of an exact number.
fn is_exact(expression: &Value) -> bool {
    const EXACT: [&str; 12] = [
        "BOOLEAN",
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "HUGEINT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
        "UHUGEINT",
        "DECIMAL",
    ];
    match expression["type"].as_str() {
        Some("VALUE_CONSTANT") => true,
        Some("OPERATOR_CAST") => expression["arguments"][0]["id"].as_str().is_some_and(|id| EXACT.contains(&id)),
        _ => false,
    }
}

/// Returns the type of a relation's columns, if its own node contains it; other relations may have any type.
fn of_relation(node: &Value) -> Option<Wide> {
    match node["type"].as_str().unwrap_or_default() {
        "LOGICAL_PROJECTION" => results(&node["expressions"]),
        "LOGICAL_FILTER" | "LOGICAL_ORDER_BY" | "LOGICAL_LIMIT" | "LOGICAL_DISTINCT" => {
            of_relation(&node["children"][0])
        }
        "LOGICAL_UNION" | "LOGICAL_INTERSECT" | "LOGICAL_EXCEPT" => {
            of_relation(&node["children"][0]).or_else(|| of_relation(&node["children"][1]))
        }
        "LOGICAL_CTE_REF" => first(&node["chunk_types"]),
        _ => Some(Wide::Float),
    }
}

/// The engine may return a column of one side in place of the other side's, except for plain floating-point numbers.
fn joined(join: &Value) -> Option<Wide> {
    join["conditions"].as_array()?.iter().filter(|condition| condition["comparison"] == "COMPARE_EQUAL").find_map(
        |condition| {
            let side = &condition["left"];
            let is_plain = matches!(side["return_type"]["id"].as_str(), Some("FLOAT" | "DOUBLE"));
            result(side).filter(|_| !is_plain && !is_exact(side))
        },
    )
}

/// Returns the reason for an aggregate whose result depends on which of several equal values comes first.
fn aggregate(expression: &Value) -> Option<String> {
    match expression["expression_class"].as_str()? {
        "BOUND_AGGREGATE" => {}
        "BOUND_WINDOW" if expression["type"] == "WINDOW_AGGREGATE" => {}
        _ => return None,
    }
    let name = function_name(expression).or_else(|| expression.get("aggregate").and_then(function_name))?;
    if functions::COUNTING.contains(&name) {
        return None;
    }
    let mut wide = None;
    for argument in ["arguments", "children"].iter().filter_map(|key| expression[*key].as_array()).flatten() {
        let found = Wide::of(argument).or_else(|| result(argument));
        if functions::FLOAT_DEPENDENT.contains(&name) && found == Some(Wide::Float) {
            return Some(format!("`{name}` over floating-point numbers depends on the order of rows"));
        }
        wide = wide.or(found);
    }
    // The query's text already shows that these depend on the order of rows, unless the engine added them itself.
    let is_written =
        functions::ORDER_DEPENDENT.contains(&name) && !matches!(wide, Some(Wide::Variant | Wide::Collated));
    wide.filter(|_| !is_written).map(|wide| format!("`{name}` over {} {}", wide.name(), wide.why()))
}
