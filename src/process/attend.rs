//! Reads the output of a program until it has ended, and enforces its end.

use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use super::error::system;
use super::kill::{self, Left};
use super::listener::Shared;
use super::run::Output;
use super::usage::{self, Usage};
use super::writers::{self, Waited};
use super::{Exit, ProcessError, Stop, Stream, Task};

/// The time that a program has to end after it was asked to.
const GRACE: Duration = Duration::from_secs(2);

/// The result once no process of a program is left.
#[derive(Debug)]
pub(super) struct Attended {
    pub how: Exit,
    pub usage: Usage,
    /// The number of remaining processes that were killed, and the names of their programs.
    pub strays: u32,
    pub stray_names: BTreeSet<String>,
    /// Programs that still wrote an output when the time limit was reached.
    pub writers: BTreeSet<String>,
}

/// Reads the output of the program until it has ended, waits for processes that still write an output, and kills the
/// others.
pub(super) fn attend(
    task: &Task,
    program: u32,
    mut readers: Vec<(Stream, OwnedFd)>,
    shared: &Shared,
    output: Output<'_>,
    stop: &Stop,
) -> Result<Attended, ProcessError> {
    let left = Left {
        program,
        mark: task.mark.as_encoded_bytes(),
        seen: &shared.seen,
    };
    let deadline = task.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let pid = Pid::from_raw(program.cast_signed()).expect("a child has a number");
    let awaited = pidfd_open(pid, PidfdFlags::empty())
        .map_err(system("watch a process"))
        .and_then(|descriptor| wait(deadline, pid, &descriptor, &mut readers, output, stop));
    if awaited.is_err() {
        let _ = kill_process_group(pid, Signal::KILL);
    }
    // Only after its death, so that other runs neither wait long nor reuse its number.
    let (status, usage) = kill::forget(program, || usage::wait(program));
    let mut waited = Waited::default();
    if matches!(awaited, Ok(None)) && status == Exit::Code(0) && !task.outputs.is_empty() {
        let opened = |process: u32| shared.writers.lock().unwrap_or_else(PoisonError::into_inner).contains(&process);
        waited = writers::wait(&left, &task.outputs, &opened, deadline, &mut readers, output, stop);
    }
    let (strays, stray_names) = left.end();
    // All writers have ended, so the pipes contain all remaining output.
    for (stream, reader) in &readers {
        while read(*stream, reader, output) == Some(true) {}
    }
    let how = if waited.stopped { Exit::Stopped } else { awaited?.unwrap_or(status) };
    Ok(Attended {
        how,
        usage,
        strays,
        stray_names,
        writers: waited.still,
    })
}

/// Reads output until one of these processes ends or the time limit is reached. Returns whether a stop was requested.
pub(super) fn pump_until_one_ends(
    processes: &[u32],
    time: Duration,
    readers: &mut Vec<(Stream, OwnedFd)>,
    output: Output<'_>,
    stop: &Stop,
) -> bool {
    let ends = writers::ends(processes);
    let mut polled = vec![PollFd::from_borrowed_fd(stop.asked(), PollFlags::IN)];
    polled.extend(readers.iter().map(|(_, reader)| writers::readable(reader)));
    polled.extend(ends.iter().map(writers::readable));
    let ready = writers::ready(&mut polled, time);
    drop(polled);
    let mut position = 0;
    readers.retain(|(stream, reader)| {
        position += 1;
        !ready[position] || read(*stream, reader, output) != Some(false)
    });
    ready[0]
}

/// Waits for the end of the program. Returns how dp ended it; `None` if it ended by itself.
fn wait(
    mut deadline: Option<Instant>,
    pid: Pid,
    process: &OwnedFd,
    readers: &mut Vec<(Stream, OwnedFd)>,
    output: Output<'_>,
    stop: &Stop,
) -> Result<Option<Exit>, ProcessError> {
    let mut ending = None;
    loop {
        let mut polled = vec![PollFd::new(process, PollFlags::IN)];
        polled.extend(readers.iter().map(|(_, reader)| PollFd::new(reader, PollFlags::IN)));
        if ending.is_none() {
            polled.push(PollFd::from_borrowed_fd(stop.asked(), PollFlags::IN));
        }
        let rest = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let rest = rest.map(|rest| {
            Timespec::try_from(rest).unwrap_or(Timespec {
                tv_sec: i64::MAX,
                tv_nsec: 0,
            })
        });
        match poll(&mut polled, rest.as_ref()) {
            Err(Errno::INTR) => continue,
            result => result.map_err(system("wait for a process"))?,
        };
        let ready: Vec<bool> = polled.iter().map(|polled| !polled.revents().is_empty()).collect();
        drop(polled);
        let asked = ending.is_none() && ready.last() == Some(&true);
        let mut position = 0;
        readers.retain(|(stream, reader)| {
            position += 1;
            !ready[position] || read(*stream, reader, output) != Some(false)
        });
        if ready[0] {
            return Ok(ending);
        }
        if asked || deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            let signal = if ending.is_none() { Signal::TERM } else { Signal::KILL };
            let _ = kill_process_group(pid, signal);
            deadline = ending.is_none().then(|| Instant::now() + GRACE);
            ending = ending.or(Some(if asked { Exit::Stopped } else { Exit::TimedOut }));
        }
    }
}

/// Passes on available output: `Some(true)` if there was any, `Some(false)` at the end, `None` if none is available
/// yet.
fn read(stream: Stream, reader: &OwnedFd, output: Output<'_>) -> Option<bool> {
    let mut buffer = vec![0_u8; 1 << 16];
    match rustix::io::read(reader, &mut buffer) {
        Ok(0) => Some(false),
        Ok(read) => {
            output(stream, &buffer[..read]);
            Some(true)
        }
        Err(Errno::INTR) => Some(true),
        Err(Errno::AGAIN) => None,
        Err(_) => Some(false),
    }
}
