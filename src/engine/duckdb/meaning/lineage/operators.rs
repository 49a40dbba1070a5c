use std::rc::Rc;

use serde_json::Value;

use super::fields::{child, is_null, kind, list, list_or_none, number, only, text, two_children};
use super::walk::Unknown;
use super::walk::{Column, Sources, Walk, add, add_through};
use crate::sql::lineage::How;

impl Walk {
    /// Returns the columns of an operator.
    pub(super) fn operator(&mut self, operator: &Value) -> Result<Vec<Column>, Unknown> {
        match text(operator, "type")? {
            "LOGICAL_GET" => self.get(operator),
            "LOGICAL_DUMMY_SCAN" => {
                only(operator, &[])?;
                Ok(vec![Column::new(number(operator, "table_index")?, 0, Rc::default())])
            }
            // Rows that the binder itself created.
            "LOGICAL_CHUNK_GET" => {
                only(operator, &[])?;
                let count = list(operator, "chunk_types")?.len();
                numbered(operator, "table_index", vec![Rc::default(); count])
            }
            "LOGICAL_EXPRESSION_GET" => self.expression_get(operator),
            "LOGICAL_PROJECTION" => {
                only(operator, &["children", "expressions"])?;
                let seen = self.operator(child(operator)?)?;
                let columns = self.each(list(operator, "expressions")?, &seen)?;
                numbered(operator, "table_index", columns)
            }
            "LOGICAL_FILTER" => {
                only(operator, &["children", "expressions"])?;
                let seen = self.operator(child(operator)?)?;
                for condition in self.each(list(operator, "expressions")?, &seen)? {
                    self.decide(&condition, How::Filter);
                }
                mapped(seen, operator, "projection_map")
            }
            "LOGICAL_AGGREGATE_AND_GROUP_BY" => self.aggregate_and_group(operator, How::Group),
            "LOGICAL_WINDOW" => {
                only(operator, &["children", "expressions"])?;
                let mut columns = self.operator(child(operator)?)?;
                let more = self.each(list(operator, "expressions")?, &columns)?;
                columns.extend(numbered(operator, "window_index", more)?);
                Ok(columns)
            }
            "LOGICAL_UNNEST" => {
                only(operator, &["children", "expressions"])?;
                let mut columns = self.operator(child(operator)?)?;
                let more = self.each(list(operator, "expressions")?, &columns)?;
                // The list decides how often its row occurs.
                for list in &more {
                    self.decide(list, How::Join);
                }
                columns.extend(numbered(operator, "unnest_index", more)?);
                Ok(columns)
            }
            "LOGICAL_DISTINCT" => self.distinct(operator),
            "LOGICAL_ORDER_BY" => {
                only(operator, &["children", "orders"])?;
                let seen = self.operator(child(operator)?)?;
                for order in self.orders(list(operator, "orders")?, &seen)? {
                    self.decide(&order, How::Order);
                }
                mapped(seen, operator, "projections")
            }
            "LOGICAL_LIMIT" => {
                only(operator, &["children", "limit_val", "offset_val"])?;
                let seen = self.operator(child(operator)?)?;
                self.limit(&operator["limit_val"], &seen)?;
                self.limit(&operator["offset_val"], &seen)?;
                Ok(seen)
            }
            "LOGICAL_SAMPLE" => {
                only(operator, &["children"])?;
                self.operator(child(operator)?)
            }
            "LOGICAL_CROSS_PRODUCT" | "LOGICAL_POSITIONAL_JOIN" => self.product(operator),
            "LOGICAL_COMPARISON_JOIN" | "LOGICAL_ASOF_JOIN" => self.comparison_join(operator),
            "LOGICAL_ANY_JOIN" => self.any_join(operator),
            "LOGICAL_UNION" | "LOGICAL_INTERSECT" => self.set_operation(operator, true),
            "LOGICAL_EXCEPT" => self.set_operation(operator, false),
            "LOGICAL_MATERIALIZED_CTE" => self.common_table(operator),
            "LOGICAL_RECURSIVE_CTE" => self.recursive(operator),
            "LOGICAL_CTE_REF" => {
                only(operator, &[])?;
                let index = number(operator, "cte_index")?;
                let columns = self.common.get(&index).cloned();
                let columns = columns.ok_or_else(|| Unknown(format!("common table {index} is not in sight")))?;
                numbered(operator, "table_index", columns)
            }
            "LOGICAL_PIVOT" => self.pivot(operator),
            other => Err(Unknown(format!("the operator {other} is not understood"))),
        }
    }

    fn each(&mut self, expressions: &[Value], seen: &[Column]) -> Result<Vec<Rc<Sources>>, Unknown> {
        expressions.iter().map(|expression| self.expression(expression, seen)).collect()
    }

    /// The rows of a `values` list.
    fn expression_get(&mut self, operator: &Value) -> Result<Vec<Column>, Unknown> {
        only(operator, &["children", "expressions"])?;
        let seen = self.operator(child(operator)?)?;
        let mut columns = vec![Sources::new(); list(operator, "expr_types")?.len()];
        for row in list(operator, "expressions")? {
            let row = row.as_array().filter(|row| row.len() == columns.len());
            let row = row.ok_or_else(|| Unknown("rows of a list have different lengths".to_owned()))?;
            for (column, value) in columns.iter_mut().zip(self.each(row, &seen)?) {
                add(column, &value);
            }
        }
        numbered(operator, "table_index", columns.into_iter().map(Rc::new).collect())
    }

    /// `how` is the use of the groups' keys.
    fn aggregate_and_group(&mut self, operator: &Value, how: How) -> Result<Vec<Column>, Unknown> {
        only(operator, &["children", "expressions", "groups"])?;
        let seen = self.operator(child(operator)?)?;
        let mut groups = self.each(list_or_none(operator, "groups")?, &seen)?;
        for group in &groups {
            self.decide(group, how);
        }
        let mut functions = Vec::new();
        for function in list_or_none(operator, "grouping_functions")? {
            let mut sources = Sources::new();
            for index in function.as_array().into_iter().flatten() {
                let group = index.as_u64().and_then(|index| groups.get(usize::try_from(index).ok()?));
                let group = group.ok_or_else(|| Unknown("`grouping` names a group that is not there".to_owned()))?;
                add_through(&mut sources, group, How::Transformation);
            }
            functions.push(Rc::new(sources));
        }
        let aggregates = self.each(list(operator, "expressions")?, &seen)?;
        if list_or_none(operator, "grouping_sets")?.len() > 1 {
            // A key is NULL in the sets without it.
            groups = groups.iter().map(through_transformation).collect();
        }
        let mut columns = numbered(operator, "group_index", groups)?;
        columns.extend(numbered(operator, "aggregate_index", aggregates)?);
        columns.extend(numbered(operator, "groupings_index", functions)?);
        Ok(columns)
    }

    fn distinct(&mut self, operator: &Value) -> Result<Vec<Column>, Unknown> {
        only(operator, &["children", "distinct_targets", "order_by"])?;
        let seen = self.operator(child(operator)?)?;
        for target in self.each(list(operator, "distinct_targets")?, &seen)? {
            self.decide(&target, How::Distinct);
        }
        match text(operator, "distinct_type")? {
            "DISTINCT" => seen.iter().for_each(|column| self.decide(&column.sources, How::Distinct)),
            "DISTINCT_ON" => {}
            other => return Err(Unknown(format!("distinct of the type {other} is not understood"))),
        }
        if !is_null(operator, "order_by") {
            only(&operator["order_by"], &["orders"])?;
            for order in self.orders(list(&operator["order_by"], "orders")?, &seen)? {
                self.decide(&order, How::Order);
            }
        }
        Ok(seen)
    }

    fn limit(&mut self, limit: &Value, seen: &[Column]) -> Result<(), Unknown> {
        match text(limit, "type")? {
            "UNSET" | "CONSTANT_VALUE" | "CONSTANT_PERCENTAGE" => only(limit, &[]),
            "EXPRESSION_VALUE" | "EXPRESSION_PERCENTAGE" => {
                only(limit, &["expression"])?;
                let sources = self.expression(&limit["expression"], seen)?;
                self.decide(&sources, How::Filter);
                Ok(())
            }
            other => Err(Unknown(format!("limits of the type {other} are not understood"))),
        }
    }

    /// Combines the columns of all sides by position; without the right side if its rows only remove others.
    fn set_operation(&mut self, operator: &Value, right_gives: bool) -> Result<Vec<Column>, Unknown> {
        only(operator, &["children"])?;
        let count = number(operator, "column_count")?;
        let is_union = kind(operator) == "LOGICAL_UNION";
        // Only the duplicates of a union are also reported by a separate operator.
        let is_distinct = operator["setop_all"].as_bool() != Some(true);
        let mut columns: Vec<Sources> = Vec::new();
        for (index, side) in list(operator, "children")?.iter().enumerate() {
            let side = self.operator(side)?;
            if side.len() as u64 != count {
                return Err(Unknown("sides of a set operation have different numbers of columns".to_owned()));
            }
            columns.resize(side.len(), Sources::new());
            for (column, more) in columns.iter_mut().zip(&side) {
                if index == 0 || right_gives {
                    add(column, &more.sources);
                }
                if !is_union {
                    self.decide(&more.sources, How::Join);
                }
                if is_distinct {
                    self.decide(&more.sources, How::Distinct);
                }
            }
        }
        numbered(operator, "table_index", columns.into_iter().map(Rc::new).collect())
    }

    fn common_table(&mut self, operator: &Value) -> Result<Vec<Column>, Unknown> {
        only(operator, &["children"])?;
        let (definition, query) = two_children(operator)?;
        // The binder adds this one to join a correlated query with each distinct row that it needs.
        let is_correlation = text(operator, "ctename")?.starts_with("__duckdb_delim_dedup_");
        let is_plain = kind(definition) == "LOGICAL_AGGREGATE_AND_GROUP_BY"
            && list_or_none(definition, "expressions").is_ok_and(<[Value]>::is_empty);
        let columns = if is_correlation && is_plain {
            self.aggregate_and_group(definition, How::Join)?
        } else {
            self.operator(definition)?
        };
        let columns = columns.into_iter().map(|column| column.sources).collect();
        self.common.insert(number(operator, "table_index")?, columns);
        self.operator(query)
    }

    /// Repeats until no column gains a source.
    fn recursive(&mut self, operator: &Value) -> Result<Vec<Column>, Unknown> {
        only(operator, &["children"])?;
        if !list_or_none(operator, "key_targets")?.is_empty() {
            return Err(Unknown("a recursive query with keys is not understood".to_owned()));
        }
        let union_all =
            operator["union_all"].as_bool().ok_or_else(|| Unknown("a recursion has no `union_all`".to_owned()))?;
        let index = number(operator, "table_index")?;
        let (first, step) = two_children(operator)?;
        let mut columns: Vec<Sources> = self.operator(first)?.iter().map(|column| (*column.sources).clone()).collect();
        loop {
            self.common.insert(index, columns.iter().cloned().map(Rc::new).collect());
            let more = self.operator(step)?;
            if more.len() != columns.len() {
                return Err(Unknown("sides of a recursion have different numbers of columns".to_owned()));
            }
            let before = columns.clone();
            for (column, more) in columns.iter_mut().zip(&more) {
                add(column, &more.sources);
            }
            if columns == before {
                break;
            }
        }
        if !union_all {
            for column in &columns {
                self.decide(column, How::Distinct);
            }
        }
        numbered(operator, "table_index", columns.into_iter().map(Rc::new).collect())
    }

    /// The keys of the groups first, then a column for each value, from the lists of names and of values.
    fn pivot(&mut self, operator: &Value) -> Result<Vec<Column>, Unknown> {
        only(operator, &["children", "bound_pivot"])?;
        let seen = self.operator(child(operator)?)?;
        let pivot = &operator["bound_pivot"];
        // The aggregates define how an empty place is filled; they were computed below.
        only(pivot, &["aggregates"])?;
        let groups = usize::try_from(number(pivot, "group_count")?).unwrap_or(usize::MAX);
        let count = list(pivot, "types")?.len();
        if groups > seen.len() || groups > count {
            return Err(Unknown("a pivot has more keys than columns".to_owned()));
        }
        let mut values = Sources::new();
        seen[groups..].iter().for_each(|column| add_through(&mut values, &column.sources, How::Aggregation));
        let values = Rc::new(values);
        let mut columns: Vec<Rc<Sources>> = seen[..groups].iter().map(|column| Rc::clone(&column.sources)).collect();
        columns.resize(count, values);
        numbered(operator, "pivot_index", columns)
    }
}

fn through_transformation(sources: &Rc<Sources>) -> Rc<Sources> {
    let mut raised = Sources::new();
    add_through(&mut raised, sources, How::Transformation);
    Rc::new(raised)
}

/// Numbers columns as the operator does.
fn numbered(operator: &Value, key: &str, columns: Vec<Rc<Sources>>) -> Result<Vec<Column>, Unknown> {
    let table = number(operator, key)?;
    Ok(columns.into_iter().enumerate().map(|(index, column)| Column::new(table, index, column)).collect())
}

/// Returns the columns that an operator keeps; an empty list keeps all.
pub(super) fn mapped(columns: Vec<Column>, operator: &Value, key: &str) -> Result<Vec<Column>, Unknown> {
    let map = list_or_none(operator, key)?;
    if map.is_empty() {
        return Ok(columns);
    }
    let pick = |position: &Value| {
        let position = position.as_u64().and_then(|position| usize::try_from(position).ok());
        let column = position.and_then(|position| columns.get(position)).cloned();
        column.ok_or_else(|| Unknown(format!("{} lets a column through that it does not have", kind(operator))))
    };
    map.iter().map(pick).collect()
}
