use std::fmt;
use std::ops::Deref;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A path inside the project, relative to it: not empty, not absolute, without `..`.
///
/// It may lead through links.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectPath(String);

/// A text that is not a path inside the project.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{}` is not a path inside the project", .0.escape_debug())]
pub struct NotInside(pub String);

impl ProjectPath {
    /// Returns the path as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path in the form in which paths are compared; see [`normal`].
    pub fn normal(&self) -> PathBuf {
        normal(&self.0)
    }
}

impl FromStr for ProjectPath {
    type Err = NotInside;

    fn from_str(text: &str) -> Result<Self, NotInside> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for ProjectPath {
    type Error = NotInside;

    fn try_from(text: String) -> Result<Self, NotInside> {
        let mut parts = Path::new(&text).components();
        let is_inside = !text.contains('\0')
            && parts.clone().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
            && parts.any(|part| matches!(part, Component::Normal(_)));
        if is_inside { Ok(Self(text)) } else { Err(NotInside(text)) }
    }
}

impl From<ProjectPath> for String {
    fn from(path: ProjectPath) -> Self {
        path.0
    }
}

impl Deref for ProjectPath {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<Path> for ProjectPath {
    fn as_ref(&self) -> &Path {
        Path::new(&self.0)
    }
}

impl PartialEq<str> for ProjectPath {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<String> for ProjectPath {
    fn eq(&self, other: &String) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for ProjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ProjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// Returns the path without `.` and doubled or trailing `/`: two relative paths are the same if these are equal.
pub fn normal(path: &str) -> PathBuf {
    Path::new(path).components().filter(|part| *part != Component::CurDir).collect()
}

/// Returns the reserved folder or file that contains a path, if no file may be exported there: the project itself, dp
/// or git. `warehouse` is the folder of links.
pub fn reserved<'a>(path: &Path, warehouse: &'a str) -> Option<&'a str> {
    let reserved = ["assets", ".dp", ".git", "dp.toml", warehouse];
    reserved.into_iter().find(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_inside_is_a_path() {
        for text in ["a", "./a", "a/b.csv", "a/./b", "~/x", "..."] {
            assert!(text.parse::<ProjectPath>().is_ok(), "{text:?}");
        }
        for text in ["", ".", "./", "/", "/a", "..", "../a", "a/../b", "a/..", "a\0b"] {
            assert!(text.parse::<ProjectPath>().is_err(), "{text:?}");
        }
        assert_eq!("./a//b/".parse::<ProjectPath>().unwrap().normal(), Path::new("a/b"));
    }
}
