//! Converts between dp's values and SQLite columns.

use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::types::{FromSqlError, FromSqlResult, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::{Digest, EnvironmentName, ReleaseName, RunId, VersionId};

/// RFC 3339 in UTC with six decimals: readable, and sortable as text.
pub(super) fn time_text(time: Timestamp) -> String {
    format!("{time:.6}")
}

pub(super) fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).expect("dp's own values have a JSON form")
}

/// Returns the JSON word of an enum without data.
pub(super) fn word(value: &impl Serialize) -> String {
    json(value).trim_matches('"').to_owned()
}

/// Converts a number to an SQLite integer; sizes above 2^63 do not occur.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn position(index: usize) -> i64 {
    integer(index as u64)
}

/// Reads a column by its name as one of dp's values.
pub(super) trait Columns {
    /// Returns what `read` makes of the column.
    fn read<T>(&self, column: &str, read: impl FnOnce(ValueRef<'_>) -> FromSqlResult<T>) -> rusqlite::Result<T>;

    /// Returns text for display. Names (a version, a path, an environment) are read by their types instead.
    fn text(&self, column: &str) -> rusqlite::Result<String> {
        self.read(column, |value| value.as_str().map(ToOwned::to_owned))
    }

    fn unsigned<T: TryFrom<i64>>(&self, column: &str) -> rusqlite::Result<T> {
        self.read(column, unsigned)
    }

    fn run(&self, column: &str) -> rusqlite::Result<RunId> {
        self.unsigned(column).map(RunId)
    }

    fn parsed<T>(&self, column: &str) -> rusqlite::Result<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.read(column, parsed)
    }

    fn time(&self, column: &str) -> rusqlite::Result<Timestamp> {
        self.parsed(column)
    }

    fn document<T: DeserializeOwned>(&self, column: &str) -> rusqlite::Result<T> {
        self.read(column, document)
    }

    fn version(&self, column: &str) -> rusqlite::Result<VersionId> {
        self.parsed(column)
    }

    fn digest(&self, column: &str) -> rusqlite::Result<Digest> {
        self.parsed(column)
    }

    fn environment(&self, column: &str) -> rusqlite::Result<EnvironmentName> {
        self.parsed(column)
    }

    fn release(&self, column: &str) -> rusqlite::Result<ReleaseName> {
        self.parsed(column)
    }

    /// Returns `None` if the column is NULL, and otherwise what `read` makes of it.
    fn optional<T>(
        &self,
        column: &str,
        read: impl FnOnce(&Self, &str) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        let is_null = self.read(column, |value| Ok(value == ValueRef::Null))?;
        if is_null { Ok(None) } else { read(self, column).map(Some) }
    }
}

impl Columns for rusqlite::Row<'_> {
    fn read<T>(&self, column: &str, read: impl FnOnce(ValueRef<'_>) -> FromSqlResult<T>) -> rusqlite::Result<T> {
        let index = self.as_ref().column_index(column)?;
        let value = self.get_ref(index)?;
        let data_type = value.data_type();
        read(value).map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, data_type, Box::new(error)))
    }
}

fn unsigned<T: TryFrom<i64>>(value: ValueRef<'_>) -> FromSqlResult<T> {
    let number = value.as_i64()?;
    T::try_from(number).map_err(|_| FromSqlError::OutOfRange(number))
}

fn parsed<T>(value: ValueRef<'_>) -> FromSqlResult<T>
where
    T: FromStr,
    T::Err: Display,
{
    value.as_str()?.parse().map_err(|error: T::Err| other(&error))
}

/// Parses a value from the JSON text of a column.
pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    document(ValueRef::Text(text.as_bytes()))
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error)))
}

fn document<T: DeserializeOwned>(value: ValueRef<'_>) -> FromSqlResult<T> {
    serde_json::from_str(value.as_str()?).map_err(|error| other(&error))
}

fn other(error: &dyn Display) -> FromSqlError {
    FromSqlError::Other(error.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sort_as_text() {
        let texts: Vec<_> = [0, 1, 999_999, 1_000_000, 1_700_000_000_000_000]
            .map(|microsecond| time_text(Timestamp::from_microsecond(microsecond).unwrap()))
            .into();
        assert_eq!(texts[1], "1970-01-01T00:00:00.000001Z");
        assert!(texts.is_sorted());
    }
}
