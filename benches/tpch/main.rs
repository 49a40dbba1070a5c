//! What dp takes beyond the engine where assets take a while: the 22 queries of TPC-H as marts.
//!
//! `cargo bench --bench tpch`. `DP_BENCH_TPCH` is a folder with the eight tables as Parquet, such as `tpchgen-cli parquet
//! -s 1` writes; `DP_BENCH_JOBS` is the `-j` of both sides (2). The floor is the same SQL straight through DuckDB in one
//! process, as many queries at once, each to a Parquet file. In a test run it only shows that it works, on a few rows.

#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::disallowed_methods, reason = "nobody hands the environment down to a benchmark")]

#[path = "../pipeline/measure.rs"]
mod measure;
mod tables;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use duckdb::Connection;

use crate::measure::{Line, Result, Run, table};
use crate::tables::TABLES;

const QUERIES: &str = include_str!("queries.sql");

/// The first argument of this benchmark when it is to be the floor.
const FLOOR: &str = "__floor";

/// How a project has its eight tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sources {
    /// Read where they are: `materialize = "view"`.
    InPlace,
    /// Copied into the store first, as sources are if nothing is said.
    Snapshots,
}

impl Sources {
    fn word(self) -> &'static str {
        match self {
            Self::InPlace => "in-place",
            Self::Snapshots => "snapshots",
        }
    }
}

/// The names and texts of the queries.
fn queries() -> Vec<(&'static str, &'static str)> {
    let queries = QUERIES.split("-- ").skip(1);
    queries.filter_map(|query| query.split_once('\n')).map(|(name, sql)| (name, sql.trim())).collect()
}

/// Writes the project, over hard links of the tables: dp reads nothing outside of a project.
fn write(folder: &Path, data: &Path, sources: Sources) -> Result<()> {
    fs::create_dir_all(folder.join("data"))?;
    fs::create_dir_all(folder.join("assets/marts"))?;
    fs::write(folder.join("dp.toml"), "[project]\nname = \"tpch\"\n")?;
    for (table, _) in TABLES {
        let (from, to) = (data.join(format!("{table}.parquet")), folder.join(format!("data/{table}.parquet")));
        if fs::hard_link(&from, &to).is_err() {
            fs::copy(&from, &to).map_err(|error| format!("{}: {error}", from.display()))?;
        }
        let materialize = if sources == Sources::InPlace { "materialize = \"view\"\n" } else { "" };
        let toml = format!("kind = \"source\"\n{materialize}\n[source]\npath = \"data/{table}.parquet\"\n");
        fs::write(folder.join(format!("assets/{table}.toml")), toml)?;
    }
    for (name, sql) in queries() {
        let toml = format!("kind = \"sql\"\nsql = \"\"\"\n{sql}\n\"\"\"\n");
        fs::write(folder.join(format!("assets/marts/{name}.toml")), toml)?;
    }
    Ok(())
}

/// All queries in this process, so many at once; nothing is synced.
fn floor(folder: &Path, out: &Path, sources: Sources, jobs: usize) -> Result<()> {
    fs::create_dir_all(out)?;
    let engine = Connection::open_in_memory()?;
    let at_once = |statements: Vec<String>| -> Result<()> {
        let left = Mutex::new(statements.into_iter());
        let connections = (0..jobs).map(|_| engine.try_clone()).collect::<duckdb::Result<Vec<_>>>()?;
        let work = |connection: Connection| -> duckdb::Result<()> {
            let next = || left.lock().ok().and_then(|mut left| left.next());
            while let Some(statement) = next() {
                connection.execute_batch(&statement)?;
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let start = |connection: Connection| scope.spawn(|| work(connection));
            let threads: Vec<_> = connections.into_iter().map(start).collect();
            for thread in threads {
                thread.join().map_err(|_| "a thread of the floor panicked")??;
            }
            Ok(())
        })
    };
    let copy = |sql: &str, name: &str| format!("copy ({sql}) to '{}' (format parquet)", out.join(name).display());
    let mut read = folder.join("data");
    if sources == Sources::Snapshots {
        at_once(
            TABLES
                .iter()
                .map(|(table, _)| {
                    let file = read.join(format!("{table}.parquet"));
                    copy(&format!("from read_parquet('{}')", file.display()), &format!("{table}.parquet"))
                })
                .collect(),
        )?;
        out.clone_into(&mut read);
    }
    for (table, _) in TABLES {
        let file = read.join(format!("{table}.parquet"));
        engine.execute_batch(&format!("create view {table} as from read_parquet('{}')", file.display()))?;
    }
    at_once(queries().into_iter().map(|(name, sql)| copy(sql, &format!("{name}.parquet"))).collect())
}

struct Bench {
    jobs: usize,
    scratch: PathBuf,
}

impl Bench {
    /// dp and the floor in turns, so that both see the same machine.
    fn measure(&self, data: &Path, sources: Sources, times: usize) -> Result<[Line; 3]> {
        let (straight_name, plan_name, apply_name) = match sources {
            Sources::InPlace => (
                "floor: the queries straight through DuckDB",
                "first plan, sources read in place",
                "first apply, sources read in place",
            ),
            Sources::Snapshots => (
                "floor: the tables copied to Parquet, then the queries",
                "first plan, with snapshots of the sources",
                "first apply, with snapshots of the sources",
            ),
        };
        let folder = self.scratch.join(sources.word());
        write(&folder, data, sources)?;
        let usage = self.scratch.join("usage");
        let out = self.scratch.join("straight");
        let (own, dp) = (env::current_exe()?, Path::new(env!("CARGO_BIN_EXE_dp")));
        let (folder_text, out_text) = (folder.display().to_string(), out.display().to_string());
        let jobs = self.jobs.to_string();
        let (mut straight, mut plans, mut applies) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..times {
            let args = [FLOOR, &folder_text, &out_text, sources.word(), &jobs];
            straight.push(Run::of(&own, &args, &folder, &usage)?.expect(0, "the floor")?);
            fs::remove_dir_all(&out)?;
            for made in [".dp", "warehouse"].map(|made| folder.join(made)).iter().filter(|made| made.exists()) {
                fs::remove_dir_all(made)?;
            }
            plans.push(Run::of(dp, &["plan", "--detailed-exitcode"], &folder, &usage)?.expect(2, "dp plan")?);
            fs::remove_dir_all(folder.join(".dp"))?;
            let apply = ["apply", "--auto-approve", "-q", "-j", &jobs];
            applies.push(Run::of(dp, &apply, &folder, &usage)?.expect(0, "dp apply")?);
        }
        let runs = Run::of(dp, &["plan", "--detailed-exitcode"], &folder, &usage)?.expect(0, "dp plan after all");
        drop(runs?);
        Ok([
            Line::new(straight_name, None, straight),
            Line::new(plan_name, None, plans),
            Line::new(apply_name, Some(straight_name), applies),
        ])
    }
}

/// The tables with a few rows each, in which the queries find next to nothing.
fn few_rows(folder: &Path) -> Result<()> {
    let engine = Connection::open_in_memory()?;
    for (table, columns) in TABLES {
        let file = folder.join(format!("{table}.parquet"));
        engine.execute_batch(&format!(
            "create table {table} ({columns});
             insert into {table} by name select {} from range(5) as few(i);
             copy {table} to '{}' (format parquet)",
            tables::values(columns),
            file.display()
        ))?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [word, folder, out, sources, jobs] = &args[..]
        && word == FLOOR
    {
        let sources = if sources == Sources::InPlace.word() { Sources::InPlace } else { Sources::Snapshots };
        return floor(Path::new(folder), Path::new(out), sources, jobs.parse()?);
    }
    let is_bench = args.iter().any(|arg| arg == "--bench");
    let scratch = tempfile::tempdir()?;
    let data = match env::var_os("DP_BENCH_TPCH") {
        Some(folder) if is_bench => PathBuf::from(folder),
        None if is_bench => {
            println!("left out: DP_BENCH_TPCH names no folder with the tables (see docs/performance.md)");
            return Ok(());
        }
        Some(_) | None => {
            few_rows(scratch.path())?;
            scratch.path().to_owned()
        }
    };
    // In the same file system as the data, so that links are possible and the figures are those of its disk.
    let place =
        if is_bench { data.join(format!("bench-{}", std::process::id())) } else { scratch.path().join("bench") };
    fs::create_dir(&place)?;
    let bench = Bench {
        jobs: env::var("DP_BENCH_JOBS").map_or(Ok(2), |jobs| jobs.parse())?,
        scratch: place.clone(),
    };
    let times = if is_bench { 3 } else { 1 };
    let mut lines = Vec::new();
    let done = [Sources::InPlace, Sources::Snapshots].into_iter().try_for_each(|sources| {
        lines.extend(bench.measure(&data, sources, times)?);
        Ok(())
    });
    println!("22 queries of TPC-H, -j {}\n\n{}", bench.jobs, table(&lines));
    if let Ok(load) = Command::new("cat").arg("/proc/loadavg").output() {
        println!("load of the machine at the end: {}", String::from_utf8_lossy(&load.stdout).trim());
    }
    fs::remove_dir_all(place)?;
    done
}
