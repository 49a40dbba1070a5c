//! What docs/reference/json.md says of each document, as types that take nothing else.
//!
//! A key that dp adds, drops or renames makes the reading fail, and so does a value of another type. `Option` is a key that may be
//! absent, [`Null`] one that is always there and may be null.

#![expect(clippy::struct_field_names, reason = "the names are those of the JSON")]
#![expect(dead_code, reason = "what is read here is only held against its type")]

use std::collections::BTreeMap;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A value that may be null, of a key that may not be absent.
#[derive(Debug)]
pub(super) struct Null<T>(Option<T>);

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for Null<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Of any value, since serde takes an `Option` as a key that may be absent.
        let value = Value::deserialize(deserializer)?;
        serde_json::from_value(value).map(Self).map_err(D::Error::custom)
    }
}

/// The version of the format.
#[derive(Debug, Deserialize, Serialize)]
pub(super) enum Format {
    #[serde(rename = "1.0")]
    One,
}

/// A moment, RFC 3339 in UTC.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Moment;

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parsed = text.parse::<jiff::Timestamp>().map_err(|error| error.to_string())?;
        if text.ends_with('Z') { Ok(Self) } else { Err(format!("{parsed} is not in UTC")) }
    }
}

macro_rules! mirrors {
    ($($name:ident { $($key:ident: $kind:ty),* $(,)? })*) => {$(
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $($key: $kind),*
        }
    )*};
}

mirrors! {
    Errors { format_version: Format, errors: Vec<Problem>, warnings: Vec<Problem> }
    Problem {
        code: String, message: String, help: Null<String>, file: Null<String>, line: Null<u64>, column: Null<u64>,
        related: Option<Vec<Related>>,
    }
    Related { message: String, file: String, line: u64, column: u64 }

    Init {
        format_version: Format, folder: String, project: String, files: Vec<String>, sources: Vec<NewSource>,
        to_ignore: Vec<String>,
    }
    NewSource { asset: String, staging: String, path: String, copied_from: Null<String>, columns: u64 }

    Validate { format_version: Format, assets: u64, errors: Vec<Problem>, warnings: Vec<Problem> }

    Plan {
        format_version: Format, dp_version: String, project: String, environment: String, state_id: String, serial: u64,
        summary: Summary, estimate: Null<Estimate>, actions: Vec<Action>, drift: Vec<Drift>, warnings: Vec<Warning>,
        explain: Option<Vec<Explained>>, held_back: Option<Vec<HeldAsset>>, left_out: Option<Vec<LeftOut>>,
    }
    LeftOut { asset: String, mistakes: Vec<String> }
    HeldAsset {
        asset: String, action: String, run: u64, since: Moment, version: Null<String>, with: Vec<String>, why: String,
        resume: String,
    }
    Summary { create: u64, rebuild: u64, maybe: u64, reuse: u64, check: u64, destroy: u64, unchanged: u64, held_back: u64, settings: u64 }
    Estimate {
        seconds: f64, jobs: u64, work_seconds: f64, rows: u64, bytes: u64, longest_chain: Chain, without_history: u64,
    }
    Chain { seconds: f64, assets: Vec<String> }
    Action {
        asset: String, kind: Null<String>, action: String, reasons: Vec<Reason>, inputs: Vec<String>,
        estimate: Option<Usual>, columns: Option<Vec<String>>, held_back: Option<bool>, cut_off: Option<Vec<CutOff>>,
        settings: Option<Vec<OtherSetting>>, checks: Option<Vec<String>>,
    }
    Reason { code: String, detail: String, file: Option<String>, line: Option<u64> }
    Usual { seconds: f64, rows: Option<u64>, bytes: Option<u64> }
    OtherSetting { setting: String, before: Null<String>, after: Null<String> }
    CutOff { input: String, columns: Null<Vec<String>> }
    Drift { asset: Null<String>, what: String, path: String, mtime: Option<Moment>, action: String }
    Warning {
        code: String, message: String, file: Option<String>, line: Option<u64>, column: Option<u64>,
    }
    Explained { step: u64, does: String, asset: Null<String>, what: String, r#if: Option<String> }

    Why {
        format_version: Format, asset: String, environment: String, run: Null<String>, outcome: String,
        version: Null<String>, built_by: Null<String>, causes: Vec<Cause>, compared: Vec<Compared>, warnings: Option<Vec<Warning>>,
    }
    Cause {
        asset: String, outcome: Null<String>, code: String, detail: String, file: Option<String>, line: Option<u64>,
        run: Option<String>, reads: Option<Vec<String>>, columns: Option<Vec<String>>, causes: Vec<Cause>,
        see_above: Option<bool>,
    }
    Compared { what: String, same: Null<bool>, detail: String }

    Lineage { format_version: Format, nodes: Vec<Node>, edges: Vec<Edge>, warnings: Option<Vec<Warning>> }
    Node {
        asset: String, kind: String, columns: Option<Vec<String>>, version: Option<String>, rows: Option<u64>,
        files: Option<Vec<Value>>, unknown: Option<String>,
    }
    Edge { from: String, to: String, columns: Vec<ColumnEdge>, observed: Option<bool> }
    ColumnEdge { from: String, to: Null<String>, how: String, kind: Option<String> }

    Status { format_version: Format, project: String, environment: String, assets: Vec<AssetStatus> }
    AssetStatus {
        asset: String, kind: Null<String>, owner: Null<String>, state: String, version: Null<String>, run: Null<u64>,
        since: Null<Moment>, created: Null<Moment>, rows: Null<u64>, bytes: Null<u64>, checks: Vec<CheckResult>,
        drift: Vec<AssetDrift>, held_back: Null<HeldVersion>,
    }
    HeldVersion { run: u64, since: Moment, version: Null<String> }
    AssetDrift { what: String, path: String }
    CheckResult {
        run: u64, run_started: Moment, asset: String, version: String, check: String, kind: String, severity: String,
        outcome: String, failures: u64, groups: Option<u64>, sample: Null<Sample>, message: Null<String>, ms: u64, key: String,
    }
    Sample { columns: Vec<String>, rows: Vec<Vec<Null<String>>> }

    Check {
        format_version: Format, environment: String, run: Null<u64>, checks: Vec<Checked>, not_run: Vec<NotRun>,
        damaged: Vec<DamagedFile>, deep: Option<Deep>, warnings: Option<Vec<Warning>>,
    }
    Checked {
        asset: String, check: String, kind: String, severity: String, outcome: String, failures: u64, groups: Option<u64>,
        sample: Null<Sample>, message: Null<String>, ms: u64, key: String,
    }
    NotRun { asset: String, message: String }
    DamagedFile { asset: String, path: String }
    Deep { versions: u64, bytes: u64, damaged: Vec<DamagedVersion>, restored: Vec<OneVersion>, unreadable: Vec<Unreadable> }
    Unreadable { name: String, message: String }
    DamagedVersion { asset: String, version: String, path: String, reason: String, published_in: Vec<String> }
    OneVersion { asset: String, version: String }

    History { format_version: Format, runs: Vec<RunSummary> }
    RunSummary {
        run: u64, command: String, environment: String, arguments: Vec<String>, user: String, host: String, pid: u64,
        dp_version: String, engine: String, plan: String, started: Moment, finished: Null<Moment>, outcome: Null<String>,
        counts: Null<Counts>,
    }
    Counts {
        built: u64, cut_off: u64, reused: u64, checked: u64, destroyed: u64, failed: u64, skipped: u64, published: u64,
        held_back: Option<u64>, settings: Option<u64>,
    }
    Run {
        format_version: Format, run: u64, command: String, environment: String, arguments: Vec<String>, user: String,
        host: String, pid: u64, dp_version: String, engine: String, plan: String, started: Moment, finished: Null<Moment>,
        outcome: Null<String>, counts: Null<Counts>, steps: Vec<Step>, effects: Vec<RecordedEffect>,
        checks: Vec<CheckResult>, publications: Vec<Publication>,
    }
    Step { intent: Intent, outcome: Null<Outcome> }
    Intent { asset: String, action: String, reasons: Value, version: Null<String> }
    Outcome { outcome: String, started: Null<Moment>, ms: u64, version: Null<String>, message: Null<String> }
    Publication {
        run: u64, environment: String, release: String, previous_release: Null<String>, serial: u64, at: Moment,
        changes: Vec<PointerChange>,
    }
    PointerChange { asset: String, before: Null<String>, after: Null<String> }
    RecordedEffect {
        run: u64, run_started: Moment, step: Null<u64>, asset: String, kind: String, path: Null<String>,
        version: Null<String>, replaced: Null<String>, rows: Null<u64>, bytes: Null<u64>, ms: Null<u64>,
        content: Null<String>, sighting: Option<Sighting>,
    }
    Sighting { seen: String, count: u64, declared: bool, noise: Null<String>, detail: Null<String> }

    Asset {
        format_version: Format, asset: String, declared: bool, kind: Null<String>, description: Null<String>,
        owner: Null<String>, tags: Null<Vec<String>>, file: Null<String>, columns: Vec<Column>,
        inputs: Null<Vec<String>>, unstable: Null<Vec<String>>, published: Null<String>, versions: Vec<Version>,
        checks: Vec<CheckResult>, effects: Vec<RecordedEffect>, warnings: Option<Vec<Warning>>,
    }
    Column { name: String, r#type: String }
    Version {
        id: String, asset: String, key: String, definition: String, run: u64, created: Moment, schema: Vec<Column>,
        rows: Null<u64>, content: Null<String>, lists: Option<Vec<Value>>, plan: Null<String>, data: Null<StoredFile>,
        export: Null<Export>, files: Option<Vec<PlacedFile>>, tables: Option<BTreeMap<String, StoredFile>>,
        program: Option<Program>, view_sql: Null<String>, inputs: Vec<Input>, engine: String, deterministic: bool,
        protected: bool, by_hand: Option<ByHand>, reading: Option<Reading>, state: Option<String>, state_reason: Option<String>,
    }
    StoredFile { path: String, bytes: u64, hash: String, mtime_ns: String, ctime_ns: Option<String> }
    Export { file: StoredFile, path: String, format: String }
    PlacedFile { name: String, file: StoredFile, path: String }
    Program {
        file: String, version: Option<String>, seen: String, observed: Option<Vec<Observed>>,
        contacted: Option<Vec<String>>,
    }
    Observed { path: String, state: Value }
    Input {
        name: String, version: Null<String>, content: Null<String>, columns: Option<Vec<String>>, direct: bool,
        ordered: Option<bool>,
    }
    ByHand { how: String, reason: String, path: String }
    Sql { format_version: Format, asset: String, sql: String, warnings: Option<Vec<Warning>> }

    Effects { format_version: Format, run: Null<u64>, asset: Null<String>, effects: Vec<SeenEffect> }
    SeenEffect {
        asset: String, effect: String, path: Null<String>, version: Null<String>, replaced: Null<String>, rows: Null<u64>,
        bytes: Null<u64>, content: Null<String>, ms: Null<u64>, count: Null<u64>, seen: Null<String>,
        declared: Null<bool>, noise: Null<String>, detail: Null<String>,
    }
    Rules { format_version: Format, rules: Vec<Rule> }
    Rule { rule: String, pattern: String }

    Rollback {
        format_version: Format, environment: String, run: Null<u64>, before: u64, undone: Vec<Undone>,
        published: Vec<Republished>, withdrawn: Vec<OneVersion>, held_back: Vec<OneVersion>,
    }
    Undone { run: u64, command: String, started: Moment }
    Republished { asset: String, version: String, replaced: Null<String>, rows: Null<u64> }

    Environments { format_version: Format, environments: Vec<Environment> }
    Environment {
        environment: String, declared: bool, assets: u64, run: Null<u64>, published: Null<Moment>, path: Null<String>,
    }
    EnvironmentDiff { format_version: Format, a: String, b: String, same: u64, assets: Vec<AssetDiff> }
    AssetDiff { asset: String, differs: Vec<String>, columns: Vec<ColumnDiff>, a: Null<Side>, b: Null<Side> }
    ColumnDiff { name: String, a: Null<String>, b: Null<String> }
    Side { version: String, definition: String, content: Null<String>, rows: Null<u64>, columns: Vec<Column> }
    Promotion {
        format_version: Format, from: String, environment: String, run: Null<u64>, published: Vec<OneVersion>,
        following: Vec<OneVersion>, due: Vec<String>,
    }
    Deletion { format_version: Format, environment: String, run: Null<u64>, withdrawn: Vec<OneVersion> }

    Gc {
        format_version: Format, run: Null<u64>, dry_run: bool, freed: Amount, kept: Amount, assets: Vec<Freed>,
        releases: Vec<Sized>, orphans: Vec<Sized>, logs: Vec<Sized>,
    }
    Amount { versions: u64, bytes: u64 }
    Freed { asset: String, versions: Vec<String>, bytes: u64 }
    Sized { path: String, bytes: u64 }

    Reading { rows: Option<u64>, dialects: Vec<Dialect>, without_values: Option<Vec<String>> }
    Dialect { written: String, files: u64, first: String }
    Recorded { format_version: Format, environment: String, state_id: Null<String>, serial: u64, assets: Vec<RecordedAsset> }
    RecordedAsset {
        asset: String, version: String, run: u64, since: Moment, rows: Null<u64>, bytes: u64, path: Null<String>,
    }
    RecordOf { format_version: Format, asset: String, published: Vec<Pointer>, versions: Vec<KeptVersion> }
    Pointer { environment: String, version: String, since: Moment, run: u64 }
    KeptVersion {
        id: String, asset: String, key: String, definition: String, run: u64, created: Moment, schema: Vec<Column>,
        rows: Null<u64>, content: Null<String>, lists: Option<Vec<Value>>, plan: Null<String>, data: Null<StoredFile>,
        export: Null<Export>, files: Option<Vec<PlacedFile>>, tables: Option<BTreeMap<String, StoredFile>>,
        program: Option<Program>, view_sql: Null<String>, inputs: Vec<Input>, engine: String, deterministic: bool,
        protected: bool, by_hand: Option<ByHand>, reading: Option<Reading>, state: String, state_reason: Null<String>,
    }
    Taken {
        format_version: Format, asset: String, how: String, path: String, reason: String, version: Null<String>,
        rows: Null<u64>, run: u64,
    }
    Renamed { format_version: Format, asset: String, from: String, version: String, reason: String, run: u64 }
    Forgotten { format_version: Format, asset: String, version: String, reason: String, left: Vec<String>, run: u64 }
    Backup { format_version: Format, file: String, bytes: u64, state_id: String, serial: u64 }
    Restored {
        format_version: Format, from: String, run: u64, state_id: String, previous: Null<Previous>,
        replaced: Null<String>, taken_up: u64, left: u64, gone: u64,
    }
    Previous { state_id: String, serial: u64, last_run: Null<u64>, has_log: bool }
    Unlocked { format_version: Format, unlocked: bool, holder: Null<Holder> }
    Holder { user: String, host: String, pid: u64, command: String, since: Moment }

    Formatted { format_version: Format, check: bool, files: u64, changed: Vec<String> }
    Manual { format_version: Format, folder: String, pages: Vec<String> }
    Completions { format_version: Format, shell: String, script: String }
}

/// One event a line; those of the log have an `id`, too.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Event {
    RunStarted {
        id: Option<u64>,
        time: Moment,
        run: u64,
        environment: String,
        steps: u64,
    },
    LeftOut {
        id: Option<u64>,
        time: Moment,
        run: Null<u64>,
        assets: Vec<LeftOut>,
    },
    StepStarted {
        id: Option<u64>,
        time: Moment,
        run: u64,
        asset: String,
        work: String,
    },
    StepFinished {
        id: Option<u64>,
        time: Moment,
        run: u64,
        asset: String,
        outcome: String,
        ms: u64,
        rows: Null<u64>,
        bytes: Null<u64>,
        message: Null<String>,
    },
    Noticed {
        id: Option<u64>,
        time: Moment,
        run: u64,
        asset: String,
        code: String,
        message: String,
        help: String,
    },
    CheckFinished {
        id: Option<u64>,
        time: Moment,
        run: u64,
        asset: String,
        check: String,
        kind: String,
        severity: String,
        outcome: String,
        failures: u64,
        groups: Option<u64>,
        sample: Null<Sample>,
        message: Null<String>,
        ms: u64,
        key: String,
    },
    VersionRestored {
        id: Option<u64>,
        time: Moment,
        run: u64,
        asset: String,
        version: String,
    },
    VersionDamaged {
        id: Option<u64>,
        time: Moment,
        run: u64,
        asset: String,
        version: String,
        path: String,
        reason: String,
    },
    Accepted {
        id: Option<u64>,
        time: Moment,
        run: u64,
        asset: String,
        version: String,
        how: String,
        reason: String,
        path: String,
    },
    Moved {
        id: Option<u64>,
        time: Moment,
        run: u64,
        asset: String,
        from: String,
        version: String,
        reason: Null<String>,
    },
    Forgotten {
        id: Option<u64>,
        time: Moment,
        run: u64,
        asset: String,
        version: String,
        reason: String,
    },
    Mended {
        id: Option<u64>,
        time: Moment,
        run: u64,
        paths: Vec<String>,
    },
    Published {
        id: Option<u64>,
        time: Moment,
        run: u64,
        assets: Vec<String>,
        withdrawn: Vec<String>,
    },
    RunRecovered {
        id: Option<u64>,
        time: Moment,
        run: u64,
        published: bool,
        versions: u64,
        removed: u64,
        shown: u64,
    },
    StateRestored {
        id: Option<u64>,
        time: Moment,
        run: u64,
        from: String,
        previous: Null<Previous>,
        taken_up: u64,
        left: u64,
        gone: u64,
        reason: Null<String>,
    },
    Unlocked {
        id: Option<u64>,
        time: Moment,
        run: u64,
        holder: Null<Holder>,
        reason: Null<String>,
    },
    RunFinished {
        id: Option<u64>,
        time: Moment,
        run: Null<u64>,
        outcome: String,
        ms: u64,
        built: u64,
        cut_off: u64,
        reused: u64,
        checked: u64,
        destroyed: u64,
        failed: u64,
        skipped: u64,
        published: u64,
        held_back: Option<u64>,
        settings: Option<u64>,
        estimated_ms: Option<u64>,
        saved: Option<Saved>,
    },
}

mirrors! {
    Saved { assets: u64, ms: u64, rows: u64 }
}
