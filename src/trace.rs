//! How long each phase of a command takes, for `--trace-time`.
//!
//! Phases are those of the thread that carries the command out; one within another is shown under it. Unless
//! somebody asked, nothing is measured.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

static WANTED: AtomicBool = AtomicBool::new(false);
static PHASES: Mutex<Vec<Phase>> = Mutex::new(Vec::new());

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// A phase that was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// What was done.
    pub name: &'static str,
    /// Within how many others.
    pub depth: usize,
    /// How long it took; zero while it goes on.
    pub took: Duration,
}

/// Measures until it is dropped.
#[derive(Debug)]
#[must_use = "a phase ends when this is dropped"]
pub struct Measured {
    /// Where the phase stands among the others, and when it began; `None` if nobody asked.
    begun: Option<(usize, Instant)>,
}

/// From here on phases are measured.
pub fn start() {
    WANTED.store(true, Ordering::Relaxed);
}

/// Begins a phase.
pub fn phase(name: &'static str) -> Measured {
    if !WANTED.load(Ordering::Relaxed) {
        return Measured { begun: None };
    }
    let depth = DEPTH.get();
    DEPTH.set(depth + 1);
    let mut phases = PHASES.lock().unwrap_or_else(PoisonError::into_inner);
    phases.push(Phase {
        name,
        depth,
        took: Duration::ZERO,
    });
    Measured {
        begun: Some((phases.len() - 1, Instant::now())),
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        let Some((position, begun)) = self.begun else {
            return;
        };
        let took = begun.elapsed();
        DEPTH.set(DEPTH.get().saturating_sub(1));
        if let Some(phase) = PHASES.lock().unwrap_or_else(PoisonError::into_inner).get_mut(position) {
            phase.took = took;
        }
    }
}

/// What was measured, in the order in which it began; those of one name under the same phase are one.
pub fn phases() -> Vec<Phase> {
    merged(&PHASES.lock().unwrap_or_else(PoisonError::into_inner))
}

fn merged(phases: &[Phase]) -> Vec<Phase> {
    let mut all: Vec<Phase> = Vec::new();
    for phase in phases {
        // Within what is above it last, in the list so far.
        let within = all.iter().rposition(|other| other.depth < phase.depth).map_or(0, |position| position + 1);
        match all[within..].iter_mut().find(|other| other.depth == phase.depth && other.name == phase.name) {
            Some(same) => same.took += phase.took,
            None => all.push(phase.clone()),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_of_one_name_are_one() {
        let phase = |name, depth, milliseconds| Phase {
            name,
            depth,
            took: Duration::from_millis(milliseconds),
        };
        let measured =
            [phase("read", 0, 3), phase("plan", 0, 9), phase("ask", 1, 2), phase("look", 1, 1), phase("ask", 1, 4)];
        assert_eq!(
            merged(&measured),
            [phase("read", 0, 3), phase("plan", 0, 9), phase("ask", 1, 6), phase("look", 1, 1)]
        );
    }
}
