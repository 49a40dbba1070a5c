//! Unique identifiers: of the state, of versions, of temporary files.

/// Returns `bytes` random bytes from the operating system, as hexadecimal digits.
///
/// Panics only if the operating system has no random numbers.
pub fn random_hex(bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    getrandom::fill(&mut buffer).expect("the operating system gives random bytes");
    let mut text = String::with_capacity(bytes * 2);
    for byte in buffer {
        text.push(char::from_digit(u32::from(byte >> 4), 16).expect("four bits are a digit"));
        text.push(char::from_digit(u32::from(byte & 15), 16).expect("four bits are a digit"));
    }
    text
}

/// Whether a text consists of exactly `digits` hexadecimal digits in the form of [`random_hex`] and of hashes.
pub fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
