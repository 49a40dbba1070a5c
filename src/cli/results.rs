//! The results of checks for what is published: whatever was tried and not published since says nothing about it.

use super::error::CliError;
use super::session::{Known, Session};
use crate::plan::{Contents, check_key, known};
use crate::project::{AssetName, Project};
use crate::state::{CheckOutcome, Snapshot};
use crate::store::{CheckRow, Reader};

/// Finds results of checks.
pub(super) struct Results<'a> {
    reader: &'a Reader,
    snapshot: &'a Snapshot,
    /// What is known of the project, and what is published; `None` if that can't be read.
    known: Option<(&'a Known, Contents)>,
}

/// What is known of the project, if its checks are to be found by what they read; `None` if it has none, or if
/// nothing can be known of it.
pub(super) fn known_checks(session: &mut Session, project: &Project) -> Option<Known> {
    let has_checks = project.assets.values().any(|asset| !asset.checks.is_empty());
    let request = session.request_in_part();
    if has_checks { session.known(&request).ok() } else { None }
}

impl<'a> Results<'a> {
    pub(super) fn new(reader: &'a Reader, snapshot: &'a Snapshot, of: Option<&'a Known>) -> Self {
        let contents =
            || snapshot.published.iter().map(|(name, published)| (name.clone(), known(&published.version))).collect();
        Self {
            reader,
            snapshot,
            known: of.map(|of| (of, contents())),
        }
    }

    /// The results of an asset's checks, by name. Severities are those of the declaration: a result belongs to the check,
    /// whatever a failure does by now.
    pub(super) fn of(&self, environment: &str, name: &AssetName) -> Result<Vec<CheckRow>, CliError> {
        let Some(published) = self.snapshot.published.get(name) else {
            return Ok(Vec::new());
        };
        let Some((facts, contents)) =
            self.known.as_ref().and_then(|(known, contents)| Some((known.analysis.facts.get(name)?, contents)))
        else {
            let mut rows = self.reader.latest_checks(environment, name)?;
            rows.retain(|row| row.version == published.version.id || row.record.outcome == CheckOutcome::Passed);
            return Ok(rows);
        };
        let mut rows = Vec::new();
        for check in &facts.checks {
            let row = match check_key(check, contents) {
                Some(key) => self.reader.check_of_key(&key)?,
                None => self.reader.check_of_version(&published.version.id, &check.name)?,
            };
            if let Some(mut row) = row {
                row.asset = name.clone();
                row.record.check.clone_from(&check.name);
                row.record.severity = check.severity;
                rows.push(row);
            }
        }
        rows.sort_by(|left, right| left.record.check.cmp(&right.record.check));
        Ok(rows)
    }
}
