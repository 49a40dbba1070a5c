//! Sources of columns, and what the walk over the operators collects.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use thiserror::Error;

use super::{ByColumn, ColumnLineage, How, Hows, OutputLineage, ReadColumns};

/// Why the lineage of a query is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Unknown(pub String);

/// Uses of input columns, by their number in [`Walk::inputs`].
pub(super) type Sources = BTreeMap<usize, Hows>;

#[derive(Default)]
pub(super) struct Walk {
    /// The columns of inputs; `None` stands for the whole row, including columns that are added later.
    inputs: Vec<(String, Option<String>)>,
    numbers: BTreeMap<(String, Option<String>), usize>,
    pub scanned: BTreeSet<String>,
    pub rows: Sources,
    /// The columns of each common table, by its number.
    pub common: BTreeMap<u64, Vec<Rc<Sources>>>,
}

impl Walk {
    /// Returns the number of an input's column.
    pub(super) fn input(&mut self, table: &str, column: Option<&str>) -> usize {
        let key = (table.to_owned(), column.map(ToOwned::to_owned));
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let number = self.inputs.len();
        self.inputs.push(key.clone());
        self.numbers.insert(key, number);
        number
    }

    /// Notes that columns decide the row set.
    pub(super) fn decide(&mut self, sources: &Sources, how: How) {
        for number in sources.keys() {
            let known = self.rows.entry(*number).or_default();
            *known = known.and(Hows::of(how));
        }
    }

    pub(super) fn finish(self, names: &[&str], columns: &[Rc<Sources>]) -> ColumnLineage {
        let mut reads: BTreeMap<String, ReadColumns> =
            self.scanned.iter().map(|table| (table.clone(), ReadColumns::Some(BTreeSet::new()))).collect();
        for number in columns.iter().flat_map(|column| column.keys()).chain(self.rows.keys()) {
            let (table, column) = &self.inputs[*number];
            let read = reads.entry(table.clone()).or_insert_with(|| ReadColumns::Some(BTreeSet::new()));
            match (column, read) {
                (None, read) => *read = ReadColumns::All,
                (Some(column), ReadColumns::Some(columns)) => {
                    columns.insert(column.clone());
                }
                (Some(_), ReadColumns::All) => {}
            }
        }
        let outputs = names.iter().zip(columns).map(|(name, column)| OutputLineage {
            name: (*name).to_owned(),
            sources: self.by_column(column),
        });
        ColumnLineage {
            outputs: outputs.collect(),
            rows: self.by_column(&self.rows),
            reads,
            unknown: None,
        }
    }

    fn by_column(&self, sources: &Sources) -> ByColumn {
        let mut uses = ByColumn::new();
        for (number, hows) in sources {
            if let (table, Some(column)) = &self.inputs[*number] {
                uses.entry(table.clone()).or_default().insert(column.clone(), *hows);
            }
        }
        uses
    }
}

/// Adds uses to the known ones.
pub(super) fn add(all: &mut Sources, more: &Sources) {
    for (number, hows) in more {
        let known = all.entry(*number).or_default();
        *known = known.and(*hows);
    }
}

/// Adds uses that pass through an operation of this kind.
pub(super) fn add_through(all: &mut Sources, more: &Sources, kind: How) {
    for (number, hows) in more {
        let known = all.entry(*number).or_default();
        *known = known.and(hows.through(kind));
    }
}

/// Returns the item at a position.
pub(super) fn checked<T>(items: &[T], position: usize) -> Result<&T, Unknown> {
    items.get(position).ok_or_else(|| Unknown(format!("column {position} of {} is named", items.len())))
}
