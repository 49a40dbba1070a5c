//! The text of `dp --help`: the commands by task, one line each.

use std::fmt::Write as _;

/// The commands, in the order in which a user needs them.
const GROUPS: [(&str, &[&str]); 6] = [
    ("Start", &["init", "validate", "fmt"]),
    ("Plan and apply", &["plan", "apply", "check", "destroy"]),
    ("Inspect", &["status", "show", "why", "lineage", "query"]),
    ("History and undo", &["history", "effects", "events", "rollback"]),
    ("Maintain", &["env", "state", "gc"]),
    ("Set up", &["schema", "completions", "man", "help"]),
];

/// clap adds this command later.
const HELP: (&str, &str) = ("help", "Print the help of a command: `dp help apply`");

/// Returns the command line with its commands in groups.
pub(super) fn with_groups(command: clap::Command) -> clap::Command {
    let mut text = String::from(
        "{about-with-newline}
You declare assets in TOML files. `dp plan` compares them with the state and the
published data; `dp apply` carries out exactly that plan.

{usage-heading} {usage}
",
    );
    for (heading, names) in GROUPS {
        // Writing to a string can't fail.
        let _ = write!(text, "\n{heading}:\n");
        for name in names {
            let about = command.find_subcommand(name).and_then(clap::Command::get_about).map(ToString::to_string);
            let _ = writeln!(text, "  {name:<13}{}", about.as_deref().unwrap_or(HELP.1));
        }
    }
    text.push_str("\nOptions:\n{options}\n\nStart with `dp init shop`, then `cd shop` and `dp plan`.\n");
    command.help_template(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_is_in_one_group_and_takes_one_line() {
        let command = crate::cli::command();
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        grouped.sort_unstable();
        let mut all: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).chain([HELP.0]).collect();
        all.sort_unstable();
        assert_eq!(grouped, all);
        for line in command.clone().term_width(80).render_help().to_string().lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn the_short_help_is_all_of_it() {
        let help = |flag: &str| {
            let asked = crate::cli::command().term_width(80).try_get_matches_from(["dp", flag]);
            asked.expect_err("help is no command").to_string()
        };
        assert_eq!(help("--help"), help("-h"));
    }
}
