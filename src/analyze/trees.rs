//! What the parser says of a query: little that is always needed, and the whole tree, which is looked at where somebody
//! edited.

use serde::{Deserialize, Serialize};

use super::Memory;
use crate::sql::tree::{self, Syntax};
use crate::state::Digest;
use crate::warehouse::{Analyst, EngineError};

/// What is always needed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parsed {
    pub syntax: Syntax,
    /// A hash of the canonical tree.
    pub tree: Digest,
}

const SYNTAX: &str = "syntax";
const TREE: &str = "tree";

/// What is remembered of a text is remembered under this.
pub(super) fn key(engine: &str, text: &str) -> Digest {
    Digest::of("syntax/2", [engine, text])
}

/// What is remembered of some texts, as it was written down.
pub(super) fn recall(memory: &mut dyn Memory, keys: &[&Digest]) -> std::collections::BTreeMap<Digest, String> {
    memory.recall_all(SYNTAX, keys)
}

/// Takes an answer of the parser apart, and remembers it.
pub(super) fn learn(
    answer: &serde_json::Value,
    key: &Digest,
    memory: &mut dyn Memory,
) -> Result<Parsed, tree::UnknownTree> {
    let syntax = tree::read(answer)?;
    let parsed = Parsed {
        tree: Digest::of("tree/1", [syntax.canonical.as_str()]),
        syntax,
    };
    memory.remember(SYNTAX, key, serde_json::to_string(&parsed).expect("dp's own values have a JSON form"));
    memory.remember(TREE, key, parsed.syntax.canonical.clone());
    Ok(parsed)
}

/// The canonical tree of a query that was parsed before, from its text.
///
/// # Errors
/// If it is not remembered and the engine does not parse it now.
pub fn tree_of(text: &str, analyst: &mut dyn Analyst, memory: &mut dyn Memory) -> Result<String, EngineError> {
    if let Some(tree) = memory.recall(TREE, &key(analyst.version(), text)) {
        return Ok(tree);
    }
    let answer = analyst.parse(&[text])?.pop().expect("one answer a text")?;
    let syntax = tree::read(&answer).map_err(|error| EngineError::of_kind("parser", error.to_string()))?;
    Ok(syntax.canonical)
}
