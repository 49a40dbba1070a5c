//! Decides what would be done, and why, from values alone.
//!
//! [`build`] opens no file and no connection; the same values give the same plan, byte for byte. Every view of a plan,
//! the saved file and the apply itself read the same list of [`Step`]s.

mod action;
mod build;
mod certain;
mod consequences;
mod contract;
pub mod decide;
mod demand;
mod drift;
mod error;
mod estimate;
mod explain;
mod file;
mod hold;
mod moves;
mod promote;
mod reason;
mod recheck;
mod schema_change;
mod stage;
mod step;
mod why;

pub use action::Action;
pub use build::{Options, build, problem_warnings};
pub use consequences::{Consequences, Reached};
pub use contract::with_edit;
pub use decide::{
    Inputs, MOST_CANDIDATES, bytes_read, check_key, content_read, known, observed_key, version_key, view_contents,
};
pub use demand::{Demand, MOST_LISTS};
pub use drift::Drift;
pub use error::PlanError;
pub use estimate::{Estimate, Forecast, Saved};
pub use file::{PlanRequest, SavedPlan};
pub use hold::{HeldStep, can_be_checked, held_definition, names};
pub use promote::{Promoted, Promotion};
pub use reason::Reason;
pub use recheck::recheck;
pub use stage::{Publishing, Stage};
pub use step::{CutOff, LeftOut, Plan, SqlChange, StandsOn, Step, Summary, Warning};
pub use why::{Cause, Compared, Evidence, Why, why_then};
