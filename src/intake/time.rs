//! Written dates and times: ISO 8601, with `T` or a space.

/// The parts of a text that is a date, a time or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// Whether it contains a date.
    pub date: bool,
    /// The time of day, if there is one.
    pub time: Option<TimeOfDay>,
    /// Whether `T` separates them, not a space.
    pub t: bool,
    /// The offset from UTC, if it is written.
    pub offset: Option<Offset>,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeOfDay {
    /// Whether seconds are written.
    pub seconds: bool,
    /// The number of fraction digits of a second, as written.
    pub fraction: u8,
    /// The number of fraction digits up to the last that is not `0`.
    pub significant: u8,
    /// Whether it is midnight.
    pub is_zero: bool,
}

/// An offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offset {
    /// `Z`.
    Zulu,
    /// `+00`, `+00:00` or `-00:00`.
    Zero,
    /// Any other.
    Other,
}

impl Moment {
    /// Parses `YYYY-MM-DD`, `HH:MM[:SS[.F…]]`, or both separated by `T` or one space, then an offset.
    ///
    /// Returns `None` for any other text, and for a day that does not exist.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.as_bytes();
        let date = rest.get(4) == Some(&b'-');
        let mut t = false;
        if date {
            rest = parse_date(rest)?;
            match rest.split_first() {
                None => {
                    return Some(Self {
                        date,
                        time: None,
                        t,
                        offset: None,
                    });
                }
                Some((b'T', after)) => {
                    t = true;
                    rest = after;
                }
                Some((b' ', after)) => rest = after,
                Some(_) => return None,
            }
        }
        let (time, rest) = parse_time(rest)?;
        let offset = parse_offset(rest).ok()?;
        Some(Self {
            date,
            time: Some(time),
            t,
            offset,
        })
    }
}

fn two(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', rest @ ..] => Some(((a - b'0') * 10 + b - b'0', rest)),
        _ => None,
    }
}

fn parse_date(text: &[u8]) -> Option<&[u8]> {
    let (century, rest) = two(text)?;
    let (year, rest) = two(rest)?;
    let (month, rest) = two(rest.strip_prefix(b"-")?)?;
    let (day, rest) = two(rest.strip_prefix(b"-")?)?;
    let year = i16::from(century) * 100 + i16::from(year);
    let is_day = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).is_ok();
    (is_day && year > 0).then_some(rest)
}

fn parse_time(text: &[u8]) -> Option<(TimeOfDay, &[u8])> {
    let (hour, rest) = two(text)?;
    let (minute, mut rest) = two(rest.strip_prefix(b":")?)?;
    let mut time = TimeOfDay {
        seconds: false,
        fraction: 0,
        significant: 0,
        is_zero: hour == 0 && minute == 0,
    };
    let mut second = 0;
    if let Some(after) = rest.strip_prefix(b":") {
        (second, rest) = two(after)?;
        time.seconds = true;
        if let Some(after) = rest.strip_prefix(b".") {
            let length = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (fraction, after) = after.split_at(length);
            let last = fraction.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
            time.fraction = u8::try_from(length).ok().filter(|length| *length > 0)?;
            time.significant = u8::try_from(last).ok()?;
            rest = after;
        }
        time.is_zero &= second == 0 && time.significant == 0;
    }
    (hour < 24 && minute < 60 && second < 60).then_some((time, rest))
}

/// Parses an offset, which may be missing; `Err` for any other text.
fn parse_offset(text: &[u8]) -> Result<Option<Offset>, NoOffset> {
    match text {
        [] => return Ok(None),
        b"Z" => return Ok(Some(Offset::Zulu)),
        _ => {}
    }
    let rest = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).ok_or(NoOffset)?;
    let (hours, rest) = two(rest).ok_or(NoOffset)?;
    let minutes = if rest.is_empty() {
        0
    } else {
        let (minutes, rest) = two(rest.strip_prefix(b":").unwrap_or(rest)).ok_or(NoOffset)?;
        if !rest.is_empty() {
            return Err(NoOffset);
        }
        minutes
    };
    if hours > 15 || minutes > 59 {
        return Err(NoOffset);
    }
    Ok(Some(if hours == 0 && minutes == 0 { Offset::Zero } else { Offset::Other }))
}

/// A text that is not an offset from UTC.
struct NoOffset;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_dates_and_times() {
        let date = Moment::parse("2026-05-02").unwrap();
        assert!(date.date && date.time.is_none());
        let both = Moment::parse("2026-05-02T23:10:00.120").unwrap();
        assert!(both.t && both.offset.is_none());
        let time = both.time.unwrap();
        assert_eq!((time.fraction, time.significant, time.seconds, time.is_zero), (3, 2, true, false));
        assert!(Moment::parse("2026-05-02 00:00:00").unwrap().time.unwrap().is_zero);
        assert_eq!(Moment::parse("2026-05-02 10:00Z").unwrap().offset, Some(Offset::Zulu));
        assert_eq!(Moment::parse("2026-05-02 10:00+00:00").unwrap().offset, Some(Offset::Zero));
        assert_eq!(Moment::parse("2026-05-02 10:00-0530").unwrap().offset, Some(Offset::Other));
        assert!(!Moment::parse("23:30").unwrap().date);
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "2026-02-30",
            "2025-02-29",
            "2026-13-01",
            "0000-01-01",
            "24:00",
            "10:60",
            "10:00:60",
            "1:00",
            "2026-5-2",
            "02/05/2026",
            "2026-05-02T",
            "2026-05-02  10:00",
            "10:00:00.",
            "2026-05-02 10:00 UTC",
            "2026-05-02x",
            "2026-05-02 10:00+5",
            "20260502",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
        assert!(Moment::parse("2024-02-29").is_some());
    }
}
