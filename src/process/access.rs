//! One thing that a program did, as often as it did so.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

/// Something a program or one of its descendants did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// What it did.
    pub what: What,
    /// The file, absolute, without `.` and `..`; of a contact, the socket in the file system if it is one.
    pub path: PathBuf,
    /// The same with links resolved: all of them if the call follows them, else those of the folders above it.
    pub real: PathBuf,
    /// The links that the path leads through, in this order.
    pub links: Vec<Link>,
    /// What else than its presence was asked for of what was looked at.
    pub asked: Asked,
    /// The new path of what was renamed.
    pub to: Option<PathBuf>,
    /// The peer that was contacted.
    pub contact: Option<Contact>,
    /// Whether that peer is a process that the program started itself.
    pub own_peer: bool,
    /// Arguments of a program that was started, its name first, cut after 4 KiB in all.
    pub arguments: Vec<OsString>,
    /// How often.
    pub count: u64,
    /// Position of the first time among everything that was done.
    pub first: u64,
    /// Whether the fence refused it.
    pub denied: bool,
    /// File name of the program that did it first.
    pub by: String,
    /// What was there the first time; of something created, nothing was.
    pub stamp: Option<Stamp>,
}

/// A link that a path leads through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where the link lies, absolute, with the links above it resolved.
    pub path: PathBuf,
    /// Its own stamp, not that of what it leads to.
    pub stamp: Stamp,
}

/// What was asked for of something that was looked at, beside whether it is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What it is, and of an ordinary file size, times and mode.
    pub stat: bool,
    /// Whether it is a link, and where that leads.
    pub link: bool,
}

impl Asked {
    /// What was asked for by either of two looks.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            stat: self.stat || other.stat,
            link: self.link || other.link,
        }
    }
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A file was opened for reading.
    Read,
    /// A file that was there was opened for writing, or cut.
    Wrote,
    /// A file, folder or link was made where nothing was.
    Created,
    /// It got another path, [`Access::to`].
    Renamed,
    /// It was removed.
    Removed,
    /// The names in a folder were read.
    Listed,
    /// It was asked for, and was there; also a folder that was opened.
    Looked,
    /// It was asked for or to be opened, and was not there.
    Absent,
    /// Its mode, owner, times or attributes were set.
    Metadata,
    /// A program was started.
    Started,
    /// A peer was contacted.
    Contacted,
}

/// A peer that was contacted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contact {
    /// Over the network.
    Network {
        /// Whose address.
        address: IpAddr,
        /// Which port.
        port: u16,
        /// By which protocol, where it could be found out.
        protocol: Option<Protocol>,
    },
    /// A socket in the file system, absolute.
    Unix(PathBuf),
    /// A socket with a name that is no path.
    Abstract(Vec<u8>),
    /// A peer of another family of addresses, by the kernel's number.
    Other(u16),
}

/// How a peer is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// A stream.
    Tcp,
    /// Datagrams.
    Udp,
}

/// What tells whether a file may have changed without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Device the file is on.
    pub device: u64,
    /// Inode on that device.
    pub inode: u64,
    /// Size in bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970.
    pub mtime_ns: i128,
    /// Time of the last change of the inode in nanoseconds since 1970; users can't set it.
    pub ctime_ns: i128,
}
