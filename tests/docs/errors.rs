//! docs/reference/errors.md and the codes in `src` hold together.

use std::collections::BTreeMap;

use super::{files, read};

/// Every code in `src` with the files that give it.
pub(super) fn codes() -> BTreeMap<String, Vec<String>> {
    let mut codes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files("src", "rs") {
        let text = read(&file);
        let name = file.display().to_string();
        if name.ends_with("tests.rs") {
            continue;
        }
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        // Warnings of a plan are values, and name their codes as texts.
        for after in code.split("code(").chain(code.split('"')).filter(|after| after.starts_with("dp::")) {
            let code: String =
                after.chars().take_while(|char| char.is_ascii_alphanumeric() || "_:".contains(*char)).collect();
            codes.entry(code).or_default().push(name.clone());
        }
    }
    codes
}

#[test]
fn every_code_is_explained_once() {
    let mut headings: BTreeMap<String, usize> = BTreeMap::new();
    let mut problems = Vec::new();
    let page = read("docs/reference/errors.md");
    for heading in page.lines().filter_map(|line| line.strip_prefix("### ")) {
        *headings.entry(heading.trim_matches('`').to_owned()).or_default() += 1;
    }
    for (code, places) in codes() {
        if places.len() > 1 && code != "dp::bug" {
            problems.push(format!("`{code}` is given in more than one place: {}", places.join(", ")));
        }
        match headings.remove(&code) {
            Some(1) => {}
            Some(_) => problems.push(format!("`{code}` has two headings in docs/reference/errors.md")),
            None => {
                problems.push(format!("`{code}` ({}) has no heading in docs/reference/errors.md", places.join(", ")));
            }
        }
    }
    problems.extend(headings.keys().map(|code| format!("`{code}` is explained, and nothing gives it")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_code_says_what_to_do() {
    let page = read("docs/reference/errors.md");
    let codes = codes();
    for section in page.split("\n### ").skip(1) {
        let (heading, text) = section.split_once('\n').expect("a heading has a text below");
        let code = heading.trim_matches('`');
        if codes.contains_key(code) {
            assert!(text.contains("**Do:**"), "`{code}` does not say what to do");
        }
    }
}
