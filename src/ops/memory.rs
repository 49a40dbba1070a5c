use std::collections::BTreeMap;

use crate::analyze::Memory;
use crate::cache::Cache;
use crate::model::Digest;

/// The memory of an analysis, backed by the cache. New answers are written at the end, all at once.
pub(super) struct CachedMemory<'a> {
    cache: &'a Cache,
    fresh: BTreeMap<String, Vec<(Digest, String)>>,
}

impl<'a> CachedMemory<'a> {
    pub(super) fn new(cache: &'a Cache) -> Self {
        Self {
            cache,
            fresh: BTreeMap::new(),
        }
    }

    /// Returns the answers to cache, by kind.
    pub(super) fn into_fresh(self) -> BTreeMap<String, Vec<(Digest, String)>> {
        self.fresh
    }
}

impl Memory for CachedMemory<'_> {
    fn recall(&mut self, kind: &str, key: &Digest) -> Option<String> {
        self.cache.get(kind, key)
    }

    fn recall_all(&mut self, kind: &str, keys: &[&Digest]) -> BTreeMap<Digest, String> {
        self.cache.get_many(kind, keys.iter().copied())
    }

    fn remember(&mut self, kind: &str, key: &Digest, answer: String) {
        self.fresh.entry(kind.to_owned()).or_default().push((key.clone(), answer));
    }
}
