//! The cache of what the parser returns for a query: the part that is always needed, and the tree, which is needed only
//! after an edit.

use super::Memory;
use crate::model::Digest;
use crate::seam::{Analyst, EngineError};
use crate::sql::syntax::{EngineTree, Syntax};

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

/// Caches the parser's answer for a text.
pub(super) fn remember(syntax: &Syntax, text: String, key: &Digest, memory: &mut dyn Memory) {
    memory.remember(SYNTAX, key, text);
    memory.remember(TREE, key, syntax.tree.text().to_owned());
}

/// Returns the engine's tree of a query from its text.
///
/// # Errors
/// If the tree is not cached and the engine can't parse the text.
pub fn tree_of(text: &str, analyst: &mut dyn Analyst, memory: &mut dyn Memory) -> Result<EngineTree, EngineError> {
    if let Some(tree) = memory.recall(TREE, &key(analyst.version(), text)) {
        return Ok(EngineTree::from_text(tree));
    }
    Ok(analyst.parse(&[text])?.pop().expect("one answer a text")?.tree)
}
