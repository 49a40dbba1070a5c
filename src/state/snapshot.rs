use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{AssetSettings, Digest, HeldBack, ReleaseName, RunId, Shape, Version, VersionId};
use crate::fingerprint::DefinitionDocument;
use crate::project::{AssetName, EnvironmentName, ProjectPath, normal};

/// What dp has on record for one environment, as far as a plan needs it.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The identity of the state; empty before the first apply.
    pub state_id: String,
    /// One up at every change.
    pub serial: u64,
    /// What is published, by asset.
    pub published: BTreeMap<AssetName, Published>,
    /// Where the links of this environment should lead; `None` if nothing was ever published.
    pub release: Option<ReleaseName>,
    /// Every environment that something is published in, by name.
    pub environments: Vec<ShownEnvironment>,
    /// What rollbacks hold back.
    pub held: Vec<HeldBack>,
    /// Names of assets, each with a former name whose version it does not take over any more.
    pub settled: BTreeSet<(AssetName, AssetName)>,
}

impl Snapshot {
    /// The rollback that holds this definition of an asset, under any of the names that it has or had.
    pub fn held_definition<'a>(
        &self,
        names: impl IntoIterator<Item = &'a AssetName>,
        definition: &Digest,
    ) -> Option<&HeldBack> {
        let found = |name: &'a AssetName| {
            self.held.iter().find(|held| held.asset == *name && held.definition.as_ref() == Some(definition))
        };
        names.into_iter().find_map(found)
    }

    /// The rollback that keeps an asset from being withdrawn again.
    pub fn held_withdrawal(&self, asset: &AssetName) -> Option<&HeldBack> {
        self.held.iter().find(|held| held.asset == *asset && held.definition.is_none())
    }
}

/// An environment that something is published in, and where others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownEnvironment {
    /// Its name.
    pub name: EnvironmentName,
    /// The folder that its links are in; `None` if an older dp published it.
    pub shown_at: Option<ProjectPath>,
}

impl Snapshot {
    /// The folder that the links of an environment are in, if that is another one than `warehouse`.
    pub fn shown_elsewhere(&self, environment: &EnvironmentName, warehouse: &str) -> Option<&ProjectPath> {
        let shown = self.environments.iter().find(|shown| shown.name == *environment)?.shown_at.as_ref()?;
        (shown.normal() != normal(warehouse)).then_some(shown)
    }
}

/// A published version.
#[derive(Clone, Debug)]
pub struct Published {
    /// The version.
    pub version: Version,
    /// When it was published.
    pub since: Timestamp,
    /// By which run.
    pub run: RunId,
    /// Why its files are not believed any more, if they are on record as damaged.
    pub damaged: Option<String>,
    /// Settings of the last declaration that was applied; `None` if an older dp published it.
    pub settings: Option<AssetSettings>,
}

impl Published {
    /// Whether the last declaration that was applied protects it.
    pub fn is_protected(&self) -> bool {
        self.settings.as_ref().map_or(self.version.protected, AssetSettings::protects)
    }

    /// The settings that are in force.
    pub fn settings_in_force(&self, declared: &AssetSettings) -> AssetSettings {
        self.settings.clone().unwrap_or_else(|| {
            // An older dp kept only this one, with the version.
            let mut settings = declared.clone();
            settings.set_protects(self.version.protected);
            settings
        })
    }
}

/// What one build took and made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastBuild {
    /// Its time and that of the checks that followed it, in milliseconds.
    pub ms: u64,
    /// Rows; `None` for a view.
    pub rows: Option<u64>,
    /// Bytes in the store; `None` for a view.
    pub bytes: Option<u64>,
}

/// Questions about what is on record that can't be answered beforehand: the whole record may be large.
pub trait Catalogue {
    /// The newest intact version of the asset with this key.
    fn version_with_key(&self, asset: &AssetName, key: &Digest) -> Result<Option<Version>, RecordError>;
    /// The newest intact versions of an asset, newest first.
    fn newest_versions(&self, asset: &AssetName, limit: usize) -> Result<Vec<Version>, RecordError>;
    /// Whether a result is on record for a check's key, and whether it passed.
    fn check_result(&self, key: &Digest) -> Result<Option<bool>, RecordError>;
    /// How this dp took the query apart that has this bound plan.
    fn shape(&self, plan: &Digest) -> Result<Option<Shape>, RecordError>;
    /// The newest finished builds of an asset in any environment, newest first.
    fn past_builds(&self, asset: &AssetName, limit: usize) -> Result<Vec<PastBuild>, RecordError>;
    /// What a definition said when it was recorded.
    fn definition(&self, fingerprint: &Digest) -> Result<Option<DefinitionDocument>, RecordError>;
}

/// Questions about the past, for those who ask why.
pub trait History {
    /// What a run did with an asset; `None` if it was no part of it.
    fn step_of_run(&self, run: RunId, asset: &AssetName) -> Result<Option<RecordedStep>, RecordError>;
    /// A version in any condition.
    fn version_of(&self, id: &VersionId) -> Result<Option<Version>, RecordError>;
    /// What was published in an environment when a run was over.
    fn published_at(&self, environment: &str, asset: &AssetName, run: RunId) -> Result<Option<VersionId>, RecordError>;
}

/// A step of a run as it was recorded.
#[derive(Clone, Debug)]
pub struct RecordedStep {
    /// The word of the outcome, or of the action if the run never got that far.
    pub outcome: String,
    /// The reasons, as the plan gave them.
    pub reasons: serde_json::Value,
    /// The version that the asset had after it.
    pub version: Option<VersionId>,
}

/// The record could not be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("the record can't be read: {0}")]
#[diagnostic(
    code(dp::state::unreadable),
    help("if the file is damaged: `dp state restore` puts back the backup of before the last run")
)]
pub struct RecordError(pub String);
