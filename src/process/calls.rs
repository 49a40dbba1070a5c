//! The meaning of each system call that looks up a path or names a peer.

use std::sync::OnceLock;

use super::call_tables;

/// `AT_EMPTY_PATH`: the descriptor itself is the target.
pub(super) const EMPTY_PATH: u32 = 0x1000;
/// `AT_SYMLINK_NOFOLLOW`.
pub(super) const NO_FOLLOW: u32 = 0x100;
/// `AT_SYMLINK_FOLLOW`.
pub(super) const FOLLOW: u32 = 0x400;
/// `AT_REMOVEDIR`.
pub(super) const REMOVE_FOLDER: u32 = 0x200;
/// The bit in the numbers of x32, which are otherwise those of `x86_64`.
pub(super) const X32: u32 = 0x4000_0000;

/// A number greater than that of any call.
const MOST_NUMBERS: usize = 640;

/// A table of system calls: a processor, and an ABI of programs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Machine {
    #[cfg_attr(
        all(target_arch = "aarch64", not(test)),
        expect(dead_code, reason = "each build knows its own machines")
    )]
    X8664,
    #[cfg_attr(
        all(target_arch = "aarch64", not(test)),
        expect(dead_code, reason = "each build knows its own machines")
    )]
    I386,
    #[cfg_attr(
        not(any(target_arch = "aarch64", test)),
        expect(dead_code, reason = "each build knows its own machines")
    )]
    Aarch64,
}

impl Machine {
    /// The ABIs of programs that run on this machine.
    #[cfg(target_arch = "aarch64")]
    pub(super) const HERE: &[Self] = &[Self::Aarch64];
    /// The ABIs of programs that run on this machine.
    #[cfg(not(target_arch = "aarch64"))]
    pub(super) const HERE: &[Self] = &[Self::X8664, Self::I386];

    /// The kernel's `AUDIT_ARCH_` number.
    pub(super) fn audit(self) -> u32 {
        match self {
            Self::X8664 => 0xc000_003e,
            Self::I386 => 0x4000_0003,
            Self::Aarch64 => 0xc000_00b7,
        }
    }

    #[cfg(test)]
    pub(super) const ALL: [Self; 3] = [Self::X8664, Self::I386, Self::Aarch64];

    /// Returns the kernel's calls on this machine, by name.
    pub(super) fn list(self) -> Vec<(&'static str, u32)> {
        let name = |number: usize| match self {
            Self::X8664 => syscalls::x86_64::Sysno::new(number).map(|call| call.name()),
            Self::I386 => syscalls::x86::Sysno::new(number).map(|call| call.name()),
            Self::Aarch64 => syscalls::aarch64::Sysno::new(number).map(|call| call.name()),
        };
        (0..MOST_NUMBERS).filter_map(|number| Some((name(number)?, u32::try_from(number).ok()?))).collect()
    }

    /// Returns the observed calls.
    pub(super) fn calls(self) -> &'static [Call] {
        static CALLS: [OnceLock<Vec<Call>>; 3] = [const { OnceLock::new() }; 3];
        CALLS[self as usize].get_or_init(|| {
            let of_x32: &[(u32, &str)] = if self == Self::X8664 { call_tables::OF_X32 } else { &[] };
            let numbers = self.list().into_iter().chain(of_x32.iter().map(|(number, name)| (*name, *number)));
            numbers
                .filter_map(|(name, number)| {
                    let (_, pass, means) = *call_tables::CALLS.iter().find(|(known, ..)| *known == name)?;
                    Some(Call { number, means, pass })
                })
                .collect()
        })
    }

    /// Returns the ranges of numbers that the table does not know, each without its end: calls of a newer kernel.
    pub(super) fn unknown(self) -> &'static [(u32, Option<u32>)] {
        match self {
            Self::X8664 => &[(call_tables::LAST + 1, Some(512)), (548, None)],
            Self::I386 | Self::Aarch64 => &[(call_tables::LAST + 1, None)],
        }
    }

    /// Whether addresses have four bytes in a call with this number.
    pub(super) fn is_narrow(self, number: u32) -> bool {
        self == Self::I386 || number & X32 != 0
    }
}

/// An observed system call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub number: u32,
    pub means: Means,
    pub pass: Pass,
}

/// The condition under which a call passes unobserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    Never,
    /// A folder's descriptor in the first argument and `AT_EMPTY_PATH` in the second: no look-up.
    Empty(u8, u8),
    /// This argument is null.
    Null(u8),
    /// None of these bits in this argument.
    Without(u8, u32),
}

/// The arguments that name a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The argument with the descriptor of the base folder; `None` for the working folder.
    pub folder: Option<u8>,
    pub path: u8,
    pub follow: Follow,
}

/// Whether a link at the end of the path is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follow {
    Yes,
    No,
    /// Unless the bit is set in this argument.
    Unless(u8, u32),
    /// Only if the bit is set in this argument.
    Only(u8, u32),
}

/// What a look asks for in addition to presence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Presence,
    /// The kind of the entry; for a regular file also size, times and mode.
    Stat,
    /// The target of a link.
    Link,
}

/// The meaning of a system call and its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// The flags are in this argument.
    Open(Place, u8),
    /// The flags are in a `struct open_how` at this argument.
    OpenHow(Place, u8),
    Create(Place),
    Look(Place, Ask),
    /// Reads the names in an open folder.
    List,
    /// A tree of mounts is opened, and copied if a bit in this argument is set: opens inside a copy can't be observed.
    Tree(Place, u8),
    /// Sets mode, owner, times or attributes.
    Alter(Place),
    Truncate(Place),
    /// Creates a folder, node or symbolic link.
    Make(Place),
    Link(Place, Place),
    /// The flags are in this argument, if the call has any.
    Rename(Place, Place, Option<u8>),
    Remove(Place),
    RemoveFolder(Place),
    /// The flags in this argument decide between the two.
    RemoveEither(Place, u8),
    /// The list of program arguments is at this argument.
    Start(Place, u8),
    Connect,
    Bind,
    SendTo,
    /// Sends one message.
    Send,
    /// Sends several messages.
    SendMany,
    /// i386: the call is in the first argument, and its arguments are at the second.
    Sockets,
    /// Denied as if the kernel did not have the call: its effect can't be observed.
    Refused(&'static str),
    /// Allowed, but its effects can't be observed.
    Blind(&'static str),
}

/// Creates a place relative to the working folder.
pub(super) const fn at(path: u8, follow: Follow) -> Place {
    Place {
        folder: None,
        path,
        follow,
    }
}

/// Creates a place relative to the folder in the previous argument.
pub(super) const fn within(path: u8, follow: Follow) -> Place {
    Place {
        folder: Some(path - 1),
        path,
        follow,
    }
}

/// The meanings of the calls of each machine, by number.
#[derive(Debug)]
pub(super) struct Meanings(Vec<(Machine, Vec<Option<Means>>)>);

impl Meanings {
    pub(super) fn here() -> Self {
        let table = |machine: Machine| {
            let mut table = vec![None; MOST_NUMBERS];
            for call in machine.calls() {
                if let Some(entry) = table.get_mut(call.number as usize) {
                    *entry = Some(call.means);
                }
            }
            (machine, table)
        };
        Self(Machine::HERE.iter().map(|machine| table(*machine)).collect())
    }

    /// Returns the machine and the meaning, as far as they are known.
    pub(super) fn of(&self, audit: u32, number: u32) -> (Option<Machine>, Option<Means>) {
        let Some((machine, table)) = self.0.iter().find(|(machine, _)| machine.audit() == audit) else {
            return (None, None);
        };
        let number = if *machine == Machine::X8664 { number & !X32 } else { number };
        (Some(*machine), table.get(number as usize).copied().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_fit_the_table() {
        for machine in Machine::ALL {
            let mut numbers: Vec<u32> = machine.calls().iter().map(|call| call.number).collect();
            numbers.sort_unstable();
            assert!(numbers.windows(2).all(|pair| pair[0] != pair[1]), "{machine:?}");
            assert!(numbers.len() > 60 && numbers.iter().all(|number| (*number as usize) < MOST_NUMBERS));
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn numbers_are_those_of_this_machine() {
        let meanings = Meanings::here();
        let of = |number: i64| meanings.of(0xc000_003e, u32::try_from(number).unwrap()).1;
        assert!(matches!(of(libc::SYS_openat), Some(Means::Open(..))));
        assert!(matches!(of(libc::SYS_renameat2), Some(Means::Rename(_, _, Some(4)))));
        assert!(matches!(of(libc::SYS_execve), Some(Means::Start(..))));
        assert!(matches!(of(libc::SYS_connect), Some(Means::Connect)));
        assert_eq!(of(libc::SYS_read), None);
        assert_eq!(meanings.of(1, 2), (None, None));
    }
}
