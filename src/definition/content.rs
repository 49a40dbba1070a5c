use crate::model::{Digest, Schema};

/// Computes C from the names, types and order of the columns, the number of rows, and an order-independent hash of the
/// rows. The columns are hashed in the order of their names. So one hash serves a whole table, whose schema defines
/// the column order, and a list of columns, whose schema is in the order of names.
///
/// `function` names the hash and its version; `high` and `low` are its two 64-bit sums as decimal text.
pub fn content(function: &str, schema: &Schema, rows: u64, high: &str, low: &str) -> Digest {
    let schema = schema.digest();
    let rows = rows.to_string();
    Digest::of("content/2", [function, schema.as_str(), rows.as_str(), high, low])
}
