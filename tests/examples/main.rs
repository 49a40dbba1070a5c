//! Goldens: each example is a whole project that is planned, applied, planned again, edited.
//!
//! `DP_UPDATE_GOLDENS=1` writes what the tool says now; the difference is to be read before it is committed.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

#[path = "../cli/sandbox.rs"]
#[expect(dead_code, reason = "the harness is made for another binary, and only a part is needed here")]
mod sandbox;

use std::path::Path;

use sandbox::Sandbox;

fn copied(example: &str) -> Sandbox {
    let sandbox = Sandbox::bare();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example);
    copy(&from, &sandbox.root());
    sandbox
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if [".dp", "warehouse", "out", "models"].iter().any(|made| name == *made) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "whether to write is asked for by the environment")]
fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples").join(name);
    if std::env::var_os("DP_UPDATE_GOLDENS").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == expected, "{name} differs; it is now:\n{text}");
}

#[test]
fn flights_from_nothing_to_an_edit() {
    let sandbox = copied("flights");
    golden("flights-plan.txt", &sandbox.dp(["plan"]).exits(0).to_string());
    golden("flights-plan.json", &sandbox.dp(["plan", "--json"]).exits(0).to_string());
    // One at a time, so that the lines have an order.
    golden("flights-apply.txt", &sandbox.dp(["apply", "--auto-approve", "-j", "1"]).exits(0).to_string());
    golden("flights-again.txt", &sandbox.dp(["plan", "--detailed-exitcode"]).exits(0).to_string());
    golden("flights-lineage.txt", &sandbox.dp(["lineage", "marts.weather_delays"]).exits(0).to_string());

    sandbox.edit("assets/staging/flights.toml", "from scheduled", "-- nothing but a note\nfrom scheduled");
    sandbox.dp(["plan", "--detailed-exitcode"]).exits(0);

    sandbox.edit("dp.toml", "late_after = 15", "late_after = 30");
    golden("flights-edited.txt", &sandbox.dp(["plan", "--detailed-exitcode"]).exits(2).to_string());
    sandbox.dp(["apply", "--auto-approve"]).exits(0);
    sandbox.dp(["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn flights_is_read_by_sql_over_the_published_tables() {
    let sandbox = copied("flights");
    sandbox.dp(["apply", "--auto-approve"]).exits(0);
    let flights = sandbox.query("select count(*) as n from staging.flights");
    assert_eq!(flights, "n\n1883\n");
    assert!(sandbox.path("out/worst_routes.csv").is_file());
    assert!(sandbox.path("warehouse/prod/marts/daily.parquet").is_file());
}

/// The assets that an apply built, sorted.
fn built(sandbox: &Sandbox) -> Vec<String> {
    let output = sandbox.dp(["apply", "--auto-approve", "--json"]).exits(0);
    sandbox.dp(["plan", "--detailed-exitcode"]).exits(0);
    let events = output.json_lines();
    let built = events.iter().filter(|event| event["event"] == "step_finished" && event["outcome"] == "built");
    let mut names: Vec<String> = built.map(|event| event["asset"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn flights_applied() -> Sandbox {
    let sandbox = copied("flights");
    sandbox.dp(["apply", "--auto-approve"]).exits(0);
    sandbox
}

#[test]
fn a_column_added_to_flights_rebuilds_that_asset_only() {
    let sandbox = flights_applied();
    sandbox.edit("assets/staging/flights.toml", "  distance as distance_mi", "  distance as distance_mi,\n  arr_time");
    assert_eq!(sandbox.actions(), ["staging.flights rebuild [definition_changed]"]);
    assert_eq!(built(&sandbox), ["staging.flights"]);
}

#[test]
fn the_expression_of_one_column_of_flights_rebuilds_its_readers_only() {
    let sandbox = flights_applied();
    sandbox.edit("assets/staging/flights.toml", "  distance as distance_mi", "  distance + 1 as distance_mi");
    assert_eq!(
        sandbox.actions(),
        [
            "staging.flights rebuild [definition_changed]",
            "marts.routes maybe [input_may_change]",
            "marts.worst_routes maybe [input_may_change]"
        ]
    );
    // What is read of the routes is not among what changed.
    assert_eq!(built(&sandbox), ["marts.routes", "staging.flights"]);
}

#[test]
fn a_value_that_nobody_reads_rebuilds_the_source_only() {
    let sandbox = flights_applied();
    let path = "data/flights/2013-01.csv";
    let text = sandbox.read(path);
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let column = header.iter().position(|name| *name == "sched_arr_time").expect("a column that nobody reads");
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    let mut fields: Vec<&str> = lines[1].split(',').collect();
    fields[column] = "1";
    lines[1] = fields.join(",");
    sandbox.write(path, &format!("{}\n", lines.join("\n")));
    assert_eq!(built(&sandbox), ["raw.flights"]);
}

#[test]
fn segments_from_nothing_to_an_edit_of_the_program() {
    let sandbox = copied("segments");
    let applied = sandbox.dp(["apply", "--auto-approve"]).exits(0);
    assert!(!applied.stderr.contains("warning"), "{applied}");
    assert_eq!(
        sandbox.query("from marts.segments"),
        "segment,customers,orders,mean_amount\n0,13,42,21.62\n1,14,104,59.61\n2,13,208,34.74\n"
    );
    assert!(sandbox.read("models/segments.json").contains("centres"));
    sandbox.dp(["plan", "--detailed-exitcode"]).exits(0);
    sandbox.edit("scripts/segment.py", "rounds=50", "rounds=51");
    assert_eq!(
        sandbox.actions(),
        ["ml.segments rebuild [definition_changed]", "marts.segments maybe [input_may_change]"]
    );
    let again = sandbox.dp(["apply", "--auto-approve"]).exits(0);
    assert!(again.stdout.contains("1 built, 1 cut off"), "{again}");
    assert_eq!(sandbox.actions_of(["--var", "segments=4"])[0], "ml.segments rebuild [definition_changed]");
    sandbox.edit("assets/ml/segments.toml", "kind = \"command\"", "kind = \"command\"\neffects = \"deny\"");
    sandbox.dp(["apply", "--auto-approve", "--replace", "ml.segments"]).exits(0);
}
