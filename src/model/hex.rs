/// Whether a text consists of exactly `digits` hexadecimal digits in lower case, the form of ids and hashes.
pub fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
