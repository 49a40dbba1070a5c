//! The migrations of the format of `state.db`.
//!
//! The position of an entry in [`ALL`], counted from 1, is the format that the migration produces; SQLite's
//! `user_version` holds it. **Entries are only appended: a released entry is never changed, moved or removed**,
//! because files that went through it exist.

use rusqlite::Connection;

/// Every migration, oldest first.
pub(super) const ALL: &[&str] = &[
    include_str!("migrations/001_first.sql"),
    include_str!("migrations/002_column_lineage.sql"),
    include_str!("migrations/003_hold.sql"),
    include_str!("migrations/004_shape.sql"),
    include_str!("migrations/005_past_builds.sql"),
    include_str!("migrations/006_observation.sql"),
    include_str!("migrations/007_shown_at.sql"),
    include_str!("migrations/008_undo.sql"),
];

/// Marks an SQLite file as the state of dp: "dpst" in ASCII.
pub(super) const APPLICATION_ID: i64 = 0x6470_7374;

/// Returns the format that this version of dp reads and writes.
pub(super) fn newest() -> i64 {
    format_after(ALL)
}

fn format_after(migrations: &[&str]) -> i64 {
    i64::try_from(migrations.len()).expect("a list in this file is short")
}

/// Migrates a database of format `found` to the end of `migrations`, in one transaction.
pub(super) fn bring_up(connection: &mut Connection, migrations: &[&str], found: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
    for migration in migrations.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    // Both pragmas are written with the first page of the file, so they belong to the transaction.
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", format_after(migrations))?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(connection: &Connection, sql: &str) -> i64 {
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn only_what_is_missing_is_applied() {
        let mut connection = Connection::open_in_memory().unwrap();
        let first = "create table a (x); insert into a values (1)";
        bring_up(&mut connection, &[first], 0).unwrap();
        bring_up(&mut connection, &[first, "update a set x = x + 1"], 1).unwrap();
        assert_eq!(number(&connection, "select x from a"), 2);
        assert_eq!(number(&connection, "pragma user_version"), 2);
        assert_eq!(number(&connection, "pragma application_id"), APPLICATION_ID);
    }

    #[test]
    fn a_migration_that_fails_leaves_the_format_before() {
        let mut connection = Connection::open_in_memory().unwrap();
        bring_up(&mut connection, &["create table a (x)"], 0).unwrap();
        let broken = ["create table a (x)", "create table b (x)", "insert into nowhere values (1)"];
        bring_up(&mut connection, &broken, 1).unwrap_err();
        assert_eq!(number(&connection, "pragma user_version"), 1);
        assert_eq!(number(&connection, "select count(*) from sqlite_schema where name = 'b'"), 0);
    }
}
