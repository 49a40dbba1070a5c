//! Time, behind a type so that tests can set it.

use jiff::Timestamp;

/// A clock; fixed in tests.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Always this instant.
    Fixed(Timestamp),
}

impl Clock {
    /// Returns the current time in microseconds, the resolution of the state.
    pub fn now(self) -> Timestamp {
        let now = match self {
            Self::System => Timestamp::now(),
            Self::Fixed(instant) => instant,
        };
        Timestamp::from_microsecond(now.as_microsecond()).expect("a time that was in range")
    }
}
