//! A source that comes with other columns needs the approval of a person, unless its policy says otherwise.

use super::{Plan, PlanError, Reason};

impl Plan {
    /// Checks that no source comes with other columns that a person has to approve.
    ///
    /// # Errors
    /// [`PlanError::SchemaChange`], naming the sources and what is new about them.
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
