//! Describes the difference between two queries in terms of SQL: outputs and clauses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Returns the parts in which two canonical trees differ, such as "`amount`", "the WHERE clause"; empty if they are
/// equal. `None` if one of the texts is not a tree.
pub fn parts(before: &str, after: &str) -> Option<Vec<String>> {
    let before: Value = serde_json::from_str(before).ok()?;
    let after: Value = serde_json::from_str(after).ok()?;
    let mut parts = Vec::new();
    nodes(&before, &after, "", &mut parts);
    Some(parts)
}

/// Returns the columns of the result that differ, if the trees differ only in their select lists and each column there
/// has a name.
pub fn outputs_only(before: &str, after: &str) -> Option<BTreeSet<String>> {
    let mut before: Value = serde_json::from_str(before).ok()?;
    let after: Value = serde_json::from_str(after).ok()?;
    let list = before["select_list"].take();
    before["select_list"] = after["select_list"].clone();
    if before != after || before["type"] != "SELECT_NODE" {
        return None;
    }
    let named = |list: &Value| -> Option<BTreeMap<String, Value>> {
        list.as_array()?.iter().map(|item| Some((name(item)?, item.clone()))).collect()
    };
    let (old, new) = (named(&list)?, named(&after["select_list"])?);
    let changed = |(name, item): (&String, &Value)| (old.get(name) != Some(item)).then(|| name.clone());
    let mut names: BTreeSet<String> = new.iter().filter_map(changed).collect();
    names.extend(old.keys().filter(|name| !new.contains_key(*name)).cloned());
    Some(names)
}

const CLAUSES: [(&str, &str); 9] = [
    ("from_table", "FROM"),
    ("where_clause", "WHERE"),
    ("group_expressions", "GROUP BY"),
    ("group_sets", "GROUP BY"),
    ("aggregate_handling", "GROUP BY"),
    ("having", "HAVING"),
    ("qualify", "QUALIFY"),
    ("sample", "SAMPLE"),
    ("modifiers", "ORDER BY, DISTINCT or LIMIT"),
];

fn nodes(before: &Value, after: &Value, within: &str, parts: &mut Vec<String>) {
    if before == after {
        return;
    }
    if before["type"] != after["type"] || before["type"] != "SELECT_NODE" {
        add(parts, format!("the query{within}"));
        return;
    }
    outputs(before, after, within, parts);
    for (key, clause) in CLAUSES {
        if before[key] != after[key] {
            add(parts, format!("{clause}{within}"));
        }
    }
    common_tables(before, after, within, parts);
    if parts.is_empty() {
        add(parts, format!("the query{within}"));
    }
}

fn add(parts: &mut Vec<String>, part: String) {
    if !parts.contains(&part) {
        parts.push(part);
    }
}

fn name(expression: &Value) -> Option<String> {
    let alias = expression["alias"].as_str().unwrap_or_default();
    if !alias.is_empty() {
        return Some(alias.to_owned());
    }
    Some(expression["column_names"].as_array()?.last()?.as_str()?.to_owned())
}

fn outputs(before: &Value, after: &Value, within: &str, parts: &mut Vec<String>) {
    let empty = Vec::new();
    let left = before["select_list"].as_array().unwrap_or(&empty);
    let right = after["select_list"].as_array().unwrap_or(&empty);
    if left == right {
        return;
    }
    let named = |list: &[Value]| -> Option<Vec<(String, Value)>> {
        list.iter().map(|item| Some((name(item)?, item.clone()))).collect()
    };
    let (Some(left_named), Some(right_named)) = (named(left), named(right)) else {
        add(parts, format!("the select list{within}"));
        return;
    };
    let find = |list: &[(String, Value)], name: &str| {
        list.iter().find(|(other, _)| other == name).map(|(_, item)| item.clone())
    };
    let before_count = parts.len();
    for (name, item) in &right_named {
        match find(&left_named, name) {
            None => add(parts, format!("`{name}` added{within}")),
            Some(other) if other != *item => add(parts, format!("`{name}`{within}")),
            Some(_) => {}
        }
    }
    for (name, _) in &left_named {
        if find(&right_named, name).is_none() {
            add(parts, format!("`{name}` removed{within}"));
        }
    }
    if parts.len() == before_count {
        add(parts, format!("the order of columns{within}"));
    }
}

fn common_tables(before: &Value, after: &Value, within: &str, parts: &mut Vec<String>) {
    let entries = |node: &Value| -> Vec<(String, Value)> {
        let map = node["cte_map"]["map"].as_array().cloned().unwrap_or_default();
        map.into_iter()
            .map(|entry| (entry["key"].as_str().unwrap_or_default().to_owned(), entry["value"].clone()))
            .collect()
    };
    let left = entries(before);
    let right = entries(after);
    for (name, value) in &right {
        match left.iter().find(|(other, _)| other == name) {
            None => add(parts, format!("WITH `{name}` added{within}")),
            Some((_, other)) if other != value => {
                let inner = format!(" in `{name}`{within}");
                if other["query_node"] == value["query_node"] {
                    add(parts, format!("WITH `{name}`{within}"));
                } else {
                    nodes(&other["query_node"], &value["query_node"], &inner, parts);
                }
            }
            Some(_) => {}
        }
    }
    for (name, _) in &left {
        if !right.iter().any(|(other, _)| other == name) {
            add(parts, format!("WITH `{name}` removed{within}"));
        }
    }
    let names = |entries: &[(String, Value)]| entries.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    if left.len() == right.len() && names(&left) != names(&right) && parts.is_empty() {
        add(parts, format!("the order of WITH{within}"));
    }
}
