//! Starts the program, on its own thread.
//!
//! The filter is installed on this thread and its child inherits it. So the descriptor with the kernel's notifications
//! belongs to dp from the start and need not be fetched from the child. The thread lives as long as the child, which
//! the kernel kills when its parent thread ends.

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

/// The input of the thread.
pub(super) struct Plan<'a> {
    pub task: &'a Task,
    pub input: OwnedFd,
    pub output: OwnedFd,
    pub error: OwnedFd,
    pub watch: bool,
    pub barrier: Option<RulesetCreated>,
}

/// The messages of the thread, in this order.
#[derive(Debug)]
pub(super) enum Told {
    /// The kernel reports what this thread and its child do.
    Watching {
        listener: OwnedFd,
        thread: u32,
    },
    /// The kernel does not report it, with the reason.
    Blind(String),
    /// The fence could not be installed; nothing was started.
    Unfenced(String),
    Started(io::Result<u32>),
}

/// Starts the program, and stays until the sender of `stay` is dropped. `over` is set before its last, empty call.
pub(super) fn start(plan: Plan<'_>, tell: &SyncSender<Told>, stay: &Receiver<()>, over: &Arc<AtomicBool>) {
    let fenced = plan.barrier.is_some();
    let mut watching = false;
    // Created before the filter, because afterwards a call of this thread may have to wait for the listener.
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
    // The reader sees the end of the pipes only after these ends are closed.
    drop((command, plan.output, plan.error, plan.input));
    drop(tell.send(Told::Started(started)));
    // Nothing is ever sent; the call returns when the sender is dropped.
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
        _ => format!("the kernel can't report system calls (seccomp: {error})"),
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
    // SAFETY: the closure only makes system calls, and touches no memory that another thread may have locked.
    unsafe {
        command.pre_exec(move || prepare(parent))
    };
    command
}

/// Runs between fork and exec.
fn prepare(parent: Option<Pid>) -> io::Result<()> {
    setsid()?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid() != parent {
        return Err(io::Error::from_raw_os_error(libc::ESRCH));
    }
    #[expect(unsafe_code, reason = "neither std nor rustix has close_range")]
    // SAFETY: nothing is closed before the exec, and the exec replaces this process.
    unsafe {
        // Kernels before 5.11 lack it; descriptors from std and rustix are closed on exec anyway.
        libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
    }
    Ok(())
}
