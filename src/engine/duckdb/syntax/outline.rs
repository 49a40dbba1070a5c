//! Splits a syntax tree into the parts by which dp names an edit.

use serde_json::Value;

use crate::model::Digest;
use crate::sql::outline::{Common, Outline, Output, Select};

/// The clauses of a `select`, each with its fields in the tree.
const CLAUSES: [(&str, &[&str]); 7] = [
    ("FROM", &["from_table"]),
    ("WHERE", &["where_clause"]),
    ("GROUP BY", &["group_expressions", "group_sets", "aggregate_handling"]),
    ("HAVING", &["having"]),
    ("QUALIFY", &["qualify"]),
    ("SAMPLE", &["sample"]),
    ("ORDER BY, DISTINCT or LIMIT", &["modifiers"]),
];

/// Returns the outline of a canonical tree.
pub(super) fn of(node: &Value) -> Outline {
    Outline {
        digest: digest(node),
        select: (node["type"] == "SELECT_NODE").then(|| select(node)),
    }
}

fn digest(part: &Value) -> Digest {
    Digest::of_json("outline/1", part)
}

fn select(node: &Value) -> Select {
    let mut rest = node.clone();
    rest["select_list"].take();
    Select {
        outputs: items(&node["select_list"]).iter().map(output).collect(),
        rest: digest(&rest),
        clauses: CLAUSES
            .iter()
            .map(|(clause, keys)| {
                (*clause, Digest::of_json("outline/1", &keys.iter().map(|key| &node[*key]).collect::<Vec<_>>()))
            })
            .collect(),
        common: items(&node["cte_map"]["map"]).iter().map(common).collect(),
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn output(expression: &Value) -> Output {
    let alias = expression["alias"].as_str().filter(|alias| !alias.is_empty());
    let column = || items(&expression["column_names"]).last()?.as_str();
    Output {
        name: alias.or_else(column).map(ToOwned::to_owned),
        digest: digest(expression),
    }
}

fn common(entry: &Value) -> Common {
    Common {
        name: entry["key"].as_str().unwrap_or_default().to_owned(),
        digest: digest(&entry["value"]),
        query: of(&entry["value"]["query_node"]),
    }
}
