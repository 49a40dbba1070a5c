//! When dp reads the engine's notes on file use. The engine keeps some hundreds of entries per build in memory and
//! releases all of them or none, so no query may be running then.

use std::time::{Duration, Instant};

/// Pause for reading after this many jobs.
const PIECES: usize = 512;

/// The longest time for which no new work starts while running work ends. If that takes longer, work continues.
const PATIENCE: Duration = Duration::from_millis(250);

/// Work whose file use has not been read yet.
#[derive(Debug)]
pub(super) struct Unread {
    /// The number of jobs.
    pub pieces: usize,
    /// The number of jobs after which the next pause is tried.
    enough: usize,
    /// When the pause started; `None` if there is no pause.
    waiting: Option<Instant>,
}

impl Default for Unread {
    fn default() -> Self {
        Self {
            pieces: 0,
            enough: PIECES,
            waiting: None,
        }
    }
}

/// Whether new work may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// New work may start.
    None,
    /// No new work may start for this long.
    For(Duration),
    /// Nothing is running: the notes can be read now.
    Over,
}

impl Pause {
    /// The longest time to wait.
    pub(super) fn left(self) -> Duration {
        match self {
            Self::For(left) => left,
            Self::None | Self::Over => Duration::ZERO,
        }
    }
}

impl Unread {
    /// Decides whether to pause; `is_idle` says that nothing is running.
    pub(super) fn pause(&mut self, is_idle: bool) -> Pause {
        self.pause_at(is_idle, Instant::now())
    }

    fn pause_at(&mut self, is_idle: bool, now: Instant) -> Pause {
        if self.pieces < self.enough {
            return Pause::None;
        }
        if is_idle {
            return Pause::Over;
        }
        let since = *self.waiting.get_or_insert(now);
        let left = PATIENCE.saturating_sub(now.duration_since(since));
        if left.is_zero() {
            self.waiting = None;
            self.enough = self.pieces + PIECES;
            return Pause::None;
        }
        Pause::For(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_long() {
        let start = Instant::now();
        let mut unread = Unread::default();
        assert_eq!(unread.pause_at(false, start), Pause::None);
        unread.pieces = PIECES;
        assert_eq!(unread.pause_at(true, start), Pause::Over);
        assert_eq!(unread.pause_at(false, start), Pause::For(PATIENCE));
        assert_eq!(unread.pause_at(false, start + PATIENCE / 2), Pause::For(PATIENCE / 2));
        assert_eq!(unread.pause_at(false, start + PATIENCE), Pause::None);
        assert_eq!(unread.pause_at(true, start + PATIENCE), Pause::None);
        unread.pieces += PIECES;
        assert_eq!(unread.pause_at(true, start + PATIENCE), Pause::Over);
    }
}
