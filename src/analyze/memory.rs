use std::collections::BTreeMap;

use crate::model::Digest;

/// Caches answers between commands. A lost answer costs only time.
pub trait Memory {
    /// Returns the cached answer for a key.
    fn recall(&mut self, kind: &str, key: &Digest) -> Option<String>;
    /// Returns the cached answers for several keys.
    fn recall_all(&mut self, kind: &str, keys: &[&Digest]) -> BTreeMap<Digest, String> {
        keys.iter().filter_map(|key| Some(((*key).clone(), self.recall(kind, key)?))).collect()
    }
    /// Caches an answer; the key covers everything that it depends on.
    fn remember(&mut self, kind: &str, key: &Digest, answer: String);
}

/// A cache that stores nothing.
#[derive(Debug)]
pub struct NoMemory;

impl Memory for NoMemory {
    fn recall(&mut self, _kind: &str, _key: &Digest) -> Option<String> {
        None
    }
    fn remember(&mut self, _kind: &str, _key: &Digest, _answer: String) {}
}
