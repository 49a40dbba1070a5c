//! Links from page to page lead somewhere.

use std::collections::BTreeSet;
use std::path::Path;

use super::{pages, read, root};

/// Headings as the addresses that Markdown makes of them.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(page).unwrap_or_default();
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .chars()
                .filter(|char| char.is_alphanumeric() || " -_".contains(*char))
                .map(|char| if char == ' ' { '-' } else { char.to_ascii_lowercase() })
                .collect()
        })
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let folder = root().join(&page).parent().expect("a page is in a folder").to_owned();
        let text = read(&page);
        for link in text.split("](").skip(1).filter_map(|after| after.split(')').next()) {
            if link.starts_with("http") || link.contains(' ') {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { root().join(&page) } else { folder.join(path) };
            if !target.exists() || (!anchor.is_empty() && !anchors(&target).contains(anchor)) {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_page_can_be_reached() {
    // The contents of the book name every page, and are no way that a reader of the files takes.
    let listed: String = pages().iter().filter(|page| !page.ends_with("SUMMARY.md")).map(read).collect();
    for page in pages() {
        let name = page.file_name().expect("a page has a name").to_string_lossy().into_owned();
        assert!(name == "README.md" || listed.contains(&name), "nothing links to {}", page.display());
    }
}
