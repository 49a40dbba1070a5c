//! The engine's types as values, and dp's decisions about each of them.
//!
//! Parquet can't hold all types of the engine, and its writer changes some without a warning. So each type has a
//! *stored form*, which a file reproduces bit by bit, and a *sortable form*, whose sort key distinguishes all values.
//! Both are decided here by exhaustive matches: a new type of the engine is an error until it has a decision.
//!
//! Everything here converts text to text. No connection is opened.

mod fingerprint;
mod form;
mod json;
mod parse;
mod shape;
mod widest;

use std::fmt::{self, Display};

pub use self::fingerprint::{FINGERPRINT_FUNCTION, fingerprint_query};
pub use self::form::{Unstorable, cast_hint};
pub use self::json::json_query;
pub use self::parse::{MAX_DEPTH, TypeError};
pub use self::widest::{widens, widest};
use crate::sql::quote::{identifier, literal};

macro_rules! scalars {
    ($($scalar:ident = $name:literal,)*) => {
        /// A type without parts or parameters.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Scalar {
            $(#[doc = concat!("`", $name, "`")] $scalar,)*
        }

        impl Scalar {
            /// Every scalar type.
            pub const ALL: &[Self] = &[$(Self::$scalar),*];

            /// The engine's name for the type, which is also its SQL spelling.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$scalar => $name,)*
                }
            }
        }
    };
}

scalars! {
    Boolean = "BOOLEAN",
    TinyInt = "TINYINT",
    SmallInt = "SMALLINT",
    Integer = "INTEGER",
    BigInt = "BIGINT",
    HugeInt = "HUGEINT",
    UTinyInt = "UTINYINT",
    USmallInt = "USMALLINT",
    UInteger = "UINTEGER",
    UBigInt = "UBIGINT",
    UHugeInt = "UHUGEINT",
    BigNum = "BIGNUM",
    Float = "FLOAT",
    Double = "DOUBLE",
    Date = "DATE",
    Time = "TIME",
    TimeNs = "TIME_NS",
    TimeTz = "TIME WITH TIME ZONE",
    Timestamp = "TIMESTAMP",
    TimestampS = "TIMESTAMP_S",
    TimestampMs = "TIMESTAMP_MS",
    TimestampNs = "TIMESTAMP_NS",
    TimestampTz = "TIMESTAMP WITH TIME ZONE",
    TimestampTzNs = "TIMESTAMPTZ_NS",
    Interval = "INTERVAL",
    Varchar = "VARCHAR",
    Blob = "BLOB",
    Bit = "BIT",
    Uuid = "UUID",
    Json = "JSON",
    Null = "\"NULL\"",
    Variant = "VARIANT",
    Type = "TYPE",
}

/// A type of the engine.
///
/// Its display text can be read by the engine and by [`DataType::parse`]. It quotes each field name, so it can differ
/// from the text of DESCRIBE: compare types, not texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataType {
    /// A type without parts or parameters.
    Scalar(Scalar),
    /// `DECIMAL(18,3)`
    Decimal {
        /// The total number of digits.
        width: u8,
        /// The number of digits after the point.
        scale: u8,
    },
    /// `ENUM('a', 'b')`
    Enum(Vec<String>),
    /// `GEOMETRY`, or `GEOMETRY('OGC:CRS84')` with its coordinate reference system.
    Geometry(Option<String>),
    /// `INTEGER[]`
    List(Box<Self>),
    /// `INTEGER[3]`
    Array(Box<Self>, u32),
    /// `STRUCT(a INTEGER)`
    Struct(Vec<Field>),
    /// `TUPLE(INTEGER, VARCHAR)`: a struct whose fields have no names.
    Tuple(Vec<Self>),
    /// `MAP(VARCHAR, INTEGER)`
    Map(Box<Self>, Box<Self>),
    /// `UNION(a INTEGER, b VARCHAR)`
    Union(Vec<Field>),
}

/// A named part of a struct or union.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name as written, without quotes.
    pub name: String,
    /// The type of the part.
    pub data_type: DataType,
}

impl Field {
    fn new(name: impl Into<String>, data_type: DataType) -> Self {
        Self {
            name: name.into(),
            data_type,
        }
    }
}

impl DataType {
    /// Returns the types that this one consists of, one level down.
    fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Scalar(_) | Self::Decimal { .. } | Self::Enum(_) | Self::Geometry(_) => Vec::new(),
            Self::List(item) | Self::Array(item, _) => vec![item],
            Self::Struct(fields) | Self::Union(fields) => fields.iter().map(|field| &field.data_type).collect(),
            Self::Tuple(items) => items.iter().collect(),
            Self::Map(key, value) => vec![key, value],
        }
    }

    /// Returns the same type with each of its parts, one level down, changed.
    fn with_parts(&self, change: fn(&Self) -> Self) -> Self {
        let fields = |fields: &[Field]| -> Vec<Field> {
            fields.iter().map(|field| Field::new(&field.name, change(&field.data_type))).collect()
        };
        match self {
            Self::Scalar(_) | Self::Decimal { .. } | Self::Enum(_) | Self::Geometry(_) => self.clone(),
            Self::List(item) => Self::List(Box::new(change(item))),
            Self::Array(item, length) => Self::Array(Box::new(change(item)), *length),
            Self::Struct(parts) => Self::Struct(fields(parts)),
            Self::Tuple(items) => Self::Tuple(items.iter().map(change).collect()),
            Self::Map(key, value) => Self::Map(Box::new(change(key)), Box::new(change(value))),
            Self::Union(parts) => Self::Union(fields(parts)),
        }
    }

    /// Whether it contains a type that clients of older versions do not know.
    pub fn is_later(&self) -> bool {
        let is_later =
            matches!(self, Self::Scalar(Scalar::TimeNs | Scalar::TimestampTzNs | Scalar::Variant | Scalar::Type));
        is_later || self.parts().into_iter().any(Self::is_later)
    }

    /// Whether it contains a union, the one type whose stored form a cast can't produce.
    fn contains_union(&self) -> bool {
        matches!(self, Self::Union(_)) || self.parts().into_iter().any(Self::contains_union)
    }

    /// Returns an expression that is cast to this type.
    fn cast(&self, expression: &str) -> String {
        format!("CAST({expression} AS {self})")
    }
}

impl Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(scalar) => f.write_str(scalar.name()),
            Self::Decimal { width, scale } => write!(f, "DECIMAL({width},{scale})"),
            Self::Enum(values) => parenthesised(f, "ENUM", values.iter().map(|value| literal(value))),
            Self::Geometry(None) => f.write_str("GEOMETRY"),
            Self::Geometry(Some(system)) => write!(f, "GEOMETRY({})", literal(system)),
            Self::List(item) => write!(f, "{item}[]"),
            Self::Array(item, length) => write!(f, "{item}[{length}]"),
            Self::Struct(fields) => parenthesised(f, "STRUCT", fields),
            Self::Tuple(items) => parenthesised(f, "TUPLE", items),
            Self::Map(key, value) => write!(f, "MAP({key}, {value})"),
            Self::Union(fields) => parenthesised(f, "UNION", fields),
        }
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", identifier(&self.name), self.data_type)
    }
}

/// Writes a type's name and its parts; without parts there are no parentheses, as in the engine.
fn parenthesised<I: Display>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    parts: impl IntoIterator<Item = I>,
) -> fmt::Result {
    f.write_str(name)?;
    let mut empty = true;
    for part in parts {
        write!(f, "{}{part}", if empty { "(" } else { ", " })?;
        empty = false;
    }
    if empty { Ok(()) } else { f.write_str(")") }
}
