//! Files, folders and surroundings that a project seldom has: they stop nothing that they are not about, and never dp itself.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::sandbox::Sandbox;

fn pipe(path: &Path) {
    if path.exists() {
        fs::remove_file(path).expect("the file in its place");
    }
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a named pipe");
}

/// Plans; a dp that waits for the writer of a pipe would never end, so the test takes what it said within a minute.
fn refuses_pipe(sandbox: &Sandbox, file: &str) {
    let mut child = sandbox
        .command(["plan"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("dp starts");
    let (sender, receiver) = std::sync::mpsc::channel();
    let number = rustix::process::Pid::from_child(&child);
    let watcher = std::thread::spawn(move || {
        if receiver.recv_timeout(std::time::Duration::from_mins(1)).is_err() {
            let _gone = rustix::process::kill_process(number, rustix::process::Signal::KILL);
        }
    });
    let mut said = String::new();
    std::io::Read::read_to_string(child.stderr.as_mut().expect("a pipe"), &mut said).expect("text");
    let code = child.wait().expect("it ends").code();
    sender.send(()).expect("the watcher waits");
    watcher.join().expect("the watcher");
    let said = said.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(code, Some(1), "{file}: {said}");
    assert!(said.contains("it is a named pipe"), "{file}: {said}");
    assert!(said.contains(file), "{file}: {said}");
}

#[test]
fn a_named_pipe_is_refused_at_once() {
    let command = "kind = \"command\"\n[command]\nrun = [\"sh\", \"-c\", \"true\"]\nfiles = [\"code.py\"]\n\
                   inputs = [\"raw.orders\"]\n[output]\nformat = \"csv\"\n";
    let reads = "kind = \"sql\"\nsql = \"select * from read_csv('data/extra.csv')\"\n";
    for (file, sandbox) in [
        ("data/orders.csv", Sandbox::shop()),
        ("dp.toml", Sandbox::shop()),
        ("assets/staging/orders.toml", Sandbox::shop()),
        ("q.sql", Sandbox::shop().asset("marts.q", "kind = \"sql\"\nsql_file = \"q.sql\"\n")),
        ("code.py", Sandbox::shop().asset("marts.c", command)),
        ("data/extra.csv", Sandbox::shop().asset("marts.r", reads)),
    ] {
        pipe(&sandbox.path(file));
        refuses_pipe(&sandbox, file);
    }
    let sandbox = Sandbox::shop();
    sandbox.edit("assets/raw/orders.toml", "data/orders.csv", "data/*.csv");
    pipe(&sandbox.path("data/more.csv"));
    refuses_pipe(&sandbox, "data/more.csv");
}

#[test]
fn a_link_that_leads_nowhere_stops_only_what_it_is_part_of() {
    let sandbox = Sandbox::shop();
    sandbox.edit("assets/raw/orders.toml", "data/orders.csv", "data/**/*.csv");
    // What editors and other programs leave.
    for link in ["assets/.#orders.toml", "assets/staging/.#x.toml", "assets/old", "data/.#orders.csv", "data/notes.txt"]
    {
        symlink("nowhere", sandbox.path(link)).expect("a link");
    }
    sandbox.apply();
    symlink("nowhere", sandbox.path("data/more.csv")).expect("a link");
    sandbox.dp(["plan"]).exits(1).says("cannot follow the link").says("data/more.csv");
    fs::remove_file(sandbox.path("data/more.csv")).expect("the link");
    symlink("nowhere", sandbox.path("assets/staging/more.toml")).expect("a link");
    sandbox.dp(["plan"]).exits(1).says("cannot follow the link").says("assets/staging/more.toml");
}

#[test]
fn an_empty_variable_says_nothing() {
    let sandbox = Sandbox::shop();
    for variable in ["DP_ENV", "DP_PROJECT"] {
        let output = sandbox.command(["apply", "--auto-approve"]).env(variable, "").output().expect("dp runs");
        assert_eq!(output.status.code(), Some(0), "{variable}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(sandbox.versions().len(), 3, "it is prod");
    sandbox.dp(["plan", "--env", ""]).exits(1).says("dp::project::unknown_environment");
}

#[test]
fn a_plan_that_is_not_there_is_called_so() {
    let sandbox = Sandbox::shop();
    for file in ["nothere.plan", "./plans/today"] {
        let output = sandbox.dp(["apply", file]).exits(1).says("dp::graph::empty_selection");
        output.says("no file and no asset has this name").says(&format!("dp plan --out {file}"));
    }
}

#[test]
fn a_folder_with_characters_of_patterns() {
    for name in ["a[1]", "b*c", "e{f,g}", "h'i", "j\"k", "l m", "n%o#p"] {
        let sandbox =
            Sandbox::shop().sql("marts.direct", "select count(*) as n from read_csv('data/orders.csv')").asset(
                "marts.program",
                "kind = \"command\"\n[command]\nrun = [\"sh\", \"-c\", \"cat data/orders.csv > $DP_OUTPUT\"]\n\
                 inputs = [\"raw.orders\"]\n[output]\nformat = \"csv\"\n",
            );
        let root = sandbox.root().with_file_name(name);
        fs::rename(sandbox.root(), &root).expect("another name");
        fs::create_dir(sandbox.root()).expect("a folder to start in");
        let project = root.to_str().expect("text").to_owned();
        let dp = |arguments: &[&str]| sandbox.dp(["-C", project.as_str()].iter().chain(arguments));
        dp(&["apply", "--auto-approve"]).success();
        dp(&["plan"]).success().says("Nothing to do");
        let count = dp(&["query", "select n from marts.direct", "--format", "csv"]).success();
        assert_eq!(count.stdout, "n\n4\n", "{name}");
        let sum = dp(&["query", "select sum(revenue) as s from marts.revenue", "--format", "csv"]).success();
        assert_eq!(sum.stdout, "s\n60\n", "{name}");
        dp(&["check"]).success();
    }
}

#[test]
fn a_folder_that_the_engine_can_not_open_is_refused_with_a_way_on() {
    for (name, what) in [("a\\b", "`\\`"), ("a?b", "`?`")] {
        let sandbox = Sandbox::shop();
        let root = sandbox.root().with_file_name(name);
        fs::rename(sandbox.root(), &root).expect("another name");
        fs::create_dir(sandbox.root()).expect("a folder to start in");
        let output = sandbox.dp(["-C", root.to_str().expect("text"), "apply", "--auto-approve"]).exits(1);
        output.says(&format!("contains {what}")).says("rename the folder");
        assert!(!root.join(".dp/state.db").exists(), "{name}: nothing was begun");
    }
}

#[test]
fn without_home_it_is_that_of_the_user() {
    let home = Command::new("sh").args(["-c", "eval echo \"~$(id -un)\""]).output().expect("a shell");
    let home = String::from_utf8(home.stdout).expect("text").trim().to_owned();
    let sandbox = Sandbox::shop().asset(
        "marts.home",
        "kind = \"command\"\n[command]\nrun = [\"sh\", \"-c\", \"echo home > $DP_OUTPUT; echo $HOME >> $DP_OUTPUT\"]\n\
         inputs = [\"raw.orders\"]\n[output]\nformat = \"csv\"\n",
    );
    let apply = |home: Option<&str>| {
        let mut command = sandbox.command(["apply", "--auto-approve"]);
        match home {
            Some(home) => command.env("HOME", home),
            None => command.env_remove("HOME"),
        };
        let output = command.output().expect("dp runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    apply(Some(&home));
    assert!(apply(None).contains("Nothing to do"), "as under a scheduler");
    assert_eq!(sandbox.query("from marts.home"), format!("home\n{home}\n"));
}

#[test]
fn a_store_on_another_disk_is_refused_before_anything_is_built() {
    let sandbox = Sandbox::shop();
    fs::create_dir_all(sandbox.path(".dp/store")).expect("a folder");
    let dp = env!("CARGO_BIN_EXE_dp");
    let script = format!("mount -t tmpfs none .dp/store || exit 99; exec {dp} apply --auto-approve");
    // 99 where nothing can be mounted, 1 of `unshare` itself where there are no namespaces.
    let unshare = |arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(arguments).args(["sh", "-c", script.as_str()]).current_dir(sandbox.root()).env("NO_COLOR", "1");
        let output = command.output().ok()?;
        let started = String::from_utf8_lossy(&output.stderr).contains("dp::") || output.status.success();
        started.then_some(output)
    };
    let Some(output) = unshare(&["-m"]).or_else(|| unshare(&["-rm"])) else {
        eprintln!("skipped: nothing can be mounted here");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("it is on another disk than") && said.contains("mount the disk at `.dp` itself"), "{said}");
    assert_eq!(sandbox.record("select count(*) from runs"), [["0"]]);
}
