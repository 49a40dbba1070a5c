//! The numbers of the system calls, a table a machine.

use super::calls::{Call, FOLLOW, Follow, Means, NO_FOLLOW, Pass, at, within};

/// `CLONE_NEWNS` and `CLONE_NEWUSER`.
const NEW_VIEW: u32 = 0x1002_0000;

const fn call(number: u32, means: Means) -> Call {
    Call {
        number,
        means,
        pass: Pass::Never,
    }
}

const fn unless(number: u32, pass: Pass, means: Means) -> Call {
    Call { number, means, pass }
}

/// `x86_64`, and x32 without its bit.
#[rustfmt::skip]
pub(super) const X86_64: &[Call] = &[
    call(2, Means::Open(at(0, Follow::Yes), 1)), // open
    call(257, Means::Open(within(1, Follow::Yes), 2)), // openat
    call(437, Means::OpenHow(within(1, Follow::Yes), 2)), // openat2
    call(85, Means::Create(at(0, Follow::Yes))), // creat
    call(4, Means::Look(at(0, Follow::Yes))), // stat
    call(6, Means::Look(at(0, Follow::No))), // lstat
    unless(262, Pass::Empty(0, 3), Means::Look(within(1, Follow::Unless(3, NO_FOLLOW)))), // newfstatat
    unless(332, Pass::Empty(0, 2), Means::Look(within(1, Follow::Unless(2, NO_FOLLOW)))), // statx
    call(21, Means::Look(at(0, Follow::Yes))), // access
    call(269, Means::Look(within(1, Follow::Yes))), // faccessat
    unless(439, Pass::Empty(0, 3), Means::Look(within(1, Follow::Unless(3, NO_FOLLOW)))), // faccessat2
    call(89, Means::Look(at(0, Follow::No))), // readlink
    call(267, Means::Look(within(1, Follow::No))), // readlinkat
    call(76, Means::Truncate(at(0, Follow::Yes))), // truncate
    call(82, Means::Rename(at(0, Follow::No), at(1, Follow::No), None)), // rename
    call(264, Means::Rename(within(1, Follow::No), within(3, Follow::No), None)), // renameat
    call(316, Means::Rename(within(1, Follow::No), within(3, Follow::No), Some(4))), // renameat2
    call(86, Means::Link(at(0, Follow::No), at(1, Follow::No))), // link
    call(265, Means::Link(within(1, Follow::Only(4, FOLLOW)), within(3, Follow::No))), // linkat
    call(88, Means::Make(at(1, Follow::No))), // symlink
    call(266, Means::Make(within(2, Follow::No))), // symlinkat
    call(87, Means::Remove(at(0, Follow::No))), // unlink
    call(263, Means::RemoveEither(within(1, Follow::No), 2)), // unlinkat
    call(84, Means::RemoveFolder(at(0, Follow::No))), // rmdir
    call(83, Means::Make(at(0, Follow::No))), // mkdir
    call(258, Means::Make(within(1, Follow::No))), // mkdirat
    call(133, Means::Make(at(0, Follow::No))), // mknod
    call(259, Means::Make(within(1, Follow::No))), // mknodat
    call(90, Means::Alter(at(0, Follow::Yes))), // chmod
    call(268, Means::Alter(within(1, Follow::Yes))), // fchmodat
    unless(452, Pass::Empty(0, 3), Means::Alter(within(1, Follow::Unless(3, NO_FOLLOW)))), // fchmodat2
    call(92, Means::Alter(at(0, Follow::Yes))), // chown
    call(94, Means::Alter(at(0, Follow::No))), // lchown
    unless(260, Pass::Empty(0, 4), Means::Alter(within(1, Follow::Unless(4, NO_FOLLOW)))), // fchownat
    call(132, Means::Alter(at(0, Follow::Yes))), // utime
    call(235, Means::Alter(at(0, Follow::Yes))), // utimes
    unless(261, Pass::Null(1), Means::Alter(within(1, Follow::Yes))), // futimesat
    unless(280, Pass::Null(1), Means::Alter(within(1, Follow::Unless(3, NO_FOLLOW)))), // utimensat
    call(188, Means::Alter(at(0, Follow::Yes))), // setxattr
    call(189, Means::Alter(at(0, Follow::No))), // lsetxattr
    unless(463, Pass::Empty(0, 2), Means::Alter(within(1, Follow::Unless(2, NO_FOLLOW)))), // setxattrat
    call(191, Means::Look(at(0, Follow::Yes))), // getxattr
    call(192, Means::Look(at(0, Follow::No))), // lgetxattr
    unless(464, Pass::Empty(0, 2), Means::Look(within(1, Follow::Unless(2, NO_FOLLOW)))), // getxattrat
    call(194, Means::Look(at(0, Follow::Yes))), // listxattr
    call(195, Means::Look(at(0, Follow::No))), // llistxattr
    unless(465, Pass::Empty(0, 2), Means::Look(within(1, Follow::Unless(2, NO_FOLLOW)))), // listxattrat
    call(197, Means::Alter(at(0, Follow::Yes))), // removexattr
    call(198, Means::Alter(at(0, Follow::No))), // lremovexattr
    unless(466, Pass::Empty(0, 2), Means::Alter(within(1, Follow::Unless(2, NO_FOLLOW)))), // removexattrat
    unless(468, Pass::Empty(0, 4), Means::Look(within(1, Follow::Unless(4, NO_FOLLOW)))), // file_getattr
    unless(469, Pass::Empty(0, 4), Means::Alter(within(1, Follow::Unless(4, NO_FOLLOW)))), // file_setattr
    call(59, Means::Start(at(0, Follow::Yes), 1)), // execve
    call(322, Means::Start(within(1, Follow::Unless(4, NO_FOLLOW)), 2)), // execveat
    call(520, Means::Start(at(0, Follow::Yes), 1)), // x32_execve
    call(545, Means::Start(within(1, Follow::Unless(4, NO_FOLLOW)), 2)), // x32_execveat
    call(42, Means::Connect), // connect
    call(49, Means::Bind), // bind
    unless(44, Pass::Null(4), Means::SendTo), // sendto
    call(46, Means::Send), // sendmsg
    call(307, Means::SendMany), // sendmmsg
    call(518, Means::Send), // x32_sendmsg
    call(538, Means::SendMany), // x32_sendmmsg
    call(425, Means::Refused("io_uring")), // io_uring_setup
    call(304, Means::Blind("files opened by handle")), // open_by_handle_at
    unless(303, Pass::Empty(0, 4), Means::Look(within(1, Follow::Only(4, FOLLOW)))), // name_to_handle_at
    call(161, Means::Blind("another root folder")), // chroot
    call(155, Means::Blind("another root folder")), // pivot_root
    call(165, Means::Blind("mounts of its own")), // mount
    call(166, Means::Blind("mounts of its own")), // umount2
    call(429, Means::Blind("mounts of its own")), // move_mount
    call(308, Means::Blind("namespaces of its own")), // setns
    unless(272, Pass::Without(0, NEW_VIEW), Means::Blind("namespaces of its own")), // unshare
];

/// `i386`.
#[rustfmt::skip]
pub(super) const I386: &[Call] = &[
    call(5, Means::Open(at(0, Follow::Yes), 1)), // open
    call(295, Means::Open(within(1, Follow::Yes), 2)), // openat
    call(437, Means::OpenHow(within(1, Follow::Yes), 2)), // openat2
    call(8, Means::Create(at(0, Follow::Yes))), // creat
    call(106, Means::Look(at(0, Follow::Yes))), // stat
    call(195, Means::Look(at(0, Follow::Yes))), // stat64
    call(107, Means::Look(at(0, Follow::No))), // lstat
    call(196, Means::Look(at(0, Follow::No))), // lstat64
    call(18, Means::Look(at(0, Follow::Yes))), // oldstat
    call(84, Means::Look(at(0, Follow::No))), // oldlstat
    unless(300, Pass::Empty(0, 3), Means::Look(within(1, Follow::Unless(3, NO_FOLLOW)))), // newfstatat
    unless(383, Pass::Empty(0, 2), Means::Look(within(1, Follow::Unless(2, NO_FOLLOW)))), // statx
    call(33, Means::Look(at(0, Follow::Yes))), // access
    call(307, Means::Look(within(1, Follow::Yes))), // faccessat
    unless(439, Pass::Empty(0, 3), Means::Look(within(1, Follow::Unless(3, NO_FOLLOW)))), // faccessat2
    call(85, Means::Look(at(0, Follow::No))), // readlink
    call(305, Means::Look(within(1, Follow::No))), // readlinkat
    call(92, Means::Truncate(at(0, Follow::Yes))), // truncate
    call(193, Means::Truncate(at(0, Follow::Yes))), // truncate64
    call(38, Means::Rename(at(0, Follow::No), at(1, Follow::No), None)), // rename
    call(302, Means::Rename(within(1, Follow::No), within(3, Follow::No), None)), // renameat
    call(353, Means::Rename(within(1, Follow::No), within(3, Follow::No), Some(4))), // renameat2
    call(9, Means::Link(at(0, Follow::No), at(1, Follow::No))), // link
    call(303, Means::Link(within(1, Follow::Only(4, FOLLOW)), within(3, Follow::No))), // linkat
    call(83, Means::Make(at(1, Follow::No))), // symlink
    call(304, Means::Make(within(2, Follow::No))), // symlinkat
    call(10, Means::Remove(at(0, Follow::No))), // unlink
    call(301, Means::RemoveEither(within(1, Follow::No), 2)), // unlinkat
    call(40, Means::RemoveFolder(at(0, Follow::No))), // rmdir
    call(39, Means::Make(at(0, Follow::No))), // mkdir
    call(296, Means::Make(within(1, Follow::No))), // mkdirat
    call(14, Means::Make(at(0, Follow::No))), // mknod
    call(297, Means::Make(within(1, Follow::No))), // mknodat
    call(15, Means::Alter(at(0, Follow::Yes))), // chmod
    call(306, Means::Alter(within(1, Follow::Yes))), // fchmodat
    unless(452, Pass::Empty(0, 3), Means::Alter(within(1, Follow::Unless(3, NO_FOLLOW)))), // fchmodat2
    call(182, Means::Alter(at(0, Follow::Yes))), // chown
    call(212, Means::Alter(at(0, Follow::Yes))), // chown32
    call(16, Means::Alter(at(0, Follow::No))), // lchown
    call(198, Means::Alter(at(0, Follow::No))), // lchown32
    unless(298, Pass::Empty(0, 4), Means::Alter(within(1, Follow::Unless(4, NO_FOLLOW)))), // fchownat
    call(30, Means::Alter(at(0, Follow::Yes))), // utime
    call(271, Means::Alter(at(0, Follow::Yes))), // utimes
    unless(299, Pass::Null(1), Means::Alter(within(1, Follow::Yes))), // futimesat
    unless(320, Pass::Null(1), Means::Alter(within(1, Follow::Unless(3, NO_FOLLOW)))), // utimensat
    unless(412, Pass::Null(1), Means::Alter(within(1, Follow::Unless(3, NO_FOLLOW)))), // utimensat_time64
    call(226, Means::Alter(at(0, Follow::Yes))), // setxattr
    call(227, Means::Alter(at(0, Follow::No))), // lsetxattr
    unless(463, Pass::Empty(0, 2), Means::Alter(within(1, Follow::Unless(2, NO_FOLLOW)))), // setxattrat
    call(229, Means::Look(at(0, Follow::Yes))), // getxattr
    call(230, Means::Look(at(0, Follow::No))), // lgetxattr
    unless(464, Pass::Empty(0, 2), Means::Look(within(1, Follow::Unless(2, NO_FOLLOW)))), // getxattrat
    call(232, Means::Look(at(0, Follow::Yes))), // listxattr
    call(233, Means::Look(at(0, Follow::No))), // llistxattr
    unless(465, Pass::Empty(0, 2), Means::Look(within(1, Follow::Unless(2, NO_FOLLOW)))), // listxattrat
    call(235, Means::Alter(at(0, Follow::Yes))), // removexattr
    call(236, Means::Alter(at(0, Follow::No))), // lremovexattr
    unless(466, Pass::Empty(0, 2), Means::Alter(within(1, Follow::Unless(2, NO_FOLLOW)))), // removexattrat
    unless(468, Pass::Empty(0, 4), Means::Look(within(1, Follow::Unless(4, NO_FOLLOW)))), // file_getattr
    unless(469, Pass::Empty(0, 4), Means::Alter(within(1, Follow::Unless(4, NO_FOLLOW)))), // file_setattr
    call(11, Means::Start(at(0, Follow::Yes), 1)), // execve
    call(358, Means::Start(within(1, Follow::Unless(4, NO_FOLLOW)), 2)), // execveat
    call(362, Means::Connect), // connect
    call(361, Means::Bind), // bind
    unless(369, Pass::Null(4), Means::SendTo), // sendto
    call(370, Means::Send), // sendmsg
    call(345, Means::SendMany), // sendmmsg
    call(102, Means::Sockets), // socketcall
    call(425, Means::Refused("io_uring")), // io_uring_setup
    call(342, Means::Blind("files opened by handle")), // open_by_handle_at
    unless(341, Pass::Empty(0, 4), Means::Look(within(1, Follow::Only(4, FOLLOW)))), // name_to_handle_at
    call(61, Means::Blind("another root folder")), // chroot
    call(217, Means::Blind("another root folder")), // pivot_root
    call(21, Means::Blind("mounts of its own")), // mount
    call(22, Means::Blind("mounts of its own")), // umount
    call(52, Means::Blind("mounts of its own")), // umount2
    call(429, Means::Blind("mounts of its own")), // move_mount
    call(346, Means::Blind("namespaces of its own")), // setns
    unless(310, Pass::Without(0, NEW_VIEW), Means::Blind("namespaces of its own")), // unshare
];

/// `aarch64`.
#[rustfmt::skip]
pub(super) const AARCH64: &[Call] = &[
    call(56, Means::Open(within(1, Follow::Yes), 2)), // openat
    call(437, Means::OpenHow(within(1, Follow::Yes), 2)), // openat2
    unless(79, Pass::Empty(0, 3), Means::Look(within(1, Follow::Unless(3, NO_FOLLOW)))), // newfstatat
    unless(291, Pass::Empty(0, 2), Means::Look(within(1, Follow::Unless(2, NO_FOLLOW)))), // statx
    call(48, Means::Look(within(1, Follow::Yes))), // faccessat
    unless(439, Pass::Empty(0, 3), Means::Look(within(1, Follow::Unless(3, NO_FOLLOW)))), // faccessat2
    call(78, Means::Look(within(1, Follow::No))), // readlinkat
    call(45, Means::Truncate(at(0, Follow::Yes))), // truncate
    call(38, Means::Rename(within(1, Follow::No), within(3, Follow::No), None)), // renameat
    call(276, Means::Rename(within(1, Follow::No), within(3, Follow::No), Some(4))), // renameat2
    call(37, Means::Link(within(1, Follow::Only(4, FOLLOW)), within(3, Follow::No))), // linkat
    call(36, Means::Make(within(2, Follow::No))), // symlinkat
    call(35, Means::RemoveEither(within(1, Follow::No), 2)), // unlinkat
    call(34, Means::Make(within(1, Follow::No))), // mkdirat
    call(33, Means::Make(within(1, Follow::No))), // mknodat
    call(53, Means::Alter(within(1, Follow::Yes))), // fchmodat
    unless(452, Pass::Empty(0, 3), Means::Alter(within(1, Follow::Unless(3, NO_FOLLOW)))), // fchmodat2
    unless(54, Pass::Empty(0, 4), Means::Alter(within(1, Follow::Unless(4, NO_FOLLOW)))), // fchownat
    unless(88, Pass::Null(1), Means::Alter(within(1, Follow::Unless(3, NO_FOLLOW)))), // utimensat
    call(5, Means::Alter(at(0, Follow::Yes))), // setxattr
    call(6, Means::Alter(at(0, Follow::No))), // lsetxattr
    unless(463, Pass::Empty(0, 2), Means::Alter(within(1, Follow::Unless(2, NO_FOLLOW)))), // setxattrat
    call(8, Means::Look(at(0, Follow::Yes))), // getxattr
    call(9, Means::Look(at(0, Follow::No))), // lgetxattr
    unless(464, Pass::Empty(0, 2), Means::Look(within(1, Follow::Unless(2, NO_FOLLOW)))), // getxattrat
    call(11, Means::Look(at(0, Follow::Yes))), // listxattr
    call(12, Means::Look(at(0, Follow::No))), // llistxattr
    unless(465, Pass::Empty(0, 2), Means::Look(within(1, Follow::Unless(2, NO_FOLLOW)))), // listxattrat
    call(14, Means::Alter(at(0, Follow::Yes))), // removexattr
    call(15, Means::Alter(at(0, Follow::No))), // lremovexattr
    unless(466, Pass::Empty(0, 2), Means::Alter(within(1, Follow::Unless(2, NO_FOLLOW)))), // removexattrat
    unless(468, Pass::Empty(0, 4), Means::Look(within(1, Follow::Unless(4, NO_FOLLOW)))), // file_getattr
    unless(469, Pass::Empty(0, 4), Means::Alter(within(1, Follow::Unless(4, NO_FOLLOW)))), // file_setattr
    call(221, Means::Start(at(0, Follow::Yes), 1)), // execve
    call(281, Means::Start(within(1, Follow::Unless(4, NO_FOLLOW)), 2)), // execveat
    call(203, Means::Connect), // connect
    call(200, Means::Bind), // bind
    unless(206, Pass::Null(4), Means::SendTo), // sendto
    call(211, Means::Send), // sendmsg
    call(269, Means::SendMany), // sendmmsg
    call(425, Means::Refused("io_uring")), // io_uring_setup
    call(265, Means::Blind("files opened by handle")), // open_by_handle_at
    unless(264, Pass::Empty(0, 4), Means::Look(within(1, Follow::Only(4, FOLLOW)))), // name_to_handle_at
    call(51, Means::Blind("another root folder")), // chroot
    call(41, Means::Blind("another root folder")), // pivot_root
    call(40, Means::Blind("mounts of its own")), // mount
    call(39, Means::Blind("mounts of its own")), // umount2
    call(429, Means::Blind("mounts of its own")), // move_mount
    call(268, Means::Blind("namespaces of its own")), // setns
    unless(97, Pass::Without(0, NEW_VIEW), Means::Blind("namespaces of its own")), // unshare
];
