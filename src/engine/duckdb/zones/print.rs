//! Times as text: casts and `strftime`.

use std::fmt::Write as _;

use super::civil::{SECOND, day_of, iso_week, weekday};
use super::local::{Local, finite};
use super::parts::{day_name, month_name};
use super::zone::Clock;

/// Returns the text of infinity.
fn infinity(micros: i64) -> &'static str {
    if micros > 0 { "infinity" } else { "-infinity" }
}

/// Appends a time in its zone: `2024-02-29 13:00:00.5+01`. Like the engine, it omits the seconds of an offset.
pub(crate) fn timestamp(clock: &Clock, micros: i64, out: &mut String) {
    timestamp_with(clock, micros, 0, out);
}

/// As [`timestamp`], with nanoseconds below the microseconds.
pub(crate) fn timestamp_with(clock: &Clock, micros: i64, nanos: i64, out: &mut String) {
    let Some(instant) = finite(micros) else {
        out.push_str(infinity(micros));
        return;
    };
    let local = Local::of(clock, instant);
    date(local, out);
    let of_day = local.micros;
    for (before, value) in
        [(' ', of_day / (3600 * SECOND)), (':', of_day / (60 * SECOND) % 60), (':', of_day / SECOND % 60)]
    {
        out.push(before);
        padded(value, 2, out);
    }
    let fraction = of_day % SECOND;
    if fraction != 0 || nanos != 0 {
        out.push('.');
        padded(fraction, 6, out);
        padded(nanos, 3, out);
        out.truncate(out.trim_end_matches('0').len());
    }
    let minutes = local.offset / 60;
    out.push(if minutes < 0 { '-' } else { '+' });
    padded(i64::from(minutes.abs() / 60), 2, out);
    if minutes % 60 != 0 {
        out.push(':');
        padded(i64::from(minutes.abs() % 60), 2, out);
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let written = out.write_fmt(text);
    debug_assert!(written.is_ok());
}

/// Appends a non-negative number with leading zeros; much faster than formatting.
fn padded(mut number: i64, width: usize, out: &mut String) {
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    while number > 0 || digits.len() - first < width {
        first -= 1;
        digits[first] += u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
    out.extend(digits[first..].iter().map(|digit| char::from(*digit)));
}

fn date(local: Local, out: &mut String) {
    let (year, month, day) = local.date();
    padded(if year < 1 { 1 - year } else { year }, 4, out);
    for value in [month, day] {
        out.push('-');
        padded(value, 2, out);
    }
    if year < 1 {
        out.push_str(" (BC)");
    }
}

/// A piece of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(char),
    /// Without leading zeros.
    Bare(char),
}

/// A parsed format of `strftime`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Format(Vec<Piece>);

impl Format {
    /// Parses a format.
    ///
    /// # Errors
    /// The engine's message about the unknown part.
    pub(crate) fn read(format: &str) -> Result<Self, String> {
        if format.is_empty() {
            return Err("Failed to parse format specifier : Empty format string".to_owned());
        }
        let failed = |why: String| format!("Failed to parse format specifier {format}: {why}");
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut characters = format.chars();
        while let Some(character) = characters.next() {
            if character != '%' {
                text.push(character);
                continue;
            }
            let trailing = || failed("Trailing format character %".to_owned());
            let mut field = characters.next().ok_or_else(trailing)?;
            let is_bare = field == '-';
            if is_bare {
                field = characters.next().ok_or_else(trailing)?;
            }
            if field == '%' && !is_bare {
                text.push('%');
                continue;
            }
            let expansion = match (is_bare, field) {
                (false, 'c') => Some("%Y-%m-%d %H:%M:%S"),
                (false, 'x') => Some("%Y-%m-%d"),
                (false, 'X' | 'T') => Some("%H:%M:%S"),
                _ => None,
            };
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            if let Some(expansion) = expansion {
                pieces.extend(Self::read(expansion)?.0);
                continue;
            }
            let known = if is_bare { "dmyHIMSj" } else { "aAwudbBmyYHIpMSfgGnzZjUVW" };
            if !known.contains(field) {
                let dash = if is_bare { "-" } else { "" };
                return Err(failed(format!("Unrecognized format for strftime/strptime: %{dash}{field}")));
            }
            pieces.push(if is_bare { Piece::Bare(field) } else { Piece::Field(field) });
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        Ok(Self(pieces))
    }

    /// Appends a time in its zone, with nanoseconds below the microseconds; infinity has no fields.
    pub(crate) fn write(&self, clock: &Clock, micros: i64, nanos: i64, out: &mut String) {
        let Some(instant) = finite(micros) else {
            out.push_str(infinity(micros));
            return;
        };
        let local = Local::of(clock, instant);
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Field('n') => push(out, format_args!("{:09}", local.micros % SECOND * 1000 + nanos)),
                Piece::Field(field) => write_field(*field, local, clock, out),
                Piece::Bare(field) => push(out, format_args!("{}", number(*field, local))),
            }
        }
    }
}

/// Returns a field that is a number.
fn number(field: char, local: Local) -> i64 {
    let (year, month, day) = local.date();
    let of_day = local.micros;
    let hour = of_day / (3600 * SECOND);
    let day_of_year = local.day - day_of(year, 1, 1);
    match field {
        'd' => day,
        'm' => month,
        'y' => year.abs() % 100,
        'H' => hour,
        'I' => (hour + 11) % 12 + 1,
        'M' => of_day / (60 * SECOND) % 60,
        'S' => of_day / SECOND % 60,
        'j' => day_of_year + 1,
        'w' => weekday(local.day),
        'u' => (weekday(local.day) + 6) % 7 + 1,
        // Weeks start on Sunday or on Monday; days before the first one are in week 0.
        'U' => (day_of_year + 7 - weekday(local.day)) / 7,
        'W' => (day_of_year + 7 - (weekday(local.day) + 6) % 7) / 7,
        _ => 0,
    }
}

fn write_field(field: char, local: Local, clock: &Clock, out: &mut String) {
    let (year, month, _) = local.date();
    match field {
        'a' => out.push_str(&day_name(weekday(local.day))[..3]),
        'A' => out.push_str(day_name(weekday(local.day))),
        'b' => out.push_str(&month_name(month)[..3]),
        'B' => out.push_str(month_name(month)),
        'w' | 'u' => push(out, format_args!("{}", number(field, local))),
        'Y' => write_year(year, out),
        'p' => out.push_str(if local.micros >= 12 * 3600 * SECOND { "PM" } else { "AM" }),
        'f' => push(out, format_args!("{:06}", local.micros % SECOND)),
        'g' => push(out, format_args!("{:03}", local.micros % SECOND / 1000)),
        'j' => push(out, format_args!("{:03}", number(field, local))),
        'G' => write_year(iso_week(local.day).0, out),
        'V' => push(out, format_args!("{:02}", iso_week(local.day).1)),
        'z' => offset(local.offset, out),
        'Z' => out.push_str(&clock.zone.name),
        _ => push(out, format_args!("{:02}", number(field, local))),
    }
}

/// Years of up to four digits get leading zeros, others do not.
fn write_year(year: i64, out: &mut String) {
    if (0..=9999).contains(&year) {
        push(out, format_args!("{year:04}"));
    } else {
        push(out, format_args!("{year}"));
    }
}

/// Appends `+02` or `-03:30`, with seconds if the offset has them.
fn offset(seconds: i32, out: &mut String) {
    out.push(if seconds < 0 { '-' } else { '+' });
    let seconds = seconds.abs();
    push(out, format_args!("{:02}", seconds / 3600));
    if seconds / 60 % 60 != 0 || seconds % 60 != 0 {
        push(out, format_args!(":{:02}", seconds / 60 % 60));
    }
    if seconds % 60 != 0 {
        push(out, format_args!(":{:02}", seconds % 60));
    }
}

#[cfg(test)]
mod tests {
    use super::super::zone::Zone;
    use super::*;

    fn shown(zone: &str, micros: i64) -> String {
        let mut text = String::new();
        timestamp(&Clock::of(Zone::named(zone).unwrap()), micros, &mut text);
        text
    }

    #[test]
    fn offsets_are_shown_in_hours_and_minutes() {
        assert_eq!(shown("UTC", 0), "1970-01-01 00:00:00+00");
        assert_eq!(shown("Asia/Kolkata", 500_000), "1970-01-01 05:30:00.5+05:30");
        assert_eq!(shown("UTC", i64::MAX), "infinity");
        assert_eq!(shown("UTC", -i64::MAX), "-infinity");
        assert_eq!(shown("UTC", -62_135_683_200_000_000), "0001-12-31 (BC) 00:00:00+00");
        assert_eq!(shown("Europe/Berlin", -3_786_825_600_000_000), "1850-01-01 00:53:28+00:53");
    }

    #[test]
    fn formats_are_written() {
        let clock = Clock::of(Zone::named("Asia/Kathmandu").unwrap());
        let mut text = String::new();
        let format = Format::read("%a %-d %B %y|%Y-%j %U %W %V %G|%I:%M%p %f %z %Z %%").unwrap();
        format.write(&clock, 1_709_164_800_000_001, 0, &mut text);
        assert_eq!(text, "Thu 29 February 24|2024-060 08 09 09 2024|05:45AM 000001 +05:45 Asia/Kathmandu %");
        for wrong in ["", "%", "%-", "%-a", "%q"] {
            assert!(Format::read(wrong).is_err(), "{wrong}");
        }
    }
}
