//! The pictures of terminals come from real runs: one story, told to the program with colours, drawn as SVG.

mod svg;

use std::process::{Command, Stdio};

use super::mistakes::copy;
use super::sessions::{is_estimate, search_path};
use super::{check, root};

/// Columns of the terminal in the pictures.
const COLUMNS: usize = 84;

/// A picture: what is done unseen before, and the commands that are seen.
const PICTURES: [(&str, &str, &[&str]); 3] = [
    (
        "docs/pictures/plan.svg",
        "dp apply -q --auto-approve > /dev/null 2>&1; sed -i 's/where amount >= /where amount > /' assets/staging/orders.toml",
        &["dp plan"],
    ),
    (
        "docs/pictures/check.svg",
        "dp apply -q --auto-approve > /dev/null 2>&1; sed -i 's/as revenue/- 100 as revenue/' assets/marts/customers.toml",
        &["dp apply --auto-approve"],
    ),
    ("docs/pictures/lineage.svg", "", &["dp lineage marts.customers.revenue", "dp lineage marts.customers --up"]),
];

#[test]
fn the_pictures_show_what_dp_prints() {
    for (path, before, commands) in PICTURES {
        let home = tempfile::tempdir().expect("a temporary folder");
        let project = home.path().join("shop");
        copy(&root().join("tests/docs/mistakes/shop"), &project);
        let run = |script: &str| {
            let output = Command::new("sh")
                .args(["-c", &format!("exec 2>&1\n{script}")])
                .current_dir(&project)
                .stdin(Stdio::null())
                .env_clear()
                .env("PATH", search_path())
                .env("HOME", home.path())
                .envs([("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("CLICOLOR_FORCE", "1")])
                .env("COLUMNS", COLUMNS.to_string())
                .output()
                .expect("there is a shell");
            String::from_utf8(output.stdout).expect("dp writes UTF-8")
        };
        assert_eq!(run(before), "", "what comes before is not seen");
        let mut text = String::new();
        for command in commands {
            text.push_str(&format!("\u{1b}[1m$ {command}\u{1b}[0m\n{}\n", run(command)));
        }
        assert!(text.contains("\u{1b}[2m") || text.contains("\u{1b}[3"), "there are colours in:\n{text}");
        let lines: Vec<&str> = text.trim_end().lines().filter(|line| !is_estimate(line)).collect();
        check(path, &svg::drawn(&timeless(&lines.join("\n")), COLUMNS));
    }
}

/// The text with every duration as long as in any other run.
fn timeless(text: &str) -> String {
    let mut timeless = String::new();
    let mut rest = text;
    while let Some(end) = [" ms", " s."].iter().filter_map(|unit| rest.find(unit)).min() {
        let start = rest[..end].rfind(|c: char| !c.is_ascii_digit() && c != '.').map_or(0, |at| at + 1);
        let blanks = rest[..start].len() - rest[..start].trim_end_matches(' ').len();
        // In a column that is aligned to the right, what is before keeps its place.
        let before = &rest[..start - if blanks > 1 { blanks } else { 0 }];
        timeless.push_str(before);
        let width = if blanks > 1 { blanks + end - start } else { 2 };
        timeless.push_str(&format!("{:>width$}", 12));
        timeless.push_str(" ms");
        rest = rest[end..].strip_prefix(" ms").or_else(|| rest[end..].strip_prefix(" s")).unwrap_or_default();
    }
    timeless.push_str(rest);
    timeless
}

#[test]
fn only_durations_are_replaced() {
    assert_eq!(timeless("built  a    7 ms\nDone in 1.3 s.\nx"), "built  a   12 ms\nDone in 12 ms.\nx");
    assert_eq!(timeless("built  a  345 ms"), timeless("built  a    7 ms"));
    assert_eq!(timeless("3 rows s"), "3 rows s");
}
