//! How long the parts of dp take by themselves, on the pipeline of benches/pipeline.
//!
//! `cargo bench --bench inner`, and a part's name after it for that part alone. In a test run each runs once, on few
//! assets.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by a panic")]

#[expect(dead_code, reason = "other benchmarks use the rest")]
#[path = "../pipeline/generate.rs"]
mod generate;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;

use criterion::{BatchSize, Criterion};
use dp::analyze::{AnalyzeOptions, NoMemory, PublishedSources, RecordedColumns, Secrets, analyze};
use dp::engine::duckdb::session::SETTINGS;
use dp::engine::duckdb::{DuckAnalyst, SessionOptions};
use dp::facts::Analysis;
use dp::graph::{Graph, Selection};
use dp::ledger::sqlite::{Batch, Holder, Lock, Reader, Wait, Writer};
use dp::model::{AssetName, Observed, RunStart, StepIntent, Version, VersionId};
use dp::observe::FileHasher;
use dp::plan;
use dp::project::{LoadOptions, Project, load};
use jiff::Timestamp;

use crate::generate::{Pipeline, Shape};

/// A project that was applied once.
struct Applied {
    _folder: tempfile::TempDir,
    root: PathBuf,
}

impl Applied {
    fn new(assets: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("project");
        let pipeline = Pipeline {
            assets,
            shape: Shape::Layers,
            rows: 10,
        };
        pipeline.write(&root).unwrap();
        let mut apply = Command::new(env!("CARGO_BIN_EXE_dp"));
        apply.args(["apply", "--auto-approve", "-q"]).current_dir(&root).env_remove("DP_PROJECT").env_remove("DP_ENV");
        let output = apply.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { _folder: folder, root }
    }

    fn load(&self) -> Project {
        load(&self.root, &LoadOptions::default()).unwrap().project.unwrap()
    }

    fn dp(&self) -> PathBuf {
        self.root.join(".dp")
    }
}

/// Asks the engine about everything, as a first plan does.
fn asked(project: &Project) -> Analysis {
    let mut analyst = DuckAnalyst::new(SessionOptions {
        root: project.root.clone(),
        files: Vec::new(),
        memory_limit: None,
        threads: None,
        spill: project.root.join(".dp/tmp/spill"),
        timezone: project.settings.timezone.clone(),
    });
    // Those that are in every definition, so that what is published is what is declared.
    let mut settings: BTreeMap<String, String> =
        SETTINGS.iter().map(|(name, value)| ((*name).to_owned(), value.trim_matches('\'').to_owned())).collect();
    settings.insert("TimeZone".to_owned(), project.settings.timezone.clone());
    let options = AnalyzeOptions {
        project,
        broken: &BTreeSet::new(),
        mistaken: &BTreeSet::new(),
        shown: &|_| None,
        settings,
        secrets: &Secrets {
            values: BTreeMap::new(),
            key: [0; 32],
        },
        recorded: &RecordedColumns::new(),
        published: &PublishedSources::new(),
    };
    let mut hasher = FileHasher::new(&project.root, BTreeMap::new());
    let analysis = analyze(&options, &mut analyst, &mut NoMemory, &mut hasher).unwrap();
    assert!(!analysis.problems.has_errors(), "the pipeline has no mistakes");
    analysis
}

fn start(assets: &[AssetName]) -> RunStart {
    RunStart {
        command: "apply".to_owned(),
        environment: "prod".parse().unwrap(),
        arguments: Vec::new(),
        user: "bench".to_owned(),
        host: "bench".to_owned(),
        pid: 1,
        dp_version: "0.1.0".to_owned(),
        engine: "duckdb v2.0.0".to_owned(),
        plan: Some(dp::model::Digest::of("bench", ["plan"])),
        started: Timestamp::UNIX_EPOCH,
        steps: assets
            .iter()
            .map(|asset| StepIntent {
                asset: asset.clone(),
                action: "create".to_owned(),
                reasons: serde_json::json!([{ "code": "new" }]),
                version: Some(VersionId::random()),
            })
            .collect(),
    }
}

/// A state of its own, and a batch of new versions that can be put on record there.
fn to_write(versions: &[Version]) -> (tempfile::TempDir, Writer, Batch) {
    let folder = tempfile::tempdir().unwrap();
    let dp_folder = folder.path().join(".dp");
    let holder = Holder {
        user: "bench".to_owned(),
        host: "bench".to_owned(),
        pid: std::process::id(),
        command: "dp apply".to_owned(),
        since: Timestamp::UNIX_EPOCH,
    };
    let lock = Lock::acquire(&dp_folder, holder, Wait::No, &mut |_| {}).unwrap();
    let mut writer = Writer::open(&lock, &dp_folder).unwrap();
    let names: Vec<AssetName> = versions.iter().map(|version| version.asset.clone()).collect();
    let run = writer.begin_run(&start(&names)).unwrap();
    let mut batch = Batch::new(run);
    for version in versions {
        let fresh = Version {
            id: VersionId::random(),
            run,
            ..version.clone()
        };
        batch.versions.push((fresh, None));
    }
    (folder, writer, batch)
}

fn measure(criterion: &mut Criterion, small: &Applied, large: &Applied) {
    let project = large.load();
    let assets = project.assets.len();
    criterion.bench_function(&format!("load/{assets}"), |bencher| {
        bencher.iter(|| black_box(load(&large.root, &LoadOptions::default()).unwrap().project.is_some()));
    });

    let few = small.load();
    criterion.bench_function(&format!("bind/{}", few.assets.len()), |bencher| {
        bencher.iter(|| black_box(asked(&few).facts.len()));
    });

    let analysis = asked(&project);
    let upstreams: BTreeMap<AssetName, BTreeSet<AssetName>> =
        analysis.facts.iter().map(|(name, facts)| (name.clone(), facts.inputs.clone())).collect();
    criterion.bench_function(&format!("graph/{assets}"), |bencher| {
        bencher.iter(|| black_box(Graph::new(&upstreams).unwrap().levels().len()));
    });

    criterion.bench_function(&format!("fingerprint/{assets}"), |bencher| {
        bencher.iter(|| {
            for facts in analysis.facts.values() {
                black_box(facts.document.definition.fingerprint());
            }
        });
    });

    let reader = Reader::open(&large.dp()).unwrap().unwrap();
    criterion.bench_function(&format!("state read/{assets}"), |bencher| {
        bencher.iter(|| black_box(reader.snapshot("prod").unwrap().published.len()));
    });

    let snapshot = reader.snapshot("prod").unwrap();
    let options = plan::Options {
        selection: Selection::All,
        replace: BTreeSet::new(),
        destroy: false,
        resume: false,
    };
    let observed = Observed::default();
    let built = || plan::build(&project, &analysis, &snapshot, &observed, &reader, &options).unwrap();
    assert!(built().is_empty(), "nothing was edited");
    criterion.bench_function(&format!("plan::build/{assets}"), |bencher| {
        bencher.iter(|| black_box(built().steps.len()));
    });

    let versions: Vec<Version> = snapshot.published.values().map(|published| published.version.clone()).collect();
    criterion.bench_function(&format!("state write/{assets}"), |bencher| {
        let write = |(folder, mut writer, batch): (tempfile::TempDir, Writer, Batch)| {
            writer.record(&batch).unwrap();
            (folder, writer)
        };
        bencher.iter_batched(|| to_write(&versions), write, BatchSize::PerIteration);
    });
}

fn main() {
    let is_bench = env::args().any(|argument| argument == "--bench");
    let (few, many) = if is_bench { (100, 1000) } else { (5, 20) };
    let mut criterion = Criterion::default().sample_size(10).output_directory(&reports()).configure_from_args();
    measure(&mut criterion, &Applied::new(few), &Applied::new(many));
    criterion.final_summary();
}

/// Criterion keeps what it measured beside what was compiled, to compare the next time.
fn reports() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_dp")).ancestors().nth(2).unwrap_or(Path::new("target")).join("criterion")
}
