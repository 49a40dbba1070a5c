//! Reads from registers and memory what a stopped thread is about to do.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;

use super::calls::{Ask, EMPTY_PATH, Follow, Machine, Means, Place, REMOVE_FOLDER};
use super::contact::{Exchange, How};
use super::memory::Memory;
use super::{interpreter, paths};

/// The number of bytes of a program's arguments that are kept.
const MOST_ARGUMENTS: usize = 4096;
/// `RESOLVE_IN_ROOT`: the folder acts as the root.
const IN_ROOT: u64 = 0x10;

/// A system call of a stopped thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub id: u64,
    pub thread: u32,
    /// The kernel's number for the machine.
    pub audit: u32,
    pub number: u32,
    pub arguments: [u64; 6],
}

/// An intended action; paths are absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Open {
        path: Vec<u8>,
        flags: u32,
    },
    Look {
        path: Vec<u8>,
        follow: bool,
        ask: Ask,
    },
    /// Reads the names in an open folder.
    List {
        path: Vec<u8>,
    },
    Alter {
        path: Vec<u8>,
        follow: bool,
    },
    Truncate {
        path: Vec<u8>,
    },
    Make {
        path: Vec<u8>,
    },
    Link {
        from: Vec<u8>,
        follow: bool,
        to: Vec<u8>,
    },
    Rename {
        from: Vec<u8>,
        to: Vec<u8>,
        flags: u32,
    },
    Remove {
        path: Vec<u8>,
    },
    RemoveFolder {
        path: Vec<u8>,
    },
    /// `interpreters` are programs that the kernel opens to run the first one, such as the one after `#!`.
    Start {
        path: Vec<u8>,
        arguments: Vec<OsString>,
        interpreters: Vec<Vec<u8>>,
    },
    Contact(Exchange),
}

impl Act {
    /// Whether the target must be inspected before the action.
    pub(super) fn changes_what_is_there(&self) -> bool {
        match self {
            Self::Open { flags, .. } => flags & libc::O_CREAT.cast_unsigned() != 0,
            Self::Make { .. }
            | Self::Link { .. }
            | Self::Rename { .. }
            | Self::Remove { .. }
            | Self::RemoveFolder { .. } => true,
            Self::Look { .. }
            | Self::List { .. }
            | Self::Alter { .. }
            | Self::Truncate { .. }
            | Self::Start { .. }
            | Self::Contact(_) => false,
        }
    }
}

/// Returns the actions of a call; none if its path is invalid.
pub(super) fn read(told: &Told, machine: Machine, means: Means) -> io::Result<Vec<Act>> {
    let narrow = machine.is_narrow(told.number);
    let reader = Reader {
        memory: Memory::of(told.thread, narrow),
        thread: told.thread,
        arguments: if narrow { told.arguments.map(|argument| argument & 0xffff_ffff) } else { told.arguments },
    };
    reader.acts(means)
}

/// Whether an open with these flags follows a link at the end of its path.
pub(super) fn follows_link(flags: u32) -> bool {
    let has = |flag: i32| flags & flag.cast_unsigned() == flag.cast_unsigned();
    !(has(libc::O_NOFOLLOW) || has(libc::O_CREAT) && has(libc::O_EXCL))
}

/// Reads the arguments of a call.
pub(super) struct Reader {
    pub memory: Memory,
    pub thread: u32,
    pub arguments: [u64; 6],
}

impl Reader {
    pub(super) fn argument(&self, index: u8) -> u64 {
        self.arguments[usize::from(index)]
    }

    /// Returns the argument as the kernel reads flags and descriptors.
    #[expect(clippy::cast_possible_truncation, reason = "so does the kernel")]
    pub(super) fn number(&self, index: u8) -> u32 {
        self.argument(index) as u32
    }

    fn follows(&self, follow: Follow) -> bool {
        match follow {
            Follow::Yes => true,
            Follow::No => false,
            Follow::Unless(index, bit) => self.number(index) & bit == 0,
            Follow::Only(index, bit) => self.number(index) & bit != 0,
        }
    }

    fn path(&self, place: Place) -> io::Result<Option<Vec<u8>>> {
        let Some(text) = self.memory.text(self.argument(place.path))? else {
            return Ok(None);
        };
        Ok(self.absolute(place, &text))
    }

    fn absolute(&self, place: Place, text: &[u8]) -> Option<Vec<u8>> {
        self.absolute_by(place, text, self.follows(place.follow))
    }

    fn absolute_by(&self, place: Place, text: &[u8], follow: bool) -> Option<Vec<u8>> {
        let folder = place.folder.map(|folder| self.number(folder).cast_signed());
        paths::absolute(self.thread, folder, text, follow)
    }

    pub(super) fn acts(&self, means: Means) -> io::Result<Vec<Act>> {
        let act = match means {
            Means::Open(place, flags) => {
                let flags = self.number(flags);
                let text = self.memory.text(self.argument(place.path))?;
                let path = text.and_then(|text| self.absolute_by(place, &text, follows_link(flags)));
                path.map(|path| Act::Open { path, flags })
            }
            Means::Create(place) => self.path(place)?.map(|path| Act::Open {
                path,
                flags: (libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC).cast_unsigned(),
            }),
            Means::OpenHow(place, how) => self.open_how(place, self.argument(how))?,
            Means::Look(place, ask) => self.path(place)?.map(|path| Act::Look {
                path,
                follow: self.follows(place.follow),
                ask,
            }),
            Means::List => paths::opened(self.thread, self.number(0).cast_signed()).map(|path| Act::List { path }),
            Means::Tree(place, _) => self.path(place)?.map(|path| Act::Look {
                path,
                follow: self.follows(place.follow),
                ask: Ask::Presence,
            }),
            Means::Alter(place) => self.path(place)?.map(|path| Act::Alter {
                path,
                follow: self.follows(place.follow),
            }),
            Means::Truncate(place) => self.path(place)?.map(|path| Act::Truncate { path }),
            Means::Make(place) => self.path(place)?.map(|path| Act::Make { path }),
            Means::Link(from, to) => match (self.linked(from)?, self.path(to)?) {
                (Some(path), Some(to)) => Some(Act::Link {
                    from: path,
                    follow: self.follows(from.follow),
                    to,
                }),
                _ => None,
            },
            Means::Rename(from, to, flags) => match (self.path(from)?, self.path(to)?) {
                (Some(from), Some(to)) => Some(Act::Rename {
                    from,
                    to,
                    flags: flags.map_or(0, |index| self.number(index)),
                }),
                _ => None,
            },
            Means::Remove(place) => self.path(place)?.map(|path| Act::Remove { path }),
            Means::RemoveFolder(place) => self.path(place)?.map(|path| Act::RemoveFolder { path }),
            Means::RemoveEither(place, flags) => self.path(place)?.map(|path| {
                if self.number(flags) & REMOVE_FOLDER == 0 { Act::Remove { path } } else { Act::RemoveFolder { path } }
            }),
            Means::Start(place, list) => self.start(place, list)?,
            Means::Connect => self.connect()?,
            Means::Bind => match self.peer(1, 2, false)?.1 {
                Some(super::Contact::Unix(path)) => Some(Act::Make {
                    path: path.into_os_string().into_vec(),
                }),
                _ => None,
            },
            Means::SendTo => {
                let (address, contact) = self.peer(4, 5, true)?;
                let pieces = vec![(self.argument(1), self.argument(2))];
                let how = How::Send {
                    flags: self.number(3).cast_signed(),
                    pieces,
                };
                Some(Act::Contact(Exchange {
                    socket: self.socket(),
                    address,
                    contact,
                    how,
                }))
            }
            Means::Send => self.message(self.argument(1), self.number(2))?.map(Act::Contact),
            Means::SendMany => return self.messages(),
            Means::Sockets => return self.sockets(),
            Means::Refused(_) | Means::Blind(_) => None,
        };
        Ok(act.into_iter().collect())
    }

    fn open_how(&self, place: Place, how: u64) -> io::Result<Option<Act>> {
        let Some(text) = self.memory.text(self.argument(place.path))? else {
            return Ok(None);
        };
        let flags = u64::from_ne_bytes(self.memory.exact(how)?);
        let resolve = u64::from_ne_bytes(self.memory.exact(how + 16)?);
        let inside = resolve & IN_ROOT != 0;
        let start = if inside { text.iter().take_while(|byte| **byte == b'/').count() } else { 0 };
        let text = if inside && start == text.len() { b"." } else { &text[start..] };
        let flags = u32::try_from(flags & 0xffff_ffff).unwrap_or_default();
        Ok(self.absolute_by(place, text, follows_link(flags)).map(|path| Act::Open { path, flags }))
    }

    /// Returns the old path of a link, which may be an open file without a path.
    fn linked(&self, place: Place) -> io::Result<Option<Vec<u8>>> {
        let Some(text) = self.memory.text(self.argument(place.path))? else {
            return Ok(None);
        };
        if text.is_empty() {
            return Ok(self.folder(place));
        }
        // An unnamed file is linked through its entry in `/proc`; only the new name matters.
        Ok(self.absolute(place, &text))
    }

    fn folder(&self, place: Place) -> Option<Vec<u8>> {
        place.folder.and_then(|folder| paths::opened(self.thread, self.number(folder).cast_signed()))
    }

    fn start(&self, place: Place, list: u8) -> io::Result<Option<Act>> {
        let Some(text) = self.memory.text(self.argument(place.path))? else {
            return Ok(None);
        };
        let by_descriptor = text.is_empty() && place.folder.is_some() && self.number(4) & EMPTY_PATH != 0;
        let path = if by_descriptor { self.folder(place) } else { self.absolute(place, &text) };
        let Some(path) = path else {
            return Ok(None);
        };
        // Programs may be started without a list, and an unreadable list makes the call fail.
        let arguments = self.list(self.argument(list)).unwrap_or_default();
        let interpreters = interpreter::of(self.thread, &path);
        Ok(Some(Act::Start {
            path,
            arguments,
            interpreters,
        }))
    }

    fn list(&self, list: u64) -> io::Result<Vec<OsString>> {
        let mut arguments = Vec::new();
        let mut left = MOST_ARGUMENTS;
        for position in 0.. {
            let address = self.memory.nth(list, position)?;
            if address == 0 {
                break;
            }
            let text = self.memory.text(address)?.unwrap_or_default();
            if text.len() >= left {
                // Never a part of a word: secrets in it can be masked only if they are whole.
                break;
            }
            left -= text.len() + 1;
            arguments.push(OsString::from_vec(text));
        }
        Ok(arguments)
    }
}
