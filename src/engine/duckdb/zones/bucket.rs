//! `time_bucket`: the start of the bucket of a fixed width that contains a time.

use super::arithmetic::{Interval, add, between};
use super::civil::DAY;
use super::local::{Local, finite, from_local, stored};
use super::part::Part;
use super::truncate::truncate;
use super::zone::Clock;

/// The origin of buckets of days and less: 2000-01-03, a Monday.
const MONDAY: i64 = 10_959 * DAY;
/// The origin of buckets of months: 2000-01-01.
const FIRST_OF_MONTH: i64 = 10_957 * DAY;

/// The width of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// A number of microseconds.
    Micros(i64),
    /// A number of days.
    Days(i32),
    /// A number of months.
    Months(i32),
}

impl Width {
    /// Returns the width of an interval.
    ///
    /// # Errors
    /// If the interval is not positive, or combines months, days and time.
    pub(crate) fn of(interval: Interval) -> Result<Self, String> {
        let (width, is_positive) = match (interval.months, interval.days, interval.micros) {
            (0, 0, micros) => (Self::Micros(micros), micros > 0),
            (0, days, 0) => (Self::Days(days), days > 0),
            (months, 0, 0) => (Self::Months(months), months > 0),
            (0, ..) => return Err("Day intervals cannot have time component".to_owned()),
            _ => return Err("Month intervals cannot have day or time component".to_owned()),
        };
        if is_positive { Ok(width) } else { Err("Period must be greater than 0".to_owned()) }
    }

    fn origin(self) -> i64 {
        if matches!(self, Self::Months(_)) { FIRST_OF_MONTH } else { MONDAY }
    }
}

/// Returns the bucket of a time, counted from the default origin in UTC.
pub(crate) fn bucket(clock: &Clock, width: Width, time: i64) -> Result<i64, String> {
    from(clock, width, time, width.origin())
}

/// Returns the bucket of a time, counted from the default origin in the zone's local time.
pub(crate) fn bucket_of_zone(clock: &Clock, width: Width, time: i64) -> Result<i64, String> {
    from(clock, width, time, from_local(clock, width.origin())?)
}

/// Returns the bucket of a time, with all buckets moved by an interval.
pub(crate) fn bucket_moved(clock: &Clock, width: Width, time: i64, offset: Interval) -> Result<i64, String> {
    let Some(instant) = finite(time) else {
        return Ok(time);
    };
    let moved = stored(add(clock, instant, offset.negated()?)?)?;
    let start = from(clock, width, moved, width.origin())?;
    stored(add(clock, start.into(), offset)?)
}

/// Returns the bucket of a time, counted from an origin.
pub(crate) fn from(clock: &Clock, width: Width, time: i64, origin: i64) -> Result<i64, String> {
    if finite(time).is_none() {
        return Ok(time);
    }
    let out_of_range = || "Timestamp out of range".to_owned();
    let of_origin = |months: i32, days: i32, micros: i64| -> Result<i64, String> {
        stored(add(clock, origin.into(), Interval { months, days, micros })?)
    };
    match width {
        Width::Micros(width) => {
            let passed = time.checked_sub(origin).ok_or_else(out_of_range)?;
            let start = passed.div_euclid(width).checked_mul(width).ok_or_else(out_of_range)?;
            of_origin(0, 0, start)
        }
        Width::Days(width) => {
            let passed = between(clock, origin, time, Part::Day)?;
            let days = i32::try_from(passed / i64::from(width) * i64::from(width)).map_err(|_| out_of_range())?;
            let step = |from: i64, days: i32| {
                stored(add(
                    clock,
                    from.into(),
                    Interval {
                        months: 0,
                        days,
                        micros: 0,
                    },
                )?)
            };
            let mut start = of_origin(0, days, 0)?;
            // If a midnight does not exist or occurs twice, counting from the origin is off by one day.
            while time < start {
                start = step(start, -width)?;
            }
            // The last bucket of the range has no next one.
            while let Some(next) = step(start, width).ok().filter(|next| *next <= time && *next > start) {
                start = next;
            }
            Ok(start)
        }
        Width::Months(width) => {
            let start_of_month = |time: i64| stored(truncate(clock, time.into(), Part::Month)?);
            let origin = start_of_month(origin)?;
            let passed = between(clock, origin, start_of_month(time)?, Part::Month)?;
            let width = i64::from(width);
            let months = i32::try_from(passed.div_euclid(width) * width).map_err(|_| out_of_range())?;
            let start = stored(add(
                clock,
                origin.into(),
                Interval {
                    months,
                    days: 0,
                    micros: 0,
                },
            )?)?;
            if start <= time {
                return Ok(start);
            }
            // If midnight occurs twice, the bucket starts at the first.
            let first = Local {
                offset: Local::of(clock, time.into()).offset,
                ..Local::of(clock, start.into())
            };
            stored(first.instant_at_offset())
        }
    }
}
