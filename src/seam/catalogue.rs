//! Catalogues: files with views over what is published, for clients of an engine.

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use super::{EngineError, Relation};
use crate::model::Schema;

/// A view of the catalogue with its descriptions.
#[derive(Clone, Debug)]
pub struct CatalogueView {
    /// The view's name and content; stored versions by absolute path.
    pub relation: Relation,
    /// Its columns, if they are known.
    pub schema: Option<Schema>,
    /// The description of the view.
    pub description: Option<String>,
    /// The descriptions of columns: name, text.
    pub columns: Vec<(String, String)>,
}

/// A change of a catalogue.
#[derive(Clone, Debug, Default)]
pub struct CatalogueChange {
    /// Views to create or replace, each after those that it reads.
    pub set: Vec<CatalogueView>,
    /// Views to remove: schema and name.
    pub removed: Vec<(String, String)>,
}

/// Opens catalogues.
pub trait Catalogues: Debug + Sync {
    /// Starts opening a catalogue in the background.
    ///
    /// `whole` is an existing complete catalogue to update, which nothing else changes before the update; `None`
    /// creates a catalogue.
    fn ahead(&self, whole: Option<PathBuf>) -> Box<dyn CatalogueWriter>;

    /// Reads a row of each view of a catalogue, as a client does that knows nothing of dp.
    ///
    /// Returns the views that can't be read, `schema.name`, each with the engine's message.
    ///
    /// # Errors
    /// If the catalogue can't be opened.
    fn unreadable(&self, file: &Path) -> Result<Vec<(String, String)>, EngineError>;
}

/// A catalogue that opens in the background.
pub trait CatalogueWriter: Debug + Send {
    /// Whether it reads an existing catalogue.
    fn has_read(&self) -> bool;

    /// Releases the catalogue that it reads, which may be deleted afterwards, and starts opening an empty one.
    fn start_over(self: Box<Self>) -> Box<dyn CatalogueWriter>;

    /// Updates the catalogue at `file`, or creates it.
    ///
    /// Afterwards the file is complete and synced. An error leaves a part of the change in the file.
    fn update(self: Box<Self>, file: &Path, change: &CatalogueChange) -> Result<(), EngineError>;
}
