//! What a program prints: written to the disk up to a limit, with the end kept in memory.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::mask::{Mask, Stream};
use crate::base::fs::{self, FsError, PrivateFile};
use crate::base::text;
use crate::process;

/// The maximum size of a log in bytes. Of longer output only the end is kept.
const MOST: u64 = 16 << 20;

/// The number of bytes of the end that are kept in memory.
const END: usize = 16 << 10;

/// The number of last lines that are shown when a program fails.
const LINES: usize = 20;

/// The maximum number of characters of a line that are shown.
const LONGEST: usize = 400;

/// The log of one build.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    file: PrivateFile,
    streams: [Stream; 2],
    bytes: u64,
    end: VecDeque<u8>,
    /// The first error while writing.
    failed: Option<FsError>,
}

impl Log {
    /// Creates the log of a build.
    pub(super) fn create(root: &Path, path: &Path, mask: &Mask) -> Result<Self, FsError> {
        let absolute = root.join(path);
        if let Some(folder) = absolute.parent() {
            fs::create_folder(folder, true)?;
        }
        Ok(Self {
            path: path.to_owned(),
            written: Mutex::new(Written {
                file: fs::create_private(&absolute)?,
                streams: [mask.stream(), mask.stream()],
                bytes: 0,
                end: VecDeque::new(),
                failed: None,
            }),
        })
    }

    /// The path of the log, relative to the project.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds what a program printed.
    pub(super) fn push(&self, stream: process::Stream, bytes: &[u8]) {
        let mut written = self.written();
        let index = usize::from(stream == process::Stream::Error);
        let shown = written.streams[index].push(bytes);
        written.write(&shown);
    }

    /// Writes a line from dp itself between the lines of the program.
    pub(super) fn line(&self, text: &str) {
        let mut written = self.written();
        written.write(format!("dp: {text}\n").as_bytes());
    }

    /// Writes the bytes that were held back during one attempt.
    pub(super) fn end_attempt(&self) {
        let mut written = self.written();
        for index in 0..2 {
            let shown = written.streams[index].finish();
            written.write(&shown);
        }
    }

    /// The number of bytes printed.
    pub(super) fn bytes(&self) -> u64 {
        self.written().bytes
    }

    /// Finishes the log: if it exceeded the limit, the end follows the beginning.
    ///
    /// # Errors
    /// The first error that occurred while the log was written.
    pub(super) fn finish(&self) -> Result<(), FsError> {
        let mut written = self.written();
        if written.bytes > MOST {
            let note = format!("\ndp: {} bytes in total; the last ones are:\n", written.bytes);
            let end: Vec<u8> = note.bytes().chain(written.end.iter().copied()).collect();
            written.put(&end);
        }
        written.failed.take().map_or(Ok(()), Err)
    }

    /// Returns the last lines for display; a long line keeps its beginning and its end.
    pub(super) fn last_lines(&self) -> Vec<String> {
        let written = self.written();
        let text: Vec<u8> = written.end.iter().copied().collect();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines.iter().skip(lines.len().saturating_sub(LINES)).map(|line| shortened(line)).collect()
    }

    fn written(&self) -> std::sync::MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Returns a line for display; a long line loses its middle.
fn shortened(line: &str) -> String {
    let count = line.chars().count();
    if count <= LONGEST {
        return line.to_owned();
    }
    let part = LONGEST / 2;
    let head: String = line.chars().take(part).collect();
    let tail: String = line.chars().skip(count - part).collect();
    format!("{head} [{} more characters] {tail}", text::grouped((count - 2 * part) as u64))
}

impl Written {
    fn write(&mut self, bytes: &[u8]) {
        let room = MOST.saturating_sub(self.bytes).min(bytes.len() as u64);
        self.put(&bytes[..usize::try_from(room).unwrap_or(bytes.len())]);
        self.bytes += bytes.len() as u64;
        self.end.extend(bytes);
        let surplus = self.end.len().saturating_sub(END);
        self.end.drain(..surplus);
    }

    fn put(&mut self, bytes: &[u8]) {
        if self.failed.is_none()
            && let Err(error) = self.file.write(bytes)
        {
            self.failed = Some(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_long_line_is_left_out() {
        assert_eq!(shortened("short"), "short");
        let line = format!("a{}z", "é".repeat(16_384));
        let shown = shortened(&line);
        assert!(shown.chars().count() < LONGEST + 40, "{shown}");
        assert!(
            shown.starts_with('a') && shown.ends_with('z') && shown.contains("[15,986 more characters]"),
            "{shown}"
        );
    }

    #[test]
    fn a_log_keeps_its_beginning_and_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::create(folder.path(), Path::new("logs/r1/a.log"), &Mask::default()).unwrap();
        log.push(process::Stream::Output, b"first\n");
        let line = vec![b'x'; 1 << 20];
        for _ in 0..20 {
            log.push(process::Stream::Output, &line);
        }
        log.push(process::Stream::Error, b"\nlast\n");
        log.finish().unwrap();
        let text = fs::read_to_string(&folder.path().join("logs/r1/a.log")).unwrap();
        assert!(text.starts_with("first\n") && text.ends_with("last\n"));
        assert!(text.len() < 18 << 20);
        assert_eq!(log.last_lines().last().map(String::as_str), Some("last"));
    }
}
