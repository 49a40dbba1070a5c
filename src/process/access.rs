//! One kind of access of a program to one target, with the number of times it occurred.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

/// An access by a program or one of its descendants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The kind of access.
    pub what: What,
    /// The file, absolute, without `.` and `..`; for a contact the socket in the file system, if it is one.
    pub path: PathBuf,
    /// The path with links resolved: all of them if the call follows them, otherwise only those of its parent folders.
    pub real: PathBuf,
    /// The links that the path leads through, in order.
    pub links: Vec<Link>,
    /// What the program asked for in addition to the file's presence.
    pub asked: Asked,
    /// The new path of a rename.
    pub to: Option<PathBuf>,
    /// The contacted peer.
    pub contact: Option<Contact>,
    /// Whether the peer is a process that the program itself started.
    pub own_peer: bool,
    /// The arguments of a started program, its name first, cut after 4 KiB in total.
    pub arguments: Vec<OsString>,
    /// The number of times.
    pub count: u64,
    /// The position of the first time among all accesses.
    pub first: u64,
    /// Whether the fence denied it.
    pub denied: bool,
    /// The file name of the program that did it first.
    pub by: String,
    /// The state of the file at the first time; `None` if nothing existed.
    pub stamp: Option<Stamp>,
}

/// A link that a path leads through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The path of the link, absolute, with the links above it resolved.
    pub path: PathBuf,
    /// The link's own stamp, not that of its target.
    pub stamp: Stamp,
}

/// What a look asks for in addition to presence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The kind of the entry; for a regular file also size, times and mode.
    pub stat: bool,
    /// Whether it is a link, and its target.
    pub link: bool,
}

impl Asked {
    /// Returns what either of two looks asks for.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            stat: self.stat || other.stat,
            link: self.link || other.link,
        }
    }
}

/// The kinds of access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A file was opened for reading.
    Read,
    /// An existing file was opened for writing, or truncated.
    Wrote,
    /// A file, folder or link was created where nothing existed.
    Created,
    /// It was renamed to [`Access::to`].
    Renamed,
    /// It was removed.
    Removed,
    /// The names in a folder were read.
    Listed,
    /// It was inspected and exists; also a folder that was opened.
    Looked,
    /// It was inspected or opened and does not exist.
    Absent,
    /// Its mode, owner, times or attributes were set.
    Metadata,
    /// A program was started.
    Started,
    /// A peer was contacted.
    Contacted,
}

/// A contacted peer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contact {
    /// A peer on the network.
    Network {
        /// The address.
        address: IpAddr,
        /// The port.
        port: u16,
        /// The protocol, if it could be detected.
        protocol: Option<Protocol>,
    },
    /// A socket in the file system, absolute.
    Unix(PathBuf),
    /// A socket with an abstract name.
    Abstract(Vec<u8>),
    /// A peer of another address family, by the kernel's number.
    Other(u16),
}

/// A network protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// The data that shows, without reading a file, whether it may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The device of the file.
    pub device: u64,
    /// The inode on that device.
    pub inode: u64,
    /// Size in bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970.
    pub mtime_ns: i128,
    /// The time of the inode's last change in nanoseconds since 1970; users can't set it.
    pub ctime_ns: i128,
}
