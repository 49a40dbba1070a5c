use serde::{Deserialize, Serialize};

/// What a step would do to its asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// No version is published: build one.
    Create,
    /// Certain: build another.
    Rebuild,
    /// An input will be rebuilt; whether this follows depends on what comes out.
    Maybe,
    /// A version with this key is in the store: publish it.
    Reuse,
    /// The data stays; checks are due.
    Check,
    /// The data stays; settings on which only dp's behaviour depends are declared anew: record them.
    Settings,
    /// Published and no longer declared: withdraw it.
    Destroy,
    /// Nothing.
    Unchanged,
}

impl Action {
    /// All of them, in the order in which plans show them.
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

    /// The word for it everywhere.
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

    /// The sign before the asset's name.
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
