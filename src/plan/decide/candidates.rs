//! The stored versions that could be published without a build.

use crate::model::{AssetName, Digest, Version, VersionId};
use crate::seam::{LedgerRead, RecordError};

/// Which stored versions could be published without a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// None.
    Nothing,
    /// This one.
    Version(VersionId),
    /// The newest one with this key.
    Key(Digest),
    /// The newest ones of the asset, because the key of a program's result contains what the program was observed to
    /// read.
    Newest,
}

/// How many recent versions of a program's result are considered for reuse.
pub const MOST_CANDIDATES: usize = 16;

impl Lookup {
    /// Returns the stored versions of an asset; `version` returns the version with an id.
    ///
    /// # Errors
    /// If the state can't be read.
    pub fn fetch<E: From<RecordError>>(
        &self,
        asset: &AssetName,
        catalogue: &dyn LedgerRead,
        version: impl FnOnce(&VersionId) -> Result<Option<Version>, E>,
    ) -> Result<Candidates, E> {
        let found = match self {
            Self::Nothing => Vec::new(),
            Self::Version(id) => version(id)?.into_iter().collect(),
            Self::Key(key) => catalogue.version_with_key(asset, key)?.into_iter().collect(),
            Self::Newest => catalogue.newest_versions(asset, MOST_CANDIDATES)?,
        };
        Ok(Candidates(found.into_iter().map(|version| (version, Integrity::Unchecked)).collect()))
    }
}

/// Stored versions that could be published without a build, the best one first.
#[derive(Clone, Debug, Default)]
pub struct Candidates(pub Vec<(Version, Integrity)>);

/// Whether the files of a version are as recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integrity {
    /// Nobody looked, as in a plan.
    Unchecked,
    /// They are.
    Intact,
    /// They are missing or changed.
    Damaged,
}

impl Candidates {
    /// Returns a candidate.
    pub fn get(&mut self, id: &VersionId) -> Option<&mut (Version, Integrity)> {
        self.0.iter_mut().find(|(version, _)| version.id == *id)
    }
}
