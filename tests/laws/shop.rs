//! A folder with a project in it, and the real binary.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) type Law = Result<(), TestCaseError>;

/// What a command said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) command: String,
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    pub(crate) fn fail(&self, law: &str) -> TestCaseError {
        let Self {
            command,
            exit,
            stdout,
            stderr,
        } = self;
        TestCaseError::fail(format!("{law}\n$ dp {command}\n{stdout}\n--- stderr ---\n{stderr}\n[exit {exit:?}]"))
    }

    /// Anything but this is a failure of the law.
    pub(crate) fn must_exit(self, exit: i32, law: &str) -> Result<Self, TestCaseError> {
        if self.exit == Some(exit) { Ok(self) } else { Err(self.fail(law)) }
    }

    pub(crate) fn json(&self) -> Result<Value, TestCaseError> {
        serde_json::from_str(&self.stdout).map_err(|error| self.fail(&format!("stdout is JSON: {error}")))
    }

    /// What is wrong with the project, sorted; empty if the command was not refused.
    pub(crate) fn errors(&self) -> Result<Vec<Value>, TestCaseError> {
        let errors = self.json()?.get("errors").and_then(Value::as_array).cloned();
        Ok(errors.unwrap_or_default().into_iter().map(without_history).collect())
    }
}

/// An error as a project without a past would have it: what an edit took away was never there.
fn without_history(error: Value) -> Value {
    match error["code"].as_str() {
        Some("dp::plan::removed_column" | "dp::sql::unknown_column") => {
            json!({ "no such column": [error["file"], error["line"], error["column"]] })
        }
        _ => error,
    }
}

pub(crate) struct Shop {
    folder: TempDir,
    files: BTreeMap<String, String>,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            files: BTreeMap::new(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes the files what they are to be, and leaves alone what is so already.
    pub(crate) fn write<'a>(&mut self, files: &BTreeMap<String, String>, order: impl Iterator<Item = &'a String>) {
        for path in self.files.keys().filter(|path| !files.contains_key(*path)) {
            fs::remove_file(self.path().join(path)).unwrap();
        }
        for path in order.filter(|path| self.files.get(*path) != files.get(*path)) {
            let file = self.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, &files[path]).unwrap();
        }
        self.files.clone_from(files);
    }

    pub(crate) fn dp(&self, args: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dp"));
        command.args(args).current_dir(self.path()).env_clear().env("NO_COLOR", "1").env("COLUMNS", "100");
        command.env("HOME", self.path());
        let output = command.output().unwrap();
        let clean = |bytes: Vec<u8>| {
            String::from_utf8(bytes).unwrap().replace(&*self.path().canonicalize().unwrap().to_string_lossy(), "$DIR")
        };
        Said {
            command: args.join(" "),
            exit: output.status.code(),
            stdout: clean(output.stdout),
            stderr: clean(output.stderr),
        }
    }

    pub(crate) fn apply(&self) -> Said {
        self.dp(&["apply", "--auto-approve"])
    }

    /// Takes away every stored version of an asset.
    pub(crate) fn damage(&self, asset: &str) {
        let folder = self.path().join(".dp/store").join(asset);
        if folder.exists() {
            fs::remove_dir_all(folder).unwrap();
        }
    }

    /// Name and type of every published column, and every row, as text; and the files that other tools see. For a view that
    /// fails over the rows that there are, the error stands in their place: it has to be the same elsewhere.
    pub(crate) fn contents(&self, names: &[String]) -> Result<String, TestCaseError> {
        let types = "select 'type' as what, schema_name || '.' || table_name as asset, \
                     lpad(column_index::varchar, 4, '0') as at, column_name as a, data_type as b \
                     from duckdb_columns() where not internal";
        let rows = |name: &String| {
            format!("select 'row', '{name}', '', _row_::varchar, to_json(_row_)::varchar from {name} as _row_")
        };
        let ask = |sql: &str| self.dp(&["query", "--format", "csv", sql]);
        let union = names.iter().map(|name| format!("union all {}", rows(name))).collect::<Vec<_>>().join("\n");
        let said = ask(&format!("{types} {union} order by all"));
        let mut files = if said.exit == Some(1) {
            let mut parts = ask(types).must_exit(0, "what is published can be listed")?.stdout;
            for name in names {
                let one = ask(&format!("{} order by all", rows(name)));
                parts.push_str(if one.exit == Some(1) { &one.stderr } else { &one.stdout });
            }
            parts
        } else {
            said.must_exit(0, "what is published can be queried")?.stdout
        };
        let published = self.path().join("warehouse/prod");
        for folder in sorted(&published).iter().filter(|folder| published.join(folder).is_dir()) {
            for file in sorted(&published.join(folder)) {
                files.extend([&**folder, "/", &file, "\n"]);
            }
        }
        Ok(files)
    }

    /// All published tables that other tools see.
    pub(crate) fn published(&self) -> Vec<String> {
        let sql =
            "select distinct schema_name || '.' || table_name from duckdb_columns() where not internal order by 1";
        let said = self.dp(&["query", "--format", "csv", sql]);
        said.stdout.lines().skip(1).map(str::to_owned).collect()
    }
}

fn sorted(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
