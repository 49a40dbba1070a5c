//! Executes a plan and records what it did.
//!
//! 1. [`recover`]: under the lock, finds out what an earlier run left.
//! 2. [`run`]: records the intents, builds versions as their inputs finish, and runs checks on the candidates.
//! 3. `publish`: everything becomes visible at once, or nothing does.
//!
//! Progress is reported as [`Event`]s; nothing here prints. Async code stays inside [`run`]; calls of the engine run
//! on blocking threads.

mod collect;
mod command;
mod delete;
mod error;
mod event;
mod exports;
mod job;
mod lost;
mod mend;
mod pinned;
mod progress;
mod publish;
mod record;
mod recover;
mod republish;
mod restore;
mod schedule;
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
pub use schedule::{ApplyOptions, Cancel, Outcome, Policy, Purpose, Rebind, Taken, run};
pub use together::{CheckedTogether, DueCheck, Together};
pub use verify::{Damage, Verified, verify};
pub use views::{Kept, catalogue_views, visible_relations};

/// The message for an asset that a run did not reach because the user interrupted it.
pub const INTERRUPTED: &str = "interrupted";
