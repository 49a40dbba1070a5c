//! The peers that a program names, and the calls that dp makes for it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::OFlags;
use rustix::net::SocketType;
use rustix::net::sockopt::socket_type;
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

use super::{Contact, Protocol, paths};

const UNSPECIFIED: u16 = 0;
const UNIX: u16 = 1;
const INTERNET: u16 = 2;
const INTERNET_6: u16 = 10;
const NETLINK: u16 = 16;

/// `sizeof(struct sockaddr_storage)`.
pub(super) const LONGEST: usize = 128;

/// A call of a program to a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exchange {
    /// The program's socket.
    pub socket: i32,
    /// The address in the kernel's format; empty for a message over a connection.
    pub address: Vec<u8>,
    /// The peer; `None` if it is not external, such as the kernel.
    pub contact: Option<Contact>,
    pub how: How,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum How {
    Connect,
    /// The flags, and the memory ranges of the data.
    Send {
        flags: i32,
        pieces: Vec<(u64, u64)>,
    },
    /// dp can't make this call for the program.
    Elaborate,
}

/// Returns the peer of an address. A message without an address family counts as an internet message.
pub(super) fn parse(thread: u32, address: &[u8], is_message: bool) -> Option<Contact> {
    let family = u16::from_ne_bytes(address.get(..2)?.try_into().ok()?);
    let port = || Some(u16::from_be_bytes(address.get(2..4)?.try_into().ok()?));
    match family {
        UNSPECIFIED if !is_message => None,
        UNSPECIFIED | INTERNET => {
            let bytes: [u8; 4] = address.get(4..8)?.try_into().ok()?;
            Some(network(IpAddr::V4(Ipv4Addr::from(bytes)), port()?))
        }
        INTERNET_6 => {
            let bytes: [u8; 16] = address.get(8..24)?.try_into().ok()?;
            Some(network(IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical(), port()?))
        }
        UNIX => match &address[2..] {
            [] => None,
            [0, name @ ..] => Some(Contact::Abstract(name.to_vec())),
            path => {
                let path = path.split(|byte| *byte == 0).next().unwrap_or_default();
                paths::absolute(thread, None, path, true).map(|path| Contact::Unix(paths::owned(path)))
            }
        },
        NETLINK => None,
        other => Some(Contact::Other(other)),
    }
}

fn network(address: IpAddr, port: u16) -> Contact {
    Contact::Network {
        address,
        port,
        protocol: None,
    }
}

/// Returns a duplicate of a program's socket.
pub(super) fn socket(thread: u32, descriptor: i32) -> io::Result<OwnedFd> {
    let missing = || io::Error::from_raw_os_error(libc::ESRCH);
    let process = paths::process_of(thread).and_then(|process| i32::try_from(process).ok()).ok_or_else(missing)?;
    let process = pidfd_open(Pid::from_raw(process).ok_or_else(missing)?, PidfdFlags::empty())?;
    Ok(pidfd_getfd(process, descriptor, PidfdGetfdFlags::empty())?)
}

pub(super) fn protocol(socket: BorrowedFd<'_>) -> Option<Protocol> {
    match socket_type(socket).ok()? {
        SocketType::STREAM => Some(Protocol::Tcp),
        SocketType::DGRAM => Some(Protocol::Udp),
        _ => None,
    }
}

/// Whether calls on the socket return at once.
pub(super) fn never_waits(socket: BorrowedFd<'_>) -> bool {
    rustix::fs::fcntl_getfl(socket).is_ok_and(|flags| flags.contains(OFlags::NONBLOCK))
}

/// Connects a program's socket on its behalf.
pub(super) fn connect(socket: &OwnedFd, address: &[u8]) -> io::Result<i64> {
    let length = libc::socklen_t::try_from(address.len()).map_err(io::Error::other)?;
    #[expect(unsafe_code, reason = "the address is passed on as the program gave it, of whatever family")]
    // SAFETY: the kernel reads `length` bytes of `address`, which is that long.
    let answer = unsafe { libc::connect(socket.as_raw_fd(), address.as_ptr().cast(), length) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(0) }
}

/// Sends data over a program's socket on its behalf.
pub(super) fn send(socket: &OwnedFd, data: &[u8], flags: i32, address: &[u8]) -> io::Result<i64> {
    let length = libc::socklen_t::try_from(address.len()).map_err(io::Error::other)?;
    #[expect(unsafe_code, reason = "the address is passed on as the program gave it, of whatever family")]
    // SAFETY: the kernel reads exactly the bytes of `data` and `address`.
    let sent = unsafe {
        libc::sendto(
            socket.as_fd().as_raw_fd(),
            data.as_ptr().cast(),
            data.len(),
            flags | libc::MSG_NOSIGNAL,
            address.as_ptr().cast(),
            length,
        )
    };
    if sent < 0 { Err(io::Error::last_os_error()) } else { i64::try_from(sent).map_err(io::Error::other) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let parse = |address: &[u8], is_message| parse(std::process::id(), address, is_message);
        let mut four = vec![2, 0, 0x1f, 0x90, 127, 0, 0, 1];
        four.extend([0; 8]);
        let home = |port| Some(network(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
        assert_eq!(parse(&four, false), home(8080));
        four[0] = 0;
        assert_eq!(parse(&four, false), None);
        assert_eq!(parse(&four, true), home(8080));
        let mut six = vec![10, 0, 0, 80, 0, 0, 0, 0];
        six.extend(Ipv4Addr::LOCALHOST.to_ipv6_mapped().octets());
        assert_eq!(parse(&six, false), home(80));
        assert_eq!(parse(b"\x01\0/run//x\0junk", false), Some(Contact::Unix("/run/x".into())));
        assert_eq!(parse(b"\x01\0\0name", false), Some(Contact::Abstract(b"name".to_vec())));
        assert_eq!(parse(b"\x01\0", false), None);
        assert_eq!(parse(b"\x10\0\0\0", true), None);
        assert_eq!(parse(b"\x28\0\0\0", true), Some(Contact::Other(40)));
        assert_eq!(parse(b"\x02", false), None);
    }
}
