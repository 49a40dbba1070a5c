//! The only unsafe code about time zones. It registers what [`super::functions`] and [`super::casts`] list in the
//! engine, and passes rows to them as Rust values.

mod call;
mod capi;
mod load;
mod output;
mod rows;
mod run;

pub(crate) use load::{Contents, install};
pub(crate) use output::{Field, Output};
pub(crate) use rows::{Rows, Texts};

use super::arithmetic::Interval;
use capi as c;

/// A type of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Any,
    Varchar,
    VarcharList,
    Bigint,
    Double,
    Date,
    Timestamp,
    TimestampS,
    TimestampMs,
    TimestampNs,
    TimestampTz,
    TimestampTzList,
    TimestampTzNs,
    TimeTz,
    Interval,
}

impl Kind {
    const ALL: [Self; 15] = [
        Self::Any,
        Self::Varchar,
        Self::VarcharList,
        Self::Bigint,
        Self::Double,
        Self::Date,
        Self::Timestamp,
        Self::TimestampS,
        Self::TimestampMs,
        Self::TimestampNs,
        Self::TimestampTz,
        Self::TimestampTzList,
        Self::TimestampTzNs,
        Self::TimeTz,
        Self::Interval,
    ];

    /// Returns the number of the type in the interface, or as an error the SQL name of a list.
    fn number(self) -> Result<u32, &'static str> {
        Ok(match self {
            Self::Any => 3,
            Self::Bigint => c::BIGINT,
            Self::Date => 15,
            Self::TimestampS => 17,
            Self::TimestampMs => 18,
            Self::Timestamp => 19,
            Self::TimestampNs => 20,
            Self::Double => c::DOUBLE,
            Self::Varchar => 25,
            Self::Interval => 27,
            Self::TimestampTz => 32,
            Self::TimestampTzNs => 33,
            Self::TimeTz => 34,
            Self::VarcharList => return Err("VARCHAR[]"),
            Self::TimestampTzList => return Err("TIMESTAMPTZ[]"),
        })
    }
}

/// A Rust type with the same bytes as a type of the engine.
pub(crate) trait Plain: Copy {
    fn is(kind: Kind) -> bool;
}

impl Plain for i64 {
    fn is(kind: Kind) -> bool {
        matches!(
            kind,
            Kind::Bigint
                | Kind::Timestamp
                | Kind::TimestampS
                | Kind::TimestampMs
                | Kind::TimestampNs
                | Kind::TimestampTz
                | Kind::TimestampTzNs
                | Kind::TimeTz
        )
    }
}

impl Plain for i32 {
    fn is(kind: Kind) -> bool {
        kind == Kind::Date
    }
}

impl Plain for f64 {
    fn is(kind: Kind) -> bool {
        kind == Kind::Double
    }
}

impl Plain for Interval {
    fn is(kind: Kind) -> bool {
        kind == Kind::Interval
    }
}

impl Plain for c::Text {
    fn is(kind: Kind) -> bool {
        kind == Kind::Varchar
    }
}

impl Plain for c::List {
    fn is(kind: Kind) -> bool {
        kind == Kind::VarcharList
    }
}

/// Computes a function or a cast for rows.
pub(crate) type Run = fn(&Rows<'_>, &mut Output<'_>) -> Result<(), String>;

/// An overload of a function.
#[derive(Debug)]
pub(crate) struct Scalar {
    pub(crate) name: &'static str,
    pub(crate) arguments: &'static [Kind],
    pub(crate) result: Kind,
    /// Returns the type of the result in SQL from the value of the first argument, if `result` is [`Kind::Any`].
    pub(crate) resolve: Option<fn(Constant) -> Result<String, String>>,
    pub(crate) run: Run,
}

/// A cast.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) from: Kind,
    pub(crate) to: Kind,
    /// The cost as an implicit cast; negative if the cast is never implicit.
    pub(crate) cost: i64,
    pub(crate) run: Run,
}

/// A constant argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Constant {
    /// The argument is NULL or differs from row to row.
    Unknown,
    Text(String),
    Texts(Vec<Option<String>>),
}
