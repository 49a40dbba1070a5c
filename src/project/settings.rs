use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Asset, AssetName, EnvironmentName, Scalar};
use crate::diagnostic::SourceFile;

/// All that the project's files declare, with variables resolved for one environment.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder of `dp.toml`, absolute and without links.
    pub root: PathBuf,
    /// `dp.toml` itself.
    pub file: SourceFile,
    /// What it says.
    pub settings: Settings,
    /// The assets by name.
    pub assets: BTreeMap<AssetName, Asset>,
}

/// What `dp.toml` says, for one environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The project's name.
    pub name: String,
    /// The session's time zone.
    pub timezone: String,
    /// Where `timezone` stands, if it is written.
    pub timezone_span: Option<crate::diagnostic::Span>,
    /// The environment that is worked on.
    pub environment: EnvironmentName,
    /// The names of all environments, `prod` among them.
    pub environments: Vec<String>,
    /// Variables: of the environment, and what `--var` set.
    pub variables: BTreeMap<String, Scalar>,
    /// Those of the variables that `--var` set.
    pub set_variables: BTreeSet<String>,
    /// The engine that runs the SQL.
    pub connection: Connection,
    /// What is kept for rollbacks.
    pub keep: Keep,
    /// Patterns of paths that count as noise, beside dp's own; with `!` before one it is taken out again.
    pub noise: Vec<String>,
}

/// What of the past `dp gc` leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// What the last so many runs published, in each environment.
    pub runs: u64,
    /// What was withdrawn less than so many seconds ago.
    pub seconds: u64,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            runs: 10,
            seconds: 24 * 60 * 60,
        }
    }
}

/// A named engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its name in `[connections]`.
    pub name: String,
    /// Folder for what is published, relative to the project.
    pub path: String,
    /// As the engine reads it ("4GB").
    pub memory_limit: Option<String>,
    /// Threads of the engine.
    pub threads: Option<u32>,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            name: "warehouse".to_owned(),
            path: "warehouse".to_owned(),
            memory_limit: None,
            threads: None,
        }
    }
}

impl Project {
    /// An asset by its name.
    pub fn asset(&self, name: &AssetName) -> Option<&Asset> {
        self.assets.get(name)
    }

    /// dp's own folder.
    pub fn dp_folder(&self) -> PathBuf {
        self.root.join(".dp")
    }

    /// The paths under which an engine may come to a file: as it is named, and with links resolved.
    pub fn reachable(&self, relative: &str) -> impl Iterator<Item = PathBuf> + use<> {
        let absolute = self.absolute(relative);
        let resolved = crate::fs::canonicalize(&absolute).ok();
        [Some(absolute), resolved].into_iter().flatten()
    }

    /// An absolute path for one relative to the project.
    pub fn absolute(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }
}
