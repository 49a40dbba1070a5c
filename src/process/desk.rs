//! Records accesses beside the listener.
//!
//! Inspecting files takes longer than answering. Accesses that only read are therefore queued with the answer, and
//! another thread records many at a time. Before anything changes, the queue is recorded first: each file is inspected
//! as it was before the program changed it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::fence::Allowed;
use super::intent::Act;
use super::ledger::Ledger;
use super::outcome::{Needs, Outcome};
use super::paths::Resolver;
use super::world::World;
use super::{Access, What};

/// How long accesses are collected, so that the thread is not woken for each.
const GATHER: Duration = Duration::from_millis(1);
/// The maximum number of queued accesses.
const MOST_WAITING: usize = 10_000;

/// An access that was allowed and must be recorded.
struct Done {
    acts: Vec<Act>,
    by: Arc<str>,
}

#[derive(Default)]
struct Tray {
    done: Vec<Done>,
    over: bool,
}

/// Everything that is recorded so far.
#[derive(Default)]
pub(super) struct Record {
    world: World,
    resolver: Resolver,
    ledger: Ledger,
}

/// The queue in which the listener puts accesses to record.
#[derive(Default)]
pub(super) struct Desk {
    /// Locked before `tray`, so that earlier accesses are recorded first.
    record: Mutex<Record>,
    tray: Mutex<Tray>,
    filled: Condvar,
}

impl Desk {
    fn tray(&self) -> MutexGuard<'_, Tray> {
        self.tray.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn locked(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an access that changes nothing.
    pub(super) fn leave(&self, acts: Vec<Act>, by: Arc<str>) {
        let mut tray = self.tray();
        tray.done.push(Done { acts, by });
        let waiting = tray.done.len();
        drop(tray);
        if waiting == 1 {
            self.filled.notify_one();
        } else if waiting >= MOST_WAITING {
            drop(self.record());
        }
    }

    /// Returns the record of everything until now.
    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        let mut record = self.locked();
        let done = std::mem::take(&mut self.tray().done);
        for Done { acts, by } in done {
            let outcomes = record.outcomes(&acts);
            record.add(outcomes, false, &by);
        }
        record
    }

    /// Records queued accesses until the queue is closed.
    pub(super) fn attend(&self) {
        loop {
            let idle = |tray: &mut Tray| tray.done.is_empty() && !tray.over;
            let tray = self.filled.wait_while(self.tray(), idle).unwrap_or_else(PoisonError::into_inner);
            let gathering = |tray: &mut Tray| !tray.over;
            let gathered = self.filled.wait_timeout_while(tray, GATHER, gathering);
            let over = gathered.unwrap_or_else(PoisonError::into_inner).0.over;
            drop(self.record());
            if over {
                return;
            }
        }
    }

    /// Closes the queue.
    pub(super) fn close(&self) {
        self.tray().over = true;
        self.filled.notify_one();
    }

    pub(super) fn into_accesses(self) -> Vec<Access> {
        drop(self.record());
        self.record.into_inner().unwrap_or_else(PoisonError::into_inner).ledger.into_accesses()
    }
}

impl Record {
    pub(super) fn outcomes(&mut self, acts: &[Act]) -> Vec<Outcome> {
        acts.iter().flat_map(|act| self.world.outcomes(act)).collect()
    }

    /// Splits the outcomes into those that a fence allows and those that it denies.
    pub(super) fn judge(&mut self, acts: &[Act], allowed: &Allowed) -> (Vec<Outcome>, Vec<Outcome>) {
        let outcomes = self.outcomes(acts);
        outcomes.into_iter().partition(|outcome| allowed.allows(outcome, &mut self.resolver))
    }

    pub(super) fn add(&mut self, outcomes: Vec<Outcome>, denied: bool, by: &str) {
        for mut outcome in outcomes {
            if denied && outcome.needs == Needs::List {
                // The folder was opened to list it, so the denied access is named a listing.
                outcome.what = What::Listed;
            }
            if !denied && self.world.learn(&outcome) {
                self.resolver.forget();
            }
            self.ledger.add(outcome, denied, by, &mut self.resolver);
        }
    }
}
