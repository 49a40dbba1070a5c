//! What the parser returns for a query: the part that is always needed, and the whole tree, which is needed only after
//! an edit.

use serde::{Deserialize, Serialize};

use super::Memory;
use crate::model::Digest;
use crate::seam::{Analyst, EngineError};
use crate::sql::tree::{self, Syntax};

/// The part that is always needed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parsed {
    pub syntax: Syntax,
    /// A hash of the canonical tree.
    pub tree: Digest,
}

const SYNTAX: &str = "syntax";
const TREE: &str = "tree";

/// Returns the key under which the answer for a text is cached.
pub(super) fn key(engine: &str, text: &str) -> Digest {
    Digest::of("syntax/4", [engine, text])
}

/// Returns the cached answers for these keys, as text.
pub(super) fn recall(memory: &mut dyn Memory, keys: &[&Digest]) -> std::collections::BTreeMap<Digest, String> {
    memory.recall_all(SYNTAX, keys)
}

/// The parser's answer for a text.
pub(super) enum Taken {
    /// One query: the part that is always needed, and its text for the cache.
    Query(Parsed, String),
    /// One query with a part that dp does not know.
    Unknown(tree::UnknownTree),
    /// No query, or several.
    Statements(usize),
    /// The text can't be parsed.
    Error(EngineError),
}

impl Taken {
    /// Converts an answer of the parser.
    pub(super) fn from(answer: Result<serde_json::Value, EngineError>) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Self::Error(error),
        };
        match tree::statement_count(&answer) {
            1 => {}
            count => return Self::Statements(count),
        }
        match tree::read(&answer) {
            Ok(syntax) => {
                let parsed = Parsed {
                    tree: Digest::of("tree/1", [syntax.canonical.as_str()]),
                    syntax,
                };
                let text = serde_json::to_string(&parsed).expect("dp's own values have a JSON form");
                Self::Query(parsed, text)
            }
            Err(unknown) => Self::Unknown(unknown),
        }
    }
}

/// Caches the parser's answer for a text.
pub(super) fn remember(parsed: &Parsed, text: String, key: &Digest, memory: &mut dyn Memory) {
    memory.remember(SYNTAX, key, text);
    memory.remember(TREE, key, parsed.syntax.canonical.clone());
}

/// Returns the canonical tree of a query from its text.
///
/// # Errors
/// If the tree is not cached and the engine can't parse the text.
pub fn tree_of(text: &str, analyst: &mut dyn Analyst, memory: &mut dyn Memory) -> Result<String, EngineError> {
    if let Some(tree) = memory.recall(TREE, &key(analyst.version(), text)) {
        return Ok(tree);
    }
    let answer = analyst.parse(&[text])?.pop().expect("one answer a text")?;
    let syntax = tree::read(&answer).map_err(|error| EngineError::of_kind("parser", error.to_string()))?;
    Ok(syntax.canonical)
}
