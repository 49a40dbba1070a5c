//! Adds intervals to times, and computes differences between two times.

use super::civil::{DAY, date_of, day_of, days_of_month, first_monday, is_leap, iso_week};
use super::local::{Instant, Local, OUT_OF_RANGE};
use super::part::Part;
use super::truncate::truncate;
use super::zone::Clock;

/// An interval as the engine stores it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Interval {
    /// Months; a year is twelve.
    pub(crate) months: i32,
    /// Days, which can be longer or shorter than 24 hours.
    pub(crate) days: i32,
    /// Microseconds.
    pub(crate) micros: i64,
}

impl Interval {
    /// Returns the negated interval.
    ///
    /// # Errors
    /// If a negated part is out of range.
    pub(crate) fn negated(self) -> Result<Self, String> {
        let negated = || {
            Some(Self {
                months: self.months.checked_neg()?,
                days: self.days.checked_neg()?,
                micros: self.micros.checked_neg()?,
            })
        };
        negated().ok_or_else(|| "interval value out of range".to_owned())
    }
}

/// Adds an interval: months, then days, then the time; in reverse order if any part is negative.
pub(crate) fn add(clock: &Clock, instant: Instant, interval: Interval) -> Result<Instant, String> {
    // Microseconds below a millisecond are added first, in both orders.
    let below = Instant::from(interval.micros % 1000);
    let rest = Instant::from(interval.micros - interval.micros % 1000);
    let start = instant + below;
    if interval.months < 0 || interval.days < 0 || interval.micros < 0 {
        let moved = add_months(clock, start + rest, i64::from(interval.months))?;
        Ok(add_days(clock, moved, i64::from(interval.days)))
    } else {
        let moved = add_months(clock, start, i64::from(interval.months))?;
        Ok(add_days(clock, moved, i64::from(interval.days)) + rest)
    }
}

/// Returns the same local time `months` later, or the last day of a month that is shorter.
fn add_months(clock: &Clock, instant: Instant, months: i64) -> Result<Instant, String> {
    if months == 0 {
        return Ok(instant);
    }
    let local = Local::of(clock, instant);
    let (year, month, day) = local.date();
    // The calendar counts months and years in 32 bits.
    i32::try_from(month - 1 + months).map_err(|_| OUT_OF_RANGE.to_owned())?;
    let (year, month, _) = date_of(day_of(year, month + months, 1));
    Ok(local.on(year, month, day.min(days_of_month(year, month))).instant(clock))
}

/// Returns the same local time `days` later, if it exists.
fn add_days(clock: &Clock, instant: Instant, days: i64) -> Instant {
    if days == 0 {
        return instant;
    }
    let before = Local::of(clock, instant);
    let moved = instant + Instant::from(days) * Instant::from(DAY);
    let after = Local::of(clock, moved);
    if after.micros == before.micros || after.offset == before.offset {
        return moved;
    }
    // If a zone moves across the date line, the time of day stays and the date changes.
    let adjustment = Instant::from((i64::from(before.offset) - i64::from(after.offset)) % 86_400) * 1_000_000;
    if adjustment == 0 {
        return moved;
    }
    let adjusted = moved + adjustment;
    // A local time that does not exist is read with the offset after the change.
    if adjustment < 0 && Local::of(clock, adjusted).micros != before.micros { moved } else { adjusted }
}

/// Adds years as ISO 8601 counts them; the week and the day of the week stay.
fn add_iso_years(clock: &Clock, instant: Instant, years: i64) -> Instant {
    let local = Local::of(clock, instant);
    let (iso_year, week) = iso_week(local.day);
    let (_, month, day) = local.date();
    if month == 2 && day == 29 && !is_leap(iso_year + years) {
        return local.on(iso_year + years, 2, 28).instant(clock);
    }
    let of_week = (local.day + 3).rem_euclid(7);
    Local {
        day: first_monday(iso_year + years) + (week - 1) * 7 + of_week,
        ..local
    }
    .instant(clock)
}

/// Returns the number of complete steps between two instants.
///
/// `length` is the approximate length of a step, in microseconds.
fn steps(
    start: Instant,
    end: Instant,
    length: Instant,
    step: impl Fn(i64) -> Result<Instant, String>,
) -> Result<i64, String> {
    let too_many = || "Unable to subtract calendar part".to_owned();
    if start == end {
        return Ok(0);
    }
    let direction: i64 = if end > start { 1 } else { -1 };
    let reaches = |count: i64| -> Result<bool, String> {
        if i32::try_from(count).is_err() {
            return Err(too_many());
        }
        let reached = step(count)?;
        Ok(if direction > 0 { reached <= end } else { reached >= end })
    };
    let mut count = i64::try_from((end - start) / length).map_err(|_| too_many())?;
    while count != 0 && !reaches(count)? {
        count -= direction;
    }
    while reaches(count + direction)? {
        count += direction;
    }
    Ok(count)
}

/// Returns the number of complete parts between two times: `date_sub`.
///
/// # Errors
/// If the part can't be counted, or the number does not fit in 32 bits.
pub(crate) fn between(clock: &Clock, start: i64, end: i64, part: Part) -> Result<i64, String> {
    let exact = || end.checked_sub(start).ok_or_else(|| format!("Overflow in subtraction of INT64 ({end} - {start})!"));
    match part {
        Part::Microsecond => return exact(),
        Part::Millisecond => return Ok(exact()? / 1000),
        Part::Second | Part::Epoch => return Ok(exact()? / 1_000_000),
        Part::Minute => return Ok(exact()? / 60_000_000),
        _ => {}
    }
    // The calendar counts milliseconds: the start is rounded down, the end towards 1970.
    let start = Instant::from(start.div_euclid(1000)) * 1000;
    let end = Instant::from(end / 1000) * 1000;
    let months = |count: i64| add_months(clock, start, count);
    let year = Instant::from(DAY) * 146_097 / 400;
    let day = Instant::from(DAY);
    match part {
        Part::Hour => {
            let hours = i64::try_from((end - start) / (day / 24)).unwrap_or(i64::MAX);
            i32::try_from(hours).map(i64::from).map_err(|_| "Unable to subtract calendar part".to_owned())
        }
        Part::Day | Part::Weekday | Part::IsoWeekday | Part::DayOfYear | Part::JulianDay => {
            days_between(clock, start, end)
        }
        Part::Week | Part::YearWeek => steps(start, end, day * 7, |count| Ok(add_days(clock, start, count * 7))),
        Part::Month => steps(start, end, year / 12, months),
        Part::Quarter => Ok(steps(start, end, year / 12, months)? / 3),
        Part::Year => years_between(clock, start, end),
        Part::Decade => Ok(years_between(clock, start, end)? / 10),
        Part::Century => Ok(years_between(clock, start, end)? / 100),
        Part::Millennium => Ok(years_between(clock, start, end)? / 1000),
        Part::IsoYear => steps(start, end, year, |count| Ok(add_iso_years(clock, start, count))),
        Part::Era => Ok(eras_between(clock, start, end)),
        _ => Err("Specifier type not implemented for ICU subtraction".to_owned()),
    }
}

fn days_between(clock: &Clock, start: Instant, end: Instant) -> Result<i64, String> {
    steps(start, end, Instant::from(DAY), |count| Ok(add_days(clock, start, count)))
}

fn years_between(clock: &Clock, start: Instant, end: Instant) -> Result<i64, String> {
    let year = Instant::from(DAY) * 146_097 / 400;
    steps(start, end, year, |count| add_months(clock, start, count * 12))
}

fn era_of(clock: &Clock, instant: Instant) -> i64 {
    i64::from(Local::of(clock, instant).date().0 >= 1)
}

/// Returns the number of complete eras. An era is complete at the date with the same distance from its start.
fn eras_between(clock: &Clock, start: Instant, end: Instant) -> i64 {
    let difference = era_of(clock, end) - era_of(clock, start);
    if difference == 0 {
        return 0;
    }
    let local = Local::of(clock, start);
    let (year, month, day) = local.date();
    let year = 1 - year;
    let reached = local.on(year, month, day.min(days_of_month(year, month))).instant(clock);
    let is_complete = if start < end { reached <= end } else { reached >= end };
    if is_complete { difference } else { 0 }
}

/// Returns the number of starts of a part between two times: `date_diff`.
///
/// # Errors
/// As [`between`].
pub(crate) fn difference(clock: &Clock, start: i64, end: i64, part: Part) -> Result<i64, String> {
    if part == Part::Era {
        return Ok(era_of(clock, Instant::from(end)) - era_of(clock, Instant::from(start)));
    }
    // A week starts at the weekday of the start.
    let unit = if part == Part::Week { Part::Day } else { part };
    let truncated = |micros: i64| -> Result<i64, String> {
        let start = truncate(clock, Instant::from(micros), unit)?;
        i64::try_from(start).map_err(|_| OUT_OF_RANGE.to_owned())
    };
    between(clock, truncated(start)?, truncated(end)?, part)
}

/// Returns the time between two instants as days and the rest of a day.
///
/// # Errors
/// If the result is out of range for an interval.
pub(crate) fn subtract(clock: &Clock, end: i64, start: i64) -> Result<Interval, String> {
    if start > end {
        return subtract(clock, start, end)?.negated();
    }
    let start_millis = start.div_euclid(1000);
    let start_below = start.rem_euclid(1000);
    let (mut end, mut end_below) = (end, end % 1000);
    if end_below >= 0 && start_below > end_below {
        end -= 1000;
        end_below += 1000;
    }
    let from = Instant::from(start_millis) * 1000;
    let until = Instant::from(end / 1000) * 1000;
    let days = days_between(clock, from, until)?;
    let left = until - add_days(clock, from, days);
    let micros = i64::try_from(left).map_err(|_| OUT_OF_RANGE.to_owned())? + end_below - start_below;
    Ok(Interval {
        months: 0,
        days: i32::try_from(days).map_err(|_| OUT_OF_RANGE.to_owned())?,
        micros,
    })
}

/// Returns years, months, days and time between two local times: `age`.
#[expect(clippy::cast_possible_truncation, reason = "years of a timestamp are few, the rest are parts of them")]
pub(crate) fn age(clock: &Clock, end: i64, start: i64) -> Interval {
    let fields = |micros: i64| {
        let local = Local::of(clock, Instant::from(micros));
        let (year, month, day) = local.date();
        (year, month, day, local.micros)
    };
    let (one, other) = (fields(end), fields(start));
    let is_negative = start > end;
    let sign = if is_negative { -1 } else { 1 };
    let mut years = sign * (one.0 - other.0);
    let mut months = sign * (one.1 - other.1);
    let mut days = sign * (one.2 - other.2);
    let mut micros = sign * (one.3 - other.3);
    if micros < 0 {
        micros += DAY;
        days -= 1;
    }
    while days < 0 {
        // Days are borrowed from the month of the earlier time.
        let (year, month) = if is_negative { (one.0, one.1) } else { (other.0, other.1) };
        days += days_of_month(year, month);
        months -= 1;
    }
    while months < 0 {
        months += 12;
        years -= 1;
    }
    Interval {
        months: (sign * (years * 12 + months)) as i32,
        days: (sign * days) as i32,
        micros: sign * micros,
    }
}
