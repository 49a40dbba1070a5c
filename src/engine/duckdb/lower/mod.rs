//! Converts a bound plan to [`ir`](crate::sql::ir).
//!
//! `operator` and `expression` list by name each operator and expression that is understood, and a field that they do
//! not read may contain no expression. Anything else is an error, so that no column is missed.

mod expression;
mod fields;
mod join;
mod operator;
mod scan;

use serde_json::Value;

use crate::sql::ir::{Expr, Plan};
use crate::sql::lineage::Unknown;

/// Converts a bound plan.
///
/// # Errors
/// If the plan contains anything that is not understood.
pub(super) fn plan(plan: &Value) -> Result<Plan, Unknown> {
    Ok(operator::lower(plan)?.plan)
}

/// The engine's identifier of a column: the number of the table, and the position in it.
type Binding = (u64, u64);

/// An operator with the engine's identifiers of its columns.
struct Lowered {
    plan: Plan,
    columns: Vec<Binding>,
}

impl Lowered {
    /// Returns the operator with some of its columns, in another order; `map` contains their positions.
    fn picked(self, map: &[usize]) -> Result<Self, Unknown> {
        let column = |position: &usize| {
            let column = self.columns.get(*position).copied();
            column.ok_or_else(|| Unknown(format!("an operator lets column {position} through that it does not have")))
        };
        Ok(Self {
            columns: map.iter().map(column).collect::<Result<_, _>>()?,
            plan: Plan::Project {
                outputs: map.iter().copied().map(Expr::Column).collect(),
                input: Box::new(self.plan),
            },
        })
    }
}

/// Returns identifiers for all columns of a table with this number.
fn numbered(table: u64, width: usize) -> impl Iterator<Item = Binding> {
    (0..width as u64).map(move |position| (table, position))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::sql::lineage::{self, ColumnLineage, How, Hows, ReadColumns};

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

    fn read(bound: &Value) -> Result<ColumnLineage, Unknown> {
        lineage::of(&plan(bound)?, ["x"])
    }

    fn reason(plan: &Value) -> String {
        read(plan).expect_err("this is not understood").to_string()
    }

    #[test]
    fn a_column_is_found_by_its_place() {
        let lineage = read(&projection(scan(), &[reference(0)])).unwrap();
        assert_eq!(lineage.outputs[0].sources["raw.t"]["b"], Hows::of(How::Identity));
        assert_eq!(lineage.reads["raw.t"], ReadColumns::Some(BTreeSet::from(["b".to_owned()])));
        let rows = read(&projection(scan(), &[reference(1)])).unwrap();
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
        assert!(read(&projection(scan(), std::slice::from_ref(&expression))).is_ok(), "a lambda's own body");
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
        let missing =
            json!({ "type": "LOGICAL_CTE_REF", "children": [], "cte_index": 3, "table_index": 4, "chunk_types": [{}] });
        assert!(reason(&missing).contains("not in sight"));
    }
}
