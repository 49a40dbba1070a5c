//! Takes down what was done, beside the listening.
//!
//! Looking at files takes longer than answering, so what only reads is put on the desk with the answer and taken down by
//! another thread, many at a time. Before anything is changed, what lies there is taken down first: each file is looked at
//! as it was before the program went on to change it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::fence::Allowed;
use super::intent::Act;
use super::ledger::Ledger;
use super::outcome::{Needs, Outcome};
use super::paths::Resolver;
use super::world::World;
use super::{Access, What};

/// How long things are gathered, so that the thread need not be woken for each.
const GATHER: Duration = Duration::from_millis(1);
/// As many things wait at most.
const MOST_WAITING: usize = 10_000;

/// Something that was let go on and is to be taken down.
struct Done {
    acts: Vec<Act>,
    by: Arc<str>,
}

#[derive(Default)]
struct Tray {
    done: Vec<Done>,
    over: bool,
}

/// What is known of everything that was done so far.
#[derive(Default)]
pub(super) struct Record {
    world: World,
    resolver: Resolver,
    ledger: Ledger,
}

/// Where the listener leaves what is to be taken down.
#[derive(Default)]
pub(super) struct Desk {
    /// Locked before the tray, so that what lay there first is taken down first.
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

    /// Leaves what changes nothing.
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

    /// Everything that was done until now.
    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        let mut record = self.locked();
        let done = std::mem::take(&mut self.tray().done);
        for Done { acts, by } in done {
            let outcomes = record.outcomes(&acts);
            record.add(outcomes, false, &by);
        }
        record
    }

    /// Takes down what is left here until nothing more will be.
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

    /// Nothing more will be left.
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

    /// What a fence allows, and what not.
    pub(super) fn judge(&mut self, acts: &[Act], allowed: &Allowed) -> (Vec<Outcome>, Vec<Outcome>) {
        let outcomes = self.outcomes(acts);
        outcomes.into_iter().partition(|outcome| allowed.allows(outcome, &mut self.resolver))
    }

    pub(super) fn add(&mut self, outcomes: Vec<Outcome>, denied: bool, by: &str) {
        for mut outcome in outcomes {
            if denied && outcome.needs == Needs::List {
                // It was opened for its names, and what was refused is named by what it would have led to.
                outcome.what = What::Listed;
            }
            if !denied && self.world.learn(&outcome) {
                self.resolver.forget();
            }
            self.ledger.add(outcome, denied, by, &mut self.resolver);
        }
    }
}
