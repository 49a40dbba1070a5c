//! What would be done, and why: decided from values alone.
//!
//! [`build`] opens no file and no connection; the same values give the same plan, byte for byte.
//! Every view of a plan, the saved file and the apply itself read the same list of [`Step`]s.

mod action;
mod build;
mod decide;
mod drift;
mod error;
mod explain;
mod file;
mod hold;
mod promote;
mod reason;
mod step;

pub use action::Action;
pub use build::{Options, build};
pub use decide::{Contents, InputState, check_key, content_key, known, version_key};
pub use drift::Drift;
pub use error::PlanError;
pub use file::{PlanRequest, SavedPlan};
pub use hold::held_back;
pub use promote::{Promoted, Promotion};
pub use reason::Reason;
pub use step::{Plan, SqlChange, StandsOn, Step, Summary, Warning};
