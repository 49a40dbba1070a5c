//! Ends of programs that do not end by themselves, and what is left of them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use dp::process::{Exit, Stop, Task, Watch};

use crate::harness::Place;

/// Ignores the request to end, and leaves a daemon without environment behind in a session of its own.
const STUBBORN: &str = r#"
int main() {
    signal(SIGTERM, SIG_IGN);
    if (!fork()) {
        setsid();
        if (!fork()) { int f = open("daemon", O_CREAT | O_WRONLY, 0600); dprintf(f, "%d", getpid()); close(f); rename("daemon", "ready"); for (;;) pause(); }
        _exit(0);
    }
    wait(0);
    if (!fork()) { char *none[] = {0}; execve("/bin/sleep", (char *[]){"sleep", "1000", 0}, none); }
    while (access("ready", F_OK)) sched_yield();
    printf("%d\n", getpid()); fflush(stdout);
    for (;;) pause();
}"#;

fn expect_gone(pid: &str) {
    let path = format!("/proc/{}", pid.trim());
    assert!(!Path::new(&path).exists(), "{path}");
}

#[test]
fn a_tree_that_ignores_the_request_is_ended_when_its_time_is_up() {
    let place = Place::new();
    let Some(program) = place.compile(STUBBORN, &[]) else {
        return;
    };
    for watch in [Watch::Kernel, Watch::Nothing] {
        let task = Task {
            watch,
            timeout: Some(Duration::from_millis(300)),
            ..place.task(&[&program])
        };
        let begun = Instant::now();
        let report = place.carry_out(&task).unwrap();
        assert_eq!(report.ended.how, Exit::TimedOut);
        assert!(begun.elapsed() < Duration::from_secs(6));
        assert!(report.ended.strays >= 1, "{}", report.ended.strays);
        expect_gone(&report.output);
        expect_gone(&std::fs::read_to_string(place.root().join("ready")).unwrap());
        std::fs::remove_file(place.root().join("ready")).unwrap();
    }
}

#[test]
fn another_thread_can_stop_it() {
    let place = Place::new();
    let stop = Stop::new().unwrap();
    let script = "trap 'echo ended; exit 9' TERM; echo ready; while :; do :; done";
    let report = place.carry_out_until(&place.task(&["sh", "-c", script]), &stop, &|bytes| {
        if bytes.starts_with(b"ready") {
            std::thread::scope(|scope| drop(scope.spawn(|| stop.ask()).join()));
        }
    });
    let report = report.unwrap();
    assert_eq!((report.ended.how, report.output.as_str()), (Exit::Stopped, "ready\nended\n"));
    let again = place.carry_out_until(&place.task(&["sleep", "1000"]), &stop, &|_| ()).unwrap();
    assert_eq!(again.ended.how, Exit::Stopped);
}

/// What was left when a script had written its output in the background, and what of it was there in the end.
fn background(script: &str, timeout: Duration, watch: Watch) -> (crate::harness::Report, String) {
    let place = Place::new();
    let output = place.root().join("out");
    let task = Task {
        watch,
        outputs: vec![output.clone()],
        timeout: Some(timeout),
        ..place.task(&["bash", "-c", script])
    };
    let report = place.carry_out(&task).unwrap();
    (report, std::fs::read_to_string(output).unwrap_or_default())
}

#[test]
fn what_still_writes_an_output_is_waited_for() {
    // Each waits for a pipe that is closed once the shell has ended.
    let scripts = [
        "exec 3> >(cat > out); for i in {1..30000}; do echo $i; done >&3",
        "for i in {1..30000}; do echo $i; done | tee >(sed 's/x/y/' > out) > /dev/null",
        "(for i in {1..30000}; do echo $i; done) > out &",
        "(for i in {1..30}; do for j in {1..1000}; do echo $j; done >> out; done) & until [ -s out ]; do :; done",
    ];
    for script in scripts {
        for watch in [Watch::Kernel, Watch::Nothing] {
            if watch == Watch::Nothing && script.contains(">> out") {
                // What has closed it again is known from the kernel alone.
                continue;
            }
            let (report, text) = background(script, Duration::from_mins(1), watch);
            assert_eq!(
                (report.ended.how, report.ended.writers.len()),
                (Exit::Code(0), 0),
                "{script}: {}",
                report.error
            );
            assert_eq!(text.lines().count(), 30000, "{script}");
        }
    }
}

#[test]
fn what_still_writes_an_output_when_the_time_is_up_is_named() {
    for watch in [Watch::Kernel, Watch::Nothing] {
        let (report, _) = background("sleep 1000 > out & exit 0", Duration::from_secs(1), watch);
        assert_eq!((report.ended.how, report.ended.strays), (Exit::Code(0), 1));
        assert_eq!(report.ended.writers, ["sleep".to_owned()].into());
    }
    // It does not read as a writer what only reads, or has nothing to do with it.
    let script = "echo 1 > out; sleep 1000 < out & sleep 1000 & exit 0";
    let (report, text) = background(script, Duration::from_mins(1), Watch::Kernel);
    assert_eq!((report.ended.writers.len(), report.ended.strays, text.as_str()), (0, 2, "1\n"));
    assert_eq!(report.ended.stray_names, ["sleep".to_owned()].into());
}

#[test]
fn what_is_left_in_the_background_is_ended() {
    let place = Place::new();
    for watch in [Watch::Kernel, Watch::Nothing] {
        let script = "sleep 1000 & echo $!; setsid sleep 1000 & exit 0";
        let report = place
            .carry_out(&Task {
                watch,
                ..place.task(&["sh", "-c", script])
            })
            .unwrap();
        assert_eq!((report.ended.how, report.ended.strays), (Exit::Code(0), 2));
        expect_gone(&report.output);
    }
}

#[test]
fn a_daemon_without_an_environment_is_ended_where_the_kernel_tells_of_it() {
    let place = Place::new();
    let source = r#"
int main() {
    int p[2]; char b; pipe(p);
    if (!fork()) {
        setsid();
        if (!fork()) { char *none[] = {0}; dprintf(1, "%d\n", getpid()); execve("/bin/sleep", (char *[]){"sleep", "1000", 0}, none); }
        _exit(0);
    }
    close(p[1]); wait(0); read(p[0], &b, 1);
    return 0;
}"#
    .replace("pipe(p);", "pipe2(p, O_CLOEXEC);");
    let Some(program) = place.compile(&source, &[]) else {
        return;
    };
    let report = place.run(&[&program]);
    assert_eq!((report.ended.how, report.ended.strays), (Exit::Code(0), 1));
    expect_gone(&report.output);
}

#[test]
#[ignore = "started by another test, which kills it"]
fn one_that_is_killed() {
    let place = Place::new();
    let report = place.carry_out_until(
        &place.task(&["sh", "-c", "echo $$; exec sleep 1000"]),
        &Stop::new().unwrap(),
        &|bytes| {
            eprintln!("started {}", String::from_utf8_lossy(bytes));
        },
    );
    drop(report);
}

#[test]
fn the_program_ends_when_its_watcher_is_killed() {
    let mut watcher = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "ending::one_that_is_killed"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(watcher.stderr.take().unwrap()).lines();
    let started = lines.map(Result::unwrap).find_map(|line| line.strip_prefix("started ").map(str::to_owned)).unwrap();
    let program = Pid::from_raw(started.trim().parse().unwrap()).unwrap();
    let descriptor = pidfd_open(program, PidfdFlags::empty()).unwrap();
    watcher.kill().unwrap();
    watcher.wait().unwrap();
    assert_eq!(poll(&mut [PollFd::new(&descriptor, PollFlags::IN)], None).unwrap(), 1);
}
