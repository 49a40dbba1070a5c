//! A JSON value, parsed one level at a time, with numbers as written.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A value of a document.
#[derive(Debug)]
pub(super) enum Value<'t> {
    Null,
    Boolean,
    /// The number as written.
    Number(&'t str),
    Text(String),
    List(Vec<&'t RawValue>),
    /// Names and values in order; a name may occur twice.
    Object(Vec<(String, &'t RawValue)>),
}

impl<'t> Value<'t> {
    /// Parses one level of a value.
    pub(super) fn open(raw: &'t RawValue) -> Result<Self, serde_json::Error> {
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'{') => Self::Object(serde_json::from_str::<Entries<'t>>(text)?.0),
            Some(b'[') => Self::List(serde_json::from_str(text)?),
            Some(b'"') => Self::Text(serde_json::from_str(text)?),
            Some(b'n') => Self::Null,
            Some(b't' | b'f') => Self::Boolean,
            _ => Self::Number(text),
        })
    }
}

/// The members of an object, in order.
struct Entries<'t>(Vec<(String, &'t RawValue)>);

impl<'de: 't, 't> serde::Deserialize<'de> for Entries<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(map.size_hint().unwrap_or(8));
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Members).map(Entries)
    }
}
