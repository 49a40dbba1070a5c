//! The prompt: on a terminal of its own, as a person would answer it.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};

use crate::pty;
use crate::sandbox::Sandbox;

const QUESTION: &str = "Only `yes` is accepted: ";

/// A command that asks, on a terminal.
struct Asking {
    child: Child,
    terminal: File,
    said: String,
}

impl Asking {
    fn start(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let (terminal, end) = pty::terminal();
        let mut command = sandbox.command(arguments);
        let other_end = || Stdio::from(end.try_clone().expect("the terminal"));
        command.stdin(other_end()).stdout(other_end()).stderr(other_end());
        let child = command.spawn().expect("dp starts");
        Self {
            child,
            terminal,
            said: String::new(),
        }
    }

    /// What it says until it asks.
    fn question(&mut self) -> String {
        self.read(true)
    }

    fn read(&mut self, until_question: bool) -> String {
        let mut buffer = [0; 4096];
        loop {
            if until_question && let Some(end) = self.said.find(QUESTION) {
                let rest = self.said.split_off(end + QUESTION.len());
                return std::mem::replace(&mut self.said, rest);
            }
            match self.terminal.read(&mut buffer) {
                // A terminal whose other end is closed gives an error.
                Ok(0) | Err(_) => {
                    assert!(!until_question, "it did not ask:\n{}", self.said);
                    return std::mem::take(&mut self.said);
                }
                Ok(length) => self.said.push_str(&String::from_utf8_lossy(&buffer[..length])),
            }
        }
    }

    fn answer(&mut self, word: &str) {
        writeln!(self.terminal, "{word}").expect("the terminal takes it");
    }

    /// What else it says, and its exit code.
    fn end(mut self) -> (String, Option<i32>) {
        let said = self.read(false);
        (said, self.child.wait().expect("it ends").code())
    }
}

fn edited() -> Sandbox {
    let sandbox = Sandbox::shop().sql("marts.other", "select 1 as a");
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    sandbox
}

#[test]
fn yes_and_no() {
    let sandbox = edited();
    let before = sandbox.versions();
    let mut asking = Asking::start(&sandbox, &["apply"]);
    assert!(asking.question().contains("staging.orders"));
    asking.answer("y");
    let (said, code) = asking.end();
    assert!(said.contains("Cancelled; nothing was changed."), "{said}");
    assert_eq!(code, Some(1));
    assert_eq!(sandbox.versions(), before);

    let mut asking = Asking::start(&sandbox, &["apply"]);
    asking.question();
    asking.answer("yes");
    let (said, code) = asking.end();
    assert!(said.contains("Done: 2 built"), "{said}");
    assert_eq!(code, Some(0));
}

#[test]
fn the_prompt_holds_no_lock_and_what_moved_elsewhere_is_no_reason_to_ask_again() {
    let sandbox = edited();
    let mut asking = Asking::start(&sandbox, &["apply", "staging.orders"]);
    asking.question();
    sandbox.edit("assets/marts/other.toml", "select 1", "select 2");
    sandbox.dp(["apply", "--auto-approve", "marts.other"]).success();
    asking.answer("yes");
    let (said, code) = asking.end();
    assert!(!said.contains("The project changed"), "{said}");
    assert!(said.contains("Done: 1 built"), "{said}");
    assert_eq!(code, Some(0));
}

#[test]
fn what_moved_meanwhile_is_shown_and_asked_about() {
    let sandbox = edited();
    let mut asking = Asking::start(&sandbox, &["apply"]);
    asking.question();
    sandbox.edit("assets/staging/orders.toml", "amount >= 20", "amount >= 30");
    asking.answer("yes");
    let again = asking.question();
    assert!(again.contains("The project changed since the plan was shown"), "{again}");
    assert!(again.contains("+ select id, customer, amount from raw.orders where amount >= 30"), "{again}");
    // While it asks again the lock is free again.
    sandbox.edit("assets/marts/other.toml", "select 1", "select 2");
    sandbox.dp(["apply", "--auto-approve", "marts.other"]).success();
    asking.answer("yes");
    let (said, code) = asking.end();
    assert!(said.contains("Done: 2 built"), "{said}");
    assert_eq!(code, Some(0));
    assert_eq!(sandbox.query("select count(*) as n from staging.orders"), "n\n1\n");
}

#[test]
fn somebody_else_did_it_meanwhile() {
    let sandbox = edited();
    let mut asking = Asking::start(&sandbox, &["apply"]);
    asking.question();
    sandbox.apply();
    let before = sandbox.versions();
    asking.answer("yes");
    let (said, code) = asking.end();
    assert!(said.contains("Nothing to do"), "{said}");
    assert_eq!(code, Some(0));
    assert_eq!(sandbox.versions(), before);
}

#[test]
fn somebody_else_is_at_it_when_the_answer_comes() {
    let sandbox = edited();
    let mut asking = Asking::start(&sandbox, &["apply"]);
    asking.question();
    let held = File::options().read(true).write(true).open(sandbox.path(".dp/lock")).expect("the lock");
    held.lock().expect("nobody else holds it");
    asking.answer("yes");
    let (said, code) = asking.end();
    assert!(said.contains("dp::store::locked"), "{said}");
    assert_eq!(code, Some(4));
    drop(held);
}

#[test]
fn a_restore_asks_again_too() {
    let sandbox = edited();
    let mut asking = Asking::start(&sandbox, &["state", "restore"]);
    asking.question();
    sandbox.apply();
    asking.answer("yes");
    let again = asking.question();
    assert!(again.contains("The state changed"), "{again}");
    asking.answer("no");
    let (said, code) = asking.end();
    assert!(said.contains("Cancelled; nothing was changed."), "{said}");
    assert_eq!(code, Some(1));
    assert_eq!(sandbox.record("select count(*) from runs where command = 'state restore'"), [["0"]]);
}
