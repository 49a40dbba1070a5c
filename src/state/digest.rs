use std::fmt;

use serde::{Deserialize, Serialize};

/// A BLAKE3 hash, as 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// Of the parts, each preceded by its length, so that no two lists of parts give one text.
    pub fn of<'a>(domain: &'a str, parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in std::iter::once(domain).chain(parts) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self::from(hasher.finalize())
    }

    /// Of a value's JSON, whose keys are in the order of its declaration.
    pub fn of_json(domain: &str, value: &impl Serialize) -> Self {
        let json = serde_json::to_string(value).expect("dp's own values have a JSON form");
        Self::of(domain, [json.as_str()])
    }

    /// The 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 12 digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }

    /// Takes up what was written by [`Self::as_str`].
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl From<blake3::Hash> for Digest {
    fn from(hash: blake3::Hash) -> Self {
        // Digests are made by the ten thousand; digit by digit into an array of its own took thrice as long.
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
        Self(hash.as_bytes().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_are_those_of_the_hash() {
        let hash = blake3::hash(b"x");
        assert_eq!(Digest::from(hash).as_str(), hash.to_hex().as_str());
    }

    #[test]
    fn parts_are_kept_apart() {
        assert_ne!(Digest::of("x", ["ab", "c"]), Digest::of("x", ["a", "bc"]));
        assert_ne!(Digest::of("x", ["a"]), Digest::of("y", ["a"]));
        assert_ne!(Digest::of("x", []), Digest::of("x", [""]));
    }
}
