//! How much slower programs are while dp watches what they do.
//!
//! `cargo bench --bench observation`. Each command runs watched and unwatched in turns; the medians and their ratio are
//! printed. In a test run it only shows that it works, once and on few files.

#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use dp::process::{Exit, Stop, Task, Watch, run};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Runs of each kind.
const PAIRS: usize = 7;

const OPEN: &str = r#"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(int count, char **words) {
    char name[4096], bytes[4096];
    for (int i = 0; i < FILES; i++) {
        sprintf(name, "%s/small/f%d.csv", words[1], i);
        int file = open(name, O_RDONLY);
        read(file, bytes, 4096);
        close(file);
    }
}
"#;

const PARSE: &str = r"
import csv, sys
total = 0
for i in range(int(sys.argv[2])):
    with open(f'{sys.argv[1]}/f{i}.csv', newline='') as file:
        for row in csv.reader(file): total += len(row)
";

const COUNT: &str = "n = 0\nfor i in range(20_000_000): n += i";

struct Bench {
    folder: PathBuf,
    pairs: usize,
}

fn main() -> Result<()> {
    let is_bench = env::args().any(|argument| argument == "--bench");
    let (pairs, files, rows) = if is_bench { (PAIRS, 10_000, 550) } else { (1, 20, 55) };
    let folder = tempfile::tempdir()?;
    let bench = Bench {
        folder: folder.path().to_owned(),
        pairs,
    };
    bench.files("small", files, 55)?;
    bench.files("large", files / 5, rows)?;
    for folder in 0..files / 10 {
        bench.files(&format!("d{folder}"), 20, 1)?;
    }
    let open = bench.compiled(files)?;
    println!("| command | alone | watched | overhead |\n|---|---:|---:|---:|");
    let python = "/usr/bin/python3";
    let (small, large) = (bench.path("small"), bench.path("large"));
    let (few, many) = ((files / 5).to_string(), files.to_string());
    bench.measure("a loop in Python", &[python, "-c", if is_bench { COUNT } else { "pass" }])?;
    bench.measure(&format!("Python parses {few} CSV files of 20 kB"), &[python, "-c", PARSE, &large, &few])?;
    bench.measure(&format!("Python parses {many} CSV files of 2 kB"), &[python, "-c", PARSE, &small, &many])?;
    bench.measure(&format!("C opens, reads and closes {many} files"), &[&open, &bench.path(".")])?;
    let twice = (2 * files).to_string();
    bench.measure(&format!("`find` lists {twice} files"), &["/usr/bin/find", &bench.path("."), "-name", "*.txt"])?;
    bench.measure(
        &format!("`find` asks for the size of {twice} files"),
        &["/usr/bin/find", &bench.path("."), "-empty"],
    )?;
    bench.measure("`true`", &["/bin/true"])?;
    Ok(())
}

impl Bench {
    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_string_lossy().into_owned()
    }

    fn files(&self, folder: &str, count: usize, rows: usize) -> Result<()> {
        let folder = self.folder.join(folder);
        fs::create_dir(&folder)?;
        for file in 0..count {
            fs::write(folder.join(format!("f{file}.csv")), "2024-01-01,some name,12345,67.89,yes\n".repeat(rows))?;
        }
        Ok(())
    }

    fn compiled(&self, files: usize) -> Result<String> {
        let source = self.folder.join("open.c");
        fs::write(&source, OPEN.replace("FILES", &files.to_string()))?;
        let program = self.path("open");
        let compiled = Command::new("cc").args(["-O2", "-w", "-o", &program]).arg(&source).status()?;
        if compiled.success() { Ok(program) } else { Err("cc failed".into()) }
    }

    fn measure(&self, what: &str, command: &[&str]) -> Result<()> {
        let (mut alone, mut watched) = (Vec::new(), Vec::new());
        for _ in 0..self.pairs {
            alone.push(once(Watch::Nothing, &self.folder, command)?);
            watched.push(once(Watch::Kernel, &self.folder, command)?);
        }
        let (alone, watched) = (median(alone), median(watched));
        let overhead = (watched.as_secs_f64() / alone.as_secs_f64() - 1.0) * 100.0;
        println!("| {what} | {alone:.1?} | {watched:.1?} | {overhead:+.1} % |");
        Ok(())
    }
}

fn once(watch: Watch, folder: &Path, command: &[&str]) -> Result<Duration> {
    let task = Task {
        program: command[0].into(),
        name: command[0].into(),
        arguments: command[1..].iter().map(OsString::from).collect(),
        folder: folder.to_owned(),
        environment: vec![("DP_MARK".into(), folder.into())],
        mark: format!("DP_MARK={}", folder.display()).into(),
        outputs: Vec::new(),
        timeout: None,
        watch,
        fence: None,
    };
    let begun = Instant::now();
    let ended = run(&task, &|_, _| {}, &Stop::new()?)?;
    let took = begun.elapsed();
    if ended.how == Exit::Code(0) { Ok(took) } else { Err(format!("{} failed", command[0]).into()) }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
