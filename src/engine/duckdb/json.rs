//! JSON from the engine.

use serde_json::Value;

/// Parses JSON from the engine, at any depth.
pub(super) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // The engine creates deep trees itself, on a stack that is large enough for both.
    deserializer.disable_recursion_limit();
    serde::Deserialize::deserialize(&mut deserializer)
}

/// Returns the name of the function of an expression or an operator.
pub(super) fn function_name(value: &Value) -> Option<&str> {
    value.get("qname")?.get("path")?.as_array()?.last()?.as_str()
}
