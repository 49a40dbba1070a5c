//! A project with everything that belongs to it, opened on demand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::OpError;
use super::listener::Listener;
use super::{key, recovery};
use crate::analyze::{self, Secrets};
use crate::base::clock::Clock;
use crate::base::diagnostic::{Problem, Problems};
use crate::base::{fs, trace};
use crate::facts::Analysis;
use crate::ledger::sqlite::{Reader, StoreError};
use crate::model::{AssetName, EnvironmentName};
use crate::plan::{self, PlanRequest};
use crate::project::{self, LoadOptions, Loaded, Project, ProjectError};

/// The project, environment and variables that an operation is about.
#[derive(Clone, Debug)]
pub struct Target {
    /// The project's folder; `None` for the nearest folder with a `dp.toml`, from the working folder up.
    pub project: Option<PathBuf>,
    /// The environment.
    pub environment: String,
    /// Whether the user named the environment.
    pub environment_is_given: bool,
    /// Values of variables that `dp.toml` declares, `NAME=VALUE`.
    pub variables: Vec<String>,
}

/// Everything that operations on a project share. It has no screen: what an operation says while it works goes to the
/// [`Listener`].
pub struct Workspace {
    /// What the operations are about.
    pub target: Target,
    /// The clock.
    pub clock: Clock,
    /// The command line without the program's name, for the state.
    pub words: Vec<String>,
    /// The working folder, against which paths of the user are resolved.
    pub folder: PathBuf,
    /// dp's own environment variables, by name.
    pub variables: BTreeMap<String, String>,
    /// Hears what operations say while they work.
    pub listener: Box<dyn Listener>,
}

impl Workspace {
    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the absolute form of a path that the user wrote.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// Returns a path for display: relative to the project, if it is inside it.
    pub fn shown(&self, path: &Path) -> String {
        let root = self.root().ok().and_then(|root| fs::canonicalize(&root).ok());
        let inside = root.as_ref().and_then(|root| path.strip_prefix(root).ok());
        inside.unwrap_or(path).display().to_string()
    }

    /// Returns the folder of the nearest `dp.toml`.
    pub fn root(&self) -> Result<PathBuf, OpError> {
        if let Some(project) = &self.target.project {
            let root = self.absolute(project);
            if fs::exists(&root.join("dp.toml")) {
                return Ok(root);
            }
            let folder = root.display().to_string();
            return Err(Problem::without_file(ProjectError::NotThere { folder }).into());
        }
        let mut folder = self.folder.as_path();
        loop {
            if fs::exists(&folder.join("dp.toml")) {
                return Ok(folder.to_owned());
            }
            match folder.parent() {
                Some(parent) => folder = parent,
                None => {
                    return Err(Problem::without_file(ProjectError::NotFound {
                        folder: self.folder.display().to_string(),
                    })
                    .into());
                }
            }
        }
    }

    /// Returns the requested environment.
    ///
    /// # Errors
    /// If the name is not a valid environment name.
    pub fn environment(&self) -> Result<EnvironmentName, OpError> {
        let name = &self.target.environment;
        name.parse().map_err(|_| Problem::without_file(ProjectError::unknown_environment(name, [])).into())
    }

    /// Returns the project's `.dp` folder.
    ///
    /// # Errors
    /// If the folder is a link or contains one.
    pub fn dp_folder(&self) -> Result<PathBuf, OpError> {
        let folder = fs::canonicalize(&self.root()?)?.join(".dp");
        no_links(&folder)?;
        Ok(folder)
    }

    /// Opens the state, if it exists. Recovers an unfinished run first, if no other process holds the lock.
    pub fn reader(&self) -> Result<Option<Reader>, OpError> {
        let folder = self.dp_folder()?;
        let reader = Reader::open(&folder)?;
        if let Some(reader) = &reader
            && reader.has_unfinished_runs()?
        {
            recovery::in_passing(self, &folder);
        }
        Ok(reader)
    }

    pub(super) fn load(&self, request: &PlanRequest) -> Result<Loaded, OpError> {
        let _phase = trace::phase("read the project");
        let options = LoadOptions {
            environment: request.environment.clone(),
            variables: request.variables.clone(),
        };
        let loaded = project::load(&self.root()?, &options)?;
        if let Some(project) = &loaded.project {
            no_links(&project.dp_folder())?;
        }
        Ok(loaded)
    }

    /// Parses only the project's files, for commands that read what is published. Mistakes of the project matter only
    /// if nothing can be parsed.
    ///
    /// # Errors
    /// If the environment is neither declared nor recorded.
    pub fn declared(&self) -> Result<(Project, BTreeSet<AssetName>), OpError> {
        let request = self.request(&[], &[], false);
        let (project, broken) = self.declared_in(&request)?;
        // A text that is no name is not that of the project's environment.
        expect_environment(&request.environment, &project)?;
        Ok((project, broken))
    }

    /// Checks an explicitly given environment, for commands that do not use the project's files.
    pub fn expect_said_environment(&self) -> Result<(), OpError> {
        if !self.target.environment_is_given {
            return Ok(());
        }
        match self.load(&self.request(&[], &[], false))?.project {
            Some(project) => match expect_environment(&self.target.environment, &project) {
                Err(error @ OpError::Problems(_)) => Err(error),
                // The command itself reports a state that can't be read, or repairs it.
                Err(OpError::Other(..)) | Ok(()) => Ok(()),
            },
            // The environment can't be checked, but the state can still be shown.
            None => Ok(()),
        }
    }

    /// Parses only the project's files, with the environment and the variables of a request. The environment may be
    /// new.
    pub fn declared_in(&self, request: &PlanRequest) -> Result<(Project, BTreeSet<AssetName>), OpError> {
        let loaded = self.load(request)?;
        match loaded.project {
            Some(project) => Ok((project, loaded.broken)),
            None => Err(OpError::Problems(loaded.problems)),
        }
    }

    /// Returns the values of dp's own environment, and the key of the project. The key is created only for a program
    /// that uses such a value.
    pub(super) fn secrets(&self, project: &Project) -> Result<Secrets, OpError> {
        let mut secrets = Secrets {
            values: self.variables.clone(),
            key: [0; 32],
        };
        if !analyze::secret_names(project).is_empty() {
            secrets.key = key::of_project(&project.dp_folder())?;
        }
        Ok(secrets)
    }

    /// Adds to problems of queries the edits of other assets that caused them.
    pub fn with_edits(&self, problems: Problems, project: &Project, analysis: &Analysis) -> Problems {
        if !problems.sorted().iter().any(|problem| problem.reading().is_some()) {
            return problems;
        }
        // Without a readable state, the problems stay unchanged.
        let Ok(Some(reader)) = self.reader() else {
            return problems;
        };
        let Ok(snapshot) = reader.snapshot(&project.settings.environment) else {
            return problems;
        };
        problems
            .map(|problem| plan::with_edit(problem.clone(), project, analysis, &snapshot, &reader).unwrap_or(problem))
    }

    /// Returns the request of the global arguments.
    pub fn request(&self, selectors: &[String], replace: &[String], destroy: bool) -> PlanRequest {
        PlanRequest {
            environment: self.target.environment.clone(),
            variables: self.target.variables.clone(),
            selectors: selectors.to_vec(),
            replace: replace.to_vec(),
            destroy,
            resume: false,
            keep_going: false,
        }
    }

    /// Returns the request of a command for one asset, or of a command that answers as much as it can.
    pub fn request_in_part(&self) -> PlanRequest {
        PlanRequest {
            keep_going: true,
            ..self.request(&[], &[], false)
        }
    }
}

/// Returns an error if the `.dp` folder is a link or contains one: dp would change the target.
fn no_links(dp_folder: &Path) -> Result<(), OpError> {
    match fs::own_link(dp_folder)? {
        None => Ok(()),
        Some(path) => Err(StoreError::Link { path }.into()),
    }
}

/// Refuses an environment that is neither declared nor on record.
fn expect_environment(name: &str, project: &Project) -> Result<(), OpError> {
    let declared = &project.settings.environments;
    if declared.iter().any(|declared| declared == name) {
        return Ok(());
    }
    // Recovery itself asks for what is declared, so nothing is recovered here.
    if let Some(reader) = Reader::open(&project.dp_folder())?
        && reader.environments()?.iter().any(|row| *row.environment == *name)
    {
        return Ok(());
    }
    let declared = declared.iter().map(String::as_str);
    Err(Problem::without_file(ProjectError::unknown_environment(name, declared)).into())
}

#[cfg(test)]
pub(super) mod tests {
    use std::any::Any;

    use super::*;
    use crate::ops::Notice;

    struct Silent;

    impl Listener for Silent {
        fn notice(&self, _notice: &Notice<'_>) {}

        fn working(&self) -> Box<dyn Any> {
            Box::new(())
        }
    }

    /// Returns a workspace without a project.
    pub(crate) fn workspace() -> Workspace {
        Workspace {
            target: Target {
                project: None,
                environment: EnvironmentName::PROD.to_owned(),
                environment_is_given: false,
                variables: Vec::new(),
            },
            clock: Clock::System,
            words: Vec::new(),
            folder: PathBuf::from("/"),
            variables: BTreeMap::new(),
            listener: Box::new(Silent),
        }
    }
}
