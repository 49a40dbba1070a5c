//! The way back from a syntax tree to text.

use serde_json::Value;

use super::session::Session;
use crate::sql::{quote, tree};
use crate::warehouse::EngineError;

/// The query of a tree; `None` if the engine can't write it so that it would read the same tree again.
///
/// Its way back to text has gaps, so the text is believed only if it leads to the same tree.
pub(super) fn text(session: &Session, wanted: &Value) -> Result<Option<String>, EngineError> {
    let ask = |sql: String| -> Result<Option<String>, EngineError> {
        Ok(session.texts(&sql)?.into_iter().flatten().flatten().next())
    };
    let written = quote::literal(&wanted.to_string());
    let Some(sql) = ask(format!("SELECT json_deserialize_sql({written}::JSON)::VARCHAR"))? else {
        return Ok(None);
    };
    let Some(again) = ask(format!("SELECT json_serialize_sql({})::VARCHAR", quote::literal(&sql)))? else {
        return Ok(None);
    };
    let Ok(again) = serde_json::from_str::<Value>(&again) else {
        return Ok(None);
    };
    let same = match (tree::read(&again), tree::read(wanted)) {
        (Ok(left), Ok(right)) => left.canonical == right.canonical,
        _ => false,
    };
    Ok(same.then_some(sql))
}
