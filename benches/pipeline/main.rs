//! How long whole commands take on a synthetic pipeline, and how much memory, beside floors in the same run.
//!
//! `cargo bench --bench pipeline`. docs/performance.md says what the variables `DP_BENCH_*` choose. In a test run it
//! only shows that it works, on 20 assets.
//!
//! A plan that stopped looking would win every race. So before each timed plan it is shown that an edit of
//! one TOML, of one source file and of one stored version is seen, while nothing else is looked at anew.

#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::print_stderr, reason = "each line of it, as it comes")]
#![expect(clippy::disallowed_methods, reason = "nobody hands the environment down to a benchmark")]

mod floors;
mod generate;
mod measure;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::generate::{Pipeline, Query, Shape, toml_file};
use crate::measure::{Line, Result, Run, show, table};

const PLAN: [&str; 2] = ["plan", "--detailed-exitcode"];
const APPLY: [&str; 3] = ["apply", "--auto-approve", "-q"];

/// What `DP_BENCH_ONLY` may name, in the order in which it is done.
const PARTS: [&str; 12] = [
    "floors",
    "start",
    "first-plan",
    "syncs",
    "first-apply",
    "plan-all",
    "plan",
    "plan-last",
    "plan-first",
    "apply",
    "status",
    "lineage",
];

/// Those that mean nothing before a first apply.
const NEED_AN_APPLY: [&str; 7] = ["plan-all", "plan", "plan-last", "plan-first", "apply", "status", "lineage"];

const FIRST_APPLY: &str = "first apply of all";

struct Bench {
    pipeline: Pipeline,
    queries: Vec<Query>,
    folder: PathBuf,
    /// Outside the project.
    scratch: PathBuf,
    parts: BTreeSet<String>,
    /// Whether plans are shown to look before each that is timed, or once.
    proves_often: bool,
    has_proved: bool,
    edits: usize,
    forgotten: usize,
    lines: Vec<Line>,
    syncs: Option<u64>,
}

impl Bench {
    fn dp(&self, args: &[&str]) -> Result<Run> {
        Run::of(Path::new(env!("CARGO_BIN_EXE_dp")), args, &self.folder, &self.scratch.join("usage"))
    }

    /// Runs it, and says what it said if it does not exit so.
    fn expect(&self, exit: i32, args: &[&str]) -> Result<Run> {
        self.dp(args)?.expect(exit, &format!("dp {}", args.join(" ")))
    }

    fn wants(&self, part: &str) -> bool {
        debug_assert!(PARTS.contains(&part), "{part} is one of the parts");
        self.parts.contains(part)
    }

    /// Times it so often, after what has to be done before each time.
    fn time(
        &mut self,
        what: &'static str,
        floor: &'static str,
        times: usize,
        exit: i32,
        args: &[&str],
        mut before: impl FnMut(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let mut runs = Vec::new();
        for _ in 0..times {
            before(self)?;
            runs.push(self.expect(exit, args)?);
        }
        self.note(Line::new(what, Some(floor), runs));
        Ok(())
    }

    /// Says at once what was measured: the table comes only at the end, which may be an hour away.
    fn note(&mut self, line: Line) {
        eprintln!("{}: {}", line.what, show(line.median()));
        self.lines.push(line);
    }

    /// The least that has to be done, each in a process of its own.
    fn floors(&mut self, times: usize) -> Result<()> {
        let own = env::current_exe()?;
        let usage = self.scratch.join("usage");
        let out = self.scratch.join("straight");
        let folder = self.folder.display().to_string();
        let straight = out.display().to_string();
        let assets = self.pipeline.assets.to_string();
        let floors: [(&'static str, PathBuf, Vec<&str>, usize); 3] = [
            (floors::START, PathBuf::from("/bin/true"), Vec::new(), times),
            (floors::HASH, own.clone(), vec![floors::WORD, "hash", &folder], times),
            (floors::SQL, own, vec![floors::WORD, "sql", &folder, &straight, &assets], 1),
        ];
        for (what, program, args, times) in floors {
            let run = || Run::of(&program, &args, &self.folder, &usage)?.expect(0, what);
            let runs = (0..times).map(|_| run()).collect::<Result<Vec<_>>>()?;
            self.note(Line::new(what, None, runs));
        }
        fs::remove_dir_all(&out)?;
        Ok(())
    }

    /// How often the first apply has anything written to the disk; left out where strace is not there or may not look.
    fn count_syncs(&mut self) -> Result<()> {
        self.forget()?;
        let counts = self.scratch.join("syncs");
        let calls = "trace=fsync,fdatasync,syncfs,sync,msync,sync_file_range";
        let mut command = Command::new("strace");
        command.args(["-f", "--seccomp-bpf", "-q", "-c", "-e", calls, "-o"]).arg(&counts);
        command.arg(env!("CARGO_BIN_EXE_dp")).args(APPLY).current_dir(&self.folder);
        match command.output() {
            Ok(output) if output.status.success() => {}
            Ok(_) | Err(_) => return Ok(()),
        }
        let counts = fs::read_to_string(counts)?;
        // "% time, seconds, usecs/call, calls, [errors,] syscall", the sum last.
        let total = counts.lines().rfind(|line| line.trim_end().ends_with("total"));
        self.syncs = total.and_then(|line| line.split_whitespace().nth(3)).and_then(|count| count.parse().ok());
        Ok(())
    }

    /// What has to be planned names the asset.
    fn sees(&self, what: &str, asset: &str) -> Result<()> {
        let run = self.expect(2, &PLAN)?;
        if String::from_utf8_lossy(&run.output.stdout).contains(asset) {
            return Ok(());
        }
        Err(format!("the plan does not name {asset} after {what}").into())
    }

    /// Plans until the answer is that nothing has moved: two seconds after the last touch at the earliest.
    fn settle(&self) -> Result<()> {
        let patience = Duration::from_mins(5);
        let start = Instant::now();
        while start.elapsed() < patience {
            let run = self.expect(0, &["plan", "--detailed-exitcode", "--trace-time"])?;
            if !String::from_utf8_lossy(&run.output.stderr).contains("read the project") {
                return Ok(());
            }
            sleep(Duration::from_millis(300));
        }
        Err(format!("after {patience:?} a plan with nothing to do still reads the project").into())
    }

    /// Shows that a plan which would answer without reading anything sees edits of definitions, sources and what is
    /// stored; leaves all as it was, and such that the next plan answers so.
    fn prove(&mut self) -> Result<()> {
        if self.has_proved && !self.proves_often {
            return self.settle();
        }
        let middle = self.queries.len() / 2;
        let query = self.queries[middle].clone();
        let toml = toml_file(&self.folder, &query.full_name());
        self.settle()?;
        let definition = fs::read(&toml)?;
        query.edited(2).write(&self.folder)?;
        self.sees("an edit of its TOML", &query.full_name())?;
        fs::write(&toml, definition)?;

        self.settle()?;
        let source = self.folder.join("data/s1.csv");
        let rows = fs::read_to_string(&source)?;
        fs::write(&source, rows.replacen(",2024-01-02,", ",2024-01-03,", 1))?;
        self.sees("an edit of its file", "raw.s1")?;
        fs::write(&source, rows)?;

        self.settle()?;
        let stored = stored(&self.folder, &query.full_name())?;
        let aside = self.scratch.join("aside");
        // Beside the project, perhaps on another file system.
        fs::copy(&stored, &aside)?;
        let mut bytes = fs::read(&aside)?;
        if let Some(byte) = bytes.get_mut(8) {
            *byte ^= 1;
        }
        fs::remove_file(&stored)?;
        self.sees("the loss of its stored version", &query.full_name())?;
        fs::write(&stored, bytes)?;
        self.sees("a change of its stored version", &query.full_name())?;
        fs::remove_file(&stored)?;
        fs::copy(&aside, &stored)?;
        self.has_proved = true;
        self.settle()
    }

    /// Changes a literal in this query, to one that it never had.
    fn edit(&mut self, index: usize) -> Result<()> {
        self.edits += 1;
        Ok(self.queries[index].edited(100 + self.edits).write(&self.folder)?)
    }

    fn undo_edit(&mut self, index: usize) -> Result<()> {
        Ok(self.queries[index].write(&self.folder)?)
    }

    fn aside(&self, number: usize) -> PathBuf {
        self.folder.with_extension(format!("forgotten-{number}"))
    }

    /// As if dp had never run here. What it left is put aside: for minutes after a file system has deleted thousands of
    /// files, it makes new ones more slowly.
    fn forget(&mut self) -> Result<()> {
        for folder in [".dp", "warehouse"] {
            let from = self.folder.join(folder);
            if from.exists() {
                self.forgotten += 1;
                fs::rename(from, self.aside(self.forgotten))?;
            }
        }
        Ok(())
    }

    fn run(&mut self, few: usize, many: usize) -> Result<()> {
        if self.wants("floors") {
            self.floors(many)?;
        }
        if self.wants("start") {
            self.time("start (`dp --version`)", floors::START, many, 0, &["--version"], |_| Ok(()))?;
        }
        if self.wants("first-plan") {
            self.time("first plan", floors::HASH, few, 2, &PLAN, Self::forget)?;
        }
        if self.wants("syncs") {
            self.count_syncs()?;
        }
        if self.wants("first-apply") {
            self.time(FIRST_APPLY, floors::SQL, 1, 0, &APPLY, Self::forget)?;
        } else if self.parts.iter().any(|part| NEED_AN_APPLY.contains(&part.as_str())) {
            self.expect(0, &APPLY)?;
        }
        let last = self.queries.len() - 1;
        if self.wants("plan-all") {
            self.prove()?;
            let what = "plan, nothing to do, looked at in full (`--all`)";
            self.time(what, floors::HASH, many, 0, &["plan", "--all"], |_| Ok(()))?;
        }
        if self.wants("plan") {
            self.prove()?;
            self.time("plan, nothing to do", floors::HASH, many, 0, &PLAN, |_| Ok(()))?;
        }
        for (part, what, index) in [
            ("plan-last", "plan after one edit, in the last layer", last),
            ("plan-first", "plan after one edit, in the first layer", 0),
        ] {
            if self.wants(part) {
                self.prove()?;
                self.time(what, floors::HASH, many, 2, &PLAN, |bench| bench.edit(index))?;
                self.undo_edit(index)?;
            }
        }
        if self.wants("apply") {
            self.prove()?;
            let what = "apply after one edit, one asset is built";
            self.time(what, floors::HASH, few, 0, &APPLY, |bench| bench.edit(last))?;
        }
        if self.wants("status") {
            self.time("status", floors::HASH, many, 0, &["status"], |_| Ok(()))?;
        }
        if self.wants("lineage") {
            self.time("lineage of all", floors::HASH, many, 0, &["lineage"], |_| Ok(()))?;
            let name = self.queries[last].full_name();
            self.time("lineage of one asset, upwards", floors::HASH, many, 0, &["lineage", &name, "--up"], |_| Ok(()))?;
        }
        Ok(())
    }

    fn print(&self) {
        let Pipeline { assets, shape, rows } = self.pipeline;
        println!("{assets} SQL assets ({shape:?}), {} sources of {rows} rows\n", self.pipeline.sources());
        println!("{}", table(&self.lines));
        let line = |what| self.lines.iter().find(|line| line.what == what);
        if let (Some(apply), Some(floor)) = (line(FIRST_APPLY), line(floors::SQL)) {
            #[expect(clippy::cast_precision_loss, reason = "a number of assets")]
            let each = (assets + self.pipeline.sources()) as f64 / 1000.0;
            let beyond = |own: f64, floor: f64| format!("{:.2} ms", (own - floor) / each);
            let clock = beyond(apply.median(), floor.median());
            let cpu = apply.cpu.zip(floor.cpu).map_or("–".to_owned(), |(own, floor)| beyond(own, floor));
            println!(
                "first apply, beyond the same SQL straight through DuckDB: {clock} an asset by the clock, {cpu} of CPU"
            );
        }
        if let Some(syncs) = self.syncs {
            println!("first apply: {syncs} syncs");
        }
        if let Some(load) =
            fs::read_to_string("/proc/loadavg").ok().and_then(|text| text.split(' ').next().map(str::to_owned))
        {
            println!("load of the machine at the end: {load}");
        }
    }
}

/// The data file of the only version of an asset.
fn stored(folder: &Path, name: &str) -> Result<PathBuf> {
    let versions = fs::read_dir(folder.join(".dp/store").join(name))?;
    let version = versions.last().ok_or("no version is stored")??;
    Ok(version.path().join("data.parquet"))
}

fn parts() -> Result<BTreeSet<String>> {
    let Ok(only) = env::var("DP_BENCH_ONLY") else {
        return Ok(PARTS.map(str::to_owned).into());
    };
    let parts: BTreeSet<String> = only.split(',').map(|part| part.trim().to_owned()).collect();
    match parts.iter().find(|part| !PARTS.contains(&part.as_str())) {
        None => Ok(parts),
        Some(unknown) => Err(format!("DP_BENCH_ONLY is a list of {}, not {unknown}", PARTS.join(", ")).into()),
    }
}

fn pipeline(is_bench: bool) -> Result<Pipeline> {
    let assets = env::var("DP_BENCH_ASSETS").ok().map(|assets| assets.parse()).transpose()?;
    let shape = match env::var("DP_BENCH_SHAPE").as_deref() {
        Ok("wide") => Shape::Wide,
        Ok("deep") => Shape::Deep,
        Ok("layers") | Err(_) => Shape::Layers,
        Ok(other) => return Err(format!("DP_BENCH_SHAPE is layers, wide or deep, not {other}").into()),
    };
    Ok(Pipeline {
        assets: assets.unwrap_or(if is_bench { 1000 } else { 20 }),
        shape,
        rows: 1000,
    })
}

fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let is_bench = args.iter().any(|arg| arg == "--bench");
    if let Some((first, floor)) = args.split_first()
        && first == floors::WORD
    {
        // The variables are those of the benchmark that started it.
        return floors::run(floor, pipeline(false)?);
    }
    let pipeline = pipeline(is_bench)?;
    let scratch = tempfile::tempdir()?;
    let folder = env::var_os("DP_BENCH_KEEP").map_or_else(|| scratch.path().join("project"), PathBuf::from);
    pipeline.write(&folder)?;
    let mut bench = Bench {
        pipeline,
        queries: pipeline.queries(),
        folder: fs::canonicalize(folder)?,
        scratch: scratch.path().to_owned(),
        parts: parts()?,
        proves_often: is_bench,
        has_proved: false,
        edits: 0,
        forgotten: 0,
        lines: Vec::new(),
        syncs: None,
    };
    let (few, many) = match (is_bench, pipeline.assets) {
        (false, _) => (1, 1),
        (true, 0..10_000) => (3, 5),
        (true, _) => (1, 3),
    };
    let done = bench.run(few, many);
    bench.print();
    for number in 1..=bench.forgotten {
        fs::remove_dir_all(bench.aside(number))?;
    }
    done
}
