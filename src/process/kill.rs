//! Kills all remaining processes of a program.
//!
//! dp is the reaper of its descendants, so a process that leaves the program's session or loses its parent becomes a
//! child of dp. dp recognizes such a process by the session, by the mark in its environment, by the kernel's
//! notifications, or as a descendant of a recognized one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, getsid, pidfd_open, pidfd_send_signal, waitpid};

use super::paths;
use super::processes::{Process, descends, process, processes, read_small};

/// The time that a killed process has to end.
const GONE: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };
/// The maximum number of rounds: a process may start another one while it is killed.
const ROUNDS: usize = 100;

/// The runs of this process, which must not kill each other's programs.
#[derive(Debug)]
struct Runs {
    /// The number of programs between fork and exec; std must reap those that fail.
    starting: usize,
    programs: BTreeSet<u32>,
}

static RUNS: Mutex<Runs> = Mutex::new(Runs {
    starting: 0,
    programs: BTreeSet::new(),
});
static REAPER: Once = Once::new();

fn runs() -> MutexGuard<'static, Runs> {
    RUNS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills the sessions of all running programs, without waiting: for a process that is about to end.
pub fn abandon_all() {
    // The holder of the lock may be waiting for a program; then no exact numbers are needed.
    let programs = RUNS.try_lock().map(|runs| runs.programs.clone()).unwrap_or_default();
    for program in programs {
        if let Some(group) = i32::try_from(program).ok().and_then(Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
    }
}

/// Makes this process the reaper of its descendants, once.
pub(super) fn become_reaper() {
    // Without it, orphans are still found, but can't be reaped.
    REAPER.call_once(|| {
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    });
}

/// A program that is being started.
#[derive(Debug)]
pub(super) struct Starting;

impl Starting {
    pub(super) fn now() -> Self {
        runs().starting += 1;
        Self
    }

    /// Notes that the program was started; `None` if it failed.
    pub(super) fn done(self, program: Option<u32>) {
        runs().programs.extend(program);
        drop(self);
    }
}

/// Reaps a program with `wait`. Another process may get its number afterwards.
pub(super) fn forget<T>(program: u32, wait: impl FnOnce() -> T) -> T {
    let mut runs = runs();
    let waited = wait();
    runs.programs.remove(&program);
    waited
}

impl Drop for Starting {
    fn drop(&mut self) {
        runs().starting -= 1;
    }
}

/// A program whose remaining processes must be killed.
pub(super) struct Left<'a> {
    /// The ended program, and its session.
    pub program: u32,
    pub mark: &'a [u8],
    /// Threads that the kernel reported.
    pub seen: &'a Mutex<BTreeSet<u32>>,
}

impl Left<'_> {
    /// Kills and reaps all remaining processes. Returns their number, and the names of their programs.
    pub(super) fn end(&self) -> (u32, BTreeSet<String>) {
        let (mut ended, mut names) = (BTreeSet::new(), BTreeSet::new());
        for _ in 0..ROUNDS {
            let table = processes();
            let mine = self.mine(&table);
            self.reap_dead(&table);
            if mine.is_empty() {
                break;
            }
            names.extend(mine.iter().filter_map(|number| paths::program(*number)));
            let killed: Vec<_> = mine.iter().filter_map(|number| Some((*number, kill(*number, &table)?))).collect();
            for (number, descriptor) in killed {
                ended.insert(number);
                let _ = poll(&mut [PollFd::new(&descriptor, PollFlags::IN)], Some(&GONE));
                reap(number);
            }
        }
        (u32::try_from(ended.len()).unwrap_or(u32::MAX), names)
    }

    /// Returns the remaining running processes of the program.
    pub(super) fn mine(&self, table: &BTreeMap<u32, Process>) -> BTreeSet<u32> {
        let (own, others) = (std::process::id(), runs().programs.clone());
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_alive = |number: u32| table.get(&number).is_some_and(|process| !process.is_zombie);
        let mut mine: BTreeSet<u32> = table
            .iter()
            .filter(|(number, process)| {
                **number != own
                    && (process.session == self.program && descends(table, **number, own)
                        || process.parent == own
                            && !others.contains(*number)
                            && (seen.contains(*number) || self.is_marked(**number)))
            })
            .map(|(number, _)| *number)
            .collect();
        loop {
            let more: Vec<u32> = table
                .iter()
                .filter(|(number, process)| mine.contains(&process.parent) && !mine.contains(*number))
                .map(|(number, _)| *number)
                .collect();
            if more.is_empty() {
                break;
            }
            mine.extend(more);
        }
        mine.retain(|number| is_alive(*number));
        mine
    }

    fn is_marked(&self, number: u32) -> bool {
        let environment = read_small(Path::new(&format!("/proc/{number}/environ")));
        // With an empty mark, every environment would match.
        !self.mark.is_empty()
            && environment
                .is_some_and(|environment| environment.split(|byte| *byte == 0).any(|entry| entry == self.mark))
    }

    /// Reaps dead processes that nothing else waits for.
    fn reap_dead(&self, table: &BTreeMap<u32, Process>) {
        let runs = runs();
        let own = std::process::id();
        let own_session = getsid(None).map_or(0, |session| session.as_raw_pid().unsigned_abs());
        for (number, process) in table {
            let orphan = process.is_zombie && process.parent == own && !runs.programs.contains(number);
            let known = process.session == self.program;
            if orphan && (known || runs.starting == 0 && process.session != own_session) {
                reap(*number);
            }
        }
    }
}

/// Kills a process that is still the one in the table.
fn kill(number: u32, table: &BTreeMap<u32, Process>) -> Option<std::os::fd::OwnedFd> {
    let descriptor = pidfd_open(pid(number)?, PidfdFlags::empty()).ok()?;
    let now = process(number)?;
    if now.started != table.get(&number)?.started || now.is_zombie {
        return None;
    }
    pidfd_send_signal(&descriptor, Signal::KILL).ok()?;
    Some(descriptor)
}

fn reap(number: u32) {
    if let Some(pid) = pid(number) {
        // The process is not dp's child; its parent is killed too, and the next round finds it.
        let _ = waitpid(Some(pid), WaitOptions::NOHANG);
    }
}

fn pid(number: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(number).ok()?)
}
