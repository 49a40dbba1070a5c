//! Types for which dp can check whether the engine's value equals the written one.

use std::collections::BTreeSet;

use super::number::Number;
use super::time::{Moment, Offset};

/// A type for which dp itself can decide whether a text is exactly one of its values.
///
/// The value counts, not the form: `007`, `7.0` and `7` are the same INTEGER. Nothing may be rounded, cut or shifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Exact {
    /// Any text.
    Text,
    /// `true` and `false`, ignoring case.
    Boolean,
    /// Whole numbers in an inclusive range.
    Integer(i128, i128),
    /// The number of digits before and after the point.
    Decimal(u8, u8),
    Float,
    Double,
    Date,
    /// The number of fraction digits of a second.
    Time(u8),
    /// The number of fraction digits of a second.
    Timestamp(u8),
    /// An instant: the text must contain the offset.
    Instant(u8),
    Uuid,
    Json,
    /// Any text except these.
    Except(BTreeSet<String>),
}

const HUGE: i128 = 10_i128.pow(38) - 1;

impl Exact {
    /// Parses the engine's text for a type; `None` for a type that only the engine can check.
    pub(super) fn parse(data_type: &str) -> Option<Self> {
        let integer = |low: i64, high: i64| Self::Integer(i128::from(low), i128::from(high));
        Some(match data_type {
            "VARCHAR" => Self::Text,
            "BOOLEAN" => Self::Boolean,
            "TINYINT" => integer(i8::MIN.into(), i8::MAX.into()),
            "SMALLINT" => integer(i16::MIN.into(), i16::MAX.into()),
            "INTEGER" => integer(i32::MIN.into(), i32::MAX.into()),
            "BIGINT" => integer(i64::MIN, i64::MAX),
            "UTINYINT" => integer(0, u8::MAX.into()),
            "USMALLINT" => integer(0, u16::MAX.into()),
            "UINTEGER" => integer(0, u32::MAX.into()),
            "UBIGINT" => Self::Integer(0, u64::MAX.into()),
            // The store keeps 38 digits.
            "HUGEINT" => Self::Integer(-HUGE, HUGE),
            "UHUGEINT" => Self::Integer(0, HUGE),
            "FLOAT" => Self::Float,
            "DOUBLE" => Self::Double,
            "DATE" => Self::Date,
            "TIME" => Self::Time(6),
            "TIME_NS" => Self::Time(9),
            "TIMESTAMP_S" => Self::Timestamp(0),
            "TIMESTAMP_MS" => Self::Timestamp(3),
            "TIMESTAMP" => Self::Timestamp(6),
            "TIMESTAMP_NS" => Self::Timestamp(9),
            "TIMESTAMP WITH TIME ZONE" => Self::Instant(6),
            "UUID" => Self::Uuid,
            "JSON" => Self::Json,
            other => return Self::parse_decimal(other),
        })
    }

    fn parse_decimal(data_type: &str) -> Option<Self> {
        let (width, scale) = data_type.strip_prefix("DECIMAL(")?.strip_suffix(')')?.split_once(',')?;
        Some(Self::Decimal(width.trim().parse().ok()?, scale.trim().parse().ok()?))
    }

    /// Whether the text is exactly one of the type's values. Spaces around a number or a time do not count.
    pub(super) fn holds(&self, text: &str) -> bool {
        let trimmed = text.trim_matches(' ');
        let moment = |judge: fn(&Moment) -> bool| Moment::parse(trimmed).is_some_and(|moment| judge(&moment));
        match self {
            Self::Text => true,
            Self::Boolean => trimmed.eq_ignore_ascii_case("true") || trimmed.eq_ignore_ascii_case("false"),
            Self::Integer(low, high) => Number::parse(trimmed)
                .and_then(|number| number.integer())
                .is_some_and(|value| (*low..=*high).contains(&value)),
            Self::Decimal(width, scale) => {
                Number::parse(trimmed).is_some_and(|number| number.fits_decimal(*width, *scale))
            }
            Self::Float => is_special(trimmed) || Number::parse(trimmed).is_some_and(|number| number.fits_float()),
            Self::Double => is_special(trimmed) || Number::parse(trimmed).is_some_and(|number| number.is_double()),
            Self::Date => moment(|moment| {
                moment.date && moment.offset.is_none() && moment.time.is_none_or(|time| time.seconds && time.is_zero)
            }),
            Self::Time(digits) => Moment::parse(trimmed).is_some_and(|moment| {
                !moment.date && moment.offset.is_none() && moment.time.is_some_and(|time| time.significant <= *digits)
            }),
            Self::Timestamp(digits) => Moment::parse(trimmed).is_some_and(|moment| {
                moment.date
                    && moment.offset != Some(Offset::Other)
                    && moment.time.is_none_or(|time| time.significant <= *digits)
            }),
            Self::Instant(digits) => Moment::parse(trimmed).is_some_and(|moment| {
                moment.date && moment.offset.is_some() && moment.time.is_some_and(|time| time.significant <= *digits)
            }),
            Self::Uuid => is_uuid(trimmed),
            Self::Json => serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(),
            Self::Except(texts) => !texts.contains(text),
        }
    }
}

/// Whether the text is a floating-point value that is not a number.
fn is_special(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    ["nan", "inf", "infinity"].iter().any(|special| text.eq_ignore_ascii_case(special))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(data_type: &str, text: &str) -> bool {
        Exact::parse(data_type).unwrap().holds(text)
    }

    #[test]
    fn a_type_holds_what_it_would_not_change() {
        for (data_type, text) in [
            ("INTEGER", "7"),
            ("INTEGER", "007"),
            ("INTEGER", "7.0"),
            ("INTEGER", " 7 "),
            ("UBIGINT", "18446744073709551615"),
            ("DECIMAL(10,2)", "1.230"),
            ("DATE", "2026-05-02"),
            ("DATE", "2026-05-02 00:00:00"),
            ("TIMESTAMP", "2026-05-02"),
            ("TIMESTAMP", "2026-05-02T10:00:00Z"),
            ("TIMESTAMP_MS", "2026-05-02 10:00:00.120000"),
            ("TIMESTAMP WITH TIME ZONE", "2026-01-01T10:00:00+02:00"),
            ("BOOLEAN", "TRUE"),
            ("DOUBLE", "NaN"),
            ("TIME", "23:30"),
            ("UUID", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
            ("VARCHAR", " x "),
            ("JSON", "{\"a\": [1]}"),
        ] {
            assert!(holds(data_type, text), "{data_type} {text}");
        }
    }

    #[test]
    fn a_type_does_not_hold_what_it_would_change() {
        for (data_type, text) in [
            ("INTEGER", "2.6"),
            ("INTEGER", "2147483648"),
            ("INTEGER", ""),
            ("INTEGER", "1,000"),
            ("UTINYINT", "-1"),
            ("DECIMAL(10,2)", "1.239"),
            ("DATE", "2026-05-02 23:10:00"),
            ("DATE", "05/02/2026"),
            ("DATE", "2026-05-02 00:00"),
            ("TIMESTAMP", "2026-01-01T10:00:00+02:00"),
            ("TIMESTAMP", "2026-01-01 10:00:00.1234567"),
            ("TIMESTAMP_S", "2026-01-01 10:00:00.5"),
            ("TIMESTAMP WITH TIME ZONE", "2026-01-01 10:00:00"),
            ("BOOLEAN", "yes"),
            ("BOOLEAN", "1"),
            ("DOUBLE", "9007199254740993"),
            ("TIME", "23:30:00.1234567"),
            ("UUID", "6ba7b810"),
            ("JSON", "{a}"),
        ] {
            assert!(!holds(data_type, text), "{data_type} {text}");
        }
        assert_eq!(Exact::parse("INTERVAL"), None);
        assert_eq!(Exact::parse("INTEGER[]"), None);
    }
}
