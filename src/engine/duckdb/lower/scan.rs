use serde_json::Value;

use super::fields::{child, list, list_or_none, number, only, text};
use super::operator::{lower, positions};
use super::{Lowered, numbered};
use crate::engine::duckdb::functions;
use crate::sql::ir::{Expr, Plan};
use crate::sql::lineage::Unknown;

/// Numbers from here on are not columns of a table: the row's number, or nothing.
const FIRST_VIRTUAL: u64 = 1 << 63;

pub(super) fn get(operator: &Value) -> Result<Lowered, Unknown> {
    only(operator, &["children"])?;
    for key in ["filters", "multi_column_filters"] {
        if !list_or_none(&operator["table_filters"], key)?.is_empty() {
            return Err(Unknown("a scan filters".to_owned()));
        }
    }
    if !operator["at_clause"].is_null() {
        return Err(Unknown("a scan reads an earlier snapshot".to_owned()));
    }
    if operator["has_pushed_projection"].as_bool() == Some(true) {
        return Err(Unknown("a scan computes".to_owned()));
    }
    let name = list(&operator["qname"], "path")?.last().and_then(Value::as_str).unwrap_or_default();
    if name == "seq_scan" {
        table(operator)
    } else if functions::TABLE.contains(&name) {
        table_function(operator, name)
    } else {
        Err(Unknown(format!("the table function `{name}` is not supported")))
    }
}

fn table(operator: &Value) -> Result<Lowered, Unknown> {
    if !list(operator, "children")?.is_empty() || text(operator, "source_ordinality")? != "WITHOUT_ORDINALITY" {
        return Err(Unknown("a scan numbers the rows of a table".to_owned()));
    }
    let path = list(&operator["function_data"]["qualified_name"], "path")?;
    let path: Vec<&str> = path.iter().filter_map(Value::as_str).collect();
    let table = match path[..] {
        // A table that dp itself declares.
        ["memory", schema, name] => format!("{schema}.{name}"),
        [_, _, _] => path.join("."),
        _ => return Err(Unknown("a table is not named by catalogue, schema and name".to_owned())),
    };
    let names: Vec<String> = list(operator, "names")?.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect();
    let column = |index: u64| {
        if index >= FIRST_VIRTUAL {
            return Ok(None);
        }
        let position = usize::try_from(index).ok().filter(|position| *position < names.len());
        position.map(Some).ok_or_else(|| Unknown(format!("column {index} of `{table}` has no name")))
    };
    let columns = column_indexes(operator)?.into_iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let scan = Lowered {
        columns: numbered(number(operator, "table_index")?, columns.len()).collect(),
        plan: Plan::Scan { table, names, columns },
    };
    match positions(operator, "projection_ids")? {
        Some(ids) => scan.picked(&ids),
        None => Ok(scan),
    }
}

/// A function of its arguments alone: constants, or columns of the one child. It returns rows for each row of its
/// arguments, followed by columns of the child that are passed on.
fn table_function(operator: &Value, name: &str) -> Result<Lowered, Unknown> {
    let input = match list(operator, "children")? {
        [] => Lowered {
            plan: Plan::one_row(),
            columns: Vec::new(),
        },
        _ => lower(child(operator)?)?,
    };
    let (start, width) = (input.columns.len(), column_indexes(operator)?.len());
    let passed = positions(operator, "projected_input")?.unwrap_or_default();
    let call = Expr::Call {
        name: name.to_owned(),
        arguments: (0..start).filter(|position| !passed.contains(position)).map(Expr::Column).collect(),
    };
    let given = positions(operator, "projection_ids")?.unwrap_or_else(|| (0..width).collect());
    let kept: Vec<usize> = given.into_iter().map(|position| start + position).chain(passed).collect();
    let called = Lowered {
        columns: input.columns.into_iter().chain(numbered(number(operator, "table_index")?, width)).collect(),
        plan: Plan::Unnest {
            input: Box::new(input.plan),
            lists: vec![call; width],
        },
    };
    called.picked(&kept)
}

/// Returns the columns that a scan reads; a scan that reads none still returns a column, without a meaning.
fn column_indexes(operator: &Value) -> Result<Vec<u64>, Unknown> {
    let mut indexes = Vec::new();
    for index in list(operator, "column_indexes")? {
        if index["has_index"].as_bool() != Some(true) {
            return Err(Unknown("a scan reads a field by its name".to_owned()));
        }
        indexes.push(number(index, "index")?);
    }
    if indexes.is_empty() {
        indexes.push(u64::MAX);
    }
    Ok(indexes)
}
