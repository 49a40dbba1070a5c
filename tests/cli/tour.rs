//! A walk through every command, for tests of what all of them have in common.

use std::collections::BTreeSet;
use std::fs;

use crate::sandbox::Sandbox;

/// One call of a command on the way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop<'a> {
    /// Its words: `state list`.
    pub(crate) command: &'a str,
    /// What else it is given.
    pub(crate) arguments: &'a [&'a str],
    /// How it ends.
    pub(crate) code: i32,
}

impl Stop<'_> {
    /// The words of the command line.
    pub(crate) fn words(&self) -> Vec<&str> {
        self.command.split(' ').chain(self.arguments.iter().copied()).collect()
    }
}

/// What is done at each stop; it has to call the command, since later ones stand on it.
pub(crate) type Visit<'a> = dyn FnMut(&Sandbox, Stop<'_>) + 'a;

/// Every command of the program that does something, as its words.
pub(crate) fn commands() -> BTreeSet<String> {
    fn collect(command: &clap::Command, words: &str, found: &mut BTreeSet<String>) {
        let mut is_leaf = true;
        for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
            is_leaf = false;
            collect(verb, format!("{words} {}", verb.get_name()).trim_start(), found);
        }
        if is_leaf {
            found.insert(words.to_owned());
        }
    }
    let mut found = BTreeSet::new();
    collect(&dp::cli::command(), "", &mut found);
    found
}

/// Goes through all commands, with results of every kind that they have.
pub(crate) fn tour(visit: &mut Visit<'_>) {
    let mut called = BTreeSet::new();
    let mut go = |sandbox: &Sandbox, command: &str, arguments: &[&str], code: i32| {
        called.insert(command.to_owned());
        visit(
            sandbox,
            Stop {
                command,
                arguments,
                code,
            },
        );
    };
    let others = Sandbox::bare().file("a.csv", "id\n1\n").file("../b.csv", "id\n1\n");
    go(&others, "init", &["--from-csv", "a.csv", "../b.csv"], 0);
    go(&Sandbox::bare(), "init", &[], 0);
    let sandbox = shop();
    nothing_yet(&mut |command, arguments| go(&sandbox, command, arguments, 0));
    go(&sandbox, "plan", &["--all", "--explain"], 0);
    go(&sandbox, "apply", &["--auto-approve"], 0);
    go(&sandbox, "apply", &["--auto-approve"], 0);
    what_is_there(&mut |command, arguments| go(&sandbox, command, arguments, 0));
    environments(&sandbox, &mut |command, arguments, code| go(&sandbox, command, arguments, code));
    what_changes(&sandbox, &mut |command, arguments, code| go(&sandbox, command, arguments, code));
    the_record(&sandbox, &mut |command, arguments, code| go(&sandbox, command, arguments, code));
    go(&sandbox, "destroy", &["--auto-approve"], 0);
    go(&sandbox, "events", &[], 0);
    assert_eq!(called, commands(), "a command is not on the tour, or is on it and does not exist");
}

/// A name as long as one may be.
pub(crate) const LONG: &str = "a_schema_with_a_name_that_is_as_long_as_any_name_of_one_may_be_.an_asset_with_a_name_that_is_as_long_as_any_name_of_one_may_be_";

/// A shop with all kinds of assets, two environments, checks that fail, and an export.
fn shop() -> Sandbox {
    Sandbox::shop()
        .file(
            "dp.toml",
            "[project]\nname = \"shop\"\n\n[vars]\nsmallest = 1\n\n[environments.dev.vars]\nsmallest = 2\n",
        )
        .sql("marts.recent", "select *, ${var.smallest} as smallest from staging.orders")
        .asset(
            "marts.checked",
            "
            kind = \"sql\"
            owner = \"sales\"
            tags = [\"daily\"]
            description = \"Checked\"
            materialize = { file = \"out/checked.csv\", format = \"csv\" }
            sql = \"select id, amount from staging.orders\"

            [columns.id]
            checks = [\"unique\"]

            [[checks]]
            name = \"small\"
            sql = \"select * from ${this} where amount > 20\"
            severity = \"warn\"
            ",
        )
        .asset(
            "marts.seen",
            "kind = \"sql\"\nmaterialize = \"view\"\nsql = \"select count(*) as n from staging.orders\"\n",
        )
        .asset(
            LONG,
            "
            kind = \"sql\"
            owner = \"the department of those who own what nobody else in the house would like to own\"
            description = \"What it is for can't be said in a few words, and so it is said in a great many of them\"
            sql = \"select id, customer as customer_who_has_ordered_something_at_some_time from raw.orders\"

            [columns.id]
            checks = [\"not_null\", \"unique\"]
            ",
        )
        .asset(
            "ml.scores",
            "
            kind = \"command\"

            [command]
            run = [\"/bin/sh\", \"scripts/score.sh\"]
            files = [\"scripts/score.sh\"]
            inputs = [\"staging.orders\"]

            [output]
            format = \"csv\"

            [[files]]
            name = \"model\"
            path = \"out/model.txt\"
            ",
        )
        .file("notes.txt", "note\n")
        .file(
            "scripts/score.sh",
            "
            read line < notes.txt
            echo a > \"$DP_OUTPUT\"
            echo 1 >> \"$DP_OUTPUT\"
            echo m > \"$DP_FILE_MODEL\"
            ",
        )
}

fn nothing_yet(go: &mut dyn FnMut(&str, &[&str])) {
    go("validate", &[]);
    go("status", &[]);
    go("history", &[]);
    go("effects", &[]);
    go("state list", &[]);
    go("env list", &[]);
    go("show", &["marts.checked"]);
    go("why", &["marts.checked"]);
    go("lineage", &[]);
    go("events", &[]);
}

fn what_is_there(go: &mut dyn FnMut(&str, &[&str])) {
    go("plan", &[]);
    go("status", &[]);
    go("history", &[]);
    go("show", &["r1"]);
    go("show", &["marts.checked", "--sql"]);
    for asset in ["raw.orders", "marts.checked", "marts.seen", "ml.scores", LONG] {
        go("show", &[asset]);
        go("state show", &[asset]);
        go("why", &[asset]);
        go("why", &[asset, "--run", "r1"]);
        go("effects", &[asset]);
    }
    go("effects", &["--all"]);
    go("effects", &["--rules"]);
    go("lineage", &["--columns"]);
    go("lineage", &["--run", "r1"]);
    go("lineage", &["marts.revenue.revenue"]);
    go("check", &[]);
    go("check", &["--deep"]);
    go("state list", &[]);
    go("fmt", &[]);
    go("man", &["--out", "man"]);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        go("completions", &[shell]);
    }
    go("schema", &["asset"]);
    go("schema", &["project"]);
    go("query", &["select 1 as a, 'x' as b"]);
    go("query", &["select id, repeat('long ', 60) as words, repeat('x', 200) as word from raw.orders"]);
}

fn environments(sandbox: &Sandbox, go: &mut dyn FnMut(&str, &[&str], i32)) {
    go("apply", &["--auto-approve", "--env", "dev"], 0);
    go("env diff", &["prod", "dev", "--all"], 0);
    go("env list", &[], 0);
    sandbox.edit("assets/marts/revenue.toml", "sum(amount)", "2 * sum(amount)");
    go("apply", &["--auto-approve", "--env", "dev"], 0);
    go("env diff", &["prod", "dev"], 0);
    go("env promote", &["dev", "--auto-approve", "marts.revenue"], 0);
    go("env delete", &["dev", "--auto-approve"], 0);
}

fn what_changes(sandbox: &Sandbox, go: &mut dyn FnMut(&str, &[&str], i32)) {
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox.edit("assets/marts/seen.toml", "n from", "m from");
    go("plan", &["--all", "--out", "x.plan"], 0);
    go("show", &["x.plan"], 0);
    go("why", &["marts.revenue"], 0);
    go("apply", &["x.plan"], 0);
    fs::write(sandbox.path("out/model.txt"), "changed by hand\n").expect("the export");
    go("plan", &[], 0);
    go("status", &[], 0);
    go("rollback", &["--auto-approve"], 0);
    go("plan", &[], 0);
    // A step and a check that fail.
    sandbox.edit("assets/marts/checked.toml", "severity = \"warn\"", "severity = \"error\"");
    sandbox.edit("assets/marts/recent.toml", "select *", "select error('no') as x, *");
    go("apply", &["--auto-approve", "--resume"], 3);
    go("show", &["r7"], 0);
    sandbox.edit("assets/marts/recent.toml", "select error('no') as x, *", "select *");
    sandbox.edit("assets/marts/checked.toml", "severity = \"error\"", "severity = \"warn\"");
    go("apply", &["--auto-approve", "--resume"], 0);
    go("gc", &["--dry-run"], 0);
    go("gc", &["--auto-approve"], 0);
}

fn the_record(sandbox: &Sandbox, go: &mut dyn FnMut(&str, &[&str], i32)) {
    let stored = sandbox.path(&sandbox.stored("staging.orders"));
    let sql = "select 1::bigint as id, 'x' as customer, 50::bigint as amount";
    let other = sandbox.command(["query", sql, "--format", "parquet"]).output().expect("dp runs").stdout;
    let mut mode = fs::metadata(&stored).expect("the version").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o644);
    fs::set_permissions(&stored, mode).expect("a mode");
    fs::write(&stored, other).expect("the version");
    go("check", &["--deep"], 3);
    go("state accept", &["staging.orders", "--reason", "by hand"], 0);
    go("state show", &["staging.orders"], 0);
    sandbox.write("out/adopted.csv", "a\n1\n");
    sandbox.write(
        "assets/marts/adopted.toml",
        "kind = \"sql\"\nmaterialize = { file = \"out/adopted.csv\", format = \"csv\" }\nsql = \"select 1::bigint as a\"\n",
    );
    go("state adopt", &["marts.adopted", "--reason", "it was here"], 0);
    fs::rename(sandbox.path("assets/marts/recent.toml"), sandbox.path("assets/marts/latest.toml")).expect("a file");
    go("state mv", &["marts.recent", "marts.latest", "--reason", "a better name"], 0);
    go("state rm", &["marts.latest", "--reason", "not ours"], 0);
    go("state backup", &["record.db"], 0);
    go("state restore", &["record.db", "--auto-approve", "--reason", "back"], 0);
    go("state unlock", &[], 0);
}
