//! Many that apply at once: each ends done or refused, and what stays is that of some order of them.
//!
//! Twenty over a small project by default; `DP_TWENTY_ROUNDS=N` does it N times over.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Output, Stdio};

use crate::integrity;
use crate::sandbox::Sandbox;

const PROCESSES: usize = 20;

/// Every table carries the generation of the one file that all of it comes from, and a number of its own.
fn project() -> Sandbox {
    let sandbox = Sandbox::new().source("raw.gen", "data/gen.csv");
    generation(&sandbox, 0);
    sandbox
        .sql("staging.left", "select gen, 0 as edit from raw.gen")
        .sql("staging.right", "select gen, 0 as edit from raw.gen")
        .sql("staging.alone", "select 0 as edit")
        .sql(
            "marts.both",
            "select l.gen as l, r.gen as r, l.edit + r.edit as edit
             from staging.left as l cross join staging.right as r",
        )
}

/// Replaces the file of the source, all at once.
fn generation(sandbox: &Sandbox, number: usize) {
    sandbox.write("data/.next", &format!("gen\n{number}\n"));
    fs::rename(sandbox.path("data/.next"), sandbox.path("data/gen.csv")).expect("the next generation");
}

/// Writes another number into a query, all at once.
fn edit(sandbox: &Sandbox, table: &str, number: usize) {
    let path = format!("assets/staging/{table}.toml");
    let text = sandbox.read(&path);
    let (before, after) = text.split_once("select ").expect("a query");
    let (list, rest) = after.split_once(" as edit").expect("a column");
    let list = list.rsplit_once(", ").map(|(columns, _)| format!("{columns}, ")).unwrap_or_default();
    sandbox.write("assets/next", &format!("{before}select {list}{number} as edit{rest}"));
    fs::rename(sandbox.path("assets/next"), sandbox.path(&path)).expect("the edited file");
}

/// What one of them is started with; every kind of them, again and again.
fn arguments(number: usize) -> &'static [&'static str] {
    match number % 5 {
        0 | 1 => &["apply", "--auto-approve", "--wait"],
        2 => &["apply", "staging.alone", "--auto-approve", "--wait=300s"],
        3 => &["apply", "--auto-approve", "--wait", "--replace", "staging.right"],
        _ => &["apply", "--auto-approve"],
    }
}

fn start(sandbox: &Sandbox, number: usize) -> Child {
    let mut command = sandbox.command(arguments(number));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("dp starts")
}

fn round(sandbox: &Sandbox, round: usize) -> BTreeMap<i32, usize> {
    let mut children = Vec::new();
    for process in 0..PROCESSES {
        let number = round * PROCESSES + process + 1;
        match process % 3 {
            0 => generation(sandbox, number),
            1 => edit(sandbox, ["left", "right", "alone"][process / 3 % 3], number),
            _ => {}
        }
        children.push((process, start(sandbox, process)));
    }
    let mut ends = BTreeMap::new();
    for (process, child) in children {
        let output = child.wait_with_output().expect("it ends");
        let code = output.status.code().unwrap_or(-1);
        expected(process, code, &output);
        *ends.entry(code).or_default() += 1;
    }
    ends
}

fn expected(process: usize, code: i32, output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    let fine = match code {
        0 => true,
        4 => said.contains("dp::store::locked") && !arguments(process).iter().any(|word| word.starts_with("--wait")),
        _ => false,
    };
    assert!(fine, "{:?} ended with {code}:\n{}{said}", arguments(process), String::from_utf8_lossy(&output.stdout));
}

#[test]
fn twenty_at_once() {
    #[expect(clippy::disallowed_methods, reason = "how long it may take is said outside")]
    let rounds = std::env::var("DP_TWENTY_ROUNDS").ok().map_or(1, |rounds| rounds.parse().expect("a number"));
    let sandbox = project();
    sandbox.apply();
    for number in 0..rounds {
        let ends = round(&sandbox, number);
        integrity::check(&sandbox);
        // One set, whoever was last.
        let mixed = "select count(*) as n from staging.left as l, staging.right as r, marts.both as b
                     where l.gen <> r.gen or b.l <> l.gen or b.r <> r.gen or b.edit <> l.edit + r.edit";
        assert_eq!(sandbox.query(mixed), "n\n0\n");

        sandbox.apply();
        integrity::check(&sandbox);
        assert_eq!(sandbox.plan().lines().next(), Some("Nothing to do: 5 assets are up to date."));
        let last = round_last(number);
        assert_eq!(sandbox.query("select l, r from marts.both"), format!("l,r\n{last},{last}\n"));
        println!("round {number}: {ends:?}");
    }
}

/// The last generation of a round.
fn round_last(round: usize) -> usize {
    round * PROCESSES + (PROCESSES - 1) / 3 * 3 + 1
}
