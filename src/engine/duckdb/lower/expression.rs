use serde_json::Value;

use super::Binding;
use super::fields::{is_null, kind, list, list_or_none, number, only, text};
use crate::engine::duckdb::json;
use crate::sql::ir::{Aggregate, Expr, Window};
use crate::sql::lineage::Unknown;

/// Converts an expression over the columns that its operator sees.
pub(super) fn lower(expression: &Value, seen: &[Binding]) -> Result<Expr, Unknown> {
    let call = |arguments: Vec<Expr>| Expr::Call {
        name: name(expression),
        arguments,
    };
    Ok(match text(expression, "expression_class")? {
        "BOUND_REF" => {
            only(expression, &[])?;
            let index = number(expression, "index")?;
            let position = usize::try_from(index).ok().filter(|position| *position < seen.len());
            Expr::Column(
                position.ok_or_else(|| Unknown(format!("an expression names column {index} of {}", seen.len())))?,
            )
        }
        "BOUND_COLUMN_REF" => {
            only(expression, &[])?;
            if number(expression, "depth")? != 0 {
                return Err(Unknown(
                    "an expression names a column of an outer query that is not visible here".to_owned(),
                ));
            }
            let binding = &expression["binding"];
            let binding = (number(binding, "table_index")?, number(binding, "column_index")?);
            let position = seen.iter().position(|column| *column == binding);
            Expr::Column(position.ok_or_else(|| Unknown("an expression names a column that no input has".to_owned()))?)
        }
        "BOUND_CONSTANT" => {
            only(expression, &[])?;
            Expr::Literal
        }
        "BOUND_FUNCTION" => {
            only(expression, &["children", "function_data"])?;
            // The lambda's body is repeated here; what it captures is among the children.
            only(&expression["function_data"], &["lambda_expr"])?;
            call(all(list(expression, "children")?, seen)?)
        }
        "BOUND_LAMBDA" => {
            // Columns in the body are the lambda's own parameters and its captures.
            only(expression, &["lambda_expr", "captures"])?;
            Expr::Lambda {
                captures: all(list(expression, "captures")?, seen)?,
            }
        }
        "BOUND_OPERATOR" | "BOUND_CONJUNCTION" => {
            only(expression, &["children"])?;
            call(all(list(expression, "children")?, seen)?)
        }
        "BOUND_COMPARISON" => call(parts(expression, &["left", "right"], seen)?),
        "BOUND_BETWEEN" => call(parts(expression, &["input", "lower", "upper"], seen)?),
        "BOUND_CASE" => {
            only(expression, &["case_checks", "else_expr"])?;
            let branch = |check: &Value| {
                only(check, &["when_expr", "then_expr"])?;
                Ok((part(check, "when_expr", seen)?, part(check, "then_expr", seen)?))
            };
            Expr::Case {
                branches: list(expression, "case_checks")?.iter().map(branch).collect::<Result<_, Unknown>>()?,
                otherwise: optional(expression, "else_expr", seen)?.map(Box::new),
            }
        }
        "BOUND_CAST" => {
            only(expression, &["child"])?;
            Expr::Cast(Box::new(part(expression, "child", seen)?))
        }
        "BOUND_UNNEST" => call(parts(expression, &["child"], seen)?),
        "BOUND_AGGREGATE" => aggregate(expression, seen)?,
        "BOUND_WINDOW" => window(expression, seen)?,
        other => return Err(Unknown(format!("expressions of class {other} are not supported"))),
    })
}

/// Returns the name of a function, or else of the kind of expression.
fn name(expression: &Value) -> String {
    let kind = || expression["type"].as_str().unwrap_or_default();
    json::function_name(expression).unwrap_or_else(kind).to_owned()
}

fn aggregate(expression: &Value, seen: &[Binding]) -> Result<Expr, Unknown> {
    only(expression, &["children", "filter", "order_bys"])?;
    let mut order = Vec::new();
    if !is_null(expression, "order_bys") {
        only(&expression["order_bys"], &["orders"])?;
        order = orders(list(&expression["order_bys"], "orders")?, seen)?;
    }
    Ok(Expr::Aggregate(Box::new(Aggregate {
        name: name(expression),
        arguments: all(list(expression, "children")?, seen)?,
        filter: optional(expression, "filter", seen)?,
        order,
    })))
}

fn window(expression: &Value, seen: &[Binding]) -> Result<Expr, Unknown> {
    const BOUNDS: [&str; 3] = ["start_expr", "end_expr", "offset_expr"];
    const VALUES: [&str; 3] = ["default_expr", "filters", "filter_expr"];
    only(expression, &[&BOUNDS[..], &VALUES, &["children", "partitions", "orders", "arg_orders"]].concat())?;
    let mut arguments = all(list(expression, "children")?, seen)?;
    for key in VALUES {
        arguments.extend(optional(expression, key, seen)?);
    }
    let mut frame = all(list(expression, "partitions")?, seen)?;
    frame.extend(orders(list(expression, "orders")?, seen)?);
    frame.extend(orders(list_or_none(expression, "arg_orders")?, seen)?);
    for key in BOUNDS {
        frame.extend(optional(expression, key, seen)?);
    }
    Ok(Expr::Window(Box::new(Window {
        name: name(expression),
        arguments,
        frame,
    })))
}

/// Converts expressions.
pub(super) fn all(expressions: &[Value], seen: &[Binding]) -> Result<Vec<Expr>, Unknown> {
    expressions.iter().map(|expression| lower(expression, seen)).collect()
}

/// Converts the parts of an `order by`.
pub(super) fn orders(orders: &[Value], seen: &[Binding]) -> Result<Vec<Expr>, Unknown> {
    let order = |order: &Value| {
        only(order, &["expression"])?;
        lower(&order["expression"], seen)
    };
    orders.iter().map(order).collect()
}

/// Converts all of these fields, the only ones of an expression that contain expressions.
fn parts(expression: &Value, keys: &[&str], seen: &[Binding]) -> Result<Vec<Expr>, Unknown> {
    only(expression, keys)?;
    keys.iter().map(|key| part(expression, key, seen)).collect()
}

fn part(expression: &Value, key: &str, seen: &[Binding]) -> Result<Expr, Unknown> {
    let part = optional(expression, key, seen)?;
    part.ok_or_else(|| Unknown(format!("{} lacks a part", kind(expression))))
}

fn optional(expression: &Value, key: &str, seen: &[Binding]) -> Result<Option<Expr>, Unknown> {
    if is_null(expression, key) { Ok(None) } else { lower(&expression[key], seen).map(Some) }
}
