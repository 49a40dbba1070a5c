//! What a query means, from the plan of the engine's binder (`json_serialize_plan`).

mod bound;
mod equality;
mod shape;
mod zoned;

use serde_json::Value;

use crate::base::lazy_json::LazyJson;
use crate::engine::duckdb::lower;
use crate::model::{Digest, Schema, Shape};
use crate::seam::BoundQuery;
use crate::sql::lineage;

/// Returns what dp needs to know about a query, from its bound plan.
///
/// `schema` are the columns of its result, and `collated` those with a collation.
pub fn of(plan: &Value, schema: Schema, collated: Vec<(String, String)>) -> BoundQuery {
    let names = schema.0.iter().map(|column| column.name.as_str());
    let lineage = lower::plan(plan).and_then(|ir| lineage::of(&ir, names)).map_err(|unknown| unknown.to_string());
    let bound = bound::read(plan);
    BoundQuery {
        schema,
        plan: Some(match &bound.shape {
            Some(shape) => Digest::of("shape/1", shape.texts()),
            None => Digest::of("plan/1", [bound.normal.as_str()]),
        }),
        unstable: bound.unstable.into_iter().collect(),
        zoned: zoned::read(plan).into_iter().collect(),
        reads: Some(bound.reads),
        shape: bound.shape.as_ref().map(|shape| LazyJson::now(Shape::from(shape))),
        collated,
        lineage: lineage.map(LazyJson::now),
    }
}

/// Returns the normal form of a bound plan: queries with equal forms mean the same.
pub(super) fn normal(plan: &Value) -> String {
    bound::read(plan).normal
}
