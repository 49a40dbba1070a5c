use serde_json::Value;

use super::fields::{child, is_null, kind, list, list_or_none, number, only, text, two_children};
use super::{Binding, Lowered, expression, join, numbered, scan};
use crate::sql::ir::{Expr, Plan, SetKind};
use crate::sql::lineage::Unknown;

/// Converts an operator and everything below it.
pub(super) fn lower(operator: &Value) -> Result<Lowered, Unknown> {
    match text(operator, "type")? {
        "LOGICAL_GET" => scan::get(operator),
        "LOGICAL_DUMMY_SCAN" => {
            only(operator, &[])?;
            Ok(constants(numbered(number(operator, "table_index")?, 1).collect(), 1))
        }
        // Rows that the binder itself created.
        "LOGICAL_CHUNK_GET" => {
            only(operator, &[])?;
            let width = list(operator, "chunk_types")?.len();
            Ok(constants(numbered(number(operator, "table_index")?, width).collect(), 1))
        }
        // The binder proved that there are no rows.
        "LOGICAL_EMPTY_RESULT" => {
            only(operator, &[])?;
            let binding = |binding: &Value| Ok((number(binding, "table_index")?, number(binding, "column_index")?));
            Ok(constants(list_or_none(operator, "bindings")?.iter().map(binding).collect::<Result<_, Unknown>>()?, 0))
        }
        "LOGICAL_EXPRESSION_GET" => values(operator),
        "LOGICAL_PROJECTION" => {
            only(operator, &["children", "expressions"])?;
            let input = lower(child(operator)?)?;
            let outputs = expression::all(list(operator, "expressions")?, &input.columns)?;
            Ok(Lowered {
                columns: numbered(number(operator, "table_index")?, outputs.len()).collect(),
                plan: Plan::Project {
                    input: Box::new(input.plan),
                    outputs,
                },
            })
        }
        "LOGICAL_FILTER" => {
            only(operator, &["children", "expressions"])?;
            let input = lower(child(operator)?)?;
            let conditions = expression::all(list(operator, "expressions")?, &input.columns)?;
            let filtered = input.below(|input| Plan::Filter { input, conditions });
            mapped(filtered, operator, "projection_map")
        }
        "LOGICAL_AGGREGATE_AND_GROUP_BY" => aggregate(operator, false),
        "LOGICAL_WINDOW" => {
            let (mut input, functions) = added(operator, "window_index")?;
            input.plan = Plan::Window {
                input: Box::new(input.plan),
                functions,
            };
            Ok(input)
        }
        "LOGICAL_UNNEST" => {
            let (mut input, lists) = added(operator, "unnest_index")?;
            input.plan = Plan::Unnest {
                input: Box::new(input.plan),
                lists,
            };
            Ok(input)
        }
        "LOGICAL_DISTINCT" => distinct(operator),
        "LOGICAL_ORDER_BY" => {
            only(operator, &["children", "orders"])?;
            let input = lower(child(operator)?)?;
            let order = expression::orders(list(operator, "orders")?, &input.columns)?;
            mapped(input.below(|input| Plan::Sort { input, order }), operator, "projections")
        }
        "LOGICAL_LIMIT" => {
            only(operator, &["children", "limit_val", "offset_val"])?;
            let input = lower(child(operator)?)?;
            let mut bounds = Vec::new();
            for key in ["limit_val", "offset_val"] {
                bounds.extend(bound(&operator[key], &input.columns)?);
            }
            Ok(input.below(|input| Plan::Limit { input, bounds }))
        }
        "LOGICAL_SAMPLE" => {
            only(operator, &["children"])?;
            Ok(lower(child(operator)?)?.below(|input| Plan::Sample { input }))
        }
        "LOGICAL_CROSS_PRODUCT" | "LOGICAL_POSITIONAL_JOIN" => join::product(operator),
        "LOGICAL_COMPARISON_JOIN" | "LOGICAL_ASOF_JOIN" => join::comparison(operator),
        "LOGICAL_ANY_JOIN" => join::any(operator),
        "LOGICAL_UNION" => set_operation(operator, SetKind::Union),
        "LOGICAL_INTERSECT" => set_operation(operator, SetKind::Intersect),
        "LOGICAL_EXCEPT" => set_operation(operator, SetKind::Except),
        "LOGICAL_MATERIALIZED_CTE" => common_table(operator),
        "LOGICAL_RECURSIVE_CTE" => recursion(operator),
        "LOGICAL_CTE_REF" => {
            only(operator, &[])?;
            let width = list(operator, "chunk_types")?.len();
            Ok(Lowered {
                columns: numbered(number(operator, "table_index")?, width).collect(),
                plan: Plan::Common {
                    table: number(operator, "cte_index")?,
                },
            })
        }
        "LOGICAL_PIVOT" => pivot(operator),
        other => Err(Unknown(format!("the operator {other} is not supported"))),
    }
}

impl Lowered {
    /// Puts an operator with the same columns on top.
    fn below(self, operator: impl FnOnce(Box<Plan>) -> Plan) -> Self {
        Self {
            plan: operator(Box::new(self.plan)),
            columns: self.columns,
        }
    }
}

/// Rows whose values depend on nothing.
fn constants(columns: Vec<Binding>, rows: usize) -> Lowered {
    Lowered {
        plan: Plan::Values {
            input: None,
            width: columns.len(),
            rows: vec![vec![Expr::Literal; columns.len()]; rows],
        },
        columns,
    }
}

/// The rows of a `values` list.
fn values(operator: &Value) -> Result<Lowered, Unknown> {
    only(operator, &["children", "expressions"])?;
    let input = lower(child(operator)?)?;
    let width = list(operator, "expr_types")?.len();
    let row = |row: &Value| {
        let row = row.as_array().filter(|row| row.len() == width);
        let row = row.ok_or_else(|| Unknown("rows of a list have different lengths".to_owned()))?;
        expression::all(row, &input.columns)
    };
    let rows = list(operator, "expressions")?.iter().map(row).collect::<Result<_, _>>()?;
    Ok(Lowered {
        columns: numbered(number(operator, "table_index")?, width).collect(),
        plan: Plan::Values {
            input: Some(Box::new(input.plan)),
            width,
            rows,
        },
    })
}

/// Converts the input of an operator that adds columns, and these columns.
fn added(operator: &Value, key: &str) -> Result<(Lowered, Vec<Expr>), Unknown> {
    only(operator, &["children", "expressions"])?;
    let mut input = lower(child(operator)?)?;
    let more = expression::all(list(operator, "expressions")?, &input.columns)?;
    input.columns.extend(numbered(number(operator, key)?, more.len()));
    Ok((input, more))
}

fn aggregate(operator: &Value, is_correlation: bool) -> Result<Lowered, Unknown> {
    only(operator, &["children", "expressions", "groups"])?;
    let input = lower(child(operator)?)?;
    let groups = expression::all(list_or_none(operator, "groups")?, &input.columns)?;
    let aggregates = expression::all(list(operator, "expressions")?, &input.columns)?;
    let mask = |function: &Value| {
        let group = |index: &Value| {
            let group = position(index).filter(|group| *group < groups.len());
            group.ok_or_else(|| Unknown("`grouping` names a group that does not exist".to_owned()))
        };
        function.as_array().into_iter().flatten().map(group).collect::<Result<Vec<_>, _>>()
    };
    let masks = list_or_none(operator, "grouping_functions")?.iter().map(mask).collect::<Result<Vec<_>, _>>()?;
    let parts =
        [("group_index", groups.len()), ("aggregate_index", aggregates.len()), ("groupings_index", masks.len())];
    let mut columns = Vec::new();
    for (key, width) in parts {
        columns.extend(numbered(number(operator, key)?, width));
    }
    Ok(Lowered {
        columns,
        plan: Plan::Aggregate {
            input: Box::new(input.plan),
            groups,
            sets: list_or_none(operator, "grouping_sets")?.len() > 1,
            aggregates,
            masks,
            is_correlation,
        },
    })
}

fn distinct(operator: &Value) -> Result<Lowered, Unknown> {
    only(operator, &["children", "distinct_targets", "order_by"])?;
    let input = lower(child(operator)?)?;
    let targets = expression::all(list(operator, "distinct_targets")?, &input.columns)?;
    let on = match text(operator, "distinct_type")? {
        "DISTINCT" => None,
        "DISTINCT_ON" => Some(targets),
        other => return Err(Unknown(format!("distinct of type {other} is not supported"))),
    };
    let mut order = Vec::new();
    if !is_null(operator, "order_by") {
        only(&operator["order_by"], &["orders"])?;
        order = expression::orders(list(&operator["order_by"], "orders")?, &input.columns)?;
    }
    Ok(input.below(|input| Plan::Distinct { input, on, order }))
}

/// Returns the number of rows to return or to skip; `None` if it is a constant.
fn bound(limit: &Value, seen: &[Binding]) -> Result<Option<Expr>, Unknown> {
    match text(limit, "type")? {
        "UNSET" | "CONSTANT_VALUE" | "CONSTANT_PERCENTAGE" => only(limit, &[]).map(|()| None),
        "EXPRESSION_VALUE" | "EXPRESSION_PERCENTAGE" => {
            only(limit, &["expression"])?;
            expression::lower(&limit["expression"], seen).map(Some)
        }
        other => Err(Unknown(format!("limits of type {other} are not supported"))),
    }
}

fn set_operation(operator: &Value, kind: SetKind) -> Result<Lowered, Unknown> {
    only(operator, &["children"])?;
    let width = usize::try_from(number(operator, "column_count")?).unwrap_or(usize::MAX);
    let input = |side: &Value| {
        let side = lower(side)?;
        if side.columns.len() != width {
            return Err(Unknown("sides of a set operation have different numbers of columns".to_owned()));
        }
        Ok(side.plan)
    };
    let inputs: Vec<Plan> = list(operator, "children")?.iter().map(input).collect::<Result<_, _>>()?;
    let width = if inputs.is_empty() { 0 } else { width };
    Ok(Lowered {
        columns: numbered(number(operator, "table_index")?, width).collect(),
        plan: Plan::SetOp {
            kind,
            // Only the duplicates of a union are also reported by a separate operator.
            all: operator["setop_all"].as_bool() == Some(true),
            inputs,
        },
    })
}

fn common_table(operator: &Value) -> Result<Lowered, Unknown> {
    only(operator, &["children"])?;
    let (definition, query) = two_children(operator)?;
    // The binder adds this one to join a correlated query with each distinct row that it needs.
    let is_correlation = text(operator, "ctename")?.starts_with("__duckdb_delim_dedup_");
    let is_plain = kind(definition) == "LOGICAL_AGGREGATE_AND_GROUP_BY"
        && list_or_none(definition, "expressions").is_ok_and(<[Value]>::is_empty);
    let definition = if is_correlation && is_plain { aggregate(definition, true)? } else { lower(definition)? };
    let query = lower(query)?;
    Ok(Lowered {
        columns: query.columns,
        plan: Plan::With {
            table: number(operator, "table_index")?,
            definition: Box::new(definition.plan),
            query: Box::new(query.plan),
        },
    })
}

fn recursion(operator: &Value) -> Result<Lowered, Unknown> {
    only(operator, &["children"])?;
    if !list_or_none(operator, "key_targets")?.is_empty() {
        return Err(Unknown("recursive queries with keys are not supported".to_owned()));
    }
    let all = operator["union_all"].as_bool().ok_or_else(|| Unknown("a recursion has no `union_all`".to_owned()))?;
    let table = number(operator, "table_index")?;
    let (first, step) = two_children(operator)?;
    let (first, step) = (lower(first)?, lower(step)?);
    if first.columns.len() != step.columns.len() {
        return Err(Unknown("sides of a recursion have different numbers of columns".to_owned()));
    }
    Ok(Lowered {
        columns: numbered(table, first.columns.len()).collect(),
        plan: Plan::Recursion {
            table,
            first: Box::new(first.plan),
            step: Box::new(step.plan),
            all,
        },
    })
}

/// The keys of the groups first, then a column for each value, from the lists of names and of values.
fn pivot(operator: &Value) -> Result<Lowered, Unknown> {
    only(operator, &["children", "bound_pivot"])?;
    let input = lower(child(operator)?)?;
    let pivot = &operator["bound_pivot"];
    // The aggregates define how an empty place is filled; they were computed below.
    only(pivot, &["aggregates"])?;
    let groups = usize::try_from(number(pivot, "group_count")?).unwrap_or(usize::MAX);
    let width = list(pivot, "types")?.len();
    if groups > input.columns.len() || groups > width {
        return Err(Unknown("a pivot has more keys than columns".to_owned()));
    }
    let mut outputs: Vec<Expr> = (0..groups).map(Expr::Column).collect();
    let value = Expr::Call {
        name: "pivot".to_owned(),
        arguments: (groups..input.columns.len()).map(Expr::Column).collect(),
    };
    outputs.resize(width, value);
    Ok(Lowered {
        columns: numbered(number(operator, "pivot_index")?, width).collect(),
        plan: Plan::Project {
            input: Box::new(input.plan),
            outputs,
        },
    })
}

fn position(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|position| usize::try_from(position).ok())
}

/// Returns a list of positions; `None` if it is empty.
pub(super) fn positions(operator: &Value, key: &str) -> Result<Option<Vec<usize>>, Unknown> {
    let map = list_or_none(operator, key)?;
    let unknown = || Unknown(format!("`{key}` of {} is not a list of positions", kind(operator)));
    let map: Vec<usize> = map.iter().map(position).collect::<Option<_>>().ok_or_else(unknown)?;
    Ok((!map.is_empty()).then_some(map))
}

/// Keeps some of the columns; all if the list is empty.
fn mapped(input: Lowered, operator: &Value, key: &str) -> Result<Lowered, Unknown> {
    match positions(operator, key)? {
        Some(map) => input.picked(&map),
        None => Ok(input),
    }
}
