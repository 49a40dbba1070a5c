//! The programs that the kernel opens to run a script, named after its `#!`.

use std::path::Path;

use rustix::fs::{Mode, OFlags, open};

use super::look::path;
use super::paths;

/// The number of bytes that the kernel reads for the first line of a script.
const FIRST_LINE: usize = 256;
/// The maximum chain of interpreters in the kernel.
const MOST: usize = 5;

/// Returns the interpreters of a program that a thread is about to start, the nearest first; none unless it is a
/// script.
pub(super) fn of(thread: u32, program: &[u8]) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    while found.len() < MOST {
        let Some(next) = first_line(found.last().map_or(program, Vec::as_slice)).and_then(|line| after_marks(&line))
        else {
            break;
        };
        let Some(next) = paths::absolute(thread, None, &next, true) else {
            break;
        };
        found.push(next);
    }
    found
}

/// Whether an interpreter runs the file.
pub fn is_script(program: &Path) -> bool {
    first_line(program.as_os_str().as_encoded_bytes()).is_some_and(|start| start.starts_with(b"#!"))
}

fn first_line(program: &[u8]) -> Option<Vec<u8>> {
    // Opening anything but a regular file must not make dp wait.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = open(path(program), flags, Mode::empty()).ok()?;
    let mut start = vec![0; FIRST_LINE];
    let read = rustix::io::read(&file, &mut start).ok()?;
    start.truncate(read);
    Some(start)
}

/// Returns the path in a first line.
fn after_marks(start: &[u8]) -> Option<Vec<u8>> {
    let rest = start.strip_prefix(b"#!")?;
    let line = rest.split(|byte| *byte == b'\n').next()?;
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let word: Vec<u8> = line
        .iter()
        .skip_while(|byte| is_space(byte))
        .take_while(|byte| !is_space(byte) && **byte != 0)
        .copied()
        .collect();
    (!word.is_empty()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines_are_read_as_the_kernel_does() {
        let word = |line: &[u8]| after_marks(line);
        assert_eq!(word(b"#!/bin/sh -eu\necho"), Some(b"/bin/sh".to_vec()));
        assert_eq!(word(b"#! \t/usr/bin/env python3"), Some(b"/usr/bin/env".to_vec()));
        assert_eq!(word(b"#!\n/bin/sh"), None);
        assert_eq!(word(b"\x7fELF"), None);
    }
}
