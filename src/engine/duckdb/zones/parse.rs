//! Parses a text as a time with a time zone, like the engine.

use super::civil::{DAY, SECOND, day_of, days_of_month};
use super::local::from_local;
use super::zone::{Clock, Zone};

/// A text that is not a time.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    Format,
    Range,
    Zone(String),
}

/// Parses a time: with an offset, with the name of a zone, or in the zone of the clock.
///
/// # Errors
/// The engine's message about the text.
pub(crate) fn timestamp(clock: &Clock, text: &str) -> Result<i64, String> {
    timestamp_with(clock, text).map(|(micros, _)| micros)
}

/// As [`timestamp`], and returns the nanoseconds below the microseconds.
pub(crate) fn timestamp_with(clock: &Clock, text: &str) -> Result<(i64, i64), String> {
    let mut nanos = 0;
    let micros = read(clock, text, &mut nanos).map_err(|wrong| match wrong {
        Wrong::Format => format!(
            "invalid timestamp field format: \"{text}\", expected format is (YYYY-MM-DD HH:MM[:SS[.US]][±HH[:MM[:SS]]| ZONE])"
        ),
        Wrong::Range => format!("timestamp field value out of range: \"{text}\""),
        Wrong::Zone(message) => message,
    })?;
    Ok((micros, nanos))
}

fn read(clock: &Clock, text: &str, nanos: &mut i64) -> Result<i64, Wrong> {
    let mut rest = Rest(text.as_bytes());
    let day = match read_date(&mut rest)? {
        Date::Special(micros) => return Ok(micros),
        Date::Day(day) => day,
    };
    let in_zone = |clock: &Clock, local: i64| from_local(clock, local).map_err(|_| Wrong::Range);
    let midnight = day.checked_mul(DAY).ok_or(Wrong::Range)?;
    if rest.is_empty() {
        return in_zone(clock, midnight);
    }
    if matches!(rest.peek(), Some(b' ' | b'T')) {
        rest.take();
    }
    let time = read_time(&mut rest, nanos)?;
    if time > DAY {
        return Err(Wrong::Range);
    }
    let local = midnight.checked_add(time).ok_or(Wrong::Range)?;
    let mut zone = None;
    let mut offset = None;
    if rest.peek() == Some(b'Z') {
        rest.take();
        offset = Some(0);
    } else if let Some(seconds) = read_offset(&mut rest)? {
        offset = Some(seconds);
    } else if !rest.is_empty() {
        if rest.take() != Some(b' ') {
            return Err(Wrong::Format);
        }
        let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_/+-:".contains(byte);
        let length = rest.0.iter().take_while(|byte| is_of_name(byte)).count();
        let (name, after) = rest.0.split_at(length);
        rest = Rest(after);
        if !name.is_empty() {
            zone = Some(String::from_utf8_lossy(name).into_owned());
        }
    }
    rest.skip_spaces();
    if !rest.is_empty() {
        return Err(Wrong::Format);
    }
    if let Some(seconds) = offset {
        return local.checked_sub(seconds * SECOND).ok_or(Wrong::Range);
    }
    match zone {
        Some(name) => {
            let zone = Zone::named(&name).map_err(|unknown| Wrong::Zone(unknown.to_string()))?;
            in_zone(&Clock::of(zone), local)
        }
        None => in_zone(clock, local),
    }
}

/// The rest of the text.
#[derive(Clone, Copy)]
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    fn peek(self) -> Option<u8> {
        self.0.first().copied()
    }

    fn take(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.take();
        }
    }

    /// Parses a number of two digits.
    fn pair(&mut self) -> Result<i64, Wrong> {
        let has_two = self.0.len() >= 2 && self.0[1].is_ascii_digit();
        self.number(2).filter(|_| has_two).ok_or(Wrong::Format)
    }

    /// Parses a number of at most `most` digits; `None` if there is no digit.
    fn number(&mut self, most: usize) -> Option<i64> {
        let length = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

enum Date {
    Day(i64),
    /// A word, which ends the text.
    Special(i64),
}

/// The maximum number of digits in the year of a date.
const YEAR_DIGITS: usize = 9;

fn read_date(rest: &mut Rest<'_>) -> Result<Date, Wrong> {
    rest.skip_spaces();
    let is_negative = rest.peek() == Some(b'-');
    if is_negative {
        rest.take();
    }
    if !rest.peek().ok_or(Wrong::Format)?.is_ascii_digit() {
        let word = rest.0.trim_ascii_end();
        // The words for infinity and for the epoch, in the engine's order.
        return if word.eq_ignore_ascii_case(b"infinity") || word.eq_ignore_ascii_case(b"inf") {
            Ok(Date::Special(if is_negative { -i64::MAX } else { i64::MAX }))
        } else if word.eq_ignore_ascii_case(b"epoch") {
            Ok(Date::Special(0))
        } else {
            Err(Wrong::Format)
        };
    }
    let year = rest.number(YEAR_DIGITS).ok_or(Wrong::Format)?;
    if rest.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::Range);
    }
    let separator = rest.take().filter(|byte| b" -/\\".contains(byte)).ok_or(Wrong::Format)?;
    let month = rest.number(2).ok_or(Wrong::Format)?;
    if rest.take() != Some(separator) {
        return Err(Wrong::Format);
    }
    let day = rest.number(2).ok_or(Wrong::Format)?;
    let mut year = if is_negative { -year } else { year };
    if rest.0.len() >= 5 && is_space(rest.0[0]) && rest.0[1..5].eq_ignore_ascii_case(b"(bc)") {
        if is_negative || year == 0 {
            return Err(Wrong::Format);
        }
        year = 1 - year;
        rest.0 = &rest.0[5..];
    }
    if rest.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::Format);
    }
    if !(1..=12).contains(&month) || !(1..=days_of_month(year, month)).contains(&day) {
        return Err(Wrong::Range);
    }
    Ok(Date::Day(day_of(year, month, day)))
}

/// Parses hours, minutes and optional seconds with a fraction, in microseconds; three further digits are nanoseconds.
fn read_time(rest: &mut Rest<'_>, nanos: &mut i64) -> Result<i64, Wrong> {
    rest.skip_spaces();
    let hour = rest.number(10).ok_or(Wrong::Format)?;
    if rest.take() != Some(b':') {
        return Err(Wrong::Format);
    }
    let ends = |rest: &Rest<'_>| rest.peek().is_none_or(|byte| matches!(byte, b'Z' | b'+' | b'-') || is_space(byte));
    let mut parts = [0_i64; 2];
    for (index, part) in parts.iter_mut().enumerate() {
        if ends(rest) {
            break;
        }
        if index == 1 && rest.take() != Some(b':') {
            return Err(Wrong::Format);
        }
        if ends(rest) {
            break;
        }
        *part = rest.number(2).filter(|value| *value < 60).ok_or(Wrong::Format)?;
    }
    let mut fraction = 0;
    if rest.peek() == Some(b'.') {
        rest.take();
        let mut unit = SECOND * 1000 / 10;
        while let Some(digit) = rest.peek().filter(u8::is_ascii_digit) {
            fraction += i64::from(digit - b'0') * unit;
            unit /= 10;
            rest.take();
        }
    }
    if !ends(rest) {
        return Err(Wrong::Format);
    }
    *nanos = fraction % 1000;
    let micros = fraction / 1000;
    let seconds = hour.checked_mul(3600).and_then(|hours| hours.checked_add(parts[0] * 60 + parts[1]));
    seconds.and_then(|seconds| seconds.checked_mul(SECOND)?.checked_add(micros)).ok_or(Wrong::Format)
}

/// Parses an offset of hours, minutes and seconds, in seconds; `None` if there is none.
fn read_offset(rest: &mut Rest<'_>) -> Result<Option<i64>, Wrong> {
    let sign = match rest.peek() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return Ok(None),
    };
    rest.take();
    let mut seconds = rest.pair()? * 3600;
    let has_colons = rest.peek() == Some(b':');
    for unit in [60, 1] {
        if has_colons {
            if rest.peek() != Some(b':') {
                break;
            }
            rest.take();
        } else if unit == 1 || rest.0.len() < 2 || !rest.0[0].is_ascii_digit() {
            break;
        }
        seconds += rest.pair()? * unit;
    }
    Ok(Some(sign * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_in(zone: &str, text: &str) -> Result<i64, Wrong> {
        read(&Clock::of(Zone::named(zone).unwrap()), text, &mut 0)
    }

    #[test]
    fn offsets_and_zones_are_read() {
        assert_eq!(read_in("UTC", "1970-01-01"), Ok(0));
        assert_eq!(read_in("Europe/Berlin", "1970-01-01"), Ok(-3600 * SECOND));
        for text in [
            "1970-01-01 02:00+02",
            "1970-01-01T00:00:00Z",
            " 1970-1-1 05:30:00+05:30 ",
            "1970-01-01 00:00 UTC",
            "1970-01-01 05:30:00.000 asia/kolkata",
            "1970-01-01 00:53:28+00:53:28",
            "1970-01-01 05:30+0530",
            "epoch",
            "1970/01/01 0:0:",
        ] {
            assert_eq!(read_in("UTC", text), Ok(0), "{text}");
        }
        assert_eq!(read_in("UTC", "0044-03-15 (BC) 12:00:00+00"), read_in("UTC", "-43-03-15 12:00:00Z"));
        assert_eq!(read_in("UTC", "-infinity"), Ok(-i64::MAX));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "x",
            "1970",
            "1970-01-01x",
            "1970-01-01 25",
            "1970-01-01 00:60",
            "1970-01-01 00:00:00.1.2",
            "1970-01-01 00:00 UTC x",
        ] {
            assert_eq!(read_in("UTC", text), Err(Wrong::Format), "{text}");
        }
        for text in ["1970-13-01", "2023-02-29", "1970-01-01 24:00:01", "300000-01-01 00:00"] {
            assert_eq!(read_in("UTC", text), Err(Wrong::Range), "{text}");
        }
        assert!(matches!(read_in("UTC", "1970-01-01 00:00 Nowhere"), Err(Wrong::Zone(_))));
    }
}
