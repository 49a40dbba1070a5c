//! Engines without settings, opened on their own thread before they are needed: opening one takes as long as reading a
//! thousand files.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};

use duckdb::{Config, Connection};

use super::zones;

static OPENING: Mutex<Option<Receiver<duckdb::Result<Connection>>>> = Mutex::new(None);

/// Starts opening `count` engines in the background, one after the other. Unused ones end with the process.
pub fn ahead(count: usize) {
    let (give, take) = channel();
    // If no thread can be started, each engine is opened where it is needed.
    let opening = std::thread::Builder::new().spawn(move || {
        for _ in 0..count {
            if give.send(opened()).is_err() {
                return;
            }
        }
    });
    if opening.is_ok() {
        *OPENING.lock().unwrap_or_else(PoisonError::into_inner) = Some(take);
    }
}

/// Returns an engine that was opened ahead, or opens one.
pub(super) fn take() -> duckdb::Result<Connection> {
    let ahead = OPENING.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|opening| opening.recv().ok());
    ahead.unwrap_or_else(opened)
}

/// Opens an engine that installs no extensions, reports the places of errors, and knows time zones.
fn opened() -> duckdb::Result<Connection> {
    zones::install().map_err(|message| duckdb::Error::DuckDBFailure(duckdb::ffi::Error::new(1), Some(message)))?;
    let config = Config::default()
        .with("autoinstall_known_extensions", "false")?
        .with("autoload_known_extensions", "false")?
        .with("allow_community_extensions", "false")?
        .with("errors_as_json", "true")?;
    Connection::open_in_memory_with_flags(config)
}
