//! The environments of a project.

use std::collections::BTreeSet;

use super::error::OpError;
use crate::base::diagnostic::Problem;
use crate::ledger::sqlite::Reader;
use crate::project::{Project, ProjectError};

/// Returns the names of all declared and recorded environments.
pub fn environment_names(project: &Project, reader: Option<&Reader>) -> Result<BTreeSet<String>, OpError> {
    let mut names: BTreeSet<String> = project.settings.environments.iter().cloned().collect();
    if let Some(reader) = reader {
        names.extend(reader.environments()?.into_iter().map(|row| row.environment.to_string()));
    }
    Ok(names)
}

/// Returns an error for the name of an unknown environment.
pub fn expect_known(name: &str, names: &BTreeSet<String>) -> Result<(), OpError> {
    if names.contains(name) {
        return Ok(());
    }
    let names = names.iter().map(String::as_str);
    Err(Problem::without_file(ProjectError::unknown_environment(name, names)).into())
}
