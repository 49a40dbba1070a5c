//! The parts of a time that have a name: `year`, `month`, `isodow` and so on.

/// A part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Era,
    Millennium,
    Century,
    Decade,
    Year,
    IsoYear,
    Quarter,
    Month,
    Week,
    YearWeek,
    Day,
    DayOfYear,
    Weekday,
    IsoWeekday,
    JulianDay,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Epoch,
    Offset,
    OffsetHour,
    OffsetMinute,
}

/// All names of all parts, as in the engine.
const NAMES: [(Part, &[&str]); 24] = [
    (Part::Year, &["year", "yr", "y", "years", "yrs"]),
    (Part::Month, &["month", "mon", "months", "mons"]),
    (Part::Day, &["day", "days", "d", "dayofmonth"]),
    (Part::Decade, &["decade", "dec", "decades", "decs"]),
    (Part::Century, &["century", "cent", "centuries", "c"]),
    (Part::Millennium, &["millennium", "mil", "millenniums", "millennia", "mils", "millenium"]),
    (Part::Microsecond, &["microseconds", "microsecond", "us", "usec", "usecs", "usecond", "useconds"]),
    (Part::Millisecond, &["milliseconds", "millisecond", "ms", "msec", "msecs", "msecond", "mseconds"]),
    (Part::Second, &["second", "sec", "seconds", "secs", "s"]),
    (Part::Minute, &["minute", "min", "minutes", "mins", "m"]),
    (Part::Hour, &["hour", "hr", "hours", "hrs", "h"]),
    (Part::Epoch, &["epoch"]),
    (Part::Weekday, &["dow", "dayofweek", "weekday"]),
    (Part::IsoWeekday, &["isodow"]),
    (Part::Week, &["week", "weeks", "w", "weekofyear"]),
    (Part::DayOfYear, &["doy", "dayofyear"]),
    (Part::Quarter, &["quarter", "quarters"]),
    (Part::YearWeek, &["yearweek"]),
    (Part::IsoYear, &["isoyear"]),
    (Part::Era, &["era"]),
    (Part::Offset, &["timezone"]),
    (Part::OffsetHour, &["timezone_hour"]),
    (Part::OffsetMinute, &["timezone_minute"]),
    (Part::JulianDay, &["julian", "jd"]),
];

impl Part {
    /// Returns the part of a name, in upper or lower case.
    ///
    /// # Errors
    /// The engine's message about an unknown name.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        let found = NAMES.iter().find(|(_, names)| names.iter().any(|known| known.eq_ignore_ascii_case(name)));
        found.map(|(part, _)| *part).ok_or_else(|| format!("extract specifier \"{name}\" not recognized"))
    }

    /// Whether the part is a number with a fraction.
    pub(crate) fn is_fractional(self) -> bool {
        matches!(self, Self::Epoch | Self::JulianDay)
    }
}
