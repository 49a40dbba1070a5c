//! Detects what a program changed by comparing a folder before and after, where the kernel can't report it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;

use super::look::stamp;
use super::{Access, Asked, ProcessError, Stamp, What};

/// The state of everything in a folder at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, Entry>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    kind: FileType,
    stamp: Stamp,
}

impl Snapshot {
    /// Inspects everything below a folder except what is below `leave_out`. Links are not followed.
    pub fn of(root: &Path, leave_out: &[PathBuf]) -> Result<Self, ProcessError> {
        let mut entries = BTreeMap::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let names = match names(&folder) {
                Ok(names) => names,
                // The folder was removed meanwhile.
                Err(Errno::NOENT) if folder != root => continue,
                Err(error) => return Err(failed(folder, error)),
            };
            for name in names {
                let path = folder.join(name);
                if leave_out.contains(&path) {
                    continue;
                }
                let stat = match statat(CWD, &path, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => stat,
                    Err(Errno::NOENT) => continue,
                    Err(error) => return Err(failed(path, error)),
                };
                let kind = FileType::from_raw_mode(stat.st_mode);
                if kind == FileType::Directory {
                    folders.push(path.clone());
                }
                entries.insert(
                    path,
                    Entry {
                        kind,
                        stamp: stamp(&stat),
                    },
                );
            }
        }
        Ok(Self(entries))
    }

    /// Returns what was created, written or removed until the later snapshot, by path. Reads, and the programs, are
    /// unknown.
    pub fn changes(&self, after: &Self) -> Vec<Access> {
        let mut changes: BTreeMap<&Path, (What, Stamp)> = BTreeMap::new();
        for (path, before) in &self.0 {
            match after.0.get(path) {
                None => drop(changes.insert(path, (What::Removed, before.stamp))),
                // A folder changes with each entry, and the entry itself is reported.
                Some(now) if now.kind == FileType::Directory && before.kind == now.kind => {}
                Some(now) if now != before => drop(changes.insert(path, (What::Wrote, now.stamp))),
                Some(_) => {}
            }
        }
        for (path, now) in &after.0 {
            if !self.0.contains_key(path) {
                changes.insert(path, (What::Created, now.stamp));
            }
        }
        let access = |(first, (path, (what, stamp))): (u64, (&Path, (What, Stamp)))| Access {
            what,
            path: path.to_owned(),
            real: path.to_owned(),
            links: Vec::new(),
            asked: Asked::default(),
            to: None,
            contact: None,
            own_peer: false,
            arguments: Vec::new(),
            count: 1,
            first,
            denied: false,
            by: String::new(),
            stamp: Some(stamp),
        };
        (0..).zip(changes).map(access).collect()
    }
}

fn names(folder: &Path) -> Result<Vec<PathBuf>, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut names = Vec::new();
    for entry in Dir::read_from(openat(CWD, folder, flags, Mode::empty())?)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if !matches!(name, b"." | b"..") {
            names.push(super::paths::owned(name.to_vec()));
        }
    }
    Ok(names)
}

fn failed(path: PathBuf, error: Errno) -> ProcessError {
    ProcessError::Compare {
        path,
        source: io::Error::from(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, bytes: &[u8]) {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC;
        let file = openat(CWD, path, flags, Mode::RUSR | Mode::WUSR).unwrap();
        rustix::io::write(file, bytes).unwrap();
    }

    #[test]
    fn changes_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["kept", "changed", "removed", "skipped"] {
            write(&at(name), b"1");
        }
        let snapshot = || Snapshot::of(folder.path(), &[at("skipped")]).unwrap();
        let before = snapshot();
        assert_eq!(before.changes(&before), []);
        write(&at("changed"), b"22");
        write(&at("skipped"), b"22");
        rustix::fs::unlink(at("removed")).unwrap();
        rustix::fs::mkdir(at("new"), Mode::RWXU).unwrap();
        write(&at("new/file"), b"");
        let changes: Vec<_> =
            before.changes(&snapshot()).into_iter().map(|access| (access.what, access.path)).collect();
        assert_eq!(
            changes,
            [
                (What::Wrote, at("changed")),
                (What::Created, at("new")),
                (What::Created, at("new/file")),
                (What::Removed, at("removed")),
            ]
        );
        assert!(Snapshot::of(&at("none"), &[]).is_err());
    }
}
