//! Links that a path leads through, and paths that lead through a process.

use std::os::unix::fs::{PermissionsExt, symlink};

use dp::process::What::{self, Absent, Looked, Read};
use dp::process::{Access, Task};

use crate::harness::{Place, facts};

/// A folder with a file, and links that lead to both.
fn linked() -> Place {
    let place = Place::new();
    for name in ["v1/a", "v1/deep/b"] {
        place.write(name, "1");
    }
    for (to, from) in [("v1", "current"), ("current/deep", "deep"), ("v1/a", "file")] {
        symlink(to, place.root().join(from)).unwrap();
    }
    place
}

/// The links that were passed on the way to something, relative to the folder.
fn passed(place: &Place, accesses: &[&Access], name: &str) -> Vec<String> {
    let access = accesses.iter().find(|access| access.path == place.root().join(name)).unwrap();
    let links = access.links.iter().map(|link| link.path.strip_prefix(place.root()).unwrap());
    links.map(|link| link.to_str().unwrap().to_owned()).collect()
}

#[test]
fn a_change_of_the_working_folder_is_a_look_through_links() {
    let place = linked();
    let source = r#"
int main() {
    int f; if (chdir("current")) return 1; close(open("a", O_RDONLY)); if (chdir("..")) return 2;
    if (chdir("deep")) return 3; close(open("b", O_RDONLY)); if (!chdir("none")) return 4;
    f = open("/", O_PATH); fchdir(f); return 0;
}"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    let report = place.run(&[&program]);
    let within = report.expect_all_seen().within();
    let expected =
        [(Looked, "current"), (Read, "v1/a"), (Looked, "deep"), (Read, "v1/deep/b"), (Absent, "v1/deep/none")];
    assert!(within.is_superset(&facts(expected)), "{within:?}");
    let looks = report.all(Looked);
    assert_eq!(passed(&place, &looks, "current"), ["current"]);
    assert_eq!(passed(&place, &looks, "deep"), ["deep", "current"]);
    assert!(looks[0].links.iter().all(|link| link.stamp.inode > 0));
}

#[test]
fn programs_that_start_in_a_folder_behind_a_link_are_seen_to_go_there() {
    let place = linked();
    let python = "import os, subprocess; subprocess.run(['cat', 'a'], cwd='current'); os.chdir('deep')";
    for command in [
        &["python3", "-c", python][..],
        &["env", "-C", "current", "cat", "a"],
        &["tar", "-C", "current", "-cf", "/dev/null", "a"],
    ] {
        let report = place.run(command);
        assert_eq!(passed(&place, &report.all(Looked), "current"), ["current"], "{command:?}: {}", report.error);
    }
}

#[test]
fn a_folder_that_is_opened_through_a_link_says_so_also_for_what_is_opened_below_it() {
    let place = linked();
    let source = r#"
int main() {
    int d = open("current/deep", O_RDONLY | O_DIRECTORY); close(openat(d, "b", O_RDONLY)); close(open("file", O_RDONLY));
    close(open("current/deep/../a", O_RDONLY));
}"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    let report = place.run(&[&program]);
    assert_eq!(passed(&place, &report.all(Looked), "current/deep"), ["current"]);
    let reads = report.all(Read);
    assert_eq!(passed(&place, &reads, "file"), ["file"]);
    let of = |name: &str| reads.iter().find(|access| access.path == place.root().join(name)).unwrap();
    assert_eq!((of("v1/deep/b").links.len(), of("file").real.clone()), (0, place.root().join("v1/a")));
}

/// What was done with the file `a`, whatever path led there.
fn done_to_a(place: &Place, accesses: &[Access]) -> Vec<(What, bool)> {
    let at = place.root().join("a");
    accesses.iter().filter(|access| access.path == at).map(|access| (access.what, access.denied)).collect()
}

const WAYS: &str = r#"
int main(int count, char **words) {
    char b[99]; int d = open(".", O_PATH), f = -1;
    switch (words[1][0]) {
        case '0': f = open("/proc/self/cwd/a", O_RDONLY); break;
        case '1': sprintf(b, "/proc/%d/cwd/a", getpid()); f = open(b, O_RDONLY); break;
        case '2': sprintf(b, "/proc/self/fd/%d/a", d); f = open(b, O_RDONLY); break;
        case '3': sprintf(b, "/dev/fd/%d/./a", d); f = open(b, O_RDONLY); break;
        case '4': sprintf(b, "/proc/thread-self/root%s/a", words[2]); f = open(b, O_RDONLY); break;
        case '5': d = open("a", O_PATH); sprintf(b, "/proc/%d/fd/%d", getpid(), d); f = open(b, O_RDONLY); break;
        case '6': sprintf(b, "/proc/self/task/%d/cwd/a", getpid()); f = open(b, O_RDONLY); break;
        case '7': f = open("way/a", O_RDONLY); break;
        case '8': f = open("/etc/.././proc/self/cwd/a", O_RDONLY); break;
        case '9': chdir("/proc"); f = open(words[3], O_RDONLY); break;
    }
    return f < 0;
}"#;

#[test]
fn paths_through_a_process_are_the_files_that_they_lead_to() {
    let place = Place::new();
    place.write("a", "1");
    let Some(program) = place.compile(WAYS, &[]) else {
        return;
    };
    for way in ["0", "1", "2", "3", "4", "5", "6", "8", "9"] {
        let through = format!("self/root{}/a", place.root().display());
        let report = place.run(&[&program, way, place.root().to_str().unwrap(), &through]);
        assert!(done_to_a(&place, &report.ended.accesses).contains(&(Read, false)), "{way}: {:?}", report.within());
    }
    symlink("/proc/self/cwd", place.root().join("way")).unwrap();
    let report = place.run(&[&program, "7"]);
    let through = report.ended.accesses.iter().find(|access| access.path == place.root().join("way/a")).unwrap();
    assert!(through.real.starts_with("/proc/self/cwd"), "dp can't follow it: {}", through.real.display());
}

#[test]
fn what_the_kernel_refuses_on_a_way_through_a_process_is_named() {
    let (place, other) = (Place::new(), Place::new());
    other.write("a", "1");
    let Some(program) = place.compile(WAYS, &[]) else {
        return;
    };
    symlink("/proc/self/cwd", other.root().join("way")).unwrap();
    let mut fence = place.fence();
    fence.list.push(other.root());
    for way in ["0", "1", "2", "3", "4", "5", "6", "7", "8"] {
        let task = Task {
            folder: other.root(),
            fence: Some(fence.clone()),
            ..place.task(&[&program, way, other.root().to_str().unwrap()])
        };
        let report = place.carry_out(&task).unwrap();
        let name = if way == "7" { "way/a" } else { "a" };
        let named = report.denied().iter().any(|(_, path)| *path == other.root().join(name).to_str().unwrap());
        assert_eq!((report.ended.how, named), (dp::process::Exit::Code(1), true), "{way}: {:?}", report.denied());
    }
}

#[test]
fn what_stands_after_the_marks_of_a_script_is_started_too() {
    let place = Place::new();
    let root = place.root();
    let start = |name: &str, text: &str| {
        let path = place.write(name, text);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    start("inner", "#!/bin/sh\nexit 5\n");
    let outer = start("outer", &format!("#! {}/inner x\n", root.display()));
    let report = place.run(&[outer.to_str().unwrap()]);
    assert_eq!(report.ended.how, dp::process::Exit::Code(5));
    let started: Vec<_> = report.all(What::Started).iter().map(|access| access.path.clone()).collect();
    assert!(started.contains(&root.join("inner")) && started.contains(&"/bin/sh".into()), "{started:?}");
}
