//! Types as users write them.

use super::analyst::describe;
use super::session::Session;
use super::syntax;
use crate::seam::{EngineError, ErrorKind};

/// Returns the engine's own text for a type that a user wrote: `INTEGER` for `int`.
///
/// # Errors
/// If the text is not a type.
pub(super) fn canonical(session: &Session, written: &str) -> Result<String, EngineError> {
    let sql = format!("SELECT CAST(NULL AS {written}\n) AS c");
    let bad = || EngineError::of_kind(ErrorKind::Syntax, format!("`{written}` is not a type"));
    let tree = syntax::tree(session, &sql)?;
    // The query must still be a single cast; a text that adds anything else is not a type.
    let node = &tree["statements"][0]["node"];
    let is_cast = node["select_list"][0]["class"] == "CAST";
    let plain = tree["statements"].as_array().map_or(0, Vec::len) == 1
        && node["select_list"].as_array().map_or(0, Vec::len) == 1
        && is_cast
        && node["from_table"]["type"] == "EMPTY"
        && node["select_list"][0]["child"]["class"] == "CONSTANT";
    if !plain {
        return Err(bad());
    }
    let schema = describe(session, &sql).map_err(|_| bad())?;
    schema.0.into_iter().next().map(|column| column.data_type).ok_or_else(bad)
}
