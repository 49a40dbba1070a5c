use std::fmt;

use serde::{Deserialize, Serialize};

/// A BLAKE3 hash, as 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

/// A text that is not a hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a hash of 64 hexadecimal digits", .0.escape_debug())]
pub struct NoDigest(String);

impl Digest {
    /// Hashes the parts, each preceded by its length, so that two different lists of parts never give the same input.
    pub fn of<'a>(domain: &'a str, parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in std::iter::once(domain).chain(parts) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self::from(hasher.finalize())
    }

    /// Hashes a value's JSON, with keys in the order of their declaration.
    pub fn of_json(domain: &str, value: &impl Serialize) -> Self {
        let json = serde_json::to_string(value).expect("dp's own values have a JSON form");
        Self::of(domain, [json.as_str()])
    }

    /// Returns the 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the first 12 digits, for display.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl std::str::FromStr for Digest {
    type Err = NoDigest;

    fn from_str(text: &str) -> Result<Self, NoDigest> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for Digest {
    type Error = NoDigest;

    fn try_from(text: String) -> Result<Self, NoDigest> {
        if crate::model::is_hex(&text, 64) { Ok(Self(text)) } else { Err(NoDigest(text)) }
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl From<blake3::Hash> for Digest {
    fn from(hash: blake3::Hash) -> Self {
        // dp creates tens of thousands of digests; formatting each digit separately took three times as long.
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
    fn only_64_digits_are_a_hash() {
        let digest = Digest::random();
        assert_eq!(digest.as_str().parse(), Ok(digest.clone()));
        for text in ["", "x", "../../x", &"A".repeat(64), &"g".repeat(64), &digest.as_str()[1..], &"é".repeat(32)] {
            assert!(text.parse::<Digest>().is_err(), "{text:?}");
            assert!(serde_json::from_value::<Digest>(text.into()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn parts_are_kept_apart() {
        assert_ne!(Digest::of("x", ["ab", "c"]), Digest::of("x", ["a", "bc"]));
        assert_ne!(Digest::of("x", ["a"]), Digest::of("y", ["a"]));
        assert_ne!(Digest::of("x", []), Digest::of("x", [""]));
    }
}
