//! Folders of links into the store, and a catalogue file for clients of the engine.

pub mod links;
pub mod release;
mod shown;
