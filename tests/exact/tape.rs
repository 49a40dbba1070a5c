//! Choices read from a list of numbers, so that shrinking gives another valid file.

/// The choices that are left.
pub(crate) struct Tape<'a>(std::slice::Iter<'a, u16>);

impl<'a> Tape<'a> {
    pub(crate) fn new(cells: &'a [u16]) -> Self {
        Self(cells.iter())
    }

    /// One of `0..choices`; 0 when nothing is left.
    pub(crate) fn pick(&mut self, choices: usize) -> usize {
        self.0.next().map_or(0, |&cell| usize::from(cell) % choices.max(1))
    }

    /// One of these.
    pub(crate) fn of<'b, T>(&mut self, choices: &'b [T]) -> &'b T {
        &choices[self.pick(choices.len())]
    }

    /// True once in `times`.
    pub(crate) fn rarely(&mut self, times: usize) -> bool {
        self.pick(times) == times - 1
    }
}

/// How many cases a property has.
pub(crate) fn cases() -> u32 {
    std::env::var("DP_EXACT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(250)
}
