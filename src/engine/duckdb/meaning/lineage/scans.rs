use std::rc::Rc;

use serde_json::Value;

use super::fields::{child, list, list_or_none, number, only, text};
use super::walk::Unknown;
use super::walk::{Column, Sources, Walk, add_through};
use crate::engine::duckdb::functions;
use crate::sql::lineage::{How, Hows};

/// Numbers from here on are not columns of a table: the row's number, or nothing.
const FIRST_VIRTUAL: u64 = 1 << 63;

impl Walk {
    pub(super) fn get(&mut self, operator: &Value) -> Result<Vec<Column>, Unknown> {
        only(operator, &["children"])?;
        for key in ["filters", "multi_column_filters"] {
            if !list_or_none(&operator["table_filters"], key)?.is_empty() {
                return Err(Unknown("a scan filters".to_owned()));
            }
        }
        if !operator["at_clause"].is_null() {
            return Err(Unknown("a scan goes back in time".to_owned()));
        }
        if operator["has_pushed_projection"].as_bool() == Some(true) {
            return Err(Unknown("a scan computes".to_owned()));
        }
        let name = list(&operator["qname"], "path")?.last().and_then(Value::as_str).unwrap_or_default();
        if name == "seq_scan" {
            self.table_scan(operator)
        } else if functions::TABLE.contains(&name) {
            self.table_function(operator)
        } else {
            Err(Unknown(format!("the table function `{name}` is not understood")))
        }
    }

    fn table_scan(&mut self, operator: &Value) -> Result<Vec<Column>, Unknown> {
        if !list(operator, "children")?.is_empty() || text(operator, "source_ordinality")? != "WITHOUT_ORDINALITY" {
            return Err(Unknown("rows of a table are numbered".to_owned()));
        }
        let path = list(&operator["function_data"]["qualified_name"], "path")?;
        let path: Vec<&str> = path.iter().filter_map(Value::as_str).collect();
        let table = match path[..] {
            // A table that dp itself declares.
            ["memory", schema, name] => format!("{schema}.{name}"),
            [_, _, _] => path.join("."),
            _ => return Err(Unknown("a table is not named by catalogue, schema and name".to_owned())),
        };
        let names: Vec<&str> = list(operator, "names")?.iter().filter_map(Value::as_str).collect();
        self.scanned.insert(table.clone());
        let mut columns = Vec::new();
        for index in column_indexes(operator)? {
            let mut sources = Sources::new();
            if index < FIRST_VIRTUAL {
                let name = usize::try_from(index).ok().and_then(|index| names.get(index));
                let name = name.ok_or_else(|| Unknown(format!("column {index} of `{table}` has no name")))?;
                sources.insert(self.input(&table, Some(name)), Hows::of(How::Identity));
            } else {
                // If the number of a row is used at all, it depends on every row before it.
                for name in names.iter().copied().map(Some).chain([None]) {
                    sources.insert(self.input(&table, name), Hows::of(How::Transformation));
                }
            }
            columns.push(Rc::new(sources));
        }
        projected(operator, columns)
    }

    /// A function of its arguments alone: constants, or columns of the one child.
    fn table_function(&mut self, operator: &Value) -> Result<Vec<Column>, Unknown> {
        let inputs = match list(operator, "children")? {
            [] => Vec::new(),
            _ => self.operator(child(operator)?)?,
        };
        let passed: Vec<usize> = list_or_none(operator, "projected_input")?
            .iter()
            .filter_map(Value::as_u64)
            .filter_map(|position| usize::try_from(position).ok())
            .collect();
        let mut arguments = Sources::new();
        for (position, input) in inputs.iter().enumerate() {
            if !passed.contains(&position) {
                add_through(&mut arguments, &input.sources, How::Transformation);
            }
        }
        // It returns zero, one or many rows for each row of its arguments.
        self.decide(&arguments, How::Join);
        let arguments = Rc::new(arguments);
        let count = column_indexes(operator)?.len();
        let mut columns = projected(operator, vec![arguments; count])?;
        for position in passed {
            let input = inputs.get(position).cloned();
            columns.push(input.ok_or_else(|| Unknown(format!("a table function passes on column {position}")))?);
        }
        Ok(columns)
    }
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

fn projected(operator: &Value, columns: Vec<Rc<Sources>>) -> Result<Vec<Column>, Unknown> {
    let table = number(operator, "table_index")?;
    let ids = list_or_none(operator, "projection_ids")?;
    if ids.is_empty() {
        return Ok(columns.into_iter().enumerate().map(|(index, column)| Column::new(table, index, column)).collect());
    }
    let pick = |id: &Value| {
        let id = id.as_u64().and_then(|id| usize::try_from(id).ok());
        let found = id.and_then(|id| Some(Column::new(table, id, Rc::clone(columns.get(id)?))));
        found.ok_or_else(|| Unknown("a scan gives a column that it does not read".to_owned()))
    };
    ids.iter().map(pick).collect()
}
