//! Reads from memory the peer that a stopped thread is about to connect or send to.

use std::io;

use super::Contact;
use super::calls::Means;
use super::contact::{self, Exchange, How};
use super::intent::{Act, Reader};

/// The maximum number of messages that are inspected per call.
const MOST_MESSAGES: u64 = 1024;
/// The maximum number of pieces per message, as in the kernel.
const MOST_PIECES: u64 = 1024;

impl Reader {
    pub(super) fn socket(&self) -> i32 {
        self.number(0).cast_signed()
    }

    pub(super) fn connect(&self) -> io::Result<Option<Act>> {
        let (address, contact) = self.peer(1, 2, false)?;
        Ok(Some(Act::Contact(Exchange {
            socket: self.socket(),
            address,
            contact,
            how: How::Connect,
        })))
    }

    pub(super) fn peer(&self, address: u8, length: u8, is_message: bool) -> io::Result<(Vec<u8>, Option<Contact>)> {
        self.peer_at(self.argument(address), u64::from(self.number(length)), is_message)
    }

    fn peer_at(&self, at: u64, length: u64, is_message: bool) -> io::Result<(Vec<u8>, Option<Contact>)> {
        if at == 0 || length == 0 {
            return Ok((Vec::new(), None));
        }
        let mut address = vec![0; usize::try_from(length).unwrap_or(contact::LONGEST).min(contact::LONGEST)];
        let read = self.memory.bytes(at, &mut address)?;
        address.truncate(read);
        let contact = contact::parse(self.thread, &address, is_message);
        Ok((address, contact))
    }

    /// Reads one `struct msghdr`; `None` if it names no peer.
    pub(super) fn message(&self, header: u64, flags: u32) -> io::Result<Option<Exchange>> {
        let word = |position| self.memory.nth(header, position);
        let length = u32::from_ne_bytes(self.memory.exact(header + self.memory.width())?);
        let (address, contact) = self.peer_at(word(0)?, u64::from(length), true)?;
        if address.is_empty() {
            return Ok(None);
        }
        let (list, count, control) = (word(2)?, word(3)?, word(5)?);
        let how = if control > 0 {
            How::Elaborate
        } else {
            let piece = |index: u64| -> io::Result<(u64, u64)> {
                Ok((self.memory.nth(list, 2 * index)?, self.memory.nth(list, 2 * index + 1)?))
            };
            let pieces = (0..count.min(MOST_PIECES)).map(piece).collect::<io::Result<_>>()?;
            How::Send {
                flags: flags.cast_signed(),
                pieces,
            }
        };
        Ok(Some(Exchange {
            socket: self.socket(),
            address,
            contact,
            how,
        }))
    }

    pub(super) fn messages(&self) -> io::Result<Vec<Act>> {
        let size = if self.memory.width() == 4 { 32 } else { 64 };
        let mut acts = Vec::new();
        for index in 0..u64::from(self.number(2)).min(MOST_MESSAGES) {
            if let Some(exchange) = self.message(self.argument(1) + index * size, 0)? {
                acts.push(Act::Contact(Exchange {
                    how: How::Elaborate,
                    ..exchange
                }));
            }
        }
        Ok(acts)
    }

    pub(super) fn sockets(&self) -> io::Result<Vec<Act>> {
        let means = match self.argument(0) {
            2 => Means::Bind,
            3 => Means::Connect,
            11 => Means::SendTo,
            16 => Means::Send,
            20 => Means::SendMany,
            _ => return Ok(Vec::new()),
        };
        let count = if means == Means::SendTo { 6 } else { 3 };
        let mut arguments = [0; 6];
        for (index, argument) in arguments.iter_mut().enumerate().take(count) {
            *argument = self.memory.nth(self.argument(1), index as u64)?;
        }
        Self { arguments, ..*self }.acts(means)
    }
}
