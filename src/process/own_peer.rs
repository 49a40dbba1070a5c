//! Detects whether a peer on this machine is a process that the program itself started, such as a server for its
//! workers.

use std::collections::BTreeSet;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, openat, readlinkat};

use super::processes::{descends, processes, read_small};

/// The socket tables, with the code of the listening state where it exists.
const TABLES: [(&str, Option<&str>); 4] =
    [("/proc/net/tcp", Some("0A")), ("/proc/net/tcp6", Some("0A")), ("/proc/net/udp", None), ("/proc/net/udp6", None)];

/// Whether a descendant of dp listens on a port of this machine.
pub(super) fn listens(port: u16) -> bool {
    let sockets: BTreeSet<String> = TABLES
        .iter()
        .filter_map(|(table, state)| Some((read_small(Path::new(table))?, state)))
        .flat_map(|(table, state)| sockets_at(&String::from_utf8_lossy(&table), port, *state))
        .collect();
    if sockets.is_empty() {
        return false;
    }
    let table = processes();
    let dp = std::process::id();
    let own = table.keys().filter(|number| **number != dp && descends(&table, **number, dp));
    own.copied().any(|number| holds_one(number, &sockets))
}

/// Returns the sockets in a table that are bound to a port, named as in descriptor links.
fn sockets_at(table: &str, port: u16, state: Option<&str>) -> Vec<String> {
    let suffix = format!(":{port:04X}");
    let lines = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let found = lines.filter(|fields| {
        let is_at = fields.get(1).is_some_and(|local| local.ends_with(&suffix));
        is_at && state.is_none_or(|state| fields.get(3) == Some(&state))
    });
    found.filter_map(|fields| Some(format!("socket:[{}]", fields.get(9)?))).collect()
}

fn holds_one(process: u32, sockets: &BTreeSet<String>) -> bool {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = format!("/proc/{process}/fd");
    let Ok(entries) = openat(CWD, folder.as_str(), flags, Mode::empty()).and_then(rustix::fs::Dir::read_from) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name().to_string_lossy();
        let target = readlinkat(CWD, format!("{folder}/{name}").as_str(), Vec::new());
        target.is_ok_and(|target| sockets.contains(&*target.to_string_lossy()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_found_by_port_and_state() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
                     \x20  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0\n\
                     \x20  1: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0\n";
        assert_eq!(sockets_at(table, 8080, Some("0A")), ["socket:[4711]"]);
        assert_eq!(sockets_at(table, 8080, None).len(), 2);
        assert!(sockets_at(table, 8081, None).is_empty());
    }
}
