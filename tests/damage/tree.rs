//! Which files are damaged, and damage to the tree of files itself.

use std::collections::BTreeMap;

use crate::chance::Chance;
use crate::workplace::Workplace;
use crate::{bytes, sql, toml};

/// What files hold after the damage; `None` for those that are gone.
pub(crate) type Changes = BTreeMap<String, Option<Vec<u8>>>;

/// Kinds of damage to the tree.
const NAMES: &[&str] = &["remove a file", "copy a file", "move a file", "exchange files"];

const ODD_PATHS: &[&str] = &[
    "assets/x.toml",
    "assets/a b/c.toml",
    "assets/É/x.toml",
    "assets/marts/UPPER.toml",
    "assets/.toml",
    "assets/marts/.hidden.toml",
    "assets/marts/a.b.toml",
    "assets/a/b/c/d.toml",
    "assets/temp/x.toml",
    "assets/marts/-.toml",
    "assets/marts/select.toml",
    "assets/raw/flights.TOML",
    "assets/marts/1.toml",
    "assets/_dp/x.toml",
    "assets/marts/daily.toml/x.toml",
    "assets/marts/\u{1b}[31m.toml",
    "assets/marts/..toml",
    "assets/nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn/x.toml",
];

/// All kinds of damage.
pub(crate) fn all_names() -> impl Iterator<Item = &'static str> {
    [bytes::NAMES, toml::NAMES, sql::NAMES, NAMES].into_iter().flatten().copied()
}

/// Damages one to three files of the project; says in `done` what was done to which.
pub(crate) fn damage(workplace: &Workplace, chance: &mut Chance, done: &mut Vec<String>) -> Changes {
    let mut changes = Changes::new();
    let count = if chance.once_in(3) { 2 + chance.below(2) } else { 1 };
    for _ in 0..count {
        let paths: Vec<&String> = workplace.files.keys().collect();
        let path = (*chance.of(&paths)).clone();
        let before = match changes.get(&path) {
            Some(Some(text)) => text.clone(),
            Some(None) => continue,
            None => workplace.files[&path].clone(),
        };
        if chance.once_in(12) {
            let name = *chance.of(NAMES);
            done.push(format!("{name}: {path}"));
            tree(name, &path, before, workplace, chance, &mut changes);
            continue;
        }
        let (name, after) = text(&path, before, workplace, chance);
        done.push(format!("{name}: {path}"));
        changes.insert(path, Some(after));
    }
    changes
}

fn tree(name: &str, path: &str, text: Vec<u8>, workplace: &Workplace, chance: &mut Chance, changes: &mut Changes) {
    let target = (*chance.of(ODD_PATHS)).to_owned();
    if let Some(file) = workplace.files.keys().find(|file| target.starts_with(&format!("{file}/"))) {
        // There will be a folder of that name.
        changes.insert(file.clone(), None);
    }
    match name {
        "remove a file" => {
            changes.insert(path.to_owned(), None);
        }
        "copy a file" => {
            changes.insert(target, Some(text));
        }
        "move a file" => {
            changes.insert(path.to_owned(), None);
            changes.insert(target, Some(text));
        }
        "exchange files" => {
            let others: Vec<&String> = workplace.files.keys().collect();
            let other = (*chance.of(&others)).clone();
            changes.insert(path.to_owned(), Some(workplace.files[&other].clone()));
            changes.insert(other, Some(text));
        }
        other => unreachable!("`{other}` is no damage"),
    }
}

fn text(path: &str, before: Vec<u8>, workplace: &Workplace, chance: &mut Chance) -> (&'static str, Vec<u8>) {
    let Ok(written) = String::from_utf8(before.clone()) else {
        let name = *chance.of(bytes::NAMES);
        return (name, bytes::damage(name, before, chance));
    };
    let query = query(path, &written);
    match chance.below(if query.is_some() { 3 } else { 2 }) {
        0 => {
            let name = *chance.of(bytes::NAMES);
            (name, bytes::damage(name, before, chance))
        }
        1 if path.ends_with(".toml") => {
            let name = *chance.of(toml::NAMES);
            (name, toml::damage(name, &written, chance).into_bytes())
        }
        _ => {
            let range = query.unwrap_or(0..written.len());
            let name = *chance.of(sql::NAMES);
            let damaged = sql::damage(name, &written[range.clone()], &workplace.assets(), chance);
            (name, format!("{}{damaged}{}", &written[..range.start], &written[range.end..]).into_bytes())
        }
    }
}

/// Where in a file its query is.
fn query(path: &str, text: &str) -> Option<std::ops::Range<usize>> {
    if path.ends_with(".sql") {
        return Some(0..text.len());
    }
    let begin = text.find("sql = \"\"\"\n")? + "sql = \"\"\"\n".len();
    Some(begin..begin + text[begin..].find("\"\"\"")?)
}
