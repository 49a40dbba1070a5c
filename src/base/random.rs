//! Random numbers of the operating system: unique ids of the state, of versions and of temporary files.

use crate::model::{Digest, VersionId};

/// Returns `bytes` random bytes from the operating system, as hexadecimal digits.
///
/// Panics only if the operating system has no random numbers.
pub fn hex(bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    getrandom::fill(&mut buffer).expect("the operating system gives random bytes");
    let mut text = String::with_capacity(bytes * 2);
    for byte in buffer {
        text.push(char::from_digit(u32::from(byte >> 4), 16).expect("four bits are a digit"));
        text.push(char::from_digit(u32::from(byte & 15), 16).expect("four bits are a digit"));
    }
    text
}

impl VersionId {
    /// Returns a new random id.
    pub fn random() -> Self {
        hex(8).parse().expect("16 hexadecimal digits")
    }
}

impl Digest {
    /// Returns a random hash, which equals the hash of no content.
    pub fn random() -> Self {
        hex(32).parse().expect("64 hexadecimal digits")
    }
}
