//! Whether the record, the pointers, the links and the files tell one story.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::sandbox::Sandbox;

/// Ends the test unless what is on record is that of runs one after the other, and what is there is what is on record.
pub(crate) fn check(sandbox: &Sandbox) {
    database(sandbox);
    runs(sandbox);
    publications(sandbox);
    files(sandbox);
    links(sandbox);
}

fn database(sandbox: &Sandbox) {
    assert_eq!(sandbox.record("pragma integrity_check"), [["ok"]]);
    assert_eq!(sandbox.record("pragma foreign_key_check"), Vec::<Vec<String>>::new());
}

/// Each ended, and began after the one before had.
fn runs(sandbox: &Sandbox) {
    let runs = sandbox.record("select run, outcome, started, finished from run_record order by run");
    for run in &runs {
        assert!(["done", "failed"].contains(&run[1].as_str()), "run {} ended as {}", run[0], run[1]);
    }
    for pair in runs.windows(2) {
        assert!(pair[0][3] <= pair[1][2], "run {} began before run {} had ended", pair[1][0], pair[0][0]);
    }
}

/// Played again from the first to the last, they give what is published, and none is based on another than the one before it.
fn publications(sandbox: &Sandbox) {
    let mut releases: BTreeMap<String, String> = BTreeMap::new();
    let mut serial = 0;
    let all = "select id, environment, serial, release, previous_release from publication order by id";
    let mut pointers: BTreeMap<(String, String), String> = BTreeMap::new();
    for publication in sandbox.record(all) {
        let [id, environment, at, release, previous] = publication.as_slice() else {
            panic!("five columns");
        };
        let at: u64 = at.parse().expect("a serial");
        assert!(at > serial, "publication {id} has serial {at} after {serial}");
        serial = at;
        let before = releases.insert(environment.clone(), release.clone());
        assert_eq!(before.as_deref().unwrap_or("null"), previous, "publication {id} replaced another release");
        let changes = format!(
            "select change.asset, coalesce(earlier.id, ''), coalesce(later.id, '') from publication_change as change
             left join version_record as earlier on earlier.number = change.before
             left join version_record as later on later.number = change.after
             where publication = {id}"
        );
        for change in sandbox.record(&changes) {
            let place = (environment.clone(), change[0].clone());
            let before = match change[2].as_str() {
                "" => pointers.remove(&place),
                after => pointers.insert(place, after.to_owned()),
            };
            assert_eq!(
                before.unwrap_or_default(),
                change[1],
                "publication {id} replaced another version of {}",
                change[0]
            );
        }
    }
    let published: BTreeMap<_, _> = sandbox
        .record("select environment, asset, version from published")
        .into_iter()
        .map(|row| ((row[0].clone(), row[1].clone()), row[2].clone()))
        .collect();
    assert_eq!(published, pointers);
    let recorded: BTreeMap<_, _> = sandbox
        .record("select name, release from environment")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    assert_eq!(recorded, releases);
}

/// The store holds the versions on record with the bytes on record, and nothing else.
fn files(sandbox: &Sandbox) {
    let mut expected = BTreeSet::new();
    let sql = "select path, document -> 'data' ->> 'hash', document -> 'data' ->> 'bytes' from version_record
               where path is not null and state = 'intact'";
    for version in sandbox.record(sql) {
        let bytes = fs::read(sandbox.path(&version[0])).unwrap_or_else(|error| panic!("{}: {error}", version[0]));
        assert_eq!(bytes.len().to_string(), version[2], "{}", version[0]);
        assert_eq!(blake3::hash(&bytes).to_hex().as_str(), version[1], "{}", version[0]);
        let folder = version[0].rsplit_once('/').expect("a file in a folder").0;
        expected.extend([version[0].clone(), format!("{folder}/manifest.json")]);
    }
    assert_eq!(sandbox.tree(".dp/store").into_iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(sandbox.tree(".dp/tmp"), Vec::<String>::new());
}

/// What other tools read is what is on record.
fn links(sandbox: &Sandbox) {
    for row in sandbox.record("select name, release from environment") {
        let shown = sandbox.path("warehouse").join(&row[0]).canonicalize().expect("a link that leads somewhere");
        assert!(shown.ends_with(&row[1]), "{} is shown, {} is on record", shown.display(), row[1]);
    }
    for row in sandbox.record("select environment, asset, path from published where path is not null") {
        let (schema, table) = row[1].split_once('.').expect("a name");
        let link = format!("warehouse/{}/{schema}/{table}.parquet", row[0]);
        let shown = sandbox.path(&link).canonicalize().unwrap_or_else(|error| panic!("{link}: {error}"));
        assert_eq!(shown, sandbox.path(&row[2]).canonicalize().expect("a version"), "{link}");
    }
}
