//! The layers of the crate hold: who may name whom, and that the table below is whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each module of lib.rs with the modules that it may name, from the surface down: a module names only modules of later
/// rows. An entry that no longer occurs is an error too, so the table says how things are.
const LAYERS: &[(&str, &str)] = &[
    // Surface.
    (
        "cli",
        "base effects engine facts graph ledger model observe ops plan process project publish report run seam sql ui view",
    ),
    ("ui", "view"),
    (
        "ops",
        "analyze base cache definition engine facts graph ledger model observe plan project publish report run seam sql",
    ),
    ("view", "base model plan report run seam sql"),
    ("report", "model"),
    // Effects.
    ("run", "base effects facts ledger model observe plan process project publish seam sql storage"),
    ("analyze", "base definition facts graph intake model observe project seam sql"),
    ("observe", "base effects model project seam"),
    // What can be replaced; none of these names another.
    ("engine", "base definition intake model seam sql"),
    ("storage", "base model"),
    ("publish", "base model seam"),
    ("ledger", "base definition model seam sql"),
    ("cache", "base model"),
    // Decisions: functions of values. `project` reads files, and nothing else here does.
    ("plan", "base definition effects facts graph model project seam sql"),
    ("effects", "base model process project"),
    ("facts", "base definition graph model project sql"),
    ("seam", "base definition intake model sql"),
    ("graph", "base model project"),
    ("project", "base model sql"),
    ("intake", "base model sql"),
    ("sql", "base model"),
    ("definition", "model"),
    // What everything may name.
    ("base", "model"),
    ("process", ""),
    ("model", ""),
];

/// Words that may stand in few places only: the word, and the files or folders of `src` where it may.
const KEPT_APART: &[(&str, &[&str])] = &[
    ("duckdb::", &["engine/duckdb/", "ops/open.rs"]),
    // The engine's JSON: its functions, and the names in it.
    ("json_serialize", &["engine/duckdb/"]),
    ("query_location", &["engine/duckdb/"]),
    ("\"LOGICAL_", &["engine/duckdb/"]),
    ("\"BOUND_", &["engine/duckdb/"]),
    ("\"SELECT_NODE", &["engine/duckdb/"]),
    ("rusqlite", &["ledger/sqlite/", "cache/"]),
    ("println!", &[]),
    ("print!", &[]),
    ("stdout()", &["ui.rs"]),
    // A fault that a test asked for says that it is reached.
    ("stderr()", &["base/fault.rs", "ui.rs"]),
    // The lock is an open file of the standard library; everything else goes through fs.rs.
    ("std::fs", &["base/fs.rs", "base/fs/", "ledger/sqlite/lock.rs"]),
    ("WalkDir", &["base/fs.rs"]),
    (".exists()", &["base/fs.rs", "base/fs/"]),
    // What a walk of fs.rs comes to is asked what it is.
    (".is_file()", &["base/fs.rs", "base/fs/", "observe/glob.rs", "project/load.rs"]),
    (".is_dir()", &["base/fs.rs", "base/fs/"]),
    (".metadata()", &["base/fs.rs", "base/fs/", "ledger/sqlite/lock.rs"]),
    ("std::env::", &["main.rs"]),
    ("SystemTime", &["base/fs.rs"]),
    ("Timestamp::now", &["base/clock.rs"]),
    ("tokio", &["run/", "cli/apply.rs"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.expect("the repository can be read");
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|extension| extension == "rs") {
            found.push(entry.into_path());
        }
    }
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("sources are UTF-8")
}

/// The code of each file in `src`, by its path there: without comments, and without tests, which may name anything.
fn sources() -> BTreeMap<String, String> {
    let folder = root().join("src");
    let mut sources = BTreeMap::new();
    for path in files(&folder) {
        let name = path.strip_prefix(&folder).expect("it was found there").to_string_lossy().into_owned();
        if name.ends_with("tests.rs") {
            continue;
        }
        let text = read(&path);
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        sources.insert(name, lines.collect::<Vec<_>>().join("\n"));
    }
    sources
}

fn module(file: &str) -> &str {
    file.split('/').next().expect("a text has a first part").trim_end_matches(".rs")
}

/// The modules of this crate that a text names: `crate::x` and `crate::{x::.., y}`.
fn named(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let word =
        |text: &str| text.chars().take_while(|char| char.is_ascii_lowercase() || *char == '_').collect::<String>();
    for after in code.split("crate::").skip(1) {
        let Some(group) = after.strip_prefix('{') else {
            names.insert(word(after));
            continue;
        };
        let mut depth = 0;
        let mut begins = true;
        for (index, char) in group.char_indices() {
            match char {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                char if begins && !char.is_whitespace() => {
                    names.insert(word(&group[index..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    names.remove("");
    names
}

#[test]
fn modules_name_only_what_is_below_them() {
    let table: BTreeMap<&str, BTreeSet<&str>> =
        LAYERS.iter().map(|(module, below)| (*module, below.split_whitespace().collect())).collect();
    let mut problems = Vec::new();
    let mut used: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (file, code) in sources() {
        let Some((module, allowed)) = table.get_key_value(module(&file)) else {
            continue;
        };
        for name in named(&code) {
            if table.contains_key(name.as_str()) && name != *module && !allowed.contains(name.as_str()) {
                problems.push(format!("src/{file} names crate::{name}, which `{module}` may not"));
            }
            used.entry(module).or_default().insert(name);
        }
    }
    for (module, allowed) in &table {
        let used = used.get(module);
        for name in allowed.iter().filter(|name| !used.is_some_and(|used| used.contains(**name))) {
            problems.push(format!("`{module}` no longer names `{name}`: take it out of the table"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_table_has_no_cycle() {
    let rows: Vec<&str> = LAYERS.iter().map(|(module, _)| *module).collect();
    for (row, (module, below)) in LAYERS.iter().enumerate() {
        for name in below.split_whitespace() {
            let place = rows.iter().position(|module| *module == name);
            assert!(place.is_some_and(|place| place > row), "`{module}` may name `{name}`, which is not below it");
        }
    }
}

#[test]
fn every_module_is_in_the_table() {
    let library = read(&root().join("src/lib.rs"));
    let declared: BTreeSet<_> = library
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    let table: BTreeSet<_> = LAYERS.iter().map(|(module, _)| *module).collect();
    assert_eq!(declared, table);
    for module in declared {
        assert!(library.contains(&format!("[`{module}`]")), "`{module}` is not on the map in src/lib.rs");
    }
}

#[test]
fn what_is_kept_apart_stays_in_its_place() {
    let mut problems = Vec::new();
    for (file, code) in sources() {
        for (word, places) in KEPT_APART {
            if places.iter().any(|place| file.starts_with(place)) {
                continue;
            }
            for (index, _) in code.match_indices(word) {
                let before = &code[..index];
                // A longer word, or a module of this crate that has the same name.
                let part =
                    !word.starts_with('.') && before.ends_with(|char: char| char.is_alphanumeric() || char == '_');
                let own = ["crate::engine::", "super::", "engine::"].iter().any(|own| before.ends_with(own));
                if !part && !own {
                    problems.push(format!("src/{file} says `{word}`, which belongs to {}", places.join(", ")));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Modules that handle what an engine reports, and know it only as values with types.
const TYPED: [&str; 6] = ["sql", "analyze", "facts", "graph", "definition", "seam/engine.rs"];

#[test]
fn what_an_engine_reports_has_a_type() {
    for (file, code) in sources() {
        let is_typed = TYPED.iter().any(|module| file == *module || file.starts_with(&format!("{module}/")));
        let is_untyped = ["serde_json::Value", "serde_json::{", "serde_json::json", "serde_json::Map"];
        if let Some(word) = is_untyped.iter().find(|word| is_typed && code.contains(**word)) {
            panic!("src/{file} says `{word}`: an implementation of the engine has to convert its JSON");
        }
    }
}

#[test]
fn the_binary_is_nothing_but_a_door() {
    let code = &sources()["main.rs"];
    assert!(code.lines().count() < 40, "src/main.rs grows");
    let names: BTreeSet<_> =
        code.split("dp::").skip(1).map(|after| after.split("::").next().unwrap_or_default()).collect();
    assert_eq!(names, BTreeSet::from(["cli"]));
}

#[test]
fn every_file_of_a_test_binary_is_declared() {
    for binary in std::fs::read_dir(root().join("tests")).expect("the repository can be read") {
        let folder = binary.expect("the repository can be read").path();
        let declared = folder.join("main.rs");
        assert!(declared.is_file(), "{} has no main.rs, so cargo does not see it", folder.display());
        let whole: String = files(&folder).iter().map(|file| read(file)).collect();
        for file in files(&folder) {
            let relative = file.strip_prefix(&folder).expect("it was found there");
            let stem = file.file_stem().expect("a file has a name").to_string_lossy();
            let name = if stem == "mod" {
                relative.parent().and_then(Path::file_name).expect("a module has a folder").to_string_lossy()
            } else {
                stem
            };
            let is_declared = name == "main" || whole.contains(&format!("mod {name};"));
            assert!(is_declared, "{} is nowhere declared with `mod {name};`", file.display());
        }
    }
}
