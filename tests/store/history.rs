//! What was written is read.

use dp::ledger::sqlite::{Batch, Reader, StoreError, VersionState};
use dp::model::{CheckOutcome, RunId};
use dp::seam::LedgerRead;
use serde_json::json;

use crate::sample::{
    Sandbox, apply, built, check, definition, digest, event, name, publication, second, start, version,
};

#[test]
fn without_a_state_there_is_nothing_to_read() {
    let sandbox = Sandbox::new();
    assert!(Reader::open(&sandbox.dp()).unwrap().is_none());
    assert!(!sandbox.dp().exists());
}

#[test]
fn a_snapshot_is_what_was_published() {
    let sandbox = Sandbox::new();
    let mut writer = sandbox.writer();
    let before = writer.snapshot("prod").unwrap();
    assert_eq!((before.serial, before.state_id.len()), (0, 32));
    assert!(before.published.is_empty() && before.release.is_none());

    let versions = apply(&mut writer, "prod", &["raw.orders", "staging.orders"]);
    apply(&mut writer, "dev", &["raw.orders"]);

    let snapshot = sandbox.reader().snapshot("prod").unwrap();
    assert_eq!(snapshot.state_id, before.state_id);
    assert_eq!(snapshot.serial, 8);
    assert_eq!(snapshot.release.unwrap().len(), 12);
    let published: Vec<_> = snapshot.published.values().map(|published| published.version.clone()).collect();
    assert_eq!(published, versions);
    let orders = &snapshot.published[&name("raw.orders")];
    assert_eq!((orders.run, orders.since), (RunId(1), second(1_700_000_003)));
    let environments = writer.environments().unwrap();
    let counted: Vec<_> = environments.iter().map(|row| (row.environment.as_str(), row.assets)).collect();
    assert_eq!(counted, [("dev", 1), ("prod", 2)]);
}

#[test]
fn a_version_is_found_by_its_key_if_it_is_intact_and_the_newest() {
    let sandbox = Sandbox::new();
    let mut writer = sandbox.writer();
    let run = writer.begin_run(&start("prod", &[])).unwrap();
    let [old, new, newest] = [(); 3].map(|()| version(run, "a.x", "same"));
    let other = version(run, "a.y", "same");
    let mut batch = Batch::new(run);
    batch.versions = [&old, &new, &newest, &other].map(|version| (version.clone(), None)).into();
    writer.record(&batch).unwrap();
    let found = |writer: &Reader| writer.version_with_key(&name("a.x"), &digest("same")).unwrap();

    assert_eq!(found(&writer).unwrap(), newest);
    writer.mark_version(&newest.id, VersionState::Damaged, "bytes differ").unwrap();
    assert_eq!(found(&writer).unwrap(), new);
    writer.mark_version(&new.id, VersionState::Removed, "gc").unwrap();
    writer.mark_version(&new.id, VersionState::Damaged, "too late").unwrap();
    assert_eq!(found(&writer).unwrap(), old);

    assert_eq!(writer.version_with_key(&name("a.x"), &digest("other")).unwrap(), None);
    let state = |id| writer.version_state(id).unwrap().unwrap();
    assert_eq!(state(&new.id), (VersionState::Removed, Some("gc".to_owned())));
    assert_eq!(state(&old.id), (VersionState::Intact, None));
    assert_eq!(writer.versions_of(&name("a.x"), 2).unwrap(), [newest, new]);
    assert_eq!(writer.version(&other.id).unwrap().unwrap(), other);
}

#[test]
fn the_newest_result_of_a_check_counts_and_an_error_is_none() {
    let sandbox = Sandbox::new();
    let mut writer = sandbox.writer();
    let run = writer.begin_run(&start("prod", &[])).unwrap();
    let mut record = |outcome| {
        let built = version(run, "a.x", "x");
        let mut batch = Batch::new(run);
        batch.checks.push((built.asset, built.id, check("a", "key", outcome)));
        writer.record(&batch).unwrap();
        writer.check_result(&digest("key")).unwrap()
    };
    assert_eq!(record(CheckOutcome::Errored), None);
    assert_eq!(record(CheckOutcome::Failed), Some(false));
    assert_eq!(record(CheckOutcome::Passed), Some(true));
    assert_eq!(record(CheckOutcome::Errored), Some(true));
}

#[test]
fn the_latest_checks_are_those_of_the_environment_and_of_what_it_publishes() {
    let sandbox = Sandbox::new();
    let mut writer = sandbox.writer();
    let in_dev = apply(&mut writer, "dev", &["a.x"]);
    assert!(writer.latest_checks("prod", &name("a.x")).unwrap().is_empty());
    let run = writer.begin_run(&start("prod", &["a.x"])).unwrap();
    let set = publication("prod", &[&in_dev[0]], &[]);
    writer.publish(run, &set, second(5), &Batch::new(run)).unwrap();

    let checks = writer.latest_checks("prod", &name("a.x")).unwrap();
    assert_eq!(checks.len(), 1);
    assert_eq!((checks[0].run, checks[0].version.clone()), (RunId(1), in_dev[0].id.clone()));
    let mut batch = Batch::new(run);
    let again = check("a not_null", "again", CheckOutcome::Failed);
    batch.checks.push((name("a.x"), in_dev[0].id.clone(), again.clone()));
    writer.record(&batch).unwrap();
    let checks = writer.latest_checks("prod", &name("a.x")).unwrap();
    assert_eq!(checks.iter().map(|row| (&row.record, row.run)).collect::<Vec<_>>(), [(&again, run)]);
}

#[test]
fn a_definition_stays_as_it_was_recorded_first() {
    let sandbox = Sandbox::new();
    let mut writer = sandbox.writer();
    apply(&mut writer, "prod", &["a.x"]);
    let run = writer.begin_run(&start("prod", &[])).unwrap();
    let mut later = definition();
    later.written.sql = Some("select 1 AS a".to_owned());
    let mut batch = Batch::new(run);
    batch.versions.push((version(run, "a.x", "x"), Some(later)));
    writer.record(&batch).unwrap();
    assert_eq!(writer.definition(&digest("a.x")).unwrap(), Some(definition()));
    assert_eq!(writer.definition(&digest("a.y")).unwrap(), None);
}

#[test]
fn a_run_tells_what_it_intended_and_what_came_of_it() {
    let sandbox = Sandbox::new();
    let mut writer = sandbox.writer();
    let versions = apply(&mut writer, "prod", &["a.x", "a.y"]);
    let start = start("prod", &["a.x", "a.z"]);
    let crashed = writer.begin_run(&start).unwrap();

    let run = writer.run(RunId(1)).unwrap().unwrap();
    assert_eq!(run.summary.finished, Some(second(1_700_000_004)));
    assert_eq!(run.summary.counts, Some(json!({ "built": 2, "failed": 0 })));
    assert_eq!(run.steps[1].outcome, Some(built(&versions[1])));
    assert_eq!(run.effects.len(), 2);
    assert_eq!(run.effects[1].step, Some(1));
    assert_eq!(run.checks[0].version, versions[0].id);
    let changes = &run.publications[0].changes;
    assert_eq!((changes[0].before.as_ref(), changes[0].after.as_ref()), (None, Some(&versions[0].id)));
    assert!(serde_json::to_value(&run).unwrap()["steps"].is_array());

    let unfinished = writer.unfinished_runs().unwrap();
    assert_eq!(unfinished.len(), 1);
    assert_eq!(unfinished[0].summary.run, crashed);
    let intents: Vec<_> = unfinished[0].steps.iter().map(|step| step.intent.clone()).collect();
    assert_eq!(intents, start.steps);
    assert!(unfinished[0].steps.iter().all(|step| step.outcome.is_none()));

    writer.abandon_run(crashed, "crashed", second(1_700_000_009)).unwrap();
    assert!(writer.unfinished_runs().unwrap().is_empty());
    let runs = writer.runs(9).unwrap();
    let outcomes: Vec<_> = runs.iter().map(|run| (run.run, run.outcome.as_deref())).collect();
    assert_eq!(outcomes, [(RunId(2), Some("crashed")), (RunId(1), Some("done"))]);
    assert_eq!(writer.runs(1).unwrap().len(), 1);
    assert!(writer.run(RunId(9)).unwrap().is_none());

    let effects = writer.latest_effects(&name("a.x"), 5).unwrap();
    assert_eq!(effects.len(), 1);
    assert_eq!(effects[0].effect.version.as_ref(), Some(&versions[0].id));
}

#[test]
fn events_are_read_in_order_from_where_one_left_off() {
    let sandbox = Sandbox::new();
    let mut writer = sandbox.writer();
    let run = writer.begin_run(&start("prod", &[])).unwrap();
    let mut batch = Batch::new(run);
    batch.events = vec![event("run_started", None), event("step_started", Some("a.x")), event("run_finished", None)];
    writer.record(&batch).unwrap();
    let first = writer.events(0, 2).unwrap();
    assert_eq!(first[1].asset, Some(name("a.x")));
    assert_eq!(first[1].data, json!({ "rows": 7 }));
    let rest = writer.events(first[1].id, 9).unwrap();
    assert_eq!(rest.iter().map(|row| row.event.as_str()).collect::<Vec<_>>(), ["run_finished"]);
}

#[test]
fn a_run_that_is_over_takes_nothing_more() {
    let sandbox = Sandbox::new();
    let mut writer = sandbox.writer();
    apply(&mut writer, "prod", &["a.x"]);
    let serial = writer.snapshot("prod").unwrap().serial;
    for run in [RunId(1), RunId(7)] {
        let error = writer.record(&Batch::new(run)).unwrap_err();
        assert!(matches!(error, StoreError::UnknownRun { run: named } if named == run));
        writer.abandon_run(run, "crashed", second(1)).unwrap_err();
    }
    assert_eq!(writer.snapshot("prod").unwrap().serial, serial);
}

#[test]
fn a_version_is_recorded_twice_only_if_it_is_the_same() {
    let sandbox = Sandbox::new();
    let mut writer = sandbox.writer();
    let run = writer.begin_run(&start("prod", &[])).unwrap();
    let mut batch = Batch::new(run);
    batch.versions.push((version(run, "a.x", "x"), None));
    writer.record(&batch).unwrap();
    writer.record(&batch).unwrap();
    batch.versions[0].0.rows = Some(8);
    assert!(matches!(writer.record(&batch).unwrap_err(), StoreError::VersionChanged { .. }));
    assert_eq!(writer.versions_of(&name("a.x"), 9).unwrap().len(), 1);
}

#[test]
fn a_reader_beside_a_writer_sees_what_was_committed() {
    let sandbox = Sandbox::new();
    let mut writer = sandbox.writer();
    let reader = sandbox.reader();
    assert_eq!(reader.snapshot("prod").unwrap().published.len(), 0);
    apply(&mut writer, "prod", &["a.x"]);
    let one = reader.snapshot("prod").unwrap();
    assert_eq!(one.published.len(), 1);
    assert!(reader.is_at(&one).unwrap());
    apply(&mut writer, "prod", &["a.x", "a.y"]);
    assert!(!reader.is_at(&one).unwrap());
    assert_eq!(reader.snapshot("prod").unwrap().published.len(), 2);
}
