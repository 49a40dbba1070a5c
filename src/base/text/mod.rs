//! Shared wording of messages.

mod check;

/// Returns "did you mean `x`?" for the nearest candidate, if one is near.
pub fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(written, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// Returns the nearest candidate, if one is near; the first of equally near ones.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = written.chars().count();
    let limit = (length / 3).max(1);
    candidates
        .into_iter()
        // The distance is at least the difference in length, and is slow to compute for long texts.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
        .map(|candidate| (strsim::damerau_levenshtein(written, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Formats "1 asset", "2 assets".
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{} {noun}s", grouped(number as u64)),
    }
}

/// Formats "a", "a and b", "a, b and c".
pub fn and<I: std::fmt::Display>(items: impl IntoIterator<Item = I>) -> String {
    joined(items, "and")
}

/// Formats "a", "a or b", "a, b or c".
pub fn or<I: std::fmt::Display>(items: impl IntoIterator<Item = I>) -> String {
    joined(items, "or")
}

fn joined<I: std::fmt::Display>(items: impl IntoIterator<Item = I>, last: &str) -> String {
    let items: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    match items.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

/// Formats names in backticks; "`a`, `b` and 3 more" if there are more than `most`.
pub fn named<I: std::fmt::Display>(items: impl IntoIterator<Item = I>, most: usize) -> String {
    let mut items: Vec<_> = items.into_iter().map(|item| format!("`{item}`")).collect();
    if items.len() > most {
        let rest = items.len() - most;
        items.truncate(most);
        items.push(format!("{rest} more"));
    }
    and(items)
}

/// Formats a number with commas between thousands: "336,776".
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a size: "812 B", "1.2 kB", "3.4 MB".
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
pub fn bytes(number: u64) -> String {
    let units = ["kB", "MB", "GB", "TB", "PB"];
    if number < 1000 {
        return format!("{number} B");
    }
    let mut value = number as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", units[unit])
}

/// Formats a duration: "12 ms", "1.2 s", "3 min 4 s", "2 h 5 min", "3 d 4 h".
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
pub fn duration_ms(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0 => format!("{ms} ms"),
        10..60 => format!("{seconds} s"),
        1..60 => format!("{:.1} s", ms as f64 / 1000.0),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// Formats a time: "2026-11-22 17:45:03" in UTC.
pub fn moment(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_candidate_is_proposed_and_a_far_one_is_not() {
        assert_eq!(did_you_mean("raw_order", ["raw_orders", "x"]).unwrap(), "did you mean `raw_orders`?");
        assert_eq!(did_you_mean("abc", ["xyz"]), None);
    }

    #[test]
    fn a_text_of_any_length_is_compared_at_once() {
        let long = "n".repeat(10_000_000);
        assert_eq!(did_you_mean(&long, ["raw_orders", "x"]), None);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(336_776), "336,776");
        assert_eq!(count(1, "asset"), "1 asset");
        assert_eq!(count(1_000, "asset"), "1,000 assets");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(duration_ms(61_000), "1 min 1 s");
        assert_eq!(and(["a", "b", "c"]), "a, b and c");
        assert_eq!(named(["a", "b", "c"], 1), "`a` and 2 more");
    }
}
