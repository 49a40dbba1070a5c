//! The exit and the resource use of a program.

use std::mem::MaybeUninit;

use super::Exit;

/// The resources that a program and its waited-for children used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub user_ms: u64,
    pub system_ms: u64,
    pub peak_memory_bytes: u64,
}

/// Waits for a child and reaps it.
pub(super) fn wait(child: u32) -> (Exit, Usage) {
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    let answer = loop {
        #[expect(unsafe_code, reason = "neither std nor rustix tells what a single child took")]
        // SAFETY: the kernel writes a number and one such structure.
        let answer = unsafe { libc::wait4(child.cast_signed(), &raw mut status, 0, usage.as_mut_ptr()) };
        if answer >= 0 || std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted {
            break answer;
        }
    };
    #[expect(unsafe_code, reason = "a structure of the kernel")]
    // SAFETY: it consists of numbers, for which zero is a valid value, and it was zero before the kernel wrote it.
    let usage = unsafe { usage.assume_init() };
    let milliseconds =
        |time: libc::timeval| u64::try_from(time.tv_sec * 1000 + time.tv_usec / 1000).unwrap_or_default();
    let usage = Usage {
        user_ms: milliseconds(usage.ru_utime),
        system_ms: milliseconds(usage.ru_stime),
        peak_memory_bytes: u64::try_from(usage.ru_maxrss).unwrap_or_default() * 1024,
    };
    let how = if answer < 0 {
        // Nothing else in dp reaps it, and a child exists until it is reaped.
        Exit::Code(-1)
    } else if libc::WIFSIGNALED(status) {
        Exit::Signal(libc::WTERMSIG(status))
    } else {
        Exit::Code(libc::WEXITSTATUS(status))
    };
    (how, usage)
}
