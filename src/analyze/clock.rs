//! Says that a query reads the clock, and where, for messages.

use std::collections::BTreeSet;

use crate::sql::syntax::{SessionWord, Syntax};

/// Adds the `words` that a query takes for `values` to the reasons why its result may differ. Returns whether one of
/// them is the time.
pub(super) fn add_words(words: &[SessionWord], values: &BTreeSet<String>, unstable: &mut BTreeSet<String>) -> bool {
    let mut reads_clock = false;
    for word in words.iter().filter(|word| values.contains(&word.word)) {
        reads_clock |= word.is_clock;
        let what = if word.is_clock { "when it runs" } else { "the session" };
        unstable.insert(format!("`{}` depends on {what}", word.word));
    }
    reads_clock
}

/// Returns the byte of the first function that gives another value each time, or of the first of the query's `values`
/// that is the time; `None` if the text contains none, for example because only a view that the query reads contains
/// one.
pub(super) fn clock_offset(syntax: &Syntax, values: &BTreeSet<String>) -> Option<usize> {
    let words = syntax.words.iter().filter(|word| word.is_clock && values.contains(&word.word));
    words.filter_map(|word| word.offset).chain(syntax.clock_offset).min()
}
