/// The exit codes, grouped by what the user has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done; with `--detailed-exitcode`, nothing to do.
    Done,
    /// 1: refused or declined before the first step, because of the project, an argument's value or the engine.
    Refused,
    /// 2: `--detailed-exitcode`, and the plan lists an action or drift.
    Changes,
    /// 3: a step or an `error` check failed, or something was left out because of a mistake.
    Failed,
    /// 4: another run holds the lock.
    Locked,
    /// 64: usage, an unknown flag or command.
    Usage,
    /// 70: a bug in dp.
    Bug,
    /// 130: interrupted.
    Interrupted,
}

impl Exit {
    /// All codes, for the reference.
    pub const ALL: [Self; 8] = [
        Self::Done,
        Self::Refused,
        Self::Changes,
        Self::Failed,
        Self::Locked,
        Self::Usage,
        Self::Bug,
        Self::Interrupted,
    ];

    /// Returns the number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Changes => 2,
            Self::Failed => 3,
            Self::Locked => 4,
            Self::Usage => 64,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }

    /// Returns the meaning, for the reference.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done; with `--detailed-exitcode`: nothing to do",
            Self::Refused => {
                "refused or declined before the first step, because of the project, an argument's value or the engine"
            }
            Self::Changes => "with `--detailed-exitcode`: the plan lists an action or drift",
            Self::Failed => "a step or an `error` check failed, or `--keep-going` left something out",
            Self::Locked => "another run holds the lock; the message names it",
            Self::Usage => "usage: unknown flag or command",
            Self::Bug => "a bug in dp",
            Self::Interrupted => "interrupted",
        }
    }
}
