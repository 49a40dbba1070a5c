//! The documentation holds together with the code. `DP_UPDATE_DOCS=1 cargo test --release --test docs` writes what is
//! generated.

mod book;
mod errors;
mod generated;
mod licences;
mod links;
mod mistakes;
mod pictures;
mod sessions;
mod wording;

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Files below a folder of the repository, relative to it.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(root().join(folder)).sort_by_file_name() {
        let entry = entry.expect("the repository can be read");
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|found| found == extension) {
            found.push(entry.path().strip_prefix(root()).expect("it was found there").to_owned());
        }
    }
    found
}

/// README.md and all pages of docs/.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![PathBuf::from("README.md")];
    pages.extend(files("docs", "md"));
    pages
}

#[expect(clippy::disallowed_methods, reason = "this is what tells tests what to do")]
fn updating() -> bool {
    std::env::var("DP_UPDATE_DOCS").is_ok_and(|value| value == "1")
}

/// Compares a file with what it should be, or writes it.
fn check(path: &str, expected: &str) {
    let file = root().join(path);
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    if found == expected {
        return;
    }
    if updating() {
        std::fs::create_dir_all(file.parent().expect("it is in a folder")).expect("the folder can be made");
        std::fs::write(&file, expected).expect("the file can be written");
        return;
    }
    panic!("{path} is not what the code gives; {}\n{}", how(), difference(&found, expected));
}

fn how() -> &'static str {
    "`DP_UPDATE_DOCS=1 cargo test --release --test docs` writes it"
}

/// Two texts, line by line.
fn difference(before: &str, after: &str) -> String {
    similar::TextDiff::from_lines(before, after).unified_diff().context_radius(2).to_string()
}
