//! `make_timestamptz`.

use super::civil::{DAY, SECOND, day_of};
use super::local::{Local, OUT_OF_RANGE, stored};
use super::zone::Clock;

/// Builds a time from year, month, day, hour and minute, and seconds. A part beyond its range carries over.
///
/// # Errors
/// If a part does not fit in 32 bits, or the time is out of range.
#[expect(clippy::cast_possible_truncation, reason = "seconds are looked at before")]
pub(crate) fn timestamp(clock: &Clock, parts: [i64; 5], seconds: f64) -> Result<i64, String> {
    let narrow = |value: i64| {
        i32::try_from(value).map(i64::from).map_err(|_| {
            format!("Type INT64 with value {value} can't be cast because the value is out of range for the destination type INT32")
        })
    };
    let [year, month, day, hour, minute] = parts;
    // The argument -1 is the year 1 BC, which the calendar counts as 0.
    let year = narrow(year + i64::from(year < 0))?;
    let month = narrow(month.checked_sub(1).ok_or_else(|| "month out of range".to_owned())?)? + 1;
    let (day, hour, minute) = (narrow(day)?, narrow(hour)?, narrow(minute)?);
    let whole = seconds.round_ties_even();
    if !(whole >= f64::from(i32::MIN) && whole <= f64::from(i32::MAX)) {
        return Err(format!("Type DOUBLE with value {seconds} can't be cast to INT32"));
    }
    let millis_and_below = (seconds - whole) * 1000.0;
    let millis = millis_and_below.trunc();
    let below = ((millis_and_below - millis) * 1000.0).round();
    let micros = ((hour * 60 + minute) * 60 + whole as i64) * SECOND + millis as i64 * 1000;
    let local = Local {
        day: day_of(year, month, day) + micros.div_euclid(DAY),
        micros: micros.rem_euclid(DAY),
        offset: 0,
    };
    // The calendar has no unit below the millisecond, so the time in milliseconds must be in range.
    stored(local.instant(clock))?.checked_add(below as i64).ok_or_else(|| OUT_OF_RANGE.to_owned())
}
