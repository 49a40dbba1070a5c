use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Digest, FileInput};

/// What is known of a command before it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramFacts {
    /// The file that its first word leads to, absolute, links resolved.
    pub file: PathBuf,
    /// The same as it was found: an interpreter knows by it which environment it is to be.
    pub found: PathBuf,
    /// Hash of that file.
    pub hash: Digest,
    /// Code that is part of the definition.
    pub code: Vec<FileInput>,
    /// Its own environment, filled in; `None` stands for a value that must not be shown.
    pub environment: BTreeMap<String, Filled>,
}

/// A value of a command's environment.
#[derive(Clone, PartialEq, Eq)]
pub struct Filled {
    /// The text.
    pub text: String,
    /// The values of dp's own environment in it, which are shown nowhere.
    pub secrets: Vec<String>,
}

impl std::fmt::Debug for Filled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.secrets.is_empty() { &self.text } else { "***" })
    }
}

/// How a program made a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramRun {
    /// The file that ran, as it was resolved.
    pub file: String,
    /// What it says of its version, if it is of those that are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How its effects are known.
    pub seen: Seen,
    /// What it was seen to depend on beside its inputs, sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed: Vec<ObservedInput>,
    /// Hosts beyond this machine that it contacted, as `host:port`, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacted: Vec<String>,
}

/// How effects are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seen {
    /// The kernel told, as it happened.
    Observed,
    /// The project's folder before and after differ.
    Compared,
    /// It is what was asked for.
    Declared,
}

impl Seen {
    /// The word on record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Compared => "compared",
            Self::Declared => "declared",
        }
    }
}

/// A word on record that this dp does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown word `{}`", .0.escape_debug())]
pub struct UnknownWord(pub String);

impl std::str::FromStr for Seen {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let known = [Self::Observed, Self::Compared, Self::Declared].into_iter().find(|seen| seen.word() == word);
        known.ok_or_else(|| UnknownWord(word.to_owned()))
    }
}

/// Something that a program was seen to depend on and that nobody declared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObservedInput {
    /// Relative to the project if it is in there, else absolute.
    pub path: String,
    /// What was there.
    pub state: PathState,
}

/// What is at a path, as far as a program depends on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PathState {
    /// A file with these bytes.
    File(Digest),
    /// A folder with these names in it.
    Folder(Digest),
    /// Nothing.
    Absent,
    /// Something; what is in it was not looked at.
    Present,
    /// A link that leads there; what is behind it was not looked at.
    Link(Digest),
    /// Something that is no link; no more was looked at.
    Plain,
    /// Something of this kind, and of a file with this size, time of change and mode.
    Stat(Digest),
    /// Something that changed while the program ran, or can't be read: it equals nothing, not even itself.
    Unsettled,
}

/// What of a path a program depends on. It can depend on more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// The bytes of a file, the names in a folder.
    Content,
    /// What it is, and of a file size, time of change and mode.
    Stat,
    /// Whether it is a link, and where that leads.
    Link,
    /// Whether anything is there.
    Presence,
}

impl ObservedInput {
    /// What of the path counts.
    pub fn aspect(&self) -> Aspect {
        match self.state {
            PathState::File(_) | PathState::Folder(_) => Aspect::Content,
            PathState::Stat(_) => Aspect::Stat,
            PathState::Link(_) | PathState::Plain => Aspect::Link,
            PathState::Absent | PathState::Present | PathState::Unsettled => Aspect::Presence,
        }
    }

    /// The path, and in brackets what of it counts if that is not what is in it or that it is there.
    pub fn name(&self) -> String {
        match self.aspect() {
            Aspect::Content | Aspect::Presence => self.path.clone(),
            Aspect::Stat => format!("{} (size, time and mode)", self.path),
            Aspect::Link => format!("{} (where it leads)", self.path),
        }
    }

    /// Whether what is at the path now is what was there.
    pub fn still_holds(&self, now: &PathState) -> bool {
        match (&self.state, now) {
            (PathState::Unsettled, _) | (_, PathState::Unsettled) => false,
            (PathState::Present, now) => *now != PathState::Absent,
            (before, now) => before == now,
        }
    }

    /// What happened to it, in words.
    pub fn change(&self, now: &PathState) -> &'static str {
        match (&self.state, now) {
            (PathState::Absent, _) => "is there now",
            (_, PathState::Absent) => "is gone",
            (PathState::Folder(_), _) => "holds other names",
            (PathState::Link(_), _) => "leads elsewhere",
            (PathState::Plain, _) => "is a link now",
            (PathState::Stat(_), _) => "has another size, time or mode",
            (PathState::Unsettled, _) => "can't be told from what was read",
            _ => "changed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_unsettled_never_holds() {
        let input = |state| ObservedInput {
            path: "a".to_owned(),
            state,
        };
        let file = || PathState::File(Digest::of("test", ["x"]));
        assert!(input(file()).still_holds(&file()));
        assert!(!input(PathState::Unsettled).still_holds(&PathState::Unsettled));
        assert!(input(PathState::Present).still_holds(&file()));
        assert!(!input(PathState::Present).still_holds(&PathState::Absent));
        assert!(input(PathState::Absent).still_holds(&PathState::Absent));
        assert!(!input(PathState::Absent).still_holds(&file()));
    }

    #[test]
    fn values_with_secrets_are_not_shown() {
        let filled = Filled {
            text: "Bearer s3cret".to_owned(),
            secrets: vec!["s3cret".to_owned()],
        };
        assert_eq!(format!("{filled:?}"), "***");
    }
}
