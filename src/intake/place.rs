//! Places in source files.

use std::fmt;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, relative to the project if it is inside it.
    pub file: String,
    /// The place in the file.
    pub at: At,
}

/// A place inside a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// The whole file.
    Whole,
    /// A line, counted from 1.
    Line(u64),
    /// A value of a JSON document: its line, counted from 1, and its path, as in `$.items[3].price`.
    Path(u64, String),
}

impl At {
    /// Returns the same place after `lines` more lines.
    #[must_use]
    pub(super) fn below(self, lines: u64) -> Self {
        match self {
            Self::Whole => Self::Whole,
            Self::Line(line) => Self::Line(line + lines),
            Self::Path(line, path) => Self::Path(line + lines, path),
        }
    }

    /// Returns the place in a file with this name.
    pub(super) fn of(self, file: &str) -> Place {
        Place {
            file: file.to_owned(),
            at: self,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            At::Whole => f.write_str(&self.file),
            At::Line(line) => write!(f, "{}:{line}", self.file),
            At::Path(line, path) => write!(f, "{}:{line} {path}", self.file),
        }
    }
}

/// The maximum length of a value in a message, in characters.
const SHOWN: usize = 60;

/// Returns a value for messages: escaped, and cut if it is long.
pub(super) fn shown(text: &str) -> String {
    let mut short = String::new();
    for char in text.chars().take(SHOWN) {
        if char.is_control() { short.extend(char.escape_default()) } else { short.push(char) }
    }
    if text.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    short
}
