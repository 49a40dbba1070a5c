use crate::state::{Digest, Schema};

/// C: names, types and order of the columns, the number of rows, and an order-independent hash of the rows, whose
/// columns are hashed in the order of their names. So one hash serves a table in its own order, whose schema says that
/// order, and a list of columns, whose schema is in the order of names.
///
/// `function` names the hash and its version; `high` and `low` are the two 64-bit sums that it
/// gave, as decimal texts.
pub fn content(function: &str, schema: &Schema, rows: u64, high: &str, low: &str) -> Digest {
    let schema = schema.digest();
    let rows = rows.to_string();
    Digest::of("content/2", [function, schema.as_str(), rows.as_str(), high, low])
}
