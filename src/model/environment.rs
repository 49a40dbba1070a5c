use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{AssetName, NameError};

/// The name of an environment. It has the form of one part of an asset's name, and may also contain `-`. It is also
/// the name of folders and links. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnvironmentName(Arc<str>);

impl EnvironmentName {
    /// The environment that every project has.
    pub const PROD: &str = "prod";

    /// Returns the environment that every project has.
    pub fn prod() -> Self {
        Self(Self::PROD.into())
    }

    /// Whether it is the environment that every project has.
    pub fn is_prod(&self) -> bool {
        &*self.0 == Self::PROD
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EnvironmentName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let as_schema = AssetName::new(&text.replace('-', "_"), "x");
        match as_schema {
            Err(error @ NameError::Reserved(_)) => Err(error),
            Ok(_) if !text.starts_with('-') => Ok(Self(text.into())),
            _ => Err(NameError::Environment(text.to_owned())),
        }
    }
}

impl TryFrom<String> for EnvironmentName {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<EnvironmentName> for String {
    fn from(name: EnvironmentName) -> Self {
        name.0.as_ref().to_owned()
    }
}

impl Deref for EnvironmentName {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for EnvironmentName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for EnvironmentName {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for EnvironmentName {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_folder() {
        for text in ["dev", "pr-12", "a--b", "_x"] {
            assert_eq!(text.parse::<EnvironmentName>().unwrap(), text);
        }
        let long = "a".repeat(64);
        for text in [
            &long,
            "-x",
            "-",
            "1-a",
            "_dp-x",
            "information-schema",
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "/a",
            "a\0",
            "a.b",
            "_dp",
            "A",
        ] {
            assert!(text.parse::<EnvironmentName>().is_err(), "{text:?}");
        }
    }
}
