//! `dp` from its command line: words, exit codes, files and the record.
//!
//! Each test has a project of its own and needs no other test, network or time to pass. `dp` here is the program, not
//! the library: what decides is tested there.

mod apply;
mod backup;
mod catalogue;
mod check;
mod checks;
mod clients;
mod collation;
mod commands;
mod completions;
mod concurrent;
mod crafted;
mod drift;
mod effects;
mod env;
mod errors;
mod estimate;
mod events;
mod explain;
mod exports;
mod fmt;
mod foreign;
mod freshness;
mod gc;
mod hostile;
mod init;
mod integrity;
mod json;
mod killed;
mod limits;
mod lineage;
mod many;
mod mistakes;
mod moves;
mod names;
mod page;
mod paused;
mod places;
mod plan;
mod private;
mod prompt;
mod propagation;
mod pty;
mod query;
mod readers;
mod reading;
mod record;
mod repair;
mod rollback;
mod rowid;
mod sandbox;
mod schema;
mod secrets;
mod settings;
mod signals;
mod state;
mod status;
mod stored;
mod terminal;
mod together;
mod tour;
mod trace;
mod unmoved;
mod unusual;
mod upgrade;
mod watched;
mod why;
mod words;
mod zones;

use std::fs;
use std::path::Path;

#[test]
fn every_file_here_is_a_module() {
    let folder = Path::new(file!()).parent().expect("this file's folder");
    let folder =
        if folder.is_absolute() { folder.to_owned() } else { Path::new(env!("CARGO_MANIFEST_DIR")).join(folder) };
    let declared = fs::read_to_string(folder.join("main.rs")).expect("this file");
    for entry in fs::read_dir(&folder).expect("this file's folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name in UTF-8").to_owned();
        if name != "main" && !name.starts_with('.') {
            assert!(declared.contains(&format!("\nmod {name};\n")), "{} is not declared in main.rs", path.display());
        }
    }
}
