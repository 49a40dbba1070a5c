//! dp that stands still at a named point, while something else happens.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Stdio;

use crate::sandbox::Sandbox;

/// What a run that was held up left: exit code, standard output, standard error.
pub(crate) struct Resumed {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs dp, and does something when it reaches the point for the first time. Later times it goes on at once.
pub(crate) fn paused(sandbox: &Sandbox, arguments: &[&str], point: &str, meanwhile: impl FnOnce()) -> Resumed {
    let mut child = sandbox
        .command(arguments)
        .env("__DP_TEST_FAULT", format!("{point}:1:pause"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("dp starts");
    let mut go_on = child.stdin.take().expect("a pipe");
    let mut stdout = child.stdout.take().expect("a pipe");
    let result = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text).expect("dp writes UTF-8")
    });
    let mut meanwhile = Some(meanwhile);
    let mut stderr = String::new();
    for line in BufReader::new(child.stderr.take().expect("a pipe")).lines() {
        let line = line.expect("dp writes UTF-8");
        if line.starts_with("fault: ") {
            if let Some(meanwhile) = meanwhile.take() {
                meanwhile();
            }
            go_on.write_all(b"\n").expect("dp reads its input");
        } else {
            stderr.push_str(&line);
            stderr.push('\n');
        }
    }
    assert!(meanwhile.is_none(), "`{point}` was not reached:\n{stderr}");
    Resumed {
        code: child.wait().expect("dp ends").code(),
        stdout: result.join().expect("the result"),
        stderr,
    }
}
