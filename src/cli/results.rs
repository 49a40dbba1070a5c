//! The results of checks for what is published. Results for content that was never published do not count.

use super::session::Session;
use crate::ledger::sqlite::{CheckRow, Reader};
use crate::model::{AssetName, CheckOutcome};
use crate::ops::{Known, OpError};
use crate::plan::{Inputs, check_key, known};
use crate::project::Project;
use crate::seam::Snapshot;

/// Finds results of checks.
pub(super) struct Results<'a> {
    reader: &'a Reader,
    snapshot: &'a Snapshot,
    /// The analysis of the project, and the published contents; `None` if the project can't be analyzed.
    known: Option<(&'a Known, Inputs)>,
}

/// Returns the analysis of the project, to find the results of its checks; `None` if the project has no checks or
/// can't be analyzed.
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

    /// Returns the results of an asset's checks, by name. The severities are the declared ones: a result belongs to
    /// the check, even if the effect of a failure has changed since.
    pub(super) fn of(&self, environment: &str, name: &AssetName) -> Result<Vec<CheckRow>, OpError> {
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
