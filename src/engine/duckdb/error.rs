use serde_json::Value;

use crate::seam::{EngineError, ErrorKind};

/// Parses an error from the engine.
///
/// With `errors_as_json` the text is, or ends with, an object whose values are strings.
pub(super) fn engine_error(error: &duckdb::Error) -> EngineError {
    let text = match error {
        duckdb::Error::DuckDBFailure(_, Some(text)) => text.clone(),
        other => other.to_string(),
    };
    from_text(&text)
}

fn from_text(text: &str) -> EngineError {
    let json = text
        .find('{')
        .and_then(|start| serde_json::from_str::<Value>(text[start..].trim()).ok())
        .filter(|value| value.get("exception_type").is_some());
    if let Some(value) = json {
        return from_json(&value, "exception_type", "exception_message");
    }
    let (class, message) = text.split_once(" Error: ").unwrap_or(("", text));
    let message = first_part(message);
    EngineError::of_kind(kind(class, "", &message), message)
}

/// Returns the error in a result of `json_serialize_sql` or `json_serialize_plan`.
pub(super) fn serialize_error(answer: &Value) -> EngineError {
    from_json(answer, "error_type", "error_message")
}

fn from_json(value: &Value, class: &str, message: &str) -> EngineError {
    let text = |key: &str| value[key].as_str().unwrap_or_default();
    let message = first_part(text(message));
    EngineError {
        kind: kind(text(class), text("error_subtype"), &message),
        message,
        offset: text("position").parse().ok(),
    }
}

/// Returns the situation. `class` is the engine's kind of exception, and `subtype` a further distinction of some.
fn kind(class: &str, subtype: &str, message: &str) -> ErrorKind {
    if let Some(what) = needs_icu(message) {
        return ErrorKind::NeedsIcu(what);
    }
    let missing = missing_column(message);
    match class.to_lowercase().as_str() {
        "parser" => ErrorKind::Syntax,
        "interrupt" => ErrorKind::Interrupted,
        "binder" if subtype == "COLUMN_NOT_FOUND" || missing.is_some() => ErrorKind::UnknownColumn(missing),
        _ if message.starts_with("Only SELECT") => ErrorKind::NotAQuery,
        _ => ErrorKind::Other,
    }
}

/// Returns what requires an extension that dp's engine does not have.
fn needs_icu(message: &str) -> Option<String> {
    const TABLE_FUNCTIONS: [&str; 2] = ["'range(TIMESTAMP WITH TIME ZONE", "'generate_series(TIMESTAMP WITH TIME ZONE"];
    if message.contains("exists in the icu extension") {
        let (kind, rest) = message.split_once(" with name \"")?;
        return Some(format!("the {} `{}`", kind.to_lowercase(), rest.split('"').next()?));
    }
    if message.contains("required extension 'icu") {
        return Some("this use of a time with a time zone".to_owned());
    }
    let is_table_function = TABLE_FUNCTIONS.iter().any(|function| message.contains(function));
    is_table_function.then(|| "a table function of times with a time zone".to_owned())
}

/// Returns the missing column that a message names.
fn missing_column(message: &str) -> Option<String> {
    let after = |start: &str| message.split(start).nth(1)?.split('"').next().map(str::to_owned);
    after("does not have a column named \"").or_else(|| after("Referenced column \""))
}

/// Returns the error for a time zone that the engine does not know; its message may list similar ones.
pub(super) fn unknown_time_zone(error: EngineError) -> EngineError {
    let names = error.message.split_once("Candidate time zones: ").map(|(_, names)| names);
    let similar = names.and_then(|names| names.split(',').next()).map(ToOwned::to_owned);
    EngineError::of_kind(ErrorKind::UnknownTimeZone(similar), error.message)
}

/// Texts that follow the reason in some messages: an excerpt of the query, which dp shows itself, and long lists.
const APPENDICES: [&str; 5] =
    ["\nPlease try installing", "\nLINE ", "\n\tCandidate functions:", "\nThe search space used", "\nPossible fixes:"];
/// The maximum number of lines of a message that are kept.
const MOST_LINES: usize = 6;

fn first_part(message: &str) -> String {
    let ends = APPENDICES.iter().filter_map(|appendix| message.find(appendix));
    let end = ends.min().unwrap_or(message.len());
    let lines: Vec<&str> = message[..end].lines().filter(|line| !line.trim().is_empty()).take(MOST_LINES).collect();
    lines.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_and_the_kind_are_found() {
        let error = from_text(
            r#"Binder Error: {"exception_type":"Binder","exception_message":"no column \"x\"\n\nLINE 1: x","position":"7"}"#,
        );
        assert_eq!((error.message.as_str(), error.kind, error.offset), ("no column \"x\"", ErrorKind::Other, Some(7)));
    }

    #[test]
    fn situations_are_told_apart() {
        let column = |name: &str| ErrorKind::UnknownColumn(Some(name.to_owned()));
        for (class, subtype, message, expected) in [
            ("Parser", "", "syntax error at or near \"from\"", ErrorKind::Syntax),
            ("Binder", "COLUMN_NOT_FOUND", "Referenced column \"x\" not found in FROM clause!", column("x")),
            ("Binder", "", "Table \"o\" does not have a column named \"x y\"", column("x y")),
            ("Binder", "COLUMN_NOT_FOUND", "another text", ErrorKind::UnknownColumn(None)),
            ("Binder", "", "Referenced table \"a\" not found!", ErrorKind::Other),
            ("Not implemented", "", "Only SELECT statements can be serialized to json!", ErrorKind::NotAQuery),
            (
                "Catalog",
                "",
                "Scalar Function with name \"icu_sort_key\" is not in the catalog, but it exists in the icu extension.",
                ErrorKind::NeedsIcu("the scalar function `icu_sort_key`".to_owned()),
            ),
            ("Out of Memory", "", "could not allocate block of size 256.0 KiB", ErrorKind::Other),
        ] {
            assert_eq!(kind(class, subtype, message), expected, "{message}");
        }
    }

    #[test]
    fn a_plain_text_is_kept() {
        let error = from_text("INTERRUPT Error: Interrupted!");
        assert!(error.is_interrupt());
        assert_eq!(error.message, "Interrupted!");
    }
}
