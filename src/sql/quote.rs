//! Quoting: the only functions that put a name or a value into SQL.

use crate::model::AssetName;

/// Returns a name as a quoted identifier.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Returns a text as a string literal.
///
/// A zero byte, which the engine's parser can't read, is added with `chr(0)`.
pub fn literal(text: &str) -> String {
    if !text.contains('\0') {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let parts: Vec<_> = text.split('\0').map(literal).collect();
    format!("({})", parts.join(" || chr(0) || "))
}

/// Returns an asset's name as `"schema"."table"`.
pub fn asset(name: &AssetName) -> String {
    format!("{}.{}", identifier(name.schema()), identifier(name.table()))
}

/// Returns names as a comma-separated list of identifiers.
pub fn identifiers<I: AsRef<str>>(names: impl IntoIterator<Item = I>) -> String {
    let quoted: Vec<_> = names.into_iter().map(|name| identifier(name.as_ref())).collect();
    quoted.join(", ")
}

/// Returns texts as a list of literals, `['a', 'b']`.
pub fn list<I: AsRef<str>>(texts: impl IntoIterator<Item = I>) -> String {
    let quoted: Vec<_> = texts.into_iter().map(|text| literal(text.as_ref())).collect();
    format!("[{}]", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_doubled() {
        assert_eq!(identifier("a\"b; drop"), "\"a\"\"b; drop\"");
        assert_eq!(literal("a'b"), "'a''b'");
        assert_eq!(literal("a\0b"), "('a' || chr(0) || 'b')");
    }
}
