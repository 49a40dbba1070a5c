//! What is to be run, and how it is to be watched.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A program to run.
#[derive(Clone, Debug)]
pub struct Task {
    /// The program's file, absolute.
    pub program: PathBuf,
    /// What the program is told its name is.
    pub name: OsString,
    /// Arguments after the name.
    pub arguments: Vec<OsString>,
    /// Folder that it starts in.
    pub folder: PathBuf,
    /// Exactly the environment it gets.
    pub environment: Vec<(OsString, OsString)>,
    /// An entry of the environment, as `NAME=value`, that no other process has: finds what left the program's session.
    pub mark: OsString,
    /// Files and folders, with links resolved, whose writers are waited for once the program itself has ended with 0:
    /// until the timeout, or ten minutes without one.
    pub outputs: Vec<PathBuf>,
    /// Ended after so long.
    pub timeout: Option<Duration>,
    /// How to see what it does.
    pub watch: Watch,
    /// What it may do; without one, everything.
    pub fence: Option<Fence>,
}

/// How to see what a program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// The kernel tells of it.
    Kernel,
    /// Not at all. A program with a [`Fence`] is watched all the same.
    Nothing,
}

/// What a program may do. Folders allow everything in them; what is not there when it starts allows nothing.
///
/// Files are fenced by the kernel (Landlock) as well as by the record, so a program can't slip through. Whether something
/// is there, and its size and times, can always be asked. Changes of mode, owner and times are refused by the record alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fence {
    /// Files and folders that may be read, listed and started.
    pub read: Vec<PathBuf>,
    /// Folders whose names may be listed, and those below them; what is in the files is not read by that.
    pub list: Vec<PathBuf>,
    /// Files and folders that may be changed, and read.
    pub write: Vec<PathBuf>,
    /// Peers that may be contacted.
    pub connect: Vec<Endpoint>,
}

/// A peer, or many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Over the network.
    Network {
        /// Any if `None`.
        address: Option<IpAddr>,
        /// Any if `None`.
        port: Option<u16>,
    },
    /// A socket in the file system, or each below a folder. Those with names that are no paths are never allowed.
    Unix(PathBuf),
}

/// Where a program wrote something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    /// Its standard output.
    Output,
    /// Its standard error.
    Error,
}
