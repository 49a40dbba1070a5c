//! JSON from the engine.

use serde_json::Value;

/// Parses JSON from the engine, at any depth.
pub(super) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // The engine creates deep trees itself, on a stack that is large enough for both.
    deserializer.disable_recursion_limit();
    serde::Deserialize::deserialize(&mut deserializer)
}
