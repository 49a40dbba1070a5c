//! Lineage by column: the cases of other suites, and what the walk over a bound plan must not get wrong.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod cases;
mod forms;
mod tpcds;

use dp::engine::duckdb::meaning;
use dp::model::{Column, Columns, Reads, Schema};
use dp::sql::lineage::{ColumnLineage, ReadColumns};
use duckdb::Connection;
use serde_json::Value;

/// An engine with these tables.
fn engine(statements: &[&str]) -> Connection {
    let engine = Connection::open_in_memory().unwrap();
    // As dp's own sessions have them: the engine's are in an extension.
    let time = "create macro current_date() as date '2000-01-01'; create macro now() as timestamp '2000-01-01'";
    for statement in [&[time], statements].concat() {
        engine.execute_batch(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    engine
}

fn texts(engine: &Connection, sql: &str) -> Vec<String> {
    let mut statement = engine.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(|row| row.unwrap()).collect()
}

/// What the walk says of a query.
fn lineage(engine: &Connection, sql: &str) -> Result<ColumnLineage, String> {
    let literal = sql.replace('\'', "''");
    let answer = texts(engine, &format!("select json_serialize_plan('{literal}')::varchar")).remove(0);
    let mut answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["error"], Value::Bool(false), "{sql}: {answer}");
    let names = texts(engine, &format!("select column_name from (describe {sql})"));
    let plan = answer["plans"][0].take();
    let column = |name: String| Column {
        name,
        data_type: String::new(),
    };
    let bound = meaning::of(&plan, Schema(names.into_iter().map(column).collect()), Vec::new());
    let lineage = (*bound.lineage?).clone();
    assert_compared_by_what_is_read(sql, &bound.reads.unwrap(), &lineage);
    Ok(lineage)
}

/// What decides about rebuilding comes from another walk over the same plan: it may read more, and never less.
fn assert_compared_by_what_is_read(sql: &str, compared: &Reads, lineage: &ColumnLineage) {
    for (table, columns) in &lineage.reads {
        let columns = match columns {
            ReadColumns::Some(columns) => Columns::Only(columns.clone()),
            ReadColumns::All => Columns::All,
        };
        if let Some(compared) = compared.get(table) {
            assert!(compared.include(&columns), "{sql}: of {table}, {columns:?} is read and {compared:?} is compared");
        }
    }
}
