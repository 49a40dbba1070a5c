//! What dp is at when it is disturbed. The number in every table is the generation of the data, so that two tables of
//! different sets are told apart.

use std::path::Path;
use std::process::Command;

use crate::sandbox::Sandbox;

/// A project at some point of its life, and the command that is disturbed.
pub(crate) struct Story {
    pub(crate) name: &'static str,
    pub(crate) environment: &'static str,
    pub(crate) command: &'static [&'static str],
    /// What is published before; nothing at 0.
    pub(crate) old: u32,
    /// What is published once the command was done.
    pub(crate) new: u32,
    pub(crate) prepare: fn(&Sandbox),
}

pub(crate) const APPLY: &[&str] = &["apply", "--auto-approve"];

pub(crate) const ALL: &[Story] = &[
    Story {
        name: "everything changes",
        environment: "prod",
        command: APPLY,
        old: 1,
        new: 2,
        prepare: |sandbox| {
            applied(sandbox, 1, "prod");
            generation(sandbox, 2);
        },
    },
    Story {
        name: "the first apply",
        environment: "prod",
        command: APPLY,
        old: 0,
        new: 1,
        prepare: |sandbox| generation(sandbox, 1),
    },
    Story {
        name: "a run is gone that had published",
        environment: "prod",
        command: APPLY,
        old: 1,
        new: 2,
        prepare: |sandbox| {
            applied(sandbox, 1, "prod");
            generation(sandbox, 2);
            gone_at(sandbox, "after-pointers:1:abort");
        },
    },
    Story {
        name: "a run is gone that had built",
        environment: "prod",
        command: APPLY,
        old: 1,
        new: 2,
        prepare: |sandbox| {
            applied(sandbox, 1, "prod");
            generation(sandbox, 2);
            gone_at(sandbox, "after-version:2:abort");
        },
    },
    Story {
        name: "what is wanted again is damaged",
        environment: "prod",
        command: APPLY,
        old: 2,
        new: 1,
        prepare: |sandbox| {
            applied(sandbox, 1, "prod");
            let stored = sandbox.path(&sandbox.stored("staging.orders"));
            applied(sandbox, 2, "prod");
            std::fs::remove_file(&stored).expect("the file of a version");
            std::fs::write(&stored, "no Parquet").expect("another file");
            generation(sandbox, 1);
        },
    },
    Story {
        name: "another environment",
        environment: "dev",
        command: APPLY,
        old: 1,
        new: 2,
        prepare: |sandbox| {
            applied(sandbox, 1, "dev");
            generation(sandbox, 2);
        },
    },
    Story {
        name: "a link is gone",
        environment: "prod",
        command: APPLY,
        old: 1,
        new: 1,
        prepare: |sandbox| {
            applied(sandbox, 1, "prod");
            sandbox.remove("warehouse/prod");
        },
    },
    Story {
        name: "what nobody needs is freed",
        environment: "prod",
        command: &["gc", "--auto-approve"],
        old: 3,
        new: 3,
        prepare: |sandbox| {
            let project = sandbox.read("dp.toml");
            sandbox.write("dp.toml", &format!("{project}\n[state]\nkeep_runs = 1\nkeep_for = \"1h\"\n"));
            applied(sandbox, 2, "prod");
            applied(sandbox, 3, "prod");
        },
    },
];

impl Story {
    /// A sandbox at the beginning of the story, and a copy of it to go back to.
    pub(crate) fn begin(&self) -> Sandbox {
        let mut sandbox = project();
        (self.prepare)(&sandbox);
        // Much later, so that what was withdrawn is old.
        sandbox.now("2040-01-01T00:00:00Z");
        copy(&sandbox.root(), &beginning(&sandbox));
        sandbox
    }

    /// The command that is disturbed.
    pub(crate) fn arguments(&self) -> Vec<&str> {
        [self.command, &["--env", self.environment]].concat()
    }
}

/// Puts the project back to where the story begins: in the same folder, so that nothing was moved.
pub(crate) fn back(sandbox: &Sandbox) {
    std::fs::remove_dir_all(sandbox.root()).expect("the project can be removed");
    copy(&beginning(sandbox), &sandbox.root());
}

fn beginning(sandbox: &Sandbox) -> std::path::PathBuf {
    sandbox.root().with_file_name("beginning")
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp is there");
    assert!(status.success(), "the project can be copied");
}

/// A source, a table, a view, an export, and a table with an export that only the first generation has.
pub(crate) fn project() -> Sandbox {
    Sandbox::new()
        .file("dp.toml", "[project]\nname = \"shop\"\n\n[environments.dev]\n")
        .source("raw.orders", "data/orders.csv")
        .sql("staging.orders", "select id, generation from raw.orders")
        .asset(
            "marts.live",
            "kind = \"sql\"\nmaterialize = \"view\"\nsql = \"select id, generation from staging.orders\"\n",
        )
        .asset(
            "marts.report",
            "
            kind = \"sql\"
            materialize = { file = \"out/report.csv\" }
            sql = \"select generation, count(*) as orders from staging.orders group by generation\"

            [[checks]]
            row_count = { min = 1, max = 1 }
            ",
        )
}

/// Edits the project so that an apply publishes this generation.
pub(crate) fn generation(sandbox: &Sandbox, number: u32) {
    sandbox.write("data/orders.csv", &format!("id,generation\n1,{number}\n2,{number}\n"));
    let old = "assets/marts/old.toml";
    if number == 1 {
        let sql = "select generation, 'old' as kind from staging.orders";
        sandbox.write(old, &format!("kind = \"sql\"\nmaterialize = {{ file = \"out/old.csv\" }}\nsql = \"{sql}\"\n"));
    } else if sandbox.path(old).exists() {
        sandbox.remove(old);
    }
}

pub(crate) fn applied(sandbox: &Sandbox, number: u32, environment: &str) {
    generation(sandbox, number);
    drop(sandbox.dp(["apply", "--auto-approve", "--env", environment]).success());
}

fn gone_at(sandbox: &Sandbox, fault: &str) {
    let output = sandbox.command(["apply", "--auto-approve"]).env("__DP_TEST_FAULT", fault).output().expect("dp runs");
    assert_eq!(output.status.code(), None, "dp is gone at {fault}");
}
