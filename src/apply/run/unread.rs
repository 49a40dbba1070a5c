//! When what the engine noted of its files is read: it notes some hundreds of uses for each build, in memory, and lets go
//! of all of them or none, so nothing may be running then.

use std::time::{Duration, Instant};

/// After so many pieces of work a moment is looked for.
const PIECES: usize = 512;

/// So long nothing new begins, for what runs to end; where something takes longer, others are not to wait for it.
const PATIENCE: Duration = Duration::from_millis(250);

/// Work whose files were not read off yet.
#[derive(Debug)]
pub(super) struct Unread {
    /// How many pieces.
    pub pieces: usize,
    /// With how many the next moment is looked for.
    enough: usize,
    /// Since when nothing new begins.
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

/// Whether new work may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// It may.
    None,
    /// Not for so long.
    For(Duration),
    /// Now is the moment.
    Over,
}

impl Pause {
    /// How long to wait at most.
    pub(super) fn left(self) -> Duration {
        match self {
            Self::For(left) => left,
            Self::None | Self::Over => Duration::ZERO,
        }
    }
}

impl Unread {
    /// What to do now, when something runs or nothing does.
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
