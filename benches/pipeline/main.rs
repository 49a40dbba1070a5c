//! How long whole commands take on a synthetic pipeline, and how much memory.
//!
//! `cargo bench --bench pipeline`. `DP_BENCH_ASSETS` is the number of SQL assets (1000), `DP_BENCH_SHAPE` is
//! `layers`, `wide` or `deep`, `DP_BENCH_KEEP` a new folder to leave the project in. In a test run it only
//! shows that it works, on 20 assets.
//!
//! A plan that stopped looking would win every race. So before each timed plan it is shown that an edit of
//! one TOML, of one source file and of one stored version is seen.

#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::disallowed_methods, reason = "nobody hands the environment down to a benchmark")]

mod generate;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::generate::{Pipeline, Query, Shape, toml_file};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// GNU time tells the peak memory of a command.
const TIME: &str = "/usr/bin/time";

struct Bench {
    pipeline: Pipeline,
    queries: Vec<Query>,
    folder: PathBuf,
    /// Outside the project.
    scratch: PathBuf,
    edits: usize,
    lines: Vec<Line>,
}

struct Line {
    what: &'static str,
    times: Vec<Duration>,
    /// User and system time of the median run, in seconds.
    cpu: Option<f64>,
    peak_kib: Option<u64>,
}

/// One timed run.
struct Run {
    output: Output,
    elapsed: Duration,
    cpu: Option<f64>,
    peak_kib: Option<u64>,
}

impl Bench {
    fn dp(&self, args: &[&str]) -> Result<Run> {
        let usage = self.scratch.join("usage");
        let mut command = if Path::new(TIME).exists() {
            let mut command = Command::new(TIME);
            command.args(["-q", "-f", "%M %U %S", "-o"]).arg(&usage).arg(env!("CARGO_BIN_EXE_dp"));
            command
        } else {
            Command::new(env!("CARGO_BIN_EXE_dp"))
        };
        command.args(args).current_dir(&self.folder).env("NO_COLOR", "1").env_remove("DP_PROJECT").env_remove("DP_ENV");
        let start = Instant::now();
        let output = command.output()?;
        let elapsed = start.elapsed();
        let usage = fs::read_to_string(usage).unwrap_or_default();
        let mut usage = usage.split_whitespace();
        let peak_kib = usage.next().and_then(|text| text.parse().ok());
        let cpu: Vec<f64> = usage.filter_map(|text| text.parse().ok()).collect();
        Ok(Run {
            output,
            elapsed,
            cpu: (cpu.len() == 2).then(|| cpu.iter().sum()),
            peak_kib,
        })
    }

    /// Runs it, and says what it said if it does not exit so.
    fn expect(&self, exit: i32, args: &[&str]) -> Result<Run> {
        let run = self.dp(args)?;
        if run.output.status.code() == Some(exit) {
            return Ok(run);
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().take(4000).collect::<String>();
        let (stdout, stderr) = (text(&run.output.stdout), text(&run.output.stderr));
        Err(format!("dp {}: {}, not {exit}\n{stdout}\n{stderr}", args.join(" "), run.output.status).into())
    }

    /// Times it so often, after what has to be done before each time.
    fn time(
        &mut self,
        what: &'static str,
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
        runs.sort_by_key(|run| run.elapsed);
        let median = &runs[runs.len() / 2];
        self.lines.push(Line {
            what,
            cpu: median.cpu,
            peak_kib: runs.iter().filter_map(|run| run.peak_kib).max(),
            times: runs.iter().map(|run| run.elapsed).collect(),
        });
        Ok(())
    }

    /// What has to be planned names the asset.
    fn sees(&self, what: &str, asset: &str) -> Result<()> {
        let run = self.expect(2, &["plan", "--detailed-exitcode"])?;
        if String::from_utf8_lossy(&run.output.stdout).contains(asset) {
            return Ok(());
        }
        Err(format!("the plan does not name {asset} after {what}").into())
    }

    /// Shows that a plan looks at definitions, sources and what is stored, and leaves all as it was.
    fn prove(&mut self) -> Result<()> {
        self.expect(0, &["plan", "--detailed-exitcode"])?;
        let middle = self.queries.len() / 2;
        let query = self.queries[middle].clone();
        let toml = toml_file(&self.folder, &query.full_name());
        let definition = fs::read(&toml)?;
        query.edited(2).write(&self.folder)?;
        self.sees("an edit of its TOML", &query.full_name())?;
        fs::write(&toml, definition)?;

        let source = self.folder.join("data/s1.csv");
        let rows = fs::read_to_string(&source)?;
        fs::write(&source, rows.replacen(",2024-01-02,", ",2024-01-03,", 1))?;
        self.sees("an edit of its file", "raw.s1")?;
        fs::write(&source, rows)?;

        let stored = stored(&self.folder, &query.full_name())?;
        let aside = self.scratch.join("aside");
        fs::rename(&stored, &aside)?;
        let mut bytes = fs::read(&aside)?;
        if let Some(byte) = bytes.get_mut(8) {
            *byte ^= 1;
        }
        fs::write(&stored, bytes)?;
        self.sees("a change of its stored version", &query.full_name())?;
        fs::remove_file(&stored)?;
        self.sees("the loss of its stored version", &query.full_name())?;
        fs::rename(&aside, &stored)?;
        self.expect(0, &["plan", "--detailed-exitcode"])?;
        Ok(())
    }

    /// Changes a literal in this query, to one that it never had.
    fn edit(&mut self, index: usize) -> Result<()> {
        self.edits += 1;
        Ok(self.queries[index].edited(100 + self.edits).write(&self.folder)?)
    }

    fn undo_edit(&mut self, index: usize) -> Result<()> {
        Ok(self.queries[index].write(&self.folder)?)
    }

    /// As if dp had never run here.
    fn forget(&mut self) -> Result<()> {
        for folder in [".dp", "warehouse"] {
            let folder = self.folder.join(folder);
            if folder.exists() {
                fs::remove_dir_all(folder)?;
            }
        }
        Ok(())
    }

    fn run(&mut self, few: usize, many: usize) -> Result<()> {
        const PLAN: [&str; 2] = ["plan", "--detailed-exitcode"];
        const APPLY: [&str; 3] = ["apply", "--auto-approve", "-q"];
        let last = self.queries.len() - 1;
        self.time("start (`dp --version`)", many, 0, &["--version"], |_| Ok(()))?;
        self.time("first plan", few, 2, &PLAN, Self::forget)?;
        self.time("first apply of all", 1, 0, &APPLY, Self::forget)?;

        self.prove()?;
        self.time("plan, nothing to do", many, 0, &PLAN, |_| Ok(()))?;
        self.prove()?;
        self.time("plan after one edit, in the last layer", many, 2, &PLAN, |bench| bench.edit(last))?;
        self.undo_edit(last)?;
        self.prove()?;
        self.time("plan after one edit, in the first layer", many, 2, &PLAN, |bench| bench.edit(0))?;
        self.undo_edit(0)?;
        self.prove()?;
        self.time("apply after one edit, one asset is built", few, 0, &APPLY, |bench| bench.edit(last))?;
        self.time("status", many, 0, &["status"], |_| Ok(()))?;
        self.time("lineage of all", many, 0, &["lineage"], |_| Ok(()))?;
        let name = self.queries[last].full_name();
        self.time("lineage of one asset, upwards", many, 0, &["lineage", &name, "--up"], |_| Ok(()))?;
        Ok(())
    }

    fn print(&self) {
        let Pipeline { assets, shape, rows } = self.pipeline;
        println!("{assets} SQL assets ({shape:?}), {} sources of {rows} rows\n", self.pipeline.sources());
        println!("| command | median | fastest – slowest (runs) | CPU | peak memory |");
        println!("|---|---:|---:|---:|---:|");
        for Line {
            what,
            times,
            cpu,
            peak_kib,
        } in &self.lines
        {
            let seconds = |time: &Duration| show(time.as_secs_f64());
            let spread = match &times[..] {
                [first, .., last] => format!("{} – {} ({})", seconds(first), seconds(last), times.len()),
                _ => "(1)".to_owned(),
            };
            let cpu = cpu.map_or("–".to_owned(), show);
            let peak = peak_kib.map_or("–".to_owned(), |kib| format!("{} MiB", kib / 1024));
            println!("| {what} | {} | {spread} | {cpu} | {peak} |", seconds(&times[times.len() / 2]));
        }
    }
}

fn show(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1000.0) } else { format!("{seconds:.2} s") }
}

/// The data file of the only version of an asset.
fn stored(folder: &Path, name: &str) -> Result<PathBuf> {
    let versions = fs::read_dir(folder.join(".dp/store").join(name))?;
    let version = versions.last().ok_or("no version is stored")??;
    Ok(version.path().join("data.parquet"))
}

fn main() -> Result<()> {
    let real = env::args().any(|arg| arg == "--bench");
    let assets = env::var("DP_BENCH_ASSETS").ok().map(|assets| assets.parse()).transpose()?;
    let shape = match env::var("DP_BENCH_SHAPE").as_deref() {
        Ok("wide") => Shape::Wide,
        Ok("deep") => Shape::Deep,
        Ok("layers") | Err(_) => Shape::Layers,
        Ok(other) => return Err(format!("DP_BENCH_SHAPE is layers, wide or deep, not {other}").into()),
    };
    let pipeline = Pipeline {
        assets: assets.unwrap_or(if real { 1000 } else { 20 }),
        shape,
        rows: 1000,
    };
    let scratch = tempfile::tempdir()?;
    let folder = env::var_os("DP_BENCH_KEEP").map_or_else(|| scratch.path().join("project"), PathBuf::from);
    pipeline.write(&folder)?;
    let mut bench = Bench {
        pipeline,
        queries: pipeline.queries(),
        folder,
        scratch: scratch.path().to_owned(),
        edits: 0,
        lines: Vec::new(),
    };
    let done = if real { bench.run(3, 5) } else { bench.run(1, 1) };
    bench.print();
    done
}
