//! Reads the history: runs, effects, checks and events.

use std::collections::BTreeSet;

use rusqlite::{Row, params};

use super::history::{CheckRow, EffectRow, EventFilter, EventRow, RunDetail, RunSummary, StepRow};
use super::rows::{Columns, integer, position, time_text};
use super::{Reader, StoreError};
use crate::model::{AssetName, Digest, Effect, ReleaseName, RunId, Sighting, StepIntent, StepOutcome, VersionId};
use crate::sql::lineage::ColumnLineage;

const EFFECT: &str = "select effect_record.*, started from effect_record join run_record using (run)";
const CHECK: &str = "select check_record.*, started from check_record join run_record using (run)";

impl Reader {
    /// Returns the latest runs, newest first.
    pub fn runs(&self, limit: usize) -> Result<Vec<RunSummary>, StoreError> {
        self.all("select * from run_record order by run desc limit ?1", [position(limit)], summary)
    }

    /// Returns the latest run in an environment, whatever it did there.
    pub fn last_run(&self, environment: &str) -> Result<Option<RunId>, StoreError> {
        let sql = "select run from run_record where environment = ?1 order by run desc limit 1";
        self.one(sql, [environment], |row| row.run("run"))
    }

    /// Returns the latest run that applied something in an environment, or published there.
    pub fn last_apply(&self, environment: &str) -> Result<Option<RunId>, StoreError> {
        let sql = "select max(run) as run from (
                       select max(run) as run from run_record
                       where environment = ?1 and outcome = 'done' and command in ('apply', 'destroy')
                       union all select max(run) from publication where environment = ?1)";
        Ok(self.one(sql, [environment], |row| row.optional("run", Columns::run))?.flatten())
    }

    /// Returns a run with everything that it did.
    pub fn run(&self, run: RunId) -> Result<Option<RunDetail>, StoreError> {
        self.at_one_moment(|| {
            let found = self.one("select * from run_record where run = ?1", [integer(run.0)], summary)?;
            found.map(|summary| self.detail(summary)).transpose()
        })
    }

    /// Returns the column lineage of a version; `None` for a version that is older than this record.
    pub fn column_lineage(&self, version: &VersionId) -> Result<Option<ColumnLineage>, StoreError> {
        self.one(
            "select lineage_record.document as document
             from version_record
             join version_lineage on version_lineage.version = version_record.number
             join lineage_record on lineage_record.fingerprint = version_lineage.fingerprint
             where version_record.id = ?1",
            [version.as_str()],
            |row| row.document("document"),
        )
    }

    /// Returns the runs without a recorded end, oldest first: the current run, and runs that crashed.
    pub fn unfinished_runs(&self) -> Result<Vec<RunDetail>, StoreError> {
        self.at_one_moment(|| {
            let found = self.all("select * from run_record where finished is null order by run", [], summary)?;
            found.into_iter().map(|summary| self.detail(summary)).collect()
        })
    }

    /// Whether such runs exist.
    pub fn has_unfinished_runs(&self) -> Result<bool, StoreError> {
        let found = self.one("select 1 from run_record where finished is null limit 1", [], |_| Ok(()))?;
        Ok(found.is_some())
    }

    /// Whether a run moved pointers.
    pub fn has_published(&self, run: RunId) -> Result<bool, StoreError> {
        let found = self.one("select 1 from publication where run = ?1 limit 1", [integer(run.0)], |_| Ok(()))?;
        Ok(found.is_some())
    }

    /// Returns every release that was published in an environment.
    pub fn releases(&self, environment: &str) -> Result<BTreeSet<ReleaseName>, StoreError> {
        let sql = "select distinct release from publication where environment = ?1
                   union select release from environment where name = ?1";
        let found = self.all(sql, [environment], |row| row.release("release"))?;
        Ok(found.into_iter().collect())
    }

    /// Returns the latest effects on an asset, newest first.
    pub fn latest_effects(&self, asset: &AssetName, limit: usize) -> Result<Vec<EffectRow>, StoreError> {
        let sql = format!(
            "{EFFECT} where asset = ?1 and noise is null and kind not in ('looked', 'missed')
             and (kind <> 'read' or coalesce(detail, '') not like 'rows of %')
             order by id desc limit ?2"
        );
        self.all(&sql, params![asset.as_str(), position(limit)], effect)
    }

    /// Returns the latest run with an effect on an asset, in any environment.
    pub fn last_effect_run(&self, asset: &AssetName) -> Result<Option<RunId>, StoreError> {
        let sql = "select max(run) as run from effect_record where asset = ?1";
        Ok(self.one(sql, [asset.as_str()], |row| row.optional("run", Columns::run))?.flatten())
    }

    /// Returns the latest run in an environment with an effect on an asset.
    pub fn last_effect_run_in(&self, environment: &str, asset: &AssetName) -> Result<Option<RunId>, StoreError> {
        let sql = "select max(run) as run from effect_record join run_record using (run)
                   where asset = ?1 and environment = ?2";
        Ok(self.one(sql, [asset.as_str(), environment], |row| row.optional("run", Columns::run))?.flatten())
    }

    /// Returns the newest result of each check of an asset, by the check's name: of runs in the environment, and of
    /// the version that is published there, wherever it was checked.
    pub fn latest_checks(&self, environment: &str, asset: &AssetName) -> Result<Vec<CheckRow>, StoreError> {
        let sql = format!(
            "with recursive checked (name) as (
                 select min(check_name) from check_record where asset = ?2
                 union all
                 select (select min(check_name) from check_record where asset = ?2 and check_name > checked.name)
                 from checked where checked.name is not null)
             {CHECK} where check_record.id in (
                 select (
                     select newest.id from check_record as newest indexed by check_by_asset join run_record using (run)
                     where newest.asset = ?2 and newest.check_name = checked.name and (environment = ?1 or version = (
                         select version_record.id from pointer
                         join version_record on version_record.number = pointer.version
                         where pointer.environment = ?1 and pointer.asset = ?2))
                     order by newest.id desc limit 1)
                 from checked where checked.name is not null)
             order by check_name"
        );
        self.all(&sql, [environment, asset.as_str()], check)
    }

    /// Returns the newest result for a check's key, in any environment. An errored result counts only if there is no
    /// other.
    pub fn check_of_key(&self, key: &Digest) -> Result<Option<CheckRow>, StoreError> {
        for which in ["and outcome <> 'errored'", "and outcome = 'errored'"] {
            let sql = format!("{CHECK} where key = ?1 {which} order by check_record.id desc limit 1");
            let found = self.one(&sql.replace("outcome", "check_record.outcome"), [key.as_str()], check)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Returns the newest result of a check on a version.
    pub fn check_of_version(&self, version: &VersionId, name: &str) -> Result<Option<CheckRow>, StoreError> {
        let sql = format!(
            "{CHECK} where check_record.version = ?1 and check_name = ?2 order by check_record.id desc limit 1"
        );
        self.one(&sql, [version.as_str(), name], check)
    }

    /// Returns the events after the one with this id (0: from the start), in order.
    pub fn events(&self, since_id: i64, limit: usize) -> Result<Vec<EventRow>, StoreError> {
        self.events_like(&EventFilter::default(), since_id, limit)
    }

    /// Returns the events after this id that match the filter. Reads every event after that id.
    pub fn events_like(&self, filter: &EventFilter, since_id: i64, limit: usize) -> Result<Vec<EventRow>, StoreError> {
        self.all(
            "select * from event_record
             where id > ?1 and (?3 is null or time >= ?3) and (?4 is null or run = ?4)
             and (?5 is null or asset = ?5 or data ->> 'from' = ?5
                  or exists (select 1 from json_each(data, '$.assets')
                             where case type when 'object' then value ->> 'asset' else value end = ?5)
                  or exists (select 1 from json_each(data, '$.withdrawn') where value = ?5))
             order by id limit ?2",
            params![
                since_id,
                position(limit),
                filter.since.map(time_text),
                filter.run.map(|run| integer(run.0)),
                filter.asset.as_ref().map(AssetName::as_str),
            ],
            |row| {
                Ok(EventRow {
                    id: row.get("id")?,
                    time: row.time("time")?,
                    run: row.run("run")?,
                    event: row.text("event")?,
                    asset: row.optional("asset", Columns::parsed)?,
                    data: row.document("data")?,
                })
            },
        )
    }

    /// Returns the id of the newest event; 0 if there is none.
    pub fn last_event(&self) -> Result<i64, StoreError> {
        let found = self.one("select coalesce(max(id), 0) as id from event_record", [], |row| row.get("id"))?;
        Ok(found.unwrap_or(0))
    }

    fn detail(&self, summary: RunSummary) -> Result<RunDetail, StoreError> {
        let run = [integer(summary.run.0)];
        Ok(RunDetail {
            steps: self.all("select * from step_record where run = ?1 order by position", run, step)?,
            effects: self.all(&format!("{EFFECT} where run = ?1 order by id"), run, effect)?,
            checks: self.all(&format!("{CHECK} where run = ?1 order by id"), run, check)?,
            publications: self.publications_of(summary.run)?,
            summary,
        })
    }
}

fn summary(row: &Row<'_>) -> rusqlite::Result<RunSummary> {
    Ok(RunSummary {
        run: row.run("run")?,
        command: row.text("command")?,
        environment: row.parsed("environment")?,
        arguments: row.document("arguments")?,
        user: row.text("user")?,
        host: row.text("host")?,
        pid: row.get("pid")?,
        dp_version: row.text("dp_version")?,
        engine: row.text("engine")?,
        plan: if row.text("plan")?.is_empty() { None } else { Some(row.digest("plan")?) },
        started: row.time("started")?,
        finished: row.optional("finished", Columns::time)?,
        outcome: row.optional("outcome", Columns::text)?,
        counts: row.optional("counts", Columns::document)?,
    })
}

fn step(row: &Row<'_>) -> rusqlite::Result<StepRow> {
    let outcome = row.optional("outcome", Columns::text)?;
    Ok(StepRow {
        intent: StepIntent {
            asset: row.parsed("asset")?,
            action: row.text("action")?,
            reasons: row.document("reasons")?,
            version: row.optional("intended_version", Columns::version)?,
        },
        outcome: match outcome {
            None => None,
            Some(outcome) => Some(StepOutcome {
                outcome,
                started: row.optional("started", Columns::time)?,
                ms: row.unsigned("ms")?,
                version: row.optional("version", Columns::version)?,
                message: row.optional("message", Columns::text)?,
            }),
        },
    })
}

fn effect(row: &Row<'_>) -> rusqlite::Result<EffectRow> {
    Ok(EffectRow {
        run: row.run("run")?,
        run_started: row.time("started")?,
        step: row.optional("step", Columns::unsigned)?.map(index),
        effect: Effect {
            asset: row.parsed("asset")?,
            kind: row.text("kind")?,
            path: row.optional("path", Columns::text)?,
            version: row.optional("version", Columns::version)?,
            replaced: row.optional("replaced", Columns::version)?,
            rows: row.optional("rows", Columns::unsigned)?,
            bytes: row.optional("bytes", Columns::unsigned)?,
            ms: row.optional("ms", Columns::unsigned)?,
            content: row.optional("content", Columns::digest)?,
            sighting: match row.optional("seen", Columns::parsed)? {
                None => None,
                Some(seen) => Some(Sighting {
                    seen,
                    count: row.optional("count", Columns::unsigned)?.unwrap_or(1),
                    declared: row.optional("declared", Columns::unsigned::<i64>)?.unwrap_or(1) != 0,
                    noise: row.optional("noise", Columns::text)?,
                    detail: row.optional("detail", Columns::text)?,
                }),
            },
        },
    })
}

fn index(position: u32) -> usize {
    position as usize
}

fn check(row: &Row<'_>) -> rusqlite::Result<CheckRow> {
    Ok(CheckRow {
        asset: row.parsed("asset")?,
        version: row.version("version")?,
        run: row.run("run")?,
        run_started: row.time("started")?,
        record: row.document("document")?,
    })
}
