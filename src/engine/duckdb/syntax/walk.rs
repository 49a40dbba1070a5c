//! Finds in a syntax tree what the query reads, and why its result may be unstable. Anything unknown is refused, never
//! ignored.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::engine::duckdb::functions;
use crate::sql::syntax::{FileReference, Refusal, TableReference};

/// What a query reads and contains, from its syntax tree.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub tables: Vec<TableReference>,
    pub files: Vec<FileReference>,
    pub unstable: BTreeSet<String>,
    /// Whether the query calls a function whose result depends on when it runs, or differs for each run.
    pub reads_clock: bool,
    /// The words that return the time or a value of the session unless a column has their name, in lower case.
    pub words: BTreeSet<String>,
    pub names_zone: bool,
    pub refused: Vec<Refusal>,
    pub row_ids: Vec<Option<usize>>,
}

/// Reads the tree of one query.
pub(super) fn read(node: &Value) -> Found {
    let mut walk = Walk::default();
    walk.query(node, &Scope::default());
    let mut found = walk.found;
    if !found.row_ids.is_empty() && gives_row_id(node) {
        found.row_ids.clear();
    }
    found.tables.sort_by(|left, right| (left.offset, &left.path).cmp(&(right.offset, &right.path)));
    found
}

/// Names of visible common table expressions, lower case; `true` inside a recursive one's own body.
#[derive(Clone, Default)]
struct Scope(BTreeMap<String, bool>);

#[derive(Default)]
struct Walk {
    found: Found,
}

fn offset(value: &Value) -> Option<usize> {
    value["query_location"]
        .as_u64()
        .filter(|offset| *offset < u64::from(u32::MAX))
        .and_then(|offset| usize::try_from(offset).ok())
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn path(value: &Value) -> Vec<String> {
    value["qualified_name"]["path"]
        .as_array()
        .map(|parts| parts.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default()
}

impl Walk {
    fn refuse(&mut self, what: impl Into<String>, help: &str, offset: Option<usize>) {
        self.found.refused.push(Refusal {
            what: what.into(),
            help: help.to_owned(),
            offset,
        });
    }

    fn unstable(&mut self, why: impl Into<String>) {
        self.found.unstable.insert(why.into());
    }

    /// Reads a query node: its CTEs in order, each visible to the following ones, then everything else.
    fn query(&mut self, node: &Value, outer: &Scope) {
        let kind = text(node, "type");
        if !["SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"].contains(&kind) {
            let what = match kind {
                "INSERT_QUERY_NODE" | "UPDATE_QUERY_NODE" | "DELETE_QUERY_NODE" => "a statement that writes".to_owned(),
                other => format!("the construct {other}"),
            };
            self.refuse(what, "write one query: SELECT, VALUES, FROM or a set operation of them", None);
            return;
        }
        let mut scope = outer.clone();
        if let Some(entries) = node["cte_map"]["map"].as_array() {
            for entry in entries {
                let name = text(entry, "key").to_lowercase();
                let body = &entry["value"]["query_node"];
                if text(body, "type") == "RECURSIVE_CTE_NODE" {
                    self.query(&body["left"], &scope);
                    let mut inner = scope.clone();
                    inner.0.insert(name.clone(), true);
                    self.query(&body["right"], &inner);
                    if body["key_targets"].as_array().is_some_and(|keys| !keys.is_empty()) {
                        self.unstable(
                            "a recursive query USING KEY keeps the last row, and the order of rows is not fixed",
                        );
                    }
                    for (key, field) in body.as_object().into_iter().flatten() {
                        if !["left", "right", "cte_map"].contains(&key.as_str()) {
                            self.any(field, &inner);
                        }
                    }
                } else {
                    self.query(body, &scope);
                }
                for key in ["key_targets", "payload_aggregates"] {
                    self.any(&entry["value"][key], &scope);
                }
                scope.0.insert(name, false);
            }
        }
        for (key, field) in node.as_object().into_iter().flatten() {
            if key != "cte_map" {
                self.any(field, &scope);
            }
        }
        if !node["sample"].is_null() {
            self.unstable("it samples rows");
        }
    }

    fn any(&mut self, value: &Value, scope: &Scope) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.any(item, scope)),
            Value::Object(fields) => {
                if fields.contains_key("cte_map") {
                    return self.query(value, scope);
                }
                if let Some(class) = fields.get("class").and_then(Value::as_str) {
                    self.expression(class, value);
                } else if self.table(value, scope) {
                    return;
                } else {
                    self.modifier(value);
                }
                fields.values().for_each(|field| self.any(field, scope));
            }
            _ => {}
        }
    }

    /// Reads a table reference; returns `true` if nothing inside it needs to be read.
    fn table(&mut self, value: &Value, scope: &Scope) -> bool {
        match text(value, "type") {
            "BASE_TABLE" => {
                let path = path(value);
                if !value["at_clause"].is_null() {
                    self.refuse("AT", "remove the AT clause: dp reads the published version", offset(value));
                }
                if !value["sample"].is_null() {
                    self.unstable("it samples rows");
                }
                let lower: Vec<String> = path.iter().map(|part| part.to_lowercase()).collect();
                let is_cte = match lower.as_slice() {
                    [name] => scope.0.contains_key(name),
                    [recurring, name] => recurring == "recurring" && scope.0.get(name) == Some(&true),
                    _ => false,
                };
                if !is_cte {
                    self.found.tables.push(TableReference {
                        path,
                        offset: offset(value),
                    });
                }
                false
            }
            "TABLE_FUNCTION" => {
                self.table_function(value);
                if !value["sample"].is_null() {
                    self.unstable("it samples rows");
                }
                false
            }
            "SHOW_REF" => {
                self.refuse("DESCRIBE, SHOW or SUMMARIZE", "select from the tables directly", offset(value));
                false
            }
            "PIVOT" => {
                let dynamic = value["pivots"]
                    .as_array()
                    .is_some_and(|pivots| pivots.iter().any(|pivot| !text(pivot, "pivot_enum").is_empty()));
                if dynamic {
                    self.refuse(
                        "PIVOT over an ENUM's values",
                        "name the values: `pivot … on column in ('a', 'b')`",
                        offset(value),
                    );
                }
                false
            }
            "COLUMN_DATA" | "DELIM_GET" | "BOUND_TABLE_REF" | "CTE" => {
                self.refuse(
                    format!("the construct {}", text(value, "type")),
                    "write it as an ordinary query",
                    offset(value),
                );
                true
            }
            "JOIN" => {
                match text(value, "ref_type") {
                    "POSITIONAL" => self.unstable("a positional join depends on the order of rows"),
                    "ASOF" => self.unstable("an ASOF join picks one of several equal rows"),
                    _ => {}
                }
                false
            }
            _ => false,
        }
    }

    fn table_function(&mut self, value: &Value) {
        let function = &value["function"];
        let name = path(function)
            .last()
            .map_or_else(|| text(function, "function_name").to_lowercase(), |name| name.to_lowercase());
        let place = offset(value).or_else(|| offset(function));
        if functions::TABLE.contains(&name.as_str()) {
            return;
        }
        if functions::READERS.iter().any(|(reader, _)| *reader == name) {
            let paths = function["arguments"]
                .get(0)
                .and_then(|argument| constant_paths(argument.get("expression").unwrap_or(argument)));
            match paths {
                Some(paths) => self.found.files.push(FileReference { paths, offset: place }),
                None => self.refuse(
                    format!("`{name}` with a path that is not constant"),
                    "write the path as a string, or declare the files as a `source` asset",
                    place,
                ),
            }
            return;
        }
        self.refuse(
            format!("the table function `{name}`"),
            "declare its data as a `source` asset, and read the asset: dp can't know what the function reads",
            place,
        );
    }

    fn expression(&mut self, class: &str, value: &Value) {
        match class {
            "PARAMETER" => self.refuse("a parameter", "use a variable, `${var.NAME}`", offset(value)),
            "FUNCTION" | "WINDOW" => {
                let name = text(value, "function_name").to_lowercase();
                if functions::LOOKUPS.contains(&name.as_str()) {
                    self.refuse(
                        format!("the function `{name}`"),
                        "use a variable, `${var.NAME}`: the function reads the session or the catalogue, which no fingerprint covers",
                        offset(value),
                    );
                }
                if functions::CLOCK.contains(&name.as_str()) || (name == "age" && arguments(value) == 1) {
                    self.found.reads_clock = true;
                    self.unstable(format!("`{name}` depends on when it runs"));
                }
                if matches!(name.as_str(), "strptime" | "try_strptime") && reads_zone_names(value) {
                    self.refuse(
                        format!("`%Z` in a format of `{name}`"),
                        "remove the zone from the text, and write `timezone(zone, strptime(text, format))`: the engine ignores the parsed zone",
                        offset(value),
                    );
                }
                let with_zone = [("timezone", 2), ("make_timestamptz", 7), ("time_bucket", 3)];
                self.found.names_zone |= with_zone.contains(&(name.as_str(), arguments(value)));
                if functions::VOLATILE.contains(&name.as_str()) {
                    self.found.reads_clock = true;
                    self.unstable(format!("`{name}` returns a different value each time"));
                }
                if functions::ORDER_DEPENDENT.contains(&name.as_str()) {
                    self.unstable(format!("`{name}` depends on the order of rows"));
                }
                if class == "WINDOW" && !equal_for_equal_rows(&name, value) {
                    self.unstable(format!("the window function `{name}` depends on the order of equal rows"));
                }
            }
            "COLUMN_REF" => {
                let last = value["column_names"].as_array().and_then(|names| names.last()?.as_str());
                if last.is_some_and(|name| name.eq_ignore_ascii_case(ROW_ID)) {
                    self.found.row_ids.push(offset(value));
                }
                // Arguments of table functions are taken for such words even behind the name of a table.
                let word = last.unwrap_or_default().to_lowercase();
                if functions::CLOCK_WORDS.contains(&word.as_str()) || functions::SESSION_WORDS.contains(&word.as_str())
                {
                    self.found.words.insert(word);
                }
            }
            _ => {}
        }
    }

    fn modifier(&mut self, value: &Value) {
        match text(value, "type") {
            "LIMIT_MODIFIER" | "LIMIT_PERCENT_MODIFIER" => {
                self.unstable("the limit depends on the order of rows, which may not be unique");
            }
            "DISTINCT_MODIFIER" => {
                let on = value["distinct_on_targets"].as_array().is_some_and(|targets| !targets.is_empty());
                if on {
                    self.unstable("DISTINCT ON keeps one row of several, depending on their order");
                }
            }
            _ => {}
        }
    }
}

/// The column that the engine's own tables have in addition to the declared ones.
const ROW_ID: &str = "rowid";

/// Whether a part of the query defines a column, or a name of columns, with this name.
fn gives_row_id(value: &Value) -> bool {
    let is_it = |name: &Value| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(ROW_ID));
    match value {
        Value::Array(items) => items.iter().any(gives_row_id),
        Value::Object(fields) => {
            let mut named = ["column_name_alias", "aliases"].iter().filter_map(|key| value[*key].as_array()).flatten();
            is_it(&value["alias"]) || named.any(is_it) || fields.values().any(gives_row_id)
        }
        _ => false,
    }
}

/// Whether a window function gives equal results for rows that its order does not distinguish.
fn equal_for_equal_rows(name: &str, value: &Value) -> bool {
    let whole_peers = |key: &str| {
        let bound = text(value, key);
        bound.starts_with("UNBOUNDED") || bound.ends_with("RANGE")
    };
    functions::TIE_SAFE_WINDOWS.contains(&name)
        || (text(value, "type") == "WINDOW_AGGREGATE" && whole_peers("start") && whole_peers("end"))
}

fn arguments(value: &Value) -> usize {
    ["arguments", "children"].iter().find_map(|key| value[*key].as_array()).map_or(0, Vec::len)
}

/// Whether a call of `strptime` has a format with the name of a time zone.
fn reads_zone_names(call: &Value) -> bool {
    let arguments = ["arguments", "children"].iter().find_map(|key| call[*key].as_array());
    let format = arguments.and_then(|arguments| arguments.get(1));
    let format = format.map(|argument| argument.get("expression").unwrap_or(argument)).and_then(constant_paths);
    format.unwrap_or_default().iter().any(|(format, _)| format.replace("%%", "").contains("%Z"))
}

/// Returns a text, or a list of texts, with their places.
fn constant_paths(value: &Value) -> Option<Vec<(String, Option<usize>)>> {
    match text(value, "class") {
        "CONSTANT" => constant_text(value).map(|text| vec![(text, offset(value))]),
        "FUNCTION" if text(value, "function_name").eq_ignore_ascii_case("list_value") => value["arguments"]
            .as_array()
            .or_else(|| value["children"].as_array())?
            .iter()
            .map(|argument| {
                let constant = argument.get("expression").unwrap_or(argument);
                Some((constant_text(constant)?, offset(constant)))
            })
            .collect(),
        _ => None,
    }
}

fn constant_text(value: &Value) -> Option<String> {
    let literal = &value["literal"];
    (text(literal, "kind") == "STRING").then(|| text(literal, "text").to_owned())
}
