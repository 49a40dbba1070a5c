use serde::{Deserialize, Serialize};

/// What a step would do to its asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// No version is published; build one.
    Create,
    /// The asset certainly needs a new version; build one.
    Rebuild,
    /// An input will be rebuilt. Whether this asset is rebuilt depends on the result.
    Maybe,
    /// The store has a version with this key; publish it.
    Reuse,
    /// The data stays; checks are due.
    Check,
    /// The data stays. Settings that only affect dp's behaviour changed; record them.
    Settings,
    /// The asset is published and no longer declared; withdraw it.
    Destroy,
    /// Nothing to do.
    Unchanged,
}

impl Action {
    /// All actions, in the order in which plans show them.
    pub const ALL: [Self; 8] = [
        Self::Create,
        Self::Rebuild,
        Self::Maybe,
        Self::Reuse,
        Self::Check,
        Self::Settings,
        Self::Destroy,
        Self::Unchanged,
    ];

    /// Returns the word for the action, the same in all outputs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Rebuild => "rebuild",
            Self::Maybe => "maybe",
            Self::Reuse => "reuse",
            Self::Check => "check",
            Self::Settings => "settings",
            Self::Destroy => "destroy",
            Self::Unchanged => "unchanged",
        }
    }

    /// Returns the sign before the asset's name.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Create => "+",
            Self::Rebuild => "~",
            Self::Maybe => "?",
            Self::Reuse => "=",
            Self::Check => "✓",
            Self::Settings => "•",
            Self::Destroy => "-",
            Self::Unchanged => " ",
        }
    }
}
