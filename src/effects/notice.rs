use std::collections::BTreeSet;
use std::fmt::Display;

use miette::Diagnostic;
use thiserror::Error;

use crate::base::text;
use crate::model::AssetName;

/// A notice for the user about a program's effects.
#[derive(Clone, Debug, Error, Diagnostic, PartialEq, Eq)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Notice {
    #[error("`{asset}` read {what}, which it does not declare")]
    #[diagnostic(code(dp::effects::undeclared_read), severity(Warning))]
    UndeclaredRead {
        asset: String,
        what: String,
        #[help]
        help: String,
    },
    #[error("`{asset}` changed {what}, which it does not declare")]
    #[diagnostic(code(dp::effects::undeclared_write), severity(Warning))]
    UndeclaredWrite {
        asset: String,
        what: String,
        #[help]
        help: String,
    },
    #[error("`{asset}` changed {what}, which belongs to {owner}")]
    #[diagnostic(code(dp::effects::foreign_write), severity(Warning))]
    ForeignWrite {
        asset: String,
        what: String,
        owner: String,
        #[help]
        help: String,
    },
    #[error("`{asset}` contacted {what}, but sets no `refresh`")]
    #[diagnostic(code(dp::effects::undeclared_contact), severity(Warning))]
    UndeclaredContact {
        asset: String,
        what: String,
        #[help]
        help: String,
    },
    #[error("`{asset}` was denied {what}")]
    #[diagnostic(code(dp::effects::denied))]
    Denied {
        asset: String,
        what: String,
        #[help]
        help: String,
    },
    #[error("dp could not observe everything that `{asset}` did: {what}")]
    #[diagnostic(
        code(dp::effects::partly_seen),
        severity(Warning),
        help("set `refresh` if these effects can change its result: dp has no record of them")
    )]
    PartlySeen { asset: String, what: String },
    #[error("`{asset}` ended and left {what} running, which dp killed")]
    #[diagnostic(
        code(dp::effects::left_running),
        severity(Warning),
        help(
            "let the program end or wait for the processes that it starts (`wait` in a shell): their unfinished work is lost"
        )
    )]
    LeftRunning { asset: String, what: String },
}

impl Notice {
    /// Creates the notice that a program contacted hosts although nothing makes its result stale.
    pub fn contacted(asset: &AssetName, hosts: impl IntoIterator<Item = impl Display>) -> Self {
        Self::UndeclaredContact {
            asset: asset.to_string(),
            what: text::named(hosts, 5),
            help: "set `refresh = \"24h\"` (or \"always\"), because responses can change".to_owned(),
        }
    }

    /// Creates the notice that a program left processes of these programs running.
    pub fn left_running(asset: &AssetName, count: u32, programs: &BTreeSet<String>) -> Self {
        let count = text::count(usize::try_from(count).unwrap_or(usize::MAX), "program");
        Self::LeftRunning {
            asset: asset.to_string(),
            what: format!("{count} ({})", text::named(programs, 3)),
        }
    }

    /// Returns the notice with each of its texts changed, for example with secrets masked.
    #[must_use]
    pub fn map(self, change: &dyn Fn(&str) -> String) -> Self {
        let text = |text: String| change(&text);
        match self {
            Self::UndeclaredRead { asset, what, help } => Self::UndeclaredRead {
                asset,
                what: text(what),
                help: text(help),
            },
            Self::UndeclaredWrite { asset, what, help } => Self::UndeclaredWrite {
                asset,
                what: text(what),
                help: text(help),
            },
            Self::ForeignWrite {
                asset,
                what,
                owner,
                help,
            } => Self::ForeignWrite {
                asset,
                what: text(what),
                owner,
                help: text(help),
            },
            Self::UndeclaredContact { asset, what, help } => Self::UndeclaredContact {
                asset,
                what: text(what),
                help,
            },
            Self::Denied { asset, what, help } => Self::Denied {
                asset,
                what: text(what),
                help: text(help),
            },
            Self::PartlySeen { asset, what } => Self::PartlySeen {
                asset,
                what: text(what),
            },
            Self::LeftRunning { asset, what } => Self::LeftRunning {
                asset,
                what: text(what),
            },
        }
    }

    /// Returns the stable code.
    pub fn code_text(&self) -> String {
        self.code().map(|code| code.to_string()).unwrap_or_default()
    }

    /// Returns the help.
    pub fn help_text(&self) -> String {
        self.help().map(|help| help.to_string()).unwrap_or_default()
    }
}
