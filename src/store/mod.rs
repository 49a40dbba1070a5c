//! Where the state lives: `.dp/state.db`, the lock that guards it, and a cache beside it.
//!
//! # What is kept, and where
//!
//! | file in `.dp` | what it is |
//! |---|---|
//! | `state.db` | the record: runs, steps, effects, versions, pointers, events; the truth |
//! | `state.db-wal`, `state.db-shm` | SQLite's write-ahead log and its index, while somebody uses the state |
//! | `state.db-journal` | SQLite's journal instead, on a network file system |
//! | `lock` | who is writing, if anyone is; stays in place and is empty when nobody is |
//! | `backups/` | the record as it was before each of the last few runs, without the log |
//! | `cache.db` | answers that can be had again, and stamps of hashed files; may be deleted at any time |
//!
//! # Who may do what
//!
//! [`Reader`] takes no lock and makes or changes nothing. [`Writer`] can only be had from a
//! [`HeldLock`], and keeps it held. Each method that writes is one transaction that counts the
//! serial up by one: a crash leaves all of it or nothing.
//!
//! # Invariants
//!
//! - A file that is damaged, of another program or of a newer format is refused and left as it is.
//! - `state.db` comes into being whole, by a rename; so one that is empty has been damaged, and one that is not
//!   there has been lost if there are versions: it is never made anew beside them.
//! - A run begins only when the record is in a backup.
//! - The content of a version is never changed after it was recorded, only its condition.
//! - A pointer never leads to a version that is not intact at the time of publishing.
//! - What a plan asks for is found by index; its cost does not depend on the length of history.
//!
//! The tables (`migrations/`) are dp's own and may change. The views `runs`, `steps`, `effects`,
//! `versions`, `published`, `lineage`, `check_results` and `events` are for people, and stay.

mod backup;
mod batch;
mod cache;
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
pub use cache::{Cache, StampedFile};
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

/// Whether what was committed lies beside `state.db` in a `.dp` folder, and not yet in it.
pub fn has_log(dp_folder: &std::path::Path) -> bool {
    open::has_log(&open::state_path(dp_folder))
}
