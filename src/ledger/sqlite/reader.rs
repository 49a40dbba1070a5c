//! Reads the state: what is published, and the queries of a plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row, params};

use super::error::failed;
use super::history::{EnvironmentRow, PointerRow, PublicationChange, PublicationRow, VersionState};
use super::rows::{Columns, integer, position};
use super::{StoreError, open, rows};
use crate::definition::DefinitionDocument;
use crate::model::{AssetName, Digest, EnvironmentName, HeldBack, ReleaseName, RunId, Shape, Version, VersionId};
use crate::seam::{History, LedgerRead, PastBuild, Published, RecordError, RecordedStep, ShownEnvironment, Snapshot};

/// Read access to the state. Needs no lock, and sees only committed data.
#[derive(Debug)]
pub struct Reader {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
}

const PUBLICATION: &str = "select id, run, environment, at, serial, release, previous_release from publication";

/// Uses only indexes: a plan must not become slower as the history grows.
const PAST_BUILDS: &str = "
    select coalesce(ms, 0) + coalesce((
        select sum(check_record.ms) from check_record
        where check_record.version = made.version and check_record.run = made.run), 0) as took, rows, bytes
    from effect_record as made indexed by effect_made where asset = ?1 and kind = 'made' order by id desc limit ?2";

impl Reader {
    /// Opens the state in a `.dp` folder; `None` before the first apply. Creates and changes nothing.
    pub fn open(dp_folder: &Path) -> Result<Option<Self>, StoreError> {
        let path = open::state_path(dp_folder);
        Ok(open::for_reading(dp_folder)?.map(|connection| Self { connection, path }))
    }

    /// Runs queries in one transaction, so that all see the same state and the cost of a transaction is paid once.
    ///
    /// Meanwhile the log grows, and on a network file system no process can commit, so the queries must be short.
    pub fn at_one_moment<T, E: From<StoreError>>(&self, queries: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if !self.connection.is_autocommit() {
            return queries();
        }
        let transaction = self.connection.unchecked_transaction().map_err(self.failed())?;
        let value = queries()?;
        transaction.finish().map_err(self.failed())?;
        Ok(value)
    }

    /// Returns the state that a plan uses, all from one moment. The cost grows with what is published in the
    /// environment.
    pub fn snapshot(&self, environment: &str) -> Result<Snapshot, StoreError> {
        self.at_one_moment(|| {
            let (state_id, serial) = self.identity()?;
            let published = self.all(
                "select version_record.document as document, since, pointer.run as by_run, state, state_reason,
                     setting_record.document as settings
                 from pointer join version_record on version_record.number = pointer.version
                 left join setting_record on setting_record.environment = pointer.environment
                     and setting_record.asset = pointer.asset
                 where pointer.environment = ?1",
                [environment],
                |row| {
                    let damaged = match row.parsed("state")? {
                        VersionState::Intact => None,
                        state => {
                            Some(row.optional("state_reason", Columns::text)?.unwrap_or_else(|| state.to_string()))
                        }
                    };
                    let settings = row.optional("settings", Columns::document)?;
                    Ok((row.text("document")?, row.time("since")?, row.run("by_run")?, damaged, settings))
                },
            )?;
            let path = self.path.as_path();
            let published = published.into_par_iter().map(|(document, since, run, damaged, settings)| {
                let version = rows::from_json(&document).map_err(failed("read", path))?;
                Ok(Published {
                    version,
                    since,
                    run,
                    damaged,
                    settings,
                })
            });
            let published: Vec<Published> = published.collect::<Result<_, StoreError>>()?;
            Ok(Snapshot {
                state_id,
                serial,
                published: published
                    .into_iter()
                    .map(|published| (published.version.asset.clone(), published))
                    .collect::<BTreeMap<_, _>>(),
                release: self.release(environment)?,
                environments: self.shown_environments()?,
                held: self.held(environment)?,
                settled: self
                    .all("select asset, former from settled_move where environment = ?1", [environment], |row| {
                        Ok((row.parsed("asset")?, row.parsed("former")?))
                    })?
                    .into_iter()
                    .collect(),
            })
        })
    }

    fn shown_environments(&self) -> Result<Vec<ShownEnvironment>, StoreError> {
        let sql = "select name, shown_at from environment where deleted is null
                   and exists (select 1 from pointer where pointer.environment = name) order by name";
        self.all(sql, [], |row| {
            Ok(ShownEnvironment {
                name: row.environment("name")?,
                shown_at: row.optional("shown_at", Columns::parsed)?,
            })
        })
    }

    fn held(&self, environment: &str) -> Result<Vec<HeldBack>, StoreError> {
        self.all(
            "select asset, definition, key, version, hold.run as run, started
             from hold join run_record on run_record.run = hold.run
             where hold.environment = ?1 order by asset, hold.run, key",
            [environment],
            |row| {
                Ok(HeldBack {
                    asset: row.parsed("asset")?,
                    definition: row.optional("definition", Columns::digest)?,
                    key: row.optional("key", Columns::digest)?,
                    version: row.optional("version", Columns::version)?,
                    run: row.run("run")?,
                    since: row.time("started")?,
                })
            },
        )
    }

    /// Returns what was published in an environment before a run, by undoing what it and later runs published.
    pub fn set_before(&self, environment: &str, run: RunId) -> Result<BTreeMap<AssetName, VersionId>, StoreError> {
        self.at_one_moment(|| {
            let now = self.all(
                "select pointer.asset as asset, id from pointer
                 join version_record on version_record.number = pointer.version where environment = ?1",
                [environment],
                |row| Ok((row.parsed("asset")?, row.version("id")?)),
            )?;
            let mut set: BTreeMap<AssetName, VersionId> = now.into_iter().collect();
            for change in self.publications_since(environment, run)?.into_iter().flat_map(|row| row.changes) {
                match change.before {
                    Some(before) => set.insert(change.asset, before),
                    None => set.remove(&change.asset),
                };
            }
            Ok(set)
        })
    }

    /// Returns the identity of the state, and its serial.
    pub(super) fn identity(&self) -> Result<(String, u64), StoreError> {
        self.one("select id, serial from state", [], |row| Ok((row.text("id")?, row.unsigned("serial")?)))?
            .filter(|(id, _)| crate::model::is_hex(id, open::STATE_ID_BYTES * 2))
            .ok_or_else(|| self.damaged("it has no identity"))
    }

    /// Whether nothing was recorded since this snapshot was taken.
    pub fn is_at(&self, snapshot: &Snapshot) -> Result<bool, StoreError> {
        let (state_id, serial) = self.identity()?;
        Ok(state_id == snapshot.state_id && serial == snapshot.serial)
    }

    /// Returns every version that is recorded as intact.
    pub fn intact_versions(&self) -> Result<Vec<Version>, StoreError> {
        let sql = "select document from version_record where state = 'intact' order by number";
        self.all(sql, [], |row| row.document("document"))
    }

    /// Returns all environments that a run has published to, by name.
    pub fn environments(&self) -> Result<Vec<EnvironmentRow>, StoreError> {
        self.all(
            "select name, release, (select count(*) from pointer where pointer.environment = name) as assets
             from environment where deleted is null order by name",
            [],
            |row| {
                Ok(EnvironmentRow {
                    environment: row.environment("name")?,
                    release: row.release("release")?,
                    assets: row.unsigned("assets")?,
                })
            },
        )
    }

    /// Returns where an asset is published, by environment.
    pub fn pointers_of(&self, asset: &AssetName) -> Result<Vec<PointerRow>, StoreError> {
        self.all(
            "select pointer.environment as environment, version_record.id as version, since, pointer.run as by_run
             from pointer join version_record on version_record.number = pointer.version
             where pointer.environment in (select name from environment) and pointer.asset = ?1
             order by pointer.environment",
            [asset.as_str()],
            |row| {
                Ok(PointerRow {
                    environment: row.environment("environment")?,
                    version: row.version("version")?,
                    since: row.time("since")?,
                    run: row.run("by_run")?,
                })
            },
        )
    }

    /// Returns the names of deleted environments.
    pub fn deleted_environments(&self) -> Result<Vec<EnvironmentName>, StoreError> {
        let sql = "select name from environment where deleted is not null order by name";
        self.all(sql, [], |row| row.environment("name"))
    }

    /// Returns the versions of an asset in any state, newest first.
    pub fn versions_of(&self, asset: &AssetName, limit: usize) -> Result<Vec<Version>, StoreError> {
        self.all(
            "select document from version_record where asset = ?1 order by number desc limit ?2",
            params![asset.as_str(), position(limit)],
            |row| row.document("document"),
        )
    }

    /// Returns all versions with files in the store, with their state, by asset, oldest first.
    pub fn kept_versions(&self) -> Result<Vec<(Version, VersionState)>, StoreError> {
        self.all(
            "select document, state from version_record
             where state <> 'removed' and path is not null order by asset, number",
            [],
            |row| Ok((row.document("document")?, row.parsed("state")?)),
        )
    }

    /// Returns a version in any state; `None` if it is not recorded.
    pub fn version(&self, id: &VersionId) -> Result<Option<Version>, StoreError> {
        self.one("select document from version_record where id = ?1", [id.as_str()], |row| row.document("document"))
    }

    /// Returns the version of an asset that is published in an environment.
    pub fn published_version(&self, environment: &str, asset: &AssetName) -> Result<Option<Version>, StoreError> {
        self.one(
            "select document from pointer join version_record on version_record.number = pointer.version
             where environment = ?1 and pointer.asset = ?2",
            params![environment, asset.as_str()],
            |row| row.document("document"),
        )
    }

    /// Returns the state of a version, and the reason for it.
    pub fn version_state(&self, id: &VersionId) -> Result<Option<(VersionState, Option<String>)>, StoreError> {
        let sql = "select state, state_reason from version_record where id = ?1";
        self.one(sql, [id.as_str()], |row| Ok((row.parsed("state")?, row.optional("state_reason", Columns::text)?)))
    }

    /// Returns the last publication in an environment, with what it replaced.
    pub fn last_publication(&self, environment: &str) -> Result<Option<PublicationRow>, StoreError> {
        let sql = format!("{PUBLICATION} where environment = ?1 order by id desc limit 1");
        Ok(self.publications(&sql, [environment])?.pop())
    }

    /// Returns what a run and all later ones published in an environment, newest first: what an undo of that run must
    /// undo.
    pub fn publications_since(&self, environment: &str, run: RunId) -> Result<Vec<PublicationRow>, StoreError> {
        let sql = format!("{PUBLICATION} where environment = ?1 and run >= ?2 order by id desc");
        self.publications(&sql, params![environment, integer(run.0)])
    }

    pub(super) fn publications_of(&self, run: RunId) -> Result<Vec<PublicationRow>, StoreError> {
        let sql = format!("{PUBLICATION} where run = ?1 order by id");
        self.publications(&sql, [integer(run.0)])
    }

    fn publications(&self, sql: &str, parameters: impl Params) -> Result<Vec<PublicationRow>, StoreError> {
        self.at_one_moment(|| {
            let mut rows = self.all(sql, parameters, |row| {
                let publication = PublicationRow {
                    run: row.run("run")?,
                    environment: row.environment("environment")?,
                    at: row.time("at")?,
                    serial: row.unsigned("serial")?,
                    release: row.release("release")?,
                    previous_release: row.optional("previous_release", Columns::release)?,
                    changes: Vec::new(),
                };
                Ok((row.unsigned("id")?, publication))
            })?;
            for (id, publication) in &mut rows {
                publication.changes = self.changes(*id)?;
            }
            Ok(rows.into_iter().map(|(_, publication)| publication).collect())
        })
    }

    fn changes(&self, publication: u64) -> Result<Vec<PublicationChange>, StoreError> {
        self.all(
            "select publication_change.asset as asset, earlier.id as before, later.id as after
             from publication_change
             left join version_record as earlier on earlier.number = publication_change.before
             left join version_record as later on later.number = publication_change.after
             where publication = ?1 order by publication_change.asset",
            [integer(publication)],
            |row| {
                Ok(PublicationChange {
                    asset: row.parsed("asset")?,
                    before: row.optional("before", Columns::version)?,
                    after: row.optional("after", Columns::version)?,
                })
            },
        )
    }

    pub(super) fn release(&self, environment: &str) -> Result<Option<ReleaseName>, StoreError> {
        self.one("select release from environment where name = ?1 and deleted is null", [environment], |row| {
            row.release("release")
        })
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.statement(sql)?;
        statement.query_row(parameters, read).optional().map_err(self.failed())
    }

    pub(super) fn all<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.statement(sql)?;
        let rows = statement.query_map(parameters, read).map_err(self.failed())?;
        rows.collect::<rusqlite::Result<_>>().map_err(self.failed())
    }

    fn statement(&self, sql: &str) -> Result<CachedStatement<'_>, StoreError> {
        self.connection.prepare_cached(sql).map_err(self.failed())
    }

    fn failed(&self) -> impl FnOnce(rusqlite::Error) -> StoreError {
        failed("read", &self.path)
    }

    fn damaged(&self, detail: &str) -> StoreError {
        StoreError::Damaged {
            path: self.path.clone(),
            detail: detail.to_owned(),
        }
    }
}

impl LedgerRead for Reader {
    fn version_with_key(&self, asset: &AssetName, key: &Digest) -> Result<Option<Version>, RecordError> {
        self.one(
            "select document from version_record
             where asset = ?1 and key = ?2 and state = 'intact' and document ->> '$.by_hand' is null
             order by number desc limit 1",
            [asset.as_str(), key.as_str()],
            |row| row.document("document"),
        )
        .map_err(RecordError::from)
    }

    fn newest_versions(&self, asset: &AssetName, limit: usize) -> Result<Vec<Version>, RecordError> {
        self.all(
            "select document from version_record where asset = ?1 and state = 'intact' order by number desc limit ?2",
            params![asset.as_str(), position(limit)],
            |row| row.document("document"),
        )
        .map_err(RecordError::from)
    }

    fn check_result(&self, key: &Digest) -> Result<Option<bool>, RecordError> {
        self.one(
            "select outcome = 'passed' from check_record where key = ?1 and outcome <> 'errored' order by id desc limit 1",
            [key.as_str()],
            |row| row.get(0),
        )
        .map_err(RecordError::from)
    }

    fn shape(&self, plan: &Digest) -> Result<Option<Shape>, RecordError> {
        self.one(
            "select document from shape_record where plan = ?1 and dp_version = ?2",
            [plan.as_str(), env!("CARGO_PKG_VERSION")],
            |row| row.document("document"),
        )
        .map_err(RecordError::from)
    }

    fn past_builds(&self, asset: &AssetName, limit: usize) -> Result<Vec<PastBuild>, RecordError> {
        self.all(PAST_BUILDS, params![asset.as_str(), position(limit)], |row| {
            Ok(PastBuild {
                ms: row.unsigned("took")?,
                rows: row.optional("rows", Columns::unsigned)?,
                bytes: row.optional("bytes", Columns::unsigned)?,
            })
        })
        .map_err(RecordError::from)
    }

    fn definition(&self, fingerprint: &Digest) -> Result<Option<DefinitionDocument>, RecordError> {
        self.one("select document from definition_record where fingerprint = ?1", [fingerprint.as_str()], |row| {
            row.document("document")
        })
        .map_err(RecordError::from)
    }
}

impl History for Reader {
    fn step_of_run(&self, run: RunId, asset: &AssetName) -> Result<Option<RecordedStep>, RecordError> {
        self.one(
            "select coalesce(outcome, action) as outcome, reasons, version from step_record
             where run = ?1 and asset = ?2",
            params![integer(run.0), asset.as_str()],
            |row| {
                Ok(RecordedStep {
                    outcome: row.text("outcome")?,
                    reasons: row.document("reasons")?,
                    version: row.optional("version", Columns::version)?,
                })
            },
        )
        .map_err(RecordError::from)
    }

    fn version_of(&self, id: &VersionId) -> Result<Option<Version>, RecordError> {
        self.version(id).map_err(RecordError::from)
    }

    fn published_at(&self, environment: &str, asset: &AssetName, run: RunId) -> Result<Option<VersionId>, RecordError> {
        let found = self.one(
            "select version_record.id as version
             from publication join publication_change on publication_change.publication = publication.id
             left join version_record on version_record.number = publication_change.after
             where environment = ?1 and publication_change.asset = ?2 and publication.run <= ?3
             order by publication.id desc limit 1",
            params![environment, asset.as_str(), integer(run.0)],
            |row| row.optional("version", Columns::version),
        )?;
        Ok(found.flatten())
    }
}

impl From<StoreError> for RecordError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::super::migrations;
    use super::*;

    #[test]
    fn past_builds_are_found_by_indexes_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrations::bring_up(&mut connection, migrations::ALL, 0).unwrap();
        let mut statement = connection.prepare(&format!("explain query plan {PAST_BUILDS}")).unwrap();
        let steps = statement.query_map(params!["a.b", 5], |row| row.get::<_, String>("detail")).unwrap();
        let steps: Vec<String> = steps.map(Result::unwrap).collect();
        assert!(steps.iter().any(|step| step.contains("effect_made (asset=?)")), "{steps:?}");
        assert!(steps.iter().any(|step| step.contains("check_by_version (version=? AND run=?)")), "{steps:?}");
        assert!(!steps.iter().any(|step| step.contains("SCAN ") && !step.contains("SCALAR")), "{steps:?}");
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:?}");
    }
}
