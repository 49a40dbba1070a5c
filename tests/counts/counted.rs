//! A project that was applied, and commands in it whose instructions are counted.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::generate::{Pipeline, Shape, toml_file};

/// So late that no file was written just before, and plans believe what they see.
const NOW: &str = "2100-01-01T00:00:00Z";

pub(crate) struct Project {
    folder: tempfile::TempDir,
    pub(crate) pipeline: Pipeline,
}

impl Project {
    /// With this at the end of each query's TOML.
    pub(crate) fn applied(assets: usize, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pipeline = Pipeline {
            assets,
            shape: Shape::Layers,
            rows: 2,
        };
        let project = Self { folder, pipeline };
        pipeline.write(&project.root()).unwrap();
        for query in pipeline.queries() {
            let path = toml_file(&project.root(), &query.full_name());
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, text + more).unwrap();
        }
        project.dp(&["apply", "--auto-approve", "-q"]);
        project
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("shop")
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.root()).env_clear();
        command.envs([("NO_COLOR", "1"), ("COLUMNS", "100"), ("__DP_TEST_NOW", NOW), ("HOME", "/nonexistent")]);
        // Threads that look for work take instructions, more or fewer of them each time.
        command.env("RAYON_NUM_THREADS", "1");
        command
    }

    /// Runs it, which has to go well.
    pub(crate) fn dp(&self, arguments: &[&str]) -> Output {
        ended_well(self.command(Path::new(env!("CARGO_BIN_EXE_dp"))).args(arguments).output().unwrap(), arguments)
    }

    /// How many instructions it takes.
    pub(crate) fn count(&self, arguments: &[&str]) -> u64 {
        self.count_traced(arguments).0
    }

    /// The same with what it told on stderr.
    pub(crate) fn count_traced(&self, arguments: &[&str]) -> (u64, String) {
        let mut command = self.command(Path::new(VALGRIND));
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", env!("CARGO_BIN_EXE_dp")]).args(arguments);
        let output = ended_well(command.output().unwrap(), arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        // "==123== Collected : 456".
        let collected = told.lines().rev().find_map(|line| line.split_once("Collected :"));
        let (_, count) = collected.unwrap_or_else(|| panic!("callgrind did not tell how many: {told}"));
        (count.trim().parse().unwrap(), told)
    }
}

const VALGRIND: &str = "/usr/bin/valgrind";

/// Says loudly, and whatever the test runner captures, why nothing is counted here.
pub(crate) fn can_count() -> bool {
    let why = if !Path::new(VALGRIND).exists() {
        "valgrind is not installed"
    } else if std::env::consts::ARCH != "x86_64" {
        "the figures on record are those of x86_64"
    } else {
        return true;
    };
    // Not `eprintln`: of a test that passes, that is not shown.
    let told = format!("\nSKIPPED: what planning costs is not counted, {why}\n");
    std::io::stderr().write_all(told.as_bytes()).unwrap();
    false
}

fn ended_well(output: Output, arguments: &[&str]) -> Output {
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "dp {}: {}\n{stdout}\n{stderr}", arguments.join(" "), output.status);
    output
}
