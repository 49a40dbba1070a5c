//! The phases of a command: the current one with its progress, for a waiting user, and the duration of each, for
//! `--trace-time`.
//!
//! Phases belong to the thread that runs the command; a nested phase is shown below its parent.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

static WANTED: AtomicBool = AtomicBool::new(false);
static PHASES: Mutex<Vec<Phase>> = Mutex::new(Vec::new());
static DOING: Mutex<Vec<Doing>> = Mutex::new(Vec::new());

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// A measured phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// The name.
    pub name: &'static str,
    /// The nesting depth.
    pub depth: usize,
    /// The duration; zero while it runs.
    pub took: Duration,
}

/// A running phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doing {
    /// The name.
    pub name: &'static str,
    /// The amount of work that is done.
    pub done: usize,
    /// The total amount of work; 0 if it is unknown.
    pub of: usize,
}

/// Runs until it is dropped.
#[derive(Debug)]
#[must_use = "a phase ends when this is dropped"]
pub struct Measured {
    /// The position among the phases, and the start; `None` if durations are not measured.
    begun: Option<(usize, Instant)>,
}

/// Starts measuring phases.
pub fn start() {
    WANTED.store(true, Ordering::Relaxed);
}

fn doing() -> MutexGuard<'static, Vec<Doing>> {
    DOING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets the total amount of work of the current phase.
pub fn expect(of: usize) {
    if let Some(last) = doing().last_mut() {
        (last.done, last.of) = (0, of);
    }
}

/// Adds finished work, on any thread.
pub fn advance(more: usize) {
    if let Some(last) = doing().last_mut() {
        last.done += more;
    }
}

/// Returns the current phase: the innermost one.
pub fn now() -> Option<Doing> {
    doing().last().copied()
}

/// Starts a phase.
pub fn phase(name: &'static str) -> Measured {
    doing().push(Doing { name, done: 0, of: 0 });
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
        doing().pop();
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

/// Returns the measured phases, in the order of their starts; phases with the same name and parent are combined.
pub fn phases() -> Vec<Phase> {
    merged(&PHASES.lock().unwrap_or_else(PoisonError::into_inner))
}

fn merged(phases: &[Phase]) -> Vec<Phase> {
    let mut all: Vec<Phase> = Vec::new();
    for phase in phases {
        // Only within the last parent in the list so far.
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
