//! Which contacts of a program are expected.

use std::net::IpAddr;
use std::path::Path;

use super::judge::Judge;
use crate::process::{Access, Contact, Endpoint};

impl Judge<'_> {
    pub(super) fn contact(&mut self, access: &Access) {
        let Some(contact) = &access.contact else {
            return;
        };
        let shown = contact_text(contact);
        // The answers of other processes on this machine can change like those of a remote host.
        let beyond = match contact {
            Contact::Network { address, port, .. } => {
                !is_loopback(*address) || !(access.own_peer || *port == NAME_SERVER)
            }
            Contact::Unix(path) => {
                !is_plumbing(path) && !self.made.contains(path) && !access.real.starts_with(self.expected.own)
            }
            Contact::Abstract(_) | Contact::Other(_) => false,
        };
        let noise = match contact {
            Contact::Unix(path) if !beyond => self.expected.noise.rule_of(path).map(str::to_owned),
            _ => None,
        };
        let allowed = self.expected.connect.iter().any(|endpoint| admits(endpoint, contact));
        let expected = !beyond || allowed || self.expected.refreshes;
        self.note(access, noise.as_deref(), (expected && !access.denied) || noise.is_some());
        if access.denied && noise.is_none() {
            self.denied.entry("contacting").or_default().insert(shown);
        } else if beyond {
            self.judged.contacted.insert(shown.clone());
            if !self.expected.refreshes {
                self.contacts.insert(shown);
            }
        }
    }
}

/// The port of name servers. Most machines have a local one that forwards queries.
const NAME_SERVER: u16 = 53;

/// System sockets that libraries use: to resolve names and users, to write to the log, to reach the desktop.
const PLUMBING: [&str; 15] = [
    "/dev/log",
    "/run/systemd",
    "/run/dbus",
    "/run/nscd",
    "/run/nslcd",
    "/run/udev",
    "/run/uuidd",
    "/run/user",
    "/run/avahi-daemon",
    "/run/samba/winbindd",
    "/var/lib/sss",
    "/var/run/nscd",
    "/var/run/dbus",
    "/var/run/nslcd",
    "/tmp/.X11-unix",
];

fn is_plumbing(path: &Path) -> bool {
    PLUMBING.iter().any(|folder| path.starts_with(folder))
}

fn is_loopback(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_unspecified(),
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
        }
    }
}

/// Returns a peer for display and for the state.
pub(super) fn contact_text(contact: &Contact) -> String {
    match contact {
        Contact::Network {
            address: IpAddr::V6(address),
            port,
            ..
        } => format!("[{address}]:{port}"),
        Contact::Network { address, port, .. } => format!("{address}:{port}"),
        Contact::Unix(path) => format!("unix:{}", path.display()),
        Contact::Abstract(name) => format!("unix:@{}", String::from_utf8_lossy(name)),
        Contact::Other(family) => format!("address family {family}"),
    }
}

fn admits(endpoint: &Endpoint, contact: &Contact) -> bool {
    match (endpoint, contact) {
        (
            Endpoint::Network { address, port },
            Contact::Network {
                address: there,
                port: at,
                ..
            },
        ) => address.is_none_or(|address| address == *there) && port.is_none_or(|port| port == *at),
        (Endpoint::Unix(folder), Contact::Unix(path)) => path.starts_with(folder),
        _ => false,
    }
}
