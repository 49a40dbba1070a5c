//! Shell completions: a script for each shell, and dp's answers to it.

use std::ffi::OsString;
use std::path::Path;

use clap::Args;
use clap_complete::Shell;
use clap_complete::env::Shells;
use serde_json::json;

use super::candidates::{nearest_root, with_candidates};
use super::exit::Exit;
use super::session::Session;
use super::usage::asked;
use super::{Environment, command};
use crate::model::EnvironmentName;
use crate::ops::OpError;
use crate::ui::{self, ColorChoice};
use crate::view;

/// The variable with which a script asks for completions; its value is the shell.
pub(super) const ASKS: &str = "DP_COMPLETE";

/// What `dp completions` takes.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Shell
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, session: &mut Session) -> Result<Exit, OpError> {
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

/// Returns the script for a shell, which asks dp for completions.
pub fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let shell = shells.completer(&shell.to_string()).expect("there is a script for each shell");
    shell.write_registration(ASKS, "dp", "dp", "dp", &mut script).expect("memory can be written");
    String::from_utf8(script).expect("completions are made of UTF-8")
}

/// Answers a script. `arguments` are those of dp, then `--`, then the words to complete.
///
/// Every error gives no completions, because text beside the prompt does not help the user.
pub(super) fn answer(shell: &str, arguments: &[OsString], environment: &Environment) -> Exit {
    let words: Vec<OsString> = arguments.iter().skip_while(|word| *word != "--").skip(1).cloned().collect();
    let shells = Shells::builtins();
    let Some(shell) = shells.completer(shell).filter(|_| !words.is_empty()) else {
        return Exit::Done;
    };
    let variable = |name: &str| environment.variables.get(name).filter(|value| !value.is_empty()).cloned();
    let folder = asked(&words, "--project").or_else(|| asked(&words, "-C")).or_else(|| variable("DP_PROJECT"));
    let root = match folder {
        Some(folder) => Some(environment.folder.join(folder)),
        None => nearest_root(&environment.folder),
    };
    let name =
        asked(&words, "--env").or_else(|| variable("DP_ENV")).unwrap_or_else(|| EnvironmentName::PROD.to_owned());
    let mut command = with_candidates(command(), root.as_deref(), &name);
    command.build();
    let mut answer = Vec::new();
    let here: &Path = &environment.folder;
    if shell.write_complete(&mut command, words, Some(here), &mut answer).is_ok()
        && let Some(text) = String::from_utf8(answer).ok().filter(|text| !text.is_empty())
    {
        let screen = ui::Environment::read(|name| environment.variables.get(name).cloned());
        ui::print(&text, &text, false, ColorChoice::Never, &screen);
    }
    Exit::Done
}
