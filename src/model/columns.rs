use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Some columns of a table, or all.
///
/// Its JSON is `null` for all, and a sorted list of names otherwise. The empty list means the number of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Option<BTreeSet<String>>", into = "Option<BTreeSet<String>>")]
pub enum Columns {
    /// Every column, in order.
    #[default]
    All,
    /// Exactly these columns; their order does not count.
    Only(BTreeSet<String>),
}

/// The columns that are read of each table, by the table's name in its schema (`schema.name`).
pub type Reads = BTreeMap<String, Columns>;

impl From<Option<BTreeSet<String>>> for Columns {
    fn from(names: Option<BTreeSet<String>>) -> Self {
        names.map_or(Self::All, Self::Only)
    }
}

impl From<Columns> for Option<BTreeSet<String>> {
    fn from(columns: Columns) -> Self {
        match columns {
            Columns::All => None,
            Columns::Only(names) => Some(names),
        }
    }
}

impl Columns {
    /// Returns no column: only the number of rows.
    pub fn none() -> Self {
        Self::Only(BTreeSet::new())
    }

    /// Whether these are all columns.
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }

    /// Whether they include all of `others`.
    pub fn include(&self, others: &Self) -> bool {
        match (self, others) {
            (Self::All, _) => true,
            (Self::Only(_), Self::All) => false,
            (Self::Only(names), Self::Only(others)) => others.is_subset(names),
        }
    }

    /// Adds the others.
    pub fn add(&mut self, others: &Self) {
        match (&mut *self, others) {
            (Self::All, _) => {}
            (_, Self::All) => *self = Self::All,
            (Self::Only(names), Self::Only(others)) => names.extend(others.iter().cloned()),
        }
    }

    /// Returns the columns that are in both.
    #[must_use]
    pub fn common(&self, others: &Self) -> Self {
        match (self, others) {
            (Self::All, columns) | (columns, Self::All) => columns.clone(),
            (Self::Only(names), Self::Only(others)) => Self::Only(names.intersection(others).cloned().collect()),
        }
    }
}

/// Adds the columns of `others`.
pub(crate) fn merge(reads: &mut Reads, others: &Reads) {
    for (table, columns) in others {
        reads.entry(table.clone()).or_insert_with(Columns::none).add(columns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(names: &[&str]) -> Columns {
        Columns::Only(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn all_includes_what_is_named_and_not_the_other_way_round() {
        assert!(Columns::All.include(&only(&["a"])));
        assert!(!only(&["a"]).include(&Columns::All));
        assert!(only(&["a", "b"]).include(&only(&["b"])));
        assert!(only(&[]).include(&Columns::none()));
        assert!(!only(&["a"]).include(&only(&["a", "b"])));
    }

    #[test]
    fn common_columns_are_those_of_both() {
        assert_eq!(Columns::All.common(&only(&["a"])), only(&["a"]));
        assert_eq!(only(&["a", "b"]).common(&only(&["b", "c"])), only(&["b"]));
    }
}
