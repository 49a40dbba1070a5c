//! Waits for processes that still write an output after the program itself has ended.
//!
//! `tee >(filter > "$DP_OUTPUT")` ends before the filter does, and so does a shell with a background job. Their
//! outputs are complete only once they have ended.

use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::kill::Left;
use super::paths::{self, link};
use super::processes::{processes, read_small};
use super::run::Output;
use super::{Stop, Stream, attend};

/// The time that remaining processes have to open an output: they may have been started just before the program ended.
const LATE: Duration = Duration::from_millis(200);
/// The maximum wait for writers of a program without a timeout.
const LONGEST: Duration = Duration::from_mins(10);
/// The interval between two checks for writers.
const LOOK: Duration = Duration::from_millis(50);

/// The result of waiting.
#[derive(Debug, Default)]
pub(super) struct Waited {
    /// Programs that still wrote an output when the time limit was reached.
    pub still: BTreeSet<String>,
    /// Whether a stop was requested meanwhile.
    pub stopped: bool,
}

/// Waits until no remaining process has an output open for writing, and all processes that wrote to one have ended.
///
/// `opened` returns whether the kernel reported that a process opened one.
pub(super) fn wait(
    left: &Left<'_>,
    outputs: &[PathBuf],
    opened: &dyn Fn(u32) -> bool,
    deadline: Option<Instant>,
    readers: &mut Vec<(Stream, OwnedFd)>,
    output: Output<'_>,
    stop: &Stop,
) -> Waited {
    let begun = Instant::now();
    let deadline = deadline.unwrap_or(begun + LONGEST);
    loop {
        let alive = left.mine(&processes());
        let writers: Vec<u32> =
            alive.iter().copied().filter(|process| opened(*process) || writes(*process, outputs)).collect();
        let now = Instant::now();
        if alive.is_empty() || writers.is_empty() && now >= begun + LATE {
            return Waited::default();
        }
        if now >= deadline {
            let still = writers.iter().map(|process| paths::program(*process).unwrap_or_default()).collect();
            return Waited { still, stopped: false };
        }
        let awaited = if writers.is_empty() { alive.into_iter().collect() } else { writers };
        if attend::pump_until_one_ends(&awaited, LOOK.min(deadline - now), readers, output, stop) {
            return Waited {
                still: BTreeSet::new(),
                stopped: true,
            };
        }
    }
}

/// Whether a process has one of these files, or one below these folders, open for writing.
fn writes(process: u32, outputs: &[PathBuf]) -> bool {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = format!("/proc/{process}/fd");
    let Ok(entries) = openat(CWD, &folder, flags, Mode::empty()).and_then(rustix::fs::Dir::read_from) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let Ok(number) = entry.file_name().to_str() else {
            return false;
        };
        let target = link(&format!("{folder}/{number}")).map(paths::owned);
        target.is_some_and(|target| outputs.iter().any(|output| target.starts_with(output)))
            && is_open_for_writing(process, number)
    })
}

fn is_open_for_writing(process: u32, number: &str) -> bool {
    let told = read_small(Path::new(&format!("/proc/{process}/fdinfo/{number}"))).unwrap_or_default();
    let flags = String::from_utf8_lossy(&told)
        .lines()
        .find_map(|line| u32::from_str_radix(line.strip_prefix("flags:")?.trim(), 8).ok());
    // If the flags can't be read, the process counts as a writer.
    flags.is_none_or(|flags| flags & libc::O_ACCMODE.cast_unsigned() != libc::O_RDONLY.cast_unsigned())
}

/// Returns descriptors that become readable when these processes end.
pub(super) fn ends(processes: &[u32]) -> Vec<OwnedFd> {
    let pid = |number: &u32| Pid::from_raw(i32::try_from(*number).ok()?);
    processes.iter().filter_map(|number| pidfd_open(pid(number)?, PidfdFlags::empty()).ok()).collect()
}

/// Waits until one of the descriptors is ready or the time limit is reached. Returns for each whether it is ready.
pub(super) fn ready(polled: &mut [PollFd<'_>], time: Duration) -> Vec<bool> {
    let time = Timespec::try_from(time).ok();
    match poll(polled, time.as_ref()) {
        Ok(_) => polled.iter().map(|polled| !polled.revents().is_empty()).collect(),
        Err(_) => vec![false; polled.len()],
    }
}

/// What [`ready`] waits for.
pub(super) fn readable(descriptor: &OwnedFd) -> PollFd<'_> {
    PollFd::new(descriptor, PollFlags::IN)
}
