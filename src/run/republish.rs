//! Moves pointers to versions that are in the store: a run that builds nothing.
//!
//! Rollback and promotion use this. The order and its guarantees are those of every other run: dp records the intents
//! first, publishes everything at once, and updates exports afterwards.

use std::collections::BTreeMap;
use std::time::Instant;

use super::record::Record;
use super::{ApplyError, Counts, Event, EventKind, Inspection, Outcome, publish};
use crate::base::clock::Clock;
use crate::ledger::sqlite::{Reader, Writer};
use crate::model::{
    AssetName, AssetSettings, CheckRecord, Digest, HeldBack, RunId, RunStart, StepIntent, StepOutcome, Undone, Version,
    VersionId,
};
use crate::project::Project;
use crate::seam::{Builder, Snapshot};

/// Which pointers to move, and why.
pub struct Republish<'a> {
    /// The project.
    pub project: &'a Project,
    /// The state of the target environment.
    pub snapshot: &'a Snapshot,
    /// The versions to publish, each with the reason as in the JSON of a plan.
    pub set: Vec<(Version, serde_json::Value)>,
    /// The assets to withdraw, each with its reason.
    pub withdrawn: Vec<(AssetName, serde_json::Value)>,
    /// The first run that is undone, and what is held back from now on; [`republish`] fills in its run and time.
    pub undone: Option<(RunId, Vec<HeldBack>)>,
    /// Assets whose declaration is applied, with the settings that are in force from now on.
    pub settings: Vec<(AssetName, AssetSettings)>,
    /// Results of the checks that read the published versions, each with the version of its asset.
    pub checks: Vec<(AssetName, VersionId, CheckRecord)>,
    /// Who started the run; [`republish`] fills in the steps and their hash.
    pub start: RunStart,
    /// The clock.
    pub clock: Clock,
}

/// Publishes the set, as one transaction for readers.
///
/// # Errors
/// If the state or the store can't be used. Exports that could not be put in place are in the [`Outcome`].
pub fn republish(
    mut options: Republish<'_>,
    writer: &mut Writer,
    builder: &mut dyn Builder,
    sink: &mut dyn FnMut(&Event),
) -> Result<Outcome, ApplyError> {
    let started = Instant::now();
    let steps: Vec<StepIntent> = options
        .set
        .iter()
        .map(|(version, reason)| StepIntent {
            asset: version.asset.clone(),
            action: "reuse".to_owned(),
            reasons: serde_json::json!([reason]),
            version: Some(version.id.clone()),
        })
        .chain(options.withdrawn.iter().map(|(asset, reason)| StepIntent {
            asset: asset.clone(),
            action: "destroy".to_owned(),
            reasons: serde_json::json!([reason]),
            version: None,
        }))
        .collect();
    options.start.plan = Some(Digest::of_json("republish/1", &steps));
    options.start.steps = steps;
    let environment = options.project.settings.environment.clone();
    let run = writer.begin_run(&options.start)?;
    let mut record = Record::new(writer, run, sink, options.project.root.clone(), options.clock);
    record.tell(EventKind::RunStarted {
        environment: environment.to_string(),
        steps: options.start.steps.len(),
    });
    let mut counts = Counts::default();
    for (position, (version, _)) in options.set.iter().enumerate() {
        counts.reused += 1;
        counts.published += 1;
        step(&mut record, position, &version.asset, "reused", Some(version));
    }
    for (position, (asset, _)) in options.withdrawn.iter().enumerate() {
        counts.destroyed += 1;
        step(&mut record, options.set.len() + position, asset, "destroyed", None);
    }
    for (asset, version, check) in options.checks {
        record.tell(EventKind::CheckFinished {
            asset: asset.clone(),
            record: check.clone(),
        });
        record.batch.checks.push((asset, version, check));
    }
    for (asset, settings) in options.settings {
        record.batch.settings.push((environment.clone(), asset, settings));
    }
    let positions: BTreeMap<AssetName, usize> =
        options.start.steps.iter().enumerate().map(|(position, step)| (step.asset.clone(), position)).collect();
    let request = publish::Request {
        project: options.project,
        snapshot: options.snapshot,
        environment: &environment,
        positions: &positions,
        set: options.set.into_iter().map(|(version, _)| version).collect(),
        withdrawn: options.withdrawn.into_iter().map(|(asset, _)| asset).collect(),
        moved: Vec::new(),
        resumed: Vec::new(),
        undone: options.undone.map(|(since, held)| Undone {
            since,
            held: held
                .into_iter()
                .map(|held| HeldBack {
                    run,
                    since: options.start.started,
                    ..held
                })
                .collect(),
        }),
        keep_files: false,
    };
    let ended =
        expect_intact(&request, record.writer).and_then(|()| publish::publish(&request, &mut record, builder, None));
    if ended.is_err() {
        counts = Counts::default();
    }
    let outcome =
        if ended.as_ref().is_ok_and(|published| published.not_in_place.is_empty()) { "done" } else { "failed" };
    record.tell(EventKind::RunFinished {
        outcome: outcome.to_owned(),
        counts,
        ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        estimated_ms: None,
        saved: None,
    });
    let batch = record.take();
    let json = serde_json::to_value(counts).expect("dp's own values have a JSON form");
    let recorded = record.writer.finish_run(run, outcome, &json, options.clock.now(), &batch);
    // Report what stopped the run, even if its end can't be recorded either.
    let not_in_place = ended?.not_in_place;
    recorded?;
    Ok(Outcome {
        run,
        counts,
        interrupted: false,
        not_in_place,
    })
}

/// Inspects everything that the versions show, also through views and in place, after the checks have run on them.
fn expect_intact(request: &publish::Request<'_>, reader: &Reader) -> Result<(), ApplyError> {
    let mut inspection = Inspection::new(&request.project.root, reader);
    let mut lost = Vec::new();
    for version in &request.set {
        if let Some(why) = inspection.lost(version)? {
            lost.push(format!("`{}`: {why}", version.asset));
        }
    }
    if lost.is_empty() { Ok(()) } else { Err(ApplyError::Lost(lost)) }
}

fn step(record: &mut Record<'_>, position: usize, asset: &AssetName, outcome: &'static str, version: Option<&Version>) {
    record.tell(EventKind::StepFinished {
        asset: asset.clone(),
        outcome: outcome.to_owned(),
        ms: 0,
        rows: version.and_then(|version| version.rows),
        bytes: version.and_then(|version| version.data.as_ref()).map(|data| data.bytes),
        message: None,
    });
    let outcome = StepOutcome {
        outcome: outcome.to_owned(),
        started: None,
        ms: 0,
        version: version.map(|version| version.id.clone()),
        message: None,
    };
    record.batch.steps.push((position, outcome));
}
