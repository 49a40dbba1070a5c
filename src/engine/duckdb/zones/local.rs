//! Converts an instant to the local time of a zone, and back.

use super::civil::{DAY, SECOND, date_of, day_of};
use super::zone::Clock;

/// The engine's message for a result outside the range of a timestamp.
pub(crate) const OUT_OF_RANGE: &str = "ICU date overflows timestamp range";

/// An instant in microseconds since 1970-01-01 UTC, wide enough for intermediate results.
pub(crate) type Instant = i128;

/// Returns the instant of a stored value; `None` for infinity and minus infinity.
pub(crate) fn finite(micros: i64) -> Option<Instant> {
    (micros != i64::MAX && micros != -i64::MAX && micros != i64::MIN).then_some(Instant::from(micros))
}

/// Returns the stored value of an instant.
///
/// # Errors
/// If the instant is before 290309-12-22 (BC) or after the year 294247.
pub(crate) fn stored(instant: Instant) -> Result<i64, String> {
    let fits = instant.div_euclid(Instant::from(DAY)) >= Instant::from(i64::MIN / DAY);
    i64::try_from(instant).ok().filter(|_| fits).ok_or_else(|| OUT_OF_RANGE.to_owned())
}

/// A local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Local {
    /// Days since 1970-01-01.
    pub(crate) day: i64,
    /// Microseconds since midnight; may exceed a day while a time is being computed.
    pub(crate) micros: i64,
    /// The offset from UTC, in seconds.
    pub(crate) offset: i32,
}

impl Local {
    /// Returns the local time of an instant.
    pub(crate) fn of(clock: &Clock, instant: Instant) -> Self {
        // Nearly all times and their local times fit in 64 bits, and computing with 64 bits is several times faster.
        if let Ok(micros) = i64::try_from(instant) {
            let offset = clock.offset_at(micros.div_euclid(SECOND));
            if let Some(local) = micros.checked_add(i64::from(offset) * SECOND) {
                return Self {
                    day: local.div_euclid(DAY),
                    micros: local.rem_euclid(DAY),
                    offset,
                };
            }
        }
        let offset = clock.offset_at(clamp(instant.div_euclid(Instant::from(SECOND))));
        Self {
            offset,
            ..Self::of_utc(instant + Instant::from(offset) * Instant::from(SECOND))
        }
    }

    /// Returns the time that a clock in UTC shows.
    pub(crate) fn of_utc(instant: Instant) -> Self {
        Self {
            day: clamp(instant.div_euclid(Instant::from(DAY))),
            micros: clamp(instant.rem_euclid(Instant::from(DAY))),
            offset: 0,
        }
    }

    /// Returns the instant of a local time and ignores its offset. A local time that does not exist is read with the
    /// offset before the change of the clock; a local time that occurs twice is the later one.
    pub(crate) fn instant(self, clock: &Clock) -> Instant {
        let second = self.day * 86_400 + self.micros.div_euclid(SECOND);
        let offset = clock.zone.offset_of_local(second);
        self.as_utc() - Instant::from(i64::from(offset) * SECOND)
    }

    /// Returns the instant of a local time with its own offset.
    pub(crate) fn instant_at_offset(self) -> Instant {
        self.as_utc() - Instant::from(self.offset) * Instant::from(SECOND)
    }

    /// Returns the instant at which a clock in UTC shows this time.
    pub(crate) fn as_utc(self) -> Instant {
        Instant::from(self.day) * Instant::from(DAY) + Instant::from(self.micros)
    }

    /// Returns year, month and day.
    pub(crate) fn date(self) -> (i64, i64, i64) {
        date_of(self.day)
    }

    /// Returns the same time on another day.
    pub(crate) fn on(self, year: i64, month: i64, day: i64) -> Self {
        Self {
            day: day_of(year, month, day),
            ..self
        }
    }
}

/// Limits a value that is only used to look up an offset. Beyond all years the offset is that of the last year.
fn clamp(value: Instant) -> i64 {
    let most = Instant::from(i64::MAX / 4);
    i64::try_from(value.clamp(-most, most)).unwrap_or_default()
}

/// Reads a time without a zone as local time.
pub(crate) fn from_local(clock: &Clock, micros: i64) -> Result<i64, String> {
    match finite(micros) {
        Some(local) => stored(Local::of_utc(local).instant(clock)),
        None => Ok(micros),
    }
}

/// Converts nanoseconds like their microseconds, and keeps the rest.
///
/// # Errors
/// An error of the conversion, or a result in nanoseconds that does not fit in 64 bits.
pub(crate) fn nanoseconds(
    clock: &Clock,
    nanos: i64,
    convert: fn(&Clock, i64) -> Result<i64, String>,
) -> Result<i64, String> {
    if finite(nanos).is_none() {
        return Ok(nanos);
    }
    let micros = convert(clock, nanos / 1000)?;
    in_nanoseconds(micros, nanos % 1000)
}

/// Combines microseconds and the nanoseconds below them to nanoseconds.
pub(crate) fn in_nanoseconds(micros: i64, nanos: i64) -> Result<i64, String> {
    let joined = micros.checked_mul(1000).and_then(|whole| whole.checked_add(nanos));
    joined.ok_or_else(|| "ICU date overflows timestamp_ns range".to_owned())
}

/// Returns the local time of an instant, without its zone.
pub(crate) fn to_local(clock: &Clock, micros: i64) -> Result<i64, String> {
    let Some(instant) = finite(micros) else {
        return Ok(micros);
    };
    let local = Local::of(clock, instant).as_utc();
    stored(local).map_err(|_| "Unable to convert TIMESTAMPTZ to local TIMESTAMP".to_owned())
}
