//! `date_trunc`: the start of the year, week or hour that contains a time.

use super::civil::{SECOND, first_monday, iso_week, monday};
use super::local::{Instant, Local};
use super::part::Part;
use super::zone::Clock;

const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Returns the start of a part in local time.
///
/// Parts below an hour keep the offset. From hours on, the start is read as a local time, so within a repeated hour it
/// can be after the time itself.
pub(crate) fn truncate(clock: &Clock, instant: Instant, part: Part) -> Result<Instant, String> {
    let local = Local::of(clock, instant);
    let (year, month, _) = local.date();
    let midnight = Local { micros: 0, ..local };
    Ok(match part {
        Part::Microsecond => return Ok(instant),
        Part::Millisecond => return Ok(down_to(local, 1000)),
        Part::Second | Part::Epoch => return Ok(down_to(local, SECOND)),
        Part::Minute => return Ok(down_to(local, MINUTE)),
        Part::Hour => Local {
            micros: local.micros - local.micros % HOUR,
            ..local
        },
        Part::Day | Part::Weekday | Part::IsoWeekday | Part::DayOfYear | Part::JulianDay => midnight,
        Part::Week | Part::YearWeek => Local {
            day: monday(local.day),
            ..midnight
        },
        Part::IsoYear => Local {
            day: first_monday(iso_week(local.day).0),
            ..midnight
        },
        Part::Month => midnight.on(year, month, 1),
        Part::Quarter => {
            let start = start_of(clock, midnight.on(year, month, 1));
            let (year, month, day) = start.date();
            start.on(year, (month - 1) / 3 * 3 + 1, day)
        }
        Part::Year => midnight.on(year, 1, 1),
        Part::Decade => whole_years(clock, midnight.on(year, 1, 1), 10),
        Part::Century => whole_years(clock, midnight.on(year, 1, 1), 100),
        Part::Millennium => whole_years(clock, midnight.on(year, 1, 1), 1000),
        Part::Era => {
            let start = start_of(clock, midnight.on(year, 1, 1));
            let (year, month, day) = start.date();
            start.on(i64::from(year < 1), month, day)
        }
        Part::Offset | Part::OffsetHour | Part::OffsetMinute => {
            return Err("Specifier type not implemented for ICU DATETRUNC".to_owned());
        }
    }
    .instant(clock))
}

fn down_to(local: Local, unit: i64) -> Instant {
    Local {
        micros: local.micros - local.micros % unit,
        ..local
    }
    .instant_at_offset()
}

/// Returns the local time that clocks show when they reach a time; midnight may not exist.
fn start_of(clock: &Clock, local: Local) -> Local {
    Local::of(clock, local.instant(clock))
}

/// Returns the first year of a period of `years`, counted within its era.
fn whole_years(clock: &Clock, local: Local, years: i64) -> Local {
    let start = start_of(clock, local);
    let (year, month, day) = start.date();
    let year = if year < 1 { 1 - (1 - year) / years * years } else { year / years * years };
    start.on(year, month, day)
}
