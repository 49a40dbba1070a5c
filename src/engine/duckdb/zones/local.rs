//! From an instant to the local time of a zone, and back.

use super::civil::{DAY, SECOND, date_of, day_of};
use super::zone::Clock;

/// The text of the engine when a result is outside what a timestamp can hold.
pub(crate) const OUT_OF_RANGE: &str = "ICU date overflows timestamp range";

/// An instant in microseconds since 1970-01-01 UTC, wide enough for what lies between two steps of a computation.
pub(crate) type Instant = i128;

/// The instant of a stored value, unless it is infinity or minus infinity.
pub(crate) fn finite(micros: i64) -> Option<Instant> {
    (micros != i64::MAX && micros != -i64::MAX && micros != i64::MIN).then_some(Instant::from(micros))
}

/// The stored value of an instant.
///
/// # Errors
/// If it is before 290309-12-22 (BC) or after the year 294247.
pub(crate) fn stored(instant: Instant) -> Result<i64, String> {
    let fits = instant.div_euclid(Instant::from(DAY)) >= Instant::from(i64::MIN / DAY);
    i64::try_from(instant).ok().filter(|_| fits).ok_or_else(|| OUT_OF_RANGE.to_owned())
}

/// A local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Local {
    /// Days since 1970-01-01.
    pub(crate) day: i64,
    /// Microseconds since midnight; outside a day only while a time is put together.
    pub(crate) micros: i64,
    /// How far ahead of UTC it is, in seconds.
    pub(crate) offset: i32,
}

impl Local {
    /// The local time of an instant.
    pub(crate) fn of(clock: &Clock, instant: Instant) -> Self {
        // Nearly all times and their local times fit into 64 bits, which is several times faster.
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

    /// The time that clocks in UTC show.
    pub(crate) fn of_utc(instant: Instant) -> Self {
        Self {
            day: clamp(instant.div_euclid(Instant::from(DAY))),
            micros: clamp(instant.rem_euclid(Instant::from(DAY))),
            offset: 0,
        }
    }

    /// The instant of a local time, whatever offset is in it: one that is left out counts on from before the change of the
    /// clock, and of two the later one is meant.
    pub(crate) fn instant(self, clock: &Clock) -> Instant {
        let second = self.day * 86_400 + self.micros.div_euclid(SECOND);
        let offset = clock.zone.offset_of_local(second);
        self.as_utc() - Instant::from(i64::from(offset) * SECOND)
    }

    /// The instant of a local time with the offset that is in it.
    pub(crate) fn instant_at_offset(self) -> Instant {
        self.as_utc() - Instant::from(self.offset) * Instant::from(SECOND)
    }

    /// The instant at which clocks in UTC show this time.
    pub(crate) fn as_utc(self) -> Instant {
        Instant::from(self.day) * Instant::from(DAY) + Instant::from(self.micros)
    }

    /// Year, month and day.
    pub(crate) fn date(self) -> (i64, i64, i64) {
        date_of(self.day)
    }

    /// The same time on another day.
    pub(crate) fn on(self, year: i64, month: i64, day: i64) -> Self {
        Self {
            day: day_of(year, month, day),
            ..self
        }
    }
}

/// A value that is only used to look up an offset; far outside all years offsets are those of the last year.
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

/// Converts nanoseconds as their microseconds are, and keeps the rest.
///
/// # Errors
/// As the conversion, and if there are more nanoseconds than 64 bits hold.
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

/// Microseconds and nanoseconds beyond them as nanoseconds.
pub(crate) fn in_nanoseconds(micros: i64, nanos: i64) -> Result<i64, String> {
    let joined = micros.checked_mul(1000).and_then(|whole| whole.checked_add(nanos));
    joined.ok_or_else(|| "ICU date overflows timestamp_ns range".to_owned())
}

/// The local time of an instant, without its zone.
pub(crate) fn to_local(clock: &Clock, micros: i64) -> Result<i64, String> {
    let Some(instant) = finite(micros) else {
        return Ok(micros);
    };
    let local = Local::of(clock, instant).as_utc();
    stored(local).map_err(|_| "Unable to convert TIMESTAMPTZ to local TIMESTAMP".to_owned())
}
