//! What strict reading of a CSV file costs, beside the engine alone that is told everything about the same file.
//!
//! `cargo bench --bench reading` writes a file of 1 GiB (`READING_BYTES` says otherwise) and prints, as medians of
//! several rounds (`READING_ROUNDS`) in which both take turns: the engine's own reading into a table, dp's look at every
//! row, dp's look and reading, and the ratio. In a test run the file is small.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by a panic")]
#![expect(clippy::print_stdout, reason = "its result is for people")]
#![expect(clippy::disallowed_methods, reason = "nobody hands the environment down to a benchmark")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dp::engine::duckdb::{DuckAnalyst, SessionOptions};
use dp::model::Format;
use dp::seam::{Analyst as _, SourceReader};

/// Numbers that look random and are the same in each run (xorshift, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

/// Orders as shops export them: numbers, amounts, moments, words, quoted texts and gaps.
fn write(path: &Path, bytes: u64) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let mut numbers = Numbers(88_172_645_463_325_252);
    let mut line = String::from("id,customer,amount,ordered_at,shipped_on,status,note\n");
    let (mut written, mut id) = (0, 0_u64);
    while written < bytes {
        file.write_all(line.as_bytes()).unwrap();
        written += line.len() as u64;
        line.clear();
        id += 1;
        let status = match numbers.next(4) {
            0 => "new",
            1 => "paid",
            2 => "shipped",
            _ => "returned",
        };
        write!(
            line,
            "{id},C{:06},{}.{:02},2026-{:02}-{:02} {:02}:{:02}:{:02},",
            numbers.next(50_000),
            numbers.next(2_000),
            numbers.next(100),
            1 + numbers.next(12),
            1 + numbers.next(28),
            numbers.next(24),
            numbers.next(60),
            numbers.next(60),
        )
        .unwrap();
        if numbers.next(5) > 0 {
            write!(line, "2026-{:02}-{:02}", 1 + numbers.next(12), 1 + numbers.next(28)).unwrap();
        }
        line.push(',');
        line.push_str(status);
        match numbers.next(4) {
            0 => line.push_str(",\"left at the door, with a \"\"note\"\"\"\n"),
            1 => line.push_str(",\n"),
            _ => writeln!(line, ",parcel {}", numbers.next(100_000)).unwrap(),
        }
    }
    file.flush().unwrap();
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |value| value.parse().unwrap());
    let bytes = if is_test { 1 << 16 } else { number("READING_BYTES", 1 << 30) };
    let rounds = if is_test { 1 } else { number("READING_ROUNDS", 5) };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let path = root.join("orders.csv");
    write(&path, bytes);

    let source = SourceReader {
        format: Format::Csv,
        files: vec![path.clone()],
        options: Vec::new(),
        types: Vec::new(),
        lenient: BTreeSet::new(),
        kept: Vec::new(),
        root: root.clone(),
    };
    let columns = "{'id': 'BIGINT', 'customer': 'VARCHAR', 'amount': 'DOUBLE', 'ordered_at': 'TIMESTAMP', \
                   'shipped_on': 'DATE', 'status': 'VARCHAR', 'note': 'VARCHAR'}";
    let alone = format!(
        "SELECT * FROM read_csv('{}', auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', columns = {columns})",
        path.display()
    );
    // A plain engine: dp's own limits and settings cost nothing here, and so are not measured.
    let engine = duckdb::Connection::open_in_memory().unwrap();
    let read = |sql: &str| {
        let start = Instant::now();
        engine.execute_batch(&format!("CREATE OR REPLACE TABLE it AS {sql}")).unwrap();
        start.elapsed()
    };
    let mut analyst = analyst(&root, &path);
    let look = |analyst: &mut DuckAnalyst| {
        let start = Instant::now();
        let found = analyst.read_schema(&source).unwrap();
        (start.elapsed(), found.sql)
    };
    // The first reading fills the cache of files.
    read(&alone);
    look(&mut analyst);
    let (mut by_engine, mut looks, mut by_dp) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        by_engine.push(read(&alone));
        let (looked, sql) = look(&mut analyst);
        looks.push(looked);
        by_dp.push(looked + read(&sql));
    }
    let (by_engine, looks, by_dp) = (median(by_engine), median(looks), median(by_dp));
    println!("file: {} MiB, rounds: {rounds}", bytes >> 20);
    println!("engine alone        {:8.3} s", by_engine.as_secs_f64());
    println!("dp, look            {:8.3} s", looks.as_secs_f64());
    println!("dp, look and read   {:8.3} s", by_dp.as_secs_f64());
    println!("ratio               {:8.2}", by_dp.as_secs_f64() / by_engine.as_secs_f64());
}

fn analyst(root: &Path, file: &Path) -> DuckAnalyst {
    DuckAnalyst::new(SessionOptions {
        root: root.to_path_buf(),
        files: vec![PathBuf::from(file)],
        memory_limit: None,
        threads: None,
        spill: root.join("spill"),
        timezone: "UTC".to_owned(),
    })
}
