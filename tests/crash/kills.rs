//! The real program, killed at random times, over and over, while others read what is published.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::sandbox::Sandbox;
use crate::world;
use crate::{say, setting, stories};

/// Numbers that are the same in every run of the test.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn up_to(&mut self, most: Duration) -> Duration {
        let micros = u64::try_from(most.as_micros()).unwrap_or(u64::MAX).max(1);
        Duration::from_micros(self.next() % micros)
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    setting(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Somebody who reads what is published again and again, and keeps what went wrong.
struct Reader {
    stop: Arc<AtomicBool>,
    reads: Arc<AtomicU32>,
    work: JoinHandle<Vec<String>>,
}

impl Reader {
    fn start(root: PathBuf, read: fn(&Path, &str) -> u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let reads = Arc::new(AtomicU32::new(0));
        let (stopped, counted) = (Arc::clone(&stop), Arc::clone(&reads));
        let work = thread::spawn(move || {
            let mut problems = Vec::new();
            let mut last = 0;
            while !stopped.load(Ordering::SeqCst) {
                match std::panic::catch_unwind(|| read(&root, "prod")) {
                    // What was published once is never taken back here.
                    Ok(found) if found < last || found == 0 => problems.push(format!("{found} after {last}")),
                    Ok(found) => last = found,
                    Err(panic) => problems.push(panic.downcast_ref::<String>().cloned().unwrap_or_default()),
                }
                counted.fetch_add(1, Ordering::SeqCst);
            }
            problems
        });
        Self { stop, reads, work }
    }

    /// How often it read, and what was wrong.
    fn end(self) -> (u32, Vec<String>) {
        self.stop.store(true, Ordering::SeqCst);
        let problems = self.work.join().expect("the reader ends");
        (self.reads.load(Ordering::SeqCst), problems)
    }
}

/// A new generation in one step, as a careful writer makes it.
fn edit(sandbox: &Sandbox, generation: u32) {
    let mut text = "id,generation\n".to_owned();
    for id in 0..200 {
        text.push_str(&format!("{id},{generation}\n"));
    }
    sandbox.write("data/.orders.csv", &text);
    std::fs::rename(sandbox.path("data/.orders.csv"), sandbox.path("data/orders.csv")).expect("the edited file");
}

fn start(sandbox: &Sandbox) -> Child {
    sandbox
        .command(["apply", "--auto-approve", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("dp starts")
}

/// Waits until the run is on record, or dp has ended.
fn begun(child: &mut Child) {
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    lines.find(|line| line.contains("run_started"));
    // Somebody has to take the rest, so that dp does not stand still or meet a closed pipe.
    thread::spawn(move || lines.count());
}

/// How long an apply takes that is left alone: until its run is on record, and in all.
fn undisturbed(sandbox: &Sandbox) -> (Duration, Duration) {
    let clock = Instant::now();
    let mut child = start(sandbox);
    begun(&mut child);
    let before = clock.elapsed();
    assert!(child.wait().expect("dp ends").success());
    (before, clock.elapsed())
}

#[test]
fn killed_at_random_times() {
    let kills = number("DP_KILLS", 15);
    let seed = number("DP_SEED", 7);
    let mut numbers = Numbers(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let sandbox = stories::project();
    for extra in 0..4 {
        sandbox.write(
            &format!("assets/marts/extra_{extra}.toml"),
            &format!("kind = \"sql\"\nsql = \"select generation, id + {extra} as id from staging.orders\"\n"),
        );
    }
    // The first generation of the stories has a table of its own.
    let mut generation = 2;
    edit(&sandbox, generation);
    let (mut before, mut all) = undisturbed(&sandbox);

    let readers = [Reader::start(sandbox.root(), world::of_files), Reader::start(sandbox.root(), world::of_catalogue)];
    let (mut done, mut too_late, mut completed) = (0, 0, 0);
    while done < kills {
        generation += 1;
        edit(&sandbox, generation);
        let mut child = start(&sandbox);
        // Most of them while the run is at work, the others at any time.
        let wait = if numbers.next().is_multiple_of(4) {
            numbers.up_to(before)
        } else {
            begun(&mut child);
            numbers.up_to(all.saturating_sub(before))
        };
        // In one of three, the source changes while dp is at work.
        if numbers.next().is_multiple_of(3) {
            thread::sleep(wait / 2);
            generation += 1;
            edit(&sandbox, generation);
            thread::sleep(wait / 2);
        } else {
            thread::sleep(wait);
        }
        if child.try_wait().expect("a child of this process").is_some() {
            too_late += 1;
        } else {
            child.kill().expect("a child of this process");
            child.wait().expect("a child of this process");
            done += 1;
        }
        // Now and then one comes to its end; nothing is repaired by hand before it.
        if numbers.next().is_multiple_of(8) {
            (before, all) = undisturbed(&sandbox);
            completed += 1;
            assert_eq!(world::of_query(&sandbox, "prod"), generation);
        }
    }
    drop(sandbox.apply());
    let mut reads = 0;
    let mut problems = Vec::new();
    for reader in readers {
        let (count, wrong) = reader.end();
        reads += count;
        problems.extend(wrong);
    }
    assert_eq!(world::of_query(&sandbox, "prod"), generation);
    drop(sandbox.dp(["plan", "--detailed-exitcode"]).success());
    world::nothing_is_left(&sandbox);
    world::versions_are_whole(&sandbox);
    let count = |sql: &str| sandbox.record(sql)[0][0].clone();
    say(&format!(
        "{done} kills (seed {seed}), {too_late} came too late, {completed} applies between them ran to their end\n\
         runs found without an end: {}, of which had published: {}\n\
         reads of files and of the catalogue: {reads}, of which mixed, gone back or failed: {}\n\
         versions on record: {}, lost: 0; repairs by hand: 0",
        count("select count(*) from run_record where outcome = 'crashed'"),
        count("select count(*) from run_record join publication using (run) where outcome = 'crashed'"),
        problems.len(),
        count("select count(*) from version_record where path is not null"),
    ));
    assert!(problems.is_empty(), "{} of {reads} reads:\n{}", problems.len(), problems.join("\n"));
    assert_eq!(count("select count(*) from run_record where finished is null"), "0");
    let twice = "select count(*) from (select 1 from version_record where path is not null
                 group by asset, key having count(*) > 1)";
    assert_eq!(count(twice), "0", "a finished version was built again");
}
