//! Starts the program, on a thread of its own.
//!
//! The filter is put on this thread, whose child inherits it, so the descriptor from which the kernel's tellings are read
//! is dp's own from the start and need not be fetched out of the child. The thread lives as long as the child, which is
//! killed when its parent thread ends.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};

use landlock::RulesetCreated;
use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal, setsid};

use super::{Task, fence, filter, kill};

/// What the thread needs.
pub(super) struct Plan<'a> {
    pub task: &'a Task,
    pub input: OwnedFd,
    pub output: OwnedFd,
    pub error: OwnedFd,
    pub watch: bool,
    pub barrier: Option<RulesetCreated>,
}

/// What the thread tells, in this order.
#[derive(Debug)]
pub(super) enum Told {
    /// The kernel tells of what this thread and its child do.
    Watching {
        listener: OwnedFd,
        thread: u32,
    },
    /// It does not; why.
    Blind(String),
    /// The fence could not be put up; nothing was started.
    Unfenced(String),
    Started(io::Result<u32>),
}

/// Starts the program, and stays until `stay` has no sender any more. `over` is set before its last, empty call.
pub(super) fn start(plan: Plan<'_>, tell: &SyncSender<Told>, stay: &Receiver<()>, over: &Arc<AtomicBool>) {
    let fenced = plan.barrier.is_some();
    let mut watching = false;
    // Made before the filter is, because from then on a call of this thread may have to wait for the one that is told.
    let mut command = command(&plan);
    let mut program = if plan.watch { filter::program(super::calls::Machine::HERE) } else { Vec::new() };
    if plan.watch || fenced {
        let _ = rustix::thread::set_no_new_privs(true);
    }
    if let Some(Err(reason)) = plan.barrier.map(fence::raise) {
        drop(tell.send(Told::Unfenced(reason)));
        return;
    }
    if plan.watch {
        let told = match filter::install(&mut program) {
            Ok(listener) => {
                watching = true;
                Told::Watching {
                    listener,
                    thread: rustix::thread::gettid().as_raw_pid().unsigned_abs(),
                }
            }
            Err(error) if fenced => Told::Unfenced(reason(&error)),
            Err(error) => Told::Blind(reason(&error)),
        };
        let stops = matches!(told, Told::Unfenced(_));
        if tell.send(told).is_err() || stops {
            return;
        }
    }
    let starting = kill::Starting::now();
    let started = command.spawn().map(|child| child.id());
    starting.done(started.as_ref().ok().copied());
    // Its ends of the pipes must be closed for the reader to see their end.
    drop((command, plan.output, plan.error, plan.input));
    drop(tell.send(Told::Started(started)));
    // Nothing is ever sent: it ends when the sender is gone.
    let _ = stay.recv();
    over.store(true, Ordering::SeqCst);
    if watching {
        let _ = rustix::fs::access("", rustix::fs::Access::EXISTS);
    }
}

fn reason(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(libc::EBUSY) => "another program already watches this one (seccomp)".to_owned(),
        Some(libc::EPERM | libc::EACCES) => "a sandbox forbids it (seccomp)".to_owned(),
        _ => format!("the kernel can't tell what programs do (seccomp: {error})"),
    }
}

fn command(plan: &Plan<'_>) -> Command {
    let task = plan.task;
    let mut command = Command::new(&task.program);
    let stream = |descriptor: &OwnedFd| descriptor.try_clone().map_or_else(|_| Stdio::null(), Stdio::from);
    command
        .arg0(&task.name)
        .args(&task.arguments)
        .current_dir(&task.folder)
        .env_clear()
        .envs(task.environment.iter().map(|(name, value)| (name, value)))
        .stdin(stream(&plan.input))
        .stdout(stream(&plan.output))
        .stderr(stream(&plan.error));
    let parent = Pid::from_raw(std::process::id().cast_signed());
    #[expect(unsafe_code, reason = "a session of its own is made between fork and exec")]
    // SAFETY: what runs there makes system calls only, and touches no memory that another thread may have held.
    unsafe {
        command.pre_exec(move || prepare(parent))
    };
    command
}

/// Between fork and exec.
fn prepare(parent: Option<Pid>) -> io::Result<()> {
    setsid()?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid() != parent {
        return Err(io::Error::from_raw_os_error(libc::ESRCH));
    }
    #[expect(unsafe_code, reason = "neither std nor rustix has close_range")]
    // SAFETY: nothing is closed before the exec, after which nothing of this process is left.
    unsafe {
        // Kernels before 5.11 don't have it; what std and rustix open is closed on exec anyway.
        libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
    }
    Ok(())
}
