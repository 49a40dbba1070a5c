//! Casts between times with a time zone and types without one.

use super::civil::DAY;
use super::ffi::{Cast, Kind, Output, Rows};
use super::local::{Local, finite, from_local, in_nanoseconds, nanoseconds, to_local};
use super::zone::Clock;
use super::{parse, print};

use Kind::{
    Date, TimeTz, Timestamp, TimestampMs, TimestampNs, TimestampS, TimestampTz as Tz, TimestampTzNs as TzNs, Varchar,
};

/// The engine's cost of an implicit cast to a time with a time zone.
const TO_TZ: i64 = 123;
/// The cost of a cast that is never implicit.
const EXPLICIT: i64 = -1;

/// All casts except those between TIME and TIMETZ, whose result would depend on today's date.
pub(super) const CASTS: &[Cast] = &[
    cast(Timestamp, Tz, TO_TZ, |rows, output| from(rows, output, Some)),
    cast(TimestampS, Tz, TO_TZ, |rows, output| from(rows, output, |seconds| seconds.checked_mul(1_000_000))),
    cast(TimestampMs, Tz, TO_TZ, |rows, output| from(rows, output, |millis| millis.checked_mul(1000))),
    cast(TimestampNs, Tz, EXPLICIT, |rows, output| from(rows, output, |nanos| Some(rounded(nanos, 1000)))),
    cast(Date, Tz, TO_TZ, from_date),
    cast(Tz, Timestamp, EXPLICIT, |rows, output| to(rows, output, Some)),
    cast(Tz, TimestampS, EXPLICIT, |rows, output| to(rows, output, |micros| in_unit(micros, 1_000_000))),
    cast(Tz, TimestampMs, EXPLICIT, |rows, output| to(rows, output, |micros| in_unit(micros, 1000))),
    cast(Tz, TimestampNs, EXPLICIT, |rows, output| to(rows, output, |micros| micros.checked_mul(1000))),
    cast(Tz, Date, EXPLICIT, to_date),
    cast(Tz, TimeTz, EXPLICIT, to_time),
    cast(Varchar, Tz, EXPLICIT, from_text),
    cast(Tz, Varchar, EXPLICIT, to_text),
    cast(TimestampNs, TzNs, EXPLICIT, |rows, output| of_nanos(rows, output, from_local)),
    cast(TzNs, TimestampNs, EXPLICIT, |rows, output| of_nanos(rows, output, to_local)),
    cast(Varchar, TzNs, EXPLICIT, nanos_from_text),
    cast(TzNs, Varchar, EXPLICIT, nanos_to_text),
];

const fn cast(from: Kind, to: Kind, cost: i64, run: super::ffi::Run) -> Cast {
    Cast { from, to, cost, run }
}

/// Converts a time to a larger unit; a half is rounded away from 1970.
fn rounded(value: i64, unit: i64) -> i64 {
    let halves = value / (unit / 2);
    (if halves < 0 { halves - 1 } else { halves + 1 }) / 2
}

/// As [`rounded`], but `None` if the engine could not convert the result back.
fn in_unit(micros: i64, unit: i64) -> Option<i64> {
    Some(rounded(micros, unit)).filter(|value| value.checked_mul(unit).is_some())
}

fn from(rows: &Rows<'_>, output: &mut Output<'_>, to_micros: fn(i64) -> Option<i64>) -> Result<(), String> {
    let (clock, times) = (rows.clock()?, rows.longs(0)?);
    output.longs(|row| {
        let Some(time) = times.get(row) else {
            return Ok(None);
        };
        if finite(time).is_none() {
            return Ok(Some(time));
        }
        let micros = to_micros(time).ok_or("Could not convert Timestamp to microseconds.")?;
        from_local(&clock, micros).map(Some)
    })
}

fn from_date(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let (clock, days) = (rows.clock()?, rows.days(0)?);
    output.longs(|row| match days.get(row) {
        None => Ok(None),
        Some(i32::MAX) => Ok(Some(i64::MAX)),
        Some(day) if day == -i32::MAX => Ok(Some(-i64::MAX)),
        Some(day) => {
            let midnight =
                i64::from(day).checked_mul(DAY).ok_or("Could not convert DATE to TIMESTAMP WITH TIME ZONE")?;
            from_local(&clock, midnight).map(Some)
        }
    })
}

fn to(rows: &Rows<'_>, output: &mut Output<'_>, of_micros: fn(i64) -> Option<i64>) -> Result<(), String> {
    let (clock, times) = (rows.clock()?, rows.longs(0)?);
    output.longs(|row| {
        let Some(time) = times.get(row) else {
            return Ok(None);
        };
        if finite(time).is_none() {
            return Ok(Some(time));
        }
        let micros = to_local(&clock, time)?;
        of_micros(micros).map(Some).ok_or_else(|| "Could not convert Timestamp to higher precision.".to_owned())
    })
}

fn to_date(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let (clock, times) = (rows.clock()?, rows.longs(0)?);
    output.days(|row| {
        let Some(time) = times.get(row) else {
            return Ok(None);
        };
        let Some(instant) = finite(time) else {
            return Ok(Some(if time > 0 { i32::MAX } else { -i32::MAX }));
        };
        let day = Local::of(&clock, instant).day;
        i32::try_from(day).map(Some).map_err(|_| "Unable to convert TIMESTAMPTZ to DATE".to_owned())
    })
}

/// The maximum offset of a time from UTC, in seconds. The engine stores this maximum minus the offset.
const MOST_OFFSET: i64 = 16 * 3600 - 1;

fn to_time(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let (clock, times) = (rows.clock()?, rows.longs(0)?);
    output.longs(|row| {
        Ok(times.get(row).and_then(finite).map(|instant| {
            let local = Local::of(&clock, instant);
            local.micros << 24 | (MOST_OFFSET - i64::from(local.offset))
        }))
    })
}

fn from_text(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let (clock, texts) = (rows.clock()?, rows.texts(0)?);
    output.longs(|row| texts.get(row).map(|text| parse::timestamp(&clock, text)).transpose())
}

fn to_text(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let (clock, times): (Clock, _) = (rows.clock()?, rows.longs(0)?);
    output.texts(|row, text| Ok(times.get(row).map(|time| print::timestamp(&clock, time, text))))
}

fn of_nanos(
    rows: &Rows<'_>,
    output: &mut Output<'_>,
    convert: fn(&Clock, i64) -> Result<i64, String>,
) -> Result<(), String> {
    let (clock, times) = (rows.clock()?, rows.longs(0)?);
    output.longs(|row| times.get(row).map(|time| nanoseconds(&clock, time, convert)).transpose())
}

fn nanos_from_text(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let (clock, texts) = (rows.clock()?, rows.texts(0)?);
    output.longs(|row| {
        let Some(text) = texts.get(row) else {
            return Ok(None);
        };
        let (micros, nanos) = parse::timestamp_with(&clock, text)?;
        if finite(micros).is_none() { Ok(Some(micros)) } else { in_nanoseconds(micros, nanos).map(Some) }
    })
}

fn nanos_to_text(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let (clock, times): (Clock, _) = (rows.clock()?, rows.longs(0)?);
    output.texts(|row, text| {
        let Some(time) = times.get(row) else {
            return Ok(None);
        };
        let (micros, nanos) = parts_of_nanos(time);
        print::timestamp_with(&clock, micros, nanos, text);
        Ok(Some(()))
    })
}

/// Splits nanoseconds into microseconds and the nanoseconds below them; infinity stays as it is.
pub(super) fn parts_of_nanos(time: i64) -> (i64, i64) {
    if finite(time).is_none() { (time, 0) } else { (time.div_euclid(1000), time.rem_euclid(1000)) }
}
