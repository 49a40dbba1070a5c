//! The wish that a program end, from whatever thread.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

use super::ProcessError;
use super::error::system;

/// Ends what is run with it; clones are the same wish. Once asked, it holds for each later run too.
#[derive(Clone, Debug)]
pub struct Stop(Arc<OwnedFd>);

impl Stop {
    /// One that has not been asked.
    pub fn new() -> Result<Self, ProcessError> {
        let event =
            eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map_err(system("prepare to be stopped"))?;
        Ok(Self(Arc::new(event)))
    }

    /// Asks: the programs are told to end and are ended if they don't.
    pub fn ask(&self) {
        // A counter that is full has been asked already.
        let _ = rustix::io::write(&*self.0, &1_u64.to_ne_bytes());
    }

    /// Waits until it is asked or the time is up; whether it was asked.
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

    /// Readable as soon as it was asked.
    pub(super) fn asked(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
