//! What dp does not take more of than it should: time to start, and memory.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::sandbox::Sandbox;

/// To open the engine takes several times as long, so who is this quick has not.
#[test]
fn version_and_help_start_in_under_ten_milliseconds() {
    let sandbox = Sandbox::bare();
    for argument in ["--version", "--help"] {
        let run = || {
            let begun = Instant::now();
            assert_eq!(sandbox.dp([argument]).code, 0);
            begun.elapsed()
        };
        // One is enough: on a machine that is busy with other tests most take longer.
        let is_quick = (0..500).any(|_| run() < Duration::from_millis(10));
        assert!(is_quick, "dp {argument} took longer each time, of 500");
    }
}

const MIB: u64 = 1 << 20;

/// What the engine is allowed.
const LIMIT: u64 = 40;

/// What dp and the engine take beside that, whatever is sorted.
const FIXED: u64 = 120;

/// GNU time tells the peak memory of a command.
const TIME: &str = "/usr/bin/time";

#[test]
fn a_sort_of_many_times_the_memory_limit_spills_and_ends() {
    let rows: u64 = 3_000_000;
    // A key and four columns of sixteen bytes.
    let sorted = rows * (8 + 4 * 16);
    assert!(sorted > (LIMIT + FIXED) * MIB, "what is sorted does not fit");
    let sandbox = Sandbox::new()
        .file(
            "dp.toml",
            &format!(
                "[project]\nname = \"shop\"\n[connections.warehouse]\nengine = \"duckdb\"\nmemory_limit = \"{LIMIT}MiB\"\nthreads = 1\n"
            ),
        )
        .sql(
            "main.sorted",
            &format!(
                "select hash(i) as k, i::hugeint as a, (i + 1)::hugeint as b, (i + 2)::hugeint as c, (i + 3)::hugeint as d
                 from range({rows}) as t(i) order by k"
            ),
        );
    let apply = sandbox.command(["apply", "--auto-approve"]);
    if !Path::new(TIME).exists() {
        sandbox.apply();
        return;
    }
    let usage = sandbox.root().with_extension("usage");
    let mut measured = Command::new(TIME);
    measured.args(["-q", "-f", "%M", "-o"]).arg(&usage).arg(apply.get_program()).args(apply.get_args());
    measured.current_dir(sandbox.root()).env_clear();
    measured.envs(apply.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = measured.output().expect("GNU time runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let peak: u64 = fs::read_to_string(usage).expect("what was used").trim().parse().expect("KiB");
    assert!(peak < (LIMIT + FIXED) * 1024, "it took {} MiB", peak / 1024);
    assert_eq!(
        sandbox.query("select count(*) as n, max(a) - min(d) as span from main.sorted"),
        "n,span\n3000000,2999996\n"
    );
    assert!(sandbox.tree(".dp/tmp").is_empty(), "nothing that was spilled is left: {:?}", sandbox.tree(".dp/tmp"));
}
