//! A cache of what is known about the files that a program uses.

use std::collections::BTreeMap;

use super::look::{self, Kind, Look};
use super::outcome::Outcome;
use super::{What, own_peer};

#[derive(Clone, Debug, Default)]
struct Known {
    generation: u64,
    /// It was removed or replaced. That may happen again, so it is inspected each time.
    moved: bool,
    /// Without and with following a link.
    looks: [Option<Look>; 2],
    readable: Option<bool>,
    writable: Option<bool>,
}

/// What is known about existing files. Missing files are inspected each time.
#[derive(Debug, Default)]
pub(super) struct World {
    known: BTreeMap<Vec<u8>, Known>,
    /// Increases with each change that may make cached data invalid.
    generation: u64,
    /// The contacted ports of this machine, and whether the program itself listens there.
    listens: BTreeMap<u16, bool>,
}

impl World {
    /// Whether a process of the program listens on a port of this machine.
    pub(super) fn listens(&mut self, port: u16) -> bool {
        *self.listens.entry(port).or_insert_with(|| own_peer::listens(port))
    }

    fn known(&mut self, path: &[u8]) -> &mut Known {
        if !self.known.contains_key(path) {
            self.known.insert(path.to_vec(), Known::default());
        }
        let known = self.known.get_mut(path).expect("it is there now");
        if known.generation != self.generation || known.moved {
            *known = Known {
                generation: self.generation,
                moved: known.moved,
                ..Known::default()
            };
        }
        known
    }

    /// Returns the state of a path.
    pub(super) fn at(&mut self, path: &[u8], follow: bool) -> Option<Look> {
        let slot = &mut self.known(path).looks[usize::from(follow)];
        if slot.is_none() {
            *slot = look::look(path, follow);
        }
        *slot
    }

    pub(super) fn may_read(&mut self, path: &[u8], look: &Look) -> bool {
        look.is_public || *self.known(path).readable.get_or_insert_with(|| look::may_read(path))
    }

    pub(super) fn may_write(&mut self, path: &[u8]) -> bool {
        *self.known(path).writable.get_or_insert_with(|| look::may_write(path))
    }

    /// Whether something can be created at a free path.
    pub(super) fn may_make(&mut self, path: &[u8]) -> bool {
        self.at(look::parent(path), true).is_some_and(|look| look.kind == Kind::Folder) && look::may_change_entry(path)
    }

    /// Updates the cache after an action. Returns whether links may lead elsewhere now.
    pub(super) fn learn(&mut self, outcome: &Outcome) -> bool {
        match outcome.what {
            What::Removed | What::Renamed => {
                self.generation += 1;
                for path in [Some(&outcome.path), outcome.to.as_ref()].into_iter().flatten() {
                    self.known(path).moved = true;
                }
                true
            }
            What::Metadata => {
                self.generation += 1;
                false
            }
            _ => false,
        }
    }
}
