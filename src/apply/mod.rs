//! Does what a plan says, and puts on record what it did.
//!
//! 1. [`recover`]: under the lock, finds out what an earlier run left.
//! 2. [`run`]: the intents are recorded, versions are built as their inputs are finished, checks
//!    run on the candidates.
//! 3. `publish`: everything becomes visible at once, or nothing does.
//!
//! What happens is told as [`Event`]s; nothing here prints. Async stays inside [`run`]; the engine's
//! calls run on blocking threads.

mod collect;
mod command;
mod delete;
mod error;
mod event;
mod exports;
mod job;
mod lost;
mod mend;
mod progress;
mod publish;
mod record;
mod recover;
mod republish;
mod restore;
mod run;
mod together;
mod verify;
mod views;

pub use collect::{Garbage, collect, garbage};
pub use command::Surroundings;
pub use delete::delete_environment;
pub use error::ApplyError;
pub use event::{Counts, Event, EventKind};
pub use lost::{Inspection, Lost};
pub use mend::mend;
pub use recover::{Reach, Recovered, damage, recover};
pub use republish::{Republish, republish};
pub use restore::{Restored, restore, stored};
pub use run::{ApplyOptions, Cancel, Outcome, Policy, Purpose, Rebind, Taken, run};
pub use together::{CheckedTogether, DueCheck, Together};
pub use verify::{Damage, Verified, verify};
pub use views::{Kept, catalogue_views, visible_relations};

/// What is said of an asset that a run did not get to because it was interrupted.
pub const INTERRUPTED: &str = "interrupted";
