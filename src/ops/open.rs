//! Opens the engine of a project.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::base::layout;
use crate::definition::ZONE_DATA;
use crate::engine::duckdb::session::SETTINGS;
use crate::engine::duckdb::{self, DuckAnalyst, DuckBuilder, SessionOptions, time_zone_data};
use crate::project::Project;
use crate::seam::EngineError;

/// Returns the engine that tells what queries mean.
pub fn analyst(project: &Project) -> DuckAnalyst {
    DuckAnalyst::new(engine_options(project, Vec::new()))
}

/// Opens the engine that computes; its queries may read `files`, absolute and without links.
pub fn builder(project: &Project, files: Vec<PathBuf>) -> Result<DuckBuilder, EngineError> {
    DuckBuilder::open(&engine_options(project, files))
}

/// Returns the settings of the engine that can change results, by name.
pub(super) fn settings(project: &Project) -> BTreeMap<String, String> {
    let mut settings: BTreeMap<String, String> =
        SETTINGS.iter().map(|(name, value)| ((*name).to_owned(), value.trim_matches('\'').to_owned())).collect();
    settings.insert("TimeZone".to_owned(), project.settings.timezone.clone());
    settings.insert(ZONE_DATA.to_owned(), time_zone_data().to_owned());
    settings
}

/// Returns the engine's options for a project.
pub fn engine_options(project: &Project, files: Vec<PathBuf>) -> SessionOptions {
    SessionOptions {
        root: project.root.clone(),
        files,
        memory_limit: project.settings.connection.memory_limit.clone(),
        threads: project.settings.connection.threads,
        spill: project.root.join(layout::spill_folder(std::process::id())),
        timezone: project.settings.timezone.clone(),
    }
}

/// Starts opening `count` engines in the background, for the next calls that open one.
pub fn ahead(count: usize) {
    duckdb::open_ahead(count);
}
