//! `--json` of every command, read into types that refuse what docs/reference/json.md does not have.

mod mirror;

use serde::de::DeserializeOwned;
use serde_json::Value;

use self::mirror::{
    Asset, Backup, Check, Completions, Deletion, Effects, EnvironmentDiff, Environments, Errors, Event, Forgotten,
    Formatted, Gc, History, Init, Lineage, Manual, Plan, Promotion, RecordOf, Recorded, Renamed, Restored, Rollback,
    Rules, Run, Sql, Status, Taken, Unlocked, Validate, Why,
};
use crate::sandbox::{Output, Sandbox};
use crate::tour::{Stop, commands, tour};

/// Reads one document, which has to be nothing but what the type says.
fn held<T: DeserializeOwned>(output: &Output) {
    if let Err(error) = serde_json::from_str::<T>(&output.stdout) {
        panic!("{} does not take it: {error}\n{output}", std::any::type_name::<T>());
    }
}

/// Reads an event a line.
fn held_lines(output: &Output) {
    for line in output.stdout.lines() {
        if let Err(error) = serde_json::from_str::<Event>(line) {
            panic!("no event takes it: {error}\n{line}");
        }
    }
}

/// Reads what a command gave into the type for it.
fn read(stop: &Stop<'_>, output: &Output) {
    let has = |word: &str| stop.arguments.contains(&word);
    let first = stop.arguments.first().copied().unwrap_or_default();
    match stop.command {
        "init" => held::<Init>(output),
        "validate" => held::<Validate>(output),
        "plan" => held::<Plan>(output),
        "apply" | "destroy" | "events" => held_lines(output),
        "check" => held::<Check>(output),
        "lineage" => held::<Lineage>(output),
        "show" if has("--sql") => held::<Sql>(output),
        "show" if first.split('.').next_back() == Some("plan") => held::<Plan>(output),
        "show" if first.contains('.') => held::<Asset>(output),
        "show" => held::<Run>(output),
        "effects" if has("--rules") => held::<Rules>(output),
        "effects" => held::<Effects>(output),
        "why" => held::<Why>(output),
        "status" => held::<Status>(output),
        "history" => held::<History>(output),
        // The rows, as the query itself shapes them.
        "query" => held::<Vec<serde_json::Map<String, Value>>>(output),
        "state list" => held::<Recorded>(output),
        "state show" => held::<RecordOf>(output),
        "state accept" | "state adopt" => held::<Taken>(output),
        "state mv" => held::<Renamed>(output),
        "state rm" => held::<Forgotten>(output),
        "state backup" => held::<Backup>(output),
        "state restore" => held::<Restored>(output),
        "state unlock" => held::<Unlocked>(output),
        "rollback" => held::<Rollback>(output),
        "env list" => held::<Environments>(output),
        "env diff" => held::<EnvironmentDiff>(output),
        "env promote" => held::<Promotion>(output),
        "env delete" => held::<Deletion>(output),
        "gc" => held::<Gc>(output),
        "fmt" => held::<Formatted>(output),
        "man" => held::<Manual>(output),
        "completions" => held::<Completions>(output),
        // A JSON Schema, whose form is not dp's to choose.
        "schema" => assert_eq!(output.json()["$schema"], "https://json-schema.org/draft/2020-12/schema"),
        other => panic!("`dp {other}` has no type that its JSON is held against"),
    }
}

#[test]
fn every_command_gives_what_the_reference_says_and_nothing_else() {
    let mut all = String::new();
    tour(&mut |sandbox, stop| {
        let output = sandbox.dp(stop.words().into_iter().chain(["--json"])).exits(stop.code);
        assert_eq!(output.stderr, "", "{stop:?}: {output}");
        read(&stop, &output);
        all.push_str(&output.stdout);
    });
    // Keys that are there only now and then were there.
    for key in
        ["held_back", "cut_off", "explain", "estimated_ms", "sighting", "program", "by_hand", "deep", "copied_from"]
    {
        assert!(all.contains(&format!("\"{key}\"")), "the tour never shows `{key}`");
    }
    let events = all.split("\"event\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    let events: std::collections::BTreeSet<&str> = events.collect();
    for event in ["noticed", "version_damaged", "accepted", "moved", "forgotten", "state_restored"] {
        assert!(events.contains(event), "the tour never shows the event `{event}`, only {events:?}");
    }
}

#[test]
fn the_reference_has_every_command_and_every_key() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/json.md")).expect("the page");
    for command in commands() {
        assert!(page.contains(&format!("`dp {command}")), "docs/reference/json.md does not have dp {command}");
    }
    let mirrors = include_str!("mirror.rs");
    let named = |key: &str| {
        page.match_indices(key).any(|(at, _)| {
            let around = |char: Option<char>| !char.is_some_and(|char| char.is_alphanumeric() || char == '_');
            around(page[..at].chars().next_back()) && around(page[at + key.len()..].chars().next())
        })
    };
    let keys = mirrors.split([',', '{', '\n']).filter_map(|part| {
        let (key, kind) = part.trim().split_once(": ")?;
        let is_key = key.chars().all(|char| char.is_ascii_lowercase() || char == '_' || char == '#');
        (is_key && !kind.is_empty()).then(|| key.trim_start_matches("r#"))
    });
    let missing: std::collections::BTreeSet<&str> = keys.filter(|key| !named(key)).collect();
    assert!(missing.is_empty(), "docs/reference/json.md does not have {missing:?}");
}

#[test]
fn errors_are_documents_too() {
    let sandbox = Sandbox::shop();
    let refused: [(&[&str], i32, &str); 8] = [
        (&["show", "no.such"], 1, "dp::cli::not_found"),
        (&["check"], 1, "dp::cli::nothing_published"),
        (&["query", "select 1"], 1, "dp::cli::nothing_published"),
        (&["apply"], 1, "dp::cli::no_prompt"),
        (&["init"], 1, "dp::cli::would_overwrite"),
        (&["plan", "no.such"], 1, "dp::graph::empty_selection"),
        (&["plan", "--no-such"], 64, "dp::cli::usage"),
        (&["no-such"], 64, "dp::cli::usage"),
    ];
    for (arguments, code, error) in refused {
        let output = sandbox.dp(arguments.iter().chain(&["--json"])).exits(code);
        assert_eq!(output.stderr, "", "{output}");
        held::<Errors>(&output);
        assert_eq!(output.json()["errors"][0]["code"], error, "{output}");
    }
    // With several mistakes at once, and other places that belong to them.
    let sandbox = sandbox.sql("a.b", "select nope from raw.orders").sql("a.c", "select * from a.d");
    let output = sandbox.dp(["plan", "--json"]).exits(1);
    held::<Errors>(&output);
    assert_eq!(output.json()["errors"].as_array().map(Vec::len), Some(2), "{output}");
}

#[test]
fn where_results_are_lines_an_error_is_one_too() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    for arguments in [&["apply"][..], &["destroy"], &["events", "--run", "r9"]] {
        let output = sandbox.dp(arguments.iter().chain(&["--json"])).exits(1);
        assert_eq!(output.stdout.lines().count(), 1, "{output}");
        held::<Errors>(&output);
    }
}

#[test]
fn documents_have_the_mistakes_that_are_not_in_the_way() {
    let sandbox = Sandbox::shop().sql("t.a", "select 1 as a");
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "customer, amount", "customer, nope");
    sandbox.edit("assets/t/a.toml", "1 as a", "2 as a");
    held::<Plan>(&sandbox.dp(["plan", "--keep-going", "--json"]).exits(3));
    held::<Asset>(&sandbox.dp(["show", "t.a", "--json"]).success());
    held::<Sql>(&sandbox.dp(["show", "t.a", "--sql", "--json"]).success());
    held::<Why>(&sandbox.dp(["why", "t.a", "--json"]).success());
    held::<Lineage>(&sandbox.dp(["lineage", "t.a", "--json"]).success());
    held::<Check>(&sandbox.dp(["check", "t.a", "--json"]).success());
    for _ in 0..2 {
        held_lines(&sandbox.dp(["apply", "--keep-going", "-y", "--json"]).exits(3));
    }
    held_lines(&sandbox.dp(["events"]).success());
}
