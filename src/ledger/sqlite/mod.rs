//! The state in SQLite: `.dp/state.db`, and the lock that guards it.
//!
//! # Files
//!
//! | file in `.dp` | content |
//! |---|---|
//! | `state.db` | the state: runs, steps, effects, versions, pointers, events |
//! | `state.db-wal`, `state.db-shm` | SQLite's write-ahead log and its index, while a process uses the state |
//! | `state.db-journal` | SQLite's journal instead, on a network file system |
//! | `lock` | the holder of the lock; the file stays in place and is empty while the lock is free |
//! | `backups/` | the state as it was before each of the last few runs, without the log |
//!
//! # Access
//!
//! [`Reader`] takes no lock and creates or changes nothing. [`Writer`] requires a [`HeldLock`] and keeps it held. Each
//! method that writes is one transaction that increases the serial by one: a crash leaves all of it or nothing.
//!
//! # Invariants
//!
//! - dp refuses a file that is damaged, of another program or of a newer format, and leaves it unchanged.
//! - dp creates `state.db` whole, by a rename. An empty file is therefore damaged, and a missing file is lost if
//!   versions exist: dp never creates a new state beside them.
//! - A run starts only after the state is backed up.
//! - The content of a recorded version never changes, only its state.
//! - A pointer never leads to a version that is not intact at the time of publishing.
//! - The queries of a plan use indexes; their cost does not depend on the length of the history.
//!
//! The tables (`migrations/`) are internal and may change. The views `runs`, `steps`, `effects`, `versions`,
//! `published`, `lineage`, `check_results` and `events` are for users and stay stable.

mod backup;
mod batch;
mod change;
mod collect;
mod error;
mod history;
mod lock;
mod migrations;
mod open;
mod reader;
mod recall;
mod restore;
mod rows;
mod writer;

pub use batch::{Batch, EventEntry};
pub use collect::StoredVersion;
pub use error::StoreError;
pub use history::{
    CheckRow, EffectRow, EnvironmentRow, EventFilter, EventRow, PointerRow, PublicationChange, PublicationRow,
    RunDetail, RunSummary, StepRow, VersionState,
};
pub use lock::{HeldLock, Holder, Lock, Wait};
pub use reader::Reader;
pub use restore::{Contents, Present, Restoration, back_up, backups, contents, free_name, present};
pub use writer::Writer;

/// Whether a log or journal beside `state.db` holds committed data that is not in the file yet.
pub fn has_log(dp_folder: &std::path::Path) -> bool {
    open::has_log(&open::state_path(dp_folder))
}
