//! The processes of this machine, from `/proc`.

use std::collections::BTreeMap;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, openat};

/// Reads a whole small file, such as those in `/proc`.
pub(super) fn read_small(path: &Path) -> Option<Vec<u8>> {
    let file = openat(CWD, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let mut bytes = vec![0; 4096];
    let mut length = 0;
    loop {
        match rustix::io::read(&file, &mut bytes[length..]).ok()? {
            0 => break,
            read => length += read,
        }
        if length == bytes.len() {
            bytes.resize(2 * length, 0);
        }
    }
    bytes.truncate(length);
    Some(bytes)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub is_zombie: bool,
    pub parent: u32,
    pub session: u32,
    pub started: u64,
}

/// Parses `/proc/N/stat`.
fn parse(stat: &[u8]) -> Option<Process> {
    // The name before it may contain brackets and spaces.
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let text = std::str::from_utf8(stat.get(end + 2..)?).ok()?;
    let fields: Vec<&str> = text.split(' ').collect();
    Some(Process {
        is_zombie: matches!(*fields.first()?, "Z" | "X"),
        parent: fields.get(1)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
    })
}

pub(super) fn process(number: u32) -> Option<Process> {
    parse(&read_small(Path::new(&format!("/proc/{number}/stat")))?)
}

pub(super) fn processes() -> BTreeMap<u32, Process> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(folder) = openat(CWD, "/proc", flags, Mode::empty()).and_then(rustix::fs::Dir::read_from) else {
        return BTreeMap::new();
    };
    let numbers = folder.flatten().filter_map(|entry| entry.file_name().to_str().ok()?.parse::<u32>().ok());
    numbers.filter_map(|number| Some((number, process(number)?))).collect()
}

/// Whether one process is a descendant of the other.
pub(super) fn descends(table: &BTreeMap<u32, Process>, number: u32, from: u32) -> bool {
    let parent = |number: &u32| table.get(number).map(|process| process.parent);
    std::iter::successors(Some(number), parent).take(table.len() + 1).any(|number| number == from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_a_strange_name_is_read() {
        let stat = b"7 (a) (b c)) S 3 5 4 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 99 100 0";
        assert_eq!(
            parse(stat),
            Some(Process {
                is_zombie: false,
                parent: 3,
                session: 4,
                started: 99
            })
        );
        assert_eq!(parse(b"7 (a"), None);
        assert_eq!(process(std::process::id()).map(|process| process.is_zombie), Some(false));
    }
}
