//! What the scripts of shells get when they ask for completions.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::sandbox::Sandbox;

/// Asks as the script for fish does, which gives one candidate a line with its explanation behind a tab.
fn ask(mut command: Command) -> Output {
    command.env("DP_COMPLETE", "fish").output().expect("dp runs")
}

/// The candidates for the last of some words; they come without a word on stderr.
fn candidates(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let output = ask(sandbox.command(["--", "dp"].iter().chain(words)));
    assert!(output.status.success() && output.stderr.is_empty(), "{words:?}: {output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

fn shop() -> Sandbox {
    let sandbox = Sandbox::shop().file("dp.toml", "[project]\nname = \"shop\"\n\n[environments.dev]\n");
    sandbox.apply();
    sandbox
}

#[test]
fn assets_runs_and_environments_are_offered() {
    let sandbox = shop();
    let all = ["marts.revenue", "raw.orders", "staging.orders"];
    for words in [
        &["plan", ""][..],
        &["apply", "-y", "raw.orders", ""],
        &["apply", "--replace", ""],
        &["check", ""],
        &["why", ""],
        &["state", "show", ""],
        &["state", "mv", ""],
        &["state", "mv", "raw.orders", ""],
        &["env", "promote", "dev", ""],
    ] {
        let offered = candidates(&sandbox, words);
        assert!(all.iter().all(|name| offered.iter().any(|offer| offer == name)), "{words:?}: {offered:?}");
    }
    assert_eq!(candidates(&sandbox, &["lineage", "st"]), ["staging.orders"]);
    assert_eq!(candidates(&sandbox, &["plan", "+st"]), ["+staging.orders"]);
    assert_eq!(candidates(&sandbox, &["show", "ra"]), ["raw.orders"]);
    assert_eq!(candidates(&sandbox, &["show", "r"]), ["raw.orders", "r1"]);
    for words in
        [&["query", "--at", ""][..], &["why", "raw.orders", "--run", ""], &["rollback", ""], &["effects", "r1"]]
    {
        let mut offered = candidates(&sandbox, words);
        offered.retain(|offer| !offer.starts_with('-'));
        assert_eq!(offered, ["r1"], "{words:?}");
    }
    for words in [&["--env", ""][..], &["plan", "--env", ""], &["env", "diff", ""], &["env", "delete", ""]] {
        let offered = candidates(&sandbox, words);
        assert!(["dev", "prod"].iter().all(|name| offered.iter().any(|offer| offer == name)), "{words:?}: {offered:?}");
    }
    // A plan is a file.
    sandbox.write("my.plan", "");
    assert_eq!(candidates(&sandbox, &["apply", "my"]), ["my.plan"]);
    // Commands and options are those of the command line.
    assert_eq!(candidates(&sandbox, &["rollb"]), ["rollback"]);
    assert_eq!(candidates(&sandbox, &["apply", "--keep"]), ["--keep-going"]);
}

#[test]
fn the_project_is_the_one_that_the_words_name() {
    let sandbox = shop();
    let folder = tempfile::TempDir::new().expect("a folder");
    let from = |words: &[&str]| {
        let mut command = sandbox.command(["--", "dp"].iter().chain(words));
        command.current_dir(folder.path());
        String::from_utf8(ask(command).stdout).expect("text")
    };
    let root = sandbox.root().display().to_string();
    assert_eq!(from(&["show", "raw"]), "");
    assert!(from(&["-C", &root, "show", "raw"]).starts_with("raw.orders"));
    assert!(from(&["show", "--project", &root, "raw"]).starts_with("raw.orders"));
}

#[test]
fn what_can_not_be_read_offers_nothing_and_says_nothing() {
    let sandbox = shop();
    // With a mistake an asset is an asset all the same.
    sandbox.write("assets/staging/orders.toml", "kind = \n");
    sandbox.write("assets/staging/other.toml", "kind = \"sql\"\n");
    assert_eq!(candidates(&sandbox, &["show", "st"]), ["staging.orders", "staging.other"]);
    // Then only the record tells.
    sandbox.write("dp.toml", "[project\n");
    assert_eq!(candidates(&sandbox, &["show", "st"]), ["staging.orders"]);
    fs::write(sandbox.path(".dp/state.db"), "no record").expect("a damaged record");
    assert_eq!(candidates(&sandbox, &["show", "st"]), [""; 0]);
    assert_eq!(candidates(&sandbox, &["query", "--at", ""]), [""; 0]);
    // Outside a project, too.
    let nowhere = Sandbox::bare();
    assert_eq!(candidates(&nowhere, &["show", "st"]), [""; 0]);
    assert_eq!(candidates(&nowhere, &["rollb"]), ["rollback"]);
    assert!(!nowhere.path(".dp").exists());
    for shell in ["", "tcsh"] {
        let mut command = sandbox.command(["--", "dp", "show", ""]);
        let output = command.env("DP_COMPLETE", shell).output().expect("dp runs");
        assert!(output.stdout.is_empty(), "{shell}: {output:?}");
    }
}

#[test]
fn nothing_is_made_by_asking() {
    let sandbox = Sandbox::shop();
    assert_eq!(candidates(&sandbox, &["show", "ra"]), ["raw.orders"]);
    assert!(!sandbox.path(".dp").exists());
}

/// The script that bash reads, and bash.
#[test]
fn bash_completes() {
    let sandbox = shop();
    let program = Path::new(env!("CARGO_BIN_EXE_dp")).parent().expect("a folder");
    let script = "source <(dp completions bash)
        complete_with=$(complete -p dp | sed 's/.* -F \\([^ ]*\\) .*/\\1/')
        COMP_WORDS=(dp show staging.o); COMP_CWORD=2; COMP_TYPE=9
        $complete_with dp staging.o show
        printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut paths = program.as_os_str().to_owned();
    paths.push(OsStr::new(":/usr/bin:/bin"));
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", script]).current_dir(sandbox.root()).env_clear().env("PATH", paths);
    let output = bash.output().expect("bash runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.trim(), "staging.orders", "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}
