//! A file that is read piece by piece.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{FsError, Result, failed, noted};

/// A file that is open for reading.
#[derive(Debug)]
pub struct Opened {
    file: File,
    path: PathBuf,
    size: u64,
}

/// Opens a file for reading.
///
/// # Errors
/// If the file does not exist, is not a regular file, or can't be read.
pub fn open(path: &Path) -> Result<Opened> {
    noted::note(path);
    let file = regular(path).map_err(failed("open", path))?;
    let found = file.metadata().map_err(failed("inspect", path))?;
    Ok(Opened {
        file,
        path: path.to_owned(),
        size: found.len(),
    })
}

/// Opens a regular file for reading. Refuses anything else: a read of a pipe or a device might never return.
pub(super) fn regular(path: &Path) -> io::Result<File> {
    // Does not wait for the other end of a pipe; it has no effect on a regular file.
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let kind = match &file {
        Ok(file) => file.metadata()?.file_type(),
        // A socket can't even be opened.
        Err(_) => match path.metadata() {
            Ok(found) if !found.is_file() && !found.is_dir() => found.file_type(),
            _ => return file,
        },
    };
    let what = match kind {
        kind if kind.is_file() => return file,
        kind if kind.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    };
    Err(io::Error::other(format!("it is {what}, but dp reads only regular files")))
}

impl Opened {
    /// Returns the length in bytes when the file was opened.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Fills `buffer` from `offset` on, and returns the number of bytes read.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.file.read_at(&mut buffer[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        Ok(filled)
    }

    /// Creates the error for a failed read of the file.
    pub fn failed(&self, error: io::Error) -> FsError {
        failed("read", &self.path)(error)
    }
}

impl io::Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}
