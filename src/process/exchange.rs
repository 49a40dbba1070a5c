//! Makes calls to peers for a fenced program.
//!
//! dp makes the call on a duplicate of the socket, with the address that was checked, so the program can't replace the
//! address.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::thread::JoinHandle;

use rustix::net::Shutdown;

use super::contact::{self, Exchange, How};
use super::intent::Told;
use super::memory::Memory;
use super::notify::{Answer, answer, still_waits};

/// The maximum size of one message, in bytes.
const MOST_DATA: u64 = 1 << 20;

/// The calls in progress.
#[derive(Debug, Default)]
pub(super) struct Exchanges(Vec<(Arc<OwnedFd>, JoinHandle<()>)>);

impl Exchanges {
    /// Makes a call and answers it, on its own thread if the call may have to wait.
    pub(super) fn carry_out(&mut self, listener: &Arc<OwnedFd>, told: &Told, exchange: &Exchange) -> io::Result<()> {
        let call = match prepare(told, exchange) {
            Ok(call) => call,
            Err(error) => return answer(listener, told.id, failed(&error)),
        };
        if !still_waits(listener, told.id) {
            return Err(io::Error::from_raw_os_error(libc::ENOENT));
        }
        if contact::never_waits(call.socket.as_fd()) {
            return answer(listener, told.id, call.make());
        }
        let (socket, listener, id) = (call.socket.clone(), listener.clone(), told.id);
        let thread = std::thread::Builder::new().name("contact".to_owned());
        // If the caller no longer waits, no answer is needed.
        let thread = thread.spawn(move || drop(answer(&listener, id, call.make())))?;
        self.0.retain(|(_, thread)| !thread.is_finished());
        self.0.push((socket, thread));
        Ok(())
    }

    /// Ends the calls in progress.
    pub(super) fn end(self) {
        for (socket, thread) in self.0 {
            let _ = rustix::net::shutdown(&*socket, Shutdown::Both);
            drop(thread.join());
        }
    }
}

struct Call {
    socket: Arc<OwnedFd>,
    address: Vec<u8>,
    /// The data to send and its flags; `None` for a connect.
    data: Option<(Vec<u8>, i32)>,
}

impl Call {
    fn make(&self) -> Answer {
        let result = match &self.data {
            None => contact::connect(&self.socket, &self.address),
            Some((data, flags)) => contact::send(&self.socket, data, *flags, &self.address),
        };
        result.map_or_else(|error| failed(&error), Answer::Value)
    }
}

fn failed(error: &io::Error) -> Answer {
    Answer::Error(error.raw_os_error().unwrap_or(libc::EACCES))
}

fn prepare(told: &Told, exchange: &Exchange) -> io::Result<Call> {
    let data = match &exchange.how {
        How::Connect => None,
        How::Send { flags, pieces } => {
            // The pieces were read with the program's address width; they are plain addresses now.
            let memory = Memory::of(told.thread, false);
            let mut data = Vec::new();
            for (address, length) in pieces {
                let length = usize::try_from((*length).min(MOST_DATA)).unwrap_or_default();
                let start = data.len();
                data.resize(start + length, 0);
                let read = memory.bytes(*address, &mut data[start..])?;
                data.truncate(start + read);
            }
            Some((data, *flags))
        }
        How::Elaborate => return Err(io::Error::from_raw_os_error(libc::EACCES)),
    };
    let socket = Arc::new(contact::socket(told.thread, exchange.socket)?);
    Ok(Call {
        socket,
        address: exchange.address.clone(),
        data,
    })
}
