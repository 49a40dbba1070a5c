//! What a program is expected to do, and what the judgement of it consists of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::noise::Noise;
use super::notice::Notice;
use super::owners::Owners;
use crate::model::{AssetName, Effect, Seen};
use crate::process::{Endpoint, Stamp};
use crate::project::Judgement;

/// The expected behaviour of a program.
#[derive(Debug)]
pub struct Expected<'a> {
    /// The project, absolute, links resolved.
    pub root: &'a Path,
    /// The rules for noise.
    pub noise: &'a Noise,
    /// The owners of paths.
    pub owners: &'a Owners,
    /// The asset that the program builds.
    pub asset: &'a AssetName,
    /// Its own folder for outputs and temporary files.
    pub own: &'a Path,
    /// Input files, with the assets whose rows they contain.
    pub inputs: &'a BTreeMap<PathBuf, AssetName>,
    /// The code in its definition, and the program itself.
    pub code: &'a BTreeSet<PathBuf>,
    /// Files and folders that it may read.
    pub read: &'a [PathBuf],
    /// Files and folders that it may change.
    pub write: &'a [PathBuf],
    /// Peers that it may contact.
    pub connect: &'a [Endpoint],
    /// `files` as the user wrote them, for the suggested line.
    pub written_files: &'a [String],
    /// `inputs` as the user wrote them.
    pub written_inputs: &'a [String],
    /// The folders in which programs are searched for.
    pub search: &'a [PathBuf],
    /// How dp treats all other effects.
    pub judgement: Judgement,
    /// Whether the result becomes stale with time.
    pub refreshes: bool,
    /// How the accesses are known.
    pub seen: Seen,
}

/// An undeclared input that the result of a program depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependence {
    /// The bytes of a file, with its stamp at the first use.
    Content(Option<Stamp>),
    /// The names in a folder, with its stamp at the first listing.
    Names(Option<Stamp>),
    /// The kind of the entry, and size, times and mode of a file, with its stamp at the first look.
    Stat(Option<Stamp>),
    /// Whether it is a link, and its target, with the link's own stamp if it was one.
    Link(Option<Stamp>),
    /// That something exists.
    Presence,
    /// That nothing exists.
    Absence,
    /// Something that can't be found again.
    Unknown,
}

impl Dependence {
    /// Returns the way of a dependence, and its strength. A program can depend on a path in several ways; per way the
    /// strongest dependence counts.
    pub(super) fn way(&self) -> (u8, u8) {
        match self {
            Self::Unknown => (0, 4),
            Self::Content(_) => (0, 3),
            Self::Names(_) => (0, 2),
            Self::Absence => (0, 1),
            Self::Presence => (0, 0),
            Self::Stat(_) => (1, 0),
            Self::Link(_) => (2, 0),
        }
    }
}

/// The result of the judgement.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// The effects to record: everything except noise, and one row per rule for the noise.
    pub effects: Vec<Effect>,
    /// All effects, including noise.
    pub everything: Vec<Effect>,
    /// The undeclared dependences of the result, by absolute path.
    pub depends: BTreeMap<PathBuf, Vec<Dependence>>,
    /// Paths that the program itself changed.
    pub changed: BTreeSet<PathBuf>,
    /// Remote hosts that the program contacted.
    pub contacted: BTreeSet<String>,
    /// The notices for the user.
    pub notices: Vec<Notice>,
    /// Whether an access was denied that is not noise.
    pub denied: bool,
    /// Denied accesses that are noise.
    pub refused_noise: BTreeSet<String>,
}
