//! Splits a bound plan into its row set and its output columns.
//!
//! Expressions are followed through projections, filters, joins and common table expressions down to columns of scans,
//! so a column's text does not change when another column is added. Everything below an operator that is not listed
//! here (aggregation, windows, `distinct`, set operations, `unnest`) counts as a whole, with everything that it reads:
//! then two queries are the same only if all of that is.
//!
//! If two queries have the same text for their row set, over inputs that are the same in the columns read for it, they
//! have the same rows in those columns whose texts are the same. This requires an engine that computes the same result
//! for the same input: queries that may not ([`super::bound::BoundPlan::unstable`], and those known from the syntax)
//! prove nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::bound::{Normal, is_table_scan, scanned, table_of};
use crate::engine::duckdb::json::function_name;
use crate::model::{self, Columns, Digest, Reads, merge};

/// One part of a query in normal form, with the columns that it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The text: parts with equal texts compute the same from the same inputs.
    pub normal: String,
    /// The columns of each input that the part depends on.
    pub reads: Reads,
}

/// A query split into its row set and its output columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The row set.
    pub rows: Part,
    /// The columns of the result, in order.
    pub outputs: Vec<Part>,
}

impl Shape {
    /// Returns everything that is read, without unused columns of a star.
    pub fn reads(&self) -> Reads {
        let mut reads = self.rows.reads.clone();
        self.outputs.iter().for_each(|output| merge(&mut reads, &output.reads));
        reads
    }

    /// Returns the texts of all parts, the row set first: the query's meaning, without unused columns.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.rows).chain(&self.outputs).map(|part| part.normal.as_str())
    }
}

impl From<&Part> for model::Part {
    fn from(part: &Part) -> Self {
        Self {
            digest: Digest::of("part/1", [part.normal.as_str()]),
            reads: part.reads.clone(),
        }
    }
}

impl From<&Shape> for model::Shape {
    fn from(shape: &Shape) -> Self {
        Self {
            rows: model::Part::from(&shape.rows),
            outputs: shape.outputs.iter().map(model::Part::from).collect(),
        }
    }
}

/// The maximum number of nodes of a query with all references expanded; larger queries are not split.
const MOST_NODES: usize = 50_000;

/// Splits one plan of the engine's result; `None` if it contains something that can't be followed.
pub(super) fn read(plan: &Value) -> Option<Shape> {
    let mut walk = Walk {
        ctes: BTreeMap::new(),
        instances: 0,
        nodes: 0,
    };
    let relation = walk.relation(plan);
    let Fields::Known(columns) = relation.fields else {
        return None;
    };
    if walk.nodes > MOST_NODES {
        return None;
    }
    Some(Shape {
        rows: Part {
            normal: relation.rows.to_string(),
            reads: relation.reads,
        },
        outputs: columns
            .into_iter()
            .map(|column| Part {
                normal: column.normal.to_string(),
                reads: column.reads,
            })
            .collect(),
    })
}

/// An expression whose references are followed down to scans.
#[derive(Clone)]
struct Expression {
    normal: Value,
    reads: Reads,
}

/// The columns of an operator.
enum Fields {
    Known(Vec<Expression>),
    /// By position, of something that counts as a whole; the number of columns is unknown.
    Whole(usize),
}

struct Relation {
    rows: Value,
    reads: Reads,
    fields: Fields,
}

struct Walk<'a> {
    ctes: BTreeMap<u64, &'a Value>,
    /// The number of scans and wholes so far; each gets its own number, which distinguishes the sides of a self-join.
    instances: usize,
    nodes: usize,
}

impl<'a> Walk<'a> {
    fn count(&mut self) -> Option<()> {
        self.nodes += 1;
        (self.nodes <= MOST_NODES).then_some(())
    }

    fn instance(&mut self) -> usize {
        self.instances += 1;
        self.instances
    }

    fn relation(&mut self, node: &'a Value) -> Relation {
        match self.count().and_then(|()| self.followed_relation(node)) {
            Some(relation) => relation,
            None => self.whole(node),
        }
    }

    /// Returns `None` if the node counts as a whole.
    fn followed_relation(&mut self, node: &'a Value) -> Option<Relation> {
        match node["type"].as_str()? {
            "LOGICAL_GET" => self.scan(node),
            "LOGICAL_PROJECTION" => self.projection(node),
            "LOGICAL_FILTER" => self.filter(node),
            "LOGICAL_ORDER_BY" => self.order(node),
            "LOGICAL_LIMIT" => self.limit(node),
            "LOGICAL_COMPARISON_JOIN" | "LOGICAL_ANY_JOIN" | "LOGICAL_CROSS_PRODUCT" => self.join(node),
            "LOGICAL_MATERIALIZED_CTE" => {
                let [definition, query] = node["children"].as_array()?.as_slice() else {
                    return None;
                };
                self.ctes.insert(node["table_index"].as_u64()?, definition);
                Some(self.relation(query))
            }
            "LOGICAL_CTE_REF" if node["is_recurring"] == false => {
                let definition = *self.ctes.get(&node["cte_index"].as_u64()?)?;
                Some(self.relation(definition))
            }
            _ => None,
        }
    }

    /// Returns everything below a node unchanged, with the common table expressions that it may name.
    fn whole(&mut self, node: &'a Value) -> Relation {
        let mut reads = Reads::new();
        scanned(node, &mut reads);
        let mut parts = vec![node];
        if names_cte(node) {
            parts.extend(self.ctes.values());
            for definition in self.ctes.values() {
                scanned(definition, &mut reads);
            }
        }
        let mut normal = Normal::default();
        let texts: Vec<Value> = parts.into_iter().map(|part| normal.value(part)).collect();
        let instance = self.instance();
        Relation {
            rows: json!({ "whole": texts, "instance": instance }),
            reads,
            fields: Fields::Whole(instance),
        }
    }

    fn scan(&mut self, node: &Value) -> Option<Relation> {
        let plain = is_table_scan(node)
            && is_blank(&node["table_filters"]["filters"])
            && is_blank(&node["extra_info"]["sample_options"])
            && is_blank(&node["at_clause"])
            && is_blank(&node["children"]);
        if !plain {
            return None;
        }
        let table = table_of(node)?;
        let (names, types) = (node["names"].as_array()?, node["returned_types"].as_array()?);
        let instance = self.instance();
        let mut columns = Vec::new();
        for index in node["column_indexes"].as_array()? {
            let position = usize::try_from(index["index"].as_u64()?).ok();
            let name = position.and_then(|position| names.get(position)?.as_str());
            if !is_blank(&index["child_indexes"]) || index["index_type"] != "FULL_READ" {
                return None;
            }
            columns.push(match name {
                Some(name) => Expression {
                    normal: json!({
                        "column": name,
                        "type": position.and_then(|position| Some(Normal::default().value(types.get(position)?))),
                        "of": instance,
                    }),
                    reads: Reads::from([(table.clone(), Columns::Only([name.to_owned()].into()))]),
                },
                // The number of a row is not a column, and nothing may be proven about it.
                None => Expression {
                    normal: json!({ "row": instance }),
                    reads: Reads::from([(table.clone(), Columns::All)]),
                },
            });
        }
        Some(Relation {
            rows: json!({ "scan": table, "instance": instance }),
            reads: Reads::from([(table, Columns::none())]),
            fields: Fields::Known(mapped(columns, &node["projection_ids"])?),
        })
    }

    fn projection(&mut self, node: &'a Value) -> Option<Relation> {
        let child = self.relation(only_child(node)?);
        let columns = self.expressions(&node["expressions"], &child.fields)?;
        Some(Relation {
            fields: Fields::Known(columns),
            ..child
        })
    }

    fn filter(&mut self, node: &'a Value) -> Option<Relation> {
        let mut child = self.relation(only_child(node)?);
        let conditions = self.expressions(&node["expressions"], &child.fields)?;
        child.rows = json!({ "filter": child.take_reads_of(conditions), "of": child.rows });
        child.with_map(&node["projection_map"])
    }

    fn order(&mut self, node: &'a Value) -> Option<Relation> {
        let mut child = self.relation(only_child(node)?);
        let mut orders = Vec::new();
        for order in node["orders"].as_array()? {
            let by = self.expression(&order["expression"], &child.fields)?;
            merge(&mut child.reads, &by.reads);
            orders.push(json!([order["type"], order["null_order"], by.normal]));
        }
        child.rows = json!({ "order": orders, "of": child.rows });
        child.with_map(&node["projections"])
    }

    fn limit(&mut self, node: &'a Value) -> Option<Relation> {
        let (limit, offset) = (&node["limit_val"], &node["offset_val"]);
        if refers(limit) || refers(offset) {
            return None;
        }
        let mut child = self.relation(only_child(node)?);
        child.rows = json!({ "limit": limit, "offset": offset, "of": child.rows });
        Some(child)
    }

    fn join(&mut self, node: &'a Value) -> Option<Relation> {
        let [left, right] = node["children"].as_array()?.as_slice() else {
            return None;
        };
        if !is_blank(&node["duplicate_eliminated_columns"]) || node["delim_flipped"] == true {
            return None;
        }
        let kind = node["join_type"].as_str().unwrap_or("CROSS");
        let gives_right = match kind {
            "CROSS" | "INNER" | "LEFT" | "RIGHT" | "OUTER" | "SINGLE" => true,
            "SEMI" | "ANTI" | "MARK" => false,
            _ => return None,
        };
        let (left, right) = (self.relation(left), self.relation(right));
        let Fields::Known(left_columns) = &left.fields else {
            // The start of the right side is unknown, so the join counts as a whole.
            return None;
        };
        let mut conditions = Vec::new();
        let mut reads = left.reads.clone();
        merge(&mut reads, &right.reads);
        for condition in node["conditions"].as_array().into_iter().flatten() {
            // Only comparisons of one side with the other are supported here.
            if condition.get("left").is_none() || condition.get("right").is_none() {
                return None;
            }
            let on_left = self.expression(&condition["left"], &left.fields)?;
            let on_right = self.expression(&condition["right"], &right.fields)?;
            merge(&mut reads, &on_left.reads);
            merge(&mut reads, &on_right.reads);
            conditions.push(json!([condition["comparison"], on_left.normal, on_right.normal]));
        }
        let mut columns = mapped(left_columns.clone(), &node["left_projection_map"])?;
        let right_columns = match right.fields {
            Fields::Known(columns) => mapped(columns, &node["right_projection_map"])?,
            Fields::Whole(_) => {
                return None;
            }
        };
        if !is_blank(&node["condition"]) {
            let both = Fields::Known(left_columns.iter().chain(&right_columns).cloned().collect());
            let on = self.expression(&node["condition"], &both)?;
            merge(&mut reads, &on.reads);
            conditions.push(on.normal);
        }
        let rows = json!({ "join": kind, "on": conditions, "left": left.rows, "right": right.rows });
        match kind {
            "MARK" => {
                let instance = self.instance();
                // Whether a row has a match depends on everything that the join reads.
                columns.push(Expression {
                    normal: json!({ "mark": instance }),
                    reads: reads.clone(),
                });
            }
            _ if gives_right => columns.extend(right_columns),
            _ => {}
        }
        Some(Relation {
            rows,
            reads,
            fields: Fields::Known(columns),
        })
    }

    fn expressions(&mut self, list: &Value, fields: &Fields) -> Option<Vec<Expression>> {
        list.as_array()?.iter().map(|expression| self.expression(expression, fields)).collect()
    }

    fn expression(&mut self, value: &Value, fields: &Fields) -> Option<Expression> {
        let mut reads = Reads::new();
        let normal = self.followed(value, fields, &mut reads)?;
        Some(Expression { normal, reads })
    }

    /// Returns the expression in normal form, with its references expanded.
    fn followed(&mut self, value: &Value, fields: &Fields, reads: &mut Reads) -> Option<Value> {
        self.count()?;
        match value {
            Value::Array(items) => {
                items.iter().map(|item| self.followed(item, fields, reads)).collect::<Option<_>>().map(Value::Array)
            }
            Value::Object(object) => {
                match object.get("expression_class").and_then(Value::as_str) {
                    Some("BOUND_REF") => return self.reference(value, fields, reads),
                    Some("BOUND_COLUMN_REF" | "BOUND_SUBQUERY") => return None,
                    _ if function_name(value) == Some("alias") => return None,
                    _ => {}
                }
                let mut normal = serde_json::Map::new();
                for (key, field) in object {
                    if Normal::drops(key, object, false) {
                        continue;
                    }
                    // References in it are to a function's own parameters, as in a lambda.
                    let field = if key == "function_data" {
                        Normal::default().value(field)
                    } else {
                        self.followed(field, fields, reads)?
                    };
                    normal.insert(key.clone(), field);
                }
                Some(Value::Object(normal))
            }
            other => Some(other.clone()),
        }
    }

    fn reference(&mut self, value: &Value, fields: &Fields, reads: &mut Reads) -> Option<Value> {
        let index = usize::try_from(value["index"].as_u64()?).ok()?;
        match fields {
            Fields::Known(columns) => {
                let column = columns.get(index)?;
                self.nodes += weight(&column.normal);
                self.count()?;
                merge(reads, &column.reads);
                Some(column.normal.clone())
            }
            // What a whole reads is already read for its rows.
            Fields::Whole(instance) => Some(json!({ "field": index, "of": instance })),
        }
    }
}

impl Relation {
    /// Returns the texts of expressions that decide the row set, and adds what they read.
    fn take_reads_of(&mut self, expressions: Vec<Expression>) -> Vec<Value> {
        expressions
            .into_iter()
            .map(|expression| {
                merge(&mut self.reads, &expression.reads);
                expression.normal
            })
            .collect()
    }

    /// Returns the relation with some of its columns, in another order.
    fn with_map(self, map: &Value) -> Option<Self> {
        if is_blank(map) {
            return Some(self);
        }
        let Fields::Known(columns) = self.fields else {
            return None;
        };
        Some(Self {
            fields: Fields::Known(mapped(columns, map)?),
            ..self
        })
    }
}

/// Returns the columns at the positions of `map`; all if it is empty.
fn mapped(columns: Vec<Expression>, map: &Value) -> Option<Vec<Expression>> {
    if is_blank(map) {
        return Some(columns);
    }
    map.as_array()?.iter().map(|index| columns.get(usize::try_from(index.as_u64()?).ok()?).cloned()).collect()
}

fn only_child(node: &Value) -> Option<&Value> {
    match node["children"].as_array()?.as_slice() {
        [child] => Some(child),
        _ => None,
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Whether an expression in it refers to a column.
fn refers(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(refers),
        Value::Object(fields) => fields.contains_key("expression_class") || fields.values().any(refers),
        _ => false,
    }
}

fn names_cte(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(names_cte),
        Value::Object(fields) => value["type"] == "LOGICAL_CTE_REF" || fields.values().any(names_cte),
        _ => false,
    }
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(weight).sum::<usize>(),
        _ => 1,
    }
}
