//! The phases of a command: which one goes on and how far it is, for people who wait, and how long each took, for
//! `--trace-time`.
//!
//! Phases are those of the thread that carries the command out; one within another is shown under it.

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

/// A phase that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doing {
    /// What is done.
    pub name: &'static str,
    /// So much of it is done.
    pub done: usize,
    /// So much there is; 0 if that was not said.
    pub of: usize,
}

/// Goes on until it is dropped.
#[derive(Debug)]
#[must_use = "a phase ends when this is dropped"]
pub struct Measured {
    /// Where the phase stands among the others, and when it began; `None` if nobody asked for times.
    begun: Option<(usize, Instant)>,
}

/// From here on phases are measured.
pub fn start() {
    WANTED.store(true, Ordering::Relaxed);
}

fn doing() -> MutexGuard<'static, Vec<Doing>> {
    DOING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says how much there is to do in the phase that goes on.
pub fn expect(of: usize) {
    if let Some(last) = doing().last_mut() {
        (last.done, last.of) = (0, of);
    }
}

/// So much more of it is done; on any thread.
pub fn advance(more: usize) {
    if let Some(last) = doing().last_mut() {
        last.done += more;
    }
}

/// The phase that goes on: the innermost.
pub fn now() -> Option<Doing> {
    doing().last().copied()
}

/// Begins a phase.
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
