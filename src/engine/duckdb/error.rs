use serde_json::Value;

use crate::seam::EngineError;

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
    let (kind, message) = text.split_once(" Error: ").unwrap_or(("", text));
    EngineError::of_kind(&kind.to_lowercase(), first_part(message))
}

/// Returns the error in a result of `json_serialize_sql` or `json_serialize_plan`.
pub(super) fn serialize_error(answer: &Value) -> EngineError {
    from_json(answer, "error_type", "error_message")
}

fn from_json(value: &Value, kind: &str, message: &str) -> EngineError {
    let text = |key: &str| value[key].as_str().unwrap_or_default();
    EngineError {
        message: first_part(text(message)),
        kind: text(kind).to_lowercase(),
        situation: text("error_subtype").to_owned(),
        offset: text("position").parse().ok(),
    }
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
        assert_eq!((error.message.as_str(), error.kind.as_str(), error.offset), ("no column \"x\"", "binder", Some(7)));
    }

    #[test]
    fn a_plain_text_is_kept() {
        let error = from_text("INTERRUPT Error: Interrupted!");
        assert!(error.is_interrupt());
        assert_eq!(error.message, "Interrupted!");
    }
}
