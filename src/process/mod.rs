//! Runs a program, and observes what it and all its descendants do.
//!
//! [`run()`] starts a [`Task`] and returns how it [`Ended`], with one [`Access`] for each file, program and host that
//! it used. The kernel reports each system call that looks up a path or names a peer before it is executed (seccomp
//! user notification). Threads, `vfork`, static and 32-bit programs therefore need no special handling.
//!
//! # What is exact
//! - Each path look-up of each thread and each descendant is observed, whatever its result. dp decides whether a file
//!   exists by inspecting it before the program can change it again.
//! - Order: earlier accesses have a smaller [`Access::first`].
//! - After [`run()`] returns, no process of the program is left.
//!
//! # What is approximate
//! - The kernel does not report the result of a call; it is predicted from the file system and the permissions. A call
//!   that fails for another reason (a full disk, too many open files) is recorded as if it had succeeded.
//! - If two threads use one path at the same moment, the order is that of the kernel's reports.
//! - The target of a path is inspected at its first use (for reads up to about a millisecond later, but before the
//!   program changes anything by a path), and again only after the program itself has removed or renamed something. If
//!   another process replaces files meanwhile, this may go unnoticed.
//! - A program that rewrites the path while the kernel reads it can deceive the record. It can't deceive a [`Fence`]
//!   for files, which Landlock enforces as well.
//! - A path that goes through a link into `/proc/self` and similar can't be resolved: [`Access::real`] is then its
//!   text.
//! - Not observed: the dynamic loader, which the kernel itself opens when it starts a program, files that are received
//!   over a socket, and a path together with both a folder and `AT_EMPTY_PATH`.
//! - What can't be observed at all is named in [`Seen`]: another root folder, mounts, `open_by_handle_at`, calls of a
//!   newer kernel. `io_uring` is answered as if the kernel did not have it.
//! - Programs can't gain privileges (`sudo`) while they are observed or fenced, and programs that want to receive such
//!   notifications themselves are refused.
//! - A daemon with its own session, without its parent and with its own environment is found only where the kernel
//!   reports what it does.

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
