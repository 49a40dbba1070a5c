use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A value that the user writes in TOML: a variable, or a bound of a check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scalar {
    /// Text.
    String(String),
    /// Whole number.
    Integer(i64),
    /// Floating-point number.
    Float(f64),
    /// Truth value.
    Boolean(bool),
    /// Day of the calendar.
    Date(Date),
}

impl Scalar {
    /// Returns the name of the type in messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::String(_) => "string",
            Self::Integer(_) => "integer",
            Self::Float(_) => "float",
            Self::Boolean(_) => "boolean",
            Self::Date(_) => "date",
        }
    }

    /// Parses a text (from `--var`) as a value of the same type as this one.
    pub fn parse_like(&self, text: &str) -> Option<Self> {
        Some(match self {
            Self::String(_) => Self::String(text.to_owned()),
            Self::Integer(_) => Self::Integer(text.parse().ok()?),
            Self::Float(_) => Self::Float(text.parse().ok()?),
            Self::Boolean(_) => Self::Boolean(text.parse().ok()?),
            Self::Date(_) => Self::Date(text.parse().ok()?),
        })
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => write!(f, "{text:?}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Date(date) => write!(f, "{date}"),
        }
    }
}

/// The value of a reader option: a named parameter of the engine's reader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptionValue {
    /// A single value.
    Scalar(Scalar),
    /// A TOML array, passed as a list.
    List(Vec<Self>),
    /// A TOML table, passed as a struct; the fields keep the order of the file.
    Struct(Vec<(String, Self)>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_in_the_type_of_the_declared_value() {
        assert_eq!(Scalar::Integer(1).parse_like("7"), Some(Scalar::Integer(7)));
        assert_eq!(Scalar::Integer(1).parse_like("7.5"), None);
        assert_eq!(Scalar::String(String::new()).parse_like("7"), Some(Scalar::String("7".into())));
    }
}
