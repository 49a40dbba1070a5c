//! Values to write, and a `.dp` folder to write them to.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use dp::definition::{Definition, DefinitionDocument, Written};
use dp::ledger::sqlite::{Batch, EventEntry, HeldLock, Holder, Lock, Reader, Wait, Writer};
use dp::model::{
    AssetName, CheckOutcome, CheckRecord, Column, Columns, Digest, Effect, InputRead, ListContent, Publication,
    ReleaseName, RunId, RunStart, Schema, Severity, StepIntent, StepOutcome, StoredFile, Version, VersionId,
};
use jiff::Timestamp;
use serde_json::json;

pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn dp(&self) -> PathBuf {
        self.folder.path().join(".dp")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.dp().join("state.db")
    }

    pub(crate) fn lock(&self) -> HeldLock {
        lock(&self.dp())
    }

    pub(crate) fn writer(&self) -> Writer {
        Writer::open(&self.lock(), &self.dp()).unwrap()
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader::open(&self.dp()).unwrap().expect("a state is there")
    }
}

pub(crate) fn lock(dp: &Path) -> HeldLock {
    Lock::acquire(dp, holder(), Wait::No, &mut |_| {}).unwrap()
}

pub(crate) fn holder() -> Holder {
    Holder {
        user: "sam".to_owned(),
        host: "laptop".to_owned(),
        pid: std::process::id(),
        command: "dp apply".to_owned(),
        since: second(1_700_000_000),
    }
}

pub(crate) fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(crate) fn name(text: &str) -> AssetName {
    text.parse().unwrap()
}

pub(crate) fn digest(text: &str) -> Digest {
    Digest::of("test", [text])
}

pub(crate) fn start(environment: &str, assets: &[&str]) -> RunStart {
    let step = |asset: &&str| StepIntent {
        asset: name(asset),
        action: "create".to_owned(),
        reasons: json!([{ "code": "new" }]),
        version: Some(VersionId::random()),
    };
    RunStart {
        command: "apply".to_owned(),
        environment: environment.parse().unwrap(),
        arguments: vec!["dp".to_owned(), "apply".to_owned()],
        user: "sam".to_owned(),
        host: "laptop".to_owned(),
        pid: 42,
        dp_version: "0.1.0".to_owned(),
        engine: "duckdb v2.0.0".to_owned(),
        plan: Some(digest("plan")),
        started: second(1_700_000_000),
        steps: assets.iter().map(step).collect(),
    }
}

/// A version of the asset; versions with the same `content` have the same key.
pub(crate) fn version(run: RunId, asset: &str, content: &str) -> Version {
    let id = VersionId::random();
    Version {
        files: Vec::new(),
        tables: BTreeMap::new(),
        program: None,
        asset: name(asset),
        key: digest(content),
        definition: digest(asset),
        run,
        created: second(1_700_000_001),
        schema: Schema(vec![Column {
            name: "a".to_owned(),
            data_type: "BIGINT".to_owned(),
        }]),
        rows: Some(7),
        content: Some(digest(content)),
        lists: Vec::new(),
        plan: None,
        data: Some(StoredFile {
            path: format!(".dp/store/{asset}/{id}/data.parquet").parse().unwrap(),
            bytes: 512,
            hash: digest("bytes"),
            mtime_ns: "1700000000000000001".to_owned(),
            ctime_ns: None,
        }),
        export: None,
        view_sql: None,
        inputs: vec![
            InputRead {
                name: "raw.orders".to_owned(),
                version: Some("00000000000000aa".parse().unwrap()),
                content: Some(digest("orders")),
                columns: Columns::All,
                read: Some(ListContent {
                    columns: ["id".to_owned()].into(),
                    content: digest("ids"),
                }),
                direct: true,
                ordered: false,
            },
            InputRead {
                name: "data/fx.csv".to_owned(),
                version: None,
                content: Some(digest("fx")),
                columns: Columns::All,
                read: None,
                direct: false,
                ordered: false,
            },
        ],
        engine: "duckdb v2.0.0".to_owned(),
        deterministic: true,
        protected: false,
        by_hand: None,
        reading: None,
        id,
    }
}

pub(crate) fn definition() -> DefinitionDocument {
    DefinitionDocument {
        definition: Definition {
            command: None,
            output: None,
            kind: "sql".to_owned(),
            materialize: "table".to_owned(),
            engine: "duckdb".to_owned(),
            settings: BTreeMap::new(),
            query: Some(digest("select 1 as a")),
            depends_on: Vec::new(),
            format: None,
            options: Vec::new(),
            types: BTreeMap::new(),
            lenient: std::collections::BTreeSet::new(),
            in_place: None,
        },
        written: Written {
            sql: Some("select 1 as a -- one".to_owned()),
            ..Written::default()
        },
    }
}

pub(crate) fn check(name: &str, key: &str, outcome: CheckOutcome) -> CheckRecord {
    CheckRecord {
        check: name.to_owned(),
        kind: "not_null".to_owned(),
        key: digest(key),
        severity: Severity::Error,
        outcome,
        failures: u64::from(outcome == CheckOutcome::Failed),
        groups: None,
        sample: Some((vec!["a".to_owned()], vec![vec![None]])),
        message: None,
        ms: 3,
    }
}

pub(crate) fn effect(version: &Version) -> Effect {
    Effect {
        asset: version.asset.clone(),
        kind: "made".to_owned(),
        path: version.data.as_ref().map(|file| file.path.to_string()),
        version: Some(version.id.clone()),
        replaced: None,
        rows: version.rows,
        bytes: Some(version.bytes()),
        ms: Some(12),
        content: version.content.clone(),
        sighting: None,
    }
}

pub(crate) fn built(version: &Version) -> StepOutcome {
    StepOutcome {
        outcome: "built".to_owned(),
        started: Some(second(1_700_000_001)),
        ms: 12,
        version: Some(version.id.clone()),
        message: None,
    }
}

pub(crate) fn event(event: &str, asset: Option<&str>) -> EventEntry {
    EventEntry {
        time: second(1_700_000_002),
        event: event.to_owned(),
        asset: asset.map(name),
        data: json!({ "rows": 7 }),
    }
}

pub(crate) fn publication(environment: &str, set: &[&Version], withdrawn: &[&str]) -> Publication {
    Publication {
        environment: environment.parse().unwrap(),
        release: ReleaseName::from(&digest(VersionId::random().as_str())),
        shown_at: "warehouse".parse().unwrap(),
        set: set.iter().map(|version| (version.asset.clone(), version.id.clone())).collect(),
        withdrawn: withdrawn.iter().map(|asset| name(asset)).collect(),
        undone: None,
        moved: Vec::new(),
        resumed: Vec::new(),
    }
}

/// A whole run that builds and publishes one version of each asset.
pub(crate) fn apply(writer: &mut Writer, environment: &str, assets: &[&str]) -> Vec<Version> {
    let run = writer.begin_run(&start(environment, assets)).unwrap();
    let mut batch = Batch::new(run);
    let versions: Vec<_> = assets.iter().map(|asset| version(run, asset, &format!("{asset} {run}"))).collect();
    for (step, version) in versions.iter().enumerate() {
        batch.versions.push((version.clone(), Some(definition())));
        batch.steps.push((step, built(version)));
        batch.effects.push((Some(step), effect(version)));
        let key = format!("{} {run}", version.asset);
        batch.checks.push((version.asset.clone(), version.id.clone(), check("a not_null", &key, CheckOutcome::Passed)));
        batch.events.push(event("step_finished", Some(version.asset.as_str())));
    }
    writer.record(&batch).unwrap();
    let all: Vec<_> = versions.iter().collect();
    let at = second(1_700_000_003);
    writer.publish(run, &publication(environment, &all, &[]), at, &Batch::new(run)).unwrap();
    let counts = json!({ "built": versions.len(), "failed": 0 });
    writer.finish_run(run, "done", &counts, second(1_700_000_004), &Batch::new(run)).unwrap();
    versions
}

/// Starts this test program again to run one ignored test, which is handed a line through stdin.
pub(crate) fn start_helper(test: &str, line: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "{}", line.display()).unwrap();
    child
}

/// The line that a helper was handed; `None` if it was started by hand.
pub(crate) fn line_for_helper() -> Option<PathBuf> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let line = line.trim_end();
    (!line.is_empty()).then(|| PathBuf::from(line))
}
