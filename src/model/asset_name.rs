use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// `schema.name`, both matching `[a-z_][a-z0-9_]{0,62}`; cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AssetName(Arc<str>);

/// Why a text is not an asset name.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum NameError {
    /// A part does not match the pattern.
    #[error("`{0}` is not a valid name: use at most 63 characters of a to z, 0 to 9 and _, and no digit at the start")]
    Pattern(String),
    /// The name of an environment does not match the pattern.
    #[error(
        "`{0}` is not a valid environment name: use at most 63 characters of a to z, 0 to 9, _ and -, with a letter at the start"
    )]
    Environment(String),
    /// More than one dot.
    #[error("`{0}` has more than one dot: a name is `schema.name`")]
    Dots(String),
    /// The schema is reserved for the engine or dp.
    #[error("the schema `{0}` is reserved")]
    Reserved(String),
}

impl AssetName {
    /// The schema of names without one.
    pub const DEFAULT_SCHEMA: &str = "main";

    /// Checks and joins the two parts.
    pub fn new(schema: &str, name: &str) -> Result<Self, NameError> {
        for part in [schema, name] {
            if !is_identifier(part) {
                return Err(NameError::Pattern(part.to_owned()));
            }
        }
        let reserved = ["temp", "system", "information_schema", "pg_catalog", "memory", "_files"];
        if reserved.contains(&schema) || schema.starts_with("_dp") {
            return Err(NameError::Reserved(schema.to_owned()));
        }
        Ok(Self(format!("{schema}.{name}").into()))
    }

    /// Returns a name that no user can use, for one version of an asset.
    pub(crate) fn of_version(version: &crate::model::VersionId) -> Self {
        Self(format!("_dp.v{version}").into())
    }

    /// Returns a name that no user can use, for the files that a query names.
    pub(crate) fn of_files(files: &crate::model::Digest) -> Self {
        Self(format!("_dp_files.f{}", files.as_str()).into())
    }

    /// Returns the part before the dot.
    pub fn schema(&self) -> &str {
        self.parts().0
    }

    /// Returns the part after the dot.
    pub fn table(&self) -> &str {
        self.parts().1
    }

    /// Returns the whole name, `schema.name`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once('.').expect("made with one dot")
    }
}

fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first == b'_' || first.is_ascii_lowercase())
        && text.len() <= 63
        && bytes.all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

impl FromStr for AssetName {
    type Err = NameError;

    /// `name` alone is `main.name`.
    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.split_once('.') {
            None => Self::new(Self::DEFAULT_SCHEMA, text),
            Some((_, rest)) if rest.contains('.') => Err(NameError::Dots(text.to_owned())),
            Some((schema, name)) => Self::new(schema, name),
        }
    }
}

impl TryFrom<String> for AssetName {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<AssetName> for String {
    fn from(name: AssetName) -> Self {
        name.0.to_string()
    }
}

impl Borrow<str> for AssetName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AssetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for AssetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_two_parts() {
        let name: AssetName = "staging.orders".parse().unwrap();
        assert_eq!((name.schema(), name.table()), ("staging", "orders"));
        assert_eq!("orders".parse::<AssetName>().unwrap().as_str(), "main.orders");
    }

    #[test]
    fn hostile_names_are_refused() {
        let long = "a".repeat(64);
        for text in [
            "", ".", "a.", ".a", "a.b.c", "A.b", "1a", "a-b", "a.b;drop", "a.b\n", "é", &long, "temp.x", "_dp.x",
            "_dp_x.y",
        ] {
            assert!(text.parse::<AssetName>().is_err(), "{text:?}");
        }
    }
}
