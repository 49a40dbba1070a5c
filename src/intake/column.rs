//! The result of inspecting one column over all rows.

use super::exact::Exact;
use super::infer::Seen;
use super::place::{At, shown};
use super::union::{Found, Values as _};

/// The requested type of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// The type that reproduces every text.
    Infer,
    /// This type; each text that does not fit it is a misfit.
    Exactly(Exact),
    /// This type if every text fits it, otherwise the type that reproduces every text.
    Keep(Exact),
    /// A type that only the engine can check, or one that may change values because the user allowed it.
    Unjudged,
}

/// The number of misfits per column whose places are kept.
pub(super) const PLACES: usize = 5;

/// One column of one file, as far as its rows were inspected.
#[derive(Clone, Debug)]
pub(super) struct Column {
    wish: Wish,
    /// The common properties of all texts.
    seen: Seen,
    /// Whether there is any text.
    has_values: bool,
    /// Whether there is an empty text that is not NULL: only the type text can hold it.
    empty_text: bool,
    /// The number of texts that do not fit the requested type.
    misfits: u64,
    /// The first misfits: the place, and the text for messages.
    places: Vec<(At, String)>,
}

impl Column {
    /// Creates a column before its first row.
    pub(super) fn new(wish: Wish) -> Self {
        Self {
            wish,
            seen: Seen::default(),
            has_values: false,
            empty_text: false,
            misfits: 0,
            places: Vec::new(),
        }
    }

    /// Adds a text that is not NULL. `at` is called only if the text does not fit.
    pub(super) fn add(&mut self, text: &str, at: impl FnOnce() -> At) {
        self.has_values = true;
        if text.is_empty() {
            self.empty_text = true;
            return;
        }
        if matches!(self.wish, Wish::Infer | Wish::Keep(_)) {
            self.seen.add(text);
        }
        if let Wish::Exactly(exact) | Wish::Keep(exact) = &self.wish
            && !exact.holds(text)
        {
            self.misfits += 1;
            if self.places.len() < PLACES {
                self.places.push((at(), shown(text)));
            }
        }
    }

    /// Whether the column is known to be text, whatever else comes.
    pub(super) fn is_text(&self) -> bool {
        self.wish == Wish::Infer && self.seen.is_text()
    }

    /// Looks at one more text of a column that is known to be text.
    pub(super) fn add_to_text(&mut self, is_empty: bool) {
        self.has_values = true;
        self.empty_text |= is_empty;
    }

    /// Merges a later part of the same column, whose lines are counted from `lines` on.
    pub(super) fn merge(&mut self, later: Self, lines: u64) {
        self.seen.merge(later.seen);
        self.has_values |= later.has_values;
        self.empty_text |= later.empty_text;
        self.misfits += later.misfits;
        let room = PLACES.saturating_sub(self.places.len());
        self.places.extend(later.places.into_iter().take(room).map(|(at, text)| (at.below(lines), text)));
    }

    /// Returns the column with its name and its place `at`.
    pub(super) fn found(self, name: String, at: At) -> Found<Seen> {
        Found {
            name,
            at,
            values: self.seen,
            has_values: self.has_values,
            empty_text: self.empty_text,
            misfits: self.misfits,
            places: self.places,
        }
    }
}
