//! Errors that no command line gives to order: they take a bug, a race, a full machine or another kernel. The example on
//! the page is made of the error itself.

use std::io;

use dp::ledger::sqlite::{Holder, StoreError, VersionState};
use dp::model::{AssetName, RunId, VersionId};
use dp::observe::ObserveError;
use dp::process::ProcessError;
use dp::publish::local::release::ReleaseError;
use dp::run::ApplyError;
use dp::seam::{EngineError, RecordError};
use dp::storage::local::ManifestError;
use dp::view::Theme;
use miette::Diagnostic;

/// Why it can't be made, and the error.
type Value = (&'static str, Box<dyn Diagnostic>);

fn values() -> Vec<Value> {
    let asset = || "marts.customers".parse::<AssetName>().expect("a name");
    let version = || "99ba52e3e708791e".parse::<VersionId>().expect("it is an id");
    let state = || "/home/ada/shop/.dp/state.db".into();
    let no_memory = || EngineError::other("could not allocate block of size 256.0 KiB");
    let errno = io::Error::from_raw_os_error;
    let holder = Holder {
        user: "ada".to_owned(),
        host: "desktop".to_owned(),
        pid: 17,
        command: "dp apply".to_owned(),
        since: "2026-03-01T09:30:00Z".parse().expect("a moment"),
    };
    vec![
        (
            "it takes a race with who writes the file",
            Box::new(ObserveError::Changing {
                path: "data/orders.csv".to_owned(),
            }),
        ),
        (
            "dp waits for long before it says so",
            Box::new(StoreError::Busy {
                verb: "read",
                path: state(),
            }),
        ),
        (
            "reading the project says `dp::project::outside`, unless a link changes in between",
            Box::new(ObserveError::Outside {
                path: "data/orders.csv".to_owned(),
            }),
        ),
        (
            "reading the project says `dp::project::bad_pattern` first",
            Box::new(ObserveError::Pattern {
                pattern: "data/[.csv".to_owned(),
                message: "unclosed character class; missing ']'".to_owned(),
            }),
        ),
        (
            "the folder has to go between the look at it and the start",
            Box::new(ProcessError::NoFolder {
                program: "/usr/bin/python3.11".into(),
                folder: "/home/ada/shop/jobs".into(),
                source: errno(2),
            }),
        ),
        (
            "it takes a kernel without Landlock or a sandbox that forbids it",
            Box::new(ProcessError::NoFence {
                program: "/usr/bin/python3.11".into(),
                reason: "the memory of programs can't be read (process_vm_readv is forbidden)".to_owned(),
            }),
        ),
        (
            "it takes a machine at the limit of its files",
            Box::new(ProcessError::System {
                what: "create a pipe",
                source: errno(24),
            }),
        ),
        (
            "the tests may read every folder where they run as root",
            Box::new(ProcessError::Compare {
                path: "/home/ada/shop/private".into(),
                source: errno(13),
            }),
        ),
        (
            "it takes two machines that share a disk",
            Box::new(StoreError::LockLost {
                holder: Some(Box::new(holder)),
            }),
        ),
        (
            "it takes a disk that fills up at this moment",
            Box::new(StoreError::Sqlite {
                verb: "write",
                path: state(),
                source: rusqlite::Error::SqliteFailure(
                    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL),
                    Some("database or disk is full".to_owned()),
                ),
            }),
        ),
        (
            "no release of dp has an older format",
            Box::new(StoreError::OlderFormat {
                path: state(),
                found: 1,
                newest: 2,
            }),
        ),
        ("it takes a race or a bug", Box::new(StoreError::UnknownRun { run: RunId(12) })),
        (
            "it takes a race or a bug",
            Box::new(StoreError::UnknownVersion {
                version: version(),
                asset: Some(asset()),
            }),
        ),
        ("it takes a bug", Box::new(StoreError::VersionChanged { version: version() })),
        (
            "it takes a race with what damages it",
            Box::new(StoreError::VersionNotIntact {
                asset: asset(),
                version: version(),
                state: VersionState::Damaged,
            }),
        ),
        (
            "it takes a race or a bug",
            Box::new(StoreError::StillPublished {
                version: version(),
                environment: "prod".parse().expect("it is a name"),
            }),
        ),
        (
            "the record's own documents are checked before",
            Box::new(RecordError("version 99ba52e3e708791e: EOF while parsing an object at line 1 column 1".to_owned())),
        ),
        ("it takes a machine without memory", Box::new(no_memory())),
        ("it takes a machine without memory", Box::new(ApplyError::Engine(no_memory()))),
        ("it takes a machine without memory", Box::new(ReleaseError::Catalogue(no_memory()))),
        (
            "a version with a damaged manifest is not believed, and passed over without a word",
            Box::new(ManifestError::Damaged {
                path: ".dp/store/raw.orders/1ec7be72a43ad998/manifest.json".to_owned(),
                why: "EOF while parsing an object at line 1 column 1".to_owned(),
            }),
        ),
        (
            "rolling back and promoting look at the files first, so they have to change in between",
            Box::new(ApplyError::Lost(vec![
                "`marts.customers`: .dp/store/staging.orders/99ba52e3e708791e/data.parquet is missing".to_owned(),
            ])),
        ),
        (
            "it takes a program that writes to the store while dp works",
            Box::new(ApplyError::StoreChanged(vec![
                ".dp/store/staging.orders/99ba52e3e708791e/data.parquet".to_owned(),
            ])),
        ),
        (
            "it takes a bug",
            Box::new(ApplyError::Disproved {
                asset: "staging.orders".to_owned(),
                columns: "`amount`".to_owned(),
            }),
        ),
        (
            "every query that the tests know can be rewritten",
            Box::new(ApplyError::Unpinnable(
                "the view `marts.v` must keep reading older versions of raw.orders, but dp can't rewrite its query to do so"
                    .to_owned(),
            )),
        ),
        ("it takes a machine at the limit of its threads", Box::new(ApplyError::Threads(errno(11)))),
    ]
}

/// The codes with their examples.
pub(super) fn examples() -> Vec<(String, String)> {
    let theme = Theme::plain(super::COLUMNS);
    let example = |(reason, error): Value| {
        let code = error.code().expect("each has a code").to_string();
        assert!(!reason.is_empty(), "`{code}` has no reason");
        let text = dp::view::diagnostic(&*error, &theme);
        let text = text.trim_start_matches(&*code).trim_matches('\n').to_owned();
        (code, text)
    };
    values().into_iter().map(example).collect()
}
