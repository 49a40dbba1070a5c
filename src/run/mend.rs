//! Repairs published links and the catalogue after changes outside dp.

use std::collections::BTreeMap;
use std::time::Instant;

use super::publish::{prepare, withdraw_elsewhere};
use super::record::Record;
use super::{ApplyError, Counts, Event, EventKind};
use crate::base::clock::Clock;
use crate::ledger::sqlite::Writer;
use crate::model::{AssetName, RunStart, ShownChange, Version};
use crate::project::Project;
use crate::publish::local::release::{Release, ReleaseError};
use crate::seam::{Builder, Snapshot};

/// Makes links and catalogue match the state, as a separate run. Returns `false` if there was nothing to do.
pub fn mend(
    project: &Project,
    snapshot: &Snapshot,
    start: &RunStart,
    writer: &mut Writer,
    builder: &mut dyn Builder,
    clock: Clock,
    sink: &mut dyn FnMut(&Event),
) -> Result<bool, ApplyError> {
    let Some(recorded) = &snapshot.release else {
        return Ok(false);
    };
    let published: BTreeMap<AssetName, &Version> =
        snapshot.published.iter().map(|(name, published)| (name.clone(), &published.version)).collect();
    let release = Release {
        root: &project.root,
        warehouse: &project.settings.connection.path,
        environment: &project.settings.environment,
        published: &published,
    };
    let wrong = release.differences(recorded)?;
    if let Some(state) = wrong.iter().find(|state| state.what == ShownChange::Occupied) {
        return Err(ReleaseError::Occupied {
            path: state.path.clone(),
        }
        .into());
    }
    let elsewhere = snapshot.shown_elsewhere(&project.settings.environment, &project.settings.connection.path);
    let mut paths: Vec<String> =
        wrong.into_iter().filter(|state| state.what.is_mended()).map(|state| state.path).collect();
    if paths.is_empty() && elsewhere.is_none() {
        return Ok(false);
    }
    let started = Instant::now();
    let run = writer.begin_run(start)?;
    let mut record = Record::new(writer, run, sink, project.root.clone(), clock);
    record.tell(EventKind::RunStarted {
        environment: start.environment.to_string(),
        steps: 0,
    });
    let name = prepare(&release, project, record.writer, builder, None)?;
    release.point(release.stage(&name)?)?;
    paths.extend(withdraw_elsewhere(project, snapshot, record.writer)?);
    record.tell(EventKind::Mended { paths });
    let counts = Counts::default();
    record.tell(EventKind::RunFinished {
        outcome: "done".to_owned(),
        counts,
        ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        estimated_ms: None,
        saved: None,
    });
    let batch = record.take();
    let counts = serde_json::to_value(counts).expect("dp's own values have a JSON form");
    record.writer.finish_run(run, "done", &counts, clock.now(), &batch)?;
    Ok(true)
}
