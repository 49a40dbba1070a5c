//! A request from any thread to end a program.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

use super::ProcessError;
use super::error::system;

/// Ends the programs that run with it; clones share the request. A request also applies to later runs.
#[derive(Clone, Debug)]
pub struct Stop(Arc<OwnedFd>);

impl Stop {
    /// Creates an object without a request.
    pub fn new() -> Result<Self, ProcessError> {
        let event =
            eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map_err(system("prepare to be stopped"))?;
        Ok(Self(Arc::new(event)))
    }

    /// Requests the end: the programs are asked to end, and killed if they don't.
    pub fn ask(&self) {
        // A full counter means that the end was already requested.
        let _ = rustix::io::write(&*self.0, &1_u64.to_ne_bytes());
    }

    /// Waits for a request or until the time limit. Returns whether there is a request.
    pub fn wait(&self, time: Duration) -> bool {
        let Some(end) = Instant::now().checked_add(time) else {
            return false;
        };
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let timeout = Timespec::try_from(left).ok();
            let mut wanted = [PollFd::new(&*self.0, PollFlags::IN)];
            match poll(&mut wanted, timeout.as_ref()) {
                Err(rustix::io::Errno::INTR) => {}
                Ok(0) | Err(_) => return false,
                Ok(_) => return true,
            }
        }
    }

    /// Becomes readable with the request.
    pub(super) fn asked(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
