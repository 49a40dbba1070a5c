//! A newer dp builds nothing again: `upgrade/` is a project with a state and stored files that an older dp wrote.
//!
//! Rewrite it only if the engine's version changes, which changes every key: apply the project, write the tables of
//! `.dp/state.db` to `dp/state.sql` with its `application_id` and `user_version`, and copy `.dp/store`.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::sandbox::Sandbox;

/// The project as the older dp left it.
fn older() -> Sandbox {
    let sandbox = Sandbox::bare();
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/upgrade");
    for entry in walkdir::WalkDir::new(&written) {
        let entry = entry.expect("the repository can be read");
        let path = entry.path().strip_prefix(&written).expect("it was found there");
        let target = match path.strip_prefix("dp") {
            Ok(own) => sandbox.path(".dp").join(own),
            Err(_) => sandbox.root().join(path),
        };
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).expect("a folder of the project");
        } else {
            fs::copy(entry.path(), target).expect("a file of the project");
        }
    }
    let state = fs::read_to_string(sandbox.path(".dp/state.sql")).expect("the state as text");
    sandbox.remove(".dp/state.sql");
    Connection::open(sandbox.path(".dp/state.db")).expect("a new state").execute_batch(&state).expect("the tables");
    sandbox
}

#[test]
fn what_an_older_dp_built_stays() {
    let sandbox = older();
    let plan = sandbox.dp(["plan", "--json"]).success().json();
    assert_eq!(plan["actions"], serde_json::json!([]), "{plan}");
    assert_eq!(plan["summary"]["unchanged"], 8, "{plan}");
}

#[test]
fn an_edit_of_what_an_older_dp_built_is_named() {
    let sandbox = older();
    sandbox.edit("assets/marts/customers.toml", "count(*) > 0", "count(*) > 1");
    let plan = sandbox.plan();
    assert!(plan.contains("sql changed: HAVING"), "{plan}");
}
