//! Predicts the outcome of an action from the state of the file system.

use std::ffi::OsString;

use super::calls::Ask;
use super::contact::Exchange;
use super::intent::{Act, follows_link};
use super::look::{self, Kind, Look};
use super::paths::{self, Passed, Real};
use super::world::World;
use super::{Asked, Contact, Link, Stamp, What};

/// `RENAME_NOREPLACE`.
const KEEP: u32 = 1;
/// `RENAME_EXCHANGE`.
const EXCHANGE: u32 = 2;

/// The permission that a fence must grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    Read,
    List,
    Write,
    Contact,
}

/// One outcome of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub what: What,
    pub path: Vec<u8>,
    /// Whether a link at the end of the path is, or may be, followed.
    pub follow: bool,
    pub needs: Needs,
    pub asked: Asked,
    pub stamp: Option<Stamp>,
    pub to: Option<Vec<u8>>,
    pub arguments: Vec<OsString>,
    pub contact: Option<Contact>,
    /// Whether the program itself started the peer.
    pub own_peer: bool,
}

impl World {
    /// Returns the outcomes of an action.
    pub(super) fn outcomes(&mut self, act: &Act) -> Vec<Outcome> {
        match act {
            Act::Open { path, flags } => self.open(path, *flags),
            Act::Look { path, follow, ask } => vec![self.asked(path, *follow, *ask)],
            Act::List { path } => vec![match self.at(path, false) {
                Some(look) if look.kind == Kind::Folder => outcome(What::Listed, path, false, Needs::List, Some(look)),
                _ => self.looked(path, false),
            }],
            Act::Alter { path, follow } => vec![self.altered(path, *follow)],
            Act::Truncate { path } => vec![match self.at(path, true) {
                Some(look) if look.kind == Kind::File && self.may_write(path) => {
                    outcome(What::Wrote, path, true, Needs::Write, Some(look))
                }
                _ => self.looked(path, true),
            }],
            Act::Make { path } => vec![self.made(path)],
            Act::Link { from, follow, to } => {
                let mut old = self.looked(from, *follow);
                if old.what == What::Looked {
                    // The new path is a second name for the file.
                    old.needs = Needs::Read;
                    old.what = What::Read;
                }
                let possible = old.what == What::Read || from.starts_with(b"/proc/");
                let new = if possible { self.made(to) } else { self.looked(to, false) };
                vec![old, new]
            }
            Act::Rename { from, to, flags } => self.renamed(from, to, *flags),
            Act::Remove { path } => vec![match self.at(path, false) {
                Some(look) if look.kind != Kind::Folder && look::may_change_entry(path) => {
                    outcome(What::Removed, path, false, Needs::Write, Some(look))
                }
                _ => self.looked(path, false),
            }],
            Act::RemoveFolder { path } => vec![match self.at(path, false) {
                Some(look)
                    if look.kind == Kind::Folder
                        && look::may_change_entry(path)
                        && (look::is_empty_folder(path) || !self.may_read(path, &look)) =>
                {
                    outcome(What::Removed, path, false, Needs::Write, Some(look))
                }
                _ => self.looked(path, false),
            }],
            Act::Start {
                path,
                arguments,
                interpreters,
            } => {
                let mut outcomes = vec![self.started(path, arguments)];
                if outcomes[0].what == What::Started {
                    outcomes.extend(interpreters.iter().map(|path| self.started(path, &[])));
                }
                outcomes
            }
            Act::Contact(exchange) => self.contacted(exchange).into_iter().collect(),
        }
    }

    fn started(&mut self, path: &[u8], arguments: &[OsString]) -> Outcome {
        match self.at(path, true) {
            Some(look) if look.kind == Kind::File && look::may_start(path) => Outcome {
                arguments: arguments.to_vec(),
                ..outcome(What::Started, path, true, Needs::Read, Some(look))
            },
            _ => self.looked(path, true),
        }
    }

    /// Returns the outcome of a look that asks for more than presence.
    fn asked(&mut self, path: &[u8], follow: bool, ask: Ask) -> Outcome {
        let looked = self.looked(path, follow);
        let Some(kind) = self.at(path, follow).map(|look| look.kind) else {
            return looked;
        };
        let asked = Asked {
            stat: ask == Ask::Stat && kind != Kind::Link,
            link: ask == Ask::Link || ask == Ask::Stat && kind == Kind::Link,
        };
        let stamp = looked.stamp.filter(|_| kind == Kind::Link || kind == Kind::File && asked.stat);
        Outcome {
            asked,
            stamp,
            ..looked
        }
    }

    fn looked(&mut self, path: &[u8], follow: bool) -> Outcome {
        let look = self.at(path, follow);
        let what = if look.is_some() { What::Looked } else { What::Absent };
        outcome(what, path, follow, Needs::Nothing, look)
    }

    fn altered(&mut self, path: &[u8], follow: bool) -> Outcome {
        match self.at(path, follow) {
            Some(look) => outcome(What::Metadata, path, follow, Needs::Write, Some(look)),
            None => outcome(What::Absent, path, follow, Needs::Nothing, None),
        }
    }

    fn made(&mut self, path: &[u8]) -> Outcome {
        if self.at(path, false).is_none() && self.may_make(path) {
            return outcome(What::Created, path, false, Needs::Write, None);
        }
        self.looked(path, false)
    }

    fn open(&mut self, path: &[u8], flags: u32) -> Vec<Outcome> {
        let has = |flag: i32| flags & flag.cast_unsigned() == flag.cast_unsigned();
        let (create, exclusive) = (has(libc::O_CREAT), has(libc::O_EXCL));
        let follow = follows_link(flags);
        if has(libc::O_PATH) {
            // Its size and times are read through the descriptor, which is not reported.
            return vec![self.asked(path, follow, Ask::Stat)];
        }
        if has(libc::O_TMPFILE) {
            return vec![self.looked(path, follow)];
        }
        let cuts = has(libc::O_TRUNC);
        let writes = flags & libc::O_ACCMODE.cast_unsigned() != 0 || cuts;
        let reads = !has(libc::O_WRONLY) && !cuts;
        let Some(look) = self.at(path, follow) else {
            let makes = create && self.may_make(path);
            let (what, needs) = if makes { (What::Created, Needs::Write) } else { (What::Absent, Needs::Nothing) };
            return vec![outcome(what, path, follow, needs, None)];
        };
        let fails = match look.kind {
            Kind::Folder => writes || create,
            Kind::Link => true,
            Kind::File | Kind::Other => has(libc::O_DIRECTORY),
        } || create && exclusive
            || reads && !self.may_read(path, &look)
            || writes && !self.may_write(path);
        if fails {
            return vec![outcome(What::Looked, path, follow, needs(reads, writes), Some(look))];
        }
        if look.kind == Kind::Folder {
            // A separate call reads the names; many programs open a folder to sync it, or as a base.
            return vec![outcome(What::Looked, path, follow, Needs::List, Some(look))];
        }
        let read = reads.then(|| outcome(What::Read, path, follow, Needs::Read, Some(look)));
        let wrote = writes.then(|| outcome(What::Wrote, path, follow, Needs::Write, Some(look)));
        read.into_iter().chain(wrote).collect()
    }

    fn renamed(&mut self, from: &[u8], to: &[u8], flags: u32) -> Vec<Outcome> {
        let (old, new) = (self.at(from, false), self.at(to, false));
        let possible = old.is_some()
            && self.at(look::parent(to), true).is_some()
            && look::may_change_entry(from)
            && look::may_change_entry(to)
            && !(flags & KEEP != 0 && new.is_some())
            && !(flags & EXCHANGE != 0 && new.is_none());
        if !possible {
            return vec![self.looked(from, false), self.looked(to, false)];
        }
        let renamed = |from: &[u8], to: &[u8], look| Outcome {
            to: Some(to.to_vec()),
            ..outcome(What::Renamed, from, false, Needs::Write, look)
        };
        let mut outcomes = vec![renamed(from, to, old)];
        if flags & EXCHANGE != 0 {
            outcomes.push(renamed(to, from, new));
        }
        outcomes
    }

    fn contacted(&mut self, exchange: &Exchange) -> Option<Outcome> {
        let contact = exchange.contact.clone()?;
        let path = match &contact {
            Contact::Unix(path) => path.as_os_str().as_encoded_bytes().to_vec(),
            Contact::Network { .. } | Contact::Abstract(_) | Contact::Other(_) => Vec::new(),
        };
        if !path.is_empty() && self.at(&path, true).is_none() {
            return Some(outcome(What::Absent, &path, true, Needs::Nothing, None));
        }
        let own_peer = match &contact {
            Contact::Network { address, port, .. } if address.is_loopback() => self.listens(*port),
            _ => false,
        };
        Some(Outcome {
            contact: Some(contact),
            own_peer,
            ..outcome(What::Contacted, &path, true, Needs::Contact, None)
        })
    }
}

fn needs(reads: bool, writes: bool) -> Needs {
    match (reads, writes) {
        (_, true) => Needs::Write,
        (true, false) => Needs::Read,
        (false, false) => Needs::Nothing,
    }
}

fn outcome(what: What, path: &[u8], follow: bool, needs: Needs, look: Option<Look>) -> Outcome {
    Outcome {
        what,
        path: path.to_vec(),
        follow: follow && look.is_none_or(|look| look.is_link),
        needs,
        asked: Asked::default(),
        stamp: look.filter(|look| !is_of_names(what, look.kind)).map(|look| look.stamp),
        to: None,
        arguments: Vec::new(),
        contact: None,
        own_peer: false,
    }
}

/// Whether the stamp would only reflect the names in it: a folder's stamp changes with each name, and a look at a
/// folder does not depend on the names.
fn is_of_names(what: What, kind: Kind) -> bool {
    what == What::Looked && kind == Kind::Folder
}

impl Outcome {
    /// Converts to the public form, except for what is known only later.
    pub(super) fn access(self, real: Real) -> super::Access {
        let link = |passed: Passed| Link {
            path: paths::owned(passed.path),
            stamp: passed.stamp,
        };
        super::Access {
            what: self.what,
            path: paths::owned(self.path),
            real: paths::owned(real.path),
            links: real.links.into_iter().map(link).collect(),
            asked: self.asked,
            to: self.to.map(paths::owned),
            contact: self.contact,
            own_peer: self.own_peer,
            arguments: self.arguments,
            count: 1,
            first: 0,
            denied: false,
            by: String::new(),
            stamp: self.stamp,
        }
    }
}
