//! Reads what a program writes until it has ended, and sees that it ends when it must.

use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use super::error::system;
use super::kill::{self, Left};
use super::run::Output;
use super::usage::{self, Usage};
use super::{Exit, ProcessError, Stop, Stream, Task};

/// How long a program may take to end once it is told to.
const GRACE: Duration = Duration::from_secs(2);

/// Reads what the program writes until it has ended, and ends what it left.
pub(super) fn attend(
    task: &Task,
    program: u32,
    mut readers: Vec<(Stream, OwnedFd)>,
    threads: &Mutex<BTreeSet<u32>>,
    output: Output<'_>,
    stop: &Stop,
) -> Result<(Exit, u32, Usage), ProcessError> {
    let left = Left {
        program,
        mark: task.mark.as_encoded_bytes(),
        seen: threads,
    };
    let pid = Pid::from_raw(program.cast_signed()).expect("a child has a number");
    let awaited = pidfd_open(pid, PidfdFlags::empty())
        .map_err(system("watch a process"))
        .and_then(|descriptor| wait(task, pid, &descriptor, &mut readers, output, stop));
    if awaited.is_err() {
        let _ = kill_process_group(pid, Signal::KILL);
    }
    // Once it is dead: others must neither wait long nor find its number free.
    let (status, usage) = kill::forget(program, || usage::wait(program));
    let strays = left.end();
    // All that wrote are gone, so what is in the pipes is all there will be.
    for (stream, reader) in &readers {
        while read(*stream, reader, output) == Some(true) {}
    }
    Ok((awaited?.unwrap_or(status), strays, usage))
}

/// Waits for the end of the program; how it was ended, if it did not end by itself.
fn wait(
    task: &Task,
    pid: Pid,
    process: &OwnedFd,
    readers: &mut Vec<(Stream, OwnedFd)>,
    output: Output<'_>,
    stop: &Stop,
) -> Result<Option<Exit>, ProcessError> {
    let mut deadline = task.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
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

/// Hands on what is there: true if something was, false at the end, and nothing if it must be waited for.
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
