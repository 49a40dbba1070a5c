use serde_json::Value;

use super::expression;
use super::fields::{is_null, list, list_or_none, number, only, text, two_children};
use super::operator::{lower, positions};
use super::{Binding, Lowered};
use crate::sql::ir::{Expr, JoinKind, Plan};
use crate::sql::lineage::Unknown;

/// A cross product, or rows side by side.
pub(super) fn product(operator: &Value) -> Result<Lowered, Unknown> {
    only(operator, &["children"])?;
    let (left, right) = two_children(operator)?;
    let (left, right) = (lower(left)?, lower(right)?);
    Ok(Lowered {
        columns: [left.columns, right.columns].concat(),
        plan: Plan::Join {
            kind: JoinKind::Product,
            left: Box::new(left.plan),
            right: Box::new(right.plan),
            conditions: Vec::new(),
        },
    })
}

/// A join with conditions that compare an expression of the left side with one of the right, or that use both sides.
pub(super) fn comparison(operator: &Value) -> Result<Lowered, Unknown> {
    only(operator, &["children", "conditions", "predicate"])?;
    if !list_or_none(operator, "duplicate_eliminated_columns")?.is_empty() {
        return Err(Unknown("a join removes duplicates for a correlated query".to_owned()));
    }
    let (left, right) = two_children(operator)?;
    let (left, right) = (lower(left)?, lower(right)?);
    let both = [left.columns.as_slice(), &right.columns].concat();
    let mut conditions = Vec::new();
    for condition in list(operator, "conditions")? {
        only(condition, &["left", "right"])?;
        let comparison = text(condition, "comparison")?;
        conditions.push(match (comparison != "INVALID", is_null(condition, "right")) {
            (true, false) => Expr::Call {
                name: comparison.to_owned(),
                arguments: vec![
                    expression::lower(&condition["left"], &left.columns)?,
                    on_right(expression::lower(&condition["right"], &right.columns)?, left.columns.len()),
                ],
            },
            (false, true) => expression::lower(&condition["left"], &both)?,
            _ => return Err(Unknown("a join's condition has an unknown form".to_owned())),
        });
    }
    if !is_null(operator, "predicate") {
        conditions.push(expression::lower(&operator["predicate"], &both)?);
    }
    joined(operator, left, right, conditions)
}

/// A join with one condition over both sides.
pub(super) fn any(operator: &Value) -> Result<Lowered, Unknown> {
    only(operator, &["children", "condition"])?;
    let projects = ["left_projection_map", "right_projection_map"]
        .into_iter()
        .any(|key| operator[key].as_array().is_some_and(|map| !map.is_empty()));
    if projects || text(operator, "join_type")? == "MARK" {
        return Err(Unknown("a join on any condition has an unknown form".to_owned()));
    }
    let (left, right) = two_children(operator)?;
    let (left, right) = (lower(left)?, lower(right)?);
    let both = [left.columns.as_slice(), &right.columns].concat();
    let condition = expression::lower(&operator["condition"], &both)?;
    joined(operator, left, right, vec![condition])
}

fn joined(operator: &Value, left: Lowered, right: Lowered, conditions: Vec<Expr>) -> Result<Lowered, Unknown> {
    let kind = match text(operator, "join_type")? {
        "INNER" | "LEFT" | "RIGHT" | "FULL" | "SINGLE" => JoinKind::Pairs,
        "SEMI" | "ANTI" => JoinKind::Left,
        "RIGHT_SEMI" | "RIGHT_ANTI" => JoinKind::Right,
        "MARK" => JoinKind::Mark,
        other => return Err(Unknown(format!("joins of type {other} are not supported"))),
    };
    let left_map = positions(operator, "left_projection_map")?;
    let right_map = positions(operator, "right_projection_map")?;
    let (left_width, right_width) = (left.columns.len(), right.columns.len());
    let mut columns: Vec<Binding> = Vec::new();
    let mut kept: Vec<usize> = Vec::new();
    if kind != JoinKind::Right {
        columns.extend(&left.columns);
        kept.extend(left_map.clone().unwrap_or_else(|| (0..left_width).collect()));
    }
    match kind {
        JoinKind::Product | JoinKind::Pairs | JoinKind::Right => {
            let start = columns.len();
            columns.extend(&right.columns);
            let map = right_map.clone().unwrap_or_else(|| (0..right_width).collect());
            kept.extend(map.into_iter().map(|position| start + position));
        }
        JoinKind::Mark => {
            kept.push(columns.len());
            columns.push((number(operator, "mark_index")?, 0));
        }
        JoinKind::Left => {}
    }
    let joined = Lowered {
        columns,
        plan: Plan::Join {
            kind,
            left: Box::new(left.plan),
            right: Box::new(right.plan),
            conditions,
        },
    };
    if left_map.is_none() && right_map.is_none() { Ok(joined) } else { joined.picked(&kept) }
}

/// Returns an expression over the right side as one over both sides; `left` is the number of columns of the left one.
fn on_right(mut expression: Expr, left: usize) -> Expr {
    expression.shift(left);
    expression
}
