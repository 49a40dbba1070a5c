//! The site: `docs/SUMMARY.md` has every page, and what stands in `docs` needs nothing outside of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{check, files, pages, read, root};

/// The parts of the book: a heading, the page that lists the others, and its folder.
const PARTS: [(&str, &str); 4] =
    [("Guide", "guide"), ("Concepts", "concepts"), ("Reference", "reference"), ("Design", "design")];
/// Pages that stand in no folder, in order.
const SINGLE: [&str; 6] =
    ["compared.md", "lineage.md", "reliability.md", "security.md", "performance.md", "contributing.md"];

/// The heading of a page.
fn title(path: &Path) -> String {
    let text = read(path);
    let heading = text.lines().find_map(|line| line.strip_prefix("# "));
    heading.unwrap_or_else(|| panic!("{} has no heading", path.display())).to_owned()
}

/// The pages of a folder, in the order in which its first page names them, then the others.
fn pages_of(folder: &str) -> Vec<PathBuf> {
    let index = read(format!("docs/{folder}/README.md"));
    let place = |page: &PathBuf| {
        let name = page.file_name().expect("a page has a name").to_string_lossy().into_owned();
        (index.find(&format!("]({name}")).unwrap_or(usize::MAX), name)
    };
    let mut pages = files(&format!("docs/{folder}"), "md");
    pages.retain(|page| !page.ends_with("README.md"));
    pages.sort_by_key(place);
    pages
}

#[test]
fn the_contents_of_the_book() {
    let mut summary = format!("# Summary\n\n[{}](README.md)\n", title(Path::new("docs/README.md")));
    let mut listed = BTreeSet::from([PathBuf::from("docs/README.md"), PathBuf::from("docs/SUMMARY.md")]);
    let mut line = |summary: &mut String, indent: &str, page: &Path| {
        let inside = page.strip_prefix("docs").expect("a page of the book");
        let _ = writeln!(summary, "{indent}- [{}]({})", title(page), inside.display());
        listed.insert(page.to_owned());
    };
    for (heading, folder) in PARTS {
        let _ = writeln!(summary, "\n# {heading}\n");
        line(&mut summary, "", &PathBuf::from(format!("docs/{folder}/README.md")));
        for page in pages_of(folder) {
            line(&mut summary, "", &page);
        }
    }
    summary.push_str("\n# More\n\n");
    for page in SINGLE {
        line(&mut summary, "", &Path::new("docs").join(page));
    }
    let missing: Vec<_> = files("docs", "md").into_iter().filter(|page| !listed.contains(page)).collect();
    assert!(missing.is_empty(), "not in the book: {missing:?}");
    check("docs/SUMMARY.md", &summary);
}

#[test]
fn the_book_leads_nowhere_outside() {
    let docs = root().join("docs");
    for page in pages().iter().filter(|page| page.starts_with("docs")) {
        let folder = page.parent().expect("a page is in a folder");
        for link in read(page).split("](").skip(1).filter_map(|after| after.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if link.starts_with("http") || link.contains(' ') || path.is_empty() {
                continue;
            }
            let target = root().join(folder).join(path).canonicalize();
            let target = target.unwrap_or_else(|error| panic!("{}: {link}: {error}", page.display()));
            assert!(target.starts_with(&docs), "{}: {link} leads out of docs", page.display());
        }
    }
}

#[test]
fn the_book_is_built_of_what_is_here() {
    let book: toml::Value = toml::from_str(&read("docs/book.toml")).expect("docs/book.toml is TOML");
    assert_eq!(book["book"]["src"].as_str(), Some("."), "the pages lie beside it");
    assert_eq!(
        book["build"]["build-dir"].as_str(),
        Some("../target/book"),
        "what is built is not part of the repository"
    );
}

#[test]
fn what_a_page_calls_a_test_or_a_source_is_there() {
    let mut missing = Vec::new();
    for page in pages() {
        for word in read(&page).split('`') {
            let is_path = ["tests/", "src/", "benches/"].iter().any(|folder| word.starts_with(folder));
            let is_plain =
                word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) && !word.contains("NNN");
            if is_path && is_plain && !word.contains("NAME") && !root().join(word).exists() {
                missing.push(format!("{}: `{word}`", page.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
