//! Frees what neither an environment nor a kept run needs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::approve::{Approval, Approver, Proposal, approved};
use super::error::OpError;
use super::lock::{start, write};
use super::workspace::Workspace;
use crate::ledger::sqlite::{StoredVersion, Wait, Writer};
use crate::model::{AssetName, RunId, RunScope};
use crate::report::{self, FORMAT_VERSION, FreedAsset, SizedPath, Total};
use crate::run::{Garbage, collect, garbage};

impl Proposal for Garbage {
    fn is_nothing(&self) -> bool {
        self.is_empty()
    }

    /// A part of what the user approved needs no other approval.
    fn covers(&self, now: &Self) -> bool {
        now.versions.iter().all(|version| self.versions.contains(version))
    }
}

/// Returns what a collection would free now, and changes nothing.
pub fn gc_preview(workspace: &Workspace) -> Result<report::Gc, OpError> {
    let (project, _) = workspace.declared()?;
    let found = match workspace.reader()? {
        Some(reader) => garbage(&project, &reader, workspace.now())?,
        None => Garbage::default(),
    };
    Ok(gc_report(&found, None, true))
}

/// Frees what nothing needs. Returns `None` if the user declined.
pub fn gc(
    workspace: &Workspace,
    wait: Wait,
    approver: &mut dyn Approver<Garbage>,
) -> Result<Option<report::Gc>, OpError> {
    let (project, _) = workspace.declared()?;
    let approval = approved(workspace, approver, &|| write(workspace, &project, wait), &|writer: Option<&Writer>| {
        Ok(match writer {
            Some(writer) => garbage(&project, writer, workspace.now())?,
            None => match workspace.reader()? {
                Some(reader) => garbage(&project, &reader, workspace.now())?,
                None => Garbage::default(),
            },
        })
    })?;
    Ok(match approval {
        Approval::Declined => None,
        Approval::Nothing(found) => Some(gc_report(&found, None, false)),
        Approval::Granted(found, mut writer) => {
            let start = start(workspace, "gc", RunScope::All, "");
            let run = collect(&project.root, &found, &mut writer, &start, workspace.clock, &mut |_| {})?;
            Some(gc_report(&found, Some(run), false))
        }
    })
}

/// Returns the report of garbage that `run` freed, or that would be freed.
pub fn gc_report(found: &Garbage, run: Option<RunId>, dry_run: bool) -> report::Gc {
    let mut assets: BTreeMap<&AssetName, FreedAsset> = BTreeMap::new();
    for version in &found.versions {
        let freed = assets.entry(&version.asset).or_insert_with(|| FreedAsset {
            asset: version.asset.clone(),
            versions: Vec::new(),
            bytes: 0,
        });
        freed.versions.push(version.version.clone());
        freed.bytes += version.bytes;
    }
    report::Gc {
        format_version: FORMAT_VERSION,
        run,
        dry_run,
        freed: Total {
            versions: found.versions.len(),
            bytes: found.bytes(),
        },
        kept: total(&found.kept),
        assets: assets.into_values().collect(),
        releases: paths(&found.releases),
        orphans: paths(&found.orphans),
        logs: paths(&found.logs),
    }
}

fn total(versions: &[StoredVersion]) -> Total {
    Total {
        versions: versions.len(),
        bytes: versions.iter().map(|version| version.bytes).sum(),
    }
}

fn paths(list: &[(PathBuf, u64)]) -> Vec<SizedPath> {
    let path = |(path, bytes): &(PathBuf, u64)| SizedPath {
        path: path.clone(),
        bytes: *bytes,
    };
    list.iter().map(path).collect()
}
