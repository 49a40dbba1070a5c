//! A long past costs a plan nothing: with many versions and events on record it takes hardly more than without.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::counted::{Project, can_count};

/// How much past is put on record, and in how large a project.
struct Past {
    assets: usize,
    /// For each asset.
    versions: usize,
    events: usize,
}

/// `DP_GROWTH=full` is a million versions and ten million events, which takes minutes and 4 GB.
fn past() -> Past {
    if std::env::var("DP_GROWTH").as_deref() == Ok("full") {
        return Past {
            assets: 1000,
            versions: 1000,
            events: 10_000_000,
        };
    }
    Past {
        assets: 100,
        versions: 100,
        events: 100_000,
    }
}

/// Results of checks are a part of the past, too.
const CHECK: &str = "\n[columns.id]\nchecks = [\"not_null\"]\n";

/// What is run, and how many percent more it may take. The aim is ten for both: `status` looks at every result that a
/// check of a published asset ever had (`Reader::latest_checks`).
const COMMANDS: [(&[&str], u64); 2] = [(&["plan", "--all"], 10), (&["status"], 10)];

#[test]
fn a_long_past_costs_hardly_anything() {
    if !can_count() {
        return;
    }
    let past = past();
    let project = Project::applied(past.assets, CHECK);
    let measure = || COMMANDS.map(|(command, _)| (project.count(command), fastest(&project, command)));
    let fresh = measure();
    let before = project.dp(&["plan", "--all"]).stdout;
    let (versions, events) = fill(&project, &past);
    let long = measure();
    assert_eq!(project.dp(&["plan", "--all"]).stdout, before, "the past changes nothing about what is planned");
    let told: Vec<String> = (0..COMMANDS.len())
        .map(|at| {
            let ((fresh_count, fresh_time), (count, time)) = (fresh[at], long[at]);
            #[expect(clippy::cast_precision_loss, reason = "for people")]
            let percent = (count as f64 / fresh_count as f64 - 1.0) * 100.0;
            format!(
                "dp {}: {fresh_count} instructions ({fresh_time:.0?}) with a fresh state, {count} ({time:.0?}) with \
                 {versions} versions and {events} events ({percent:+.1} %)",
                COMMANDS[at].0.join(" ")
            )
        })
        .collect();
    println!("{}", told.join("\n"));
    for (at, told) in told.iter().enumerate() {
        let most = COMMANDS[at].1;
        assert!(long[at].0 * 100 <= fresh[at].0 * (100 + most), "over {most} % more: {told}");
    }
}

/// The fastest of a few runs: for people, who read it beside the count.
fn fastest(project: &Project, command: &[&str]) -> Duration {
    let time = |_| {
        let start = Instant::now();
        project.dp(command);
        start.elapsed()
    };
    (0..5).map(time).min().unwrap()
}

/// Puts runs on record as if everything had been built again and again; gives how many versions and events there are then.
///
/// Each makes one version of each asset, with all that belongs to it, and publishes it; what is published now stays.
fn fill(project: &Project, past: &Past) -> (i64, i64) {
    let state = Connection::open(project.root().join(".dp/state.db")).unwrap();
    state.execute_batch("pragma synchronous = off; pragma cache_size = -1000000; begin").unwrap();
    let assets = i64::try_from(past.assets + project.pipeline.sources()).unwrap();
    let runs = i64::try_from(past.versions).unwrap();
    let events = i64::try_from(past.events).unwrap() / runs;
    // The run that is copied; its versions have the numbers 1 to `assets`.
    for run in 2..=runs {
        let number = (run - 1) * assets;
        state
            .execute_batch(&format!(
                "insert into run_record (run, command, environment, arguments, user, host, pid, dp_version, engine,
                     plan, started, finished, outcome, counts)
                 select {run}, command, environment, arguments, user, host, pid, dp_version, engine, plan, started,
                     finished, outcome, counts from run_record where run = 1;
                 insert into step_record
                 select {run}, position, asset, action, reasons, intended_version, outcome, started, ms, version, message
                 from step_record where run = 1;
                 insert into version_record
                 select number + {number}, printf('%016x', (number + {number}) * 2654435761), asset,
                     printf('%064x', (number + {number}) * 2654435761), definition, {run}, created, rows, bytes, content,
                     path, engine, deterministic, state, state_reason, document
                 from version_record where number <= {assets};
                 insert into input_record
                 select version + {number}, position, name, input_version, content, direct
                 from input_record where version <= {assets};
                 insert into effect_record (run, step, asset, kind, path, version, replaced, rows, bytes, ms, content)
                 select {run}, step, asset, kind, path, printf('%016x', ({number} + step) * 2654435761), replaced, rows,
                     bytes, ms, content from effect_record where run = 1;
                 insert into check_record (run, asset, version, check_name, kind, key, severity, outcome, failures, message,
                     ms, document)
                 select {run}, asset, printf('%016x', ({number} + id) * 2654435761), check_name, kind,
                     printf('%064x', ({number} + id) * 2654435761), severity, outcome, failures, message, ms, document
                 from check_record where run = 1;
                 insert into publication (run, environment, at, serial, release, previous_release)
                 select {run}, environment, at, serial, release, previous_release from publication where run = 1;
                 insert into publication_change
                 select (select max(id) from publication), asset, before, after + {number} from publication_change
                 where publication = 1;
                 with recursive counted (n) as (select 1 union all select n + 1 from counted where n < {events})
                 insert into event_record (time, run, event, asset, data)
                 select '2024-01-01T00:00:00.000000Z', {run}, 'step_finished', 'l0.a' || (n % {assets}),
                     '{{\"outcome\":\"built\",\"ms\":12,\"rows\":1000}}' from counted;"
            ))
            .unwrap();
    }
    state.execute_batch("commit").unwrap();
    let count = |table: &str| state.query_row(&format!("select count(*) from {table}"), [], |row| row.get(0)).unwrap();
    (count("version_record"), count("event_record"))
}
