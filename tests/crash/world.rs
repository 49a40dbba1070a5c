//! What must hold after a disturbance, seen as others see it: through files, the catalogue, `dp query` and the record.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use duckdb::{AccessMode, Config, Connection};

use crate::sandbox::Sandbox;
use crate::stories::Story;

const TABLES: [&str; 3] = ["raw/orders", "staging/orders", "marts/report"];

/// The generation that files show to who resolves the link once; 0 if nothing is published.
///
/// # Panics
/// If tables of two generations are there.
pub(crate) fn of_files(root: &Path, environment: &str) -> u32 {
    let Ok(release) = fs::canonicalize(root.join("warehouse").join(environment)) else {
        return 0;
    };
    let parts = TABLES.map(|table| {
        let file = release.join(format!("{table}.parquet"));
        format!("select generation from read_parquet('{}')", file.display())
    });
    let engine = Connection::open_in_memory().expect("an engine");
    let found = one(&engine, &parts.join(" union "));
    // What the set has, and not only what its tables say.
    assert_eq!(release.join("marts/old.parquet").exists(), found == 1, "the set of generation {found}");
    found
}

/// The same for who opens the catalogue.
pub(crate) fn of_catalogue(root: &Path, environment: &str) -> u32 {
    let file = root.join("warehouse").join(format!("{environment}.duckdb"));
    if !file.exists() {
        return 0;
    }
    let config = Config::default().access_mode(AccessMode::ReadOnly).expect("a setting");
    let engine = Connection::open_with_flags(file, config).expect("the catalogue can be opened");
    one(
        &engine,
        "from raw.orders select generation union from marts.live select generation union from marts.report select generation",
    )
}

fn one(engine: &Connection, sql: &str) -> u32 {
    let mut statement = engine.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let rows = statement.query_map([], |row| row.get::<_, u32>(0)).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let found: BTreeSet<u32> = rows.map(|row| row.expect("a number")).collect();
    assert_eq!(found.len(), 1, "a mix of generations: {found:?}");
    found.into_iter().next().expect("there is one")
}

/// The same for who asks dp.
pub(crate) fn of_query(sandbox: &Sandbox, environment: &str) -> u32 {
    let sql = "select generation from raw.orders union select generation from marts.live union select generation from marts.report";
    let output = sandbox.dp(["query", sql, "--format", "csv", "--env", environment]);
    // Before the first publication.
    if output.code == 1
        && ["nothing was ever published", "is not published"].iter().any(|no| output.stderr.contains(no))
    {
        return 0;
    }
    let output = output.success();
    let found: BTreeSet<&str> = output.stdout.lines().skip(1).collect();
    assert_eq!(found.len(), 1, "a mix of generations:\n{output}");
    found.first().and_then(|number| number.parse().ok()).expect("a number")
}

/// How many runs have no end on record.
pub(crate) fn unfinished(sandbox: &Sandbox) -> usize {
    let path = sandbox.path(".dp/state.db");
    if !path.exists() {
        return 0;
    }
    // Not read-only: a transaction that was cut off is rolled back by whoever comes next.
    let record = rusqlite::Connection::open(path).expect("the record");
    let count: i64 = record
        .query_row("select count(*) from run_record where finished is null", [], |row| row.get(0))
        .expect("the record has runs");
    usize::try_from(count).expect("a count")
}

/// Readers have one whole set, the old or the new.
pub(crate) fn readers_have_one_set(sandbox: &Sandbox, story: &Story) {
    let sets = [story.old, story.new];
    // Where the story begins with a link that is gone, there may be nothing to read.
    let files = of_files(&sandbox.root(), story.environment);
    assert!(sets.contains(&files) || !sandbox.path("warehouse/prod").exists(), "files show {files}");
    let catalogue = of_catalogue(&sandbox.root(), story.environment);
    assert!(catalogue == 0 || sets.contains(&catalogue), "the catalogue shows {catalogue}");
}

/// All is as if nothing had happened.
pub(crate) fn all_is_well(sandbox: &Sandbox, story: &Story) {
    let environment = story.environment;
    assert_eq!(of_query(sandbox, environment), story.new);
    assert_eq!(of_files(&sandbox.root(), environment), story.new);
    assert_eq!(of_catalogue(&sandbox.root(), environment), story.new);
    drop(sandbox.dp(["plan", "--detailed-exitcode", "--env", environment]).success());
    exports(sandbox, story);
    record_is_true(sandbox);
    nothing_is_left(sandbox);
}

fn exports(sandbox: &Sandbox, story: &Story) {
    if story.environment != "prod" {
        return;
    }
    let report = sandbox.read("out/report.csv");
    assert_eq!(report, format!("generation,orders\n{},2\n", story.new));
    assert_eq!(sandbox.path("out/old.csv").exists(), story.new == 1);
}

fn record_is_true(sandbox: &Sandbox) {
    assert_eq!(sandbox.record("select run from runs where finished is null or outcome is null"), [[""; 0]; 0]);
    let twice = "select asset, key from version_record where state = 'intact' and path is not null
                 group by asset, key having count(*) > 1";
    assert_eq!(sandbox.record(twice), [[""; 0]; 0], "a finished version was built again");
    let untold = "select run from publication where run not in (select run from event_record where event = 'published')
                  union select run from event_record
                  where event = 'published' and run not in (select run from publication)";
    assert_eq!(sandbox.record(untold), [[""; 0]; 0], "the events tell of publications that were, and of no others");
    let unclear = "select run from run_record where outcome not in ('done', 'failed', 'crashed')";
    assert_eq!(sandbox.record(unclear), [[""; 0]; 0]);
    let dangling = "select version from published join versions using (version) where state <> 'intact'";
    assert_eq!(sandbox.record(dangling), [[""; 0]; 0]);
}

/// What is in the store is on record, nothing is half done, and nobody is in the way.
pub(crate) fn nothing_is_left(sandbox: &Sandbox) {
    let rows =
        sandbox.record("select asset || '/' || id from version_record where path is not null and state <> 'removed'");
    let recorded: BTreeSet<String> = rows.into_iter().map(|row| row[0].clone()).collect();
    let mut stored = BTreeSet::new();
    for asset in names(&sandbox.path(".dp/store")) {
        for version in names(&sandbox.path(".dp/store").join(&asset)) {
            stored.insert(format!("{asset}/{version}"));
        }
    }
    assert_eq!(stored, recorded, "the store and the record");
    assert_eq!(names(&sandbox.path(".dp/tmp")), BTreeSet::new());
    let mut hidden = Vec::new();
    for folder in ["warehouse", "out", ".dp"] {
        find_hidden(&sandbox.path(folder), &mut hidden);
    }
    assert_eq!(hidden, Vec::<PathBuf>::new(), "what was half done");
}

/// Every version on record has its bytes in the store.
pub(crate) fn versions_are_whole(sandbox: &Sandbox) {
    for row in sandbox.record("select path, bytes from version_record where path is not null and state = 'intact'") {
        let stored = sandbox.path(&row[0]);
        let data = fs::metadata(&stored).unwrap_or_else(|error| panic!("{} is lost: {error}", row[0])).len();
        let export = names(stored.parent().expect("a folder")).into_iter().find(|name| name.starts_with("export."));
        let export = export.map_or(0, |name| fs::metadata(stored.with_file_name(name)).expect("an export").len());
        assert_eq!((data + export).to_string(), row[1], "{}", row[0]);
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

fn find_hidden(folder: &Path, found: &mut Vec<PathBuf>) {
    for name in names(folder) {
        let path = folder.join(&name);
        if name.starts_with('.') {
            found.push(path.clone());
        }
        if fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
            find_hidden(&path, found);
        }
    }
}
