use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Digest;

/// A column with its type as the engine writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Column {
    /// The name, in the case in which it was written.
    pub name: String,
    /// The engine's text for the type, which the engine parses as the same type.
    #[serde(rename = "type")]
    pub data_type: String,
}

/// Columns in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Schema(pub Vec<Column>);

impl Schema {
    /// Returns a column by its name, ignoring case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.0.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Returns the names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().map(|column| column.name.as_str())
    }

    /// Returns some of its columns, in the order of their names.
    #[must_use]
    pub fn by_name(&self, names: &BTreeSet<String>) -> Self {
        // If two columns have the name, the first one counts.
        let by_name: BTreeMap<&str, &Column> =
            self.0.iter().rev().map(|column| (column.name.as_str(), column)).collect();
        Self(names.iter().filter_map(|name| by_name.get(name.as_str())).map(|column| (*column).clone()).collect())
    }

    /// Returns a hash of the names, the types and their order.
    pub fn digest(&self) -> Digest {
        Digest::of("schema/1", self.0.iter().flat_map(|column| [column.name.as_str(), column.data_type.as_str()]))
    }

    /// Returns how the columns violate a contract: missing names, and other types where the contract has one.
    pub fn lacks(&self, contract: &[(String, Option<String>)]) -> Vec<String> {
        let mut differences = Vec::new();
        for (name, expected) in contract {
            match (self.column(name), expected) {
                (None, _) => differences.push(format!("column `{name}` is missing")),
                (Some(found), Some(expected)) if found.data_type != *expected => {
                    differences
                        .push(format!("column `{name}` is {}, but the contract says {expected}", found.data_type));
                }
                (Some(_), _) => {}
            }
        }
        differences
    }

    /// Returns what was added, removed, retyped or moved since `before`, as text.
    pub fn changes_since(&self, before: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        for column in &self.0 {
            match before.0.iter().find(|other| other.name == column.name) {
                None => changes.push(format!("column `{}` added", column.name)),
                Some(other) if other.data_type != column.data_type => changes
                    .push(format!("column `{}` is {} and was {}", column.name, column.data_type, other.data_type)),
                Some(_) => {}
            }
        }
        for column in &before.0 {
            if !self.0.iter().any(|other| other.name == column.name) {
                changes.push(format!("column `{}` removed", column.name));
            }
        }
        if changes.is_empty() && self != before {
            changes.push("columns in another order".to_owned());
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(columns: &[(&str, &str)]) -> Schema {
        let column = |(name, data_type): &(&str, &str)| Column {
            name: (*name).to_owned(),
            data_type: (*data_type).to_owned(),
        };
        Schema(columns.iter().map(column).collect())
    }

    #[test]
    fn changes_are_named() {
        let before = schema(&[("a", "INTEGER"), ("b", "VARCHAR")]);
        let after = schema(&[("a", "BIGINT"), ("c", "DATE")]);
        assert_eq!(
            after.changes_since(&before),
            ["column `a` is BIGINT and was INTEGER", "column `c` added", "column `b` removed"]
        );
        let reordered = schema(&[("b", "VARCHAR"), ("a", "INTEGER")]);
        assert_eq!(reordered.changes_since(&before), ["columns in another order"]);
        assert_ne!(reordered.digest(), before.digest());
    }
}
