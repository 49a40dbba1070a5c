//! Puts a backup in the place of the state.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use serde_json::json;
use thiserror::Error;

use super::approve::{Approval, Approver, Proposal, approved};
use super::by_hand::event;
use super::error::{OpError, RequestError};
use super::listener::Notice;
use super::lock::{lock, start};
use super::open;
use super::workspace::Workspace;
use crate::base::{fs, text};
use crate::ledger::sqlite::{self, Contents, HeldLock, Present, Wait, Writer};
use crate::model::{EnvironmentName, VersionId};
use crate::project::{self, LoadOptions};
use crate::run::{self, Restored};

/// What to restore.
#[derive(Debug)]
pub struct Restore<'a> {
    /// The backup, absolute; `None` for the newest automatic one.
    pub file: Option<PathBuf>,
    /// Whether published versions may be missing in the store.
    pub allow_missing: bool,
    /// The reason that the user gave.
    pub reason: Option<&'a str>,
}

/// Why a backup can't replace the state.
#[derive(Debug, Error, Diagnostic)]
enum RestoreError {
    #[error("`{file}` belongs to another project: this project's state and store contain none of its versions")]
    #[diagnostic(
        code(dp::state::foreign_backup),
        help("name a backup of this project; dp keeps the automatic ones in `.dp/backups`")
    )]
    Foreign { file: String },
    #[error("`{file}` lists {} as published, but the store no longer contains {}", text::named(assets, 5), if assets.len() == 1 { "this version" } else { "these versions" })]
    #[diagnostic(
        code(dp::state::gone),
        help(
            "name a later backup; or pass `--allow-missing`: the links stay, and the next `dp apply` builds the missing versions"
        )
    )]
    Gone { file: String, assets: Vec<String> },
}

impl From<RestoreError> for OpError {
    fn from(error: RestoreError) -> Self {
        Self::refused(error)
    }
}

/// The backup, and the state that it would replace.
#[derive(PartialEq)]
pub struct Replacement {
    /// The backup.
    pub file: PathBuf,
    /// What it holds.
    pub backup: Contents,
    /// What the state holds now.
    pub present: Present,
}

impl Proposal for Replacement {
    fn is_nothing(&self) -> bool {
        false
    }

    fn covers(&self, now: &Self) -> bool {
        self == now
    }
}

/// Restores. Returns `None` if the user declined.
pub fn restore(
    workspace: &Workspace,
    what: &Restore<'_>,
    wait: Wait,
    approver: &mut dyn Approver<Replacement>,
) -> Result<Option<(Replacement, Restored)>, OpError> {
    let root = fs::canonicalize(&workspace.root()?)?;
    let folder = workspace.dp_folder()?;
    let approval = approved(workspace, approver, &|| lock(workspace, &folder, wait), &|_| {
        let replacement = what.replacement(&folder)?;
        what.fits(&root, &replacement)?;
        Ok(replacement)
    })?;
    let Approval::Granted(replacement, held) = approval else {
        return Ok(None);
    };
    let begun = start(workspace, "state restore", &workspace.environment()?, "");
    let log = |restored: &Restored| {
        let data = json!({
            "from": workspace.shown(&replacement.file),
            "previous": readable(&replacement.present),
            "taken_up": restored.taken_up,
            "left": restored.left,
            "gone": restored.gone,
        });
        event(workspace, "state_restored", None, what.reason, data)
    };
    let restored = run::restore(&root, &held, &replacement.file, &begun, log, workspace.now())?;
    mend_links(workspace, &root, &held)?;
    Ok(Some((replacement, restored)))
}

impl Restore<'_> {
    fn replacement(&self, folder: &Path) -> Result<Replacement, OpError> {
        let file = match &self.file {
            Some(file) => file.clone(),
            None => sqlite::backups(folder)?.into_iter().next().ok_or(RequestError::NoBackup)?,
        };
        if !fs::exists(&file) {
            return Err(RequestError::NotFound {
                name: file.display().to_string(),
                help: "correct the path; dp keeps automatic backups in `.dp/backups`, and `dp state restore` without a file uses the newest".to_owned(),
            }
            .into());
        }
        Ok(Replacement {
            backup: sqlite::contents(&file)?,
            present: sqlite::present(folder),
            file,
        })
    }

    /// Returns an error for a backup of another project, and for one that would publish versions which the store no longer
    /// has.
    fn fits(&self, root: &Path, replacement: &Replacement) -> Result<(), OpError> {
        let Replacement { file, backup, present } = replacement;
        let stored = run::stored(root)?;
        let on_record = readable(present).into_iter().flat_map(|now| &now.versions);
        let known: BTreeSet<&VersionId> = on_record.chain(&stored).collect();
        let file = file.display().to_string();
        let shares_none = !backup.versions.iter().any(|version| known.contains(version));
        if shares_none && !backup.versions.is_empty() && !known.is_empty() {
            return Err(RestoreError::Foreign { file }.into());
        }
        let gone = |version: &&VersionId| backup.stored.contains(*version) && !stored.contains(*version);
        let missing: BTreeSet<String> = backup
            .published
            .iter()
            .filter(|(_, version)| gone(version))
            .map(|((_, asset), _)| asset.to_string())
            .collect();
        if missing.is_empty() || self.allow_missing {
            return Ok(());
        }
        Err(RestoreError::Gone {
            file,
            assets: missing.into_iter().collect(),
        }
        .into())
    }
}

/// Returns what the state holds; `None` if it is missing or can't be read.
pub fn readable(present: &Present) -> Option<&Contents> {
    match present {
        Present::Readable(contents) => Some(contents),
        Present::Missing | Present::Unusable(_) => None,
    }
}

/// Makes the published links match the state. If that fails now, an apply repairs them.
fn mend_links(workspace: &Workspace, root: &Path, held: &HeldLock) -> Result<(), OpError> {
    let mut writer = Writer::open(held, held.folder())?;
    for row in writer.environments()? {
        if let Err(why) = mend(workspace, root, &row.environment, &mut writer) {
            workspace.listener.notice(&Notice::LinksLeft(&row.environment, &why));
        }
    }
    Ok(())
}

fn mend(workspace: &Workspace, root: &Path, environment: &EnvironmentName, writer: &mut Writer) -> Result<(), String> {
    let options = LoadOptions {
        environment: environment.to_string(),
        variables: workspace.target.variables.clone(),
    };
    let broken = "the project's files have mistakes (`dp validate`)";
    let loaded = project::load(root, &options).map_err(|_| broken.to_owned())?;
    let project = loaded.project.ok_or_else(|| broken.to_owned())?;
    let snapshot = writer.snapshot(environment).map_err(|error| error.to_string())?;
    if snapshot.published.values().any(|published| published.damaged.is_some()) {
        return Err("the store does not contain all published versions".to_owned());
    }
    fs::create_folder(&project.dp_folder().join("tmp"), true).map_err(|error| error.to_string())?;
    let mut builder = open::builder(&project, Vec::new()).map_err(|error| error.message.clone())?;
    let begun = start(workspace, "state restore", environment, "");
    run::mend(&project, &snapshot, &begun, writer, &mut builder, workspace.clock, &mut |_| {})
        .map_err(|error| error.to_string())?;
    Ok(())
}
