//! Planning a thousand assets takes no more than a quarter more instructions than are on record.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::counted::{Project, can_count};

const ASSETS: usize = 1000;
const RECORD: &str = "tests/counts/planning.toml";

const HEADING: &str = "\
# Instructions, in thousands, that these commands take on 1000 assets when there is nothing to do.
# Written by `DP_UPDATE_COUNTS=1 cargo test --release --locked --test counts`; a quarter more is a failure.
";

#[test]
fn planning_does_not_become_slower() {
    if !can_count() {
        return;
    }
    let project = Project::applied(ASSETS, "");
    let counted: BTreeMap<&str, u64> =
        [("looked-at-in-full", project.count(&["plan", "--all"]) / 1000), ("unmoved", unmoved(&project) / 1000)].into();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(RECORD);
    if std::env::var_os("DP_UPDATE_COUNTS").is_some() {
        let lines: Vec<String> =
            counted.iter().map(|(command, thousands)| format!("{command} = {thousands}\n")).collect();
        return fs::write(path, format!("{HEADING}{}", lines.concat())).unwrap();
    }
    let recorded: BTreeMap<String, u64> = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert!(recorded.keys().eq(counted.keys()), "{RECORD} has other commands than are counted: {recorded:?}");
    let told = |command: &str, thousands: u64| {
        let before = recorded[command];
        #[expect(clippy::cast_precision_loss, reason = "for people")]
        let percent = (thousands as f64 / before as f64 - 1.0) * 100.0;
        format!("{command}: {thousands} thousand instructions, {before} on record ({percent:+.0} %)")
    };
    for (command, thousands) in &counted {
        println!("{}", told(command, *thousands));
    }
    let slower: Vec<String> = counted
        .iter()
        .filter(|(command, thousands)| **thousands * 4 > recorded[**command] * 5)
        .map(|(command, thousands)| told(command, *thousands))
        .collect();
    assert!(
        slower.is_empty(),
        "planning takes over a quarter more than is in {RECORD}:\n{}\nif that has to be: DP_UPDATE_COUNTS=1",
        slower.join("\n")
    );
}

/// A plan that is answered because nothing has moved, which is shown.
fn unmoved(project: &Project) -> u64 {
    // Under valgrind the program is another one, whose plans are kept under another key.
    project.count(&["plan"]);
    let (count, told) = project.count_traced(&["plan", "--trace-time"]);
    assert!(!told.contains("read the project"), "it looks although nothing has moved:\n{told}");
    count
}
