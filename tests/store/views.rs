//! The views for people, asked as people ask them.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::sample::{Sandbox, apply};

/// Each row on a line, columns between bars.
fn ask(sandbox: &Sandbox, sql: &str) -> String {
    let connection = Connection::open(sandbox.state()).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let cells = (0..columns).map(|index| match row.get_ref(index).unwrap() {
            ValueRef::Null => "-".to_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => number.to_string(),
            ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8(text.to_vec()).unwrap(),
        });
        lines.push(cells.collect::<Vec<_>>().join("|"));
    }
    lines.join("\n")
}

#[test]
fn views_have_rows_that_people_can_read() {
    let sandbox = Sandbox::new();
    let versions = apply(&mut sandbox.writer(), "prod", &["a.x"]);
    let id = versions[0].id.as_str();
    let path = &versions[0].data.as_ref().unwrap().path;

    let sql =
        "select run, command, environment, outcome, started, finished, seconds, built, cut_off, user, host from runs";
    let expected = "r1|apply|prod|done|2023-11-14T22:13:20.000000Z|2023-11-14T22:13:24.000000Z|4|1|-|sam|laptop";
    assert_eq!(ask(&sandbox, sql), expected);

    let sql = "select run, environment, step, asset, action, outcome, ms, version, reasons from steps";
    assert_eq!(ask(&sandbox, sql), format!("r1|prod|1|a.x|create|built|12|{id}|[{{\"code\":\"new\"}}]"));

    let sql =
        "select run, environment, step, asset, kind, path, version, rows, bytes, user, host, dp_version from effects";
    assert_eq!(ask(&sandbox, sql), format!("r1|prod|1|a.x|made|{path}|{id}|7|512|sam|laptop|0.1.0"));

    let sql = "select version, asset, run, created, state, rows, bytes, path, engine, deterministic from versions";
    let expected = format!("{id}|a.x|r1|2023-11-14T22:13:21.000000Z|intact|7|512|{path}|duckdb v2.0.0|1");
    assert_eq!(ask(&sandbox, sql), expected);

    let sql = "select environment, asset, version, since, run, rows, bytes, path from published";
    let expected = format!("prod|a.x|{id}|2023-11-14T22:13:23.000000Z|r1|7|512|{path}");
    assert_eq!(ask(&sandbox, sql), expected);

    let sql = "select run, asset, version, input, input_version, direct from lineage order by direct";
    let expected = format!("r1|a.x|{id}|data/fx.csv|-|0\nr1|a.x|{id}|raw.orders|00000000000000aa|1");
    assert_eq!(ask(&sandbox, sql), expected);

    let sql =
        "select run, environment, asset, version, check_name, kind, severity, outcome, failures, ms from check_results";
    assert_eq!(ask(&sandbox, sql), format!("r1|prod|a.x|{id}|a not_null|not_null|error|passed|0|3"));

    let sql = "select id, time, run, event, asset, data from events";
    let expected = "1|2023-11-14T22:13:22.000000Z|r1|step_finished|a.x|{\"rows\":7}";
    assert_eq!(ask(&sandbox, sql), expected);
}

#[test]
fn the_columns_of_the_views_stay() {
    let sandbox = Sandbox::new();
    drop(sandbox.writer());
    let connection = Connection::open(sandbox.state()).unwrap();
    let columns = |view: &str| {
        let statement = connection.prepare(&format!("select * from {view}")).unwrap();
        format!("{view}: {}", statement.column_names().collect::<Vec<_>>().join(", "))
    };
    let views =
        ["runs", "steps", "effects", "versions", "published", "lineage", "check_results", "events", "held_back"];
    insta::assert_snapshot!(views.map(columns).join("\n"), @"
    runs: run, command, environment, outcome, started, finished, seconds, built, cut_off, reused, checked, destroyed, failed, skipped, user, host, pid, arguments, dp_version, engine, plan
    steps: run, environment, step, asset, action, outcome, started, ms, version, message, reasons
    effects: run, environment, id, step, asset, kind, path, version, replaced, rows, bytes, ms, content, user, host, dp_version, run_started, count, seen, declared, noise, detail
    versions: version, asset, run, created, state, state_reason, rows, bytes, content, path, engine, deterministic, key, definition
    published: environment, asset, version, since, run, rows, bytes, content, path, release
    lineage: run, asset, version, input, input_version, content, direct
    check_results: run, environment, asset, version, check_name, kind, severity, outcome, failures, message, ms, key, run_started
    events: id, time, run, event, asset, data
    held_back: environment, asset, version, key, run, definition, since
    ");
}

#[test]
fn what_a_plan_asks_for_is_found_by_index() {
    let sandbox = Sandbox::new();
    drop(sandbox.writer());
    for sql in [
        "select document, since from pointer join version_record on version_record.number = pointer.version where environment = 'x'",
        "select document from version_record where asset = 'x' and key = 'x' and state = 'intact' order by number desc limit 1",
        "select outcome from check_record where key = 'x' and outcome <> 'errored' order by id desc limit 1",
        "select document from definition_record where fingerprint = 'x'",
        "select * from run_record where finished is null order by run",
    ] {
        let plan = ask(&sandbox, &format!("explain query plan {sql}"));
        let found_by_index = |line: &str| line.contains("SEARCH") || line.contains("USING INDEX run_unfinished");
        assert!(plan.lines().all(found_by_index), "{sql}\n{plan}");
    }
}
