use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Digest, FileInput};

/// What dp knows of a program before it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramFacts {
    /// The file that the first word of the command resolves to, absolute, with links resolved.
    pub file: PathBuf,
    /// The same file as it was found, with links: an interpreter selects its environment by this path.
    pub found: PathBuf,
    /// The hash of that file.
    pub hash: Digest,
    /// The code that is part of the definition.
    pub code: Vec<FileInput>,
    /// The environment variables of the command, with substituted values.
    pub environment: BTreeMap<String, Filled>,
}

/// A value of a command's environment variable.
#[derive(Clone, PartialEq, Eq)]
pub struct Filled {
    /// The text.
    pub text: String,
    /// The values of dp's own environment in the text, which are never shown.
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
    /// The version that the program reports, if dp asks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How its effects are known.
    pub seen: Seen,
    /// What it depends on in addition to its inputs, sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed: Vec<ObservedInput>,
    /// The other hosts, and the services of this machine that it did not start, that it contacted; sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacted: Vec<String>,
}

/// How effects are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seen {
    /// The kernel reported them.
    Observed,
    /// dp compared the project's folder before and after.
    Compared,
    /// They are declared.
    Declared,
}

impl Seen {
    /// Returns the word that the state stores.
    pub fn word(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Compared => "compared",
            Self::Declared => "declared",
        }
    }
}

/// A word in the state that this version of dp does not know.
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

/// An undeclared input that a program was observed to depend on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObservedInput {
    /// The path, relative to the project if it is inside it, otherwise absolute.
    pub path: String,
    /// The observed state.
    pub state: PathState,
}

/// The state of a path, as far as a program depends on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PathState {
    /// A file with these bytes.
    File(Digest),
    /// A folder with these names in it.
    Folder(Digest),
    /// Nothing exists there.
    Absent,
    /// Something exists; its content was not inspected.
    Present,
    /// A link with this target; the target was not inspected.
    Link(Digest),
    /// Something other than a link; nothing more was inspected.
    Plain,
    /// Something of this kind; for a file, with this size, time of change and mode.
    Stat(Digest),
    /// It changed while the program ran, or can't be read. It equals nothing, not even itself.
    Unsettled,
}

/// The aspect of a path that a program depends on. A program can depend on several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// The bytes of a file, or the names in a folder.
    Content,
    /// The kind of the entry; for a file also size, time of change and mode.
    Stat,
    /// Whether it is a link, and its target.
    Link,
    /// Whether anything exists.
    Presence,
}

impl ObservedInput {
    /// Returns the aspect that counts.
    pub fn aspect(&self) -> Aspect {
        match self.state {
            PathState::File(_) | PathState::Folder(_) => Aspect::Content,
            PathState::Stat(_) => Aspect::Stat,
            PathState::Link(_) | PathState::Plain => Aspect::Link,
            PathState::Absent | PathState::Present | PathState::Unsettled => Aspect::Presence,
        }
    }

    /// Returns the path, with the aspect in brackets unless it is content or presence.
    pub fn name(&self) -> String {
        match self.aspect() {
            Aspect::Content | Aspect::Presence => self.path.clone(),
            Aspect::Stat => format!("{} (size, time and mode)", self.path),
            Aspect::Link => format!("{} (link target)", self.path),
        }
    }

    /// Whether the current state equals the observed one.
    pub fn still_holds(&self, now: &PathState) -> bool {
        match (&self.state, now) {
            (PathState::Unsettled, _) | (_, PathState::Unsettled) => false,
            (PathState::Present, now) => *now != PathState::Absent,
            (before, now) => before == now,
        }
    }

    /// Describes the change.
    pub fn change(&self, now: &PathState) -> &'static str {
        match (&self.state, now) {
            (PathState::Absent, _) => "now exists",
            (_, PathState::Absent) => "no longer exists",
            (PathState::Folder(_), _) => "contains other names",
            (PathState::Link(_), _) => "has another link target",
            (PathState::Plain, _) => "is now a link",
            (PathState::Stat(_), _) => "has another size, time or mode",
            (PathState::Unsettled, _) => "changed while the program read it",
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
