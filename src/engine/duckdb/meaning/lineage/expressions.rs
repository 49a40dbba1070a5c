use std::rc::Rc;

use serde_json::Value;

use super::fields::{is_null, kind, list, list_or_none, number, only, text};
use super::walk::Unknown;
use super::walk::{Column, Sources, Walk, add, add_through};
use crate::sql::lineage::{How, Hows};

impl Walk {
    /// Returns the sources of an expression, over the columns that its operator sees.
    pub(super) fn expression(&mut self, expression: &Value, seen: &[Column]) -> Result<Rc<Sources>, Unknown> {
        let mut sources = Sources::new();
        match text(expression, "expression_class")? {
            "BOUND_REF" => {
                only(expression, &[])?;
                let index = number(expression, "index")?;
                let column = usize::try_from(index).ok().and_then(|index| seen.get(index));
                let column = column.ok_or_else(|| Unknown(format!("column {index} of {} is named", seen.len())))?;
                return Ok(Rc::clone(&column.sources));
            }
            "BOUND_COLUMN_REF" => {
                only(expression, &[])?;
                if number(expression, "depth")? != 0 {
                    return Err(Unknown("a column of an outer query is named where that is out of sight".to_owned()));
                }
                let binding = &expression["binding"];
                let binding = (number(binding, "table_index")?, number(binding, "column_index")?);
                let column = seen.iter().find(|column| column.binding == binding);
                let column = column.ok_or_else(|| Unknown("a column is named that no input has".to_owned()))?;
                return Ok(Rc::clone(&column.sources));
            }
            "BOUND_CONSTANT" => only(expression, &[])?,
            "BOUND_FUNCTION" => {
                only(expression, &["children", "function_data"])?;
                // The lambda's body is repeated here; what it captures is among the children.
                only(&expression["function_data"], &["lambda_expr"])?;
                self.all(list(expression, "children")?, seen, How::Transformation, &mut sources)?;
            }
            "BOUND_LAMBDA" => {
                // Columns in the body are the lambda's own parameters and its captures.
                only(expression, &["lambda_expr", "captures"])?;
                self.all(list(expression, "captures")?, seen, How::Transformation, &mut sources)?;
            }
            "BOUND_OPERATOR" | "BOUND_CONJUNCTION" => {
                only(expression, &["children"])?;
                self.all(list(expression, "children")?, seen, How::Transformation, &mut sources)?;
            }
            "BOUND_COMPARISON" => {
                only(expression, &["left", "right"])?;
                self.one(&expression["left"], seen, How::Transformation, &mut sources)?;
                self.one(&expression["right"], seen, How::Transformation, &mut sources)?;
            }
            "BOUND_BETWEEN" => {
                only(expression, &["input", "lower", "upper"])?;
                for part in ["input", "lower", "upper"] {
                    self.one(&expression[part], seen, How::Transformation, &mut sources)?;
                }
            }
            "BOUND_CASE" => {
                only(expression, &["case_checks", "else_expr"])?;
                for check in list(expression, "case_checks")? {
                    only(check, &["when_expr", "then_expr"])?;
                    self.one(&check["when_expr"], seen, How::Transformation, &mut sources)?;
                    self.one(&check["then_expr"], seen, How::Transformation, &mut sources)?;
                }
                self.optional(expression, "else_expr", seen, How::Transformation, &mut sources)?;
            }
            "BOUND_CAST" | "BOUND_UNNEST" => {
                only(expression, &["child"])?;
                self.one(&expression["child"], seen, How::Transformation, &mut sources)?;
            }
            "BOUND_AGGREGATE" => self.aggregate(expression, seen, &mut sources)?,
            "BOUND_WINDOW" => self.window(expression, seen, &mut sources)?,
            other => return Err(Unknown(format!("expressions of the class {other} are not understood"))),
        }
        Ok(Rc::new(sources))
    }

    fn aggregate(&mut self, expression: &Value, seen: &[Column], sources: &mut Sources) -> Result<(), Unknown> {
        only(expression, &["children", "filter", "order_bys"])?;
        self.all(list(expression, "children")?, seen, How::Aggregation, sources)?;
        self.optional(expression, "filter", seen, How::Aggregation, sources)?;
        if !is_null(expression, "order_bys") {
            only(&expression["order_bys"], &["orders"])?;
            for order in self.orders(list(&expression["order_bys"], "orders")?, seen)? {
                add_through(sources, &order, How::Aggregation);
            }
        }
        Ok(())
    }

    fn window(&mut self, expression: &Value, seen: &[Column], sources: &mut Sources) -> Result<(), Unknown> {
        const BOUNDS: [&str; 3] = ["start_expr", "end_expr", "offset_expr"];
        const VALUES: [&str; 3] = ["default_expr", "filters", "filter_expr"];
        only(expression, &[&BOUNDS[..], &VALUES, &["children", "partitions", "orders", "arg_orders"]].concat())?;
        self.all(list(expression, "children")?, seen, How::Aggregation, sources)?;
        for key in VALUES {
            self.optional(expression, key, seen, How::Aggregation, sources)?;
        }
        let mut frame = Vec::new();
        for part in list(expression, "partitions")? {
            frame.push(self.expression(part, seen)?);
        }
        frame.extend(self.orders(list(expression, "orders")?, seen)?);
        frame.extend(self.orders(list_or_none(expression, "arg_orders")?, seen)?);
        for key in BOUNDS {
            if !is_null(expression, key) {
                frame.push(self.expression(&expression[key], seen)?);
            }
        }
        for part in frame {
            add(sources, &part.keys().map(|number| (*number, Hows::of(How::Window))).collect());
        }
        Ok(())
    }

    /// Returns the sources of the parts of an `order by`.
    pub(super) fn orders(&mut self, orders: &[Value], seen: &[Column]) -> Result<Vec<Rc<Sources>>, Unknown> {
        let order = |order: &Value| {
            only(order, &["expression"])?;
            self.expression(&order["expression"], seen)
        };
        orders.iter().map(order).collect()
    }

    fn all(&mut self, parts: &[Value], seen: &[Column], kind: How, sources: &mut Sources) -> Result<(), Unknown> {
        parts.iter().try_for_each(|part| self.one(part, seen, kind, sources))
    }

    fn one(&mut self, part: &Value, seen: &[Column], how: How, sources: &mut Sources) -> Result<(), Unknown> {
        if part.is_null() {
            return Err(Unknown(format!("{} lacks a part", kind(part))));
        }
        let found = self.expression(part, seen)?;
        add_through(sources, &found, how);
        Ok(())
    }

    fn optional(
        &mut self,
        expression: &Value,
        key: &str,
        seen: &[Column],
        how: How,
        sources: &mut Sources,
    ) -> Result<(), Unknown> {
        if is_null(expression, key) { Ok(()) } else { self.one(&expression[key], seen, how, sources) }
    }
}
