//! Programs that people use.

use dp::process::What::{Absent, Created, Listed, Looked, Read, Removed, Started, Wrote};
use dp::process::{Exit, Seen, Task, Watch};

use crate::harness::{Place, Report, facts};

fn started(report: &Report) -> Vec<String> {
    let mut names: Vec<_> = report
        .all(Started)
        .iter()
        .map(|access| access.path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn python_reads_lists_and_asks() {
    let place = Place::new();
    place.write("in.csv", "a,b\n1,2\n");
    place.write("folder/one", "1");
    let script = r"
import os, subprocess
text = open('in.csv').read()
names = os.listdir('folder')
assert not os.path.exists('none')
assert os.path.exists('folder/one')
with open('out.csv', 'w') as out: out.write(text)
with open('out.csv', 'a') as out: out.write('3,4\n')
os.replace('out.csv', 'final.csv')
print(subprocess.run(['cat', 'final.csv'], capture_output=True, text=True).stdout, end='')
";
    let report = place.run(&["python3", "-c", script]);
    assert_eq!((report.ended.how, report.error.as_str()), (Exit::Code(0), ""));
    assert_eq!(report.output, "a,b\n1,2\n3,4\n");
    let within = report.expect_all_seen().within();
    let expected = facts([
        (Read, "in.csv"),
        (Listed, "folder"),
        (Absent, "none"),
        (Looked, "folder"),
        (Looked, "folder/one"),
        (Created, "out.csv"),
        (Wrote, "out.csv"),
        (dp::process::What::Renamed, "out.csv"),
        (Read, "final.csv"),
    ]);
    assert_eq!(within, expected);
    assert!(started(&report).contains(&"cat".to_owned()));
    let cat = report.all(Read).into_iter().find(|access| access.path.ends_with("final.csv")).unwrap();
    assert_eq!(cat.by, "cat");
}

#[test]
fn shells_with_pipes_and_folders() {
    let place = Place::new();
    place.write("in", "b\na\n");
    let script =
        "mkdir -p out/deep && sort < in | tee out/deep/file > copy; rm copy; [ -f none ] || cat out/deep/file; exit 5";
    let report = place.run(&["sh", "-c", script]);
    assert_eq!((report.ended.how, report.output.as_str()), (Exit::Code(5), "a\nb\n"));
    let within = report.expect_all_seen().within();
    for fact in facts([
        (Read, "in"),
        (Created, "out"),
        (Created, "out/deep"),
        (Created, "out/deep/file"),
        (Created, "copy"),
        (Removed, "copy"),
        (Absent, "none"),
        (Read, "out/deep/file"),
    ]) {
        assert!(within.contains(&fact), "{fact:?} is not in {within:?}");
    }
    assert_eq!(within.iter().filter(|(what, _)| *what == Wrote || *what == Created).count(), 4);
    for name in ["sort", "tee", "rm", "cat"] {
        assert!(started(&report).contains(&name.to_owned()), "{name}");
    }
}

#[test]
fn nothing_is_different_for_the_program() {
    let place = Place::new();
    place.write("file", "1");
    for script in [
        "echo out; echo error >&2; exit 7",
        "kill -9 $$",
        "kill -15 $$",
        "cat none",
        "pwd; ls -l / | wc -l; cat; echo \"$0 $1\"",
        "yes | head -n 100000 | md5sum",
        "none-such-program",
        "env | sort",
        "printf 'a\\0b'; exec 1>&-; exec true",
    ] {
        let outcome = |watch| {
            let report = place
                .carry_out(&Task {
                    watch,
                    ..place.task(&["sh", "-c", script, "zero", "one"])
                })
                .unwrap();
            (report.ended.how, report.output, report.error, report.ended.strays)
        };
        assert_eq!(outcome(Watch::Kernel), outcome(Watch::Nothing), "{script}");
    }
}

#[test]
fn nothing_is_seen_where_nobody_asks() {
    let place = Place::new();
    let task = Task {
        watch: Watch::Nothing,
        ..place.task(&["true"])
    };
    let report = place.carry_out(&task).unwrap();
    assert!(matches!(report.ended.seen, Seen::Nothing(_)));
    assert_eq!(report.ended.accesses, []);
}

#[test]
fn a_program_that_does_not_start_is_an_error() {
    let place = Place::new();
    for watch in [Watch::Kernel, Watch::Nothing] {
        let task = Task {
            watch,
            program: "/none".into(),
            ..place.task(&["true"])
        };
        let error = place.carry_out(&task).map(|report| report.ended).unwrap_err();
        assert_eq!(error.to_string(), "cannot start `/none`: No such file or directory (os error 2)");
        let task = Task {
            watch,
            folder: "/none".into(),
            ..place.task(&["true"])
        };
        let error = place.carry_out(&task).map(|report| report.ended).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot start `/bin/true` in `/none`: No such file or directory (os error 2)"
                .replace("/bin/true", task.program.to_str().unwrap())
        );
    }
}

#[test]
fn what_it_took_is_told() {
    let place = Place::new();
    let report = place.run(&["python3", "-c", "x = bytearray(50_000_000)\nfor i in range(1_000_000): pass"]);
    assert!(report.ended.peak_memory_bytes > 50_000_000);
    assert!(report.ended.user_ms > 0);
}

#[test]
fn much_output_is_handed_on_whole() {
    let place = Place::new();
    let report =
        place.run(&["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero | tr '\\0' y >&2"]);
    assert_eq!((report.output.len(), report.error.len()), (3_000_000, 300_000));
}
