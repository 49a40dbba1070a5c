//! Keeps values of dp's own environment out of everything that is shown or recorded.

/// What stands in their place.
const MASK: &str = "***";

/// The texts that must not be shown.
#[derive(Clone, Default)]
pub(in crate::apply) struct Mask {
    /// Longest first, so that a secret which contains another is masked whole.
    secrets: Vec<String>,
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.secrets.len())
    }
}

impl Mask {
    /// Hides these values, and each line of those that have several.
    pub(super) fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut secrets: Vec<String> = Vec::new();
        for value in values {
            // A short line of a long secret would mask words that mean nothing.
            secrets.extend(value.lines().filter(|line| line.len() >= 8 && *line != value).map(str::to_owned));
            let escaped = serde_json::to_string(&value).unwrap_or_default();
            secrets.push(escaped.trim_matches('"').to_owned());
            secrets.push(value);
        }
        secrets.retain(|secret| !secret.is_empty());
        secrets.sort_by(|left, right| (right.len(), right).cmp(&(left.len(), left)));
        secrets.dedup();
        Self { secrets }
    }

    /// A text without them.
    pub(in crate::apply) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), MASK);
            }
        }
        text
    }

    /// Begins a stream.
    pub(super) fn stream(&self) -> Stream {
        Stream {
            mask: self.clone(),
            held: Vec::new(),
        }
    }
}

/// A stream of bytes in which a secret may be cut anywhere.
#[derive(Debug)]
pub(super) struct Stream {
    mask: Mask,
    /// The end of what came, if a secret may begin in it.
    held: Vec<u8>,
}

impl Stream {
    /// What can be shown once these bytes came too.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        self.shown(false)
    }

    /// What is left at the end.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        self.shown(true)
    }

    /// Takes out what can be shown: up to where a secret may have begun that is not there whole.
    fn shown(&mut self, is_end: bool) -> Vec<u8> {
        let held = std::mem::take(&mut self.held);
        if self.mask.secrets.is_empty() {
            return held;
        }
        let mut shown = Vec::with_capacity(held.len());
        let mut rest = held.as_slice();
        while let Some(first) = rest.first() {
            let begun = |secret: &&String| secret.as_bytes().starts_with(rest) && secret.len() > rest.len();
            if !is_end && self.mask.secrets.iter().any(|secret| begun(&secret)) {
                break;
            }
            let whole = self.mask.secrets.iter().find(|secret| rest.starts_with(secret.as_bytes()));
            if let Some(secret) = whole {
                shown.extend_from_slice(MASK.as_bytes());
                rest = &rest[secret.len()..];
            } else {
                shown.push(*first);
                rest = &rest[1..];
            }
        }
        self.held = rest.to_vec();
        shown
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
}
