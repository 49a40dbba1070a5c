use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Asset;
use crate::base::diagnostic::SourceFile;
use crate::model::{AssetName, EnvironmentName, ProjectPath, Scalar};

/// Everything that the project's files declare, with variables resolved for one environment.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder of `dp.toml`, absolute and without links.
    pub root: PathBuf,
    /// `dp.toml` itself.
    pub file: SourceFile,
    /// Its settings.
    pub settings: Settings,
    /// The assets by name.
    pub assets: BTreeMap<AssetName, Asset>,
}

/// The settings of `dp.toml`, for one environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The project's name.
    pub name: String,
    /// The session's time zone.
    pub timezone: String,
    /// The place of `timezone`, if it is set.
    pub timezone_span: Option<crate::base::diagnostic::Span>,
    /// The current environment.
    pub environment: EnvironmentName,
    /// The names of all environments, including `prod`.
    pub environments: Vec<String>,
    /// The variables of the environment and of `--var`.
    pub variables: BTreeMap<String, Scalar>,
    /// The variables that `--var` set.
    pub set_variables: BTreeSet<String>,
    /// The engine that runs the SQL.
    pub connection: Connection,
    /// What is kept for rollbacks.
    pub keep: Keep,
    /// Patterns of paths that count as noise, in addition to dp's own; a leading `!` excludes paths again.
    pub noise: Vec<String>,
}

/// What `dp gc` keeps of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The number of runs per environment whose publications are kept.
    pub runs: u64,
    /// The time in seconds for which withdrawn versions are kept.
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
    /// The folder of published links, relative to the project.
    pub path: String,
    /// The memory limit in the engine's syntax ("4GB").
    pub memory_limit: Option<String>,
    /// The number of threads of the engine.
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
    /// Returns an asset by its name.
    pub fn asset(&self, name: &AssetName) -> Option<&Asset> {
        self.assets.get(name)
    }

    /// Returns dp's own folder.
    pub fn dp_folder(&self) -> PathBuf {
        self.root.join(".dp")
    }

    /// Returns the folder of published links, in its recorded form.
    pub fn shown_at(&self) -> ProjectPath {
        self.settings.connection.path.parse().expect("a project with a path that leads out of it is refused")
    }

    /// Returns the paths under which an engine may open a file: as named, and with links resolved.
    pub fn reachable(&self, relative: &str) -> impl Iterator<Item = PathBuf> + use<> {
        let absolute = self.absolute(relative);
        let resolved = crate::base::fs::canonicalize(&absolute).ok();
        [Some(absolute), resolved].into_iter().flatten()
    }

    /// Returns the absolute form of a path that is relative to the project.
    pub fn absolute(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }
}
