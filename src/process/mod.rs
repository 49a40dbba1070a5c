//! Runs a program and sees what it and everything it starts really do.
//!
//! [`run()`] starts a [`Task`] and gives back how it [`Ended`], with one [`Access`] for each file, program and host that it
//! had to do with. The kernel tells of each system call that looks up a path or names a peer, before it is carried out
//! (seccomp user notification), so threads, `vfork`, static and 32-bit programs need nothing special.
//!
//! # What is exact
//! - Each look-up by path of each thread and each descendant is seen, whatever it comes to, and a file is told from its
//!   absence by looking at it before the program can change it again.
//! - Order: what came first has the smaller [`Access::first`].
//! - After the end of [`run()`] no process of the program is left.
//!
//! # What is approximate
//! - What a call came to is not reported by the kernel; it is foretold from what is there and what is permitted. A call that
//!   fails for another reason (a full disk, too many open files) is recorded as if it had succeeded.
//! - Of two threads that use one path in the same moment, the order is that in which the kernel told of them.
//! - What a path leads to is looked at when it is first used (of what is only read, up to about a millisecond later, but
//!   before the program changes anything by a path), and again only after the program itself has removed or renamed
//!   something; another process that replaces files meanwhile may go unnoticed.
//! - A program that rewrites the path while the kernel reads it can deceive the record. It can't deceive a [`Fence`] for
//!   files, which is also held by Landlock.
//! - A path that goes through a link into `/proc/self` and the like can't be resolved: [`Access::real`] is then its text.
//! - Not seen: the dynamic loader, which the kernel itself opens when it starts a program, files that are received over a
//!   socket, a path together with both a folder and `AT_EMPTY_PATH`.
//! - What can't be seen at all is named in [`Seen`]: another root folder, mounts, `open_by_handle_at`, calls of a newer
//!   kernel. `io_uring` is answered as if the kernel did not have it.
//! - Programs can't gain rights (`sudo`) while they are watched or fenced, and those that want to be told of system calls
//!   themselves, in the same way, are refused.
//! - A daemon in a session of its own, without its parent and with an environment of its own, is found only where the kernel
//!   tells of what it does.

mod access;
mod attend;
mod call_tables;
mod calls;
mod child;
mod compare;
mod contact;
mod desk;
mod ended;
mod error;
mod exchange;
mod fence;
mod filter;
mod intent;
mod interpreter;
mod kill;
mod ledger;
mod listener;
mod look;
mod magic;
mod memory;
mod messages;
mod notify;
mod outcome;
mod own_peer;
mod paths;
mod processes;
mod run;
mod stop;
mod task;
mod usage;
mod world;
mod writers;

pub use access::{Access, Asked, Contact, Link, Protocol, Stamp, What};
pub use compare::Snapshot;
pub use ended::{Ended, Exit, Seen};
pub use error::ProcessError;
pub use interpreter::is_script;
pub use kill::abandon_all;
pub use run::{can_watch, run};
pub use stop::Stop;
pub use task::{Endpoint, Fence, Stream, Task, Watch};
