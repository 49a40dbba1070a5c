//! What a project may reach, who may read what dp keeps, and when a program may start.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::sandbox::Sandbox;

/// A project whose program leaves a mark where it runs.
fn with_a_program() -> Sandbox {
    Sandbox::shop().asset(
        "ml.made",
        "
        kind = \"command\"

        [command]
        run = [\"sh\", \"-c\", \"echo ran >> ran.txt; echo a > $DP_OUTPUT; echo 1 >> $DP_OUTPUT\"]
        inputs = [\"staging.orders\"]
        env = { SECRET = \"${env.PATH}\" }

        [output]
        format = \"csv\"

        [allow]
        write = [\"ran.txt\"]
        ",
    )
}

#[test]
fn no_program_starts_before_the_plan_was_shown_and_approved() {
    let sandbox = with_a_program();
    for command in [
        &["validate"][..],
        &["plan"],
        &["plan", "--explain"],
        &["plan", "--out", "saved.plan"],
        &["show", "saved.plan"],
        &["show", "ml.made"],
        &["status"],
        &["why", "ml.made"],
        &["lineage"],
        &["lineage", "--columns"],
        &["effects"],
        &["history"],
        &["events"],
        &["check"],
        &["query", "select 1"],
        &["env", "list"],
        &["state", "list"],
        &["gc", "--dry-run"],
        &["fmt"],
        &["schema", "asset"],
        // Nobody is there to answer, or the answer is no.
        &["apply"],
        &["destroy"],
    ] {
        let output = sandbox.dp_with(command, "no\n");
        assert!(!sandbox.path("ran.txt").exists(), "{command:?} started the program:\n{output}");
        assert_ne!(output.code, 70, "{output}");
    }
    assert!(!sandbox.path("warehouse").exists(), "nothing is published");
    sandbox.apply();
    assert_eq!(sandbox.read("ran.txt"), "ran\n");
}

#[test]
fn a_project_of_another_owner_brings_no_approval_with_it() {
    let sandbox = with_a_program();
    // Whatever a clone may have in its files: there is no key that approves.
    for key in ["auto_approve = true", "approve = \"always\""] {
        sandbox.write("dp.toml", &format!("[project]\nname = \"shop\"\n{key}\n"));
        sandbox.dp(["apply"]).exits(1).says("dp::project::unknown_key");
    }
    assert!(!sandbox.path("ran.txt").exists());
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode()
        & 0o7777
}

#[test]
fn what_dp_keeps_is_private_and_versions_can_only_be_read() {
    let sandbox = with_a_program();
    sandbox.apply();
    sandbox.dp(["apply", "--auto-approve", "--replace", "ml.made"]).success();
    let mut seen = 0;
    for entry in walk(&sandbox.path(".dp")) {
        let inside = entry.strip_prefix(sandbox.path(".dp")).expect("it was found there");
        let first = inside.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
        let is_folder = entry.is_dir();
        let expected = match (first.as_deref(), is_folder) {
            _ if entry.is_symlink() => continue,
            // Links of others lead through these.
            (None | Some("store" | "published"), true) => 0o755,
            (Some("store"), false) => 0o444,
            (Some("published"), false) => continue,
            (_, true) => 0o700,
            (_, false) => 0o600,
        };
        assert_eq!(mode(&entry), expected, "{}", inside.display());
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
    for private in ["state.db", "key", "lock", "cache.db", "logs", "tmp", "backups"] {
        assert!(sandbox.path(".dp").join(private).exists(), "{private}");
    }
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(walk(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// One asset more than the shop has, with the file `secret.csv` beside the project, and a link to it inside.
fn beside(asset: &str) -> Sandbox {
    let sandbox = Sandbox::shop().asset("a.b", asset);
    fs::write(sandbox.root().with_file_name("secret.csv"), "id\n42\n").expect("the file");
    std::os::unix::fs::symlink("../secret.csv", sandbox.path("link.csv")).expect("the link");
    std::os::unix::fs::symlink("..", sandbox.path("up")).expect("the link");
    sandbox
}

#[test]
fn paths_do_not_leave_the_project() {
    let command = |rest: &str| {
        format!("kind = \"command\"\nrefresh = \"24h\"\n[command]\nrun = [\"true\"]\ninputs = []\n{rest}\n")
    };
    let mut assets: Vec<String> = Vec::new();
    for path in ["../secret.csv", "/etc/passwd", "data/../../secret.csv", "link.csv", "up/secret.csv", "up/*.csv"] {
        assets.push(format!("kind = \"source\"\n[source]\npath = \"{path}\"\nformat = \"csv\"\n"));
        assets.push(format!("kind = \"sql\"\nsql = \"select * from read_csv('{path}')\"\n"));
        assets.push(format!("kind = \"sql\"\nsql_file = \"{path}\"\n"));
        assets.push(command(&format!("files = [\"{path}\"]\n[output]\nformat = \"csv\"")));
    }
    for path in ["../out.csv", "/tmp/out.csv", "data/../../out.csv", "up/out.csv"] {
        assets.push(format!("kind = \"sql\"\nmaterialize = {{ file = \"{path}\" }}\nsql = \"select 1 as x\"\n"));
        assets.push(command(&format!("[[files]]\nname = \"model\"\npath = \"{path}\"")));
    }
    for path in ["..", "/tmp", "up"] {
        assets.push(command(&format!("working_dir = \"{path}\"\n[output]\nformat = \"csv\"")));
    }
    for asset in assets {
        let sandbox = beside(&asset);
        let output = sandbox.dp(["apply", "--auto-approve"]);
        assert_eq!(output.code, 1, "{asset}\n{output}");
        assert!(!output.to_string().contains("42"), "{asset}\n{output}");
        assert!(!sandbox.root().with_file_name("out.csv").exists(), "{asset}");
    }
}

#[test]
fn a_question_reads_what_is_published_and_no_file() {
    let sandbox = beside("kind = \"sql\"\nsql = \"select 1 as x\"\n");
    sandbox.apply();
    let state = sandbox.path(".dp/state.db").display().to_string();
    for sql in [
        "select * from read_csv('../secret.csv')".to_owned(),
        "select * from read_text('/etc/passwd')".to_owned(),
        "from 'link.csv'".to_owned(),
        format!("select * from read_blob('{state}')"),
        "copy (select 1) to 'x.csv'".to_owned(),
        format!("attach '{state}' as s"),
        "install httpfs".to_owned(),
        "select getenv('HOME')".to_owned(),
        "set enable_external_access = true".to_owned(),
        "create table t as select 1".to_owned(),
        "drop view a.b".to_owned(),
        "select 1; select 2".to_owned(),
    ] {
        let output = sandbox.dp(["query", &sql]);
        assert_eq!(output.code, 1, "{sql}\n{output}");
        assert!(!output.stdout.contains("42") && !output.stdout.contains("root:"), "{sql}\n{output}");
    }
    assert!(!sandbox.path("x.csv").exists());
}

#[test]
fn the_umask_holds_for_everything_that_an_apply_writes() {
    let sandbox = Sandbox::shop()
        .asset("marts.out", "kind = \"sql\"\nmaterialize = { file = \"out/o.csv\" }\nsql = \"select 1 as a\"\n");
    let mut dp = sandbox.command(["apply", "--auto-approve"]);
    let program = dp.get_program().to_owned();
    let arguments: Vec<_> = dp.get_args().map(ToOwned::to_owned).collect();
    let environment: Vec<_> =
        dp.get_envs().map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned))).collect();
    dp = std::process::Command::new("sh");
    dp.args(["-c", "umask 077; exec \"$0\" \"$@\""]).arg(program).args(arguments).current_dir(sandbox.path("."));
    for (name, value) in environment {
        match value {
            Some(value) => dp.env(name, value),
            None => dp.env_remove(name),
        };
    }
    let output = dp.output().expect("dp runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut open = Vec::new();
    let mut folders = vec![sandbox.path(".dp"), sandbox.path("warehouse"), sandbox.path("out")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let found = entry.path().symlink_metadata().expect("it is there");
            if found.is_dir() {
                folders.push(entry.path());
            }
            if !found.is_symlink() && found.permissions().mode() & 0o077 != 0 {
                open.push(entry.path());
            }
        }
    }
    assert!(open.is_empty(), "others may read these: {open:?}");
    assert!(sandbox.path("out/o.csv").is_file());
}
