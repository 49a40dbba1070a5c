//! A mistake in one asset is in the way of that asset and of what is made from it, and of nothing else.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// `t.a` reads `raw.a`; `t.b` reads `raw.b`, and `t.c` reads `t.b`. Everything is published.
fn two_chains() -> Sandbox {
    let sandbox = Sandbox::new()
        .file("data/a.csv", "id\n1\n")
        .file("data/b.csv", "id\n1\n")
        .source("raw.a", "data/a.csv")
        .source("raw.b", "data/b.csv")
        .sql("t.a", "select id from raw.a")
        .sql("t.b", "select id from raw.b")
        .sql("t.c", "select id from t.b");
    sandbox.apply();
    sandbox
}

/// A way to break `t.b`.
struct Mistake {
    what: &'static str,
    file: &'static str,
    /// What the file has then; `None` if it is gone.
    text: Option<&'static [u8]>,
    /// What is said of it.
    message: &'static str,
}

impl Mistake {
    const fn new(what: &'static str, text: &'static [u8], message: &'static str) -> Self {
        Self {
            what,
            file: "assets/t/b.toml",
            text: Some(text),
            message,
        }
    }

    fn make(&self, sandbox: &Sandbox) {
        match self.text {
            Some(text) => std::fs::write(sandbox.path(self.file), text).expect("the file is written"),
            None => sandbox.remove(self.file),
        }
    }
}

const MISTAKES: [Mistake; 9] = [
    Mistake {
        what: "its source is late",
        file: "data/b.csv",
        text: None,
        message: "`data/b.csv` matches no file",
    },
    Mistake::new("a column", b"kind = 'sql'\nsql = 'select nope from raw.b'\n", "nope"),
    Mistake::new("an upstream", b"kind = 'sql'\nsql = 'select id from raw.x'\n", "unknown upstream `raw.x`"),
    Mistake::new("the grammar of SQL", b"kind = 'sql'\nsql = 'selec id from raw.b'\n", "syntax error"),
    Mistake::new("the grammar of TOML", b"kind 'sql'\nsql = 'select id from raw.b'\n", "invalid TOML"),
    Mistake::new("a key", b"knid = 1\nkind = 'sql'\nsql = 'select id from raw.b'\n", "unknown key `knid`"),
    Mistake::new("its text", b"\xff\n", "is not UTF-8"),
    Mistake::new(
        "a check",
        b"kind = 'sql'\nsql = 'select id from raw.b'\n[[checks]]\nname = 'x'\nsql = 'select nope from ${this}'\n",
        "nope",
    ),
    Mistake::new("a contract", b"kind = 'sql'\nsql = 'select id from raw.b'\n[columns.id]\ntype = 'DATE'\n", "DATE"),
];

/// Commands about `t.a`.
const ABOUT_A: &[&[&str]] = &[
    &["plan", "t.a"],
    &["plan", "+t.a", "--json"],
    &["apply", "t.a", "+t.a", "--auto-approve"],
    &["apply", "+t.a", "-y", "--json"],
    &["check", "t.a"],
    &["show", "t.a"],
    &["why", "t.a"],
    &["lineage", "t.a"],
    &["lineage", "t.a.id", "--up"],
];

#[test]
fn a_mistake_elsewhere_is_a_warning() {
    for mistake in &MISTAKES {
        let (what, message) = (mistake.what, mistake.message);
        let sandbox = two_chains();
        mistake.make(&sandbox);
        sandbox.write("data/a.csv", "id\n1\n2\n");
        for command in ABOUT_A {
            let output = sandbox.dp(*command);
            assert_eq!(output.code, 0, "{what}: {command:?}\n{output}");
        }
        for command in [&["show", "t.a"][..], &["why", "t.a"], &["lineage", "t.a"], &["check", "t.a"], &["plan", "t.a"]]
        {
            sandbox.dp(command).success().says("Warnings").says(message);
            let json = sandbox.dp(command.iter().chain(&["--json"])).success().json();
            let warnings = json["warnings"].as_array().unwrap_or_else(|| panic!("{what}: {command:?}: {json}"));
            assert!(warnings.iter().any(|warning| warning["message"].as_str().unwrap().contains(message)), "{json}");
        }
        for command in
            [&["history"][..], &["status"], &["query", "from t.b"], &["show", "r1"], &["why", "t.b", "--run", "r1"]]
        {
            let output = sandbox.dp(command);
            assert_eq!(output.code, 0, "{what}: {command:?}\n{output}");
        }
        assert_eq!(sandbox.query("from t.a order by all"), "id\n1\n2\n", "{what}");
    }
}

#[test]
fn a_mistake_is_in_the_way_of_what_is_made_from_it_and_of_the_whole() {
    for mistake in &MISTAKES {
        let (what, message) = (mistake.what, mistake.message);
        let sandbox = two_chains();
        mistake.make(&sandbox);
        let before = sandbox.versions();
        let refused: &[&[&str]] = &[
            &["validate"],
            &["plan"],
            &["apply", "-y"],
            &["apply", "-y", "--publish", "passed"],
            &["plan", "t.b"],
            &["apply", "t.b", "-y"],
            &["apply", "t.*", "-y"],
            &["apply", "t.a", "--replace", "t.b", "-y"],
            &["check", "t.b"],
            &["show", "t.b"],
            &["why", "t.b"],
            &["lineage", "t.b"],
            &["lineage", "t.b.id"],
            &["lineage"],
        ];
        for command in refused {
            let output = sandbox.dp(*command);
            assert_eq!(output.code, 1, "{what}: {command:?}\n{output}");
            drop(output.says(message));
        }
        for command in [&["plan", "t.c"][..], &["show", "t.c"], &["why", "t.c"]] {
            sandbox.dp(command).exits(1).says(message);
        }
        // What it is made from is known if its query names that.
        if ["its source is late", "a column", "a check", "a contract"].contains(&what) {
            sandbox.dp(["plan", "raw.b+"]).exits(1).says(message);
        }
        assert_eq!(sandbox.versions(), before, "{what}");
    }
}

/// The published versions but for some assets.
fn but_for(mut versions: BTreeMap<String, String>, others: &[&str]) -> BTreeMap<String, String> {
    versions.retain(|name, _| !others.contains(&name.as_str()));
    versions
}

#[test]
fn an_apply_that_keeps_going_publishes_what_is_not_broken() {
    for mistake in &MISTAKES {
        let (what, message) = (mistake.what, mistake.message);
        let sandbox = two_chains();
        mistake.make(&sandbox);
        sandbox.write("data/a.csv", "id\n1\n2\n");
        let before = sandbox.versions();
        sandbox.dp(["plan", "--keep-going"]).exits(3).says("Left out").says("t.b").says("t.c").says(message);
        sandbox.dp(["plan", "--keep-going", "--detailed-exitcode"]).exits(3);
        assert_eq!(sandbox.versions(), before);
        let output =
            sandbox.dp(["apply", "--keep-going", "-y"]).exits(3).says("2 built").says("left out").says(message);
        let output = output.says("Next: correct the mistakes");
        let after = sandbox.versions();
        assert_eq!(sandbox.query("from t.a order by all"), "id\n1\n2\n", "{what}\n{output}");
        assert_eq!(but_for(after.clone(), &["raw.a", "t.a"]), but_for(before, &["raw.a", "t.a"]), "{what}");
        // Nothing is left to do, and the mistake is there still.
        sandbox.dp(["apply", "--keep-going", "-y"]).exits(3).says("left out");
        assert_eq!(sandbox.versions(), after);
        // Without mistakes it is an apply like any other.
        sandbox.write("data/b.csv", "id\n1\n");
        sandbox.write("assets/t/b.toml", "kind = \"sql\"\nsql = \"select id from raw.b\"\n");
        sandbox.remove("assets/t/c.toml");
        sandbox.dp(["apply", "--keep-going", "-y"]).success().says("1 destroyed");
    }
}

#[test]
fn what_is_left_out_is_told_to_programs() {
    let sandbox = two_chains();
    sandbox.edit("assets/t/b.toml", "id", "nope");
    sandbox.write("data/a.csv", "id\n1\n2\n");
    let left_out = json!([{ "asset": "t.b", "mistakes": ["t.b"] }, { "asset": "t.c", "mistakes": ["t.b"] }]);
    let plan = sandbox.dp(["plan", "--keep-going", "--json"]).exits(3).json();
    assert_eq!(plan["left_out"], left_out);
    assert_eq!(plan["warnings"][0]["code"], "dp::sql::unknown_column");
    assert_eq!(plan["warnings"][0]["file"], "assets/t/b.toml");
    let told = |lines: Vec<Value>| lines.into_iter().find(|line| line["event"] == "left_out").expect("it is told");
    assert_eq!(told(sandbox.dp(["apply", "--keep-going", "-y", "--json"]).exits(3).json_lines())["assets"], left_out);
    assert_eq!(told(sandbox.dp(["events", "--run", "r2"]).success().json_lines())["assets"], left_out);
    assert_eq!(told(sandbox.dp(["events", "--asset", "t.c"]).success().json_lines())["run"], 2);
    let nothing = sandbox.dp(["apply", "--keep-going", "-y", "--json"]).exits(3).json_lines();
    assert_eq!(told(nothing.clone())["run"], Value::Null);
    assert_eq!(nothing.last().unwrap()["outcome"], "nothing to do");
    // A plan without mistakes has no such key.
    assert_eq!(sandbox.dp(["plan", "t.a", "--json"]).success().json().get("left_out"), None);
    let markdown = sandbox.dp(["plan", "--keep-going", "--markdown"]).exits(3);
    drop(markdown.says("Left out because of mistakes").says("reads t.b, which has a mistake"));
}

/// Everything that may be declared by a file which can't be read.
#[test]
fn nothing_is_withdrawn_that_a_broken_file_may_declare() {
    let files: &[(&str, &str, &[&str])] = &[
        ("assets/t/b.toml", "kind = \"sql\"\nsql = \"select 1 as id\"\n", &["t.b"]),
        // Named otherwise than its file.
        ("assets/t/b.toml", "name = \"other.name\"\nkind = \"sql\"\nsql = \"select 1 as id\"\n", &["other.name"]),
        // In a folder that gives no name.
        ("assets/deep/er/b.toml", "name = \"deep.b\"\nkind = \"sql\"\nsql = \"select 1 as id\"\n", &["deep.b"]),
        // A program's tables.
        (
            "assets/t/b.toml",
            "kind = \"command\"\nrefresh = \"24h\"\n[command]\nrun = [\"sh\", \"make.sh\"]\n\
             [outputs.one]\nformat = \"csv\"\n[outputs.two]\nformat = \"csv\"\n",
            &["t.b", "t.one", "t.two"],
        ),
    ];
    for (path, toml, names) in files {
        let sandbox = Sandbox::new()
            .file("make.sh", "printf 'id\\n1\\n' > $DP_OUTPUT_ONE; printf 'id\\n1\\n' > $DP_OUTPUT_TWO\n")
            .file(path, toml)
            .sql("t.other", "select 1 as id");
        sandbox.apply();
        let published = sandbox.versions();
        assert!(names.iter().filter(|name| **name != "t.b").all(|name| published.contains_key(*name)), "{published:?}");
        for broken in [format!("{toml}\n= 1\n"), toml.replace("kind =", "kind"), toml.replace("kind =", "kidn =")] {
            sandbox.write(path, &broken);
            sandbox.dp(["apply", "--keep-going", "-y"]).exits(3);
            assert_eq!(sandbox.versions(), published, "{path}:\n{broken}");
            for name in *names {
                // To select one of them asks for what can't be known.
                let output = sandbox.dp(["apply", name, "-y"]);
                assert_eq!(output.code, 1, "{name}\n{output}");
            }
            sandbox.dp(["apply", "t.other", "-y"]).success();
            assert_eq!(sandbox.versions(), published, "{path}:\n{broken}");
        }
    }
}

#[test]
fn a_former_name_stays_while_the_file_that_claims_it_is_broken() {
    for mistake in ["select nope", "selec 1"] {
        let sandbox = Sandbox::new().sql("t.old", "select 1 as id").sql("t.x", "select 2 as id");
        sandbox.apply();
        let before = sandbox.versions();
        sandbox.remove("assets/t/old.toml");
        sandbox.write(
            "assets/t/new.toml",
            &format!("kind = \"sql\"\nmoved_from = \"t.old\"\nsql = \"{mistake} as id\"\n"),
        );
        sandbox.dp(["apply", "--keep-going", "-y"]).exits(3);
        assert_eq!(sandbox.versions(), before);
        sandbox.write("assets/t/new.toml", "kind = \"sql\"\nmoved_from = \"t.old\"\nsql = \"select 1 as id\"\n");
        sandbox.dp(["apply", "-y"]).success();
        let after = sandbox.versions();
        assert!(after.contains_key("t.new") && !after.contains_key("t.old"), "{after:?}");
    }
}

#[test]
fn a_project_that_was_never_applied_is_built_as_far_as_it_goes() {
    let new = || Sandbox::new().sql("t.a", "select 1 as id").sql("t.b", "select nope").sql("t.c", "from t.b");
    let sandbox = new();
    sandbox.dp(["apply", "-y"]).exits(1);
    sandbox.dp(["apply", "t.b", "-y"]).exits(1);
    assert!(!sandbox.path(".dp/state.db").exists());
    sandbox.dp(["apply", "--keep-going", "-y"]).exits(3);
    assert_eq!(sandbox.versions().into_keys().collect::<Vec<_>>(), ["t.a"]);
    let sandbox = new();
    sandbox.dp(["apply", "t.a", "-y"]).success();
    assert_eq!(sandbox.versions().into_keys().collect::<Vec<_>>(), ["t.a"]);
    // A selection that names what is broken builds the rest of it.
    let sandbox = new();
    sandbox.dp(["apply", "t.a", "t.b", "--keep-going", "-y"]).exits(3).says("1 left out");
    assert_eq!(sandbox.versions().into_keys().collect::<Vec<_>>(), ["t.a"]);
}

#[test]
fn mistakes_of_the_project_as_a_whole_are_in_the_way_of_everything() {
    let wholes = [
        ("dp.toml", "[project]\nname = \"shop\"\nowner = 1\n", "unknown key `owner`"),
        ("assets/x.toml", "name = \"t.b\"\nkind = \"sql\"\nsql = \"select 1\"\n", "two assets"),
        ("assets/t/b.toml", "kind = \"sql\"\nsql = \"select id from t.c\"\n", "cycle"),
    ];
    for (file, text, message) in wholes {
        let sandbox = two_chains();
        sandbox.write(file, text);
        let before = sandbox.versions();
        for command in [&["plan", "t.a"][..], &["show", "t.a"], &["apply", "--keep-going", "-y"], &["why", "t.a"]] {
            sandbox.dp(command).exits(1).says(message);
        }
        assert_eq!(sandbox.versions(), before);
    }
}

/// `t.orders` has a check over `t.customers`; both are published.
fn checked() -> Sandbox {
    let sandbox = Sandbox::new()
        .file("data/customers.csv", "id,name\n1,ann\n2,bob\n")
        .file("data/orders.csv", "customer\n1\n2\n")
        .source("t.customers", "data/customers.csv")
        .asset(
            "t.orders",
            "kind = \"sql\"\nsql = \"select customer from read_csv('data/orders.csv')\"\n\n[[checks]]\n\
             references = { columns = [\"customer\"], asset = \"t.customers\", to = [\"id\"] }\n",
        );
    sandbox.apply();
    sandbox
}

#[test]
fn the_checks_of_a_broken_asset_still_bind_what_they_read() {
    let sandbox = checked();
    let before = sandbox.versions();
    sandbox.edit("assets/t/orders.toml", "select customer", "select nope");
    // The published orders name both customers.
    sandbox.write("data/customers.csv", "id,name\n1,ann\n");
    for arguments in [&["apply", "t.customers", "-y"][..], &["apply", "--keep-going", "-y"]] {
        sandbox.dp(arguments).exits(3).says("references(customer -> t.customers)").says("Nothing was published");
        assert_eq!(sandbox.versions(), before);
    }
    sandbox.write("data/customers.csv", "id,name\n1,ann\n2,bob\n3,cid\n");
    sandbox.dp(["apply", "t.customers", "-y"]).success();
    assert_ne!(sandbox.versions(), before);
}

#[test]
fn a_check_reads_a_broken_asset_as_it_is_published() {
    let sandbox = checked();
    let before = sandbox.versions();
    // Broken, and with other columns than those that are published.
    sandbox.write("assets/t/customers.toml", "kind = \"sql\"\nsql = \"select 'x' as id from nowhere\"\n");
    sandbox.write("data/orders.csv", "customer\n1\n3\n");
    sandbox.dp(["apply", "t.orders", "-y"]).exits(3).says("references(customer -> t.customers)");
    assert_eq!(sandbox.versions(), before);
    sandbox.write("data/orders.csv", "customer\n2\n");
    sandbox.dp(["check", "t.orders"]).success().says("1 passed");
    sandbox.dp(["apply", "--keep-going", "-y"]).exits(3).says("1 built");
    let after = sandbox.versions();
    assert_eq!(after["t.customers"], before["t.customers"]);
    assert_ne!(after["t.orders"], before["t.orders"]);
    // A mistake that is found late: its query is fine, and has other columns.
    sandbox.write(
        "assets/t/customers.toml",
        "kind = \"sql\"\nsql = \"select 'x' as id\"\n[[checks]]\nname = \"x\"\nsql = \"select nope from ${this}\"\n",
    );
    sandbox.write("data/orders.csv", "customer\n7\n");
    sandbox.dp(["apply", "t.orders", "-y"]).exits(3).says("references(customer -> t.customers)");
    sandbox.write("data/orders.csv", "customer\n1\n");
    sandbox.dp(["apply", "t.orders", "-y"]).success();
}

#[test]
fn an_asset_whose_check_can_not_be_run_is_left_out() {
    let sandbox = Sandbox::new()
        .sql("t.customers", "select nope")
        .asset(
            "t.orders",
            "kind = \"sql\"\nsql = \"select 1 as customer\"\n\n[[checks]]\n\
             references = { columns = [\"customer\"], asset = \"t.customers\", to = [\"id\"] }\n",
        )
        .sql("t.fine", "select 1 as id");
    sandbox.dp(["apply", "t.orders", "-y"]).exits(1).says("nope");
    let plan = sandbox.dp(["plan", "--keep-going", "--json"]).exits(3).json();
    assert_eq!(plan["left_out"][1], json!({ "asset": "t.orders", "mistakes": ["t.customers"] }));
    sandbox.dp(["apply", "--keep-going", "-y"]).exits(3);
    assert_eq!(sandbox.versions().into_keys().collect::<Vec<_>>(), ["t.fine"]);
}

#[test]
fn an_export_that_two_assets_claim_is_written_by_neither() {
    let export = |id: u32| {
        format!(
            "kind = \"sql\"\nmaterialize = {{ file = \"out/x.csv\", format = \"csv\" }}\nsql = \"select {id} as id\"\n"
        )
    };
    let sandbox = Sandbox::new().asset("t.b", &export(2)).sql("t.c", "select 3 as id");
    sandbox.apply();
    sandbox.write("assets/t/a.toml", &export(1));
    sandbox.edit("assets/t/c.toml", "3", "4");
    sandbox.dp(["apply", "--keep-going", "-y"]).exits(3).says("exports to the same path").says("2 left out");
    assert_eq!(sandbox.read("out/x.csv"), "id\n2\n");
    assert_eq!(sandbox.query("from t.c"), "id\n4\n");
    sandbox.dp(["apply", "t.a", "-y"]).exits(1).says("exports to the same path");
}

#[test]
fn a_saved_plan_leaves_out_what_it_left_out() {
    let sandbox = two_chains();
    sandbox.edit("assets/t/b.toml", "id", "nope");
    sandbox.write("data/a.csv", "id\n1\n2\n");
    sandbox.dp(["plan", "--keep-going", "--out", "part.plan"]).exits(3).says("Next: dp apply part.plan");
    sandbox.dp(["plan", "t.a", "--out", "other.plan"]).success();
    sandbox.dp(["show", "part.plan"]).success().says("Left out");
    sandbox.dp(["apply", "other.plan", "--keep-going"]).exits(1).says("the file has its own --keep-going");
    // Another mistake since then: what it takes with it was to be built.
    sandbox.edit("assets/t/a.toml", "select id", "select nope");
    sandbox.dp(["apply", "part.plan"]).exits(1).says("`t.a` is no longer declared");
    sandbox.edit("assets/t/a.toml", "select nope", "select id");
    sandbox.dp(["apply", "part.plan"]).exits(3).says("2 built, 1 unchanged, 2 left out");
    // The mistake is corrected: the plan did not know of what there is to do now.
    sandbox.write("data/a.csv", "id\n1\n3\n");
    sandbox.dp(["plan", "--keep-going", "--out", "part.plan"]).exits(3);
    sandbox.edit("assets/t/b.toml", "nope", "id + 1 as id");
    sandbox.dp(["apply", "part.plan"]).exits(1).says("`t.b` is new");
}

#[test]
fn what_is_not_declared_and_a_mistake_elsewhere() {
    for (mistake, is_read) in [("sql = \"select nope\"", true), ("sql = ", false)] {
        let sandbox = two_chains();
        sandbox.remove("assets/t/a.toml");
        sandbox.write("assets/t/b.toml", &format!("kind = \"sql\"\n{mistake}\n"));
        sandbox.dp(["show", "t.a"]).success().says("no longer declared");
        sandbox.dp(["why", "t.a"]).exits(1).says("assets/t/b.toml");
        // The file that can't be read may declare it under a name of its own.
        let output = sandbox.dp(["apply", "t.a", "-y"]);
        assert_eq!(output.code, i32::from(!is_read), "{output}");
        assert_eq!(sandbox.versions().contains_key("t.a"), !is_read);
    }
}

#[test]
fn a_repair_of_one_asset_needs_no_other() {
    let sandbox = two_chains();
    sandbox.edit("assets/t/b.toml", "id", "nope");
    sandbox.dp(["state", "rm", "t.b", "--reason", "x"]).exits(1).says("nope");
    sandbox.dp(["state", "rm", "t.a", "--reason", "x"]).success();
    sandbox.dp(["destroy", "raw.a", "-y"]).success();
    sandbox.dp(["destroy", "-y"]).exits(1).says("nope");
    sandbox.dp(["apply", "--destroy", "--keep-going"]).exits(64);
}
