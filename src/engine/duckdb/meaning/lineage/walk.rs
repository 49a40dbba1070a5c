use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;
use thiserror::Error;

use crate::sql::lineage::{ByColumn, ColumnLineage, How, Hows, OutputLineage, ReadColumns};

/// Why a plan was not understood.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub(crate) struct Unknown(pub String);

/// Reads the lineage from one plan of the engine's result; `outputs` are the names of its columns.
///
/// # Errors
/// If anything in the plan is unknown; the caller converts that to [`ColumnLineage::unknown`].
pub(crate) fn read<'a>(plan: &Value, outputs: impl IntoIterator<Item = &'a str>) -> Result<ColumnLineage, Unknown> {
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

/// A column of an operator.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// The engine's identifier for it: number of the table, position in it.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scan() -> Value {
        json!({
            "type": "LOGICAL_GET", "children": [], "table_index": 0, "names": ["a", "b"], "projection_ids": [],
            "table_filters": { "filters": [], "multi_column_filters": [] }, "qname": { "path": ["seq_scan"] },
            "function_data": { "qualified_name": { "path": ["memory", "raw", "t"] } }, "projected_input": [],
            "column_indexes": [{ "index": 1, "has_index": true }, { "index": u64::MAX, "has_index": true }],
            "source_ordinality": "WITHOUT_ORDINALITY", "at_clause": null,
        })
    }

    fn reference(index: u64) -> Value {
        json!({ "expression_class": "BOUND_REF", "type": "BOUND_REF", "index": index })
    }

    fn projection(child: Value, expressions: &[Value]) -> Value {
        json!({ "type": "LOGICAL_PROJECTION", "children": [child], "table_index": 1, "expressions": expressions })
    }

    fn reason(plan: &Value) -> String {
        read(plan, ["x"]).expect_err("this is not understood").to_string()
    }

    #[test]
    fn a_column_is_found_by_its_place() {
        let lineage = read(&projection(scan(), &[reference(0)]), ["x"]).unwrap();
        assert_eq!(lineage.outputs[0].sources["raw.t"]["b"], Hows::of(How::Identity));
        assert_eq!(lineage.reads["raw.t"], ReadColumns::Some(BTreeSet::from(["b".to_owned()])));
        let rows = read(&projection(scan(), &[reference(1)]), ["x"]).unwrap();
        assert_eq!(rows.reads["raw.t"], ReadColumns::All, "a row's number says something about the whole table");
    }

    #[test]
    fn what_is_not_listed_is_unknown() {
        let odd = json!({ "expression_class": "BOUND_ODDITY", "type": "ODD" });
        assert!(reason(&projection(scan(), &[odd])).contains("BOUND_ODDITY"));
        let operator = json!({ "type": "LOGICAL_ODDITY", "children": [scan()] });
        assert!(reason(&projection(operator, &[reference(0)])).contains("LOGICAL_ODDITY"));
        let mut function = scan();
        function["qname"] = json!({ "path": ["system", "main", "odd_scan"] });
        assert!(reason(&projection(function, &[reference(0)])).contains("odd_scan"));
        assert!(reason(&json!({})).contains("`type`"));
    }

    #[test]
    fn an_expression_where_none_is_looked_for_is_unknown() {
        let mut operator = projection(scan(), &[reference(0)]);
        operator["later"] = json!({ "deep": [reference(1)] });
        assert!(reason(&operator).contains("`later`"));
        let mut expression = json!({
            "expression_class": "BOUND_FUNCTION", "type": "BOUND_FUNCTION", "children": [reference(0)],
            "function_data": { "lambda_expr": reference(7) },
        });
        assert!(read(&projection(scan(), std::slice::from_ref(&expression)), ["x"]).is_ok(), "a lambda's own body");
        expression["function_data"]["other"] = reference(1);
        assert!(reason(&projection(scan(), &[expression])).contains("`other`"));
        let mut filtered = scan();
        filtered["table_filters"]["filters"] = json!([[0, {}]]);
        assert!(reason(&projection(filtered, &[reference(0)])).contains("filters"));
    }

    #[test]
    fn places_out_of_range_are_unknown() {
        assert!(reason(&projection(scan(), &[reference(2)])).contains("column 2 of 2"));
        let outer = json!({
            "expression_class": "BOUND_COLUMN_REF", "type": "BOUND_COLUMN_REF", "depth": 1,
            "binding": { "table_index": 0, "column_index": 0 },
        });
        assert!(reason(&projection(scan(), &[outer])).contains("outer query"));
        assert!(reason(&projection(scan(), &[reference(0), reference(0)])).contains("2 columns"));
        let missing = json!({ "type": "LOGICAL_CTE_REF", "children": [], "cte_index": 3, "table_index": 4 });
        assert!(reason(&missing).contains("not in sight"));
    }
}
