//! What a run recorded, written in one transaction.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::params;
use serde_json::Value;

use super::StoreError;
use super::change::Change;
use super::history::VersionState;
use super::rows::{Columns, integer, json, position, time_text, word};
use crate::base::lazy_json::LazyJson;
use crate::definition::DefinitionDocument;
use crate::model::{
    AssetName, AssetSettings, CheckRecord, Digest, Effect, EnvironmentName, RunId, Shape, StepOutcome, Version,
    VersionId,
};
use crate::sql::lineage::ColumnLineage;

/// What a run found and did since the last batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The run; it must be recorded and unfinished.
    pub run: RunId,
    /// Finished versions, each with its definition document if that may be new.
    pub versions: Vec<(Version, Option<DefinitionDocument>)>,
    /// Column lineage of versions that are recorded or in this batch.
    pub lineages: Vec<(VersionId, Arc<LazyJson<ColumnLineage>>)>,
    /// The shapes of the versions' queries, by the hash of their bound plan.
    pub shapes: Vec<(Digest, Shape)>,
    /// Finished steps, by their position in [`RunStart::steps`](crate::model::RunStart::steps).
    pub steps: Vec<(usize, StepOutcome)>,
    /// Effects, with the position of the step that caused them.
    pub effects: Vec<(Option<usize>, Effect)>,
    /// Results of checks, with the version that was checked.
    pub checks: Vec<(AssetName, VersionId, CheckRecord)>,
    /// Assets whose declaration is applied in an environment, with the settings that are in force from now on.
    pub settings: Vec<(EnvironmentName, AssetName, AssetSettings)>,
    /// Versions whose state changed, with the reason.
    pub marks: Vec<(VersionId, VersionState, String)>,
    /// Lines for the event log, in order.
    pub events: Vec<EventEntry>,
}

/// An entry of the event log.
#[derive(Clone, Debug, PartialEq)]
pub struct EventEntry {
    /// When it happened.
    pub time: Timestamp,
    /// The name of the event.
    pub event: String,
    /// The asset that the event belongs to, if any.
    pub asset: Option<AssetName>,
    /// The event's other data.
    pub data: Value,
}

impl Batch {
    /// Returns an empty batch.
    pub fn new(run: RunId) -> Self {
        Self {
            run,
            versions: Vec::new(),
            lineages: Vec::new(),
            shapes: Vec::new(),
            steps: Vec::new(),
            effects: Vec::new(),
            checks: Vec::new(),
            settings: Vec::new(),
            marks: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Whether the batch is empty.
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
            && self.lineages.is_empty()
            && self.steps.is_empty()
            && self.effects.is_empty()
            && self.checks.is_empty()
            && self.settings.is_empty()
            && self.marks.is_empty()
            && self.events.is_empty()
    }

    pub(super) fn write(&self, change: &Change<'_>) -> Result<(), StoreError> {
        change.expect_unfinished(self.run)?;
        for (version, definition) in &self.versions {
            if let Some(definition) = definition {
                write_definition(change, &version.definition, definition)?;
            }
            write_version(change, version)?;
        }
        for (version, lineage) in &self.lineages {
            write_lineage(change, version, lineage)?;
        }
        for (plan, shape) in &self.shapes {
            write_shape(change, plan, shape)?;
        }
        for (step, outcome) in &self.steps {
            write_step(change, self.run, *step, outcome)?;
        }
        for (step, effect) in &self.effects {
            write_effect(change, self.run, *step, effect)?;
        }
        for (asset, version, record) in &self.checks {
            write_check(change, self.run, asset, version, record)?;
        }
        for (environment, asset, settings) in &self.settings {
            write_settings(change, self.run, environment, asset, settings)?;
        }
        for (version, state, reason) in &self.marks {
            write_mark(change, version, *state, reason)?;
        }
        for event in &self.events {
            write_event(change, self.run, event)?;
        }
        Ok(())
    }
}

fn write_definition(
    change: &Change<'_>,
    fingerprint: &Digest,
    document: &DefinitionDocument,
) -> Result<(), StoreError> {
    change.execute(
        "insert into definition_record (fingerprint, document) values (?1, ?2) on conflict do nothing",
        params![fingerprint.as_str(), json(document)],
    )?;
    Ok(())
}

fn write_shape(change: &Change<'_>, plan: &Digest, shape: &Shape) -> Result<(), StoreError> {
    change.execute(
        "insert into shape_record (plan, dp_version, document) values (?1, ?2, ?3) \
         on conflict (plan) do update set dp_version = excluded.dp_version, document = excluded.document \
         where dp_version <> excluded.dp_version",
        params![plan.as_str(), env!("CARGO_PKG_VERSION"), json(shape)],
    )?;
    Ok(())
}

fn write_version(change: &Change<'_>, version: &Version) -> Result<(), StoreError> {
    let document = json(version);
    let known = change
        .one("select document from version_record where id = ?1", [version.id.as_str()], |row| row.text("document"))?;
    match known {
        // Recovery may find a version that was recorded just before the crash.
        Some(known) if known == document => return Ok(()),
        Some(_) => {
            return Err(StoreError::VersionChanged {
                version: version.id.clone(),
            });
        }
        None => {}
    }
    let number = change.insert(
        "insert into version_record
             (id, asset, key, definition, run, created, rows, bytes, content, path, engine, deterministic, document)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            version.id.as_str(),
            version.asset.as_str(),
            version.key.as_str(),
            version.definition.as_str(),
            integer(version.run.0),
            time_text(version.created),
            version.rows.map(integer),
            integer(version.bytes()),
            version.content.as_ref().map(Digest::as_str),
            version.stored_files().next().map(|file| file.path.as_str()),
            version.engine,
            version.deterministic,
            document,
        ],
    )?;
    for (index, input) in version.inputs.iter().enumerate() {
        change.execute(
            "insert into input_record (version, position, name, input_version, content, direct)
             values (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                number,
                position(index),
                input.name,
                input.version.as_ref().map(VersionId::as_str),
                input.content.as_ref().map(Digest::as_str),
                input.direct,
            ],
        )?;
    }
    Ok(())
}

fn write_lineage(
    change: &Change<'_>,
    version: &VersionId,
    lineage: &LazyJson<ColumnLineage>,
) -> Result<(), StoreError> {
    let document = lineage.json();
    let fingerprint = Digest::of("lineage/1", [document.as_str()]);
    change.execute(
        "insert into lineage_record (fingerprint, document) values (?1, ?2) on conflict do nothing",
        params![fingerprint.as_str(), document],
    )?;
    change.execute(
        "insert into version_lineage (version, fingerprint)
         select number, ?2 from version_record where id = ?1 on conflict do nothing",
        params![version.as_str(), fingerprint.as_str()],
    )?;
    Ok(())
}

fn write_settings(
    change: &Change<'_>,
    run: RunId,
    environment: &EnvironmentName,
    asset: &AssetName,
    settings: &AssetSettings,
) -> Result<(), StoreError> {
    change.execute(
        "insert into setting_record (environment, asset, document, run) values (?1, ?2, ?3, ?4)
         on conflict do update set document = excluded.document, run = excluded.run",
        params![environment.as_str(), asset.as_str(), json(settings), integer(run.0)],
    )?;
    Ok(())
}

fn write_step(change: &Change<'_>, run: RunId, step: usize, outcome: &StepOutcome) -> Result<(), StoreError> {
    let changed = change.execute(
        "update step_record set outcome = ?3, started = ?4, ms = ?5, version = ?6, message = ?7
         where run = ?1 and position = ?2",
        params![
            integer(run.0),
            position(step),
            outcome.outcome,
            outcome.started.map(time_text),
            integer(outcome.ms),
            outcome.version.as_ref().map(VersionId::as_str),
            outcome.message,
        ],
    )?;
    assert_eq!(changed, 1, "a step that ends was recorded when its run began");
    Ok(())
}

fn write_effect(change: &Change<'_>, run: RunId, step: Option<usize>, effect: &Effect) -> Result<(), StoreError> {
    let seen = effect.sighting.as_ref();
    change.execute(
        "insert into effect_record (run, step, asset, kind, path, version, replaced, rows, bytes, ms, content,
              count, seen, declared, noise, detail)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        params![
            integer(run.0),
            step.map(position),
            effect.asset.as_str(),
            effect.kind,
            effect.path,
            effect.version.as_ref().map(VersionId::as_str),
            effect.replaced.as_ref().map(VersionId::as_str),
            effect.rows.map(integer),
            effect.bytes.map(integer),
            effect.ms.map(integer),
            effect.content.as_ref().map(Digest::as_str),
            seen.map(|seen| integer(seen.count)),
            seen.map(|seen| seen.seen.word()),
            seen.map(|seen| seen.declared),
            seen.and_then(|seen| seen.noise.as_ref()),
            seen.and_then(|seen| seen.detail.as_ref()),
        ],
    )?;
    Ok(())
}

fn write_check(
    change: &Change<'_>,
    run: RunId,
    asset: &AssetName,
    version: &VersionId,
    record: &CheckRecord,
) -> Result<(), StoreError> {
    change.execute(
        "insert into check_record
             (run, asset, version, check_name, kind, key, severity, outcome, failures, message, ms, document)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            integer(run.0),
            asset.as_str(),
            version.as_str(),
            record.check,
            record.kind,
            record.key.as_str(),
            word(&record.severity),
            word(&record.outcome),
            integer(record.failures),
            record.message,
            integer(record.ms),
            json(record),
        ],
    )?;
    Ok(())
}

/// Writes the state of a version. A removed version stays removed.
pub(super) fn write_mark(
    change: &Change<'_>,
    version: &VersionId,
    state: VersionState,
    reason: &str,
) -> Result<(), StoreError> {
    let number: i64 = change
        .one("select number from version_record where id = ?1", [version.as_str()], |row| row.get(0))?
        .ok_or_else(|| StoreError::UnknownVersion {
            version: version.clone(),
            asset: None,
        })?;
    if state == VersionState::Removed {
        let sql = "select environment from pointer where version = ?1 order by environment limit 1";
        if let Some(environment) = change.one(sql, [number], |row| row.environment("environment"))? {
            return Err(StoreError::StillPublished {
                version: version.clone(),
                environment,
            });
        }
    }
    let reason = (state != VersionState::Intact).then_some(reason);
    change.execute(
        "update version_record set state = ?2, state_reason = ?3 where number = ?1 and state <> 'removed'",
        params![number, state.word(), reason],
    )?;
    Ok(())
}

fn write_event(change: &Change<'_>, run: RunId, event: &EventEntry) -> Result<(), StoreError> {
    change.execute(
        "insert into event_record (time, run, event, asset, data) values (?1, ?2, ?3, ?4, ?5)",
        params![
            time_text(event.time),
            integer(run.0),
            event.event,
            event.asset.as_ref().map(AssetName::as_str),
            json(&event.data),
        ],
    )?;
    Ok(())
}
