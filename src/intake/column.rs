//! What a look over all rows finds out about one column.

use super::exact::Exact;
use super::infer::Seen;
use super::place::{At, shown};
use super::union::{Found, Values as _};

/// What is wanted of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// The type that gives every text back.
    Infer,
    /// This type; each text that it does not hold is a misfit.
    Exactly(Exact),
    /// This type if it holds every text, and else the one that gives every text back.
    Keep(Exact),
    /// A type that the engine judges, or one that may change values because the user said so.
    Unjudged,
}

/// How many misfits of a column keep their place.
pub(super) const PLACES: usize = 5;

/// One column of one file, as far as its rows were looked at.
#[derive(Clone, Debug)]
pub(super) struct Column {
    wish: Wish,
    /// What all texts have in common.
    seen: Seen,
    /// Whether there was any text.
    has_values: bool,
    /// Whether an empty text that is not NULL was among them: no type but text has it.
    empty_text: bool,
    /// How many texts the wanted type does not hold.
    misfits: u64,
    /// The first of these: where it stands, and its text as messages show it.
    places: Vec<(At, String)>,
}

impl Column {
    /// A column before its first row.
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

    /// Looks at one more text that is not NULL. `at` is asked only if the text does not fit.
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

    /// Takes a later part of the same column into account, in which lines are counted from `lines` on.
    pub(super) fn merge(&mut self, later: Self, lines: u64) {
        self.seen.merge(later.seen);
        self.has_values |= later.has_values;
        self.empty_text |= later.empty_text;
        self.misfits += later.misfits;
        let room = PLACES.saturating_sub(self.places.len());
        self.places.extend(later.places.into_iter().take(room).map(|(at, text)| (at.below(lines), text)));
    }

    /// The column of this name, which stands at `at`.
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
