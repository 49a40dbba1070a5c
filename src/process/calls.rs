//! What each system call that looks up a path or names a peer means.

use std::sync::OnceLock;

use super::call_tables;

/// `AT_EMPTY_PATH`: the folder is itself what is meant.
pub(super) const EMPTY_PATH: u32 = 0x1000;
/// `AT_SYMLINK_NOFOLLOW`.
pub(super) const NO_FOLLOW: u32 = 0x100;
/// `AT_SYMLINK_FOLLOW`.
pub(super) const FOLLOW: u32 = 0x400;
/// `AT_REMOVEDIR`.
pub(super) const REMOVE_FOLDER: u32 = 0x200;
/// Set in the numbers of x32, which are otherwise those of `x86_64`.
pub(super) const X32: u32 = 0x4000_0000;

/// More than the number of any call.
const MOST_NUMBERS: usize = 640;

/// A table of system calls: a processor and how programs are compiled for it.
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
    /// Those that programs can be compiled for which run here.
    #[cfg(target_arch = "aarch64")]
    pub(super) const HERE: &[Self] = &[Self::Aarch64];
    /// Those that programs can be compiled for which run here.
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

    /// The kernel's calls on this machine, by name.
    pub(super) fn list(self) -> Vec<(&'static str, u32)> {
        let name = |number: usize| match self {
            Self::X8664 => syscalls::x86_64::Sysno::new(number).map(|call| call.name()),
            Self::I386 => syscalls::x86::Sysno::new(number).map(|call| call.name()),
            Self::Aarch64 => syscalls::aarch64::Sysno::new(number).map(|call| call.name()),
        };
        (0..MOST_NUMBERS).filter_map(|number| Some((name(number)?, u32::try_from(number).ok()?))).collect()
    }

    /// The calls that are told of.
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

    /// The ranges of numbers that the table knows nothing of, each without its end: calls of a newer kernel.
    pub(super) fn unknown(self) -> &'static [(u32, Option<u32>)] {
        match self {
            Self::X8664 => &[(call_tables::LAST + 1, Some(512)), (548, None)],
            Self::I386 | Self::Aarch64 => &[(call_tables::LAST + 1, None)],
        }
    }

    /// Whether addresses in memory are four bytes, for a call with this number.
    pub(super) fn is_narrow(self, number: u32) -> bool {
        self == Self::I386 || number & X32 != 0
    }
}

/// A system call that is told of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub number: u32,
    pub means: Means,
    pub pass: Pass,
}

/// What is let through without being told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    Never,
    /// A folder's descriptor in this argument, and `AT_EMPTY_PATH` in that one: no look-up.
    Empty(u8, u8),
    /// This argument is null.
    Null(u8),
    /// None of these bits in this argument.
    Without(u8, u32),
}

/// Which arguments name a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The descriptor of the folder that it is relative to; the working folder without one.
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
    /// Only if it is.
    Only(u8, u32),
}

/// What a look asks for, beside whether something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Presence,
    /// What it is, and of an ordinary file size, times and mode.
    Stat,
    /// Where a link leads.
    Link,
}

/// What a system call does with which arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// Flags in this argument.
    Open(Place, u8),
    /// Flags in a `struct open_how` at this argument.
    OpenHow(Place, u8),
    Create(Place),
    Look(Place, Ask),
    /// Reads the names in an open folder.
    List,
    /// A tree of mounts is opened, and copied by a bit in this argument: what is opened in a copy can't be seen.
    Tree(Place, u8),
    /// Mode, owner, times, attributes.
    Alter(Place),
    Truncate(Place),
    /// A folder, node or symbolic link.
    Make(Place),
    Link(Place, Place),
    /// Flags, if it has any, in this argument.
    Rename(Place, Place, Option<u8>),
    Remove(Place),
    RemoveFolder(Place),
    /// Flags that tell which of the two in this argument.
    RemoveEither(Place, u8),
    /// The list of arguments at this argument.
    Start(Place, u8),
    Connect,
    Bind,
    SendTo,
    /// One message.
    Send,
    /// Many.
    SendMany,
    /// i386: which call stands in the first argument, where its arguments are in the second.
    Sockets,
    /// Refused as if the kernel did not have it; what it would do can't be seen.
    Refused(&'static str),
    /// Let through, but what follows from it can't be seen.
    Blind(&'static str),
}

/// A path relative to the working folder.
pub(super) const fn at(path: u8, follow: Follow) -> Place {
    Place {
        folder: None,
        path,
        follow,
    }
}

/// A path relative to the folder in the argument before it.
pub(super) const fn within(path: u8, follow: Follow) -> Place {
    Place {
        folder: Some(path - 1),
        path,
        follow,
    }
}

/// What the calls of one machine mean, by number.
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

    /// The machine and the meaning, as far as they are known.
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
