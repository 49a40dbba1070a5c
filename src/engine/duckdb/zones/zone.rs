//! A time zone as a table of the seconds at which its offset from UTC changes.
//!
//! The data is that of `jiff`'s bundled time zone database, so that results depend on no file of the machine.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use jiff::tz::TimeZoneDatabase;
use jiff::{Timestamp, civil};

use super::civil::day_of;
use super::legacy;

/// The period in seconds after which the Gregorian calendar, and so every rule of daylight saving, repeats.
const CYCLE: i64 = 146_097 * 86_400;
/// The last year whose changes are in the table. Later seconds are looked up a number of cycles earlier.
const LAST_YEAR: i16 = 2500;

/// A time zone.
#[derive(Debug)]
pub(crate) struct Zone {
    /// Its name in the database.
    pub(crate) name: String,
    /// When its clocks change, in seconds since 1970-01-01 UTC, ascending.
    changes: Vec<i64>,
    /// The offset from UTC before the first change and after each, in seconds.
    offsets: Vec<i32>,
    /// For each change, the first local second at which its offset applies, even if a later change moves it back.
    local_changes: Vec<i64>,
}

/// A name that is not a time zone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownZone(pub(crate) String);

impl std::fmt::Display for UnknownZone {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Unknown TimeZone '{}'!", self.0)?;
        let similar = similar_names(&self.0);
        if !similar.is_empty() {
            write!(out, " Candidate time zones: {}", similar.join(", "))?;
        }
        Ok(())
    }
}

/// The maximum number of similar names in a message.
const MOST_CANDIDATES: usize = 3;
/// The minimum similarity of such a name; 1 is equal.
const SIMILAR: f64 = 0.8;

fn similar_names(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    let mut scored: Vec<(f64, String)> = names()
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&known.to_lowercase(), &lower), known))
        .filter(|(score, _)| *score >= SIMILAR)
        .collect();
    scored.sort_by(|(one, a), (other, b)| other.total_cmp(one).then_with(|| a.cmp(b)));
    scored.into_iter().take(MOST_CANDIDATES).map(|(_, name)| name).collect()
}

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
static ZONES: LazyLock<Mutex<BTreeMap<String, &'static Zone>>> = LazyLock::new(Mutex::default);

/// Returns the names of all time zones, sorted.
pub(crate) fn names() -> Vec<String> {
    let mut names: Vec<String> = DATABASE.available().map(|name| name.to_string()).collect();
    names.extend(legacy::ALIASES.iter().map(|(name, _)| (*name).to_owned()));
    names.sort_unstable();
    names
}

impl Zone {
    /// Returns the zone of a name: one of the database in upper or lower case, `GMT+5:30` or `UTC+5`.
    ///
    /// Reads a zone once and keeps it until the process ends.
    ///
    /// # Errors
    /// If the zone does not exist.
    pub(crate) fn named(name: &str) -> Result<&'static Self, UnknownZone> {
        let mut zones = ZONES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = zones.get(name) {
            return Ok(known);
        }
        // Only zones that exist are kept, because data can contain any number of invalid names.
        let zone = read(name).ok_or_else(|| UnknownZone(name.to_owned()))?;
        let zone: &'static Self = Box::leak(Box::new(zone));
        zones.insert(name.to_owned(), zone);
        Ok(zone)
    }

    /// UTC.
    pub(crate) fn utc() -> &'static Self {
        static UTC: LazyLock<Zone> = LazyLock::new(|| Zone::fixed("UTC".to_owned(), 0));
        &UTC
    }

    fn fixed(name: String, offset: i32) -> Self {
        Self::of(name, Vec::new(), vec![offset])
    }

    fn of(name: String, changes: Vec<i64>, offsets: Vec<i32>) -> Self {
        // The last change that applies at a local second decides. So a repeated local time is the later one, and a
        // local time that does not exist has the offset before the change. No change applies later than its successor.
        let mut local_changes: Vec<i64> =
            changes.iter().zip(&offsets[1..]).map(|(change, offset)| change + i64::from(*offset)).collect();
        for index in (1..local_changes.len()).rev() {
            local_changes[index - 1] = local_changes[index - 1].min(local_changes[index]);
        }
        Self {
            name,
            changes,
            offsets,
            local_changes,
        }
    }

    /// Returns the offset at a second, and the seconds from which and until which it applies.
    fn offset_at(&self, second: i64) -> (i32, i64, i64) {
        let cycles = cycles_after(second);
        let index = self.changes.partition_point(|change| *change <= second - cycles);
        let since = if index == 0 { i64::MIN } else { self.changes[index - 1] + cycles };
        let until = self.changes.get(index).map_or(i64::MAX, |change| change + cycles);
        (self.offsets[index], since, until)
    }

    /// Returns the offset of a local second.
    pub(crate) fn offset_of_local(&self, local: i64) -> i32 {
        let local = local - cycles_after(local);
        self.offsets[self.local_changes.partition_point(|change| *change <= local)]
    }
}

fn cycles_after(second: i64) -> i64 {
    let last = day_of(i64::from(LAST_YEAR), 1, 1) * 86_400;
    if second < last { 0 } else { ((second - last) / CYCLE + 1) * CYCLE }
}

fn read(name: &str) -> Option<Zone> {
    let target = legacy::ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name));
    let target = target.map_or(name, |(_, target)| target);
    if let Ok(zone) = DATABASE.get(target) {
        let name = zone.iana_name().unwrap_or(name).to_owned();
        let first = zone.to_offset(Timestamp::MIN).seconds();
        let end = civil::date(LAST_YEAR + 1, 1, 1).to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        let (mut changes, mut offsets) = (Vec::new(), vec![first]);
        for change in zone.following(Timestamp::MIN).take_while(|change| change.timestamp() < end) {
            let offset = change.offset().seconds();
            if offsets.last() != Some(&offset) {
                changes.push(change.timestamp().as_second());
                offsets.push(offset);
            }
        }
        return Some(Zone::of(name, changes, offsets));
    }
    if let Some(offset) = custom_offset(name) {
        return Some(Zone::fixed(name.to_owned(), offset));
    }
    let mapped = of_utc(name)?;
    DATABASE.get(&mapped).is_ok().then(|| read(&mapped)).flatten()
}

/// Returns the offset of `GMT+h`, `GMT+hmm`, `GMT-hh:mm:ss` and similar names, in seconds.
fn custom_offset(name: &str) -> Option<i32> {
    let (prefix, rest) = name.split_at_checked(3)?;
    if !prefix.eq_ignore_ascii_case("GMT") {
        return None;
    }
    let (sign, digits) = match rest.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let number = |text: &str, lengths: std::ops::RangeInclusive<usize>| -> Option<i32> {
        let plain = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if plain { text.parse().ok() } else { None }
    };
    let parts: Vec<&str> = digits.split(':').collect();
    let (hours, minutes, seconds) = match parts[..] {
        [whole] => {
            let value = number(whole, 1..=6)?;
            match whole.len() {
                1 | 2 => (value, 0, 0),
                3 | 4 => (value / 100, value % 100, 0),
                _ => (value / 10_000, value / 100 % 100, value % 100),
            }
        }
        [hours, minutes] => (number(hours, 1..=2)?, number(minutes, 2..=2)?, 0),
        [hours, minutes, seconds] => (number(hours, 1..=2)?, number(minutes, 2..=2)?, number(seconds, 2..=2)?),
        _ => return None,
    };
    (hours <= 23 && minutes <= 59 && seconds <= 59).then_some(sign * ((hours * 60 + minutes) * 60 + seconds))
}

/// Returns the database's name for `UTC+2`, `UTC+02` and `UTC+0200`; the database uses the opposite sign.
fn of_utc(name: &str) -> Option<String> {
    let rest = name.strip_prefix("UTC")?;
    let (sign, digits) = match rest.split_at_checked(1)? {
        ("+", digits) => ('-', digits),
        ("-", digits) => ('+', digits),
        _ => return None,
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b':') {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let hours = match digits.split_once(':') {
        Some((hours, _)) => hours,
        None if digits.len() <= 2 => digits,
        None => &digits[..digits.len() - 2],
    };
    Some(if hours.is_empty() { "Etc/GMT+0".to_owned() } else { format!("Etc/GMT{sign}{hours}") })
}

/// A zone with the period of the last look-up, because the times of neighbouring rows are usually close to each other.
#[derive(Debug)]
pub(crate) struct Clock {
    /// The zone.
    pub(crate) zone: &'static Zone,
    /// The offset of the last look-up, and the seconds from which and until which it applies.
    last: Cell<(i32, i64, i64)>,
}

impl Clock {
    /// Creates the clock of a zone.
    pub(crate) fn of(zone: &'static Zone) -> Self {
        Self {
            zone,
            last: Cell::new(zone.offset_at(0)),
        }
    }

    /// Returns the offset of the zone at a second since 1970-01-01 UTC, in seconds.
    pub(crate) fn offset_at(&self, second: i64) -> i32 {
        let (offset, since, until) = self.last.get();
        if since <= second && second < until {
            return offset;
        }
        let found = self.zone.offset_at(second);
        self.last.set(found);
        found.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(year: i64, month: i64, day: i64, hour: i64, minute: i64) -> i64 {
        day_of(year, month, day) * 86_400 + hour * 3600 + minute * 60
    }

    #[test]
    fn gaps_are_read_with_the_offset_before_and_repeated_hours_with_the_one_after() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        assert_eq!(berlin.offset_of_local(second(2024, 3, 31, 1, 59)), 3600);
        assert_eq!(berlin.offset_of_local(second(2024, 3, 31, 2, 30)), 3600);
        assert_eq!(berlin.offset_of_local(second(2024, 3, 31, 3, 0)), 7200);
        assert_eq!(berlin.offset_of_local(second(2024, 10, 27, 1, 59)), 7200);
        assert_eq!(berlin.offset_of_local(second(2024, 10, 27, 2, 0)), 3600);
    }

    #[test]
    fn local_mean_time_has_seconds() {
        let clock = Clock::of(Zone::named("europe/berlin").unwrap());
        assert_eq!(clock.zone.name, "Europe/Berlin");
        assert_eq!(clock.offset_at(second(1850, 1, 1, 0, 0)), 53 * 60 + 28);
        assert_eq!(clock.offset_at(i64::MIN / 2), 53 * 60 + 28);
    }

    #[test]
    fn daylight_saving_goes_on_for_ever() {
        let clock = Clock::of(Zone::named("America/New_York").unwrap());
        for year in [2024, 2100, 2400, 2499, 2500, 2900, 9999, 294_000] {
            assert_eq!(clock.offset_at(second(year, 1, 15, 12, 0)), -5 * 3600, "{year}");
            assert_eq!(clock.offset_at(second(year, 7, 15, 12, 0)), -4 * 3600, "{year}");
            assert_eq!(clock.zone.offset_of_local(second(year, 7, 15, 12, 0)), -4 * 3600, "{year}");
        }
    }

    #[test]
    fn offsets_are_zones_too() {
        let offset = |name: &str| Zone::named(name).map(|zone| zone.offset_of_local(0));
        assert_eq!(offset("GMT+5:30"), Ok(19_800));
        assert_eq!(offset("GMT-0330"), Ok(-12_600));
        assert_eq!(offset("UTC+2"), Ok(7200));
        assert_eq!(offset("UTC-05:00"), Ok(-18_000));
        assert_eq!(offset("UTC+0000"), Ok(0));
        assert_eq!(offset("Etc/GMT+5"), Ok(-18_000));
        for unknown in ["GMT+24", "GMT+1:5", "UTC+99", "UTC2", "Europe/Berlln", "", "ü", "GMü"] {
            assert_eq!(offset(unknown), Err(UnknownZone(unknown.to_owned())), "{unknown}");
        }
        assert!(UnknownZone("Europe/Berlln".to_owned()).to_string().contains("Europe/Berlin"));
    }

    #[test]
    fn every_zone_of_the_database_is_read() {
        for name in names() {
            let zone = Zone::named(&name).unwrap();
            assert_eq!(zone.offsets.len(), zone.changes.len() + 1, "{name}");
            assert!(zone.changes.is_sorted() && zone.local_changes.is_sorted(), "{name}");
        }
    }
}
