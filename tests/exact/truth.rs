//! Whether a value that dp gives is the one that was written: found out without dp's own code.

/// Whether the engine's text for a value of this type stands for the text that was written.
pub(crate) fn is_same(data_type: &str, written: &str, read: &str) -> bool {
    if data_type == "VARCHAR" {
        return written == read;
    }
    if data_type == "DOUBLE" || data_type.starts_with("DECIMAL") || data_type.ends_with("INT") || data_type == "INTEGER"
    {
        return number(written).is_some_and(|value| Some(value) == number(read));
    }
    if data_type.starts_with("TIMESTAMP") {
        let plain = |text: &str| {
            let text = text.replacen('T', " ", 1);
            let text = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00")).unwrap_or(&text).to_owned();
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
        };
        return plain(written) == plain(read);
    }
    if data_type == "TIME" {
        let plain = |text: &str| {
            if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                text.to_owned()
            }
        };
        return plain(written) == plain(read);
    }
    written == read
}

/// A number's sign, digits without zeros at both ends, and the position of its point.
fn number(text: &str) -> Option<(bool, String, i64)> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let point = i64::try_from(whole.len()).ok()? + exponent - i64::try_from(leading).ok()?;
    let digits = digits.trim_matches('0').to_owned();
    if digits.is_empty() {
        return Some((false, digits, 0));
    }
    Some((negative, digits, point))
}
