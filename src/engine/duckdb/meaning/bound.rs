//! Reads the bound plan from the engine's binder (`json_serialize_plan`).
//!
//! In the bound plan names are resolved, views are expanded and types are fixed. Its normal form contains no aliases,
//! places or numbering, and is part of a version's key: the same text has another meaning once an input has a new
//! column.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::equality;
use super::shape::{self, Shape};
use crate::engine::duckdb::json::function_name;
use crate::model::{Columns, Reads};

/// The content of a bound plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BoundPlan {
    /// The plan as JSON in normal form.
    pub normal: String,
    /// The columns of each table that are read anywhere.
    pub reads: Reads,
    /// The query split into its row set and its output columns, if that is possible.
    pub shape: Option<Shape>,
    /// Why the result may depend on threads and the order of rows, as text; empty if it does not.
    pub unstable: BTreeSet<String>,
}

/// Fields that only repeat the text or a place.
const DROPPED: [&str; 6] =
    ["query_location", "query_location_length", "ctename", "bound_columns", "parameter_names", "input_table_names"];

/// Fields that number tables; only the equality of the numbers matters.
const NUMBERS: [&str; 9] = [
    "table_index",
    "group_index",
    "aggregate_index",
    "groupings_index",
    "window_index",
    "unnest_index",
    "mark_index",
    "cte_index",
    "pivot_index",
];

/// Reads one plan of the engine's result.
pub(super) fn read(plan: &Value) -> BoundPlan {
    let mut unstable = BTreeSet::new();
    equality::find_choices(plan, &mut unstable);
    let keep_aliases = uses_alias(plan);
    let normal = Normal {
        numbers: BTreeMap::new(),
        keep_aliases,
    }
    .value(plan)
    .to_string();
    let shape = shape::read(plan);
    let reads = shape.as_ref().map_or_else(
        || {
            // The binder requests from a scan only columns that are named somewhere.
            let mut reads = Reads::new();
            scanned(plan, &mut reads);
            reads
        },
        Shape::reads,
    );
    BoundPlan {
        normal,
        reads,
        shape,
        unstable,
    }
}

/// Collects the requested columns of all scans below.
pub(super) fn scanned(value: &Value, reads: &mut Reads) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| scanned(item, reads)),
        Value::Object(fields) => {
            if let (true, Some(table)) = (is_table_scan(value), table_of(value)) {
                reads.entry(table).or_insert_with(Columns::none).add(&columns_of(value));
            }
            fields.values().for_each(|field| scanned(field, reads));
        }
        _ => {}
    }
}

/// Returns the name of a scanned table in its schema.
pub(super) fn table_of(scan: &Value) -> Option<String> {
    let path: Vec<&str> =
        scan["function_data"]["qualified_name"]["path"].as_array()?.iter().filter_map(Value::as_str).collect();
    match path.as_slice() {
        [.., schema, table] => Some(format!("{schema}.{table}")),
        _ => None,
    }
}

/// Returns the requested columns of a scan; all if one is unknown.
fn columns_of(scan: &Value) -> Columns {
    let names = |index: &Value| -> Option<Option<String>> {
        // The number of a row, and the placeholder for rows that are only counted.
        if index["index"].as_u64() == Some(u64::MAX) {
            return Some(None);
        }
        let position = usize::try_from(index["index"].as_u64()?).ok()?;
        Some(Some(scan["names"].get(position)?.as_str()?.to_owned()))
    };
    let found: Option<Vec<Option<String>>> =
        scan["column_indexes"].as_array().and_then(|indexes| indexes.iter().map(names).collect());
    found.map_or(Columns::All, |found| Columns::Only(found.into_iter().flatten().collect()))
}

/// Whether the function `alias` occurs, for which aliases are data.
fn uses_alias(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(uses_alias),
        Value::Object(fields) => function_name(value) == Some("alias") || fields.values().any(uses_alias),
        _ => false,
    }
}

/// Converts the engine's JSON to its normal form.
#[derive(Default)]
pub(super) struct Normal {
    numbers: BTreeMap<u64, usize>,
    keep_aliases: bool,
}

impl Normal {
    /// Whether a field does not matter.
    pub(super) fn drops(key: &str, of: &Map<String, Value>, keep_aliases: bool) -> bool {
        let is_type = || of.get("type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("_TYPE_INFO"));
        DROPPED.contains(&key) || (key == "alias" && !keep_aliases && !is_type())
    }

    fn number(&mut self, number: u64) -> Value {
        if number > u64::from(u32::MAX) {
            return json!("none");
        }
        let next = self.numbers.len();
        json!(*self.numbers.entry(number).or_insert(next))
    }

    pub(super) fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::Array(items) => Value::Array(items.iter().map(|item| self.value(item)).collect()),
            Value::Object(fields) if is_table_scan(value) => self.table_scan(fields),
            Value::Object(fields) => {
                let mut normal = Map::new();
                for (key, field) in fields {
                    if Self::drops(key, fields, self.keep_aliases) {
                        continue;
                    }
                    let field = match field.as_u64() {
                        Some(number) if NUMBERS.contains(&key.as_str()) => self.number(number),
                        _ => self.value(field),
                    };
                    normal.insert(key.clone(), field);
                }
                Value::Object(normal)
            }
            other => other.clone(),
        }
    }

    /// Describes a scan by the input's name and the columns read, not by their positions.
    fn table_scan(&mut self, fields: &Map<String, Value>) -> Value {
        let names = fields.get("names").and_then(Value::as_array);
        let types = fields.get("returned_types").and_then(Value::as_array);
        let empty = Vec::new();
        let indexes = fields.get("column_indexes").and_then(Value::as_array).unwrap_or(&empty);
        let mut columns = Vec::new();
        for index in indexes {
            let position = index["index"].as_u64().and_then(|position| usize::try_from(position).ok());
            let column = position.and_then(|position| Some((names?.get(position)?, types?.get(position)?)));
            columns.push(match column {
                Some((name, data_type)) => {
                    json!([name, self.value(data_type), index["child_indexes"], index["index_type"]])
                }
                None => json!("row"),
            });
        }
        let table_index = fields.get("table_index").and_then(Value::as_u64).unwrap_or(u64::MAX);
        json!({
            "scan": fields["function_data"]["qualified_name"]["path"],
            "columns": columns,
            "table_index": self.number(table_index),
            "projection_ids": fields.get("projection_ids").cloned().unwrap_or_default(),
            "filters": fields.get("table_filters").map(|filters| self.value(filters)).unwrap_or_default(),
            "sample": fields.get("extra_info").map(|extra| self.value(&extra["sample_options"])).unwrap_or_default(),
        })
    }
}

pub(super) fn is_table_scan(value: &Value) -> bool {
    value.get("type").and_then(Value::as_str) == Some("LOGICAL_GET") && function_name(value) == Some("seq_scan")
}
