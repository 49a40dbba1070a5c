use std::collections::BTreeMap;

use crate::state::Digest;

/// Remembers answers between commands. A forgotten answer is never wrong, only slower.
pub trait Memory {
    /// What was remembered under a key.
    fn recall(&mut self, kind: &str, key: &Digest) -> Option<String>;
    /// All that was remembered under some keys.
    fn recall_all(&mut self, kind: &str, keys: &[&Digest]) -> BTreeMap<Digest, String> {
        keys.iter().filter_map(|key| Some(((*key).clone(), self.recall(kind, key)?))).collect()
    }
    /// Remembers an answer; the key covers everything that it depends on.
    fn remember(&mut self, kind: &str, key: &Digest, answer: String);
}

/// Remembers nothing.
#[derive(Debug)]
pub struct NoMemory;

impl Memory for NoMemory {
    fn recall(&mut self, _kind: &str, _key: &Digest) -> Option<String> {
        None
    }
    fn remember(&mut self, _kind: &str, _key: &Digest, _answer: String) {}
}
