//! A project in a folder of its own that was applied once, and is damaged and repaired case by case.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::tree::Changes;

/// A project, and what its files hold while nothing is damaged.
pub(crate) struct Workplace {
    pub(crate) name: &'static str,
    /// Files that people write, by path.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    folder: TempDir,
}

impl Workplace {
    /// The example of the README.
    pub(crate) fn flights() -> Self {
        Self::copy("flights", "examples/flights", &[])
    }

    /// The project that has every key, with data of its own.
    pub(crate) fn shop() -> Self {
        let orders = "id;customer_id;amount;ordered_at\n1;1;10;2026-11-01 10:00:00\n2;2;NA;2026-11-02 10:00:00\n";
        let score = "import os\nfor name in ['DP_OUTPUT', 'DP_FILE_MODEL']: open(os.environ[name], 'w').write('id;score\\n1;2\\n')\n";
        let split = "cp $DP_INPUT_STAGING_ORDERS $DP_OUTPUT_SMALL; echo '{\"amount\": 1.5}' > $DP_OUTPUT_LARGE\n";
        let more = [("data/orders/1.csv", orders), ("scripts/score.py", score), ("scripts/split.sh", split)];
        Self::copy("shop", "tests/docs/example", &more)
    }

    fn copy(name: &'static str, from: &str, more: &[(&str, &str)]) -> Self {
        let folder = TempDir::with_prefix("dp-damage-").unwrap();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(from);
        let mut files = BTreeMap::new();
        for entry in
            walkdir::WalkDir::new(&from).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file())
        {
            let path = entry.path().strip_prefix(&from).unwrap().to_str().unwrap().to_owned();
            // What runs of the example left there does not belong to it.
            if [".dp/", "warehouse/", "out/"].iter().any(|made| path.starts_with(made)) {
                continue;
            }
            let text = fs::read(entry.path()).unwrap();
            put(&folder.path().join(&path), &text);
            if path.ends_with(".toml") || path.ends_with(".sql") {
                files.insert(path, text);
            }
        }
        for (path, text) in more {
            put(&folder.path().join(path), text.as_bytes());
        }
        let workplace = Self { name, files, folder };
        let output = workplace.command(&["apply", "--auto-approve"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        workplace
    }

    /// Names of the assets.
    pub(crate) fn assets(&self) -> Vec<String> {
        let paths = self.files.keys().filter_map(|path| path.strip_prefix("assets/")?.strip_suffix(".toml"));
        paths.map(|path| path.replace('/', ".")).collect()
    }

    /// `dp` in the project, with nothing of the machine around it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dp"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("NO_COLOR", "1")
            .env("COLUMNS", "80");
        command
    }

    /// Writes and removes files.
    pub(crate) fn change(&self, changes: &Changes) {
        for (path, text) in changes {
            let path = self.folder.path().join(path);
            match text {
                Some(text) => put(&path, text),
                None => fs::remove_file(&path).unwrap_or_else(|error| panic!("remove {}: {error}", path.display())),
            }
        }
    }

    /// Puts everything back as it was.
    pub(crate) fn repair(&self, changes: &Changes) {
        for path in changes.keys().filter(|path| !self.files.contains_key(*path)) {
            let path = self.folder.path().join(path);
            if path.is_file() {
                fs::remove_file(&path).unwrap();
            }
            // Folders that were made for it, and are no part of the project.
            let mut folder = path.parent().unwrap();
            while fs::remove_dir(folder).is_ok() {
                folder = folder.parent().unwrap();
            }
        }
        for path in changes.keys() {
            if let Some(text) = self.files.get(path) {
                put(&self.folder.path().join(path), text);
            }
        }
    }
}

fn put(path: &Path, text: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
