//! What exists at a path, and the permissions on it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{self, Access as Rights, AtFlags, CWD, FileType, Mode, OFlags};

use super::Stamp;

/// The state of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    pub kind: Kind,
    pub stamp: Stamp,
    /// Whether the path itself is a link.
    pub is_link: bool,
    /// Whether everyone may read it.
    pub is_public: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Link,
    Other,
}

pub(super) fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// Inspects a path; `None` if nothing exists, or if dp, like the program, has no access.
pub(super) fn look(at: &[u8], follow: bool) -> Option<Look> {
    let of = |flags| fs::statat(CWD, path(at), flags | AtFlags::NO_AUTOMOUNT).ok();
    let mut stat = of(AtFlags::SYMLINK_NOFOLLOW)?;
    let is_link = FileType::from_raw_mode(stat.st_mode) == FileType::Symlink;
    if is_link && follow {
        stat = of(AtFlags::empty())?;
    }
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        _ => Kind::Other,
    };
    Some(Look {
        kind,
        stamp: stamp(&stat),
        is_link,
        is_public: stat.st_mode & 0o444 == 0o444,
    })
}

/// Converts the kernel's metadata of a file to a stamp.
pub(super) fn stamp(stat: &fs::Stat) -> Stamp {
    let nanoseconds = |seconds: i64, rest: u64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
    Stamp {
        device: stat.st_dev,
        inode: stat.st_ino,
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        mtime_ns: nanoseconds(stat.st_mtime, stat.st_mtime_nsec),
        ctime_ns: nanoseconds(stat.st_ctime, stat.st_ctime_nsec),
    }
}

pub(super) fn may_read(at: &[u8]) -> bool {
    may(at, Rights::READ_OK)
}

pub(super) fn may_write(at: &[u8]) -> bool {
    may(at, Rights::WRITE_OK)
}

pub(super) fn may_start(at: &[u8]) -> bool {
    may(at, Rights::EXEC_OK)
}

/// Whether an entry of the parent folder may be created or removed.
pub(super) fn may_change_entry(at: &[u8]) -> bool {
    may(parent(at), Rights::WRITE_OK | Rights::EXEC_OK)
}

fn may(at: &[u8], rights: Rights) -> bool {
    fs::accessat(CWD, path(at), rights, AtFlags::EACCESS).is_ok()
}

/// Returns the parent folder; for the root, the root itself.
pub(super) fn parent(at: &[u8]) -> &[u8] {
    match at.iter().rposition(|byte| *byte == b'/') {
        None | Some(0) => b"/",
        Some(end) => &at[..end],
    }
}

/// Whether it is an empty folder.
pub(super) fn is_empty_folder(at: &[u8]) -> bool {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(folder) = fs::open(path(at), flags, Mode::empty()) else {
        return false;
    };
    let Ok(entries) = fs::Dir::read_from(folder) else {
        return false;
    };
    entries.flatten().all(|entry| matches!(entry.file_name().to_bytes(), b"." | b".."))
}
