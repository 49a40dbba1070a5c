//! Everything that a program did counts, whatever way it took; and what was not edited settles.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, SystemTime};

use crate::sandbox::{Output, Sandbox};

/// A command that runs a shell script; its table is `a` and a 1.
fn shell(script: &str) -> Sandbox {
    shell_with(script, "", "")
}

fn shell_with(script: &str, above: &str, command: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("assets/ml")).expect("a folder");
    // No common indentation may go away in a script.
    std::fs::write(sandbox.path("run.sh"), format!("printf 'a\\n1\\n' > \"$DP_OUTPUT\"\n{script}\n"))
        .expect("a script");
    sandbox.asset(
        "ml.made",
        &format!(
            "kind = \"command\"\n{above}\n[command]\nrun = [\"bash\", \"run.sh\"]\nfiles = [\"run.sh\"]\ninputs = []\n{command}\n[output]\nformat = \"csv\"\n"
        ),
    )
}

fn apply(sandbox: &Sandbox) -> Output {
    sandbox.dp(["apply", "--auto-approve"])
}

/// Applies, and expects that nothing is due then.
#[track_caller]
fn settles(sandbox: &Sandbox) {
    apply(sandbox).success();
    assert_eq!(sandbox.actions(), [""; 0], "{}", sandbox.plan());
}

#[track_caller]
fn is_due(sandbox: &Sandbox, why: &str) {
    assert_eq!(sandbox.actions().len(), 1, "{why}: {}", sandbox.plan());
    assert!(sandbox.actions()[0].starts_with("ml.made rebuild [input_changed"), "{why}: {:?}", sandbox.actions());
}

/// Makes a link lead elsewhere.
fn lead(sandbox: &Sandbox, from: &str, to: &str) {
    let link = sandbox.path(from);
    if link.is_symlink() {
        std::fs::remove_file(&link).expect("the old link");
    }
    symlink(to, link).expect("a link");
}

/// Two folders with the same files, and a link to the first.
fn two_versions(script: &str) -> Sandbox {
    let sandbox = shell(script);
    for folder in ["v1", "v2"] {
        sandbox.write(&format!("{folder}/in.csv"), "a\n1\n");
        sandbox.write(&format!("{folder}/deep/in.csv"), "a\n1\n");
    }
    lead(&sandbox, "current", "v1");
    sandbox
}

#[test]
fn where_the_links_lead_that_a_program_went_through_counts() {
    let scripts = [
        "cd current && cat in.csv",
        "cd current/deep && cat in.csv",
        "(cd current/deep/..; cat in.csv)",
        "env -C current cat in.csv",
        "tar -C current -cf - in.csv",
        "python3 -c \"import os; os.chdir('current')\"",
        "python3 -c \"import subprocess; subprocess.run(['cat', 'in.csv'], cwd='current')\"",
        "python3 -c \"import os; d = os.open('current/deep', os.O_RDONLY); open(os.open('in.csv', os.O_RDONLY, dir_fd=d)).read()\"",
        "grep -r 1 current/",
        "python3 -c \"import os; os.listdir(os.open('current', os.O_RDONLY))\"",
        "cat /proc/self/cwd/current/in.csv",
        "[ -d current ]",
        "[ current/in.csv -nt run.sh ]",
        "readlink -f current/deep/in.csv",
        "cat current/in.csv",
        "cat current/none 2>/dev/null || true",
    ];
    for script in scripts {
        let sandbox = two_versions(&format!("{script} > /dev/null"));
        settles(&sandbox);
        lead(&sandbox, "current", "v2");
        is_due(&sandbox, script);
        assert!(
            sandbox.plan().contains("current has another link target (observed, not declared)"),
            "{}",
            sandbox.plan()
        );
        lead(&sandbox, "current", "v1");
        assert_eq!(sandbox.actions(), [""; 0], "{script}: it is as it was");
    }
}

#[test]
fn a_link_counts_that_leads_out_of_what_is_noise() {
    let sandbox = two_versions("cat \"$HOME/.cache/current/in.csv\" > /dev/null");
    let cache = sandbox.root().parent().expect("the home folder").join(".cache");
    std::fs::create_dir(&cache).expect("a folder");
    symlink(sandbox.path("v1"), cache.join("current")).expect("a link");
    settles(&sandbox);
    std::fs::remove_file(cache.join("current")).expect("the link");
    symlink(sandbox.path("v2"), cache.join("current")).expect("a link");
    is_due(&sandbox, "the link is in a cache, and what it leads to is not");
}

#[test]
fn a_working_dir_behind_a_link_counts_too() {
    let sandbox = two_versions("true");
    sandbox.write(
        "assets/ml/made.toml",
        "
        kind = \"command\"
        [command]
        run = [\"sh\", \"-c\", \"cat in.csv > $DP_OUTPUT\"]
        working_dir = \"current\"
        files = []
        inputs = []
        [output]
        format = \"csv\"
        ",
    );
    settles(&sandbox);
    lead(&sandbox, "current", "v2");
    is_due(&sandbox, "working_dir");
}

#[test]
fn a_folder_that_was_not_there_to_go_into_counts_as_missing() {
    let sandbox = shell("cd new 2>/dev/null && cat in.csv; true");
    settles(&sandbox);
    sandbox.write("new/in.csv", "a\n2\n");
    is_due(&sandbox, "new");
    assert!(sandbox.plan().contains("new now exists"), "{}", sandbox.plan());
}

#[test]
fn a_linked_script_counts_by_where_its_link_leads_and_by_its_bytes() {
    let sandbox = shell("");
    for folder in ["v1", "v2"] {
        sandbox.write(
            &format!("{folder}/main.py"),
            "import os, near\nopen(os.environ['DP_OUTPUT'], 'w').write(f'a\\n{near.x}\\n')\n",
        );
        sandbox.write(
            &format!("{folder}/main.sh"),
            "printf 'a\\n1\\n' > \"$DP_OUTPUT\"; cat \"$(dirname \"$(readlink -f \"$0\")\")/near.py\"\n",
        );
    }
    sandbox.write("v1/near.py", "x = 1\n");
    sandbox.write("v2/near.py", "x = 2\n");
    for (interpreter, name) in [("python3", "main.py"), ("sh", "main.sh")] {
        lead(&sandbox, name, &format!("v1/{name}"));
        sandbox.write(
            "assets/ml/made.toml",
            &format!(
                "
            kind = \"command\"
            [command]
            run = [\"{interpreter}\", \"{name}\"]
            files = [\"{name}\"]
            inputs = []
            [output]
            format = \"csv\"
            "
            ),
        );
        settles(&sandbox);
        lead(&sandbox, name, &format!("v2/{name}"));
        is_due(&sandbox, name);
        lead(&sandbox, name, &format!("v1/{name}"));
        assert_eq!(sandbox.actions(), [""; 0], "{name}");
        sandbox.write("v1/near.py", "x = 3\n");
        is_due(&sandbox, "its neighbour");
        sandbox.write("v1/near.py", "x = 1\n");
    }
}

#[test]
fn a_path_that_is_resolved_is_no_list_of_names() {
    let sandbox = shell(
        "python3 -c \"import os, pathlib; pathlib.Path(os.environ['DP_OUTPUT']).resolve().write_text('a\\\\n1\\\\n')\"\nreadlink -f data/in.csv; realpath data; cd data",
    );
    sandbox.write("data/in.csv", "a\n1\n");
    settles(&sandbox);
    sandbox.write("data/other.csv", "a\n1\n");
    assert_eq!(sandbox.actions(), [""; 0], "{}", sandbox.plan());
    std::fs::rename(sandbox.path("data"), sandbox.path("moved")).expect("the folder");
    lead(&sandbox, "data", "moved");
    is_due(&sandbox, "it is a link now");
    assert!(sandbox.plan().contains("data is now a link"), "{}", sandbox.plan());
}

#[test]
fn a_folder_that_is_made_or_opened_to_be_synced_is_no_list_of_names() {
    let scripts = [
        "mkdir -p state; [ -d state ]",
        "[ -d state ] || mkdir state; cd state",
        "mkdir -p state; python3 -c \"import os; fd = os.open('state', os.O_RDONLY | os.O_DIRECTORY); os.fsync(fd)\"",
    ];
    for script in scripts {
        for is_there in [false, true] {
            let sandbox = shell(script);
            if is_there {
                sandbox.write("state/s.txt", "x");
            }
            settles(&sandbox);
            sandbox.write("state/other", "");
            assert_eq!(sandbox.actions(), [""; 0], "{script}: {}", sandbox.plan());
        }
    }
}

#[test]
fn what_was_looked_at_counts_by_size_and_times() {
    let scripts = [
        "stat a.csv",
        "[ a.csv -nt b.csv ]",
        "find . -name a.csv -printf %s",
        "find . -name a.csv -size +1",
        "make -f Makefile",
    ];
    for script in scripts {
        let sandbox = shell(&format!("{script} > /dev/null || true"));
        sandbox.write("a.csv", "1\n");
        sandbox.write("b.csv", "1\n");
        sandbox.write("out.txt", "old\n");
        std::fs::write(sandbox.path("Makefile"), "out.txt: a.csv\n\tcp a.csv out.txt\n").expect("a Makefile");
        let time = |name: &str, seconds: u64| {
            let file = std::fs::File::options().write(true).open(sandbox.path(name)).expect("a file");
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).expect("its time");
        };
        time("a.csv", 1_700_000_000);
        time("out.txt", 1_700_000_001);
        settles(&sandbox);
        time("a.csv", 1_700_000_002);
        is_due(&sandbox, script);
        assert!(sandbox.plan().contains("a.csv has another size, time or mode"), "{}", sandbox.plan());
        time("a.csv", 1_700_000_000);
        assert_eq!(sandbox.actions(), [""; 0], "{script}: it is as it was");
        std::fs::write(sandbox.path("a.csv"), "longer\n").expect("the file");
        time("a.csv", 1_700_000_000);
        is_due(&sandbox, "another size");
    }
}

#[test]
fn what_was_only_asked_for_counts_by_its_presence() {
    let sandbox = shell("test -r a.csv");
    sandbox.write("a.csv", "1\n");
    settles(&sandbox);
    sandbox.write("a.csv", "2\n");
    assert_eq!(sandbox.actions(), [""; 0], "{}", sandbox.plan());
}

#[test]
fn a_file_is_found_also_where_a_folder_was_looked_for() {
    let sandbox = shell("[ -d data ] && echo a folder; true");
    sandbox.write("data/in.csv", "");
    settles(&sandbox);
    sandbox.write("data/more.csv", "");
    assert_eq!(sandbox.actions(), [""; 0], "its names were not asked for");
    std::fs::remove_dir_all(sandbox.path("data")).expect("the folder");
    sandbox.write("data", "");
    is_due(&sandbox, "it is a file now");
}

#[test]
fn a_path_through_a_process_counts_as_the_file_that_it_leads_to() {
    let scripts = [
        "cat /proc/self/cwd/in.csv",
        "cat /proc/$$/cwd/in.csv",
        "exec 3< in.csv; cat /proc/self/fd/3",
        "exec 3< in.csv; cat /dev/fd/3",
        "exec 3< .; cat /proc/self/fd/3/in.csv",
        "exec 3< .; cat /proc/$$/fd/3/in.csv",
        "cat /proc/self/root$PWD/in.csv",
    ];
    for script in scripts {
        let sandbox = shell(&format!("{script} > /dev/null"));
        sandbox.write("in.csv", "a\n1\n");
        settles(&sandbox);
        sandbox.write("in.csv", "a\n2\n");
        is_due(&sandbox, script);
        assert!(sandbox.plan().contains("in.csv changed (observed"), "{script}: {}", sandbox.plan());
        sandbox.write("in.csv", "a\n1\n");
        let text = sandbox.read("assets/ml/made.toml").replacen(
            "kind = \"command\"",
            "kind = \"command\"\neffects = \"deny\"",
            1,
        );
        std::fs::write(sandbox.path("assets/ml/made.toml"), text).expect("the asset");
        sandbox.edit("run.sh", "1\\n'", "2\\n'");
        apply(&sandbox).exits(3).says("was denied reading `in.csv`");
    }
}

/// `git` in a project, with nothing of the machine's settings.
fn git(sandbox: &Sandbox, arguments: &[&str]) -> bool {
    let identity =
        ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main", "-c", "gc.auto=0"];
    let done = std::process::Command::new("git")
        .args(identity)
        .args(arguments)
        .current_dir(sandbox.root())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output();
    done.is_ok_and(|done| {
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        true
    })
}

#[test]
fn a_commit_counts_where_the_history_was_asked() {
    let scripts = [
        "git log --oneline",
        "git rev-parse HEAD",
        "git show HEAD:f.txt",
        "git branch",
        "git describe --always",
        "cat .git/HEAD",
    ];
    for script in scripts {
        let sandbox = shell(&format!("{script} > /dev/null"));
        sandbox.write("f.txt", "1\n");
        if !git(&sandbox, &["init", "-q"]) {
            eprintln!("skipped: there is no git");
            return;
        }
        git(&sandbox, &["add", "f.txt"]);
        git(&sandbox, &["commit", "-qm", "one"]);
        let output = apply(&sandbox).success();
        assert!(!output.stderr.contains("warning"), "{script}: {output}");
        assert_eq!(sandbox.actions(), [""; 0], "{script}: {}", sandbox.plan());
        if script == "cat .git/HEAD" {
            git(&sandbox, &["checkout", "-qb", "other"]);
        } else {
            git(&sandbox, &["commit", "-q", "--allow-empty", "-m", "two"]);
        }
        if script == "git branch" {
            assert_eq!(sandbox.actions().len(), 1, "{script}: the commit of each branch is read");
        } else {
            is_due(&sandbox, script);
        }
        apply(&sandbox).success();
        // A reference that is packed away is found there.
        git(&sandbox, &["pack-refs", "--all"]);
        apply(&sandbox).success();
        assert_eq!(sandbox.actions(), [""; 0], "{script}: {}", sandbox.plan());
        if script != "cat .git/HEAD" {
            git(&sandbox, &["commit", "-q", "--allow-empty", "-m", "three"]);
            is_due(&sandbox, script);
        }
    }
}

#[test]
fn a_new_reference_counts_where_references_were_listed() {
    for script in ["git tag", "git for-each-ref"] {
        let sandbox = shell(&format!("{script} > /dev/null"));
        sandbox.write("f.txt", "1\n");
        if !git(&sandbox, &["init", "-q"]) {
            eprintln!("skipped: there is no git");
            return;
        }
        git(&sandbox, &["add", "f.txt"]);
        git(&sandbox, &["commit", "-qm", "one"]);
        git(&sandbox, &["tag", "v1"]);
        settles(&sandbox);
        git(&sandbox, &["tag", "v2"]);
        is_due(&sandbox, script);
        settles(&sandbox);
        git(&sandbox, &["tag", "-d", "v2"]);
        assert_eq!(sandbox.actions().len(), 1, "{script}: it is as it was for the first version");
        assert!(sandbox.actions()[0].starts_with("ml.made reuse"), "{:?}", sandbox.actions());
    }
}

#[test]
fn what_git_makes_of_the_working_files_does_not_come_from_its_folder() {
    let sandbox = shell("ls; cat f.txt");
    sandbox.write("f.txt", "1\n");
    if !git(&sandbox, &["init", "-q"]) {
        eprintln!("skipped: there is no git");
        return;
    }
    git(&sandbox, &["add", "f.txt"]);
    settles(&sandbox);
    git(&sandbox, &["commit", "-qm", "one"]);
    assert_eq!(sandbox.actions(), [""; 0], "a commit is nothing to who does not ask for it");
}

#[test]
fn attempts_are_judged_together() {
    let sandbox = shell_with(
        "echo x >> attempts\nif [ $(wc -l < attempts) -lt 2 ]; then cat config.txt; touch /tmp/$$; exit 1; fi",
        "",
        "retries = 1",
    );
    sandbox.write("config.txt", "1\n");
    apply(&sandbox).success().says("read").says("config.txt");
    let json = sandbox.dp(["effects", "ml.made", "--json"]).success().json();
    let read = json["effects"].as_array().expect("a list").iter().any(|effect| effect["path"] == "config.txt");
    assert!(read, "what the first attempt read is on record: {json}");
    assert_eq!(sandbox.actions(), [""; 0], "{}", sandbox.plan());
    sandbox.write("config.txt", "2\n");
    is_due(&sandbox, "the first attempt read it");
}

#[test]
fn what_is_still_written_is_waited_for() {
    let scripts = [
        "seq 1 300000 | (echo a; cat) | tee >(sed 's/x/y/' > \"$DP_OUTPUT\") > /dev/null",
        "(echo a; seq 1 300000) > \"$DP_OUTPUT\" &",
    ];
    for script in scripts {
        let sandbox = shell(script);
        let output = apply(&sandbox).success();
        assert!(!output.stderr.contains("warning"), "{output}");
        assert_eq!(sandbox.query("select count(*) as n, max(a) as m from ml.made"), "n,m\n300000,300000\n", "{script}");
    }
}

#[test]
fn a_writer_that_does_not_end_fails_the_attempt_and_others_are_a_warning() {
    let sandbox = shell_with("sleep 1000 >> \"$DP_OUTPUT\" &", "", "timeout = \"1s\"");
    apply(&sandbox).exits(3).says("`sleep` that it started still wrote an output after its timeout of [TIME]");
    let sandbox = shell("sleep 1000 > /dev/null 2>&1 &");
    apply(&sandbox).success().says("`ml.made` ended and left 1 program (`sleep`) running, which dp killed");
}

#[test]
fn no_file_of_the_project_is_asked_for_its_version() {
    let sandbox = shell("true");
    std::fs::create_dir(sandbox.path("tools")).expect("a folder");
    // Each run leaves a line, and tells whether it had the secret.
    let tool = "#!/bin/sh\necho \"$1 $TOKEN\" >> ran.txt\nprintf 'a\\n1\\n' > \"$DP_OUTPUT\"\n";
    std::fs::write(sandbox.path("tools/python"), tool).expect("a tool");
    std::fs::set_permissions(sandbox.path("tools/python"), std::fs::Permissions::from_mode(0o755)).expect("its mode");
    sandbox.write(
        "assets/ml/made.toml",
        "
        kind = \"command\"
        [command]
        run = [\"tools/python\", \"work\"]
        files = []
        inputs = []
        env = { TOKEN = \"${env.TOKEN}\" }
        [output]
        format = \"csv\"
        ",
    );
    let output = sandbox.command(["apply", "--auto-approve"]).env("TOKEN", "a-secret-value").output().expect("dp runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(sandbox.read("ran.txt"), "work a-secret-value\n");
}

#[test]
fn an_interpreter_outside_the_project_still_tells_its_version() {
    let sandbox = Sandbox::new();
    sandbox.write("run.py", "import os\nopen(os.environ['DP_OUTPUT'], 'w').write('a\\n1\\n')\n");
    let sandbox = sandbox.asset(
        "ml.made",
        "
        kind = \"command\"
        [command]
        run = [\"python3\", \"run.py\"]
        files = [\"run.py\"]
        inputs = []
        [output]
        format = \"csv\"
        ",
    );
    apply(&sandbox).success();
    let json = sandbox.dp(["show", "ml.made", "--json"]).success().json();
    let version = json["versions"][0]["program"]["version"].as_str().unwrap_or_default().to_owned();
    assert!(version.starts_with("Python 3"), "{version}");
}

#[test]
fn what_lies_beside_a_program_is_data_unless_it_is_a_library_of_an_interpreter() {
    let sandbox = shell("\"$HOME/.local/bin/tool\" > /dev/null; cat \"$HOME/.local/share/other/rates.csv\"");
    let home = sandbox.root().parent().expect("the home folder").to_owned();
    for (name, text) in [
        (".local/bin/tool", "#!/bin/sh\ncat \"$HOME/.local/share/tool/data.csv\" \"$HOME/.local/lib2/x\"\n"),
        (".local/share/tool/data.csv", "1\n"),
        (".local/share/other/rates.csv", "1\n"),
        (".local/lib2/x", "1\n"),
    ] {
        let path = home.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        std::fs::write(&path, text).expect("a file");
    }
    std::fs::set_permissions(home.join(".local/bin/tool"), std::fs::Permissions::from_mode(0o755)).expect("its mode");
    settles(&sandbox);
    for name in [".local/share/tool/data.csv", ".local/share/other/rates.csv", ".local/lib2/x", ".local/bin/tool"] {
        let before = std::fs::read(home.join(name)).expect("a file");
        std::fs::write(home.join(name), [before.as_slice(), b"# 2\n"].concat()).expect("the file");
        is_due(&sandbox, name);
        std::fs::write(home.join(name), before).expect("the file");
    }
}

#[test]
fn a_walk_through_the_project_settles() {
    for script in [
        "find .",
        "du -a .",
        "ls -laR .",
        "grep -rs nothing . || true",
        "find -L . -type f",
        "readlink -f warehouse/prod || true; realpath warehouse/prod/raw/orders.parquet || true",
    ] {
        let sandbox = shell(&format!("{script} > /dev/null"));
        sandbox.write("data/orders.csv", "id\n1\n");
        let sandbox = sandbox.source("raw.orders", "data/orders.csv");
        settles(&sandbox);
        // From now on there is something of dp's own to walk through.
        sandbox.edit("run.sh", "printf 'a\\n1", "printf 'a\\n2");
        settles(&sandbox);
        sandbox.edit("run.sh", "printf 'a\\n2", "printf 'a\\n3");
        settles(&sandbox);
        let json = sandbox.dp(["effects", "ml.made", "--json"]).success().json();
        for effect in json["effects"].as_array().expect("a list") {
            let is_of_dp = effect["path"].as_str().is_some_and(|path| path.starts_with(".dp/"));
            let is_met = ["listed", "looked", "missed", "read"].iter().any(|kind| effect["effect"] == *kind);
            assert!(!(is_of_dp && is_met), "{script}: {effect}");
        }
        sandbox.write("data/new.csv", "");
        if script != "readlink -f warehouse/prod || true; realpath warehouse/prod/raw/orders.parquet || true" {
            is_due(&sandbox, script);
        }
    }
}

#[test]
fn a_folder_in_which_a_program_makes_something_settles() {
    for script in
        ["find data; stat data; ls -l data; date > data/made.txt", "date > data/made.txt; cd data; ls; [ -d ../data ]"]
    {
        let sandbox = shell(script);
        sandbox.write("data/in.csv", "a\n1\n");
        settles(&sandbox);
        sandbox.edit("run.sh", "printf 'a\\n1", "printf 'a\\n2");
        settles(&sandbox);
    }
}

#[test]
fn a_table_that_is_read_where_a_link_leads_counts_by_its_rows() {
    for script in [
        "cat \"$(readlink -f warehouse/prod)/raw/orders.parquet\"",
        "cat \"$(readlink -f warehouse/prod/raw/orders.parquet)\"",
        "cd warehouse/prod && cat raw/orders.parquet",
        "[ warehouse/prod/raw/orders.parquet -nt run.sh ] || true",
        "readlink warehouse/prod/raw/orders.parquet",
    ] {
        let sandbox = shell(&format!("{script} > /dev/null"));
        sandbox.write("data/orders.csv", "id\n1\n");
        let sandbox = sandbox.source("raw.orders", "data/orders.csv");
        sandbox.dp(["apply", "--auto-approve", "raw.orders"]).success();
        settles(&sandbox);
        sandbox.write("data/orders.csv", "id\n2\n");
        sandbox.dp(["apply", "--auto-approve", "raw.orders"]).success();
        is_due(&sandbox, script);
        settles(&sandbox);
    }
}

#[test]
fn a_shim_that_goes_through_the_home_folder_does_not_depend_on_its_names() {
    let sandbox =
        shell("cd \"$HOME\" && cd \"$OLDPWD\"; [ -e \"$HOME/.tool-versions\" ]; test -d \"$HOME\"; realpath \"$HOME\"");
    settles(&sandbox);
    let home = sandbox.root().parent().expect("the home folder").to_owned();
    std::fs::write(home.join("letter.txt"), "").expect("a file");
    assert_eq!(sandbox.actions(), [""; 0], "{}", sandbox.plan());
}
