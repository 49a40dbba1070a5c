//! Reads the memory that a stopped program's arguments point to.

use std::io;

/// `PATH_MAX`.
const LONGEST: usize = 4096;
const PAGE: u64 = 4096;

/// The memory of a stopped thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    thread: u32,
    /// Whether its addresses have four bytes.
    narrow: bool,
}

impl Memory {
    pub(super) fn of(thread: u32, narrow: bool) -> Self {
        Self { thread, narrow }
    }

    /// Fills the start of the buffer, or less if the memory ends before. Returns the number of bytes.
    pub(super) fn bytes(self, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            let from = address + done as u64;
            // A missing page fails a whole piece, so no piece crosses a page boundary.
            let in_page = usize::try_from(PAGE - from % PAGE).unwrap_or(LONGEST);
            let end = buffer.len().min(done + in_page);
            match read(self.thread, from, &mut buffer[done..end]) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(_) if done > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    /// Returns the text up to its zero byte; `None` if there is none within the longest path.
    pub(super) fn text(self, address: u64) -> io::Result<Option<Vec<u8>>> {
        let mut text = Vec::with_capacity(128);
        let mut piece = [0_u8; 512];
        while text.len() < LONGEST {
            let from = address + text.len() as u64;
            // Most paths are short and don't reach the end of the page.
            let in_page = usize::try_from(PAGE - from % PAGE).unwrap_or(LONGEST).min(piece.len());
            let read = read(self.thread, from, &mut piece[..in_page])?;
            if read == 0 {
                return Ok(None);
            }
            if let Some(end) = piece[..read].iter().position(|byte| *byte == 0) {
                text.extend_from_slice(&piece[..end]);
                return Ok(Some(text));
            }
            text.extend_from_slice(&piece[..read]);
        }
        Ok(None)
    }

    /// Reads exactly this many bytes.
    pub(super) fn exact<const N: usize>(self, address: u64) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        if self.bytes(address, &mut bytes)? < N {
            return Err(io::Error::from_raw_os_error(libc::EFAULT));
        }
        Ok(bytes)
    }

    /// Returns the size of an address or a length in bytes.
    pub(super) fn width(self) -> u64 {
        if self.narrow { 4 } else { 8 }
    }

    /// Reads an address or a length.
    pub(super) fn word(self, address: u64) -> io::Result<u64> {
        if self.narrow {
            self.exact(address).map(|bytes| u64::from(u32::from_ne_bytes(bytes)))
        } else {
            self.exact(address).map(u64::from_ne_bytes)
        }
    }

    /// Reads the word at this position of a list.
    pub(super) fn nth(self, address: u64, position: u64) -> io::Result<u64> {
        self.word(address + position * self.width())
    }
}

fn read(thread: u32, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let here = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    let there = libc::iovec {
        iov_base: std::ptr::without_provenance_mut(usize::try_from(address).map_err(io::Error::other)?),
        iov_len: buffer.len(),
    };
    let thread = libc::pid_t::try_from(thread).map_err(io::Error::other)?;
    #[expect(unsafe_code, reason = "neither std nor rustix can read another process")]
    // SAFETY: the kernel writes only into `buffer`, which has the given length; the other address is not in dp's
    // memory.
    let read = unsafe { libc::process_vm_readv(thread, &raw const here, 1, &raw const there, 1, 0) };
    usize::try_from(read).map_err(|_| io::Error::last_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Memory {
        Memory::of(std::process::id(), false)
    }

    #[test]
    fn texts_of_each_length_are_read() {
        for length in [0, 1, 511, 512, 513, 4095] {
            let mut text = vec![b'x'; length];
            text.push(0);
            assert_eq!(own().text(text.as_ptr().addr() as u64).unwrap().map(|read| read.len()), Some(length));
        }
        let endless = vec![b'x'; 9000];
        assert_eq!(own().text(endless.as_ptr().addr() as u64).unwrap(), None);
        assert!(own().text(8).is_err());
    }

    #[test]
    fn words_have_the_width_of_the_program() {
        let words = [1_u32, 2, 3, 4];
        let address = words.as_ptr().addr() as u64;
        assert_eq!(Memory::of(std::process::id(), true).nth(address, 2).unwrap(), 3);
        assert_eq!(own().nth(address, 1).unwrap(), 3 | 4 << 32);
    }
}
