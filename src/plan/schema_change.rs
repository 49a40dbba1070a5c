//! A source with changed columns needs the user's approval, unless its policy says otherwise.

use super::{Plan, PlanError, Reason};

impl Plan {
    /// Returns an error if a source has changed columns that the user has to approve.
    ///
    /// # Errors
    /// [`PlanError::SchemaChange`], with the sources and their changes.
    pub fn expect_no_schema_change(&self) -> Result<(), PlanError> {
        let mut assets = Vec::new();
        let mut all = Vec::new();
        for step in self.actions() {
            for reason in &step.reasons {
                if let Reason::SchemaChanged { changes, asks: true } = reason {
                    assets.push(step.asset.to_string());
                    all.extend(changes.iter().cloned());
                }
            }
        }
        if assets.is_empty() { Ok(()) } else { Err(PlanError::SchemaChange { assets, changes: all }) }
    }
}
