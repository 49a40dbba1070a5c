//! Programs that do things in ways of their own.

use std::collections::BTreeSet;

use dp::process::What::{Absent, Created, Looked, Read, Removed, Started};
use dp::process::{Exit, Seen};

use crate::harness::{Place, facts};

#[test]
fn a_static_program_needs_nothing_special() {
    let place = Place::new();
    place.write("file", "1");
    let source = r#"int main() { close(open("file", O_RDONLY)); unlink("file"); }"#;
    let Some(program) = place.compile(source, &["-static"]) else {
        return;
    };
    let report = place.run(&[&program]);
    assert_eq!(report.expect_all_seen().within(), facts([(Read, "file"), (Removed, "file")]));
}

const MANY: &str = r#"
static pthread_barrier_t all;
static void *opens(void *number) {
    char name[99]; pthread_barrier_wait(&all);
    for (int i = 0; i < 8; i++) { sprintf(name, "t%ld.%d", (long)number, i); close(open(name, O_RDONLY)); }
    return 0;
}
static void child(int number) {
    char name[99]; sprintf(name, "c%d", number);
    if (!fork()) { open(name, O_RDONLY); close(open(strcat(name, ".new"), O_CREAT | O_WRONLY, 0600)); unlink(name); _exit(0); }
}
int main() {
    pthread_t t[32]; pthread_barrier_init(&all, 0, 32);
    for (long i = 0; i < 32; i++) pthread_create(t + i, 0, opens, (void *)i);
    for (int i = 0; i < 4; i++) child(i);
    for (int i = 0; i < 32; i++) pthread_join(t[i], 0);
    while (wait(0) > 0);
    if (!vfork()) { execl("/bin/cat", "cat", "t0.0", NULL); _exit(1); }
    wait(0);
}"#;

#[test]
fn nothing_is_missed_of_many_threads_and_children_however_often() {
    let place = Place::new();
    let mut expected = BTreeSet::new();
    for thread in 0..32 {
        for file in 0..8 {
            let name = format!("t{thread}.{file}");
            place.write(&name, "1");
            expected.insert((Read, name.clone(), if name == "t0.0" { 2 } else { 1 }));
        }
    }
    for child in 0..4 {
        expected.insert((Absent, format!("c{child}"), 1));
        expected.insert((Created, format!("c{child}.new"), 1));
        expected.insert((Removed, format!("c{child}.new"), 1));
    }
    let Some(program) = place.compile(MANY, &[]) else {
        return;
    };
    for _ in 0..100 {
        let report = place.run(&[&program]);
        assert_eq!(report.ended.how, Exit::Code(0));
        assert_eq!((report.output.as_str(), report.ended.strays), ("1", 0));
        assert_eq!(report.expect_all_seen().counted(), expected);
    }
}

#[test]
fn runs_at_the_same_time_are_kept_apart() {
    let places: Vec<Place> = (0..4).map(|_| Place::new()).collect();
    for place in &places {
        for thread in 0..32 {
            for file in 0..8 {
                place.write(&format!("t{thread}.{file}"), "1");
            }
        }
    }
    std::thread::scope(|scope| {
        for place in &places {
            scope.spawn(|| {
                let Some(program) = place.compile(MANY, &[]) else {
                    return;
                };
                for _ in 0..10 {
                    let report = place.run(&[&program]);
                    assert_eq!(report.expect_all_seen().within().len(), 256 + 12);
                    let foreign = report.ended.accesses.iter().filter(|access| {
                        places.iter().any(|other| other.root() != place.root() && access.path.starts_with(other.root()))
                    });
                    assert_eq!(foreign.count(), 0);
                }
            });
        }
    });
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_table_of_32_bit_programs_is_known() {
    let place = Place::new();
    place.write("file", "1");
    let source = r#"
static long call(long n, long a, long b, long c) {
    long r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c) : "memory"); return r;
}
int main() {
    char *low = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    strcpy(low, "file"); strcpy(low + 100, "new"); strcpy(low + 200, "none");
    if (call(5, (long)low, 0, 0) < 0) return 77;
    call(5, (long)low + 100, O_CREAT | O_WRONLY, 0600); call(33, (long)low + 200, 0, 0); call(10, (long)low + 100, 0, 0);
    call(195, (long)low, (long)low + 1000, 0);
    uint32_t *arguments = (void *)(low + 400); struct sockaddr_in *to = (void *)(low + 500);
    to->sin_family = AF_INET; to->sin_port = htons(9); to->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    arguments[0] = socket(AF_INET, SOCK_DGRAM, 0); arguments[1] = (long)to; arguments[2] = sizeof *to;
    call(102, 3, (long)arguments, 0);
}"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    let report = place.run(&[&program]);
    if report.ended.how == Exit::Code(77) {
        eprintln!("skipped: the kernel runs no 32-bit programs");
        return;
    }
    assert_eq!(
        report.expect_all_seen().within(),
        facts([(Read, "file"), (Created, "new"), (Absent, "none"), (Removed, "new"), (Looked, "file")])
    );
    assert_eq!(report.all(dp::process::What::Contacted).len(), 1);
}

#[test]
fn openat2_is_understood() {
    let place = Place::new();
    place.write("in/file", "1");
    let source = r#"
struct how { uint64_t flags, mode, resolve; };
int main() {
    struct how read = {O_RDONLY, 0, 0}, make = {O_CREAT | O_WRONLY, 0600, 0}, root = {O_RDONLY, 0, 0x10};
    syscall(437, AT_FDCWD, "in/file", &read, sizeof read);
    syscall(437, AT_FDCWD, "new", &make, sizeof make);
    syscall(437, open("in", O_PATH), "/absent", &root, sizeof root);
}"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    assert_eq!(
        place.run(&[&program]).expect_all_seen().within(),
        facts([(Read, "in/file"), (Created, "new"), (Looked, "in"), (Absent, "in/absent")])
    );
}

#[test]
fn io_uring_is_refused_and_named() {
    let place = Place::new();
    let source =
        r#"int main() { char p[248] = {0}; long r = syscall(425, 8, p); printf("%ld %d\n", r, errno == ENOSYS); }"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    let report = place.run(&[&program]);
    assert_eq!(report.output, "-1 1\n");
    assert_eq!(report.ended.seen, Seen::Partly(["io_uring".to_owned()].into()));
}

#[test]
fn another_root_folder_is_named() {
    let place = Place::new();
    let source = r#"int main() { chroot("/"); unshare(CLONE_NEWUSER); }"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    assert_eq!(
        place.run(&[&program]).ended.seen,
        Seen::Partly(["another root folder".to_owned(), "its own namespaces".to_owned()].into())
    );
}

#[test]
fn programs_that_are_started_are_named_with_their_arguments() {
    let place = Place::new();
    let source = r#"
int main() {
    if (!vfork()) { execl("missing", "missing", NULL); _exit(0); } wait(0);
    if (!fork()) { char *a[] = {"true", "one", "two words", 0}; fexecve(open("/bin/true", O_PATH | O_CLOEXEC), a, (char *[]){0}); _exit(1); }
    int s; wait(&s); return WEXITSTATUS(s);
}"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    let report = place.run(&[&program]);
    assert_eq!((report.ended.how, report.within()), (Exit::Code(0), facts([(Absent, "missing")])));
    let started: Vec<_> =
        report.all(Started).iter().map(|access| (access.arguments.clone(), access.by.clone())).collect();
    assert_eq!(started.len(), 2);
    assert_eq!(started[0].0, [program.as_str()]);
    assert_eq!(started[1], (vec!["true".into(), "one".into(), "two words".into()], "a.out".to_owned()));
}

#[test]
fn a_program_sees_no_descriptors_but_its_three() {
    let place = Place::new();
    let source = r"int main() { for (int i = 0; i < 4096; i++) if (fcntl(i, F_GETFD) >= 0) printf(`%d `, i); }"
        .replace('`', "\"");
    let Some(program) = place.compile(&source, &[]) else {
        return;
    };
    for (watch, fence) in [
        (dp::process::Watch::Kernel, None),
        (dp::process::Watch::Nothing, None),
        (dp::process::Watch::Kernel, Some(place.fence())),
    ] {
        let task = dp::process::Task {
            watch,
            fence,
            ..place.task(&[&program])
        };
        assert_eq!(place.carry_out(&task).unwrap().output, "0 1 2 ");
    }
}

#[test]
fn signals_during_calls_lose_nothing_and_repeat_nothing() {
    let place = Place::new();
    let source = r#"
static void tick(int s) {}
int main() {
    struct sigaction a = {.sa_handler = tick, .sa_flags = SA_RESTART}; sigaction(SIGALRM, &a, 0);
    struct itimerval v = {{0, 200}, {0, 200}}; setitimer(ITIMER_REAL, &v, 0);
    char name[20]; int failed = 0;
    for (int i = 0; i < 500; i++) { sprintf(name, "f%d", i); int f = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600); if (f < 0) failed++; close(f); }
    return failed;
}"#;
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    let report = place.run(&[&program]);
    assert_eq!(report.ended.how, Exit::Code(0));
    let expected: BTreeSet<_> = (0..500).map(|file| (Created, format!("f{file}"), 1)).collect();
    assert_eq!(report.counted(), expected);
}
