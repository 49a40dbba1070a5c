use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;
use thiserror::Error;

use super::{ByColumn, ColumnLineage, How, Hows, OutputLineage, ReadColumns};

/// Why a plan was not understood.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Unknown(pub String);

/// Reads the lineage off one plan of the engine's answer; `outputs` names its columns.
///
/// # Errors
/// Where anything in the plan is not understood; the caller makes that [`ColumnLineage::unknown`].
pub fn read<'a>(plan: &Value, outputs: impl IntoIterator<Item = &'a str>) -> Result<ColumnLineage, Unknown> {
    let mut walk = Walk::default();
    let columns = walk.operator(plan)?;
    let names: Vec<&str> = outputs.into_iter().collect();
    if names.len() != columns.len() {
        return Err(Unknown(format!("the plan has {} columns, and the result {}", columns.len(), names.len())));
    }
    Ok(walk.finish(&names, &columns))
}

/// Uses of input columns, by their number in [`Walk::inputs`].
pub(super) type Sources = BTreeMap<usize, Hows>;

/// A column that an operator gives.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// The engine's own name for it: number of the table, position in it.
    pub binding: (u64, u64),
    pub sources: Rc<Sources>,
}

impl Column {
    pub(super) fn new(table: u64, position: usize, sources: Rc<Sources>) -> Self {
        Self {
            binding: (table, position as u64),
            sources,
        }
    }
}

#[derive(Default)]
pub(super) struct Walk {
    /// Columns of inputs; a `None` stands for the whole row, those columns that are added later too.
    inputs: Vec<(String, Option<String>)>,
    numbers: BTreeMap<(String, Option<String>), usize>,
    pub scanned: BTreeSet<String>,
    pub rows: Sources,
    /// Columns of each common table, by its number.
    pub common: BTreeMap<u64, Vec<Rc<Sources>>>,
}

impl Walk {
    /// The number of a column of an input.
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

    /// Notes that columns decide about rows.
    pub(super) fn decide(&mut self, sources: &Sources, how: How) {
        for number in sources.keys() {
            let known = self.rows.entry(*number).or_default();
            *known = known.and(Hows::of(how));
        }
    }

    fn finish(self, names: &[&str], columns: &[Column]) -> ColumnLineage {
        let mut reads: BTreeMap<String, ReadColumns> =
            self.scanned.iter().map(|table| (table.clone(), ReadColumns::Some(BTreeSet::new()))).collect();
        for number in columns.iter().flat_map(|column| column.sources.keys()).chain(self.rows.keys()) {
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
            sources: self.by_column(&column.sources),
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

/// Adds uses to those that are known.
pub(super) fn add(all: &mut Sources, more: &Sources) {
    for (number, hows) in more {
        let known = all.entry(*number).or_default();
        *known = known.and(*hows);
    }
}

/// Adds uses as they are when the result goes through something.
pub(super) fn add_through(all: &mut Sources, more: &Sources, kind: How) {
    for (number, hows) in more {
        let known = all.entry(*number).or_default();
        *known = known.and(hows.through(kind));
    }
}
