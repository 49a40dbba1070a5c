//! `date_part` and the functions named after parts.

use super::civil::{DAY, SECOND, date_of, day_of, days_of_month, iso_week, weekday};
use super::local::{Instant, Local};
use super::part::Part;
use super::zone::Clock;

/// The Julian day of 1970-01-01.
const JULIAN_EPOCH: i64 = 2_440_588;

/// Returns a part of a local time as a whole number. [`Part::Epoch`] and [`Part::JulianDay`] lose their fraction.
pub(crate) fn whole(clock: &Clock, instant: Instant, part: Part) -> i64 {
    let local = Local::of(clock, instant);
    let (year, month, day) = local.date();
    let (era, year_of_era) = if year < 1 { (0, 1 - year) } else { (1, year) };
    // Before Christ, centuries are counted backwards.
    let signed = |value: i64| if era == 0 { -value } else { value };
    let micros = local.micros;
    let offset = i64::from(local.offset);
    match part {
        Part::Era => era,
        Part::Millennium => signed((year_of_era - 1) / 1000 + 1),
        Part::Century => signed((year_of_era - 1) / 100 + 1),
        Part::Decade => year_of_era / 10,
        Part::Year => year_of_era,
        Part::IsoYear => iso_week(local.day).0,
        Part::Quarter => (month - 1) / 3 + 1,
        Part::Month => month,
        Part::Week => iso_week(local.day).1,
        Part::YearWeek => {
            let (year, week) = iso_week(local.day);
            year * 100 + if year > 0 { week } else { -week }
        }
        Part::Day => day,
        Part::DayOfYear => local.day - day_of(year, 1, 1) + 1,
        Part::Weekday => weekday(local.day),
        Part::IsoWeekday => (weekday(local.day) + 6) % 7 + 1,
        Part::JulianDay => local.day + JULIAN_EPOCH,
        Part::Hour => micros / (3600 * SECOND),
        Part::Minute => micros / (60 * SECOND) % 60,
        Part::Second => micros / SECOND % 60,
        Part::Millisecond => micros % (60 * SECOND) / 1000,
        Part::Microsecond => micros % (60 * SECOND),
        Part::Epoch => i64::try_from(instant.div_euclid(Instant::from(SECOND))).unwrap_or_default(),
        Part::Offset => offset,
        Part::OffsetHour => offset / 3600,
        Part::OffsetMinute => offset % 3600 / 60,
    }
}

/// Returns a part with its fraction.
#[expect(clippy::cast_precision_loss, reason = "the engine gives these as DOUBLE, computed in this order")]
pub(crate) fn fractional(clock: &Clock, instant: Instant, part: Part) -> f64 {
    match part {
        Part::Epoch => {
            let millis = instant.div_euclid(1000) as f64;
            let micros = instant.rem_euclid(1000) as f64;
            millis / 1000.0 + micros / 1_000_000.0
        }
        Part::JulianDay => {
            let local = Local::of(clock, instant);
            local.micros as f64 / DAY as f64 + (local.day + JULIAN_EPOCH) as f64
        }
        part => whole(clock, instant, part) as f64,
    }
}

/// Returns the last day of the month of a local time.
pub(crate) fn last_day(clock: &Clock, instant: Instant) -> i64 {
    let (year, month, _) = Local::of(clock, instant).date();
    let last = Local {
        day: day_of(year, month, days_of_month(year, month)),
        micros: 0,
        offset: 0,
    };
    // If the clocks were put forward by a day, that day may not exist.
    Local::of(clock, last.instant(clock)).day
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Returns the name of a month from 1 to 12.
pub(crate) fn month_name(month: i64) -> &'static str {
    MONTHS[usize::try_from(month - 1).unwrap_or_default() % 12]
}

/// Returns the name of a day of the week; Sunday is 0.
pub(crate) fn day_name(weekday: i64) -> &'static str {
    DAYS[usize::try_from(weekday).unwrap_or_default() % 7]
}

/// Returns the name of the month of a day.
pub(crate) fn month_of(day: i64) -> &'static str {
    month_name(date_of(day).1)
}
