//! Converts a syntax tree back to text.

use serde_json::Value;

use super::session::Session;
use super::syntax;
use crate::seam::EngineError;
use crate::sql::quote;

/// Returns the query of a tree; `None` if the engine can't write it as text that parses to the same tree.
///
/// The engine's conversion has gaps, so dp uses the text only if it parses to the same tree.
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
    Ok(syntax::are_same(&again, wanted).then_some(sql))
}
