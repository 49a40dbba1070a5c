//! A disk that takes no more, and folders that can't be written to.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::sandbox::Sandbox;
use crate::say;
use crate::stories::{self, Story};
use crate::world;

/// What dp did when it could not write all that it wanted: an error in words, and readers have one set.
fn fails_in_order(story: &Story, sandbox: &Sandbox, output: &Output, when: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 1 | 3)), "{when}: {code:?}\n{text}");
    if code != Some(0) {
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &text;
        assert!(["cannot", "can't", "failed"].iter().any(|word| said.contains(word)), "{when} says nothing:\n{said}");
    }
    world::readers_have_one_set(sandbox, story);
}

/// The command with each file limited to so many blocks: what is beyond fails, as on a full disk, and needs no rights.
fn limited(sandbox: &Sandbox, story: &Story, blocks: u32) -> Output {
    let plain = sandbox.command(story.arguments());
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", &blocks.to_string()])
        .arg(plain.get_program())
        .args(plain.get_args())
        .current_dir(sandbox.root())
        .env_clear()
        .envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.output().expect("a shell")
}

#[test]
fn files_that_can_not_grow() {
    let story = &stories::ALL[0];
    let sandbox = story.begin();
    let mut failed = 0;
    for blocks in [0, 1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 320, 384, 448, 512] {
        let output = limited(&sandbox, story, blocks);
        failed += u32::from(!output.status.success());
        fails_in_order(story, &sandbox, &output, &format!("{blocks} blocks"));
        drop(sandbox.dp(story.arguments()).success());
        world::all_is_well(&sandbox, story);
        stories::back(&sandbox);
    }
    assert!(failed >= 5, "the limits have an effect: {failed} applies failed");
}

/// Something mounted; taken away at the end.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

/// Mounts something, or says why that can't be.
fn mount(arguments: &[&str], at: &Path) -> Result<Mounted, String> {
    let output = Command::new("mount").args(arguments).arg(at).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(Mounted(at.to_owned()))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

#[test]
fn a_full_disk() {
    let sandbox = stories::project();
    fs::create_dir(sandbox.path(".dp")).expect("a folder");
    let disk = match mount(&["-t", "tmpfs", "-o", "size=8m", "tmpfs"], &sandbox.path(".dp")) {
        Ok(disk) => disk,
        Err(why) => return say(&format!("a_full_disk is skipped, since nothing can be mounted here: {why}")),
    };
    stories::applied(&sandbox, 2, "prod");
    let mut failed = 0;
    for (number, left) in [0, 1, 4, 8, 16, 32, 64, 128, 256, 384, 512].into_iter().enumerate() {
        let old = 2 + u32::try_from(number).expect("a small number");
        let story = Story {
            name: "a full disk",
            environment: "prod",
            command: stories::APPLY,
            old,
            new: old + 1,
            prepare: |_| {},
        };
        stories::generation(&sandbox, story.new);
        let filler = sandbox.path(".dp/filler");
        fill(&filler, left);
        let output = sandbox.command(story.arguments()).output().expect("dp runs");
        failed += u32::from(!output.status.success());
        fs::remove_file(&filler).expect("the filler");
        fails_in_order(&story, &sandbox, &output, &format!("{left} KiB left"));
        drop(sandbox.dp(story.arguments()).success());
        world::all_is_well(&sandbox, &story);
    }
    assert!(failed >= 3, "the disk was full: {failed} applies failed");
    drop(disk);
}

/// Fills the disk but for so many KiB.
fn fill(filler: &Path, left: u64) {
    use std::io::Write as _;
    let mut file = fs::File::create(filler).expect("a file");
    let kib = [0; 1024];
    let mut written: u64 = 0;
    while file.write_all(&kib).is_ok() {
        written += 1;
    }
    file.set_len(written.saturating_sub(left) * 1024).expect("a shorter file");
}

/// A folder that nobody can write to, also not root.
enum ReadOnly {
    Mode(PathBuf),
    Mount(Mounted),
}

impl ReadOnly {
    fn make(folder: &Path) -> Result<Self, String> {
        let mode = |mode| fs::set_permissions(folder, fs::Permissions::from_mode(mode)).expect("the mode");
        mode(0o555);
        let probe = folder.join("probe");
        if fs::write(&probe, "").is_err() {
            return Ok(Self::Mode(folder.to_owned()));
        }
        // Root may write nonetheless.
        fs::remove_file(&probe).expect("the probe");
        mode(0o755);
        let text = folder.display().to_string();
        let mounted = mount(&["--bind", &text], folder)?;
        let again = Command::new("mount").args(["-o", "remount,ro,bind", &text]).output();
        match again {
            Ok(output) if output.status.success() => Ok(Self::Mount(mounted)),
            other => Err(format!("{other:?}")),
        }
    }

    fn end(self) {
        match self {
            Self::Mode(folder) => fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("the mode"),
            Self::Mount(mounted) => drop(mounted),
        }
    }
}

/// A project at generation 2 that was edited to 3, and one folder of it that can't be written to.
fn with_read_only(folder: &str) -> Option<(Sandbox, ReadOnly, Story)> {
    let sandbox = stories::project();
    stories::applied(&sandbox, 2, "prod");
    stories::generation(&sandbox, 3);
    match ReadOnly::make(&sandbox.path(folder)) {
        Ok(guard) => {
            let story = Story {
                name: "a folder that can't be written to",
                environment: "prod",
                command: stories::APPLY,
                old: 2,
                new: 3,
                prepare: |_| {},
            };
            Some((sandbox, guard, story))
        }
        Err(why) => {
            say(&format!("`{folder}` can't be made read-only here, so this is skipped: {why}"));
            None
        }
    }
}

#[test]
fn the_folder_of_links_can_not_be_written_to() {
    let Some((sandbox, guard, story)) = with_read_only("warehouse") else {
        return;
    };
    let output = sandbox.dp(story.arguments());
    assert_ne!(output.code, 0, "{output}");
    let output = output.says("warehouse/prod");
    assert_eq!(world::of_query(&sandbox, "prod"), 2, "nothing was published:\n{output}");
    assert_eq!(world::of_files(&sandbox.root(), "prod"), 2);
    guard.end();
    drop(sandbox.dp(story.arguments()).success());
    world::all_is_well(&sandbox, &story);
}

#[test]
fn the_folder_of_an_export_can_not_be_written_to() {
    let Some((sandbox, guard, story)) = with_read_only("out") else {
        return;
    };
    let output = sandbox.dp(story.arguments()).exits(3).says("could not write the export").says("out/report.csv");
    assert_eq!(world::of_query(&sandbox, "prod"), 3, "the tables are published:\n{output}");
    guard.end();
    drop(sandbox.dp(story.arguments()).success());
    world::all_is_well(&sandbox, &story);
}

#[test]
fn the_state_can_not_be_written_to() {
    let Some((sandbox, guard, story)) = with_read_only(".dp") else {
        return;
    };
    let output = sandbox.dp(story.arguments());
    assert_ne!(output.code, 0, "{output}");
    let output = output.says(".dp");
    drop(sandbox.dp(["status"]).success());
    drop(sandbox.dp(["plan"]).success());
    drop(sandbox.dp(["query", "select generation from marts.report"]).success());
    assert_eq!(world::of_files(&sandbox.root(), "prod"), 2, "what is published can still be read:\n{output}");
    guard.end();
    drop(sandbox.dp(story.arguments()).success());
    world::all_is_well(&sandbox, &story);
}
