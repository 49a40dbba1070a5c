use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Digest;

/// The name of a release, derived from its content: 12 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReleaseName(String);

/// A text that is not the name of a release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a release name, which has 12 hexadecimal digits", .0.escape_debug())]
pub struct NoReleaseName(String);

impl ReleaseName {
    const DIGITS: usize = 12;

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&Digest> for ReleaseName {
    fn from(digest: &Digest) -> Self {
        Self(digest.as_str()[..Self::DIGITS].to_owned())
    }
}

impl FromStr for ReleaseName {
    type Err = NoReleaseName;

    fn from_str(text: &str) -> Result<Self, NoReleaseName> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for ReleaseName {
    type Error = NoReleaseName;

    fn try_from(text: String) -> Result<Self, NoReleaseName> {
        if crate::model::is_hex(&text, Self::DIGITS) { Ok(Self(text)) } else { Err(NoReleaseName(text)) }
    }
}

impl From<ReleaseName> for String {
    fn from(name: ReleaseName) -> Self {
        name.0
    }
}

impl Deref for ReleaseName {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReleaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ReleaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
