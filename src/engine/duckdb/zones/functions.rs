//! The functions that use time zones, as overloads of the engine's functions.

use super::arithmetic::{self, Interval};
use super::bucket::{self, Width};
use super::casts::parts_of_nanos;
use super::ffi::{Constant, Field, Kind, Output, Rows, Scalar};
use super::local::{Instant, Local, OUT_OF_RANGE, finite, from_local, nanoseconds, stored, to_local};
use super::part::Part;
use super::zone::{Clock, Zone};
use super::{make, parts, print, truncate};

use Kind::{
    Any, Bigint, Date, Double, Interval as Span, Timestamp, TimestampNs, TimestampTz as Tz, TimestampTzList,
    TimestampTzNs as TzNs, Varchar, VarcharList,
};

/// A result; `None` (NULL) if an argument is NULL.
type Answer<T> = Result<Option<T>, String>;

/// Declares functions of one time that are named after a part.
macro_rules! part_functions {
    ($($name:literal $part:ident),* $(,)?) => {
        &[$(Scalar {
            name: $name,
            arguments: &[Tz],
            result: if matches!(Part::$part, Part::Epoch | Part::JulianDay) { Double } else { Bigint },
            resolve: None,
            run: |rows, output| part(rows, output, Part::$part),
        }),*]
    };
}

/// The functions named after parts.
pub(super) const PARTS: &[Scalar] = part_functions![
    "era" Era, "millennium" Millennium, "century" Century, "decade" Decade, "year" Year, "isoyear" IsoYear,
    "quarter" Quarter, "month" Month, "week" Week, "weekofyear" Week, "yearweek" YearWeek, "day" Day, "dayofmonth" Day,
    "dayofyear" DayOfYear, "dayofweek" Weekday, "weekday" Weekday, "isodow" IsoWeekday, "julian" JulianDay,
    "hour" Hour, "minute" Minute, "second" Second, "millisecond" Millisecond, "microsecond" Microsecond,
    "epoch" Epoch, "timezone" Offset, "timezone_hour" OffsetHour, "timezone_minute" OffsetMinute,
];

/// Declares one function under two names.
macro_rules! both {
    ($one:literal, $other:literal, $arguments:expr, $result:expr, $resolve:expr, $run:expr) => {
        &[
            Scalar {
                name: $one,
                arguments: $arguments,
                result: $result,
                resolve: $resolve,
                run: $run,
            },
            Scalar {
                name: $other,
                arguments: $arguments,
                result: $result,
                resolve: $resolve,
                run: $run,
            },
        ]
    };
}

const fn scalar(
    name: &'static str,
    arguments: &'static [Kind],
    result: Kind,
    run: fn(&Rows<'_>, &mut Output<'_>) -> Result<(), String>,
) -> Scalar {
    Scalar {
        name,
        arguments,
        result,
        resolve: None,
        run,
    }
}

/// `date_part` and similar functions.
pub(super) const DATE_PART: &[Scalar] =
    both!("date_part", "datepart", &[Varchar, Tz], Any, Some(type_of_part), date_part);
pub(super) const DATE_PARTS: &[Scalar] =
    both!("date_part", "datepart", &[VarcharList, Tz], Any, Some(type_of_parts), date_parts);
pub(super) const DATE_TRUNC: &[Scalar] = both!("date_trunc", "datetrunc", &[Varchar, Tz], Tz, None, date_trunc);
pub(super) const DATE_DIFF: &[Scalar] =
    both!("date_diff", "datediff", &[Varchar, Tz, Tz], Bigint, None, |rows, output| between(
        rows,
        output,
        arithmetic::difference
    ));
/// `date_diff` of times in nanoseconds. Its smallest part is the microsecond.
pub(super) const DATE_DIFF_NS: &[Scalar] =
    both!("date_diff", "datediff", &[Varchar, TzNs, TzNs], Bigint, None, |rows, output| {
        between(rows, output, |clock, start, end, part| {
            arithmetic::difference(clock, start.div_euclid(1000), end.div_euclid(1000), part)
        })
    });
pub(super) const DATE_SUB: &[Scalar] =
    both!("date_sub", "datesub", &[Varchar, Tz, Tz], Bigint, None, |rows, output| between(
        rows,
        output,
        arithmetic::between
    ));

/// All other functions.
pub(super) const OTHERS: &[Scalar] = &[
    scalar("last_day", &[Tz], Date, last_day),
    scalar("monthname", &[Tz], Varchar, |rows, output| name(rows, output, |local| parts::month_of(local.day))),
    scalar("dayname", &[Tz], Varchar, |rows, output| {
        name(rows, output, |local| parts::day_name(super::civil::weekday(local.day)))
    }),
    scalar("+", &[Tz, Span], Tz, |rows, output| add(rows, output, 0, 1, Ok)),
    scalar("+", &[Span, Tz], Tz, |rows, output| add(rows, output, 1, 0, Ok)),
    scalar("-", &[Tz, Span], Tz, |rows, output| add(rows, output, 0, 1, Interval::negated)),
    scalar("-", &[Tz, Tz], Span, subtract),
    scalar("age", &[Tz, Tz], Span, age),
    scalar("timezone", &[Varchar, Timestamp], Tz, |rows, output| in_zone(rows, output, from_local)),
    scalar("timezone", &[Varchar, Tz], Timestamp, |rows, output| in_zone(rows, output, to_local)),
    scalar("timezone", &[Varchar, TimestampNs], TzNs, |rows, output| {
        in_zone(rows, output, |clock, nanos| nanoseconds(clock, nanos, from_local))
    }),
    scalar("timezone", &[Varchar, TzNs], TimestampNs, |rows, output| {
        in_zone(rows, output, |clock, nanos| nanoseconds(clock, nanos, to_local))
    }),
    scalar("strftime", &[Tz, Varchar], Varchar, |rows, output| strftime(rows, output, |micros| (micros, 0))),
    scalar("strftime", &[TzNs, Varchar], Varchar, |rows, output| strftime(rows, output, parts_of_nanos)),
    scalar("make_timestamptz", &[Bigint], Tz, of_micros),
    scalar("make_timestamptz", &[Bigint, Bigint, Bigint, Bigint, Bigint, Double], Tz, make_timestamptz),
    scalar("make_timestamptz", &[Bigint, Bigint, Bigint, Bigint, Bigint, Double, Varchar], Tz, make_timestamptz),
    scalar("time_bucket", &[Span, Tz], Tz, |rows, output| {
        let clock = Clock::of(Zone::utc());
        buckets(rows, output, |_, width, time| bucket::bucket(&clock, width, time).map(Some))
    }),
    scalar("time_bucket", &[Span, Tz, Span], Tz, |rows, output| {
        let clock = Clock::of(Zone::utc());
        let offsets = rows.intervals(2)?;
        buckets(rows, output, |row, width, time| {
            let offset = offsets.get(row);
            offset.map(|offset| bucket::bucket_moved(&clock, width, time, offset)).transpose()
        })
    }),
    scalar("time_bucket", &[Span, Tz, Tz], Tz, |rows, output| {
        let clock = Clock::of(Zone::utc());
        let origins = rows.longs(2)?;
        buckets(rows, output, |row, width, time| {
            let origin = origins.get(row).filter(|origin| finite(*origin).is_some());
            origin.map(|origin| bucket::from(&clock, width, time, origin)).transpose()
        })
    }),
    scalar("time_bucket", &[Span, Tz, Varchar], Tz, |rows, output| {
        let mut clocks = Clocks::of(rows, 2)?;
        buckets(rows, output, |row, width, time| {
            clocks.get(row)?.map(|clock| bucket::bucket_of_zone(clock, width, time)).transpose()
        })
    }),
    scalar("range", &[Tz, Tz, Span], TimestampTzList, |rows, output| range(rows, output, false)),
    scalar("generate_series", &[Tz, Tz, Span], TimestampTzList, |rows, output| range(rows, output, true)),
];

/// Functions without arguments that return the current time, in terms of `now()`.
pub(super) const MACROS: &[(&str, &str)] = &[
    ("current_date", "CAST(now() AS DATE)"),
    ("today", "CAST(now() AS DATE)"),
    ("get_current_time", "CAST(now() AS TIMETZ)"),
    ("current_localtimestamp", "CAST(now() AS TIMESTAMP)"),
    ("current_localtime", "CAST(CAST(now() AS TIMESTAMP) AS TIME)"),
];

/// An argument of zone names. Looks a name up only if it differs from that of the previous row.
struct Clocks<'a> {
    names: super::ffi::Texts<'a>,
    last: Option<(String, Clock)>,
}

impl<'a> Clocks<'a> {
    fn of(rows: &'a Rows<'_>, index: usize) -> Result<Self, String> {
        Ok(Self {
            names: rows.texts(index)?,
            last: None,
        })
    }

    fn get(&mut self, row: usize) -> Result<Option<&Clock>, String> {
        let Some(name) = self.names.get(row) else {
            return Ok(None);
        };
        if self.last.as_ref().is_none_or(|(known, _)| known != name) {
            let zone = Zone::named(name).map_err(|unknown| unknown.to_string())?;
            self.last = Some((name.to_owned(), Clock::of(zone)));
        }
        Ok(self.last.as_ref().map(|(_, clock)| clock))
    }
}

/// An argument of part names. Parses a name only if it differs from that of the previous row.
struct Parts<'a> {
    names: super::ffi::Texts<'a>,
    last: Option<(String, Part)>,
}

impl<'a> Parts<'a> {
    fn of(rows: &'a Rows<'_>, index: usize) -> Result<Self, String> {
        Ok(Self {
            names: rows.texts(index)?,
            last: None,
        })
    }

    fn get(&mut self, row: usize) -> Answer<Part> {
        let Some(name) = self.names.get(row) else {
            return Ok(None);
        };
        match &self.last {
            Some((known, part)) if known == name => Ok(Some(*part)),
            _ => {
                let part = Part::named(name)?;
                self.last = Some((name.to_owned(), part));
                Ok(Some(part))
            }
        }
    }
}

fn part(rows: &Rows<'_>, output: &mut Output<'_>, part: Part) -> Result<(), String> {
    let (clock, times) = (rows.clock()?, rows.longs(0)?);
    let instant = |row: usize| times.get(row).and_then(finite);
    if part.is_fractional() {
        output.doubles(|row| Ok(instant(row).map(|instant| parts::fractional(&clock, instant, part))))
    } else {
        output.longs(|row| Ok(instant(row).map(|instant| parts::whole(&clock, instant, part))))
    }
}

fn type_of(part: Part) -> &'static str {
    if part.is_fractional() { "DOUBLE" } else { "BIGINT" }
}

fn type_of_part(name: Constant) -> Result<String, String> {
    match name {
        Constant::Text(name) => Ok(type_of(Part::named(&name)?).to_owned()),
        _ => Ok("DOUBLE".to_owned()),
    }
}

fn date_part(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let (clock, times) = (rows.clock()?, rows.longs(1)?);
    let mut names = Parts::of(rows, 0)?;
    let instant = |row: usize| times.get(row).and_then(finite);
    if output.kind() == Bigint {
        output.longs(|row| {
            let (Some(part), Some(instant)) = (names.get(row)?, instant(row)) else {
                return Ok(None);
            };
            Ok(Some(parts::whole(&clock, instant, part)))
        })
    } else {
        output.doubles(|row| {
            let (Some(part), Some(instant)) = (names.get(row)?, instant(row)) else {
                return Ok(None);
            };
            Ok(Some(parts::fractional(&clock, instant, part)))
        })
    }
}

/// Parses the part names of a list; a repeated name is an error.
fn parts_of(names: Vec<Option<String>>) -> Result<Vec<(String, Part)>, String> {
    let mut parts: Vec<(String, Part)> = Vec::new();
    for name in names {
        let name = name.ok_or("NULL struct entry name in date_part")?;
        let part = Part::named(&name)?;
        if parts.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            return Err(format!("Duplicate struct entry name \"{name}\" in date_part"));
        }
        parts.push((name, part));
    }
    if parts.is_empty() { Err("date_part requires non-empty lists of part names".to_owned()) } else { Ok(parts) }
}

fn type_of_parts(names: Constant) -> Result<String, String> {
    let Constant::Texts(names) = names else {
        return Err("date_part can only take constant lists of part names".to_owned());
    };
    let fields = parts_of(names)?;
    let fields =
        fields.iter().map(|(name, part)| format!("{} {}", crate::sql::quote::identifier(name), type_of(*part)));
    Ok(format!("STRUCT({})", fields.collect::<Vec<_>>().join(", ")))
}

fn date_parts(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let (clock, times) = (rows.clock()?, rows.longs(1)?);
    let Some(names) = rows.list(0)? else {
        return output.structure(|_| false, Vec::new());
    };
    let (clock, times) = (&clock, &times);
    let instant = move |row: usize| times.get(row).and_then(finite);
    let fields = parts_of(names)?.into_iter().map(|(_, part)| -> Field<'_> {
        if part.is_fractional() {
            Field::Doubles(Box::new(move |row| Some(parts::fractional(clock, instant(row)?, part))))
        } else {
            Field::Longs(Box::new(move |row| Some(parts::whole(clock, instant(row)?, part))))
        }
    });
    output.structure(|row| times.get(row).is_some(), fields.collect())
}

fn date_trunc(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let (clock, times) = (rows.clock()?, rows.longs(1)?);
    let mut names = Parts::of(rows, 0)?;
    output.longs(|row| {
        let (Some(part), Some(time)) = (names.get(row)?, times.get(row)) else {
            return Ok(None);
        };
        let Some(instant) = finite(time) else {
            return Ok(Some(time));
        };
        // The start of the first day of the range is before the smallest timestamp, but it fits in the number.
        let start = truncate::truncate(&clock, instant, part)?;
        i64::try_from(start).map(Some).map_err(|_| OUT_OF_RANGE.to_owned())
    })
}

fn between(
    rows: &Rows<'_>,
    output: &mut Output<'_>,
    count: fn(&Clock, i64, i64, Part) -> Result<i64, String>,
) -> Result<(), String> {
    let (clock, starts, ends) = (rows.clock()?, rows.longs(1)?, rows.longs(2)?);
    let mut names = Parts::of(rows, 0)?;
    output.longs(|row| {
        let (Some(part), Some(start), Some(end)) = (names.get(row)?, starts.get(row), ends.get(row)) else {
            return Ok(None);
        };
        if finite(start).is_none() || finite(end).is_none() {
            return Ok(None);
        }
        count(&clock, start, end, part).map(Some)
    })
}

fn last_day(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let (clock, times) = (rows.clock()?, rows.longs(0)?);
    output.days(|row| {
        let last = times.get(row).and_then(finite).map(|instant| parts::last_day(&clock, instant));
        last.map(|day| i32::try_from(day).map_err(|_| "the day is out of range".to_owned())).transpose()
    })
}

fn name(rows: &Rows<'_>, output: &mut Output<'_>, of: fn(Local) -> &'static str) -> Result<(), String> {
    let (clock, times) = (rows.clock()?, rows.longs(0)?);
    output.texts(|row, text| {
        Ok(times.get(row).and_then(finite).map(|instant| text.push_str(of(Local::of(&clock, instant)))))
    })
}

fn add(
    rows: &Rows<'_>,
    output: &mut Output<'_>,
    time: usize,
    interval: usize,
    direction: fn(Interval) -> Result<Interval, String>,
) -> Result<(), String> {
    let (clock, times, intervals) = (rows.clock()?, rows.longs(time)?, rows.intervals(interval)?);
    output.longs(|row| {
        let (Some(time), Some(interval)) = (times.get(row), intervals.get(row)) else {
            return Ok(None);
        };
        let Some(instant) = finite(time) else {
            return Ok(Some(time));
        };
        stored(arithmetic::add(&clock, instant, direction(interval)?)?).map(Some)
    })
}

fn subtract(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let (clock, ends, starts) = (rows.clock()?, rows.longs(0)?, rows.longs(1)?);
    output.intervals(|row| {
        let (Some(end), Some(start)) = (ends.get(row), starts.get(row)) else {
            return Ok(None);
        };
        if finite(end).is_none() || finite(start).is_none() {
            return Err("Cannot subtract infinite timestamps".to_owned());
        }
        arithmetic::subtract(&clock, end, start).map(Some)
    })
}

fn age(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let (clock, ends, starts) = (rows.clock()?, rows.longs(0)?, rows.longs(1)?);
    output.intervals(|row| {
        let (Some(end), Some(start)) = (ends.get(row), starts.get(row)) else {
            return Ok(None);
        };
        // Infinity counts as the largest timestamp here.
        Ok(Some(arithmetic::age(&clock, end, start)))
    })
}

fn in_zone(
    rows: &Rows<'_>,
    output: &mut Output<'_>,
    convert: fn(&Clock, i64) -> Result<i64, String>,
) -> Result<(), String> {
    let times = rows.longs(1)?;
    let mut clocks = Clocks::of(rows, 0)?;
    output.longs(|row| {
        let Some(time) = times.get(row) else {
            return Ok(None);
        };
        clocks.get(row)?.map(|clock| convert(clock, time)).transpose()
    })
}

fn strftime(rows: &Rows<'_>, output: &mut Output<'_>, split: fn(i64) -> (i64, i64)) -> Result<(), String> {
    let (clock, times, formats) = (rows.clock()?, rows.longs(0)?, rows.texts(1)?);
    let mut last: Option<(String, print::Format)> = None;
    output.texts(|row, text| {
        let (Some(time), Some(format)) = (times.get(row), formats.get(row)) else {
            return Ok(None);
        };
        if last.as_ref().is_none_or(|(known, _)| known != format) {
            last = Some((format.to_owned(), print::Format::read(format)?));
        }
        let (micros, nanos) = split(time);
        Ok(last.as_ref().map(|(_, format)| format.write(&clock, micros, nanos, text)))
    })
}

fn of_micros(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let micros = rows.longs(0)?;
    output.longs(|row| match micros.get(row) {
        Some(micros) if finite(micros).is_none() => Err(format!("Timestamp microseconds out of range: {micros}")),
        micros => Ok(micros),
    })
}

fn make_timestamptz(rows: &Rows<'_>, output: &mut Output<'_>) -> Result<(), String> {
    let parts = [rows.longs(0)?, rows.longs(1)?, rows.longs(2)?, rows.longs(3)?, rows.longs(4)?];
    let seconds = rows.doubles(5)?;
    let mut clocks = if rows.width() > 6 { Some(Clocks::of(rows, 6)?) } else { None };
    let clock = if clocks.is_some() { Clock::of(Zone::utc()) } else { rows.clock()? };
    output.longs(|row| {
        let values = parts.each_ref().map(|part| part.get(row));
        let ([Some(year), Some(month), Some(day), Some(hour), Some(minute)], Some(seconds)) =
            (values, seconds.get(row))
        else {
            return Ok(None);
        };
        let parts = [year, month, day, hour, minute];
        match &mut clocks {
            Some(clocks) => clocks.get(row)?.map(|clock| make::timestamp(clock, parts, seconds)).transpose(),
            None => make::timestamp(&clock, parts, seconds).map(Some),
        }
    })
}

fn buckets(
    rows: &Rows<'_>,
    output: &mut Output<'_>,
    mut bucket: impl FnMut(usize, Width, i64) -> Answer<i64>,
) -> Result<(), String> {
    let (widths, times) = (rows.intervals(0)?, rows.longs(1)?);
    output.longs(|row| {
        let (Some(width), Some(time)) = (widths.get(row), times.get(row)) else {
            return Ok(None);
        };
        bucket(row, Width::of(width)?, time)
    })
}

/// The maximum number of times in one list.
const MOST_VALUES: usize = u32::MAX as usize;

fn range(rows: &Rows<'_>, output: &mut Output<'_>, with_end: bool) -> Result<(), String> {
    let (clock, starts, ends, steps) = (rows.clock()?, rows.longs(0)?, rows.longs(1)?, rows.intervals(2)?);
    output.lists(|row, values| {
        let (Some(start), Some(end), Some(step)) = (starts.get(row), ends.get(row), steps.get(row)) else {
            return Ok(None);
        };
        times(&clock, start, end, step, with_end, values).map(Some)
    })
}

/// Appends the times from a start to an end.
fn times(
    clock: &Clock,
    start: i64,
    end: i64,
    step: Interval,
    with_end: bool,
    values: &mut Vec<i64>,
) -> Result<(), String> {
    let is_positive = step.months > 0 || step.days > 0 || step.micros > 0;
    let is_negative = step.months < 0 || step.days < 0 || step.micros < 0;
    if !is_positive && !is_negative {
        return Ok(());
    }
    if finite(start).is_none() || finite(end).is_none() {
        return Err("Interval infinite bounds not supported".to_owned());
    }
    if is_positive && is_negative {
        return Err("Interval with mix of negative/positive entries not supported".to_owned());
    }
    let first = values.len();
    let mut time = start;
    loop {
        let is_inside = match (is_positive, with_end) {
            (true, true) => time <= end,
            (true, false) => time < end,
            (false, true) => time >= end,
            (false, false) => time > end,
        };
        if !is_inside {
            return Ok(());
        }
        if values.len() - first >= MOST_VALUES {
            return Err("Lists larger than 2^32 elements are not supported".to_owned());
        }
        values.push(time);
        time = stored(arithmetic::add(clock, Instant::from(time), step)?)?;
    }
}
