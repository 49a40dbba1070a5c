//! The command line: the arguments of each command, and one file per command that runs it.

mod apply;
mod candidates;
mod check;
pub mod completions;
mod effects;
mod env;
mod error;
mod events;
mod exit;
mod fmt;
mod gc;
mod history;
mod init;
mod lineage;
mod man;
mod overview;
mod plan;
mod prompt;
mod query;
mod results;
mod rollback;
mod schema;
mod screen;
mod session;
mod show;
mod state;
mod status;
mod usage;
mod validate;
mod wait;
mod why;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use exit::Exit;

use session::Session;

use crate::base::trace;

/// Plan, build and publish data assets, and record what each run did
#[derive(Debug, Parser)]
#[command(name = "dp", version, propagate_version = false, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

/// What every verb takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Project folder [default: the nearest folder with a dp.toml, from here upwards]
    #[arg(short = 'C', long, env = "DP_PROJECT", hide_env_values = true, global = true, value_name = "DIR")]
    project: Option<PathBuf>,
    /// Environment to use
    #[arg(long, env = "DP_ENV", hide_env_values = true, global = true, value_name = "NAME", default_value = "prod")]
    env: String,
    /// Whether the environment was said, on the command line or by `DP_ENV`.
    #[arg(skip)]
    env_is_given: bool,
    /// Set a variable that dp.toml declares; can be repeated
    #[arg(long = "var", global = true, value_name = "NAME=VALUE")]
    variables: Vec<String>,
    /// Print the result as JSON on stdout
    #[arg(long, global = true)]
    json: bool,
    /// When to use colours; `auto` uses them on a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
    /// Print only results, warnings and errors
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Print more details
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// Print the duration of each phase on stderr
    #[arg(long, global = true)]
    trace_time: bool,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the option says it; what is said here would make each help a long one")]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// What dp can do.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Create a small project with sample data, ready to run
    Init(init::InitArgs),
    /// Read, resolve and type-check the project; report all problems
    Validate(validate::ValidateArgs),
    /// Show what apply would do, and why
    Plan(plan::PlanArgs),
    /// Plan, ask for approval, then build, check and publish
    Apply(apply::ApplyArgs),
    /// Withdraw published assets; the same as `apply --destroy`
    Destroy(apply::DestroyArgs),
    /// Run the checks on published data; build and publish nothing
    Check(check::CheckArgs),
    /// Show dependencies, as declared or as a run read them
    Lineage(lineage::LineageArgs),
    /// Show an asset, a run or a saved plan
    Show(show::ShowArgs),
    /// Show what a run read, wrote, started and contacted
    Effects(effects::EffectsArgs),
    /// Explain why an asset would be built or not, with the root cause
    Why(why::WhyArgs),
    /// Show each asset with its age, rows, checks, drift and owner
    Status(status::StatusArgs),
    /// List the runs, newest first
    History(history::HistoryArgs),
    /// Print the event log, one JSON object per line
    ///
    /// Each line is an event in the format of `dp apply --json`, with its `id` in the log. The newest event comes last. `--json` changes nothing.
    Events(events::EventsArgs),
    /// Query published data, read-only
    Query(query::QueryArgs),
    /// Inspect and repair the state
    State(state::StateArgs),
    /// Undo runs: publish the versions from before a run
    Rollback(rollback::RollbackArgs),
    /// List, compare, promote and delete environments
    Env(env::EnvArgs),
    /// Delete stored data and logs that no kept run needs
    Gc(gc::GcArgs),
    /// Format the project's files
    ///
    /// Sets the order of keys, spaces and blank lines. Comments and the text of strings, including queries, stay the same to the byte.
    Fmt(fmt::FmtArgs),
    /// Print the JSON Schema of the project's files, for editors
    Schema(schema::SchemaArgs),
    /// Print the completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Write one page for `man` for each command
    Man(man::ManArgs),
}

/// Returns the command line as clap knows it, for the reference and for completions.
pub fn command() -> clap::Command {
    overview::with_groups(<Cli as clap::CommandFactory>::command())
}

/// The process environment, read once by `main`.
#[derive(Debug, Default)]
pub struct Environment {
    /// The working folder.
    pub folder: PathBuf,
    /// `NO_COLOR`, `CLICOLOR_FORCE`, `TERM`, `COLUMNS`, `LC_ALL` and so on, by name.
    pub variables: std::collections::BTreeMap<String, String>,
}

/// Runs a command line and returns the exit code.
pub fn run(arguments: Vec<OsString>, environment: &Environment) -> Exit {
    if let Some(shell) = environment.variables.get(completions::ASKS).filter(|shell| !shell.is_empty()) {
        return completions::answer(shell, &arguments, environment);
    }
    if let Some(fault) = environment.variables.get("__DP_TEST_FAULT") {
        crate::base::fault::arm(fault);
    }
    let cli = match usage::parse(&arguments, environment) {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    if cli.global.trace_time {
        trace::start();
    }
    let all = trace::phase("all");
    let words = arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let ui = session::ui(&cli.global, environment);
    let mut session = Session::new(cli.global, ui, environment, words);
    session.gives_lines = matches!(cli.verb, Verb::Apply(_) | Verb::Destroy(_) | Verb::Events(_));
    let known = match &cli.verb {
        Verb::Show(_)
        | Verb::Effects(_)
        | Verb::Why(_)
        | Verb::Lineage(_)
        | Verb::History(_)
        | Verb::Events(_)
        | Verb::Check(_)
        | Verb::Destroy(_)
        | Verb::State(_) => session.expect_said_environment(),
        // The other commands read the project first, or need no environment.
        _ => Ok(()),
    };
    let result = known.and_then(|()| match cli.verb {
        Verb::Init(args) => init::run(&args, &mut session),
        Verb::Validate(args) => validate::run(&args, &mut session),
        Verb::Plan(args) => plan::run(&args, &mut session),
        Verb::Apply(args) => apply::run(&args, &session),
        Verb::Destroy(args) => apply::run(&args.into(), &session),
        Verb::Check(args) => check::run(&args, &mut session),
        Verb::Lineage(args) => lineage::run(&args, &mut session),
        Verb::Show(args) => show::run(&args, &mut session),
        Verb::Effects(args) => effects::run(&args, &mut session),
        Verb::Why(args) => why::run(&args, &mut session),
        Verb::Status(args) => status::run(&args, &mut session),
        Verb::History(args) => history::run(&args, &mut session),
        Verb::Events(args) => events::run(&args, &mut session),
        Verb::Query(args) => query::run(&args, &mut session),
        Verb::State(args) => state::run(args, &mut session),
        Verb::Rollback(args) => rollback::run(&args, &session),
        Verb::Env(args) => env::run(args, &mut session),
        Verb::Gc(args) => gc::run(&args, &session),
        Verb::Fmt(args) => fmt::run(&args, &mut session),
        Verb::Man(args) => man::run(&args, &mut session),
        Verb::Schema(args) => schema::run(&args, &mut session),
        Verb::Completions(args) => completions::run(&args, &mut session),
    });
    let exit = match result {
        Ok(exit) => exit,
        Err(error) => error::report(&error, &session),
    };
    drop(all);
    session.tell_phases();
    exit
}

#[cfg(test)]
mod tests {
    fn assert_short(command: &clap::Command, found: &mut usize) {
        for arg in command.get_arguments().filter(|arg| arg.get_long() == Some("auto-approve")) {
            assert_eq!(arg.get_short(), Some('y'), "dp {}", command.get_name());
            *found += 1;
        }
        command.get_subcommands().for_each(|verb| assert_short(verb, found));
    }

    #[test]
    fn what_asks_takes_y() {
        let mut found = 0;
        assert_short(&super::command(), &mut found);
        assert!(found >= 8, "{found}");
    }
}
