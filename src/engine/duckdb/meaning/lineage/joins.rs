use std::rc::Rc;

use serde_json::Value;

use super::fields::{is_null, list, list_or_none, number, only, text, two_children};
use super::operators::mapped;
use super::walk::Unknown;
use super::walk::{Column, Sources, Walk, add_through};
use crate::sql::lineage::How;

impl Walk {
    /// A cross product, or rows side by side.
    pub(super) fn product(&mut self, operator: &Value) -> Result<Vec<Column>, Unknown> {
        only(operator, &["children"])?;
        let (left, right) = two_children(operator)?;
        let mut columns = self.operator(left)?;
        columns.extend(self.operator(right)?);
        Ok(columns)
    }

    /// A join with conditions that compare an expression of the left side with one of the right, or that use both
    /// sides.
    pub(super) fn comparison_join(&mut self, operator: &Value) -> Result<Vec<Column>, Unknown> {
        only(operator, &["children", "conditions", "predicate"])?;
        if !list_or_none(operator, "duplicate_eliminated_columns")?.is_empty() {
            return Err(Unknown("a join removes duplicates for a correlated query".to_owned()));
        }
        let (left, right) = two_children(operator)?;
        let (left, right) = (self.operator(left)?, self.operator(right)?);
        let both = [left.clone(), right.clone()].concat();
        let mut compared = Sources::new();
        for condition in list(operator, "conditions")? {
            only(condition, &["left", "right"])?;
            let compares = text(condition, "comparison")? != "INVALID";
            match (compares, is_null(condition, "right")) {
                (true, false) => {
                    add_through(
                        &mut compared,
                        &self.expression(&condition["left"], &left)?.clone(),
                        How::Transformation,
                    );
                    add_through(
                        &mut compared,
                        &self.expression(&condition["right"], &right)?.clone(),
                        How::Transformation,
                    );
                }
                (false, true) => {
                    add_through(
                        &mut compared,
                        &self.expression(&condition["left"], &both)?.clone(),
                        How::Transformation,
                    );
                }
                _ => return Err(Unknown("a join's condition has an unknown form".to_owned())),
            }
        }
        if !is_null(operator, "predicate") {
            add_through(&mut compared, &self.expression(&operator["predicate"], &both)?.clone(), How::Transformation);
        }
        self.joined(operator, left, right, compared)
    }

    /// A join with one condition over both sides.
    pub(super) fn any_join(&mut self, operator: &Value) -> Result<Vec<Column>, Unknown> {
        only(operator, &["children", "condition"])?;
        let projects = ["left_projection_map", "right_projection_map"]
            .into_iter()
            .any(|key| operator[key].as_array().is_some_and(|map| !map.is_empty()));
        if projects || text(operator, "join_type")? == "MARK" {
            return Err(Unknown("a join on any condition has an unknown form".to_owned()));
        }
        let (left, right) = two_children(operator)?;
        let (left, right) = (self.operator(left)?, self.operator(right)?);
        let both = [left.clone(), right.clone()].concat();
        let compared = self.expression(&operator["condition"], &both)?;
        self.joined(operator, left, right, Rc::unwrap_or_clone(compared))
    }

    fn joined(
        &mut self,
        operator: &Value,
        left: Vec<Column>,
        right: Vec<Column>,
        compared: Sources,
    ) -> Result<Vec<Column>, Unknown> {
        let kept = mapped(left, operator, "left_projection_map")?;
        match text(operator, "join_type")? {
            "INNER" | "LEFT" | "RIGHT" | "FULL" | "SINGLE" => {
                self.decide(&compared, How::Join);
                let mut columns = kept;
                columns.extend(mapped(right, operator, "right_projection_map")?);
                Ok(columns)
            }
            "SEMI" | "ANTI" => {
                self.decide(&compared, How::Join);
                Ok(kept)
            }
            "RIGHT_SEMI" | "RIGHT_ANTI" => {
                self.decide(&compared, How::Join);
                mapped(right, operator, "right_projection_map")
            }
            // No row is added or removed: a column contains whether there was a match.
            "MARK" => {
                let mut columns = kept;
                columns.push(Column::new(number(operator, "mark_index")?, 0, Rc::new(compared)));
                Ok(columns)
            }
            other => Err(Unknown(format!("joins of the type {other} are not understood"))),
        }
    }
}
