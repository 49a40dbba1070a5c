//! Keeps secret values of dp's own environment out of everything that is shown or recorded.

use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use super::forms::forms;

/// The text that replaces a secret.
const MASK: &str = "***";

/// The texts that must not be shown.
#[derive(Clone, Default)]
pub(in crate::run) struct Mask {
    forms: Arc<Forms>,
}

/// All printed forms of all secrets.
#[derive(Default)]
struct Forms {
    /// Finds the longest form at each position, so that a secret which contains another is masked whole; `None` if
    /// there are no secrets.
    finder: Option<AhoCorasick>,
    all: Vec<Vec<u8>>,
    longest: usize,
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} forms of secrets", self.forms.all.len())
    }
}

impl Mask {
    /// Masks these values in the forms in which programs print them, and each line of a value with several lines.
    pub(super) fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut all: Vec<Vec<u8>> = values.into_iter().flat_map(|value| forms(&value)).collect();
        all.sort_unstable();
        all.dedup();
        let finder = (!all.is_empty()).then(|| {
            let built = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&all);
            built.expect("a few texts of the length of a variable make no automaton that is too large")
        });
        let longest = all.iter().map(Vec::len).max().unwrap_or_default();
        Self {
            forms: Arc::new(Forms { finder, all, longest }),
        }
    }

    /// Returns the text with all secrets masked.
    pub(in crate::run) fn text(&self, text: &str) -> String {
        match &self.forms.finder {
            // Removing whole forms from UTF-8 leaves valid UTF-8.
            Some(finder) => String::from_utf8_lossy(&replaced(finder, text.as_bytes())).into_owned(),
            None => text.to_owned(),
        }
    }

    /// Starts a stream.
    pub(super) fn stream(&self) -> Stream {
        Stream {
            mask: self.clone(),
            held: Vec::new(),
        }
    }
}

fn replaced(finder: &AhoCorasick, text: &[u8]) -> Vec<u8> {
    let mut shown = Vec::with_capacity(text.len());
    finder.replace_all_with_bytes(text, &mut shown, |_, _, shown| {
        shown.extend_from_slice(MASK.as_bytes());
        true
    });
    shown
}

/// A stream of bytes in which a secret may be split anywhere.
#[derive(Debug)]
pub(super) struct Stream {
    mask: Mask,
    /// The last bytes, if a secret may start in them.
    held: Vec<u8>,
}

impl Stream {
    /// Adds bytes and returns what can be shown now.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        let Some(finder) = &self.mask.forms.finder else {
            return std::mem::take(&mut self.held);
        };
        let mut shown = Vec::with_capacity(self.held.len());
        let mut from = 0;
        let mut begun = self.begun(from);
        for found in finder.find_iter(&self.held) {
            // A longer secret may start here.
            if found.start() >= begun {
                break;
            }
            shown.extend_from_slice(&self.held[from..found.start()]);
            shown.extend_from_slice(MASK.as_bytes());
            from = found.end();
            if from > begun {
                begun = self.begun(from);
            }
        }
        shown.extend_from_slice(&self.held[from..begun]);
        self.held.drain(..begun);
        shown
    }

    /// Returns the remaining bytes at the end of the stream.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        let held = std::mem::take(&mut self.held);
        match &self.mask.forms.finder {
            Some(finder) => replaced(finder, &held),
            None => held,
        }
    }

    /// Returns the first position at or after `from` where an incomplete secret may start; the end if there is none.
    fn begun(&self, from: usize) -> usize {
        let forms = &self.mask.forms;
        let first = self.held.len().saturating_sub(forms.longest.saturating_sub(1)).max(from);
        let is_begun = |at: &usize| {
            let rest = &self.held[*at..];
            forms.all.iter().any(|form| form.len() > rest.len() && form.starts_with(rest))
        };
        (first..self.held.len()).find(is_begun).unwrap_or(self.held.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(secrets: &[&str]) -> Mask {
        Mask::new(secrets.iter().map(|secret| (*secret).to_owned()))
    }

    #[test]
    fn secrets_are_masked_wherever_a_stream_is_cut() {
        let text = b"before s3cret-token after s3cret-tok";
        for cut in 0..text.len() {
            let mut stream = mask(&["s3cret-token"]).stream();
            let mut shown = stream.push(&text[..cut]);
            shown.extend(stream.push(&text[cut..]));
            shown.extend(stream.finish());
            assert_eq!(String::from_utf8(shown).unwrap(), "before *** after s3cret-tok", "cut at {cut}");
        }
    }

    #[test]
    fn a_secret_within_another_leaves_nothing_of_it() {
        assert_eq!(mask(&["abc", "abcdef"]).text("x abcdef y abc z"), "x *** y *** z");
    }

    #[test]
    fn a_secret_that_is_part_of_the_mask_is_masked_once() {
        let mut stream = mask(&["*"]).stream();
        assert_eq!(stream.push(b"a*b"), b"a***b");
    }

    #[test]
    fn lines_and_escaped_forms_are_masked_too() {
        let mask = mask(&["-----BEGIN-----\nabcdefgh\n"]);
        assert_eq!(mask.text("abcdefgh"), MASK);
        assert_eq!(mask.text("{\"key\": \"-----BEGIN-----\\nabcdefgh\\n\"}"), "{\"key\": \"***\"}");
    }

    #[test]
    fn each_form_is_masked_wherever_a_stream_is_cut() {
        let mask = mask(&["gr\u{e4}\u{df} 'n\" w/o $x+y"]);
        for form in mask.forms.all.clone() {
            let text = [b"before ", form.as_slice(), b" after"].concat();
            for cut in 0..text.len() {
                let mut stream = mask.stream();
                let mut shown = stream.push(&text[..cut]);
                shown.extend(stream.push(&text[cut..]));
                shown.extend(stream.finish());
                let shown = String::from_utf8_lossy(&shown).into_owned();
                assert_eq!(shown, "before *** after", "{} cut at {cut}", String::from_utf8_lossy(&form));
            }
        }
    }
}
