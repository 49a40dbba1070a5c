//! What programs really do: seen, recorded, judged, and part of what decides a rebuild.

use std::io::Read as _;
use std::net::TcpListener;

use insta::assert_snapshot;

use crate::sandbox::{Output, Sandbox, text};

/// A command that runs a Python script.
fn python(script: &str, rest: &str) -> Sandbox {
    let script = format!("import os\nopen(os.environ['DP_OUTPUT'], 'w').write('a\\n1\\n')\n{script}\n");
    let sandbox = Sandbox::new().file("scripts/work.py", "");
    std::fs::write(sandbox.path("scripts/work.py"), script).expect("the script");
    sandbox.asset(
        "ml.made",
        &format!(
            "kind = \"command\"\n{rest}\n[command]\nrun = [\"python3\", \"scripts/work.py\"]\nfiles = [\"scripts/work.py\"]\ninputs = []\n[output]\nformat = \"csv\"\n"
        ),
    )
}

fn apply(sandbox: &Sandbox) -> Output {
    sandbox.dp(["apply", "--auto-approve"])
}

fn effects(sandbox: &Sandbox, arguments: &[&str]) -> Vec<(String, String)> {
    let arguments: Vec<&str> = ["effects", "ml.made", "--json"].iter().chain(arguments).copied().collect();
    let json = sandbox.dp(arguments).success().json();
    let effects = json["effects"].as_array().expect("a list").clone();
    effects
        .iter()
        .map(|effect| (text(&effect["effect"]).to_owned(), effect["path"].as_str().unwrap_or_default().to_owned()))
        .collect()
}

#[track_caller]
fn assert_did(sandbox: &Sandbox, kind: &str, path: &str) {
    let did = effects(sandbox, &["--all"]);
    assert!(did.contains(&(kind.to_owned(), path.to_owned())), "{kind} {path} is not in {did:#?}");
}

#[test]
fn a_file_that_nobody_declared_counts_from_then_on() {
    let sandbox = python("open('config.json').read()", "");
    sandbox.write("config.json", "{}\n");
    let output = apply(&sandbox).success();
    let output = output.says("`ml.made` read `config.json`, which it does not declare");
    output.says("add `files = [\"scripts/work.py\", \"config.json\"]` under [command]");
    assert_eq!(sandbox.actions(), [""; 0]);
    sandbox.write("config.json", "{\"a\": 1}\n");
    assert_snapshot!(sandbox.plan(), @r"
    Rebuild
      ~ ml.made  config.json changed (observed, not declared)

    Plan: 1 to rebuild.
    Next: dp apply
    [exit 0]
    ");
    assert_eq!(sandbox.actions(), ["ml.made rebuild [input_changed]"]);
    sandbox.dp(["why", "ml.made"]).success().says("≠ config.json observed, not declared");
    sandbox.write("config.json", "{}\n");
    assert_eq!(sandbox.actions(), [""; 0], "it is as it was");
    sandbox.remove("config.json");
    assert!(sandbox.plan().contains("config.json no longer exists (observed, not declared)"));
}

#[test]
fn a_saved_plan_stands_on_it_too() {
    let sandbox = python("open('config.json').read()", "");
    sandbox.write("config.json", "{}\n");
    apply(&sandbox).success();
    sandbox.edit("scripts/work.py", "open('config.json').read()", "open('config.json').read()  # and more");
    sandbox.dp(["plan", "--out", "saved.plan"]).success();
    sandbox.write("config.json", "{\"a\": 1}\n");
    sandbox.dp(["apply", "saved.plan"]).exits(1).says("an observed input of `ml.made` changed");
    sandbox.write("config.json", "{}\n");
    sandbox.dp(["apply", "saved.plan"]).success();
}

#[test]
fn once_declared_it_is_no_surprise() {
    let sandbox = python("open('config.json').read()", "");
    sandbox.write("config.json", "{}\n");
    sandbox.edit("assets/ml/made.toml", "[\"scripts/work.py\"]", "[\"scripts/work.py\", \"config.json\"]");
    let output = apply(&sandbox).success();
    assert!(!output.stderr.contains("warning"), "{output}");
    sandbox.write("config.json", "{\"a\": 1}\n");
    assert!(sandbox.plan().contains("config.json changed"), "{}", sandbox.plan());
}

#[test]
fn a_look_up_that_failed_counts() {
    let sandbox = python("os.path.exists('override.json')", "");
    apply(&sandbox).success();
    assert_eq!(sandbox.actions(), [""; 0]);
    sandbox.write("override.json", "{}\n");
    assert!(sandbox.plan().contains("override.json now exists (observed, not declared)"), "{}", sandbox.plan());
    sandbox.remove("override.json");
    assert_eq!(sandbox.actions(), [""; 0]);
}

#[test]
fn the_names_in_a_folder_count() {
    let sandbox = python("os.listdir('inbox')", "");
    sandbox.write("inbox/a.txt", "1\n");
    apply(&sandbox).success();
    sandbox.write("inbox/a.txt", "2\n");
    assert_eq!(sandbox.actions(), [""; 0], "the names are the same");
    sandbox.write("inbox/b.txt", "1\n");
    assert!(sandbox.plan().contains("inbox contains other names (observed, not declared)"), "{}", sandbox.plan());
}

#[test]
fn a_module_counts_though_python_had_its_bytecode() {
    let sandbox = python("import sys\nsys.path.insert(0, 'lib')\nimport tools", "");
    sandbox.write("lib/tools.py", "x = 1\n");
    let cached = std::process::Command::new("python3")
        .args(["-c", "import sys; sys.path.insert(0, 'lib'); import tools"])
        .current_dir(sandbox.root())
        .env_remove("PYTHONDONTWRITEBYTECODE")
        .status()
        .unwrap();
    assert!(cached.success());
    apply(&sandbox).success();
    sandbox.write("lib/tools.py", "x = 2\n");
    assert!(sandbox.plan().contains("lib/tools.py changed (observed, not declared)"), "{}", sandbox.plan());
    // Also if the program insists on the cache.
    sandbox.edit("assets/ml/made.toml", "[\"python3\", ", "[\"python3\", \"-E\", ");
    apply(&sandbox).success();
    sandbox.write("lib/tools.py", "x = 3\n");
    assert!(sandbox.plan().contains("lib/tools.py changed (observed, not declared)"), "{}", sandbox.plan());
}

#[test]
fn a_file_outside_the_project_counts() {
    let outside = tempfile::tempdir().unwrap();
    // Temporary folders are noise only for what a program makes there itself.
    let file = outside.path().join("rates.txt");
    std::fs::write(&file, "1").unwrap();
    let sandbox = python(&format!("open({:?}).read()", file.display().to_string()), "");
    apply(&sandbox).success().says("which it does not declare").says("`[allow]` with `read = ");
    assert_eq!(sandbox.actions(), [""; 0]);
    std::fs::write(&file, "2").unwrap();
    assert_eq!(sandbox.actions(), ["ml.made rebuild [input_changed]"]);
}

#[test]
fn what_it_writes_is_seen_and_not_an_input() {
    let sandbox = python(
        "open('notes.txt', 'w').write('x')\nopen('notes.txt').read()\nos.mkdir('made')\nos.rename('notes.txt', 'made/notes.txt')\nopen('gone', 'w')\nos.remove('gone')",
        "",
    );
    apply(&sandbox).success().says("`ml.made` changed").says("which it does not declare");
    for (kind, path) in [("created", "notes.txt"), ("created", "made"), ("renamed", "notes.txt"), ("removed", "gone")] {
        assert_did(&sandbox, kind, path);
    }
    assert_eq!(sandbox.actions(), [""; 0]);
}

#[test]
fn a_change_of_what_belongs_to_another_asset_is_named_at_that_run() {
    let sandbox = python("open('data/orders.csv', 'a').write('9,zoe,9\\n')", "");
    sandbox.write("data/orders.csv", "id,customer,amount\n1,ann,10\n");
    let sandbox = sandbox.source("raw.orders", "data/orders.csv");
    // The source has its version before the program runs, whichever would be first.
    let _first = sandbox.dp(["apply", "--auto-approve", "raw.orders"]).success();
    apply(&sandbox).exits(0).says("`ml.made` changed `data/orders.csv`, which belongs to the source `raw.orders`");
    let actions = sandbox.actions();
    assert!(actions.contains(&"raw.orders rebuild [input_changed]".to_owned()), "{actions:?}");
}

#[test]
fn a_table_read_past_dp_is_drawn_and_named() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox.write(
        "assets/ml/made.toml",
        "
        kind = \"command\"
        [command]
        run = [\"sh\", \"-c\", 'cat warehouse/prod/staging/orders.parquet > /dev/null; echo a > $DP_OUTPUT']
        inputs = [\"raw.orders\"]
        [output]
        format = \"csv\"
        ",
    );
    apply(&sandbox).success().says("add `inputs = [\"raw.orders\", \"staging.orders\"]` under [command]");
    let drawn = sandbox.dp(["lineage", "ml.made"]).success();
    assert_snapshot!(drawn, @r"
    ml.made (command)
    └── reads
        ├── raw.orders (source)
        └── staging.orders (sql, observed, not declared)
            └── raw.orders (source)
    [exit 0]
    ");
    let json = sandbox.dp(["lineage", "--json"]).success().json();
    let edges = json["edges"].as_array().unwrap();
    assert!(edges.iter().any(|edge| edge["observed"] == true && edge["from"] == "staging.orders"), "{edges:?}");
    sandbox.edit("data/orders.csv", "3,ann,30", "3,ann,31");
    sandbox.dp(["apply", "--auto-approve", "staging.orders", "raw.orders"]).success();
    let actions = sandbox.actions();
    assert!(actions.iter().any(|action| action.starts_with("ml.made rebuild [input_changed")), "{actions:?}");
}

#[test]
fn hosts_are_a_warning_in_every_plan_unless_something_makes_it_stale() {
    let script = "import socket\nfor host in ['127.0.0.1', '192.0.2.7']:\n    try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect((host, 9))\n    except OSError: pass";
    let sandbox = python(script, "");
    apply(&sandbox).success().says("`ml.made` contacted `127.0.0.1:9` and `192.0.2.7:9`, but sets no `refresh`");
    assert_did(&sandbox, "contacted", "127.0.0.1:9");
    sandbox.dp(["plan"]).success().says("contacted `127.0.0.1:9` and `192.0.2.7:9`, but sets no `refresh`");
    let sandbox = python(script, "refresh = \"24h\"");
    let output = apply(&sandbox).success();
    assert!(!output.stderr.contains("warning"), "{output}");
    let plan = sandbox.plan();
    assert!(!plan.contains("192.0.2.7"), "{plan}");
}

#[test]
fn the_verb_shows_it() {
    let sandbox = python("open('config.json').read()", "effects = \"record\"");
    sandbox.write("config.json", "{}\n");
    let output = apply(&sandbox).success();
    assert!(!output.stderr.contains("warning"), "nobody wants to be warned: {output}");
    assert_snapshot!(sandbox.dp(["effects", "ml.made", "--undeclared"]), @r"
    ml.made in run r1
    effect  where        times  size  note
    ─────────────────────────────────────────────────────────────
    read    config.json      1   [SIZE]  not declared; by python3.11
    [exit 0]
    ");
    let folded = sandbox.dp(["effects"]).success();
    folded.says("Not listed:").says("system libraries and settings");
    let all = effects(&sandbox, &["--all"]);
    assert!(all.iter().any(|(_, path)| path.starts_with("/usr/")), "{all:#?}");
    sandbox.dp(["effects", "--rules"]).success().says("installed packages").says("**/site-packages/**");
    sandbox.dp(["effects", "nothing.here"]).exits(1).says("nothing.here");
}

#[test]
fn noise_is_what_the_project_says_too() {
    let sandbox = python("open('scratch/x', 'w').write('1')\nopen('/etc/hostname').read()", "");
    sandbox.write("scratch/keep", "");
    sandbox
        .write("dp.toml", "[project]\nname = \"shop\"\n[observation]\nnoise = [\"scratch/**\", \"!/etc/hostname\"]\n");
    let output = apply(&sandbox).success().says("/etc/hostname");
    assert!(!output.stderr.contains("scratch"), "{output}");
}

/// What `effects = "deny"` is tried on.
fn denied(script: &str, allow: &str) -> Sandbox {
    let sandbox = python(script, "effects = \"deny\"");
    let text = sandbox.read("assets/ml/made.toml");
    std::fs::write(sandbox.path("assets/ml/made.toml"), format!("{text}{allow}")).expect("the asset");
    sandbox
}

#[test]
fn a_program_that_does_what_it_says_runs_under_deny() {
    let sandbox = denied("import json, tempfile\nopen(tempfile.mktemp(), 'w').write('x')", "");
    let output = apply(&sandbox).success();
    assert!(!output.stderr.contains("warning"), "{output}");
    assert_eq!(sandbox.query("from ml.made"), "a\n1\n");
}

#[test]
fn deny_stops_a_write() {
    let sandbox = denied("open('data.txt', 'w').write('changed')", "");
    sandbox.write("data.txt", "as it was\n");
    apply(&sandbox)
        .exits(3)
        .says("`ml.made` was denied changing `data.txt`")
        .says("add `[allow]` with `write = [\"data.txt\"]`");
    assert_eq!(sandbox.read("data.txt"), "as it was\n");
    let sandbox = denied("open('data.txt', 'w').write('changed')", "[allow]\nwrite = [\"data.txt\"]\n");
    sandbox.write("data.txt", "as it was\n");
    apply(&sandbox).success();
    assert_eq!(sandbox.read("data.txt"), "changed");
}

#[test]
fn deny_stops_a_read() {
    let sandbox = denied("open(os.path.expanduser('~/.ssh/id')).read()", "");
    let home = sandbox.root().parent().unwrap().join(".ssh");
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join("id"), "private").unwrap();
    apply(&sandbox).exits(3).says("was denied reading").says("/.ssh/id").says("add `[allow]` with `read = ");
    let sandbox = denied("open('config.json').read()", "");
    sandbox.write("config.json", "{}\n");
    apply(&sandbox).exits(3).says("was denied reading `config.json`");
}

#[test]
fn deny_stops_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let script = format!("import socket\nsocket.create_connection(('127.0.0.1', {port})).sendall(b'hello')");
    let sandbox = denied(&script, "");
    apply(&sandbox)
        .exits(3)
        .says(&format!("was denied contacting `127.0.0.1:{port}`"))
        .says(&format!("add `[allow]` with `connect = [\"127.0.0.1:{port}\"]`"));
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nobody connected");
    listener.set_nonblocking(false).unwrap();
    let sandbox = denied(&script, &format!("[allow]\nconnect = [\"127.0.0.1:{port}\"]\n"));
    apply(&sandbox).success();
    let mut text = String::new();
    listener.accept().unwrap().0.read_to_string(&mut text).unwrap();
    assert_eq!(text, "hello");
}

#[test]
fn what_may_leave_the_project_heads_the_plan() {
    let sandbox = python("", "");
    let text = sandbox.read("assets/ml/made.toml");
    std::fs::write(sandbox.path("assets/ml/made.toml"), format!("{text}[allow]\nread = [\"/srv/models\"]\n")).unwrap();
    sandbox.dp(["plan"]).success().says("`ml.made` may access `/srv/models`, outside the project");
}

#[test]
fn where_nothing_can_be_watched_folders_are_compared() {
    let sandbox = python("open('notes.txt', 'w').write('x')\nopen('config.json').read()", "");
    sandbox.write("config.json", "{}\n");
    let output =
        sandbox.command(["apply", "--auto-approve"]).env("__DP_TEST_OBSERVE", "compare").output().expect("dp runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows = sandbox.record("select kind, path, seen from effects where asset = 'ml.made' and path like '%.txt'");
    assert_eq!(rows, [["created", "notes.txt", "compared"]]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("dp could not observe everything that `ml.made` did"), "{said}");
    let json = sandbox.dp(["show", "ml.made", "--json"]).success().json();
    assert_eq!(json["versions"][0]["program"]["seen"], "compared");
}

#[test]
fn a_file_counts_whatever_way_led_to_it() {
    let ways = [
        "import tempfile; p = tempfile.mkdtemp() + '/link'; os.symlink(os.getcwd() + '/config.txt', p); open(p).read()",
        "os.rename('config.txt', 'moved.txt'); open('moved.txt').read(); os.rename('moved.txt', 'config.txt')",
        "os.link('config.txt', 'other.txt'); open('other.txt').read(); os.unlink('other.txt')",
    ];
    for way in ways {
        let sandbox = python(way, "");
        sandbox.write("config.txt", "1\n");
        apply(&sandbox).success();
        sandbox.write("config.txt", "2\n");
        assert_eq!(sandbox.actions(), ["ml.made rebuild [input_changed]"], "{way}");
    }
}

#[test]
fn where_a_link_leads_counts() {
    let sandbox = python("os.readlink('current')", "");
    let lead = |to: &str| {
        if sandbox.path("current").is_symlink() {
            sandbox.remove("current");
        }
        std::os::unix::fs::symlink(to, sandbox.path("current")).expect("a link");
    };
    lead("a");
    apply(&sandbox).success();
    assert_eq!(sandbox.actions(), [""; 0]);
    lead("b");
    assert_eq!(sandbox.actions(), ["ml.made rebuild [input_changed]"]);
}

#[test]
fn a_look_around_the_project_makes_nothing_due_by_itself() {
    let sandbox = python("os.listdir('.')", "");
    apply(&sandbox).success();
    assert_eq!(sandbox.actions(), [""; 0]);
    apply(&sandbox).success();
    assert_eq!(sandbox.actions(), [""; 0], "what dp makes there does not count");
    sandbox.write("new.txt", "");
    assert_eq!(sandbox.actions(), ["ml.made rebuild [input_changed]"]);
}

#[test]
fn a_secret_in_a_path_is_shown_nowhere() {
    let secret = "hunter2hunter2";
    let sandbox =
        python("token = os.environ['TOKEN']\nos.path.exists('/srv/' + token + '/x')\nopen(token, 'w').close()", "");
    sandbox.edit("assets/ml/made.toml", "inputs = []", "inputs = []\nenv = { TOKEN = \"${env.TOKEN}\" }");
    for command in [&["apply", "--auto-approve", "-v"][..], &["plan", "--json"], &["effects", "--all"], &["status"]] {
        let output = sandbox.command(command).env("TOKEN", secret).output().expect("dp runs");
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success() && !said.contains(secret), "{command:?}: {said}");
    }
    for path in sandbox.tree(".dp") {
        let bytes = std::fs::read(sandbox.path(&path)).expect("a file");
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "the secret is in {path}");
    }
    // What can't be written down can't be compared, so it runs again.
    let plan = sandbox.command(["plan", "--json"]).env("TOKEN", secret).output().expect("dp runs");
    assert!(String::from_utf8_lossy(&plan.stdout).contains("\"rebuild\""));
}

#[test]
fn a_rollback_is_held_back_though_files_nobody_declared_count() {
    let sandbox = python("open('config.txt').read()", "");
    sandbox.write("config.txt", "1\n");
    apply(&sandbox).success();
    sandbox.write("config.txt", "2\n");
    apply(&sandbox).success();
    sandbox.dp(["rollback", "r2", "--auto-approve"]).success();
    let back = sandbox.versions();
    assert_eq!(sandbox.actions(), ["ml.made reuse [input_changed, rolled_back]"]);
    apply(&sandbox).success().says("1 held back");
    assert_eq!(sandbox.versions(), back, "it stays as it was put back");
    sandbox.write("config.txt", "3\n");
    assert_eq!(sandbox.actions(), ["ml.made rebuild [input_changed, rolled_back]"]);
    apply(&sandbox).success();
    assert_eq!(sandbox.versions(), back, "whatever its inputs do");
}

#[test]
fn a_service_of_this_machine_is_a_host_unless_the_program_started_it() {
    let own = "import socket\nserver = socket.socket(); server.bind(('127.0.0.1', 0)); server.listen()\n\
               child = os.fork()\nif child == 0:\n    server.accept()[0].sendall(b'x'); os._exit(0)\n\
               socket.create_connection(server.getsockname()).recv(1); os.waitpid(child, 0)\n\
               path = os.environ['TMPDIR'] + '/s'; local = socket.socket(socket.AF_UNIX); local.bind(path); local.listen()\n\
               socket.socket(socket.AF_UNIX).connect(path)";
    let sandbox = python(own, "");
    let output = apply(&sandbox).success();
    assert!(!output.stderr.contains("warning"), "{output}");
    assert!(sandbox.plan().contains("Nothing to do"), "{}", sandbox.plan());

    let database = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = database.local_addr().expect("its address").port();
    let sandbox = python(&format!("import socket\nsocket.create_connection(('127.0.0.1', {port}))"), "");
    apply(&sandbox).success().says(&format!("`ml.made` contacted `127.0.0.1:{port}`, but sets no `refresh`"));
    sandbox.dp(["plan"]).success().says(&format!("contacted `127.0.0.1:{port}`"));

    let sandbox = python("import socket\nsocket.socket(socket.AF_UNIX).connect('docker.sock')", "");
    let daemon = std::os::unix::net::UnixListener::bind(sandbox.path("docker.sock")).expect("a socket");
    apply(&sandbox).success().says("docker.sock`, but sets no `refresh`");
    drop(daemon);
}

/// Ways in which programs leave a result: each writes a column `a` with one row.
const WAYS_TO_WRITE: &[(&str, &str)] = &[
    ("plain.sh", "printf 'a\\n1\\n' > \"$DP_OUTPUT\""),
    ("append.sh", "echo a >> \"$DP_OUTPUT\"; echo 1 >> \"$DP_OUTPUT\""),
    ("tee.sh", "printf 'a\\n1\\n' | tee \"$DP_OUTPUT\" > /dev/null"),
    ("beside.sh", "printf 'a\\n1\\n' > \"$DP_OUTPUT.tmp\" && mv \"$DP_OUTPUT.tmp\" \"$DP_OUTPUT\""),
    ("beside_random.sh", "f=$(mktemp \"$DP_OUTPUT.XXXX\"); printf 'a\\n1\\n' > $f; mv $f \"$DP_OUTPUT\""),
    ("temporary.sh", "f=$(mktemp); printf 'a\\n1\\n' > $f; mv $f \"$DP_OUTPUT\""),
    ("copied.sh", "f=$(mktemp); printf 'a\\n1\\n' > $f; cp $f \"$DP_OUTPUT\"; rm $f"),
    ("installed.sh", "f=$(mktemp); printf 'a\\n1\\n' > $f; install -m 644 $f \"$DP_OUTPUT\""),
    (
        "linked.sh",
        "printf 'a\\n1\\n' > \"$DP_OUTPUT.tmp\"; ln \"$DP_OUTPUT.tmp\" \"$DP_OUTPUT\"; rm \"$DP_OUTPUT.tmp\"",
    ),
    ("folder.sh", "d=$(mktemp -d); printf 'a\\n1\\n' > $d/x; mv $d/x \"$DP_OUTPUT\"; rmdir $d"),
    ("went.sh", "cd \"$(dirname \"$DP_OUTPUT\")\" && printf 'a\\n1\\n' > \"$(basename \"$DP_OUTPUT\")\""),
    ("edited.sh", "printf 'x\\n1\\n' > \"$DP_OUTPUT\"; sed -i 's/x/a/' \"$DP_OUTPUT\""),
    ("zipped.sh", "printf 'a\\n1\\n' | gzip > \"$DP_OUTPUT.gz\"; gunzip \"$DP_OUTPUT.gz\""),
    // In the project, which is the working folder.
    ("here.sh", "printf 'a\\n1\\n' > here.tmp; mv here.tmp \"$DP_OUTPUT\""),
    ("here_copied.sh", "printf 'a\\n1\\n' > here2.tmp; cp here2.tmp \"$DP_OUTPUT\"; rm here2.tmp"),
    ("here_folder.sh", "mkdir parts; printf 'a\\n1\\n' > parts/x; cat parts/x > \"$DP_OUTPUT\"; rm -r parts"),
    (
        "replaced.py",
        "f = open(o + '.tmp', 'w'); f.write('a\\n1\\n'); f.flush(); os.fsync(f.fileno()); os.replace(o + '.tmp', o)\nd = os.open(os.path.dirname(o), os.O_RDONLY); os.fsync(d); os.close(d)",
    ),
    (
        "named.py",
        "import tempfile\nwith tempfile.NamedTemporaryFile('w', dir=os.path.dirname(o), delete=False) as f: f.write('a\\n1\\n')\nos.replace(f.name, o)",
    ),
    (
        "moved.py",
        "import tempfile, shutil\nd = tempfile.mkdtemp(); open(d + '/x', 'w').write('a\\n1\\n'); shutil.move(d + '/x', o); os.rmdir(d)",
    ),
    ("moved_here.py", "import shutil\nopen('moved.tmp', 'w').write('a\\n1\\n'); shutil.move('moved.tmp', o)"),
    (
        "mapped.py",
        "import mmap\nf = open(o, 'wb+'); f.truncate(4); m = mmap.mmap(f.fileno(), 4); m[:] = b'a\\n1\\n'; m.close()",
    ),
    (
        "looked.py",
        "assert not os.path.exists(o); os.makedirs(os.path.dirname(o), exist_ok=True); open(o, 'x').write('a\\n1\\n'); open(o).read()",
    ),
    (
        "locked.py",
        "import fcntl\nl = open(o + '.lock', 'w'); fcntl.flock(l, fcntl.LOCK_EX); open(o, 'w').write('a\\n1\\n'); os.unlink(o + '.lock')",
    ),
    (
        "path.py",
        "import pathlib\np = pathlib.Path(o).resolve(); t = p.with_suffix('.part'); t.write_text('a\\n1\\n'); t.rename(p)",
    ),
    (
        "database.py",
        "import sqlite3\nc = sqlite3.connect(o + '.db'); c.execute('create table t(a)'); c.execute('insert into t values(1)'); c.commit()\nopen(o, 'w').write('a\\n' + ''.join('%s\\n' % r for r in c.execute('select a from t'))); c.close(); os.remove(o + '.db')",
    ),
    (
        "child.py",
        "import subprocess\nsubprocess.run(['sh', '-c', 'printf \"a\\\\n1\\\\n\" > \"$1.new\"; mv \"$1.new\" \"$1\"', 'x', o], check=True)",
    ),
    (
        "pool.py",
        "from concurrent.futures import ProcessPoolExecutor\nimport multiprocessing\nwith ProcessPoolExecutor(1, multiprocessing.get_context('fork')) as e: n = list(e.map(abs, [1]))[0]\nopen(o, 'w').write('a\\n%s\\n' % n)",
    ),
];

#[test]
fn a_result_may_be_written_in_any_way_without_a_warning() {
    let mut sandbox = Sandbox::new();
    for (file, script) in WAYS_TO_WRITE {
        let (name, interpreter) = match file.split_once('.').expect("an extension") {
            (name, "py") => (name, "python3"),
            (name, _) => (name, "sh"),
        };
        let prelude = if interpreter == "sh" { "set -e\n" } else { "import os\no = os.environ['DP_OUTPUT']\n" };
        sandbox = sandbox.file(&format!("scripts/{file}"), &format!("{prelude}{script}\n")).asset(
            &format!("ml.{name}"),
            &format!(
                "kind = \"command\"\nrefresh = \"24h\"\n[command]\nrun = [\"{interpreter}\", \"scripts/{file}\"]\n\
                 files = [\"scripts/{file}\"]\n[output]\nformat = \"csv\"\n"
            ),
        );
    }
    let output = apply(&sandbox).success();
    assert!(!output.to_string().contains("warning"), "{output}");
    for (file, _) in WAYS_TO_WRITE {
        let name = file.split('.').next().expect("a name");
        assert_eq!(sandbox.query(&format!("from ml.{name}")), "a\n1\n", "{file}");
    }
    assert_eq!(sandbox.actions(), [""; 0]);
    let plan = sandbox.dp(["plan"]).success();
    assert!(!plan.to_string().contains("Warnings"), "{plan}");
}
