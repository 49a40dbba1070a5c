//! Decides what happens to one asset, from values alone.
//!
//! The plan asks before anything runs, with a gap for each input that is not built yet. The run asks again as soon as
//! the inputs are known. Both gather [`Evidence`], fetch the [`Candidates`] that [`lookup`] names, and carry out the
//! [`Decision`].

mod candidates;
mod check;
mod compare;
mod input;
mod key;
#[cfg(test)]
mod law_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod world_tests;

use super::CutOff;
use crate::facts::Facts;
use crate::model::{AssetName, Digest, HeldBack, Observed, ObservedInput, OutputState, PathState, Version, VersionId};
use crate::project::Asset;
use crate::seam::Published;

pub use candidates::{Candidates, Integrity, Lookup, MOST_CANDIDATES};
pub use check::{Due, due};
pub(super) use compare::same_files;
use compare::{Need, compare};
pub use input::{Certain, Input, Inputs, bytes_read, content_read, known};
pub use key::{check_key, observed_key, version_key, view_contents};
pub(super) use key::{content_key, positions, reads_for};

/// Everything that decides what happens to one asset.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The declaration.
    pub asset: &'a Asset,
    /// What dp knows of it before anything runs.
    pub facts: &'a Facts,
    /// What is published of it, perhaps under a previous name.
    pub published: Option<&'a Published>,
    /// What is known of the assets that it reads.
    pub inputs: &'a Inputs,
    /// What dp found on the disk before planning.
    pub observed: &'a Observed,
    /// The rollback that holds the declared definition.
    pub held_back: Option<&'a HeldBack>,
    /// What the user asked for.
    pub request: Request<'a>,
}

/// What the user asked for one asset.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// Whether to build it even if nothing requires it.
    pub forced: bool,
    /// Whether to publish it even if a rollback holds it back.
    pub resume: bool,
    /// The version to publish, which a plan chose before.
    pub planned: Option<&'a VersionId>,
}

/// What happens to an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays as it is published.
    Keep,
    /// This stored version is published.
    Reuse(VersionId),
    /// It gets a new version.
    Build,
    /// It depends on an input that is not built yet. Never without a gap.
    Undecided,
}

/// What happens to an asset, and why.
#[derive(Clone, Debug)]
pub struct Decision<'a> {
    /// What happens, unless the asset is held.
    pub verdict: Verdict,
    /// Why it does not simply stay; empty if it does.
    pub differences: Vec<Difference<'a>>,
    /// Inputs that will be built and are proven to stay the same in what the asset reads.
    pub cut_off: Vec<CutOff>,
    /// The rollback because of which the asset stays as it is published, whatever the verdict is.
    pub held: Option<&'a HeldBack>,
}

/// One reason why an asset does not simply stay as it is published: the evidence, which the plan puts into words.
#[derive(Clone, Copy, Debug)]
pub enum Difference<'a> {
    /// Nothing is published.
    New,
    /// The asset was published under this name.
    Moved(&'a AssetName),
    /// The definition is another one.
    Definition,
    /// Its files go to other places.
    Places,
    /// The files that it reads differ.
    Files,
    /// The files that it reads have other columns, although nobody edited the asset.
    Columns,
    /// This input differs from what was read.
    Input(&'a AssetName),
    /// The same query over the same rows means something else.
    Meaning,
    /// This input is not built yet, and may differ from what was read.
    MayChange(&'a AssetName),
    /// A path that a program was observed to depend on changed; its current state.
    Observed(&'a ObservedInput, &'a PathState),
    /// A file of the published version differs from the record.
    Output(&'a OutputState),
    /// The published version is older than the asset allows.
    Stale,
    /// The user asks for a build.
    Forced,
    /// A rollback took the definition back.
    RolledBack(&'a HeldBack),
}

/// Returns which stored versions [`decide`] can use; without them it decides for a build.
pub fn lookup(evidence: &Evidence<'_>) -> Lookup {
    if let Some(id) = evidence.request.planned {
        return Lookup::Version(id.clone());
    }
    let facts = evidence.facts;
    match (compare(evidence).need, evidence.published) {
        (Need::Publication, Some(published)) => Lookup::Version(published.version.id.clone()),
        (Need::Version, _) => match evidence.new_key() {
            Some(_) if facts.program.is_some() => Lookup::Newest,
            Some(key) if facts.unstable.is_empty() => Lookup::Key(key),
            Some(_) | None => Lookup::Nothing,
        },
        _ => Lookup::Nothing,
    }
}

/// Decides what happens to an asset.
///
/// The key decides wherever it can be computed. The comparison input by input explains the decision, and decides only
/// where a gap leaves no key.
pub fn decide<'a>(evidence: &Evidence<'a>, found: &Candidates) -> Decision<'a> {
    let compared = compare(evidence);
    let verdict = match (evidence.reusable(compared.need, found), compared.need) {
        (Some(version), _) => Verdict::Reuse(version.id.clone()),
        (None, Need::Nothing) => Verdict::Keep,
        (None, Need::Input) => Verdict::Undecided,
        (None, Need::Publication | Need::Version | Need::Build) => Verdict::Build,
    };
    Decision {
        held: evidence.held_back.filter(|_| verdict != Verdict::Keep && !evidence.request.resume),
        verdict,
        differences: compared.differences,
        cut_off: compared.cut_off,
    }
}

impl Evidence<'_> {
    /// Returns the key of a new version, over the fewest columns, whatever the published one was compared by.
    fn new_key(&self) -> Option<Digest> {
        version_key(self.facts, self.asset.is_computed(), self.inputs, None)
    }

    /// Whether a version is older than the asset allows. The age is the one at the time of the plan, also in the run.
    fn is_stale(&self, version: &Version) -> bool {
        self.asset.refresh.as_ref().is_some_and(|refresh| refresh.is_over(version.created, self.observed.at))
    }

    /// Whether a version that the plan chose read something else than what an input has turned out to be, because the
    /// stored version of the input was damaged and built again.
    fn reads_another(&self, planned: &Version) -> bool {
        let is_view = self.asset.is_computed();
        planned.inputs.iter().filter(|read| read.version.is_some()).any(|read| {
            let Some(Input::Known { version, contents }) = self.inputs.get(read.name.as_str()) else {
                return false;
            };
            // A view reads exact versions; for others, other rows in the columns that they read matter.
            let now = if read.ordered { contents.bytes.as_ref() } else { contents.of(&read.columns) };
            let differs = is_view || now.is_some_and(|now| read.content.as_ref() != Some(now));
            version.is_some() && *version != read.version && differs
        })
    }

    /// Returns the candidate that can be published.
    fn reusable<'c>(&self, need: Need, found: &'c Candidates) -> Option<&'c Version> {
        let mut intact =
            found.0.iter().filter(|(_, integrity)| *integrity != Integrity::Damaged).map(|(found, _)| found);
        if let Some(planned) = self.request.planned {
            return intact.find(|version| version.id == *planned && !self.reads_another(version));
        }
        match need {
            Need::Publication => {
                intact.find(|version| self.published.is_some_and(|there| there.version.id == version.id))
            }
            Need::Version => {
                let key = self.new_key()?;
                intact
                    .find(|version| self.is_made_of(&key, version) && !self.is_stale(version) && !self.is_lost(version))
            }
            Need::Nothing | Need::Input | Need::Build => None,
        }
    }

    /// Whether a build would give this version again.
    fn is_made_of(&self, key: &Digest, version: &Version) -> bool {
        let is_repeatable =
            if self.facts.program.is_some() { version.deterministic } else { self.facts.unstable.is_empty() };
        is_repeatable
            && version.by_hand.is_none()
            && observed_key(key, version.observed()) == version.key
            && self.observed.moved(version.observed()).next().is_none()
    }

    /// Whether it is the published version, and its stored file differs from the record.
    fn is_lost(&self, version: &Version) -> bool {
        self.observed.outputs.get(&version.asset).is_some_and(|output| output.stored)
            && self.published.is_some_and(|published| published.version.id == version.id)
    }
}
