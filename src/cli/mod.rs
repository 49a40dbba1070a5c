//! The command line: what each verb takes, and one file a verb that does it.

mod apply;
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
mod key;
mod lineage;
mod locking;
mod man;
mod memory;
mod plan;
mod query;
mod recovery;
mod republish;
mod rollback;
mod schema;
mod session;
mod show;
mod state;
mod status;
mod validate;
mod why;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use error::CliError;
pub use exit::Exit;

use session::Session;

/// Plans, builds and publishes data assets, and knows what each run really did
///
/// Assets are declared in TOML files. `dp plan` compares them with what is recorded and with what is
/// really there, `dp apply` does exactly what the plan says.
#[derive(Debug, Parser)]
#[command(
    name = "dp",
    version,
    propagate_version = false,
    max_term_width = 100,
    after_help = "Begin with `dp init shop`; `dp help COMMAND` has all of a command."
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

/// What every verb takes.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The project's folder; otherwise the nearest one with a dp.toml, from here upwards
    #[arg(short = 'C', long, env = "DP_PROJECT", global = true, value_name = "DIR")]
    project: Option<PathBuf>,
    /// The environment
    #[arg(long, env = "DP_ENV", global = true, value_name = "NAME", default_value = "prod")]
    env: String,
    /// Sets a variable that dp.toml declares; may be given several times
    #[arg(long = "var", global = true, value_name = "NAME=VALUE")]
    variables: Vec<String>,
    /// Gives the result as JSON on stdout
    #[arg(long, global = true)]
    json: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
    /// Says only what is asked for and what went wrong
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Says more
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What dp can do.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a small project that runs as it is, with data
    Init(init::InitArgs),
    /// Read, resolve and type-check everything, and report all problems at once
    Validate(validate::ValidateArgs),
    /// Show what would be done, and why
    Plan(plan::PlanArgs),
    /// Plan, ask, and do
    Apply(apply::ApplyArgs),
    /// Withdraw what is published; the same as `apply --destroy`
    Destroy(apply::DestroyArgs),
    /// Run the checks on what is published; build and publish nothing
    Check(check::CheckArgs),
    /// Show what depends on what, as declared or as a run really read and wrote
    Lineage(lineage::LineageArgs),
    /// Show an asset, a run or a saved plan
    Show(show::ShowArgs),
    /// Show what was read, written, started and contacted
    Effects(effects::EffectsArgs),
    /// Show why an asset would be built, or would not, back to the root cause
    Why(why::WhyArgs),
    /// Show every asset: what is published, how old, how many rows, its checks, drift and owner
    Status(status::StatusArgs),
    /// Show the runs, the newest first
    History(history::HistoryArgs),
    /// Give the event log, one JSON object a line, with or without `--json`
    ///
    /// Each line is an event as `dp apply --json` gives it, with its `id` in the log. The latest comes last.
    Events(events::EventsArgs),
    /// Ask what is published, read-only
    Query(query::QueryArgs),
    /// Look at the record itself, and repair it
    State(state::StateArgs),
    /// Publish again what was published before a run
    Rollback(rollback::RollbackArgs),
    /// List, compare, promote and delete environments
    Env(env::EnvArgs),
    /// Free what nothing points at and no kept run needs
    Gc(gc::GcArgs),
    /// Put the project's files in one form: order of keys, spaces, blank lines
    ///
    /// Comments stay, and so do the texts of strings, queries among them, to the byte.
    Fmt(fmt::FmtArgs),
    /// Print the JSON Schema of `dp.toml` or of asset files, for editors
    Schema(schema::SchemaArgs),
    /// Print the completions of a shell
    Completions(completions::CompletionsArgs),
    /// Write the pages for `man`, one for each command
    Man(man::ManArgs),
}

/// The command line as clap knows it, for the reference and for completions.
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// What the environment says, read once by `main`.
#[derive(Debug, Default)]
pub struct Environment {
    /// Where it was called.
    pub folder: PathBuf,
    /// `NO_COLOR`, `CLICOLOR_FORCE`, `TERM`, `COLUMNS`, `LC_ALL` and so on, by name.
    pub variables: std::collections::BTreeMap<String, String>,
}

/// An error about the command line that a terminal can be given: it repeats words, which may hold anything.
fn said_safely(error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
    let safe: Vec<_> = words.iter().map(|word| crate::view::one_line(word)).collect();
    if safe == words {
        return error;
    }
    Cli::try_parse_from(safe.iter().map(ToString::to_string)).err().unwrap_or(error)
}

/// Runs a command line; gives the exit code.
pub fn run(arguments: Vec<OsString>, environment: &Environment) -> Exit {
    if let Some(fault) = environment.variables.get("__DP_TEST_FAULT") {
        crate::fault::arm(fault);
    }
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let error = said_safely(error, &arguments);
            // Help and version go to stdout and are no error.
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            return if error.print().is_ok() { code } else { Exit::Done };
        }
    };
    let words = arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let ui = session::ui(&cli.global, environment);
    let mut session = Session::new(cli.global, ui, environment, words);
    let result = match cli.verb {
        Verb::Init(args) => init::run(&args, &mut session),
        Verb::Validate(args) => validate::run(&args, &mut session),
        Verb::Plan(args) => plan::run(&args, &mut session),
        Verb::Apply(args) => apply::run(args, &mut session),
        Verb::Destroy(args) => apply::run(args.into(), &mut session),
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
        Verb::Rollback(args) => rollback::run(&args, &mut session),
        Verb::Env(args) => env::run(args, &mut session),
        Verb::Gc(args) => gc::run(&args, &mut session),
        Verb::Fmt(args) => fmt::run(&args, &mut session),
        Verb::Man(args) => man::run(&args, &mut session),
        Verb::Schema(args) => schema::run(&args, &mut session),
        Verb::Completions(args) => completions::run(&args, &mut session),
    };
    match result {
        Ok(exit) => exit,
        Err(error) => error.report(&session),
    }
}
