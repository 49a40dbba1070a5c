//! Withdraws everything of an environment.

use miette::Diagnostic;
use thiserror::Error;

use super::approve::{Approval, Approver, Proposal, approved};
use super::environments::{environment_names, expect_known};
use super::error::{OpError, RequestError};
use super::lock::{start, write};
use super::workspace::Workspace;
use crate::base::text;
use crate::ledger::sqlite::{Reader, Wait, Writer};
use crate::model::{AssetName, EnvironmentName, NameError, VersionId};
use crate::project::Project;
use crate::report::{self, AssetVersion, FORMAT_VERSION};
use crate::run::delete_environment;
use crate::seam::Snapshot;

/// Why an environment can't be deleted.
#[derive(Debug, Error, Diagnostic)]
enum DeleteError {
    #[error("`{}` is the production environment, which dp never deletes", EnvironmentName::PROD)]
    #[diagnostic(code(dp::env::prod), help("to withdraw its assets, run `dp destroy`"))]
    Prod,
    #[error("{} protected, and published in `{environment}`", text::named(assets, 5) + if assets.len() == 1 { " is" } else { " are" })]
    #[diagnostic(
        code(dp::env::protected),
        help("to delete it anyway, run `dp env delete {environment} --force`; other environments stay the same")
    )]
    Protected { environment: String, assets: Vec<String> },
}

/// The deletion of an environment.
pub struct Deletion {
    /// The environment.
    pub environment: EnvironmentName,
    /// The folder of links, relative to the project.
    pub warehouse: String,
    snapshot: Snapshot,
}

impl Deletion {
    /// Returns the assets that would be withdrawn.
    pub fn assets(&self) -> impl ExactSizeIterator<Item = &AssetName> {
        self.snapshot.published.keys()
    }

    fn versions(&self) -> Vec<&VersionId> {
        self.snapshot.published.values().map(|published| &published.version.id).collect()
    }
}

impl Proposal for Deletion {
    fn is_nothing(&self) -> bool {
        self.snapshot.release.is_none()
    }

    fn covers(&self, now: &Self) -> bool {
        self.versions() == now.versions()
    }
}

/// Deletes an environment; `force` also if something in it is protected. Returns `None` if the user declined.
pub fn delete(
    workspace: &Workspace,
    name: &str,
    force: bool,
    wait: Wait,
    approver: &mut dyn Approver<Deletion>,
) -> Result<Option<report::EnvironmentDeleted>, OpError> {
    if name == EnvironmentName::PROD {
        return Err(OpError::refused(DeleteError::Prod));
    }
    let (project, _) = workspace.declared()?;
    let environment = known_environment(workspace, &project, name)?;
    let propose = |reader: Option<&Reader>| {
        let deletion = Deletion {
            environment: environment.clone(),
            warehouse: project.settings.connection.path.clone(),
            snapshot: reader.map_or_else(|| Ok(Snapshot::default()), |reader| reader.snapshot(name))?,
        };
        if !force {
            unprotected(&project, &deletion)?;
        }
        Ok(deletion)
    };
    let acquire = || write(workspace, &project, wait);
    let approval = approved(workspace, approver, &acquire, &|writer: Option<&Writer>| match writer {
        Some(writer) => propose(Some(writer)),
        None => propose(workspace.reader()?.as_ref()),
    })?;
    let (run, deletion) = match approval {
        Approval::Declined => return Ok(None),
        Approval::Nothing(deletion) => {
            // An unfinished deletion may have left its links.
            if workspace.reader()?.as_ref().map(Reader::has_unfinished_runs).transpose()?.unwrap_or(false) {
                drop(acquire()?);
            }
            (None, deletion)
        }
        Approval::Granted(deletion, mut writer) => {
            let begin = start(workspace, "env delete", &environment, "");
            let snapshot = &deletion.snapshot;
            let run =
                delete_environment(&project, &environment, snapshot, begin, workspace.clock, &mut writer, &mut |_| {})?;
            (Some(run), deletion)
        }
    };
    Ok(Some(report::EnvironmentDeleted {
        format_version: FORMAT_VERSION,
        environment,
        run,
        withdrawn: deletion.snapshot.published.values().map(|published| AssetVersion::of(&published.version)).collect(),
    }))
}

fn known_environment(workspace: &Workspace, project: &Project, name: &str) -> Result<EnvironmentName, OpError> {
    expect_known(name, &environment_names(project, workspace.reader()?.as_ref())?)?;
    let invalid = |error: NameError| RequestError::BadArgument {
        command: "env delete",
        why: error.to_string(),
    };
    Ok(name.parse().map_err(invalid)?)
}

fn unprotected(project: &Project, deletion: &Deletion) -> Result<(), OpError> {
    let is_protected =
        |name: &AssetName, published: bool| project.assets.get(name).map_or(published, |asset| asset.protect);
    let published = deletion.snapshot.published.iter();
    let assets: Vec<String> = published
        .filter(|(name, published)| is_protected(name, published.is_protected()))
        .map(|(name, _)| name.to_string())
        .collect();
    if assets.is_empty() {
        return Ok(());
    }
    Err(OpError::refused(DeleteError::Protected {
        environment: deletion.environment.to_string(),
        assets,
    }))
}
