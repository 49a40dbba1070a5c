use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::base::text;
use crate::model::{AssetName, ObservedInput, PathState, RunId, SettingChange, VersionId};

/// Why a step is in the plan, with its evidence. Reasons only explain; no decision depends on them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
#[expect(missing_docs, reason = "the variants say it, and their details in words")]
pub enum Reason {
    /// No version is published in this environment.
    New,
    /// The definition changed.
    DefinitionChanged { changes: Vec<String>, file: String, line: usize },
    /// An input differs from what the version read.
    InputChanged {
        input: String,
        how: Vec<String>,
        /// Whether the input is not declared: a program was observed to depend on it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        observed: bool,
    },
    /// The files of a source have other columns, although nobody edited the source.
    SchemaChanged {
        changes: Vec<String>,
        /// Whether the user has to approve the change.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        asks: bool,
    },
    /// An input may change.
    InputMayChange { input: AssetName },
    /// A file of the published version is gone.
    OutputMissing { path: String },
    /// A file of the published version was changed outside dp.
    OutputDrifted { path: String },
    /// The user asked for it.
    Forced,
    /// Checks have no result for what is published.
    ChecksDue { checks: Vec<String>, why: String },
    /// Settings that only affect dp's behaviour changed.
    SettingsChanged { changes: Vec<SettingChange> },
    /// The asset was renamed; its version is kept.
    Moved { from: AssetName },
    /// The user declared the content of a file to be right.
    ByHand { how: String, path: String, reason: String },
    /// The user asked to forget the asset.
    Forgotten { reason: String },
    /// The user asked for the checks.
    CheckRequested,
    /// The engine binds the same query differently.
    EngineChanged { before: String, after: String },
    /// The version is older than `refresh` allows.
    Stale {
        refresh: String,
        /// The creation time of the version, if it is in the future.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ahead: Option<Timestamp>,
    },
    /// The asset is published and no longer declared.
    Removed { file: Option<String> },
    /// A rollback took the definition back, so publishing it needs a request.
    RolledBack {
        run: RunId,
        version: Option<VersionId>,
        #[serde(default)]
        since: Option<Timestamp>,
    },
    /// The asset reads what a rollback holds back, and stays with it.
    HeldBack {
        with: BTreeSet<AssetName>,
        run: RunId,
        #[serde(default)]
        since: Option<Timestamp>,
    },
    /// The user asked to destroy everything.
    DestroyRequested { file: Option<String> },
}

impl Reason {
    /// Returns the reason for another run because of an observed input.
    pub fn observed(input: &ObservedInput, now: &PathState) -> Self {
        Self::InputChanged {
            input: input.path.clone(),
            how: vec![input.change(now).to_owned()],
            observed: true,
        }
    }

    /// Returns the stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::DefinitionChanged { .. } => "definition_changed",
            Self::InputChanged { .. } => "input_changed",
            Self::SchemaChanged { .. } => "schema_changed",
            Self::InputMayChange { .. } => "input_may_change",
            Self::OutputMissing { .. } => "output_missing",
            Self::OutputDrifted { .. } => "output_drifted",
            Self::Forced | Self::DestroyRequested { .. } | Self::CheckRequested => "forced",
            Self::Moved { .. } => "moved",
            Self::ByHand { .. } => "by_hand",
            Self::Forgotten { .. } => "forgotten",
            Self::ChecksDue { .. } => "checks_due",
            Self::EngineChanged { .. } => "engine_changed",
            Self::Stale { .. } => "stale",
            Self::SettingsChanged { .. } => "settings_changed",
            Self::Removed { .. } => "removed",
            Self::RolledBack { .. } => "rolled_back",
            Self::HeldBack { .. } => "held_back",
        }
    }

    /// Describes the evidence.
    pub fn detail(&self) -> String {
        match self {
            Self::New => "not published here".to_owned(),
            Self::DefinitionChanged { changes, .. } if changes.is_empty() => "the definition changed".to_owned(),
            Self::DefinitionChanged { changes, .. } | Self::SchemaChanged { changes, .. } => changes.join("; "),
            Self::InputChanged {
                input,
                how,
                observed: true,
            } => format!("{input} {} (observed, not declared)", how.join("; ")),
            Self::InputChanged { input, how, .. } if how.is_empty() => format!("{input} changed"),
            Self::InputChanged { input, how, .. } => format!("{input} changed: {}", how.join("; ")),
            Self::InputMayChange { input } => format!("skipped if {input} does not change"),
            Self::OutputMissing { path } => format!("{path} is missing"),
            Self::OutputDrifted { path } => format!("{path} was changed outside dp"),
            Self::ByHand { how, path, reason } => format!("{path} is {how}: {reason}"),
            Self::Forgotten { reason } => reason.clone(),
            Self::Moved { from } => format!("renamed from {from}"),
            Self::CheckRequested => "requested with dp check".to_owned(),
            Self::Forced => "requested with --replace".to_owned(),
            Self::ChecksDue { checks, why } => format!("{}: {why}", text::and(checks)),
            Self::SettingsChanged { changes } => {
                changes.iter().map(SettingChange::words).collect::<Vec<_>>().join("; ")
            }
            Self::EngineChanged { before, after } if before == after => {
                "the engine now binds the query differently".to_owned()
            }
            Self::EngineChanged { before, after } => {
                format!("{after} binds the query differently from {before}")
            }
            Self::Stale {
                refresh,
                ahead: Some(ahead),
            } => format!("built at {}, which is in the future, with `refresh = \"{refresh}\"`", text::moment(*ahead)),
            Self::Stale { refresh, .. } if refresh == "always" => "`refresh = \"always\"`".to_owned(),
            Self::Stale { refresh, .. } => format!("older than `refresh = \"{refresh}\"` allows"),
            Self::Removed { file } => with_file("no longer declared", file.as_deref()),
            Self::RolledBack { run, version, since } => {
                let what = match version {
                    Some(version) => format!("{run} rolled {version} back"),
                    None => format!("{run} restored it"),
                };
                format!("{what}{}", at(*since))
            }
            Self::HeldBack { with, run, since } => {
                format!("unchanged like {}, which {run} holds back{}", text::named(with, 5), at(*since))
            }
            Self::DestroyRequested { file } => with_file("requested with --destroy", file.as_deref()),
        }
    }

    /// Returns the file and line of the edit, if the reason is an edit.
    pub fn place(&self) -> Option<(&str, usize)> {
        match self {
            Self::DefinitionChanged { file, line, .. } => Some((file, *line)),
            _ => None,
        }
    }
}

/// " at 2026-11-22 17:45:03", in UTC; empty if the time is unknown.
fn at(time: Option<Timestamp>) -> String {
    time.map_or_else(String::new, |time| format!(" at {}", text::moment(time)))
}

fn with_file(why: &str, file: Option<&str>) -> String {
    match file {
        Some(file) => format!("{why}; {file} is removed too"),
        None => why.to_owned(),
    }
}
