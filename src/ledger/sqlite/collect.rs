//! Which versions are kept and which may be removed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::params;

use super::rows::{Columns, integer, time_text};
use super::{Reader, StoreError, VersionState, Writer};
use crate::model::{AssetName, ReleaseName, RunId, VersionId};

/// A version whose files exist, as far as dp knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoredVersion {
    /// The asset.
    pub asset: AssetName,
    /// The version.
    pub version: VersionId,
    /// When the version was finished.
    pub created: Timestamp,
    /// The size of the files in bytes.
    pub bytes: u64,
    /// Whether the version is recorded as damaged.
    pub is_damaged: bool,
}

impl Reader {
    /// Returns the runs that built the versions.
    pub fn runs_of<'a>(
        &self,
        versions: impl IntoIterator<Item = &'a VersionId>,
    ) -> Result<BTreeSet<RunId>, StoreError> {
        let built = self.all("select id, run from version_record where state <> 'removed'", [], |row| {
            Ok((row.version("id")?, row.run("run")?))
        })?;
        let built: BTreeMap<VersionId, RunId> = built.into_iter().collect();
        Ok(versions.into_iter().filter_map(|version| built.get(version).copied()).collect())
    }

    /// Returns all versions that were not removed, by asset, oldest first.
    pub fn stored_versions(&self) -> Result<Vec<StoredVersion>, StoreError> {
        let sql = "select asset, id, created, bytes, state from version_record where state <> 'removed'
                   order by asset, number";
        self.all(sql, [], |row| {
            Ok(StoredVersion {
                asset: row.parsed("asset")?,
                version: row.version("id")?,
                created: row.time("created")?,
                bytes: row.unsigned("bytes")?,
                is_damaged: row.parsed::<VersionState>("state")? == VersionState::Damaged,
            })
        })
    }

    /// Returns the versions that are published in any environment.
    pub fn pointed_at(&self) -> Result<BTreeSet<VersionId>, StoreError> {
        let sql = "select distinct id from pointer join version_record on version_record.number = pointer.version";
        Ok(self.all(sql, [], |row| row.version("id"))?.into_iter().collect())
    }

    /// Returns what was published in an environment right after each of the last `runs` runs that published there.
    pub fn sets_after(&self, environment: &str, runs: u64) -> Result<BTreeSet<VersionId>, StoreError> {
        self.at_one_moment(|| {
            let mut set = self.set_before(environment, RunId(i64::MAX.unsigned_abs()))?;
            let mut kept: BTreeSet<VersionId> = set.values().cloned().collect();
            let Some(oldest) = self.oldest_of_last(environment, runs)? else {
                return Ok(kept);
            };
            for publication in self.publications_since(environment, oldest)? {
                // The set before the oldest of these runs does not belong to them.
                if publication.run == oldest {
                    break;
                }
                for change in publication.changes {
                    match change.before {
                        Some(before) => set.insert(change.asset, before),
                        None => set.remove(&change.asset),
                    };
                }
                kept.extend(set.values().cloned());
            }
            Ok(kept)
        })
    }

    /// Returns the oldest of the last `runs` runs that published in an environment.
    fn oldest_of_last(&self, environment: &str, runs: u64) -> Result<Option<RunId>, StoreError> {
        let sql = "select min(run) as run from
                       (select distinct run from publication where environment = ?1 order by run desc limit ?2)";
        Ok(self.one(sql, params![environment, integer(runs)], |row| row.optional("run", Columns::run))?.flatten())
    }

    /// Returns the versions that were replaced or withdrawn after this moment.
    pub fn left_since(&self, since: Timestamp) -> Result<BTreeSet<VersionId>, StoreError> {
        let sql = "select distinct version_record.id as id
                   from publication_change
                   join publication on publication.id = publication_change.publication
                   join version_record on version_record.number = publication_change.before
                   where publication.at > ?1";
        Ok(self.all(sql, [time_text(since)], |row| row.version("id"))?.into_iter().collect())
    }

    /// Returns, for each view, the versions that it is bound to.
    pub fn shown_by_views(&self) -> Result<BTreeMap<VersionId, Vec<VersionId>>, StoreError> {
        let sql = "select id, input_version
                   from version_record join input_record on input_record.version = version_record.number
                   where path is null and state <> 'removed' and input_version is not null";
        let rows = self.all(sql, [], |row| Ok((row.version("id")?, row.version("input_version")?)))?;
        let mut shown: BTreeMap<VersionId, Vec<VersionId>> = BTreeMap::new();
        for (view, input) in rows {
            shown.entry(view).or_default().push(input);
        }
        Ok(shown)
    }

    /// Returns the releases that an environment had after its last `runs` runs, or after this moment.
    pub fn releases_since(
        &self,
        environment: &str,
        runs: u64,
        since: Timestamp,
    ) -> Result<BTreeSet<ReleaseName>, StoreError> {
        let oldest = self.oldest_of_last(environment, runs)?.map_or(i64::MAX, |run| integer(run.0));
        let sql = "select release from publication where environment = ?1 and (run >= ?2 or at > ?3)
                   union select previous_release from publication
                   where environment = ?1 and at > ?3 and previous_release is not null
                   union select release from environment where name = ?1";
        let rows = self.all(sql, params![environment, oldest, time_text(since)], |row| row.release("release"))?;
        Ok(rows.into_iter().collect())
    }
}

impl Writer {
    /// Records that versions are removed, all at once. The caller deletes their files afterwards, so that the state
    /// never names files that are gone.
    pub fn remove_versions(&mut self, versions: &[VersionId], reason: &str) -> Result<(), StoreError> {
        let change = self.change()?;
        for version in versions {
            let sql = "select pointer.environment as environment from pointer
                       join version_record on version_record.number = pointer.version where id = ?1 limit 1";
            if let Some(environment) = change.one(sql, [version.as_str()], |row| row.environment("environment"))? {
                return Err(StoreError::StillPublished {
                    version: version.clone(),
                    environment,
                });
            }
            change.execute(
                "update version_record set state = 'removed', state_reason = ?2 where id = ?1",
                params![version.as_str(), reason],
            )?;
        }
        change.commit()?;
        Ok(())
    }
}
