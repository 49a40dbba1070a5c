//! What is seen of files.

use dp::process::What::{Absent, Created, Listed, Looked, Metadata, Read, Removed, Renamed, Wrote};
use dp::process::{Exit, What};

use crate::harness::{Place, facts};

#[test]
fn each_kind_of_access_is_told_apart() {
    let place = Place::new();
    for name in ["read", "write", "both", "cut", "gone", "old", "mode", "times", "seen", "linked", "folder/entry"] {
        place.write(name, "1");
    }
    let source = r#"
int main() {
    struct stat s; char b[9];
    close(open("read", O_RDONLY)); close(open("write", O_WRONLY | O_APPEND)); close(open("both", O_RDWR));
    truncate("cut", 0); close(open("new", O_WRONLY | O_CREAT, 0600)); close(creat("write", 0600));
    unlink("gone"); rename("old", "moved"); chmod("mode", 0600); utimes("times", 0);
    stat("seen", &s); access("missing", F_OK); close(open("none", O_RDONLY)); open("no/where", O_CREAT | O_WRONLY, 0600);
    mkdir("made", 0700); mkdir("folder", 0700); rmdir("made"); rmdir("folder"); symlink("read", "link");
    link("linked", "second"); readlink("link", b, 9); close(open("link", O_RDONLY));
    close(open("read", O_PATH)); open("seen", O_CREAT | O_EXCL | O_WRONLY, 0600); open("folder", O_WRONLY);
    DIR *d = opendir("folder"); readdir(d); closedir(d);
    return 3;
}"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    let report = place.run(&[&program]);
    assert_eq!(report.ended.how, Exit::Code(3));
    assert_eq!(
        report.expect_all_seen().within(),
        facts([
            (Read, "read"),
            (Looked, "read"),
            (Wrote, "write"),
            (Read, "both"),
            (Wrote, "both"),
            (Wrote, "cut"),
            (Created, "new"),
            (Removed, "gone"),
            (Renamed, "old"),
            (Metadata, "mode"),
            (Metadata, "times"),
            (Looked, "seen"),
            (Absent, "missing"),
            (Absent, "none"),
            (Absent, "no/where"),
            (Created, "made"),
            (Removed, "made"),
            (Looked, "folder"),
            (Listed, "folder"),
            (Created, "link"),
            (Looked, "link"),
            (Read, "link"),
            (Read, "linked"),
            (Created, "second"),
        ])
    );
    let root = place.root();
    let of = |what: What, name: &str| {
        report.all(what).into_iter().find(|access| access.path == root.join(name)).unwrap().clone()
    };
    assert_eq!(of(Renamed, "old").to, Some(root.join("moved")));
    assert_eq!(of(Read, "link").real, root.join("read"));
    assert_eq!(of(Looked, "link").real, root.join("link"));
    assert_eq!(of(Read, "read").by, "a.out");
    assert_eq!(of(Read, "read").stamp.unwrap().size, 1);
    assert_eq!(of(Wrote, "write").count, 2);
}

#[test]
fn a_folder_is_listed_when_its_names_are_read_and_not_before() {
    let place = Place::new();
    place.write("synced/a", "1");
    place.write("listed/a", "1");
    let source = r#"
int main() {
    int s = open("synced", O_RDONLY | O_DIRECTORY); fsync(s); close(openat(s, "a", O_RDONLY)); close(s);
    int l = open("listed", O_RDONLY | O_DIRECTORY); DIR *d = fdopendir(l); while (readdir(d)); closedir(d);
}"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    assert_eq!(
        place.run(&[&program]).expect_all_seen().within(),
        facts([(Looked, "synced"), (Read, "synced/a"), (Looked, "listed"), (Listed, "listed")])
    );
}

#[test]
fn what_a_look_asked_for_is_told() {
    let place = Place::new();
    for name in ["asked", "sized", "resolved", "opened"] {
        place.write(name, "1");
    }
    std::os::unix::fs::symlink("sized", place.root().join("link")).unwrap();
    let source = r#"
int main() {
    struct stat s; char b[9]; access("asked", R_OK); stat("sized", &s); readlink("resolved", b, 9);
    close(open("opened", O_PATH)); lstat("link", &s);
}"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    let report = place.run(&[&program]);
    let looks = report.all(Looked);
    let of = |name: &str| looks.iter().find(|access| access.path == place.root().join(name)).unwrap();
    let asked = |name: &str| (of(name).asked.stat, of(name).asked.link, of(name).stamp.is_some());
    assert_eq!(asked("asked"), (false, false, false));
    assert_eq!(asked("sized"), (true, false, true));
    assert_eq!(asked("resolved"), (false, true, false));
    assert_eq!(asked("opened"), (true, false, true), "its size can be asked for by the descriptor");
    assert_eq!(asked("link"), (false, true, true));
}

#[test]
fn what_is_missing_and_then_made_comes_out_in_that_order() {
    let place = Place::new();
    let source = r#"
int main() {
    open("a", O_RDONLY); close(open("a", O_CREAT | O_WRONLY, 0600)); close(open("a", O_RDONLY)); unlink("a");
    open("a", O_RDONLY); close(open("a", O_CREAT | O_WRONLY, 0600)); close(open("a", O_CREAT | O_WRONLY, 0600));
}"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    let report = place.run(&[&program]);
    let expected = [(Absent, "a"), (Created, "a"), (Read, "a"), (Removed, "a"), (Wrote, "a")];
    assert_eq!(report.in_order(), expected.map(|(what, name)| (what, name.to_owned())));
    assert_eq!(
        report.counted(),
        [(Absent, 2), (Created, 2), (Read, 1), (Removed, 1), (Wrote, 1)]
            .map(|(what, count)| (what, "a".to_owned(), count))
            .into()
    );
}

#[test]
fn paths_are_those_of_the_thread_and_its_folders() {
    let place = Place::new();
    for name in ["up", "in/file", "in/deep/file", "real/side", "linkless"] {
        place.write(name, "1");
    }
    let source = r#"
static void *moved(void *p) { unshare(CLONE_FS); chdir("in/deep"); close(open("file", O_RDONLY)); close(open("../../up", O_RDONLY)); return 0; }
int main() {
    pthread_t t; pthread_create(&t, 0, moved, 0); pthread_join(t, 0);
    int d = open("in", O_RDONLY | O_DIRECTORY); close(openat(d, "file", O_RDONLY));
    close(open(".//in/./deep/../file", O_RDONLY)); symlink("in/deep", "jump"); close(open("jump/../file", O_RDONLY));
    fchdir(d); close(open("deep/file", O_RDONLY));
    open("/dev/fd/7", O_RDONLY); dup2(open("../linkless", O_PATH), 7); close(open("/dev/fd/7", O_RDONLY));
}"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    assert_eq!(
        place.run(&[&program]).expect_all_seen().within(),
        facts([
            (Read, "in/deep/file"),
            (Read, "up"),
            (Looked, "in"),
            (Looked, "in/deep"),
            (Read, "in/file"),
            (Created, "jump"),
            (Looked, "linkless"),
            (Read, "linkless"),
        ])
    );
}

#[test]
fn strange_paths_are_read_whole() {
    let place = Place::new();
    let source = r#"
int main() {
    char *two = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(two + 4096, 4096);
    strcpy(two + 4096 - 5, "edge"); open(two + 4096 - 5, O_RDONLY);
    char *both = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(both + 4096 - 3, "across"); open(both + 4096 - 3, O_RDONLY);
    char longest[4096]; memset(longest, 0, 4096);
    for (int i = 0; i < 2000; i++) strcat(longest, "./"); strcat(longest, "long"); open(longest, O_RDONLY);
    open((char *)1, O_RDONLY); open("", O_RDONLY);
    memcpy(two + 4096 - 6, "endles", 6); open(two + 4096 - 6, O_RDONLY);
    close(open("\xff\xfe", O_CREAT | O_WRONLY, 0600));
}"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    let report = place.run(&[&program]);
    let bytes: Vec<_> = report
        .expect_all_seen()
        .ended
        .accesses
        .iter()
        .filter(|access| access.path.starts_with(place.root()) && access.path != place.root())
        .map(|access| (access.what, access.path.file_name().unwrap().as_encoded_bytes().to_vec()))
        .collect();
    assert_eq!(
        bytes,
        [
            (Absent, b"edge".to_vec()),
            (Absent, b"across".to_vec()),
            (Absent, b"long".to_vec()),
            (Created, b"\xff\xfe".to_vec())
        ]
    );
}
