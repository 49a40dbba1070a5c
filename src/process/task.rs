//! A program to run, and how to observe it.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A program to run.
#[derive(Clone, Debug)]
pub struct Task {
    /// The program's file, absolute.
    pub program: PathBuf,
    /// The program's name in its arguments.
    pub name: OsString,
    /// Arguments after the name.
    pub arguments: Vec<OsString>,
    /// The working folder.
    pub folder: PathBuf,
    /// The complete environment of the program.
    pub environment: Vec<(OsString, OsString)>,
    /// An environment entry, as `NAME=value`, that no other process has. It identifies processes that left the
    /// program's session.
    pub mark: OsString,
    /// Files and folders, with links resolved, whose writers dp waits for after the program itself has exited with 0:
    /// until the timeout, or ten minutes without one.
    pub outputs: Vec<PathBuf>,
    /// The time limit.
    pub timeout: Option<Duration>,
    /// How to observe the program.
    pub watch: Watch,
    /// What the program may do; `None` allows everything.
    pub fence: Option<Fence>,
}

/// How to observe a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// The kernel reports what it does.
    Kernel,
    /// Not at all. A program with a [`Fence`] is observed in any case.
    Nothing,
}

/// What a program may do. A folder allows everything in it. A path that does not exist at the start allows nothing.
///
/// For files, the kernel (Landlock) enforces the fence in addition to dp, so a program can't bypass it. Presence, size
/// and times can always be read. Only dp denies changes of mode, owner and times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fence {
    /// Files and folders that may be read, listed and started.
    pub read: Vec<PathBuf>,
    /// Folders whose names may be listed, including their subfolders. This does not allow reading the files.
    pub list: Vec<PathBuf>,
    /// Files and folders that may be changed, and read.
    pub write: Vec<PathBuf>,
    /// Peers that may be contacted.
    pub connect: Vec<Endpoint>,
}

/// A peer, or a set of peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Peers on the network.
    Network {
        /// The address; `None` for any.
        address: Option<IpAddr>,
        /// The port; `None` for any.
        port: Option<u16>,
    },
    /// A socket in the file system, or all sockets below a folder. Abstract sockets are never allowed.
    Unix(PathBuf),
}

/// The stream of a program's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    /// Its standard output.
    Output,
    /// Its standard error.
    Error,
}
