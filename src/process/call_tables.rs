//! The meaning of each system call, by name. The names mean the same on each machine; the numbers come from the crate
//! `syscalls`.

use super::calls::{Ask, FOLLOW, Follow, Means, NO_FOLLOW, Pass, Place, at, within};

/// `CLONE_NEWNS` and `CLONE_NEWUSER`.
const NEW_VIEW: u32 = 0x1002_0000;
/// `IN_DONT_FOLLOW`.
const INOTIFY_NO_FOLLOW: u32 = 0x0200_0000;
/// `FAN_MARK_DONT_FOLLOW`.
const FANOTIFY_NO_FOLLOW: u32 = 4;
/// `FSPICK_SYMLINK_NOFOLLOW`.
const PICK_NO_FOLLOW: u32 = 2;

const MOUNTS: Means = Means::Blind("its own mount namespace");
const NAMESPACES: Means = Means::Blind("its own namespaces");
const ROOT: Means = Means::Blind("another root folder");

/// A look that asks for presence.
const fn there(place: Place) -> Means {
    Means::Look(place, Ask::Presence)
}

/// A look that asks for size and times.
const fn stat(place: Place) -> Means {
    Means::Look(place, Ask::Stat)
}

/// A look that asks for the target of a link.
const fn lead(place: Place) -> Means {
    Means::Look(place, Ask::Link)
}

/// The observed calls. `tests::each_call_of_the_kernel_is_known` compares them with the kernel's list.
#[rustfmt::skip]
pub(super) const CALLS: &[(&str, Pass, Means)] = &[
    ("open", Pass::Never, Means::Open(at(0, Follow::Yes), 1)),
    ("openat", Pass::Never, Means::Open(within(1, Follow::Yes), 2)),
    ("openat2", Pass::Never, Means::OpenHow(within(1, Follow::Yes), 2)),
    ("creat", Pass::Never, Means::Create(at(0, Follow::Yes))),
    ("getdents", Pass::Never, Means::List),
    ("getdents64", Pass::Never, Means::List),
    ("readdir", Pass::Never, Means::List),
    ("stat", Pass::Never, stat(at(0, Follow::Yes))),
    ("stat64", Pass::Never, stat(at(0, Follow::Yes))),
    ("oldstat", Pass::Never, stat(at(0, Follow::Yes))),
    ("lstat", Pass::Never, stat(at(0, Follow::No))),
    ("lstat64", Pass::Never, stat(at(0, Follow::No))),
    ("oldlstat", Pass::Never, stat(at(0, Follow::No))),
    ("newfstatat", Pass::Empty(0, 3), stat(within(1, Follow::Unless(3, NO_FOLLOW)))),
    ("fstatat", Pass::Empty(0, 3), stat(within(1, Follow::Unless(3, NO_FOLLOW)))),
    ("fstatat64", Pass::Empty(0, 3), stat(within(1, Follow::Unless(3, NO_FOLLOW)))),
    ("statx", Pass::Empty(0, 2), stat(within(1, Follow::Unless(2, NO_FOLLOW)))),
    ("access", Pass::Never, there(at(0, Follow::Yes))),
    ("faccessat", Pass::Never, there(within(1, Follow::Yes))),
    ("faccessat2", Pass::Empty(0, 3), there(within(1, Follow::Unless(3, NO_FOLLOW)))),
    ("chdir", Pass::Never, there(at(0, Follow::Yes))),
    ("statfs", Pass::Never, there(at(0, Follow::Yes))),
    ("statfs64", Pass::Never, there(at(0, Follow::Yes))),
    ("readlink", Pass::Never, lead(at(0, Follow::No))),
    ("readlinkat", Pass::Never, lead(within(1, Follow::No))),
    ("inotify_add_watch", Pass::Never, there(at(1, Follow::Unless(2, INOTIFY_NO_FOLLOW)))),
    ("truncate", Pass::Never, Means::Truncate(at(0, Follow::Yes))),
    ("truncate64", Pass::Never, Means::Truncate(at(0, Follow::Yes))),
    ("rename", Pass::Never, Means::Rename(at(0, Follow::No), at(1, Follow::No), None)),
    ("renameat", Pass::Never, Means::Rename(within(1, Follow::No), within(3, Follow::No), None)),
    ("renameat2", Pass::Never, Means::Rename(within(1, Follow::No), within(3, Follow::No), Some(4))),
    ("link", Pass::Never, Means::Link(at(0, Follow::No), at(1, Follow::No))),
    ("linkat", Pass::Never, Means::Link(within(1, Follow::Only(4, FOLLOW)), within(3, Follow::No))),
    ("symlink", Pass::Never, Means::Make(at(1, Follow::No))),
    ("symlinkat", Pass::Never, Means::Make(within(2, Follow::No))),
    ("unlink", Pass::Never, Means::Remove(at(0, Follow::No))),
    ("unlinkat", Pass::Never, Means::RemoveEither(within(1, Follow::No), 2)),
    ("rmdir", Pass::Never, Means::RemoveFolder(at(0, Follow::No))),
    ("mkdir", Pass::Never, Means::Make(at(0, Follow::No))),
    ("mkdirat", Pass::Never, Means::Make(within(1, Follow::No))),
    ("mknod", Pass::Never, Means::Make(at(0, Follow::No))),
    ("mknodat", Pass::Never, Means::Make(within(1, Follow::No))),
    ("chmod", Pass::Never, Means::Alter(at(0, Follow::Yes))),
    ("fchmodat", Pass::Never, Means::Alter(within(1, Follow::Yes))),
    ("fchmodat2", Pass::Empty(0, 3), Means::Alter(within(1, Follow::Unless(3, NO_FOLLOW)))),
    ("chown", Pass::Never, Means::Alter(at(0, Follow::Yes))),
    ("chown32", Pass::Never, Means::Alter(at(0, Follow::Yes))),
    ("lchown", Pass::Never, Means::Alter(at(0, Follow::No))),
    ("lchown32", Pass::Never, Means::Alter(at(0, Follow::No))),
    ("fchownat", Pass::Empty(0, 4), Means::Alter(within(1, Follow::Unless(4, NO_FOLLOW)))),
    ("utime", Pass::Never, Means::Alter(at(0, Follow::Yes))),
    ("utimes", Pass::Never, Means::Alter(at(0, Follow::Yes))),
    ("futimesat", Pass::Null(1), Means::Alter(within(1, Follow::Yes))),
    ("utimensat", Pass::Null(1), Means::Alter(within(1, Follow::Unless(3, NO_FOLLOW)))),
    ("utimensat_time64", Pass::Null(1), Means::Alter(within(1, Follow::Unless(3, NO_FOLLOW)))),
    ("setxattr", Pass::Never, Means::Alter(at(0, Follow::Yes))),
    ("lsetxattr", Pass::Never, Means::Alter(at(0, Follow::No))),
    ("setxattrat", Pass::Empty(0, 2), Means::Alter(within(1, Follow::Unless(2, NO_FOLLOW)))),
    ("getxattr", Pass::Never, there(at(0, Follow::Yes))),
    ("lgetxattr", Pass::Never, there(at(0, Follow::No))),
    ("getxattrat", Pass::Empty(0, 2), there(within(1, Follow::Unless(2, NO_FOLLOW)))),
    ("listxattr", Pass::Never, there(at(0, Follow::Yes))),
    ("llistxattr", Pass::Never, there(at(0, Follow::No))),
    ("listxattrat", Pass::Empty(0, 2), there(within(1, Follow::Unless(2, NO_FOLLOW)))),
    ("removexattr", Pass::Never, Means::Alter(at(0, Follow::Yes))),
    ("lremovexattr", Pass::Never, Means::Alter(at(0, Follow::No))),
    ("removexattrat", Pass::Empty(0, 2), Means::Alter(within(1, Follow::Unless(2, NO_FOLLOW)))),
    ("file_getattr", Pass::Empty(0, 4), there(within(1, Follow::Unless(4, NO_FOLLOW)))),
    ("file_setattr", Pass::Empty(0, 4), Means::Alter(within(1, Follow::Unless(4, NO_FOLLOW)))),
    ("execve", Pass::Never, Means::Start(at(0, Follow::Yes), 1)),
    ("execveat", Pass::Never, Means::Start(within(1, Follow::Unless(4, NO_FOLLOW)), 2)),
    ("name_to_handle_at", Pass::Empty(0, 4), there(within(1, Follow::Only(4, FOLLOW)))),
    ("open_tree", Pass::Never, Means::Tree(within(1, Follow::Unless(2, NO_FOLLOW)), 2)),
    ("open_tree_attr", Pass::Never, Means::Tree(within(1, Follow::Unless(2, NO_FOLLOW)), 2)),
    ("fspick", Pass::Never, there(within(1, Follow::Unless(2, PICK_NO_FOLLOW)))),
    ("fanotify_mark", Pass::Null(4), there(within(4, Follow::Unless(1, FANOTIFY_NO_FOLLOW)))),
    ("acct", Pass::Null(0), there(at(0, Follow::Yes))),
    ("swapon", Pass::Never, there(at(0, Follow::Yes))),
    ("swapoff", Pass::Never, there(at(0, Follow::Yes))),
    ("quotactl", Pass::Null(1), there(at(1, Follow::Yes))),
    ("connect", Pass::Never, Means::Connect),
    ("bind", Pass::Never, Means::Bind),
    ("sendto", Pass::Null(4), Means::SendTo),
    ("sendmsg", Pass::Never, Means::Send),
    ("sendmmsg", Pass::Never, Means::SendMany),
    ("socketcall", Pass::Never, Means::Sockets),
    ("io_uring_setup", Pass::Never, Means::Refused("io_uring")),
    ("uselib", Pass::Never, Means::Refused("libraries loaded by uselib")),
    ("open_by_handle_at", Pass::Never, Means::Blind("files opened by handle")),
    ("chroot", Pass::Never, ROOT),
    ("pivot_root", Pass::Never, ROOT),
    ("mount", Pass::Never, MOUNTS),
    ("umount", Pass::Never, MOUNTS),
    ("umount2", Pass::Never, MOUNTS),
    ("move_mount", Pass::Never, MOUNTS),
    ("mount_setattr", Pass::Never, MOUNTS),
    ("fsmount", Pass::Never, MOUNTS),
    ("setns", Pass::Never, NAMESPACES),
    ("unshare", Pass::Without(0, NEW_VIEW), NAMESPACES),
];

/// The calls of x32 with their own numbers, and their names in the table.
pub(super) const OF_X32: &[(u32, &str)] = &[(520, "execve"), (545, "execveat"), (518, "sendmsg"), (538, "sendmmsg")];

/// The last number in the kernel's list when this table was written. Calls with higher numbers are reported as
/// unknown.
pub(super) const LAST: u32 = 469;

/// The calls that look up no path and name no peer: they work on numbers, on memory or on open descriptors.
#[cfg(test)]
const OTHERS: &str = include_str!("other_calls.txt");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::calls::Machine;
    use super::*;

    /// The kernel's whole list by name: each call is either observed or known to look nothing up. A newer list with
    /// names that are neither fails this test.
    #[test]
    fn each_call_of_the_kernel_is_known() {
        let told: BTreeSet<&str> = CALLS.iter().map(|(name, ..)| *name).collect();
        let lines = OTHERS.lines().filter(|line| !line.starts_with('#'));
        let others: BTreeSet<&str> = lines.flat_map(str::split_whitespace).collect();
        let mut kernel = BTreeSet::new();
        for machine in Machine::ALL {
            for (name, number) in machine.list() {
                assert!(number <= LAST, "{name} is {number}: is it known?");
                kernel.insert(name);
            }
        }
        let both: Vec<_> = told.intersection(&others).collect();
        assert!(both.is_empty(), "in both lists: {both:?}");
        let known: BTreeSet<&str> = told.union(&others).copied().collect();
        let unknown: Vec<_> = kernel.difference(&known).collect();
        assert!(unknown.is_empty(), "say whether these look up a path: {unknown:?}");
        let gone: Vec<_> = known.difference(&kernel).collect();
        assert!(gone.is_empty(), "the kernel has no such calls: {gone:?}");
    }
}
