//! How a program ended, and what is known of it.

use std::collections::BTreeSet;

use super::Access;

/// A program that has ended, with everything it started.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How the program ended.
    pub how: Exit,
    /// What the program did, in the order of the first occurrence.
    pub accesses: Vec<Access>,
    /// How completely the program was observed.
    pub seen: Seen,
    /// The number of remaining processes that were killed.
    pub strays: u32,
    /// The names of their programs.
    pub stray_names: BTreeSet<String>,
    /// Programs that still wrote an output when the time limit was reached.
    pub writers: BTreeSet<String>,
    /// User CPU time, including waited-for children.
    pub user_ms: u64,
    /// System CPU time.
    pub system_ms: u64,
    /// The peak memory of one of its processes.
    pub peak_memory_bytes: u64,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It exited with this code.
    Code(i32),
    /// A signal ended it.
    Signal(i32),
    /// It exceeded its time limit.
    TimedOut,
    /// A stop was requested.
    Stopped,
}

/// How completely a program was observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Everything.
    All,
    /// Everything except what it did by these means.
    Partly(BTreeSet<String>),
    /// Nothing, for this reason.
    Nothing(String),
}

impl Seen {
    /// Combines the completeness of two runs.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing(why), _) | (_, Self::Nothing(why)) => Self::Nothing(why),
            (Self::All, seen) | (seen, Self::All) => seen,
            (Self::Partly(mut means), Self::Partly(more)) => {
                means.extend(more);
                Self::Partly(means)
            }
        }
    }
}
