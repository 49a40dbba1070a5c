//! The kernel interface of the listener: receives a call, and answers it.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use super::intent::Told;

/// An answer to the kernel.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    Continue,
    Error(i32),
    Value(i64),
}

/// Asks the kernel to wake the other side on the same processor, which is faster; old kernels can't.
pub(super) fn wake_here(listener: &OwnedFd) {
    /// `SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP`.
    const SYNC_WAKE_UP: u64 = 1;
    #[expect(unsafe_code, reason = "neither std nor rustix has seccomp")]
    // SAFETY: this request takes a number and no address.
    unsafe {
        libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP);
    }
}

/// Waits for the next call.
pub(super) fn receive(listener: &OwnedFd) -> io::Result<Told> {
    #[expect(unsafe_code, reason = "a structure of the kernel")]
    // SAFETY: it consists of numbers, for which zero is a valid value; the kernel requires zeros.
    let mut notification: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    #[expect(unsafe_code, reason = "neither std nor rustix has seccomp")]
    // SAFETY: the kernel writes one such structure, whose size is part of the request's number.
    let result = unsafe {
        libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, std::ptr::from_mut(&mut notification))
    };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Told {
        id: notification.id,
        thread: notification.pid,
        audit: notification.data.arch,
        number: notification.data.nr.cast_unsigned(),
        arguments: notification.data.args,
    })
}

/// Lets a call continue or answers it. Returns an error if the caller no longer exists.
pub(super) fn answer(listener: &OwnedFd, id: u64, what: Answer) -> io::Result<()> {
    let (val, error, flags) = match what {
        Answer::Continue => (0, 0, u32::try_from(libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE).unwrap_or(1)),
        Answer::Error(number) => (0, -number, 0),
        Answer::Value(value) => (value, 0, 0),
    };
    let mut response = libc::seccomp_notif_resp { id, val, error, flags };
    #[expect(unsafe_code, reason = "neither std nor rustix has seccomp")]
    // SAFETY: the kernel reads one such structure, whose size is part of the request's number.
    let result =
        unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, std::ptr::from_mut(&mut response)) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Whether the caller still waits for the answer.
pub(super) fn still_waits(listener: &OwnedFd, id: u64) -> bool {
    #[expect(unsafe_code, reason = "neither std nor rustix has seccomp")]
    // SAFETY: the kernel reads one number of this size.
    let result =
        unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_ID_VALID, std::ptr::from_ref(&id)) };
    result == 0
}
