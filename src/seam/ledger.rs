use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::definition::DefinitionDocument;
use crate::model::{
    AssetName, AssetSettings, Digest, EnvironmentName, HeldBack, ProjectPath, ReleaseName, RunId, Shape, Version,
    VersionId, normal,
};

/// What the state records for one environment, as far as a plan needs it.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The identity of the state; empty before the first apply.
    pub state_id: String,
    /// The state's counter, which increases by one with every change.
    pub serial: u64,
    /// What is published, by asset.
    pub published: BTreeMap<AssetName, Published>,
    /// The release that this environment's links should lead to; `None` if nothing was ever published.
    pub release: Option<ReleaseName>,
    /// Every environment with published assets, by name.
    pub environments: Vec<ShownEnvironment>,
    /// What rollbacks hold back.
    pub held: Vec<HeldBack>,
    /// Pairs of an asset and a previous name whose version the asset does not take over any more.
    pub settled: BTreeSet<(AssetName, AssetName)>,
}

impl Snapshot {
    /// Returns the rollback that holds this definition of an asset, under any of the given names.
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

    /// Returns the rollback that keeps an asset from being withdrawn again.
    pub fn held_withdrawal(&self, asset: &AssetName) -> Option<&HeldBack> {
        self.held.iter().find(|held| held.asset == *asset && held.definition.is_none())
    }
}

/// An environment with published assets, and the place of its links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownEnvironment {
    /// The environment's name.
    pub name: EnvironmentName,
    /// The folder of its links; `None` if an older version of dp published it.
    pub shown_at: Option<ProjectPath>,
}

impl Snapshot {
    /// Returns the folder of an environment's links, if it differs from `warehouse`.
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
    /// The run that published it.
    pub run: RunId,
    /// Why its files are not trusted, if they are recorded as damaged.
    pub damaged: Option<String>,
    /// The settings of the last applied declaration; `None` if an older version of dp published it.
    pub settings: Option<AssetSettings>,
}

impl Published {
    /// Whether the last applied declaration protects the asset.
    pub fn is_protected(&self) -> bool {
        self.settings.as_ref().map_or(self.version.protected, AssetSettings::protects)
    }

    /// Returns the settings that are in force.
    pub fn settings_in_force(&self, declared: &AssetSettings) -> AssetSettings {
        self.settings.clone().unwrap_or_else(|| {
            // Older versions of dp recorded only this setting, with the version.
            let mut settings = declared.clone();
            settings.set_protects(self.version.protected);
            settings
        })
    }
}

/// The cost and the result of one build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastBuild {
    /// Duration of the build and of the checks after it, in milliseconds.
    pub ms: u64,
    /// Rows; `None` for a view.
    pub rows: Option<u64>,
    /// Bytes in the store; `None` for a view.
    pub bytes: Option<u64>,
}

/// Queries of the state that run on demand, because the whole state may be large.
pub trait LedgerRead {
    /// Returns the newest intact version of the asset with this key.
    fn version_with_key(&self, asset: &AssetName, key: &Digest) -> Result<Option<Version>, RecordError>;
    /// Returns the newest intact versions of an asset, newest first.
    fn newest_versions(&self, asset: &AssetName, limit: usize) -> Result<Vec<Version>, RecordError>;
    /// Returns whether the check with this key passed; `None` if no result is recorded.
    fn check_result(&self, key: &Digest) -> Result<Option<bool>, RecordError>;
    /// Returns the recorded shape of the query with this bound plan.
    fn shape(&self, plan: &Digest) -> Result<Option<Shape>, RecordError>;
    /// Returns the newest finished builds of an asset in any environment, newest first.
    fn past_builds(&self, asset: &AssetName, limit: usize) -> Result<Vec<PastBuild>, RecordError>;
    /// Returns the recorded document of a definition.
    fn definition(&self, fingerprint: &Digest) -> Result<Option<DefinitionDocument>, RecordError>;
}

/// Queries of the history, for `dp why`.
pub trait History {
    /// Returns what a run did with an asset; `None` if the asset was not part of the run.
    fn step_of_run(&self, run: RunId, asset: &AssetName) -> Result<Option<RecordedStep>, RecordError>;
    /// Returns a version in any state.
    fn version_of(&self, id: &VersionId) -> Result<Option<Version>, RecordError>;
    /// Returns what was published in an environment when a run had ended.
    fn published_at(&self, environment: &str, asset: &AssetName, run: RunId) -> Result<Option<VersionId>, RecordError>;
}

/// A recorded step of a run.
#[derive(Clone, Debug)]
pub struct RecordedStep {
    /// The word of the outcome, or of the action if the run did not finish the step.
    pub outcome: String,
    /// The reasons from the plan.
    pub reasons: serde_json::Value,
    /// The version that the asset had afterwards.
    pub version: Option<VersionId>,
}

/// The state could not be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("could not read the state: {0}")]
#[diagnostic(
    code(dp::state::unreadable),
    help("if the file is damaged, restore the backup from before the last run: `dp state restore`")
)]
pub struct RecordError(pub String);
