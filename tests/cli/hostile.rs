//! Names and values that mean harm: as SQL, as paths, as orders to a terminal.

use std::fs;
use std::io::Read as _;
use std::process::Stdio;

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::sandbox::{Output, Sandbox};

/// Colours, a bell, a return, a turn of the direction of writing, and an order in one character.
const ORDERS: &str = "x\u{1b}[31m\u{7}\r\u{202e}\u{9b}2J\u{7f}";

/// What breaks out of quotes, lines and folders, and what is very long.
fn breakouts() -> Vec<String> {
    let mut breakouts: Vec<String> =
        ["'", "\"", "''", "a\"b'c", "; drop table x; --", "') or 1 = 1 --", "\" from x; --", "a\nb", "../../x"]
            .map(str::to_owned)
            .to_vec();
    breakouts.extend(["${this}", "$${x", "%s", "\\", "a\tb", "💥", "`x`", "*/ x /*", "#{x}"].map(str::to_owned));
    breakouts.push(ORDERS.to_owned());
    breakouts.push("n".repeat(10_000));
    breakouts
}

/// The text as TOML.
fn toml(text: &str) -> String {
    let mut toml = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => toml.extend(['\\', c]),
            c if steers(c) || c == '\n' => toml.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => toml.push(c),
        }
    }
    toml + "\""
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Whether a character steers a terminal rather than being shown.
fn steers(c: char) -> bool {
    !matches!(c, '\n' | '\t')
        && (c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

#[track_caller]
fn assert_harmless(what: &[&str], text: &str) {
    for line in text.split('\n') {
        assert!(!line.contains(steers), "{what:?} let through: {line:?}");
    }
}

/// Neither a bug nor a crash, and nothing that a terminal would obey.
#[track_caller]
fn assert_calm(what: &[&str], output: &Output) {
    assert!([0, 1, 3, 64].contains(&output.code), "{what:?}:\n{output}");
    assert_harmless(what, &output.stdout);
    assert_harmless(what, &output.stderr);
}

/// Orders to a terminal in every text that a person may write, in names of files and in data.
fn full_of_orders() -> Sandbox {
    let orders = toml(ORDERS);
    let path = "data/o\u{1b}(B\u{7}\u{202e}.csv";
    let column = ORDERS.replace('\r', "");
    let sandbox = Sandbox::bare()
        .file(
            "dp.toml",
            &format!("[project]\nname = {orders}\n[vars]\ntext = {orders}\n[environments.dev.vars]\ntext = {orders}\n"),
        )
        .asset(
            "raw.orders",
            &format!(
                "kind = \"source\"\ndescription = {orders}\nowner = {orders}\ntags = [{orders}]\n[source]\npath = {}\n",
                toml(path)
            ),
        )
        .asset(
            "staging.orders",
            &format!(
                "kind = \"sql\"\ndescription = {orders}\nowner = {orders}\ntags = [{orders}]\nsql = {}\n\
                 [columns.{orders}]\ndescription = {orders}\nchecks = [\"not_null\"]\n\
                 [[checks]]\nname = {}\nsql = \"select * from ${{this}}\"\nseverity = \"warn\"\n",
                toml(&format!(
                    "select id, {} as {}, ${{var.text}} as v from raw.orders",
                    identifier(&column),
                    identifier(ORDERS)
                )),
                toml(&format!("check {ORDERS}")),
            ),
        )
        .asset(
            "staging.out",
            &format!(
                "kind = \"sql\"\nmaterialize = {{ file = {} }}\nsql = \"from staging.orders\"\n",
                toml(&format!("out/{ORDERS}.csv"))
            ),
        )
        .asset(
            "ml.made",
            &format!(
                "kind = \"command\"\n[command]\nrun = [\"sh\", \"work.sh\", {orders}]\nfiles = [\"work.sh\"]\n\
                 inputs = [\"staging.orders\"]\n[output]\nformat = \"csv\"\n"
            ),
        );
    let script = "printf '%s\\n' \"$1\"\nprintf '%s\\n' \"$1\" >&2\necho x > \"side$1.txt\"\necho a > $DP_OUTPUT\n";
    sandbox.write("work.sh", script);
    sandbox.write(path, &format!("id,{column}\n1,{column}\n2,{column}\n"));
    sandbox
}

#[test]
fn nothing_that_steers_a_terminal_reaches_it() {
    let sandbox = full_of_orders();
    let target = format!("staging.orders.{ORDERS}");
    let tag = format!("tag:{ORDERS}");
    let sql = format!("select {} from staging.orders", identifier(ORDERS));
    let wrong = format!("select {} from staging.orders", identifier(&format!("no{ORDERS}")));
    let raised = format!("select error('{ORDERS}')");
    let commands: Vec<Vec<&str>> = vec![
        vec!["validate"],
        vec!["plan"],
        vec!["plan", "--explain"],
        vec!["plan", "--markdown"],
        vec!["plan", "--json"],
        vec!["plan", "--out", "a.plan"],
        vec!["show", "a.plan"],
        vec!["apply", "--auto-approve"],
        vec!["plan", "--all"],
        vec!["plan", "--all", "--json"],
        vec!["apply", "--auto-approve", "--replace", "ml.made", "--json"],
        vec!["status"],
        vec!["status", "--json"],
        vec!["show", "staging.orders"],
        vec!["show", "staging.orders", "--json"],
        vec!["show", "raw.orders"],
        vec!["show", "ml.made"],
        vec!["show", "r1"],
        vec!["history"],
        vec!["events"],
        vec!["effects"],
        vec!["effects", "--all"],
        vec!["effects", "ml.made", "--json"],
        vec!["why", "staging.orders"],
        vec!["why", "ml.made", "--json"],
        vec!["lineage"],
        vec!["lineage", "--columns"],
        vec!["lineage", &target],
        vec!["lineage", "--json", "--columns"],
        vec!["lineage", "--format", "dot"],
        vec!["lineage", "--format", "mermaid"],
        vec!["lineage", "--run", "r1"],
        vec!["query", &sql],
        vec!["query", "from staging.orders", "--json"],
        vec!["query", &wrong],
        vec!["query", &raised],
        vec!["check"],
        vec!["check", "--json"],
        vec!["check", "--deep"],
        vec!["env", "list"],
        vec!["env", "diff", "dev"],
        vec!["state", "list"],
        vec!["state", "show", "staging.orders"],
        vec!["gc", "--dry-run"],
        vec!["fmt", "--check"],
        vec!["plan", &tag],
        vec!["plan", ORDERS],
        vec!["show", ORDERS],
        vec!["why", ORDERS],
        vec!["check", ORDERS],
        vec!["plan", "--env", ORDERS],
        vec!["plan", "--var", ORDERS],
        vec!["env", "delete", ORDERS],
        vec!["rollback", ORDERS],
        vec!["events", "--since", ORDERS],
        vec!["apply", "--wait", ORDERS],
        vec!["state", "rm", ORDERS, "--reason", ORDERS],
        vec!["state", "restore", ORDERS],
        vec!["state", "accept", "staging.orders", "--reason", ORDERS],
        vec!["-C", ORDERS, "plan"],
        vec!["init", ORDERS],
        vec![ORDERS],
    ];
    for command in commands {
        let output = sandbox.dp(&command);
        if command[0] == "apply" && command.len() < 4 && command[1] == "--auto-approve" {
            assert_eq!(output.code, 0, "{output}");
        }
        assert_calm(&command, &output);
    }
    assert_eq!(sandbox.record("select count(*) from published"), [["4"]], "all of it was published");
}

/// What a command writes to a terminal.
fn on_a_terminal(sandbox: &Sandbox, command: &[&str]) -> String {
    let mut terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).map(fs::File::from).expect("a terminal");
    grantpt(&terminal).and_then(|()| unlockpt(&terminal)).expect("a terminal of ours");
    let name = ptsname(&terminal, Vec::new()).expect("its name");
    let end = open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("its other end");
    let mut child = sandbox.command(command).stdout(Stdio::from(end)).stderr(Stdio::null()).spawn().expect("dp starts");
    let (mut said, mut buffer) = (Vec::new(), [0; 4096]);
    // A terminal whose other end is closed gives an error.
    while let Ok(length @ 1..) = terminal.read(&mut buffer) {
        said.extend_from_slice(&buffer[..length]);
    }
    assert!(child.wait().expect("it ends").success(), "{command:?}");
    String::from_utf8(said).expect("dp writes UTF-8").replace("\r\n", "\n")
}

#[test]
fn what_is_for_other_programs_is_exact_and_on_a_terminal_harmless() {
    let sandbox = full_of_orders();
    sandbox.apply();
    for command in [
        &["show", "staging.orders", "--sql"][..],
        &["query", "from staging.orders", "--format", "csv"],
        &["lineage", "--format", "html"],
    ] {
        assert_harmless(command, &on_a_terminal(&sandbox, command));
    }
    let exact = sandbox.dp(["query", "select v from staging.orders limit 1", "--format", "csv"]).success();
    assert_eq!(exact.stdout.trim_end_matches('\n'), format!("v\n\"{ORDERS}\""));
    let sql = sandbox.dp(["show", "staging.orders", "--sql"]).success();
    assert!(sql.stdout.contains(ORDERS), "{:?}", sql.stdout);
    let json = sandbox.dp(["query", "select v from staging.orders limit 1", "--json"]).success();
    assert_eq!(json.json()[0]["v"], ORDERS, "an escape in JSON says the same");
}

#[test]
fn names_and_values_stay_what_they_are_where_they_meet_sql() {
    for text in breakouts() {
        let column = text.as_str();
        let sandbox = Sandbox::new()
            .asset("marts.canary", "kind = \"sql\"\nsql = \"select 1 as x\"\n")
            .asset(
                "staging.values",
                &format!(
                    "kind = \"sql\"\ndescription = {t}\nowner = {t}\ntags = [{t}]\nsql = {}\n\
                     [columns.{t}]\ndescription = {t}\nchecks = [\"not_null\", \"unique\", {{ accepted_values = [{t}] }}]\n\
                     [[checks]]\nname = {t}\nrow_count = {{ min = 1 }}\n",
                    toml(&format!("select ${{var.text}} as {}, 1 as id", identifier(&column.replace("${", "$${")))),
                    t = toml(&text),
                ),
            )
            .sql("marts.reads", "select * from staging.values");
        sandbox.write("dp.toml", &format!("[project]\nname = \"shop\"\n[vars]\ntext = {}\n", toml(&text)));
        let what = &text.chars().take(20).collect::<String>();
        let said = sandbox.dp(["apply", "--auto-approve"]);
        assert_eq!(said.code, 0, "{what:?}: {said}");
        assert_calm(&[what], &said);
        let rows = sandbox.dp(["query", "from marts.reads", "--json"]).success().json();
        assert_eq!(rows[0][column], text, "{what:?}");
        assert_eq!(sandbox.query("from marts.canary"), "x\n1\n", "{what:?}");
        for command in [
            &["plan"][..],
            &["status"],
            &["show", "staging.values"],
            &["show", "marts.reads", "--sql"],
            &["lineage", "--columns"],
            &["check"],
            &["query", "from marts.reads"],
        ] {
            let output = sandbox.dp(command);
            if command.last() == Some(&"--sql") {
                assert_eq!(output.code, 0, "{what:?}: {output}");
            } else {
                assert_calm(command, &output);
                assert_eq!(output.code, 0, "{what:?}: {output}");
            }
        }
        let focus = format!("staging.values.{text}");
        let tag = format!("tag:{text}");
        let missing = format!("{text}=1");
        let wanted = text.as_str();
        for command in [
            &["lineage", &focus][..],
            &["plan", &tag],
            &["plan", wanted],
            &["show", wanted],
            &["why", wanted],
            &["effects", wanted],
            &["plan", "--var", &missing],
            &["plan", "--env", wanted],
            &["env", "delete", wanted, "--auto-approve"],
            &["state", "rm", wanted, "--reason", wanted],
            &["apply", "--auto-approve", wanted],
            &["query", wanted],
        ] {
            // A value may look like an option; what matters is that nothing goes wrong.
            assert_calm(&[what], &sandbox.dp(command));
        }
        assert_eq!(sandbox.query("from marts.canary"), "x\n1\n", "{what:?}");
    }
}

#[test]
fn names_of_assets_schemas_and_environments_are_plain_words() {
    for text in breakouts().iter().filter(|text| text.as_str() != "../../x") {
        let what = &text.chars().take(20).collect::<String>();
        let named =
            Sandbox::new().asset("a.b", &format!("kind = \"sql\"\nname = {}\nsql = \"select 1 as x\"\n", toml(text)));
        let output = named.dp(["apply", "--auto-approve"]).exits(1);
        assert_calm(&[what], &output);
        output.says("dp::project::bad_name");
        let environment = Sandbox::new().asset("a.b", "kind = \"sql\"\nsql = \"select 1 as x\"\n");
        environment.write("dp.toml", &format!("[project]\nname = \"shop\"\n[environments.{}]\n", toml(text)));
        let output = environment.dp(["apply", "--auto-approve", "--env", text]).exits(1);
        assert_calm(&[what], &output);
        assert!(!environment.path("warehouse").exists(), "{what:?}");
    }
}

#[test]
fn names_of_files_stay_what_they_are() {
    for name in ["it's", "a\"b", "; drop table x; --", "a\nb", "a\u{1b}[2Jb", "a b", "-rf", "%41", "$x", "a\\b", "$(x)"]
    {
        let path = format!("data/{name}.csv");
        let sandbox = Sandbox::new()
            .asset("raw.named", &format!("kind = \"source\"\n[source]\npath = {}\n", toml(&path.replace('[', "[[]"))));
        sandbox.write(&path, "id\n1\n");
        let output = sandbox.dp(["apply", "--auto-approve"]);
        assert_calm(&[name], &output);
        if name.contains('[') {
            // The engine would take it for a pattern, so it is refused.
            output.exits(1).says("rename the file");
            continue;
        }
        output.success();
        assert_eq!(sandbox.query("from raw.named"), "id\n1\n", "{name:?}");
        assert_calm(&[name], &sandbox.dp(["effects"]));
        assert_calm(&[name], &sandbox.dp(["show", "raw.named"]));
    }
}
