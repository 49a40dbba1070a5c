//! Parses the command line, and reports its mistakes in the form of all other errors.

use std::ffi::OsString;

use clap::FromArgMatches as _;
use clap::parser::ValueSource;

use super::{Cli, Environment, Exit};
use crate::ops::RequestError;
use crate::ui::{self, ColorChoice};
use crate::view;

/// The width of help where there is no terminal.
const COLUMNS: usize = 80;

/// Parses a command line. Prints help, the version and mistakes, and then returns the exit code.
pub(super) fn parse(arguments: &[OsString], environment: &Environment) -> Result<Cli, Exit> {
    let screen = ui::Environment::read(|name| environment.variables.get(name).cloned());
    let color = match asked(arguments, "--color").as_deref() {
        Some("always") => ColorChoice::Always,
        Some("never") => ColorChoice::Never,
        _ => ColorChoice::Auto,
    };
    let mut command = super::command();
    // An empty variable counts as unset.
    for (argument, variable) in [("env", "DP_ENV"), ("project", "DP_PROJECT")] {
        if environment.variables.get(variable).is_some_and(String::is_empty) {
            command = command.mut_arg(argument, |argument| argument.env(None));
        }
    }
    if ui::columns(&screen).is_none() {
        command = command.term_width(COLUMNS);
    }
    let mut read = |arguments: &[OsString]| -> Result<Cli, clap::Error> {
        let matches = command.try_get_matches_from_mut(arguments)?;
        let mut cli = Cli::from_arg_matches(&matches)?;
        cli.global.env_is_given = matches.value_source("env").is_some_and(|source| source != ValueSource::DefaultValue);
        Ok(cli)
    };
    let error = match read(arguments) {
        Ok(cli) => return Ok(cli),
        // The error repeats words, which may contain control characters for the terminal.
        Err(error) => safe(arguments).and_then(|safe| read(&safe).err()).unwrap_or(error).with_cmd(&command),
    };
    if let Some((message, help)) = of_another_tool(&error) {
        return Err(mistake(&RequestError::Usage { message, help }, arguments, color, &screen));
    }
    let is_mistake = error.use_stderr();
    if is_mistake && words(arguments).any(|word| word == "--json") {
        return Err(mistake(&explained(&error), arguments, color, &screen));
    }
    let text = error.render();
    ui::print(&text.to_string(), &text.ansi().to_string(), is_mistake, color, &screen);
    // Help and version are not mistakes.
    Err(if is_mistake { Exit::Usage } else { Exit::Done })
}

/// Prints a mistake of usage, as JSON if requested.
fn mistake(error: &RequestError, arguments: &[OsString], color: ColorChoice, screen: &ui::Environment) -> Exit {
    if words(arguments).any(|word| word == "--json") {
        let text = view::json_text(&view::diagnostic_json(error));
        ui::print(&text, &text, false, color, screen);
    } else if let RequestError::Usage { message, help } = error {
        let text = format!("error: {message}\n\n  help: {help}\n");
        ui::print(&text, &text, true, color, screen);
    }
    Exit::Usage
}

/// Commands of other tools, with dp's counterpart.
const OTHERS: [(&[&str], &str); 7] = [
    (&["test"], "`dp apply` runs the checks; `dp check` runs them on published data"),
    (&["run", "build", "deploy", "up"], "`dp plan` shows what would be built and published, and `dp apply` does it"),
    (
        &["compile", "parse"],
        "`dp validate` checks every file, and `dp show ASSET --sql` prints a query as the engine reads it",
    ),
    (
        &["diff"],
        "`dp plan` compares the files with the published data, and `dp env diff NAME` compares two environments",
    ),
    (&["ls", "list"], "`dp status` lists the assets, and `dp history` lists the runs"),
    (&["refresh", "import"], "`dp plan` reads the current data each time; `dp state adopt` imports rows from a file"),
    (&["docs", "graph"], "`dp lineage` shows the dependencies, and `dp lineage --format html` writes a page"),
];

/// Returns the message for a command that other tools have and dp does not; `None` for any other mistake.
fn of_another_tool(error: &clap::Error) -> Option<(String, String)> {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(verb)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let (_, help) = OTHERS.iter().find(|(verbs, _)| verbs.contains(&verb.as_str()))?;
    Some((format!("dp has no command `{verb}`"), (*help).to_owned()))
}

/// Returns the words with control characters escaped; `None` if there are none.
fn safe(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
    let safe: Vec<_> = words.iter().map(|word| view::one_line(word)).collect();
    (safe != words).then(|| safe.iter().map(|word| OsString::from(word.to_string())).collect())
}

/// Splits clap's text: the first paragraph is the message, the rest is the help.
fn explained(error: &clap::Error) -> RequestError {
    let text = error.render().to_string();
    let text = text.trim().trim_start_matches("error: ");
    let (message, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let help = if rest.is_empty() { "`dp --help` lists the commands".to_owned() } else { flat(rest) };
    RequestError::Usage {
        message: flat(message),
        help,
    }
}

/// Returns the words that may be options.
fn words(arguments: &[OsString]) -> impl Iterator<Item = &str> {
    arguments.iter().skip(1).map(|word| word.to_str().unwrap_or_default()).take_while(|word| *word != "--")
}

/// Returns the value of an option before the command is parsed.
pub(super) fn asked(arguments: &[OsString], option: &str) -> Option<String> {
    let mut words = words(arguments);
    let mut found = None;
    while let Some(word) = words.next() {
        if word == option {
            found = words.next();
        } else if let Some(value) = word.strip_prefix(option).and_then(|rest| rest.strip_prefix('=')) {
            found = Some(value);
        }
    }
    found.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_last_value_of_an_option_counts_and_what_follows_two_dashes_does_not() {
        let color = |text: &str| asked(&arguments(text), "--color");
        assert_eq!(color("dp --color never plan --color=always").as_deref(), Some("always"));
        assert_eq!(color("dp plan -- --color never"), None);
        assert_eq!(color("--color never"), None);
    }

    #[test]
    fn mistakes_have_a_message_and_help() {
        let error = super::super::command().try_get_matches_from(arguments("dp plan --exlpain")).unwrap_err();
        let RequestError::Usage { message, help } = explained(&error) else {
            panic!("it is a mistake of usage");
        };
        assert_eq!(message, "unexpected argument '--exlpain' found");
        assert!(help.starts_with("tip: a similar argument exists: '--explain'"), "{help}");
    }
}
