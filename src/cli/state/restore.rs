use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::base::text;
use crate::cli::exit::Exit;
use crate::cli::prompt::Prompt;
use crate::cli::session::Session;
use crate::cli::wait::waiting;
use crate::ledger::sqlite::{Contents, Present};
use crate::ops::{self, OpError, Replacement, Restore, readable};
use crate::run::Restored;
use crate::view::{self, Cell, Table};

/// What `dp state restore` takes.
#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// Backup [default: the newest automatic one in `.dp/backups`]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Restore even if versions that the backup lists as published are missing in the store; the next apply rebuilds them
    #[arg(long)]
    allow_missing: bool,
    /// Do not ask for approval
    #[arg(short = 'y', long)]
    auto_approve: bool,
    /// Reason, recorded in the state
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

pub(super) fn run(args: &RestoreArgs, session: &Session) -> Result<Exit, OpError> {
    let wait = waiting(args.wait.as_deref())?;
    let what = Restore {
        file: args.file.as_ref().map(|file| session.absolute(file)),
        allow_missing: args.allow_missing,
        reason: args.reason.as_deref(),
    };
    let show = |replacement: &Replacement| show(session, replacement);
    let question = "Replace the state with this backup?";
    let mut prompt = Prompt::new(session, args.auto_approve, question, &show).announcing();
    let Some((replacement, restored)) = ops::restore(session, &what, wait, &mut prompt)? else {
        return Ok(Exit::Refused);
    };
    tell(session, &replacement, &restored)?;
    Ok(Exit::Done)
}

/// Shows what would be lost.
fn show(session: &Session, replacement: &Replacement) -> Result<(), OpError> {
    let Replacement { file, backup, present } = replacement;
    let runs = backup.last_run.map_or_else(|| "before the first run".to_owned(), |run| format!("up to run {run}"));
    let mut text = format!(
        "{}: the state {runs}, with {} published.\n",
        session.shown(file),
        text::count(backup.published.len(), "asset")
    );
    match present {
        Present::Missing => text.push_str("There is no state now.\n"),
        Present::Unusable(why) => text.push_str(&format!(
            "dp can't read the current state, so it can't list what the backup lacks:\n  {}\n",
            view::one_line(why)
        )),
        Present::Readable(now) => text.push_str(&lost(session, backup, now)),
    }
    if !backup.has_log {
        text.push_str(
            "An automatic backup contains no steps, effects and events; they stay in the replaced file, which dp keeps.\n",
        );
    }
    text.push_str("dp adds intact versions from the store that the backup does not contain.\n");
    session.say(&text)
}

/// The maximum number of pointers that are listed.
const LISTED: usize = 20;

fn lost(session: &Session, backup: &Contents, now: &Contents) -> String {
    let mut text = String::new();
    if let Some(last) = now.last_run.filter(|last| Some(*last) > backup.last_run) {
        text.push_str(&format!("The backup does not contain the later runs, up to run {last}.\n"));
    }
    let mut places: Vec<_> = backup.published.keys().chain(now.published.keys()).collect();
    places.sort();
    places.dedup();
    places.retain(|place| backup.published.get(*place) != now.published.get(*place));
    if places.is_empty() {
        text.push_str("The published versions stay the same.\n");
        return text;
    }
    text.push_str("The published versions would change:\n");
    let mut table = Table::new(["environment", "asset", "now", "then"]);
    for place in places.iter().take(LISTED) {
        let shown = |contents: &Contents| {
            contents.published.get(*place).map_or_else(|| "nothing".to_owned(), ToString::to_string)
        };
        table.push([
            Cell::text(place.0.to_string()),
            Cell::text(place.1.to_string()),
            Cell::text(shown(now)),
            Cell::text(shown(backup)),
        ]);
    }
    text.push_str(&table.render(&session.theme()));
    if places.len() > LISTED {
        text.push_str(&format!("and {} more\n", places.len() - LISTED));
    }
    text
}

fn tell(session: &Session, replacement: &Replacement, restored: &Restored) -> Result<(), OpError> {
    let file = session.shown(&replacement.file);
    let replaced = restored.replaced.as_ref().map(|path| session.shown(path));
    if session.global.json {
        return session.json(&json!({
            "format_version": view::FORMAT_VERSION,
            "from": file,
            "run": restored.run,
            "state_id": restored.state_id,
            "previous": readable(&replacement.present),
            "replaced": replaced,
            "taken_up": restored.taken_up,
            "left": restored.left,
            "gone": restored.gone,
        }));
    }
    let mut text = format!(
        "Restored {file} as run {}; added {} from the store.\n",
        restored.run,
        text::count(restored.taken_up, "version")
    );
    if restored.left > 0 {
        text.push_str(&format!("{} in the store but not intact; dp left them unchanged.\n", are(restored.left)));
    }
    if restored.gone > 0 {
        text.push_str(&format!("{} recorded, but no longer in the store.\n", are(restored.gone)));
    }
    if let Some(replaced) = replaced {
        text.push_str(&format!("The replaced file is kept: {replaced}\n"));
    }
    text.push_str("Next: dp plan\n");
    session.say(&text)
}

fn are(number: usize) -> String {
    format!("{} {}", text::count(number, "version"), if number == 1 { "is" } else { "are" })
}
