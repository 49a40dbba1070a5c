//! Deletes an environment: first in the state, which decides, then the links and files that readers see.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use super::record::Record;
use super::{ApplyError, Counts, Event, EventKind};
use crate::base::clock::Clock;
use crate::base::{fs, layout};
use crate::ledger::sqlite::{Reader, Writer};
use crate::model::{Digest, Effect, EnvironmentName, Publication, RunId, RunStart, StepIntent, StepOutcome};
use crate::project::Project;
use crate::publish::local::links::Links;
use crate::publish::local::release::Release;
use crate::seam::Snapshot;

/// Withdraws every asset of an environment, as a separate run, and removes its links. Its versions stay in the store.
pub fn delete_environment(
    project: &Project,
    environment: &EnvironmentName,
    snapshot: &Snapshot,
    mut start: RunStart,
    clock: Clock,
    writer: &mut Writer,
    sink: &mut dyn FnMut(&Event),
) -> Result<RunId, ApplyError> {
    let begun = Instant::now();
    start.steps = snapshot
        .published
        .keys()
        .map(|asset| StepIntent {
            asset: asset.clone(),
            action: "destroy".to_owned(),
            reasons: serde_json::json!([{ "code": "environment_deleted" }]),
            version: None,
        })
        .collect();
    start.plan = Some(Digest::of_json("delete-environment/1", &start.steps));
    let run = writer.begin_run(&start)?;
    let mut record = Record::new(writer, run, sink, project.root.clone(), clock);
    record.tell(EventKind::RunStarted {
        environment: environment.to_string(),
        steps: start.steps.len(),
    });
    let counts = Counts {
        destroyed: snapshot.published.len(),
        ..Counts::default()
    };
    for (position, (asset, published)) in snapshot.published.iter().enumerate() {
        let outcome = StepOutcome {
            outcome: "destroyed".to_owned(),
            started: None,
            ms: 0,
            version: None,
            message: None,
        };
        record.batch.steps.push((position, outcome));
        let effect = Effect {
            asset: asset.clone(),
            kind: "withdrawn".to_owned(),
            path: None,
            version: Some(published.version.id.clone()),
            replaced: None,
            rows: None,
            bytes: None,
            ms: None,
            content: None,
            sighting: None,
        };
        record.batch.effects.push((Some(position), effect));
    }
    let nothing = BTreeMap::new();
    let release = Release {
        root: &project.root,
        warehouse: &project.settings.connection.path,
        environment,
        published: &nothing,
    };
    let publication = Publication {
        environment: environment.clone(),
        release: release.name(),
        shown_at: project.shown_at(),
        set: Vec::new(),
        withdrawn: snapshot.published.keys().cloned().collect(),
        undone: None,
        moved: Vec::new(),
        resumed: Vec::new(),
    };
    record.tell(EventKind::Published {
        assets: Vec::new(),
        withdrawn: publication.withdrawn.clone(),
    });
    let batch = record.take();
    record.writer.delete_environment(run, &publication, clock.now(), &batch)?;
    release.hide()?;
    if let Some(old) = snapshot.shown_elsewhere(environment, &project.settings.connection.path) {
        Links::of(&project.root, old, environment)?.withdraw()?;
    }
    record.tell(EventKind::RunFinished {
        outcome: "done".to_owned(),
        counts,
        ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        estimated_ms: None,
        saved: None,
    });
    let batch = record.take();
    let json = serde_json::to_value(counts).expect("dp's own values have a JSON form");
    record.writer.finish_run(run, "done", &json, clock.now(), &batch)?;
    Ok(run)
}

/// Whether links of a deleted environment still exist.
pub(super) fn is_deletion_behind(root: &Path, warehouse: &str, reader: &Reader) -> Result<bool, ApplyError> {
    for environment in reader.deleted_environments()? {
        if !Links::of(root, warehouse, &environment)?.present().is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes the releases of deleted environments that no link leads to any more.
pub(super) fn remove_hidden(root: &Path, warehouse: &str, reader: &Reader) -> Result<(), ApplyError> {
    for environment in reader.deleted_environments()? {
        if Links::of(root, warehouse, &environment)?.present().is_empty() {
            fs::remove_folder(&root.join(layout::published_folder(&environment)))?;
        }
    }
    Ok(())
}

/// Removes the links that an unfinished deletion of an environment left.
pub(super) fn hide_deleted(root: &Path, warehouse: &str, reader: &Reader) -> Result<(), ApplyError> {
    let nothing = BTreeMap::new();
    for environment in reader.deleted_environments()? {
        let release = Release {
            root,
            warehouse,
            environment: &environment,
            published: &nothing,
        };
        release.hide()?;
    }
    Ok(())
}
