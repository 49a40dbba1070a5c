//! How a program ended and what is known of it.

use std::collections::BTreeSet;

use super::Access;

/// A program that has ended, with everything it started.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How it ended.
    pub how: Exit,
    /// What it did, in the order in which it did so first.
    pub accesses: Vec<Access>,
    /// How much of what it did is known.
    pub seen: Seen,
    /// Processes that were left of it and had to be ended.
    pub strays: u32,
    /// The names of their programs.
    pub stray_names: BTreeSet<String>,
    /// Programs that still wrote an output when the time was up.
    pub writers: BTreeSet<String>,
    /// Time of the processor in the program's own code, children that it waited for included.
    pub user_ms: u64,
    /// Time of the processor in the kernel for it.
    pub system_ms: u64,
    /// Most memory that one of its processes held.
    pub peak_memory_bytes: u64,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// Its time was up.
    TimedOut,
    /// Somebody asked for it.
    Stopped,
}

/// How much of what a program did is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Everything.
    All,
    /// Not what it did by these means.
    Partly(BTreeSet<String>),
    /// Nothing, for this reason.
    Nothing(String),
}

impl Seen {
    /// How much is known of two runs.
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
