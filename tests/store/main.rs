//! The state on disk: what was written is read, what is damaged is refused, one writes at a time.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod cache;
mod damage;
mod history;
mod lock;
mod pointers;
mod sample;
mod views;
