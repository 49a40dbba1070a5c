//! Programs as assets: what they are given, what they leave, what counts for them, and how they fail.

use insta::assert_snapshot;

use crate::sandbox::{Output, Sandbox, text};

/// A shop with a program that doubles amounts, and a query over what it makes.
fn scored() -> Sandbox {
    Sandbox::shop()
        .file(
            "scripts/score.py",
            "
            import csv, os, sys

            rows = [[1, 10], [2, 20]]
            with open(os.environ['DP_OUTPUT'], 'w', newline='') as file:
                writer = csv.writer(file)
                writer.writerow(['id', 'score'])
                writer.writerows(rows)
            print('scored', len(rows))
            ",
        )
        .asset(
            "ml.scores",
            "
            kind = \"command\"

            [command]
            run = [\"python3\", \"scripts/score.py\"]
            files = [\"scripts/score.py\"]
            inputs = [\"staging.orders\"]
            timeout = \"1m\"

            [output]
            format = \"csv\"
            ",
        )
        .sql("marts.top", "select id, score from ml.scores where score > 10")
}

/// A project with one command of these words in a shell.
fn shell(script: &str, rest: &str) -> Sandbox {
    let script = toml(script);
    Sandbox::new().asset(
        "ml.made",
        &format!("kind = \"command\"\nrefresh = \"24h\"\n\n[command]\nrun = [\"sh\", \"-c\", {script}]\n{rest}\n"),
    )
}

/// A text as it stands in TOML.
fn toml(text: &str) -> String {
    format!("{text:?}")
}

const CSV: &str = "[output]\nformat = \"csv\"\n";

fn apply(sandbox: &Sandbox) -> Output {
    sandbox.dp(["apply", "--auto-approve"])
}

fn effects(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let arguments: Vec<&str> = ["effects", "--json"].iter().chain(arguments).copied().collect();
    let json = sandbox.dp(arguments).success().json();
    let effects = json["effects"].as_array().expect("a list");
    let shown = effects.iter().filter(|effect| effect["noise"].is_null());
    shown.map(|effect| format!("{} {}", text(&effect["effect"]), effect["path"].as_str().unwrap_or_default())).collect()
}

#[test]
fn from_nothing_to_a_query_over_what_a_program_made() {
    let sandbox = scored();
    let output = apply(&sandbox).success();
    assert!(!output.stderr.contains("warning"), "{output}");
    assert_eq!(sandbox.query("from marts.top"), "id,score\n2,20\n");
    assert_eq!(sandbox.actions(), [""; 0]);
    assert_eq!(sandbox.read(".dp/logs/r1/ml.scores.log"), "scored 2\n");
    let kinds =
        sandbox.record("select kind, count(*) from effects where asset = 'ml.scores' and noise is null group by 1");
    assert!(kinds.iter().any(|row| row[0] == "started"), "{kinds:?}");
}

#[test]
fn a_plan_before_the_first_run_says_what_is_not_known() {
    assert_snapshot!(scored().plan(), @r"
    Create
      + raw.orders      not published here
      + staging.orders  not published here
      + marts.revenue   not published here
      + ml.scores       not published here
      + marts.top       not published here

    Plan: 5 to create.
    Next: dp apply
    [exit 0]
    ");
}

#[test]
fn what_reads_it_may_need_columns_that_it_is_yet_to_make() {
    let sandbox = scored();
    sandbox.apply();
    sandbox.edit("scripts/score.py", "['id', 'score']", "['id', 'score', 'grade']");
    sandbox.edit("scripts/score.py", "[[1, 10], [2, 20]]", "[[1, 10, 'a'], [2, 20, 'b']]");
    sandbox.edit("assets/marts/top.toml", "select id, score", "select id, score, grade");
    assert_eq!(sandbox.actions(), ["ml.scores rebuild [definition_changed]", "marts.top rebuild [definition_changed]"]);
    apply(&sandbox).success();
    assert_eq!(sandbox.query("from marts.top"), "id,score,grade\n2,20,b\n");
    assert_eq!(sandbox.actions(), [""; 0]);
}

#[test]
fn a_column_that_a_program_no_longer_makes_fails_its_readers() {
    let sandbox = scored();
    sandbox.apply();
    sandbox.edit("scripts/score.py", "['id', 'score']", "['id', 'points']");
    let output = apply(&sandbox).exits(3).says("assets/marts/top.toml").says("\"score\"");
    assert!(
        output.stderr.contains("Nothing was published") || output.stdout.contains("Nothing was published"),
        "{output}"
    );
    assert_eq!(sandbox.query("from marts.top"), "id,score\n2,20\n", "what was published stays");
}

#[test]
fn a_contract_over_some_columns_does_not_take_the_others_away() {
    let sandbox = scored();
    let text = sandbox.read("assets/ml/scores.toml");
    std::fs::write(sandbox.path("assets/ml/scores.toml"), format!("{text}\n[columns.id]\ntype = \"BIGINT\"\n"))
        .expect("the asset");
    sandbox.apply();
    sandbox.edit("scripts/score.py", "print('scored', len(rows))", "print('done')");
    assert_eq!(sandbox.actions(), ["ml.scores rebuild [definition_changed]", "marts.top maybe [input_may_change]"]);
    apply(&sandbox).success().says("1 built, 1 cut off");
}

#[test]
fn a_virtual_environment_is_the_one_that_runs() {
    let sandbox = scored();
    let made = std::process::Command::new("/usr/bin/python3")
        .args(["-m", "venv", "--without-pip", "env"])
        .current_dir(sandbox.root())
        .output()
        .expect("python runs");
    if !made.status.success() {
        // Debian has a package of its own for that.
        return;
    }
    sandbox.edit("assets/ml/scores.toml", "\"python3\", ", "\"env/bin/python3\", ");
    sandbox.edit("scripts/score.py", "print('scored', len(rows))", "print(sys.prefix)");
    apply(&sandbox).success();
    let printed = sandbox.read(".dp/logs/r1/ml.scores.log");
    assert!(printed.trim_end().ends_with("/env"), "{printed}");
}

#[test]
fn only_what_can_change_the_result_is_part_of_the_definition() {
    let sandbox = scored();
    sandbox.apply();
    sandbox.edit("assets/ml/scores.toml", "timeout = \"1m\"", "timeout = \"2m\"\nretries = 1");
    assert_eq!(sandbox.actions(), ["ml.scores settings [settings_changed]"]);
    sandbox.edit("scripts/score.py", "print('scored', len(rows))", "print('done')");
    let plan = sandbox.plan();
    assert!(plan.contains("scripts/score.py changed"), "{plan}");
    apply(&sandbox).success();
    assert_eq!(sandbox.actions(), [""; 0], "the rows are the same, so the reader was cut off");
    sandbox.edit("assets/ml/scores.toml", "timeout", "env = { FACTOR = \"2\" }\ntimeout");
    assert!(sandbox.plan().contains("env `FACTOR` added"));
}

#[test]
fn its_environment_is_what_is_declared_and_little_more() {
    let sandbox =
        shell("env | cut -d= -f1 | sort | sed 's/^/name,/' > $DP_OUTPUT", &format!("env = {{ A = \"1\" }}\n{CSV}"));
    let dp = sandbox.command(["apply", "--auto-approve"]).env("SECRET", "x").output().expect("dp runs");
    assert!(dp.status.success(), "{}", String::from_utf8_lossy(&dp.stderr));
    let names = sandbox.query("select * from ml.made");
    let names: Vec<&str> = names.lines().filter_map(|line| line.strip_prefix("name,")).collect();
    let expected = [
        "A",
        "DP_ASSET",
        "DP_ENVIRONMENT",
        "DP_OUTPUT",
        "DP_RUN",
        "DP_VARS",
        "DP_WORK",
        "HOME",
        "LC_ALL",
        "PATH",
        "PWD",
        "PYTHONPYCACHEPREFIX",
        "TMPDIR",
        "TZ",
        "USER",
    ];
    // A shell adds some of its own.
    let found: Vec<&str> = names.into_iter().filter(|name| !["_", "SHLVL", "OLDPWD"].contains(name)).collect();
    assert_eq!(found, expected);
}

#[test]
fn variables_reach_it_and_count() {
    let sandbox = shell(
        "echo vars > $DP_OUTPUT; echo \"$DP_VARS\" | tr ',' ';' >> $DP_OUTPUT",
        &format!("vars = [\"rate\"]\n{CSV}"),
    );
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n[vars]\nrate = 2\nother = 1\n");
    sandbox.apply();
    assert_eq!(sandbox.query("from ml.made"), "vars\n\"{\"\"rate\"\":2}\"\n");
    sandbox.edit("dp.toml", "other = 1", "other = 3");
    assert_eq!(sandbox.actions(), [""; 0]);
    sandbox.edit("dp.toml", "rate = 2", "rate = 3");
    assert!(sandbox.plan().contains("variable `rate` is 3 and was 2"));
}

#[test]
fn inputs_are_handed_over_as_parquet_also_if_they_are_views() {
    let sandbox = Sandbox::shop().asset(
        "staging.big",
        "kind = \"sql\"\nmaterialize = \"view\"\nsql = \"select id from staging.orders where amount > 10\"\n",
    );
    sandbox.write(
        "assets/ml/made.toml",
        "
        kind = \"command\"
        [command]
        run = [\"sh\", \"-c\", 'head -c 4 \"$DP_INPUT_STAGING_ORDERS\" > a; head -c 4 \"$DP_INPUT_STAGING_BIG\" > b; cp \"$DP_INPUT_STAGING_BIG\" \"$DP_OUTPUT\"']
        inputs = [\"staging.orders\", \"staging.big\"]
        working_dir = \"out\"
        [output]
        format = \"parquet\"
        ",
    );
    std::fs::create_dir(sandbox.path("out")).unwrap();
    sandbox.apply();
    assert_eq!((sandbox.read("out/a"), sandbox.read("out/b")), ("PAR1".to_owned(), "PAR1".to_owned()));
    assert_eq!(sandbox.query("from ml.made order by 1"), "id\n2\n3\n");
    sandbox.edit("data/orders.csv", "3,ann,30", "3,ann,31");
    let actions = sandbox.actions();
    assert!(actions.contains(&"ml.made maybe [input_may_change, input_may_change]".to_owned()), "{actions:?}");
}

#[test]
fn inputs_are_handed_over_as_the_program_can_read_them() {
    let sandbox = Sandbox::shop().file(
        "scripts/sum.py",
        "
        import csv, json, os

        rows = list(csv.DictReader(open(os.environ['DP_INPUT_STAGING_ORDERS'])))
        with open(os.environ['DP_OUTPUT'], 'w') as file:
            file.write(json.dumps({'customers': len({row['customer'] for row in rows}), 'total': sum(int(row['amount']) for row in rows)}))
        ",
    );
    sandbox.write(
        "assets/ml/sum.toml",
        "
        kind = \"command\"
        [command]
        run = [\"python3\", \"scripts/sum.py\"]
        files = [\"scripts/sum.py\"]
        inputs = [\"staging.orders\"]
        input_format = \"csv\"
        [output]
        format = \"ndjson\"
        [columns.total]
        type = \"DECIMAL(10,2)\"
        ",
    );
    sandbox.apply();
    assert_eq!(sandbox.query("from ml.sum"), "customers,total\n2,60.00\n");
    sandbox.edit("assets/ml/sum.toml", "input_format = \"csv\"\n", "");
    assert!(sandbox.plan().contains("input_format is parquet and was csv"), "{}", sandbox.plan());
}

#[test]
fn a_shell_fetches_a_table_from_a_server_on_this_machine() {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    let curl = ["/usr/bin/curl", "/bin/curl"].iter().any(|path| std::path::Path::new(path).exists());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut lines = BufReader::new(stream.try_clone().expect("the stream")).lines();
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let body = "currency,rate\nEUR,1.1\n";
        write!(stream, "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).expect("an answer");
    });
    let url = format!("http://127.0.0.1:{port}/rates.csv");
    let fetch = if curl {
        format!("curl -sf {url} > $DP_OUTPUT")
    } else {
        format!(
            "python3 -c 'import urllib.request as r; print(r.urlopen(\"{url}\").read().decode(), end=\"\")' > $DP_OUTPUT"
        )
    };
    let sandbox = shell(&fetch, CSV);
    let output = apply(&sandbox).success();
    server.join().expect("the server");
    assert!(!output.stderr.contains("warning"), "{output}");
    assert_eq!(sandbox.query("from ml.made"), "currency,rate\nEUR,1.1\n");
    let contacted = effects(&sandbox, &["ml.made"]);
    assert!(contacted.contains(&format!("contacted 127.0.0.1:{port}")), "{contacted:#?}");
}

#[test]
fn what_the_engine_read_for_a_query_is_on_record_too() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let read = sandbox.record("select asset, detail, declared, bytes > 0 from effects where kind = 'read' and detail is not null order by asset");
    assert_eq!(
        read,
        [["marts.revenue", "rows of staging.orders", "1", "1"], ["staging.orders", "rows of raw.orders", "1", "1"],]
    );
}

#[test]
fn secrets_are_nowhere() {
    let sandbox = shell(
        "echo \"token $TOKEN\"; echo \"again $TOKEN\" >&2; ls \"/nowhere/$TOKEN\"; echo a > $DP_OUTPUT; exit $FAIL",
        &format!("env = {{ TOKEN = \"${{env.TOKEN}}\", FAIL = \"0\" }}\n{CSV}"),
    );
    let secret = "s3cret-of-the-shop";
    let run = |sandbox: &Sandbox, code: i32| {
        let output = sandbox.command(["apply", "--auto-approve", "-v"]).env("TOKEN", secret).output().expect("dp runs");
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(!said.contains(secret), "{said}");
        said
    };
    run(&sandbox, 0);
    sandbox.edit("assets/ml/made.toml", "FAIL = \"0\"", "FAIL = \"7\"");
    let said = run(&sandbox, 3);
    assert!(said.contains("token ***") && said.contains("again ***"), "{said}");
    let plan = sandbox.command(["plan", "--json"]).env("TOKEN", "another").output().expect("dp runs");
    let plan = String::from_utf8_lossy(&plan.stdout).into_owned();
    assert!(plan.contains("the value of $TOKEN changed"), "{plan}");
    for path in sandbox.tree(".dp") {
        let bytes = std::fs::read(sandbox.path(&path)).unwrap();
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "the secret is in {path}");
    }
}

#[test]
fn a_secret_that_is_not_set_is_named_before_anything_runs() {
    let sandbox = shell("true", &format!("env = {{ TOKEN = \"${{env.TOKEN}}\" }}\n{CSV}"));
    sandbox.dp(["plan"]).exits(1).says("the environment variable `TOKEN` is not set").says("export TOKEN=…");
}

#[test]
fn a_program_that_is_not_there() {
    let sandbox = Sandbox::new().asset(
        "ml.made",
        "kind = \"command\"\nrefresh = \"24h\"\n[command]\nrun = [\"no-such-program\"]\n[output]\nformat = \"csv\"\n",
    );
    assert_snapshot!(sandbox.dp(["plan"]), @r#"
    --- stderr ---
    dp::project::no_program

      × could not find the program `no-such-program`
       ╭─[assets/ml/made.toml:4:1]
     3 │ [command]
     4 │ run = ["no-such-program"]
       · ─┬─
       ·  ╰── no such program
     5 │ [output]
       ╰────
      help: install `no-such-program`, or give its path; dp searched for it in $PATH

    1 error
    [exit 1]
    "#);
}

#[test]
fn a_command_without_inputs_says_when_it_is_to_run_again() {
    let sandbox = Sandbox::new()
        .asset("ml.made", "kind = \"command\"\n[command]\nrun = [\"true\"]\n[output]\nformat = \"csv\"\n");
    sandbox.dp(["plan"]).exits(1).says("missing key `refresh`").says("no other reason to run again");
}

#[test]
fn ways_to_fail() {
    let fails = |script: &str, says: &str| {
        let sandbox = shell(script, CSV);
        apply(&sandbox).exits(3).says(says).says("Nothing was published");
        assert_eq!(sandbox.tree(".dp/store"), [""; 0], "{script}");
        assert_eq!(sandbox.tree(".dp/tmp"), [""; 0], "{script}");
    };
    fails("echo sorry >&2; exit 9", "it exited with 9; its last output: sorry (full output: .dp/logs/r1/ml.made.log)");
    fails("true", "it wrote no file to $DP_OUTPUT; it printed nothing");
    fails("mkdir $DP_OUTPUT", "it wrote no file to $DP_OUTPUT");
    fails("kill -TERM $$", "signal 15");
    fails("printf 'a,a\\n1,2' > $DP_OUTPUT; kill -KILL $$", "signal 9");
}

#[test]
fn what_it_leaves_must_be_what_it_says() {
    let sandbox = shell("echo nonsense > $DP_OUTPUT", "[output]\nformat = \"parquet\"\n");
    apply(&sandbox).exits(3).says("the file at $DP_OUTPUT is not valid parquet");
    let sandbox = shell(
        "printf 'id,name\\n1,a' > $DP_OUTPUT",
        "[output]\nformat = \"csv\"\n[columns.amount]\ntype = \"BIGINT\"\n[columns.id]\ntype = \"INTEGER\"",
    );
    apply(&sandbox).exits(3).says("`amount`");
    sandbox.edit("assets/ml/made.toml", "[columns.amount]\ntype = \"BIGINT\"\n", "");
    apply(&sandbox).success();
    assert_eq!(
        sandbox.query("select typeof(id) from ml.made"),
        "typeof(id)\nINTEGER\n",
        "types are handed to the reader"
    );
}

#[test]
fn it_is_tried_again_with_an_empty_folder() {
    let sandbox = shell(
        "test -e $TMPDIR/was-here && exit 8; touch $TMPDIR/was-here; echo x >> attempts; \
         test $(wc -l < attempts) -lt 2 && exit 1; echo a > $DP_OUTPUT",
        &format!("retries = 2\n{CSV}"),
    );
    apply(&sandbox).success();
    assert_eq!(sandbox.read("attempts"), "x\nx\n");
    assert!(sandbox.read(".dp/logs/r1/ml.made.log").contains("attempt 1 of 3 failed: it exited with 1; again in 1 s"));
}

#[test]
fn a_timeout_ends_the_whole_tree() {
    let sandbox = shell("(trap '' TERM; sleep 1000) & sleep 1000", &format!("timeout = \"1s\"\n{CSV}"));
    let begun = std::time::Instant::now();
    apply(&sandbox).exits(3).says("it took longer than its timeout of");
    assert!(begun.elapsed().as_secs() < 60);
    assert_no_process_of(&sandbox);
}

/// No process is left that has the folder of the sandbox in its environment.
fn assert_no_process_of(sandbox: &Sandbox) {
    let mark = format!("DP_WORK={}", sandbox.root().canonicalize().expect("the project").display());
    for entry in std::fs::read_dir("/proc").expect("processes").flatten() {
        if let Ok(environment) = std::fs::read(entry.path().join("environ")) {
            let text = String::from_utf8_lossy(&environment).into_owned();
            assert!(!text.contains(&mark), "{} is left", entry.path().display());
        }
    }
}

#[test]
fn what_it_leaves_running_is_ended() {
    let sandbox = shell("echo a > $DP_OUTPUT; (setsid sleep 1000 > /dev/null 2>&1 &)", CSV);
    apply(&sandbox).success();
    assert_no_process_of(&sandbox);
}

#[test]
fn one_signal_ends_it_and_everything_that_it_started() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;
    let sandbox = shell("mkfifo ready 2>/dev/null; echo go > ready; sleep 1000 & wait", CSV);
    let made = std::process::Command::new("mkfifo").arg(sandbox.path("ready")).status().unwrap();
    assert!(made.success());
    let mut child = sandbox
        .command(["apply", "--auto-approve"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("dp starts");
    let mut line = String::new();
    BufReader::new(std::fs::File::open(sandbox.path("ready")).unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "go\n");
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_no_process_of(&sandbox);
    let outcome = sandbox.record("select outcome, message from steps");
    assert_eq!(outcome, [["skipped", "interrupted"]]);
}

#[test]
fn further_files_are_published_with_the_rest_and_put_back_by_a_rollback() {
    let sandbox = shell(
        "echo a > $DP_OUTPUT; cp source.txt $DP_FILE_MODEL",
        "files = [\"source.txt\"]\n[output]\nformat = \"csv\"\n[[files]]\nname = \"model\"\npath = \"models/model.bin\"\n",
    );
    sandbox.write("source.txt", "one\n");
    sandbox.apply();
    assert_eq!(sandbox.read("models/model.bin"), "one\n");
    sandbox.write("source.txt", "two\n");
    sandbox.apply();
    assert_eq!(sandbox.read("models/model.bin"), "two\n");
    sandbox.write("models/model.bin", "by hand\n");
    assert!(sandbox.plan().contains("models/model.bin was changed"), "{}", sandbox.plan());
    sandbox.apply();
    assert_eq!(sandbox.read("models/model.bin"), "two\n");
    sandbox.dp(["rollback", "--auto-approve"]).success();
    assert_eq!(sandbox.read("models/model.bin"), "one\n");
    sandbox.dp(["destroy", "--auto-approve"]).success();
    assert!(!sandbox.path("models/model.bin").exists());
}

#[test]
fn a_file_that_dp_did_not_write_is_in_the_way() {
    let sandbox = shell("echo a > $DP_FILE_MODEL", "[[files]]\nname = \"model\"\npath = \"models/model.bin\"\n");
    sandbox.write("models/model.bin", "mine\n");
    sandbox.dp(["plan"]).exits(1).says("models/model.bin");
}

/// A program that leaves two tables and no table of its own.
fn two_tables() -> Sandbox {
    Sandbox::shop()
        .file("small.csv", "id\n1\n")
        .asset(
            "ml.split",
            "
            kind = \"command\"
            [command]
            run = [\"sh\", \"-c\", 'cp small.csv $DP_OUTPUT_SMALL; printf \"id,x\\n5,6\\n\" > $DP_OUTPUT_LARGE']
            files = [\"small.csv\"]
            inputs = [\"staging.orders\"]
            [outputs.small]
            format = \"csv\"
            checks = [{ row_count = { min = 1 } }]
            [outputs.large]
            format = \"csv\"
            [outputs.large.columns.x]
            type = \"BIGINT\"
            checks = [\"not_null\"]
            ",
        )
        .sql("marts.both", "select id from ml.small union all select id from ml.large")
}

#[test]
fn one_program_can_make_several_tables() {
    let sandbox = two_tables();
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.both order by id"), "id\n1\n5\n");
    assert_eq!(sandbox.actions(), [""; 0]);
    assert!(sandbox.path("warehouse/prod/ml/small.parquet").exists());
    assert!(!sandbox.path("warehouse/prod/ml/split.parquet").exists());
    sandbox.write("small.csv", "id\n2\n");
    assert_eq!(
        sandbox.actions(),
        [
            "ml.split rebuild [definition_changed]",
            "ml.large maybe [input_may_change]",
            "ml.small maybe [input_may_change]",
            "marts.both maybe [input_may_change, input_may_change]",
        ]
    );
    apply(&sandbox).success();
    let outcomes = sandbox.record("select asset, outcome from steps where run = 'r2' order by asset");
    assert_eq!(
        outcomes,
        [["marts.both", "built"], ["ml.large", "cut_off"], ["ml.small", "built"], ["ml.split", "built"]]
    );
    assert_eq!(sandbox.query("from marts.both order by id"), "id\n2\n5\n");
}

#[test]
fn a_program_under_another_name_is_what_its_tables_say_of_themselves() {
    let sandbox = two_tables();
    sandbox.apply();
    let toml = sandbox.read("assets/ml/split.toml");
    sandbox.remove("assets/ml/split.toml");
    sandbox.write("assets/ml/parted.toml", &format!("moved_from = \"ml.split\"\n{toml}"));
    sandbox.dp(["plan"]).success().says("ml.parted changed: it had the name ml.split");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.both order by id"), "id\n1\n5\n");
    assert_eq!(sandbox.actions(), [""; 0]);
}

#[test]
fn a_program_without_a_table_can_not_be_queried() {
    let sandbox = two_tables().sql("marts.bad", "select * from ml.split");
    sandbox
        .dp(["plan"])
        .exits(1)
        .says("`ml.split` is not a table")
        .says("read one of its tables: `ml.large` and `ml.small`");
}

#[test]
fn tables_and_files_of_a_program_survive_gc_and_are_verified() {
    let sandbox = two_tables();
    sandbox.apply();
    sandbox.dp(["gc", "--auto-approve"]).success();
    sandbox.dp(["check", "--deep"]).success();
    let stored = sandbox.record("select path from published where asset = 'ml.split'");
    let file = sandbox.path(&stored[0][0]);
    let mut permissions = std::fs::metadata(&file).unwrap().permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a test that damages a file")]
    permissions.set_readonly(false);
    std::fs::set_permissions(&file, permissions).unwrap();
    std::fs::write(&file, "id,x\n9,9\n").unwrap();
    let actions = sandbox.actions();
    assert!(actions[0].starts_with("ml.split rebuild [output_drifted]"), "{actions:?}");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.both order by id"), "id\n1\n5\n");
}

#[test]
fn what_was_made_from_the_same_is_published_again_without_running() {
    let sandbox = scored();
    sandbox.apply();
    let before = sandbox.versions()["ml.scores"].clone();
    sandbox.edit("scripts/score.py", "[2, 20]", "[2, 30]");
    sandbox.apply();
    sandbox.edit("scripts/score.py", "[2, 30]", "[2, 20]");
    assert_eq!(sandbox.actions()[0], "ml.scores reuse [definition_changed]");
    sandbox.apply();
    assert_eq!(sandbox.versions()["ml.scores"], before);
    assert_eq!(sandbox.dp(["apply", "--auto-approve", "--env", "prod"]).success().code, 0);
}

#[test]
fn another_environment_shares_what_was_made() {
    let sandbox = scored();
    sandbox.write("dp.toml", "[project]\nname = \"shop\"\n[environments.dev]\n");
    sandbox.apply();
    sandbox.dp(["apply", "--auto-approve", "--env", "dev"]).success();
    let runs = sandbox.record("select count(*) from effects where kind = 'printed' and asset = 'ml.scores'");
    assert_eq!(runs, [["1"]]);
}

#[test]
fn a_command_is_shown_with_what_it_did() {
    let sandbox = scored();
    sandbox.apply();
    let did = effects(&sandbox, &["ml.scores"]);
    for expected in
        ["read scripts/score.py", "printed .dp/logs/r1/ml.scores.log", "published warehouse/prod/ml/scores.parquet"]
    {
        assert!(did.iter().any(|effect| effect == expected), "{expected} is not in {did:#?}");
    }
    assert!(did.iter().any(|effect| effect.starts_with("started ") && effect.contains("python3")), "{did:#?}");
}

#[test]
fn the_order_of_the_rows_that_a_program_is_given_counts() {
    let sandbox = Sandbox::shop()
        .asset("staging.listed", "kind = \"sql\"\nsql = \"select id, amount from staging.orders order by amount\"\n")
        .asset(
            "ml.first",
            "
            kind = \"command\"
            [command]
            run = [\"sh\", \"-c\", 'head -n 2 \"$DP_INPUT_STAGING_LISTED\" > \"$DP_OUTPUT\"']
            inputs = [\"staging.listed\"]
            input_format = \"csv\"
            [output]
            format = \"csv\"
            ",
        );
    sandbox.apply();
    let first = sandbox.query("from ml.first");
    sandbox.edit("assets/staging/listed.toml", "order by amount", "order by amount desc");
    sandbox.apply();
    assert_ne!(sandbox.query("from ml.first"), first, "the program saw another first row");
}

#[test]
fn a_working_dir_must_be_a_folder_of_the_project() {
    let sandbox = |folder: &str| shell("true", &format!("working_dir = {}\n{CSV}", toml(folder)));
    sandbox("nowhere").dp(["plan"]).exits(1).says("working_dir");
    sandbox("../..").dp(["plan"]).exits(1).says("working_dir");
}
