//! Provides syntax trees of queries: from the cache, or from the engine.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::memory::CachedMemory;
use crate::analyze;
use crate::cache::Cache;
use crate::engine::duckdb::{DuckAnalyst, SessionOptions};
use crate::facts::Trees;
use crate::seam::Analyst;
use crate::sql::outline::Outline;
use crate::sql::syntax::EngineTree;

/// Opens the cache and the engine at the first request that needs them.
pub(super) struct KnownTrees {
    dp_folder: PathBuf,
    options: SessionOptions,
    open: Mutex<Option<(Cache, DuckAnalyst)>>,
}

impl KnownTrees {
    pub(super) fn new(dp_folder: PathBuf, options: SessionOptions) -> Self {
        Self {
            dp_folder,
            options,
            open: Mutex::new(None),
        }
    }

    fn with_engine<T>(&self, work: impl FnOnce(&Cache, &mut DuckAnalyst) -> T) -> T {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (cache, analyst) =
            open.get_or_insert_with(|| (Cache::open(&self.dp_folder), DuckAnalyst::new(self.options.clone())));
        work(cache, analyst)
    }
}

impl fmt::Debug for KnownTrees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KnownTrees").field("dp_folder", &self.dp_folder).finish_non_exhaustive()
    }
}

impl Trees for KnownTrees {
    fn tree(&self, text: &str) -> Result<EngineTree, String> {
        self.with_engine(|cache, analyst| analyze::tree_of(text, analyst, &mut CachedMemory::new(cache)))
            .map_err(|error| error.message)
    }

    fn outline(&self, text: &str) -> Option<Outline> {
        let tree = self.tree(text).ok()?;
        self.with_engine(|_, analyst| analyst.outline(&tree))
    }
}
