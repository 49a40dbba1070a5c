//! Reads the syntax tree from the engine's parser (`json_serialize_sql`).

mod canonical;
mod clients;
mod clock;
mod outline;
mod readers;
mod rename;
mod walk;

use serde_json::Value;

use super::error::serialize_error;
use super::functions;
use super::json;
use super::session::Session;
use crate::model::Digest;
use crate::seam::{EngineError, ErrorKind};
use crate::sql::outline::Outline;
use crate::sql::quote;
use crate::sql::syntax::{EngineTree, SessionWord, Syntax};

pub(super) use clients::needs_text;
pub(super) use readers::{FileReader, find as find_readers};
pub(super) use rename::rename_tables;

/// Returns the engine's syntax tree of a text; a tree with `error` if the text can't be parsed.
pub(super) fn tree(session: &Session, sql: &str) -> Result<Value, EngineError> {
    let rows = session.texts(&format!("SELECT json_serialize_sql({})::VARCHAR", quote::literal(sql)))?;
    let text = rows.into_iter().flatten().flatten().next().unwrap_or_default();
    // An answer that is not JSON has no statements either.
    Ok(json::parse(&text).unwrap_or_default())
}

/// Reads the parser's answer for a text, which is one query.
///
/// # Errors
/// If the text can't be parsed, or is anything but one query.
pub(super) fn read(text: &str, answer: &Value) -> Result<Syntax, EngineError> {
    if answer["error"] == true {
        return Err(serialize_error(answer));
    }
    let unknown = |what: &str| format!("the engine's parser gave an answer that dp does not understand: {what}");
    let [statement] = statements(answer) else {
        let count = statements(answer).len();
        return Err(EngineError::of_kind(ErrorKind::Statements(count), format!("these are {count} statements")));
    };
    let node = statement.get("node").ok_or_else(|| EngineError::of_kind(ErrorKind::Syntax, unknown("no statement")))?;
    let found = walk::read(node);
    let tree = canonical::of(node).to_string();
    Ok(Syntax {
        digest: Digest::of("tree/1", [tree.as_str()]),
        tables: found.tables,
        files: found.files,
        unstable: found.unstable,
        reads_clock: found.reads_clock,
        clock_offset: if found.reads_clock { clock::function(text) } else { None },
        words: found.words.into_iter().map(|word| session_word(text, word)).collect(),
        names_zone: found.names_zone,
        refused: found.refused,
        row_ids: found.row_ids,
        tree: EngineTree::from_text(tree),
    })
}

fn session_word(text: &str, word: String) -> SessionWord {
    SessionWord {
        is_clock: functions::CLOCK_WORDS.contains(&word.as_str()),
        offset: clock::word(text, &word),
        word,
    }
}

/// Returns the statements in the parser's answer.
fn statements(answer: &Value) -> &[Value] {
    answer["statements"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether two answers of the parser, each for one query, mean the same text.
pub(super) fn are_same(left: &Value, right: &Value) -> bool {
    let canonical = |answer: &Value| Some(canonical::of(statements(answer).first()?.get("node")?));
    matches!((canonical(left), canonical(right)), (Some(left), Some(right)) if left == right)
}

/// Returns the outline of a tree; `None` if the text is not a tree, or if the tree is nested too deeply.
pub(super) fn outline(tree: &EngineTree) -> Option<Outline> {
    serde_json::from_str(tree.text()).ok().map(|node| outline::of(&node))
}
