//! The completions of shells, made from the command line itself.

use clap::Args;
use clap_complete::Shell;
use serde_json::json;

use super::error::CliError;
use super::exit::Exit;
use super::session::Session;
use crate::view;

/// What `dp completions` takes.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, session: &mut Session) -> Result<Exit, CliError> {
    let script = script(args.shell);
    if session.global.json {
        session.json(&json!({
            "format_version": view::FORMAT_VERSION,
            "shell": args.shell.to_string(),
            "script": script,
        }))?;
    } else {
        session.out(&script)?;
    }
    Ok(Exit::Done)
}

/// The completions of a shell.
pub fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "dp", &mut script);
    String::from_utf8(script).expect("completions are made of UTF-8")
}
