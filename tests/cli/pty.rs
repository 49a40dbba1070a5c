//! A terminal of its own for a command, as a person has one.

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Stdio};

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A new terminal: the end of the person, and the end of the program.
pub(crate) fn terminal() -> (File, File) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&person).and_then(|()| unlockpt(&person)).expect("a terminal of ours");
    let name = ptsname(&person, Vec::new()).expect("its name");
    let program = open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("its other end");
    (File::from(person), File::from(program))
}

/// Makes the terminal so many columns wide.
pub(crate) fn resize(program: &File, columns: usize) {
    let done = Command::new("stty")
        .args(["cols", &columns.to_string(), "rows", "40"])
        .stdin(program.try_clone().expect("the terminal"))
        .status()
        .expect("stty runs");
    assert!(done.success());
}

/// What a command writes when all its streams are a terminal of so many columns, and its exit code.
pub(crate) fn on_terminal(mut command: Command, columns: usize) -> (String, Option<i32>) {
    let (mut person, program) = terminal();
    resize(&program, columns);
    let stream = || Stdio::from(program.try_clone().expect("the terminal"));
    let mut child = command.stdin(stream()).stdout(stream()).stderr(stream()).spawn().expect("dp starts");
    drop((program, command));
    let mut said = Vec::new();
    let mut buffer = [0; 4096];
    // A terminal whose other end is closed gives an error.
    while let Ok(length @ 1..) = person.read(&mut buffer) {
        said.extend_from_slice(&buffer[..length]);
    }
    let said = String::from_utf8(said).expect("dp writes UTF-8").replace("\r\n", "\n");
    (said, child.wait().expect("it ends").code())
}
